"""The way to «Отправка»: a token of the application and the key of a person in every request."""

from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from appliance.plugin_api.core import Core
from appliance.plugin_api.messages import Account
from appliance.plugin_api.pace import Pace
from appliance.plugin_api.vendor import Reply, Vendor

if TYPE_CHECKING:
    import httpx

PACE: Final = Pace(10, 1.0)
"""The Post names no limit a second, only one a day; this many trouble nobody."""
TRACKING: Final = ".tracking"
"""The tracking service is another one with another key: it goes down by itself."""
FAULT: Final = 500
"""SOAP says what it refuses under this status (SOAP 1.2, part 2, 7.5.2.2)."""


class Post:
    """One contract with the Post."""

    def __init__(
        self, account: Account, transport: "httpx.AsyncBaseTransport | None" = None
    ) -> None:
        self.account = account
        address = self.text("address") or "https://otpravka-api.pochta.ru"
        person = b64encode(f"{self.text('login')}:{self.text('password')}".encode()).decode()
        self._otpravka = Vendor(
            address,
            {
                "accept": "application/json;charset=UTF-8",
                "authorization": f"AccessToken {self.text('token')}",
                "x-user-authorization": f"Basic {person}",
            },
            PACE,
            account.code,
            transport=transport,
        )
        self._tracking = Vendor(
            self.text("tracking_address") or address,
            None,
            PACE,
            account.code + TRACKING,
            transport=transport,
        )

    def text(self, name: str) -> str:
        """A text of the account's form."""
        return str(self.account.settings.get(name) or "").strip()

    def flag(self, name: str) -> bool:
        """A mark of the account's form."""
        return self.account.settings.get(name) is True

    def number(self, name: str, usual: int) -> int:
        """A number of the account's form."""
        value = self.account.settings.get(name)
        return value if isinstance(value, int) else usual

    async def ask(
        self,
        core: Core,
        method: str,
        path: str,
        *,
        json: Any = None,
        query: Mapping[str, str | int] | None = None,
        wants_json: bool = True,
    ) -> Reply:
        """Ask «Отправка».

        Raises:
            Pause, Permanent, Retry: as `Vendor.ask`.
        """
        return await self._otpravka.ask(
            core, method, path, json=json, query=query, key=self.text("token"),
            wants_json=wants_json,
        )  # fmt: skip

    async def track(self, core: Core, body: bytes) -> Reply:
        """Ask the tracking service; what it refuses is in the body.

        Raises:
            Pause, Permanent, Retry: as `Vendor.ask`.
        """
        return await self._tracking.ask(
            core,
            "POST",
            "/rtm34",
            body=body,
            headers={"content-type": "application/soap+xml; charset=utf-8"},
            key=self.text("tracking_login"),
            wants_json=False,
            takes=(FAULT,),
        )


class Clients:
    """The Post by account; a plugin is started anew when an account changes."""

    def __init__(self, transport: "httpx.AsyncBaseTransport | None" = None) -> None:
        self._transport = transport
        self._known: dict[str, Post] = {}

    def of(self, account: Account) -> Post:
        """The way of this account."""
        known = self._known.get(account.code)
        if known is None or known.account != account:
            known = self._known[account.code] = Post(account, self._transport)
        return known
