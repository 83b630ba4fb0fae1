"""A carrier's plugin that is known to a box, for tests of parcels."""

from datetime import UTC, datetime
from uuid import UUID

from appliance.actions import orders
from appliance.domain.parcels import Choice, Gives, Package, Town
from appliance.domain.personal import Personal
from appliance.plugin_api.core import Core
from appliance.storage.statements import insert
from appliance.storage.tables import PluginRow
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import draft
from tests.integration.plugins.asking import plugin

NAME = "swift"
BOX = Package(grams=1200, length_mm=200, width_mm=150, height_mm=100)
DOOR = Choice(
    plugin=NAME,
    carrier="Быстрая",
    tariff="139",
    tariff_name="До двери",
    package=BOX,
    quoted=41_000,
    buyer_pays=35_000,
    days_min=2,
    days_max=4,
    town=Personal(Town(city="Тверь", index="170000")),
)
POINT = Choice(
    plugin=NAME,
    carrier="Быстрая",
    tariff="136",
    tariff_name="До пункта",
    gives=Gives.POINT,
    point="TVR7",
    point_name="Тверь, Садовая, 7",
    package=BOX,
    quoted=22_000,
    buyer_pays=0,
)
PEOPLE = (
    ("customer.name", "delivery"), ("customer.phone", "delivery"), ("customer.address", "delivery"),
)  # fmt: skip


async def known(house: TestHouse) -> Core:
    """Have the box know the carrier; what its plugin holds."""

    async def add() -> None:
        moment = datetime(2026, 5, 1, tzinfo=UTC)
        await insert(
            PluginRow, name=NAME, version="1.0.0", source="box", manifest="", asked="{}",
            state="running", installed_at=moment, changed_at=moment,
        )  # fmt: skip

    await house.write(add)
    return plugin(NAME, permissions=("parcels.write",), personal=PEOPLE)


async def ordered(house: TestHouse, external_id: str = "1044") -> tuple[int, UUID]:
    """An order, its number and its id."""
    made = await orders.place(house.shop_key(), draft(external_id))
    return made.number, made.order_id


async def wishes(house: TestHouse) -> list[str]:
    """What was wished of carriers, in order."""
    rows = await house.rows(
        "SELECT payload FROM event_delivery WHERE subscriber = 'plugin:swift' ORDER BY id"
    )
    return [str(row[0]).split('"deed":"')[1].split('"')[0] for row in rows]
