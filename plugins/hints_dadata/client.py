"""DaData's suggestions: three questions, and when it had enough of us.

Names of fields and limits: DaData's own library 25.10.0 and code that uses it; no description is
published. Suggestions alone cost no money; the paid cleaner is not used.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import msgspec

from appliance.domain.personal import Personal
from appliance.plugin_api.calls import utc_now
from appliance.plugin_api.core import Core
from appliance.plugin_api.hints import (
    MOST_HINTS,
    Address,
    Bank,
    Party,
    State,
)
from appliance.plugin_api.outcomes import Permanent
from appliance.plugin_api.pace import Pace
from appliance.plugin_api.vendor import Reply, Vendor

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

ROOT: Final = "/suggestions/api/4_1/rs"
SECONDS: Final = 1.5
"""A hint that comes later is of no use; it is not asked for again either."""
CHECK_SECONDS: Final = 12.0
"""Of a check that a person asked for: a slow answer is one, and says that the key is good."""
LONGEST: Final = 300
"""Letters of a question; the service refuses more with 413."""
REST: Final = timedelta(hours=1)
"""After 403: the day's limit is spent, or the key is not confirmed."""
HOUSE_LEVEL: Final = 8
STATES: Final[Mapping[str, State]] = {
    "ACTIVE": "active",
    "LIQUIDATING": "liquidating",
    "LIQUIDATED": "liquidated",
    "BANKRUPT": "bankrupt",
    "REORGANIZING": "reorganizing",
}


class _Names(msgspec.Struct):
    short_with_opf: str = ""
    full_with_opf: str = ""
    payment: str = ""
    short: str = ""


class _State(msgspec.Struct):
    status: str = ""


class _Line(msgspec.Struct):
    value: str = ""
    unrestricted_value: str = ""


class _Party(msgspec.Struct):
    type: str = ""
    branch_type: str = "MAIN"
    inn: str = ""
    kpp: str = ""
    ogrn: str = ""
    name: _Names = msgspec.field(default_factory=_Names)
    state: _State = msgspec.field(default_factory=_State)
    address: _Line = msgspec.field(default_factory=_Line)


class _Bank(msgspec.Struct):
    bic: str = ""
    correspondent_account: str = ""
    name: _Names = msgspec.field(default_factory=_Names)


class _Address(msgspec.Struct):
    fias_level: int = -1
    house: str = ""


class _Suggestion(msgspec.Struct, Generic[T]):
    data: T
    value: str = ""
    unrestricted_value: str = ""


class _Suggestions(msgspec.Struct, Generic[T]):
    suggestions: list[_Suggestion[T]]


class Client:
    """One key of DaData's."""

    def __init__(self, transport: "httpx.AsyncBaseTransport | None" = None) -> None:
        """Args: transport: of tests."""
        self._transport = transport
        self._vendor: Vendor | None = None
        self._set: tuple[str, str] | None = None
        self._pace = Pace(25, 1.0)
        self.rests_until: datetime | None = None

    async def parties(self, core: Core, number: str) -> list[Party]:
        """A company by its number; head offices before branches."""
        reply = await self._ask(core, "findById/party", {"query": number, "count": MOST_HINTS})
        found = reply.json(_Suggestions[_Party]).suggestions
        found.sort(key=lambda one: one.data.branch_type == "BRANCH")
        return [_party(one.value, one.data) for one in found if one.data.inn]

    async def banks(self, core: Core, number: str, seconds: float = SECONDS) -> list[Bank]:
        """A bank by its number."""
        body = {"query": number, "count": 1}
        reply = await self._ask(core, "findById/bank", body, seconds)
        return [
            Bank(
                bic=one.data.bic,
                name=one.data.name.payment or one.value,
                account=one.data.correspondent_account,
            )
            for one in reply.json(_Suggestions[_Bank]).suggestions
            if one.data.bic
        ]

    async def addresses(self, core: Core, text: str) -> list[Address]:
        """Ways to go on with an address."""
        body = {"query": text[:LONGEST], "count": MOST_HINTS}
        reply = await self._ask(core, "suggest/address", body)
        return [
            Address(
                line=Personal(one.unrestricted_value or one.value),
                is_whole=one.data.fias_level >= HOUSE_LEVEL or bool(one.data.house),
            )
            for one in reply.json(_Suggestions[_Address]).suggestions
            if one.value
        ]

    async def _ask(
        self, core: Core, method: str, body: Mapping[str, Any], seconds: float = SECONDS
    ) -> Reply:
        if self.rests_until is not None and utc_now() < self.rests_until:
            raise Permanent("resting")
        vendor = await self._of(core)
        try:
            reply = await vendor.ask(core, "POST", f"{ROOT}/{method}", json=body, seconds=seconds)
        except Permanent:
            self.rests_until = utc_now() + REST
            await core.journal("limit", direction="out", state="warn")
            raise
        if not reply.is_good:
            raise Permanent("refused")
        return reply

    async def _of(self, core: Core) -> Vendor:
        wanted = (str(core.settings["address"]), str(core.settings["key"]))
        if self._vendor is None or self._set != wanted:
            if self._vendor is not None:
                await self._vendor.close()
            self._set, self.rests_until = wanted, None
            self._vendor = Vendor(
                wanted[0],
                {"Authorization": f"Token {wanted[1]}", "Accept": "application/json"},
                self._pace,
                timeout=SECONDS,
                transport=self._transport,
            )
        return self._vendor


def _party(value: str, one: _Party) -> Party:
    return Party(
        name=Personal(one.name.short_with_opf or value),
        legal_name=Personal(one.name.full_with_opf or value),
        is_person=one.type == "INDIVIDUAL",
        inn=Personal(one.inn),
        kpp=one.kpp,
        ogrn=one.ogrn,
        address=Personal(one.address.unrestricted_value or one.address.value),
        state=STATES.get(one.state.status, ""),
    )
