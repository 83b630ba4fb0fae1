"""What is asked of Yandex Market: orders, hand-overs, goods."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from appliance.plugin_api.core import Core
from appliance.plugin_api.outcomes import Retry
from plugins.marketplace_yandex import limits, shapes
from plugins.marketplace_yandex.asking import LIMITS, Asking, Refusal
from plugins.marketplace_yandex.limits import Operation

PAGE: Final = 50
IDS: Final = 50
"""Orders that are asked for by their ids at once."""
OFFERS_PAGE: Final = 100
HELD_PAGE: Final = 200
STOCKS: Final = 1000
"""Figures in one request: Yandex takes 2 000, the box gives 1 000 at a time."""
PRICES: Final = 500
PDF: Final = b"%PDF"
BAD_REQUEST: Final = 400


class Yandex(Asking):
    """One account, with all that it asks for."""

    # --- orders ---

    async def orders(
        self, core: Core, wanted: Mapping[str, Any], *, tests: bool = False
    ) -> AsyncIterator[tuple[shapes.Order, ...]]:
        """Pages of orders of FBS and express; `wanted` as Yandex names its filters."""
        asked: dict[str, Any] = {"programTypes": ["FBS", "EXPRESS"], **wanted}
        if not tests:
            asked["fake"] = False
        if self.campaigns:
            asked["campaignIds"] = list(self.campaigns)
        path = f"/v1/businesses/{await self.cabinet(core)}/orders"
        async for page in self.pages(
            core, limits.ORDERS, path, shapes.Orders, json=asked, query={"limit": PAGE}
        ):
            if page.orders:
                yield page.orders

    async def some(self, core: Core, numbers: Iterable[int]) -> tuple[shapes.Order, ...]:
        """Orders by id, 50 at most, whatever became of them; unknown ones are left out."""
        found: list[shapes.Order] = []
        async for page in self.orders(core, {"orderIds": list(numbers)}, tests=True):
            found += page
        return tuple(found)

    async def order(self, core: Core, number: str) -> shapes.Order:
        """One order as it is now; raises: Refusal: there is none."""
        if number.isascii() and number.isdecimal():
            for one in await self.some(core, [int(number)]):
                if one.number == number:
                    return one
        raise Refusal("ORDER_NOT_FOUND", 404)

    async def move(self, core: Core, order: shapes.Order, status: str, substatus: str) -> None:
        """Say that an order is ready, or that it is given up."""
        asked = {"order": {"status": status, "substatus": substatus}}
        await self.send(core, limits.STATUS, f"{_of(order)}/status", json=asked)

    async def pack(
        self, core: Core, order: shapes.Order, boxes: Sequence[Sequence[Mapping[str, Any]]]
    ) -> None:
        """Say what lies in which box, codes of pieces among it; as often as one likes."""
        asked = {"boxes": [{"items": list(one)} for one in boxes], "allowRemove": False}
        await self.send(core, limits.BOXES, f"{_of(order)}/boxes", json=asked)

    async def checked(self, core: Core, order: shapes.Order) -> tuple[shapes.Checked, ...]:
        """How the check of the codes went."""
        path = f"{_of(order)}/identifiers/status"
        return (await self.ask(core, limits.CODES, path, shapes.CheckedOf)).result.items

    async def label(self, core: Core, order: shapes.Order, form: str) -> bytes:
        """The labels of all boxes as one PDF."""
        path, query = f"{_of(order)}/delivery/labels", {"format": form}
        return await self._file(core, limits.LABELS, path, query)

    async def _file(
        self,
        core: Core,
        what: Operation,
        path: str,
        query: Mapping[str, str | int] | None = None,
    ) -> bytes:
        reply = await self.send(core, what, path, query=query, wants_json=False)
        if not reply.body.startswith(PDF):
            raise Retry("file_unreadable")
        return reply.body

    # --- handing over ---

    async def shipment_of(self, core: Core, order: shapes.Order) -> int:
        """The hand-over that an order is part of; 0: of none yet."""
        known = order.delivery.shipment
        if known.id:
            return known.id
        if known.shipment_date is None:
            return 0
        day = known.shipment_date.strftime("%d-%m-%Y")
        asked = {"dateFrom": day, "dateTo": day, "orderIds": [order.order_id]}
        path = f"/v2/campaigns/{order.campaign_id}/first-mile/shipments"
        found = await self.ask(core, limits.SHIPMENTS, path, shapes.ShipmentsOf, json=asked)
        mine = (one for one in found.result.shipments if order.order_id in one.order_ids)
        return next((one.id for one in mine), 0)

    async def shipment(self, core: Core, campaign: int, number: int) -> shapes.Shipment:
        """A hand-over, with what may be done with it now."""
        path = f"/v2/campaigns/{campaign}/first-mile/shipments/{number}"
        return (await self.ask(core, limits.SHIPMENT, path, shapes.ShipmentOf)).result

    async def confirm(self, core: Core, campaign: int, number: int) -> None:
        """Confirm a hand-over; raises: Refusal: it is too early."""
        path = f"/v2/campaigns/{campaign}/first-mile/shipments/{number}/confirm"
        await self.send(core, limits.CONFIRM, path, json={})

    async def act(self, core: Core, campaign: int, number: int) -> bytes:
        """The papers of a confirmed hand-over as PDF."""
        path = f"/v2/campaigns/{campaign}/first-mile/shipments/{number}/act"
        return await self._file(core, limits.ACT, path)

    async def returns(
        self,
        core: Core,
        campaign: int,
        *,
        since: date | None = None,
        order: int = 0,
    ) -> list[shapes.Return]:
        """What was not bought or was brought back, since a day or of one order."""
        query: dict[str, str | int] = {"limit": 100}
        if since is not None:
            query["fromDate"] = since.isoformat()
        if order:
            query["orderIds"] = order
        path = f"/v2/campaigns/{campaign}/returns"
        found: list[shapes.Return] = []
        async for page in self.pages(core, limits.RETURNS, path, shapes.Returns, query=query):
            found += page.result.returns
        return found

    # --- goods ---

    async def offers(self, core: Core) -> AsyncIterator[tuple[shapes.OfferMapping, ...]]:
        """Pages of the catalogue, what is archived left out."""
        path = f"/v2/businesses/{await self.cabinet(core)}/offer-mappings"
        async for page in self.pages(
            core, limits.OFFERS, path, shapes.OfferMappingsOf,
            json={"archived": False}, query={"limit": OFFERS_PAGE},
        ):  # fmt: skip
            if page.result.offer_mappings:
                yield page.result.offer_mappings

    async def stocks(
        self, core: Core, warehouse: int, rows: Sequence[tuple[str, int]], at: datetime
    ) -> None:
        """Tell figures of a warehouse; the limit was waited for before they were read.

        Args:
            core: of the call.
            warehouse: of ours, as the cabinet numbers it.
            rows: (article, pieces), 2 000 at most.
            at: when they were read: Yandex keeps the later of two that cross on their way.
        """
        moment = at.isoformat(timespec="milliseconds")
        asked = {
            "skuItems": [
                {
                    "sku": article,
                    "partnerWarehouseId": warehouse,
                    "count": pieces,
                    "updatedAt": moment,
                }
                for article, pieces in rows
            ]
        }
        path = f"/v3/businesses/{await self.cabinet(core)}/offers/stocks/update"
        await self.send(core, limits.STOCKS, path, json=asked, paced=True)

    async def group_stocks(
        self, core: Core, campaign: int, rows: Sequence[tuple[str, int]], at: datetime
    ) -> None:
        """The same for cabinets that have groups of warehouses: told of one shop."""
        moment = at.isoformat(timespec="milliseconds")
        asked = {
            "skus": [
                {"sku": article, "items": [{"count": pieces, "updatedAt": moment}]}
                for article, pieces in rows
            ]
        }
        path = f"/v2/campaigns/{campaign}/offers/stocks"
        await self.send(core, limits.GROUP_STOCKS, path, json=asked, paced=True)

    async def turn(self, what: Operation, cost: int = 1) -> None:
        """Wait until it is our turn to tell figures: they are read after that."""
        await LIMITS.of(what).take(self.key, cost)

    async def prices(self, core: Core, rows: Sequence[tuple[str, int]]) -> None:
        """Tell prices in kopecks, 500 at most."""
        asked = {
            "offers": [
                {"offerId": article, "price": {"value": roubles(price), "currencyId": "RUR"}}
                for article, price in rows
            ]
        }
        path = f"/v2/businesses/{await self.cabinet(core)}/offer-prices/updates"
        await self.send(core, limits.PRICES, path, json=asked, cost=len(rows))

    async def held_prices(self, core: Core) -> frozenset[str]:
        """Articles whose price Yandex holds back as odd."""
        path = f"/v2/businesses/{await self.cabinet(core)}/price-quarantine"
        found: set[str] = set()
        async for page in self.pages(
            core, limits.HELD, path, shapes.HeldOf, json={}, query={"limit": HELD_PAGE}
        ):
            found.update(one.offer_id for one in page.result.offers)
        return frozenset(found)


def _of(order: shapes.Order) -> str:
    return f"/v2/campaigns/{order.campaign_id}/orders/{order.order_id}"


def roubles(kopecks: int) -> int | float:
    """A price as Yandex takes it: a number, whole where it is."""
    return kopecks // 100 if kopecks % 100 == 0 else kopecks / 100


def iso(moment: datetime) -> str:
    """A moment as Yandex takes it."""
    return moment.isoformat(timespec="seconds")
