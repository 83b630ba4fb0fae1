"""Asking Yandex Market: one way for each account, limits shared by those of one key.

Each operation has a limit of its own, so one that is used up stops neither the account nor the
other operations: orders go on while stock waits.
"""

import time
from collections.abc import AsyncIterator, Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, TypeVar

from appliance.plugin_api.core import Core
from appliance.plugin_api.outcomes import Permanent, Retry
from appliance.plugin_api.vendor import PATIENCE, SHORT_PAUSE, TOO_MANY, Reply, Vendor
from plugins.marketplace_yandex import limits, shapes
from plugins.marketplace_yandex.limits import Limits, Operation

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

CLOSED: Final = 60.0
"""Seconds that an operation rests after a 420 that names no pause."""
LONGEST: Final = 100.0
"""Seconds that a call waits for its turn: what is counted by the hour may be an hour away."""
RELEARN: Final = 3600.0
"""Seconds after which the shops of a cabinet are asked for again."""
LIMITS: Final = Limits()


class Refusal(Permanent):
    """Yandex refuses this very request; a round of a job ends with it, a wish says it in words.

    Attributes:
        word: of the refusal, as `STATUS_NOT_ALLOWED`; empty where it names none.
        message: what it says of it; of the request, never of a person.
    """

    def __init__(self, word: str, status: int, message: str = "") -> None:
        super().__init__(word or str(status))
        self.word = word
        self.status = status
        self.message = message


class Asking:
    """One account: a cabinet (`businessId`) and those of its shops (`campaignId`) it speaks for.

    Attributes:
        campaigns: shops that the account is limited to; empty: all FBS shops of the cabinet.
        known: shops it speaks for, as far as that was learnt.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        campaigns: tuple[int, ...] = (),
        account: str = "main",
        *,
        transport: "httpx.AsyncBaseTransport | None" = None,
    ) -> None:
        """Make one; the first request connects."""
        self.account = account
        self.campaigns = campaigns
        self.key = blake2b(api_key.encode(), digest_size=8).hexdigest()
        self.known: frozenset[int] = frozenset(campaigns)
        self._known_until = 0.0
        self._resting: set[str] = set()
        self._cabinet: int = 0
        self._vendor = Vendor(base_url, {"Api-Key": api_key}, None, account, transport=transport)

    async def close(self) -> None:
        """Close the connections."""
        await self._vendor.close()

    # --- asking ---

    async def send(
        self,
        core: Core,
        what: Operation,
        path: str,
        *,
        json: Any = None,
        query: Mapping[str, str | int] | None = None,
        cost: int = 1,
        wants_json: bool = True,
        paced: bool = False,
    ) -> Reply:
        pace = LIMITS.of(what)
        for attempt in range(PATIENCE + 1):
            if not paced or attempt:
                if pace.ahead(self.key, cost) > LONGEST:
                    break
                await pace.take(self.key, cost)
            async with LIMITS.at_once.of(self.key):
                reply = await self._vendor.ask(
                    core, what.method, path, json=json, query=query,
                    wants_json=wants_json, takes=TOO_MANY,
                )  # fmt: skip
            if reply.status not in TOO_MANY:
                self._resting.discard(what.name)
                return self._read(reply)
            pace.punish(self.key, reply.pause or CLOSED)
            if not 0 < reply.pause <= SHORT_PAUSE:
                break
        if what.name not in self._resting:
            self._resting.add(what.name)
            await core.journal("limit", direction="out", state="warn", operation=what.name)
        raise Retry("limit")

    def _read(self, reply: Reply) -> Reply:
        if reply.is_good and not isinstance(reply.data, dict):
            return reply
        try:
            said = reply.json(shapes.Said)
        except Retry:
            if reply.is_good:
                raise
            said = shapes.Said()
        first = said.errors[0] if said.errors else shapes.Mistake()
        if not reply.is_good:
            raise Refusal(first.code[:60], reply.status, first.message[:200])
        if said.status == "ERROR":
            raise Retry("error_in_answer")  # 200 with a refusal inside
        return reply

    async def ask(
        self,
        core: Core,
        what: Operation,
        path: str,
        kind: type[T],
        *,
        json: Any = None,
        query: Mapping[str, str | int] | None = None,
    ) -> T:
        return (await self.send(core, what, path, json=json, query=query)).json(kind)

    async def pages(
        self,
        core: Core,
        what: Operation,
        path: str,
        kind: type[T],
        *,
        json: Any = None,
        query: Mapping[str, str | int] | None = None,
    ) -> AsyncIterator[T]:
        """Pages of a list; `paging` of the answer, wrapped or not, names the next."""
        token = ""
        while True:
            asked = {**(query or {}), **({"pageToken": token} if token else {})}
            page = await self.ask(core, what, path, kind, json=json, query=asked)
            yield page
            held: Any = getattr(page, "result", page)
            following = str(held.paging.next_page_token)
            if not following or following == token:
                return
            token = following

    # --- the cabinet ---

    async def cabinet(self, core: Core) -> int:
        """The id of the cabinet that the key is of; learnt once."""
        if not self._cabinet:
            await self.shops(core)
        if not self._cabinet:
            raise Refusal("NO_SHOPS", 404)
        return self._cabinet

    async def shops(self, core: Core) -> tuple[shapes.Campaign, ...]:
        """Shops that the key lets in and the account speaks for."""
        found: list[shapes.Campaign] = []
        query = {"limit": 100}
        async for page in self.pages(
            core, limits.CAMPAIGNS, "/v2/campaigns", shapes.Campaigns, query=query
        ):
            found += page.campaigns
        mine = [
            one
            for one in found
            if (one.id in self.campaigns if self.campaigns else one.placement_type == "FBS")
        ]
        if mine:
            self._cabinet = mine[0].business.id
            self.known = frozenset(one.id for one in mine)
        return tuple(mine)

    async def speaks_for(self, core: Core) -> tuple[int, ...]:
        """Ids of the shops."""
        if self.campaigns:
            return self.campaigns
        if time.monotonic() >= self._known_until:
            await self.shops(core)
            self._known_until = time.monotonic() + RELEARN
        return tuple(sorted(self.known))

    async def scopes(self, core: Core) -> tuple[str, ...]:
        """What the key may do."""
        found = await self.ask(core, limits.TOKEN, "/v2/auth/token", shapes.TokenOf)
        return found.result.api_key.auth_scopes

    async def has_warehouse(self, core: Core, warehouse: int) -> bool:
        """Whether the cabinet has a warehouse of this number."""
        path = f"/v3/businesses/{await self.cabinet(core)}/warehouses"
        asked = {"warehouseIds": [warehouse]}
        found = await self.ask(core, limits.WAREHOUSES, path, shapes.Warehouses, json=asked)
        return any(one.id == warehouse for one in found.result.warehouses)
