"""The way to WB API: one object for each account, limits shared by those of one seller.

WB has a host for each family of methods and a bucket for each. An answer of 4xx counts as ten
requests, so what would be refused is better not asked.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

from appliance.plugin_api.core import Core
from appliance.plugin_api.outcomes import Permanent, Retry
from appliance.plugin_api.pace import Pace
from appliance.plugin_api.vendor import Reply, Vendor
from plugins.marketplace_wildberries import shapes
from plugins.marketplace_wildberries.answers import Refusal, bytes_of, is_problem, word_of
from plugins.marketplace_wildberries.tokens import seller_of

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

PAGE: Final = 1000
MANY: Final = 100
"""Orders of one request of a supply, of stickers, of codes; cards of one page."""
STOCKS: Final = 1000
PRICES: Final = 1000
PENALTY: Final = 9
"""Units that a 4xx costs besides its own."""
PAID: Final = 402
CLOSED: Final = (401, 403)
"""How WB answers a token of other categories."""

# A little less than what WB lets pass (its description of August 2026), each for one seller.
ORDERS = Pace(290, 60.0, burst=18)
CANCELS = Pace(95, 60.0, burst=18)
CODES = Pace(950, 60.0, burst=18)
METAS = Pace(290, 60.0, burst=18)
STOCK = Pace(290, 60.0, burst=18)
HOUSES = Pace(290, 60.0, burst=18)
PRICING = Pace(9.5, 6.0, burst=4)
CARDS = Pace(95, 60.0, burst=4)
REPORTS = Pace(1, 62.0)
PINGS = Pace(2, 31.0)


def beside(address: str, family: str) -> str:
    """The address of another family of methods; a fake or a gateway answers for all at one.

    >>> beside("https://marketplace-api.wildberries.ru", "content")
    'https://content-api.wildberries.ru'
    >>> beside("https://marketplace-api-sandbox.wildberries.ru", "discounts-prices")
    'https://discounts-prices-api-sandbox.wildberries.ru'
    >>> beside("http://127.0.0.1:8101", "content")
    'http://127.0.0.1:8101'
    """
    parts = urlsplit(address)
    if not parts.netloc.startswith("marketplace-api"):
        return address
    host = family + parts.netloc.removeprefix("marketplace")
    return urlunsplit(parts._replace(netloc=host))


class Wildberries:
    """One account."""

    def __init__(
        self,
        address: str,
        token: str,
        account: str = "main",
        *,
        bearer: bool = False,
        transport: "httpx.AsyncBaseTransport | None" = None,
    ) -> None:
        """Make one; the first request connects."""
        self.account = account
        self.token = token
        self.seller = seller_of(token)
        self._address = address
        headers = {"Authorization": f"Bearer {token}" if bearer else token}

        def way(family: str, queue: str = "") -> Vendor:
            return Vendor(
                beside(address, family), headers, ORDERS, account,
                queue=queue, penalty=PENALTY, transport=transport,
            )  # fmt: skip

        self._orders = way("marketplace")
        self._stock = way("marketplace", "stock")
        self._prices = way("discounts-prices", "prices")
        self._cards = way("content", "cards")
        self._reports = way("seller-analytics", "returns")

    async def close(self) -> None:
        """Close the connections."""
        for one in (self._orders, self._stock, self._prices, self._cards, self._reports):
            await one.close()

    async def _send(
        self,
        core: Core,
        way: Vendor,
        method: str,
        path: str,
        *,
        pace: Pace,
        key: str = "",
        json: Any = None,
        query: Mapping[str, str | int] | None = None,
    ) -> Reply:
        key = key or self.seller
        reply = await way.ask(core, method, path, json=json, query=query, key=key, pace=pace)
        if reply.is_good:
            if is_problem(reply.data):
                raise Retry("error_in_answer")  # 200 with a refusal inside
            return reply
        if reply.status == PAID:
            raise Permanent("payment_required")
        raise Refusal(word_of(reply.data), reply.status, reply.data)

    async def _ask(self, core: Core, method: str, path: str, kind: type[T], **more: Any) -> T:
        pace = more.pop("pace", ORDERS)
        reply = await self._send(core, self._orders, method, path, pace=pace, **more)
        return reply.json(kind)

    async def _do(self, core: Core, method: str, path: str, **more: Any) -> None:
        pace = more.pop("pace", ORDERS)
        await self._send(core, self._orders, method, path, pace=pace, **more)

    # --- assembly orders ---

    async def fresh(self, core: Core) -> tuple[shapes.Order, ...]:
        """All new orders."""
        return (await self._ask(core, "GET", "/api/v3/orders/new", shapes.Orders)).orders

    async def listed(
        self, core: Core, since: datetime, until: datetime
    ) -> AsyncIterator[tuple[shapes.Order, ...]]:
        """Pages of orders made between, at most 30 days; they name neither status nor codes."""
        after, seen = 0, set[int]()
        while after not in seen:
            seen.add(after)
            asked = {
                "limit": PAGE,
                "next": after,
                "dateFrom": int(since.timestamp()),
                "dateTo": int(until.timestamp()) + 1,
            }
            page = await self._ask(core, "GET", "/api/v3/orders", shapes.Orders, query=asked)
            if not page.orders:
                return
            yield page.orders
            after = page.next

    async def statuses(self, core: Core, ids: Sequence[int]) -> tuple[shapes.Status, ...]:
        """Where orders stand, at most 1 000."""
        asked = {"orders": ids}
        path = "/api/v3/orders/status"
        return (await self._ask(core, "POST", path, shapes.Statuses, json=asked)).orders

    async def again(self, core: Core) -> frozenset[int]:
        """Orders that were not found in their supply and have to be brought once more."""
        path = "/api/v3/supplies/orders/reshipment"
        found = await self._ask(core, "GET", path, shapes.Reshipment)
        return frozenset(one.order_id for one in found.orders)

    async def cancel(self, core: Core, order: int) -> None:
        """Cancel an order."""
        await self._do(core, "PATCH", f"/api/v3/orders/{order}/cancel", pace=CANCELS)

    async def sticker(self, core: Core, order: int) -> bytes:
        """The label as PNG; empty: there is none yet."""
        found = await self._ask(
            core,
            "POST",
            "/api/v3/orders/stickers",
            shapes.Stickers,
            query={"type": "png", "width": 58, "height": 40},
            json={"orders": [order]},
        )
        files = [one.file for one in found.stickers if one.order_id == order]
        return bytes_of(files[0]) if files else b""

    # --- codes of pieces ---

    async def metas(
        self, core: Core, orders: Sequence[int]
    ) -> dict[int, tuple[shapes.MetaDetail, ...]]:
        """Codes of orders and how their check went, at most 100."""
        path = "/api/marketplace/v3/orders/meta"
        found = await self._ask(
            core, "POST", path, shapes.Metas, json={"orders": orders}, pace=METAS
        )
        return {one.id: one.meta_details for one in found.orders}

    async def put_meta(self, core: Core, order: int, path: str, body: Mapping[str, Any]) -> None:
        """Tell a code."""
        await self._do(core, "PUT", path.format(order=order), json=body, pace=CODES)

    async def drop_meta(self, core: Core, order: int, key: str) -> None:
        """Take a code back."""
        path = f"/api/v3/orders/{order}/meta"
        await self._do(core, "DELETE", path, query={"key": key}, pace=METAS)

    # --- supplies ---

    async def make_supply(self, core: Core, name: str) -> str:
        """A new supply; its id."""
        made = await self._ask(core, "POST", "/api/v3/supplies", shapes.Made, json={"name": name})
        if not made.id:
            raise Retry("answer_garbled")
        return made.id

    async def supply_named(self, core: Core, name: str) -> str:
        """The supply of this name that is open, made by a request whose answer was lost."""
        after, seen, found = 0, set[int](), ""
        while after not in seen:
            seen.add(after)
            asked = {"limit": PAGE, "next": after}
            page = await self._ask(core, "GET", "/api/v3/supplies", shapes.Supplies, query=asked)
            found = next((x.id for x in page.supplies if x.name == name and not x.done), found)
            if not page.supplies:
                break
            after = page.next
        return found

    async def supply(self, core: Core, supply: str) -> shapes.Supply | None:
        """A supply as it is now; None: there is none."""
        try:
            return await self._ask(core, "GET", _supply(supply), shapes.Supply)
        except Refusal as refusal:
            if refusal.status == 404:
                return None
            raise

    async def add(self, core: Core, supply: str, orders: Sequence[int]) -> None:
        """Put orders into a supply: they are being assembled from now on."""
        path = f"/api/marketplace/v3/supplies/{quote(supply, safe='')}/orders"
        await self._do(core, "PATCH", path, json={"orders": orders})

    async def orders_of(self, core: Core, supply: str) -> tuple[int, ...]:
        """Orders in a supply."""
        path = f"/api/marketplace/v3/supplies/{quote(supply, safe='')}/order-ids"
        return (await self._ask(core, "GET", path, shapes.SupplyOrders)).order_ids

    async def deliver(self, core: Core, supply: str) -> None:
        """Hand a supply over: nothing can be added to it any more."""
        await self._do(core, "PATCH", f"{_supply(supply)}/deliver")

    async def supply_code(self, core: Core, supply: str) -> bytes:
        """QR code of a supply that was handed over, as PNG."""
        path = f"{_supply(supply)}/barcode"
        found = await self._ask(core, "GET", path, shapes.Barcode, query={"type": "png"})
        return bytes_of(found.file)

    # --- stock and prices ---

    async def put_stock(self, core: Core, warehouse: str, amounts: Mapping[int, int]) -> None:
        """Tell figures by size; the limit of stock was waited for before they were read.

        Names of fields are not checked by WB: a wrong one is answered by 204 and changes nothing.
        """
        rows = [{"chrtId": size, "amount": amount} for size, amount in amounts.items()]
        path = f"/api/v3/stocks/{quote(warehouse, safe='')}"
        await self._send(core, self._stock, "PUT", path, json={"stocks": rows}, pace=STOCK)

    async def stock(self, core: Core, warehouse: str, sizes: Sequence[int]) -> dict[int, int]:
        """Figures as they lie there."""
        path = f"/api/v3/stocks/{quote(warehouse, safe='')}"
        reply = await self._send(
            core, self._stock, "POST", path, json={"chrtIds": sizes}, pace=STOCK
        )
        return {one.chrt_id: one.amount for one in reply.json(shapes.Amounts).stocks}

    async def houses(self, core: Core) -> tuple[shapes.Warehouse, ...]:
        """The seller's warehouses."""
        return await self._ask(
            core, "GET", "/api/v3/warehouses", tuple[shapes.Warehouse, ...], pace=HOUSES
        )

    async def put_prices(self, core: Core, rows: Sequence[Mapping[str, int]]) -> int:
        """Tell prices of cards; number of the upload, the known one if they were told before."""
        reply = await self._send(
            core, self._prices, "POST", "/api/v2/upload/task", json={"data": rows}, pace=PRICING
        )
        return reply.json(shapes.Uploaded).data.id

    async def upload(self, core: Core, upload: int) -> int:
        """How far an upload is; 0: it is being worked at."""
        reply = await self._send(
            core, self._prices, "GET", "/api/v2/history/tasks", query={"uploadID": upload},
            pace=PRICING,
        )  # fmt: skip
        found = reply.json(shapes.TaskStateOf).data
        return 0 if found is None else found.status

    async def upload_goods(self, core: Core, upload: int) -> dict[int, shapes.GoodState]:
        """What became of each card of an upload."""
        found: dict[int, shapes.GoodState] = {}
        while True:
            asked = {"limit": PAGE, "offset": len(found), "uploadID": upload}
            reply = await self._send(
                core, self._prices, "GET", "/api/v2/history/goods/task", query=asked, pace=PRICING
            )
            goods = reply.json(shapes.GoodStatesOf).data.history_goods
            found.update((one.nm_id, one) for one in goods)
            if len(goods) < PAGE:
                return found

    async def cards(
        self, core: Core, after: shapes.Cursor | None = None, search: str = ""
    ) -> shapes.Cards:
        """A page of the catalogue, the longest unchanged first; fewer than `MANY`: the last.

        Args:
            core: of the call.
            after: where the page before ended.
            search: an article of WB's or the seller's, for its card alone.
        """
        cursor: dict[str, Any] = {"limit": MANY}
        if after is not None:
            cursor |= {"updatedAt": after.updated_at, "nmID": after.nm_id}
        wanted: dict[str, Any] = {"withPhoto": -1, **({"textSearch": search} if search else {})}
        asked = {"settings": {"sort": {"ascending": True}, "filter": wanted, "cursor": cursor}}
        reply = await self._send(
            core, self._cards, "POST", "/content/v2/get/cards/list", json=asked, pace=CARDS
        )
        return reply.json(shapes.Cards)

    # --- returns, and the test of the connection ---

    async def came_back(self, core: Core, offset: int) -> tuple[shapes.Return, ...]:
        """A page of pieces that are with the seller again; fewer than `PAGE`: the last.

        Raises:
            Refusal: the token was made without the category Analytics.
        """
        reply = await self._reports.ask(
            core,
            "GET",
            "/api/analytics/v1/goods-return",
            query={"status": "archive", "limit": PAGE, "offset": offset},
            key=self.seller,
            pace=REPORTS,
            takes=CLOSED,
        )
        if not reply.is_good:
            raise Refusal("returns_closed", reply.status)
        return reply.json(shapes.Returns).report

    async def ping(self, core: Core) -> None:
        """Ask each host whether it takes this token; WB forbids to do so by a timetable."""
        ways = {
            beside(self._address, family): way
            for family, way in (
                ("marketplace", self._orders),
                ("discounts-prices", self._prices),
                ("content", self._cards),
            )
        }
        for host, way in ways.items():  # of each host, and a person waits for all of them
            key = f"{self.seller}:{host}"
            reply = await self._send(core, way, "GET", "/ping", pace=PINGS, key=key)
            reply.json(shapes.Pong)


def _supply(supply: str) -> str:
    return f"/api/v3/supplies/{quote(supply, safe='')}"
