"""The way to Ozon Seller: one object for each account, limits shared by those of one cabinet."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from appliance.plugin_api.core import Core
from appliance.plugin_api.outcomes import Permanent, Retry
from appliance.plugin_api.pace import Pace
from appliance.plugin_api.vendor import Reply, Vendor
from plugins.marketplace_ozon import shapes

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

PAGE: Final = 100
GOODS_PAGE: Final = 1000
RETURNS_PAGE: Final = 500
STOCKS: Final = 100
"""Pairs of offer and warehouse in one request."""
PRICES: Final = 1000
ALL: Final = Pace(45, 1.0)
"""Ozon lets 50 requests a second pass for one Client-Id."""
STOCK_PACE: Final = Pace(75, 60.0)
"""80 requests of stock a minute."""
PROBLEM: Final = frozenset({"code", "message", "details"})
"""Fields of a refusal."""
CIRCLE: Final = "circle is open"
"""Ozon's circuit breaker: a block for minutes, whatever the status it comes with."""
CIRCLE_PAUSE: Final = 300.0


class Refusal(Permanent):
    """Ozon refuses this very request.

    Attributes:
        word: of the refusal, as `POSTING_ALREADY_SHIPPED`; empty where it names none.
    """

    def __init__(self, word: str, status: int) -> None:
        super().__init__(word or str(status))
        self.word = word
        self.status = status


