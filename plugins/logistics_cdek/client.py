"""The way to CDEK: one token per account, kept until nine tenths of its life are over."""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from appliance.plugin_api.core import Core
from appliance.plugin_api.messages import Account
from appliance.plugin_api.outcomes import Retry
from appliance.plugin_api.pace import Pace
from appliance.plugin_api.vendor import Reply, Vendor
from plugins.logistics_cdek.wire import Token

if TYPE_CHECKING:
    import httpx

PACE: Final = Pace(150, 1.0)
"""200 a second are guaranteed for all methods together; a little less."""
LIFE: Final = 0.9
NO_KEY: Final = 401


class Cdek:
    """One account of CDEK."""

    def __init__(
        self,
        account: Account,
        transport: "httpx.AsyncBaseTransport | None" = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.account = account
        self._vendor = Vendor(
            str(account.settings.get("address") or "https://api.cdek.ru"),
            {"accept": "application/json"},
            PACE,
            account.code,
            transport=transport,
        )
        self._clock = clock
        self._token = ""
        self._until = 0.0

    def text(self, name: str) -> str:
        """A text of the account's form."""
        return str(self.account.settings.get(name) or "").strip()

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
        """Ask with a token; one that ran out early is renewed once.

        Raises:
            Pause, Permanent, Retry: as `Vendor.ask`.
        """
        for fresh in (False, True):
            token = await self._authorised(core, fresh=fresh)
            reply = await self._vendor.ask(
                core,
                method,
                path,
                json=json,
                query=query,
                headers={"authorization": f"Bearer {token}"},
                key=self.text("client_id"),
                wants_json=wants_json,
                takes=() if fresh else (NO_KEY,),
            )
            if reply.status != NO_KEY:
                return reply
        raise Retry("token_refused")

    async def _authorised(self, core: Core, *, fresh: bool) -> str:
        if fresh or not self._token or self._clock() >= self._until:
            # In the body: an address with a secret in it would stand in every log on its way.
            reply = await self._vendor.ask(
                core,
                "POST",
                "/v2/oauth/token",
                form={
                    "grant_type": "client_credentials",
                    "client_id": self.text("client_id"),
                    "client_secret": self.text("client_secret"),
                },
                key=self.text("client_id"),
            )
            if not reply.is_good:
                await core.journal("key_refused", direction="out", state="bad")
                raise core.down(self.account.code, code="access_refused")
            token = reply.json(Token)
            self._token, self._until = (
                token.access_token,
                self._clock() + token.expires_in * LIFE,
            )
        return self._token


class Clients:
    """CDEK by account; a plugin is started anew when an account changes."""

    def __init__(self, transport: "httpx.AsyncBaseTransport | None" = None) -> None:
        self._transport = transport
        self._known: dict[str, Cdek] = {}

    def of(self, account: Account) -> Cdek:
        """The way of this account."""
        known = self._known.get(account.code)
        if known is None or known.account != account:
            known = self._known[account.code] = Cdek(account, self._transport)
        return known
