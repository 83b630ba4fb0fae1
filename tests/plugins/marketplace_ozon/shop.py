"""A box, the plugin and the fake Ozon in one process; all traffic passes Ozon's description."""

from pathlib import Path
from uuid import UUID

import msgspec

from appliance.domain.events import ServiceWished
from appliance.domain.plugin_rows import Shape
from appliance.plugin_api import callers, marketplaces, vendor
from appliance.plugin_api.core import PAUSED, Core
from appliance.plugin_api.fakes import transport
from appliance.plugin_api.manifest import read_manifest
from appliance.plugin_api.messages import Account
from appliance.plugin_api.pace import Pace
from appliance.storage import market_postings
from plugins.marketplace_ozon import client, deeds, orders, stock
from plugins.marketplace_ozon.accounts import WAYS
from plugins.marketplace_ozon.fake import Fake
from plugins.marketplace_ozon.fake_shop import PUSH_KEY
from tests.house_fixture import TestHouse
from tests.integration.plugins.asking import plugin
from tests.vendors.contract import Checked, checked, description, there

HOME = Path(__file__).parents[3] / "plugins" / "marketplace_ozon"
MANIFEST = read_manifest((HOME / "plugin.toml").read_bytes())


class Ozon:
    """What a test holds.

    Attributes:
        fake: Ozon.
        waited: seconds that the limits made the plugin wait, on the driven clock.
    """

    def __init__(self, house: TestHouse, codes: tuple[str, ...] = ("main",)) -> None:
        PAUSED.clear()
        vendor.forget()
        callers.forget()
        WAYS.forget()
        marketplaces.forget()
        self.house = house
        self.fake = Fake(house.clock)
        self.waited = 0.0
        way = transport(self.fake)
        self.checked: Checked | None = None
        if there():
            self.checked = checked(way, description("ozon-seller.json"))
        WAYS.transport = self.checked or way
        marketplaces.CLOCK.now = house.clock
        settings = {"address": "https://api-seller.ozon.ru", **self.fake.settings()}
        self.accounts = tuple(Account(code, "", dict(settings)) for code in codes)
        client.ALL = self._pace(45, 1.0)
        client.STOCK_PACE = self._pace(75, 60.0)

    def _pace(self, amount: float, seconds: float) -> Pace:
        return Pace(amount, seconds, clock=self._seconds, sleep=self._sleep)

    def _seconds(self) -> float:
        return self.house.clock.now.timestamp()

    async def _sleep(self, seconds: float) -> None:
        self.waited += seconds
        self.house.clock.pass_(seconds=max(seconds, 0.001))  # less than it counts is no time

    def core(self) -> Core:
        """What a handler holds."""
        return plugin(
            "marketplace_ozon",
            permissions=MANIFEST.permissions,
            tables={
                name: Shape(columns=dict(one.columns), key=one.key)
                for name, one in MANIFEST.tables.items()
            },
            settings={"push_key": PUSH_KEY},
            accounts=self.accounts,
        )

    async def poll(self) -> None:
        """One round of the job of orders."""
        await orders.poll(self.core())

    async def catalogue(self) -> None:
        """Learn the offers there."""
        await stock.catalogue(self.core())

    async def wish(self, order: int, deed: str, **data: str) -> None:
        """A colleague wishes a deed; the plugin hears of it."""
        posting = await self._posting(order)

        async def body() -> None:
            words = msgspec.json.encode(data).decode()
            await market_postings.change(posting, wish=deed, wish_error="", wish_data=words)

        await self.house.write(body)
        await self.hear(order, deed)

    async def hear(self, order: int, deed: str) -> None:
        """The event of a wish comes, perhaps again."""
        posting = await self._posting(order)
        event = ServiceWished(
            plugin="marketplace_ozon", kind="posting", record_id=posting, deed=deed
        )
        await deeds.wished(event, self.core())

    async def _posting(self, order: int) -> UUID:
        rows = await self.house.rows("SELECT id FROM posting WHERE order_number = {}", order)
        return rows[0][0]  # type: ignore[return-value]

    def times(self, path: str) -> int:
        """How often Ozon was asked this."""
        return sum(one.path == path for one in self.fake.requests)

    async def journal(self) -> list[str]:
        """Codes of the journal, oldest first."""
        rows = await self.house.rows(
            "SELECT code FROM plugin_journal WHERE plugin = {} ORDER BY id", "marketplace_ozon"
        )
        return [str(row[0]) for row in rows]
