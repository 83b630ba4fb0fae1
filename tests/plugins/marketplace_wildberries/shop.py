"""A box, the plugin and the fake Wildberries in one process; traffic passes WB's descriptions."""

from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from appliance.domain.events import ServiceWished
from appliance.domain.plugin_rows import Shape
from appliance.plugin_api import marketplaces, vendor
from appliance.plugin_api.core import PAUSED, Core
from appliance.plugin_api.fakes import transport
from appliance.plugin_api.manifest import read_manifest
from appliance.plugin_api.messages import Account
from appliance.plugin_api.pace import Pace
from appliance.storage import market_postings
from appliance.storage.statements import execute
from plugins.marketplace_wildberries import catalogue, client, deeds, orders, stock
from plugins.marketplace_wildberries.accounts import WAYS
from plugins.marketplace_wildberries.fake import Fake
from tests.house_fixture import TestHouse
from tests.integration.plugins.asking import plugin
from tests.vendors.contract import Checked, Several, checked, description, there
from tests.vendors.shapes import Operation, Shapes

HOME = Path(__file__).parents[3] / "plugins" / "marketplace_wildberries"
MANIFEST = read_manifest((HOME / "plugin.toml").read_bytes())
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


class Wildberries:
    """What a test holds.

    Attributes:
        fake: WB.
        waited: seconds that the limits made the plugin wait, on the driven clock.
    """

    def __init__(
        self, house: TestHouse, codes: tuple[str, ...] = ("main",), **settings: Any
    ) -> None:
        for forget in (PAUSED.clear, vendor.forget, marketplaces.forget, WAYS.forget,
                       catalogue.forget, stock.forget):  # fmt: skip
            forget()
        self.house = house
        self.fake = Fake(house.clock)
        self.waited = 0.0
        way = transport(self.fake)
        self.checked: Checked | None = None
        if there():
            names = ("03-orders-fbs", "02-items", "01-general")
            parts = [description(f"wildberries-{one}.yaml") for one in names]
            self.checked = checked(way, Several([*parts, RETURNS]))
        WAYS.transport = self.checked or way
        marketplaces.CLOCK.now = house.clock
        told = {"address": ADDRESS, **self.fake.settings(), **settings}
        self.accounts = tuple(Account(code, "", dict(told)) for code in codes)
        for name, (amount, seconds, burst) in PACES.items():
            pace = Pace(amount, seconds, burst=burst, clock=self._seconds, sleep=self._sleep)
            setattr(client, name, pace)

    def _seconds(self) -> float:
        return self.house.clock.now.timestamp()

    async def _sleep(self, seconds: float) -> None:
        self.waited += seconds
        # A moment of the driven clock has microseconds: less than one would never pass.
        self.house.clock.pass_(seconds=seconds + 0.001)

    def core(self) -> Core:
        """What a handler holds."""
        return plugin(
            "marketplace_wildberries",
            permissions=MANIFEST.permissions,
            tables={
                name: Shape(columns=dict(one.columns), key=one.key)
                for name, one in MANIFEST.tables.items()
            },
            accounts=self.accounts,
        )

    async def poll(self, minutes: float = 1) -> None:
        """One round of the job of orders, some time after the last."""
        self.house.clock.pass_(minutes=minutes)
        await orders.poll(self.core())

    async def wish(self, order: object, deed: str, **data: str) -> None:
        """A colleague wishes a deed; the plugin hears of it."""
        posting = await self._posting(order)

        async def body() -> None:
            words = msgspec.json.encode(data).decode()
            await market_postings.change(posting, wish=deed, wish_error="", wish_data=words)

        await self.house.write(body)
        await self.hear(order, deed, attempt=1)

    async def hear(self, order: object, deed: str, attempt: int = 2) -> None:
        """The event of a wish comes, perhaps again."""
        self.house.clock.pass_(seconds=1)
        event = ServiceWished(
            plugin="marketplace_wildberries",
            kind="posting",
            record_id=await self._posting(order),
            deed=deed,
        )
        core = self.core()
        core.attempt = attempt
        await deeds.wished(event, core)

    async def _posting(self, order: object) -> UUID:
        rows = await self.house.rows("SELECT id FROM posting WHERE order_number = {}", order)
        return rows[0][0]  # type: ignore[return-value]

    async def wished(self) -> tuple[object, ...]:
        """(wish, code of its refusal) of the only posting."""
        return (await self.house.rows("SELECT wish, wish_error FROM posting"))[0]

    async def scan(self, code: str) -> None:
        """Codes of the only line."""

        async def body() -> None:
            words = msgspec.json.encode([code]).decode()
            await execute("UPDATE posting_line SET codes = {}", words)

        await self.house.write(body)

    async def postings(self) -> list[tuple[object, ...]]:
        """(id, state, both words, order)."""
        return await self.house.rows(
            "SELECT posting, state, raw_status, raw_substatus, order_number FROM posting "
            "ORDER BY posting"
        )

    async def journal(self) -> list[str]:
        """Codes of the journal, oldest first."""
        rows = await self.house.rows(
            "SELECT code FROM plugin_journal WHERE plugin = {} ORDER BY id",
            "marketplace_wildberries",
        )
        return [str(row[0]) for row in rows]
