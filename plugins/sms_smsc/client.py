"""SMSC.ru's interface: the four calls that the box needs, always by POST.

The service takes credentials in an address, too; there they would stand in logs, so everything
goes in the body. It says 200 to everything, and failure inside.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

from appliance.plugin_api.core import Core
from appliance.plugin_api.messages import Account
from appliance.plugin_api.outcomes import Pause, Retry
from appliance.plugin_api.pace import Pace
from appliance.plugin_api.vendor import Vendor
from plugins.sms_smsc.mapping import (
    BLOCKED,
    NO_MONEY,
    TOO_OFTEN,
    WRONG_KEY,
    kopecks_of,
    whole_of,
)

if TYPE_CHECKING:
    import httpx

HOUR: Final = 3600.0
HALF_HOUR: Final = 1800.0

pace = Pace(5, 1.0)
"""The vendor names no figure but refuses parallel requests; so many a second are far below."""

Body = Mapping[str, Any]


class Refused(Exception):
    """SMSC refuses this very message: asking again is no use.

    Attributes:
        number: its code of the error.
    """

    def __init__(self, number: int) -> None:
        super().__init__(str(number))
        self.number = number


class Service:
    """One account at SMSC.ru."""

    def __init__(
        self, account: Account, transport: "httpx.AsyncBaseTransport | None" = None
    ) -> None:
        self.account = account
        given = account.settings
        self.sender = str(given.get("sender") or "")
        self.secret = str(given.get("secret") or "")
        login, password = str(given.get("login") or ""), str(given.get("password") or "")
        self._keys = {"login": login, "psw": password} if login else {"apikey": password}
        places = [str(given.get(name) or "") for name in ("address", "mirror")]
        self._ways = [
            Vendor(place, pace=pace, account=account.code, transport=transport)
            for place in places
            if place
        ]
        self._at = 0
        self._stands = "up"

    async def send(self, core: Core, message_id: UUID, phone: str, text: str) -> Body:
        """Send a message under our own id. Raises: Refused."""
        return await self._ask(
            core,
            "send.php",
            phones=_digits(phone),
            mes=text,
            id=message_id.hex,
            cost="3",
            **({"sender": self.sender} if self.sender else {}),
        )

    async def price(self, core: Core, phone: str, text: str) -> int | None:
        """What such a message would cost, kopecks; nothing is sent. Raises: Refused."""
        said = await self._ask(
            core,
            "send.php",
            phones=phone,
            mes=text,
            cost="1",
            **({"sender": self.sender} if self.sender else {}),
        )
        return kopecks_of(said.get("cost"))

    async def status(self, core: Core, message_id: UUID, phone: str) -> int | None:
        """How a message stands; None: a word that is no number. Raises: Refused."""
        said = await self._ask(core, "status.php", phone=_digits(phone), id=message_id.hex)
        return whole_of(said.get("status"))

    async def balance(self, core: Core) -> int:
        """What is left on the account, kopecks. Raises: Refused."""
        left = kopecks_of((await self._ask(core, "balance.php")).get("balance"))
        if left is None:
            raise Retry("answer_garbled")
        return left

    async def _ask(self, core: Core, path: str, **said: str) -> Body:
        form = {**self._keys, **said, "fmt": "3", "charset": "utf-8"}
        if not self._ways:
            raise core.down(self.account.code, code="account_off")
        try:
            reply = await self._ways[self._at].ask(core, "POST", f"sys/{path}", form=form)
        except Pause:
            # The next try takes the other address; a message is asked about before it is repeated.
            self._at = (self._at + 1) % len(self._ways)
            raise
        if not isinstance(reply.data, dict):
            raise Retry("answer_garbled")
        data = cast("Body", reply.data)
        number = whole_of(data.get("error_code"))
        if number is None and "error" not in data:
            await self._stand(core, "up", "ok")
            return data
        await self._refused(core, number or 0)
        raise Refused(number or 0)

    async def _refused(self, core: Core, number: int) -> None:
        """What is not about one message stops the account.

        Raises:
            Pause: it waits, and goes on by itself once it is mended.
            Retry: the same was asked a moment ago.
        """
        account = self.account.code
        if number == WRONG_KEY:
            await self._stand(core, "access_refused", "bad")
            raise core.down(account, code="access_refused")
        if number == NO_MONEY:
            with suppress(Refused, Retry):
                await core.messages.balance(account, await self.balance(core))
            await core.journal("no_money", direction="out", state="bad", account=account)
            raise core.down(account, HALF_HOUR, code="no_money")
        if number == BLOCKED:
            await core.journal("blocked", direction="out", state="bad", account=account)
            raise core.down(account, HOUR, code="blocked")
        if number == TOO_OFTEN:
            raise Retry("too_often")

    async def _stand(self, core: Core, code: str, state: Any) -> None:
        """Say once how the account stands: the service says 200 to a wrong key, too."""
        if self._stands != code:
            self._stands = code
            await core.journal(
                f"vendor.{code}", direction="out", state=state, account=self.account.code
            )


def _digits(phone: str) -> str:
    return "".join(sign for sign in phone if sign.isdigit())
