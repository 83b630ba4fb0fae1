"""A box, the plugin and the fake Wildberries in one process; traffic passes WB's descriptions."""

from typing import Any

import msgspec

from appliance.storage.statements import execute
from plugins.marketplace_wildberries import catalogue, client, deeds, orders, returns, stock
from plugins.marketplace_wildberries.accounts import WAYS
from plugins.marketplace_wildberries.fake import Fake
from tests.house_fixture import TestHouse
from tests.plugins.market_shop import Shop
from tests.vendors.contract import Several, description, there
from tests.vendors.shapes import Operation, Shapes

NAME = "marketplace_wildberries"
ADDRESS = "https://marketplace-api.wildberries.ru"
PACES = {
    "ORDERS": (290, 60.0, 18), "CANCELS": (95, 60.0, 18), "CODES": (950, 60.0, 18),
    "METAS": (290, 60.0, 18), "STOCK": (290, 60.0, 18), "HOUSES": (290, 60.0, 18),
    "PRICING": (9.5, 6.0, 4), "CARDS": (95, 60.0, 4), "REPORTS": (1, 62.0, 0),
    "PINGS": (2, 31.0, 0),
}  # fmt: skip


class ReturnRow(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A row of the report on returns, as far as WB's change log of 24.09.2026 tells."""

    srid: str
    nm_id: int = 0
    order_id: int = 0
    status: str = ""
    completed_dt: str = ""


class Returns(msgspec.Struct, forbid_unknown_fields=True):
    report: list[ReturnRow]


RETURNS = Shapes(
    "wildberries returns",
    {
        "GET /api/analytics/v1/goods-return": Operation(
            None, {200: Returns}, ("status", "limit", "offset")
        )
    },
)


def _contract() -> Several | None:
    if not there():
        return None
    names = ("03-orders-fbs", "02-items", "01-general")
    return Several([*(description(f"wildberries-{one}.yaml") for one in names), RETURNS])


class Wildberries(Shop):
    """What a test holds.

    Attributes:
        fake: WB.
    """

    def __init__(
        self, house: TestHouse, codes: tuple[str, ...] = ("main",), **settings: Any
    ) -> None:
        for forget in (WAYS.forget, catalogue.forget, stock.forget, returns.forget):
            forget()
        self.fake = Fake(house.clock)
        told = {"address": ADDRESS, **self.fake.settings(), **settings}
        super().__init__(house, NAME, self.fake, _contract(), told, codes)
        WAYS.transport = self.way
        for name, (amount, seconds, burst) in PACES.items():
            setattr(client, name, self.pace(amount, seconds, burst))

    async def poll(self, minutes: float = 1) -> None:
        """One round of the job of orders, some time after the last."""
        self.house.clock.pass_(minutes=minutes)
        await orders.poll(self.core())

    async def wishes(self, order: Any, deed: str, **data: str) -> None:
        """A colleague wishes a deed; the plugin hears of it a second later."""
        self.house.clock.pass_(seconds=1)
        await self.wish(deeds.wished, order, deed, **data)

    async def again(self, order: Any, deed: str) -> None:
        """The event of a wish comes again."""
        self.house.clock.pass_(seconds=1)
        await self.hear(deeds.wished, order, deed)

    async def scan(self, code: str) -> None:
        """Codes of the only line."""

        async def body() -> None:
            words = msgspec.json.encode([code]).decode()
            await execute("UPDATE posting_line SET codes = {}", words)

        await self.house.write(body)

    async def words(self) -> list[tuple[Any, ...]]:
        """(id, state, both words, order) of postings."""
        return await self.house.rows(
            "SELECT posting, state, raw_status, raw_substatus, order_number FROM posting "
            "ORDER BY posting"
        )
