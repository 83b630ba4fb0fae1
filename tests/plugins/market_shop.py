"""A box, a marketplace's plugin and its fake in one process; time passes only where it is told."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from appliance.domain.events import ServiceWished
from appliance.domain.plugin_rows import Shape
from appliance.plugin_api import callers, marketplaces, vendor
from appliance.plugin_api.core import PAUSED, Core
from appliance.plugin_api.fakes import Fake, transport
from appliance.plugin_api.manifest import read_manifest
from appliance.plugin_api.messages import Account
from appliance.plugin_api.pace import Pace
from appliance.storage import market_postings
from tests.house_fixture import TestHouse
from tests.integration.plugins.asking import plugin
from tests.vendors.contract import Checked, Contract, checked

PLUGINS = Path(__file__).parents[2] / "plugins"


class Shop:
    """What a test holds.

    Attributes:
        name: of the plugin.
        checked: the vendor's description that all traffic passes; None: it is not there.
        waited: seconds that the limits made the plugin wait, on the driven clock.
    """

    def __init__(
        self,
        house: TestHouse,
        name: str,
        fake: Fake,
        contract: Contract | None,
        settings: Mapping[str, str],
        codes: Sequence[str] = ("main",),
    ) -> None:
        PAUSED.clear()
        vendor.forget()
        callers.forget()
        marketplaces.forget()
        self.house = house
        self.name = name
        self.manifest = read_manifest((PLUGINS / name / "plugin.toml").read_bytes())
        way = transport(fake)
        self.checked: Checked | None = checked(way, contract) if contract is not None else None
        self.way = self.checked or way
        self.waited = 0.0
        marketplaces.CLOCK.now = house.clock
        self.accounts = tuple(Account(code, "", dict(settings)) for code in codes)
        self._settings = settings

    def pace(self, amount: float, seconds: float, burst: float = 0) -> Pace:
        """A limit on the driven clock."""
        return Pace(amount, seconds, burst=burst, clock=self._seconds, sleep=self._sleep)

    def _seconds(self) -> float:
        return self.house.clock.now.timestamp()

    async def _sleep(self, seconds: float) -> None:
        self.waited += seconds
        self.house.clock.pass_(seconds=max(seconds, 0.001))  # less than it counts is no time

    def core(self) -> Core:
        """What a handler holds."""
        return plugin(
            self.name,
            permissions=self.manifest.permissions,
            tables={
                name: Shape(columns=dict(one.columns), key=one.key)
                for name, one in self.manifest.tables.items()
            },
            settings={"push_key": self._settings.get("push_key", "")},
            accounts=self.accounts,
        )

    async def wish(
        self, hear: Callable[[ServiceWished, Core], Any], order: int, deed: str, **data: str
    ) -> None:
        """A colleague wishes a deed; the plugin hears of it."""
        posting = await self._posting(order)

        async def body() -> None:
            words = msgspec.json.encode(data).decode()
            await market_postings.change(posting, wish=deed, wish_error="", wish_data=words)

        await self.house.write(body)
        await self.hear(hear, order, deed, attempt=1)

    async def hear(
        self,
        hear: Callable[[ServiceWished, Core], Any],
        order: int,
        deed: str,
        attempt: int = 2,
    ) -> None:
        """The event of a wish comes, perhaps again."""
        posting = await self._posting(order)
        event = ServiceWished(plugin=self.name, kind="posting", record_id=posting, deed=deed)
        core = self.core()
        core.attempt = attempt
        await hear(event, core)

    async def _posting(self, order: int) -> UUID:
        rows = await self.house.rows("SELECT id FROM posting WHERE order_number = {}", order)
        return rows[0][0]  # type: ignore[return-value]

    async def journal(self) -> list[str]:
        """Codes of the journal, oldest first."""
        rows = await self.house.rows(
            "SELECT code FROM plugin_journal WHERE plugin = {} ORDER BY id", self.name
        )
        return [str(row[0]) for row in rows]

    async def postings(self) -> list[tuple[Any, ...]]:
        """Id, state, raw status and number of the order, by id."""
        return await self.house.rows(
            "SELECT posting, state, raw_status, order_number FROM posting ORDER BY posting"
        )

    async def wished(self) -> tuple[Any, ...]:
        """What is wished of the first posting, and why it was refused."""
        rows = await self.house.rows("SELECT wish, wish_error FROM posting ORDER BY posting")
        return rows[0]