class Ozon:
    """One account."""

    def __init__(
        self,
        base_url: str,
        client_id: str,
        api_key: str,
        account: str = "main",
        *,
        transport: "httpx.AsyncBaseTransport | None" = None,
    ) -> None:
        """Make one; the first request connects."""
        self.client_id = client_id
        self.account = account
        headers = {"Client-Id": client_id, "Api-Key": api_key}
        self._vendor = Vendor(base_url, headers, ALL, account, transport=transport)

    async def close(self) -> None:
        """Close the connections."""
        await self._vendor.close()

    async def _ask(self, core: Core, path: str, json: Any, kind: type[T]) -> T:
        reply = await self._send(core, path, json)
        return reply.json(kind)

    async def _send(self, core: Core, path: str, json: Any, *, wants_json: bool = True) -> Reply:
        reply = await self._vendor.ask(
            core, "POST", path, json=json, key=self.client_id, wants_json=wants_json
        )
        if not reply.is_good:
            raise self._refusal(core, reply)
        if _is_problem(reply.data):
            raise Retry("error_in_answer")  # 200 with a refusal inside
        return reply

    def _refusal(self, core: Core, reply: Reply) -> Exception:
        try:
            said = reply.json(shapes.Problem)
        except Retry as garbled:
            return garbled
        if CIRCLE in said.message.lower():
            return core.down(self.account, CIRCLE_PAUSE)
        text = f"{said.code} {said.message}"
        words = [one.strip(".,:;\"'") for one in text.split()]
        found = next((one for one in words if one.isupper() and "_" in one), "")
        return Refusal(found, reply.status)

    # --- postings ---

    async def unfulfilled(
        self, core: Core, since: datetime, until: datetime, changed: datetime | None, now: datetime
    ) -> AsyncIterator[tuple[shapes.Posting, ...]]:
        """Pages of postings that wait to be packed or handed over, by their deadline."""
        wanted: dict[str, Any] = {"cutoff_from": iso(since), "cutoff_to": iso(until)}
        async for page in self._pages(
            core, "/v4/posting/fbs/unfulfilled/list", wanted, changed, now
        ):
            yield page

    async def listed(
        self, core: Core, since: datetime, now: datetime, changed: datetime | None
    ) -> AsyncIterator[tuple[shapes.Posting, ...]]:
        """Pages of all postings begun since, those that changed lately or all."""
        wanted: dict[str, Any] = {"since": iso(since), "to": iso(now)}
        async for page in self._pages(core, "/v4/posting/fbs/list", wanted, changed, now):
            yield page

    async def _pages(
        self,
        core: Core,
        path: str,
        wanted: dict[str, Any],
        changed: datetime | None,
        now: datetime,
    ) -> AsyncIterator[tuple[shapes.Posting, ...]]:
        if changed is not None:
            wanted["last_changed_status_date"] = {"from": iso(changed), "to": iso(now)}
        cursor = ""
        while True:
            asked: dict[str, Any] = {"filter": wanted, "limit": PAGE, "sort_dir": "ASC"}
            if cursor:
                asked["cursor"] = cursor
            page = (await self._ask(core, path, asked, shapes.Listed)).page
            if page.postings:
                yield page.postings
            if not page.has_next or not page.cursor or page.cursor == cursor:
                return
            cursor = page.cursor

    async def posting(self, core: Core, number: str) -> shapes.Posting:
        """One posting as it is now; raises: Refusal: there is none."""
        got = await self._ask(core, "/v3/posting/fbs/get", {"posting_number": number}, shapes.Got)
        if not got.result.posting_number:
            raise Refusal("POSTING_NOT_FOUND", 404)
        return got.result

    async def ship(
        self, core: Core, number: str, packages: Sequence[Sequence[tuple[int, int]]]
    ) -> tuple[str, ...]:
        """Say how a posting is packed: parcels of (SKU, pieces); numbers of what it became."""
        asked = {
            "posting_number": number,
            "packages": [
                {"products": [{"product_id": sku, "quantity": pieces} for sku, pieces in parcel]}
                for parcel in packages
            ],
        }
        return (await self._ask(core, "/v4/posting/fbs/ship", asked, shapes.Shipped)).result

    async def label(self, core: Core, number: str) -> bytes:
        """The label as PDF; raises: Refusal: it is not ready yet."""
        asked = {"posting_number": [number]}
        reply = await self._send(core, "/v2/posting/fbs/package-label", asked, wants_json=False)
        if not reply.body.startswith(b"%PDF"):
            raise Retry("label_unreadable")
        return reply.body

    async def reasons(self, core: Core, number: str) -> tuple[shapes.Reason, ...]:
        """Why the seller may cancel this posting."""
        asked = {"related_posting_numbers": [number]}
        found = await self._ask(core, "/v1/posting/fbs/cancel-reason", asked, shapes.Reasons)
        return next((one.reasons for one in found.result if one.posting_number == number), ())

    async def cancel(self, core: Core, number: str, reason: int, message: str) -> None:
        """Cancel a posting."""
        asked: dict[str, Any] = {"posting_number": number, "cancel_reason_id": reason}
        if message:
            asked["cancel_reason_message"] = message
        await self._send(core, "/v2/posting/fbs/cancel", asked)

    # --- handing over ---

    async def carriage(self, core: Core, method: int, day: datetime) -> int:
        """Begin the hand-over of a day's packed postings; its number."""
        asked = {"delivery_method_id": method, "departure_date": iso(day)}
        made = await self._ask(core, "/v1/carriage/create", asked, shapes.Carriage)
        approve = {"carriage_id": made.carriage_id}
        await self._send(core, "/v1/carriage/approve", approve, wants_json=False)
        return made.carriage_id

    async def act_status(self, core: Core, carriage: int) -> shapes.ActStatus:
        """How far its papers are: `in_process`, `ready`, or a refusal."""
        path = "/v2/posting/fbs/act/check-status"
        return (await self._ask(core, path, {"id": carriage}, shapes.ActStatusOf)).result

    async def act(self, core: Core, carriage: int) -> bytes:
        """The papers as PDF."""
        asked = {"id": carriage}
        reply = await self._send(core, "/v2/posting/fbs/act/get-pdf", asked, wants_json=False)
        if not reply.body.startswith(b"%PDF"):
            raise Retry("act_unreadable")
        return reply.body

    # --- codes of pieces ---

    async def exemplars(self, core: Core, number: str) -> Mapping[int, tuple[int, ...]]:
        """Ids of the pieces of a posting by SKU: codes are told of each."""
        path = "/v6/fbs/posting/product/exemplar/create-or-get"
        found = await self._ask(core, path, {"posting_number": number}, shapes.Exemplars)
        return {
            one.product_id: tuple(piece.exemplar_id for piece in one.exemplars)
            for one in found.products
        }

    async def set_exemplars(
        self, core: Core, number: str, marks: Mapping[int, Sequence[tuple[int, str, str]]]
    ) -> None:
        """Tell codes: SKU → (piece, kind, code)."""
        asked = {
            "posting_number": number,
            "products": [
                {
                    "product_id": sku,
                    "exemplars": [
                        {
                            "exemplar_id": piece,
                            "is_gtd_absent": True,
                            "is_rnpt_absent": True,
                            "marks": [{"mark": code, "mark_type": kind}],
                        }
                        for piece, kind, code in codes
                    ],
                }
                for sku, codes in marks.items()
            ],
        }
        path = "/v6/fbs/posting/product/exemplar/set"
        await self._send(core, path, asked, wants_json=False)

    async def exemplar_status(self, core: Core, number: str) -> str:
        """How the check of the codes went: `ship_available`, `ship_not_available`, or pending."""
        path = "/v5/fbs/posting/product/exemplar/status"
        asked = {"posting_number": number}
        return (await self._ask(core, path, asked, shapes.ExemplarStatus)).status

    # --- goods ---

    async def goods(self, core: Core) -> AsyncIterator[tuple[shapes.Good, ...]]:
        """Pages of the catalogue."""
        last = ""
        while True:
            asked: dict[str, Any] = {
                "filter": {"visibility": "ALL"},
                "limit": GOODS_PAGE,
                "last_id": last,
            }
            page = (await self._ask(core, "/v3/product/list", asked, shapes.Goods)).result
            if page.items:
                yield page.items
            if not page.last_id or page.last_id == last or len(page.items) < GOODS_PAGE:
                return
            last = page.last_id

    async def stocks(self, core: Core, rows: Sequence[Mapping[str, Any]]) -> shapes.Updates:
        """Tell figures; the limit of stocks was waited for by the caller, before he read them."""
        return await self._ask(core, "/v2/products/stocks", {"stocks": rows}, shapes.Updates)

    async def prices(self, core: Core, rows: Sequence[Mapping[str, Any]]) -> shapes.Updates:
        """Tell prices."""
        return await self._ask(core, "/v1/product/import/prices", {"prices": rows}, shapes.Updates)

    async def returns(self, core: Core, since: datetime, now: datetime) -> list[shapes.Return]:
        """Returns whose place changed since."""
        moments = {"time_from": iso(since), "time_to": iso(now)}
        return await self._returns(core, {"visual_status_change_moment": moments})

    async def returns_of(self, core: Core, numbers: Sequence[str]) -> list[shapes.Return]:
        """All returns of these postings, whenever they came; fifty at most."""
        return await self._returns(core, {"posting_numbers": list(numbers)})

    async def _returns(self, core: Core, wanted: Mapping[str, Any]) -> list[shapes.Return]:
        found: list[shapes.Return] = []
        while True:
            asked: dict[str, Any] = {
                "filter": wanted,
                "limit": RETURNS_PAGE,
                "last_id": found[-1].id if found else 0,
            }
            page = await self._ask(core, "/v1/returns/list", asked, shapes.Returns)
            found += page.returns
            if not page.has_next or not page.returns:
                return found

    async def expires_at(self, core: Core) -> datetime | None:
        """When the key ends; the test of the connection."""
        return (await self._ask(core, "/v1/roles", None, shapes.Roles)).expires_at


def _is_problem(data: Any) -> bool:
    return isinstance(data, dict) and "message" in data and set(data) <= PROBLEM  # pyright: ignore[reportUnknownArgumentType]  # JSON


def iso(moment: datetime) -> str:
    """A moment as Ozon writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
