"""The Post at a real house: from the order's card to the buyer's hands, and its batch between."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.actions import handing, parcels
from appliance.domain.events import ServiceWished
from appliance.domain.parcels import Choice, Gives, Package, State, Town
from appliance.domain.personal import Personal
from appliance.domain.plugin_rows import Shape
from appliance.plugin_api import calls
from appliance.plugin_api.fakes import transport
from appliance.plugin_api.handing import PapersAsked
from appliance.plugin_api.manifest import read_manifest
from appliance.plugin_api.messages import Account
from appliance.storage.statements import insert
from appliance.storage.tables import PluginRow
from plugins import logistics_russian_post as post
from plugins.logistics_russian_post.client import Clients
from plugins.logistics_russian_post.fake import Fake
from tests.house_fixture import open_test_house
from tests.integration.orders.carried import ordered
from tests.integration.orders.test_parcels import seen
from tests.integration.plugins.asking import plugin
from tests.plugins.logistics_russian_post.schemas import CONTRACT
from tests.vendors.contract import checked

NAME = "logistics_russian_post"
BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
CHOICE = Choice(
    plugin=NAME,
    account="main",
    carrier="Почта России",
    tariff="ONLINE_PARCEL",
    tariff_name="Посылка онлайн",
    gives=Gives.POINT,
    point="170000",
    point_name="170000, Тверь, Почтовая, 1",
    package=Package(grams=1200),
    quoted=353_80,
    buyer_pays=350_00,
    town=Personal(Town(city="Тверь", index="170000")),
)


@pytest.mark.checklist(49)
@pytest.mark.checklist(118)
async def test_an_order_goes_by_post_into_a_batch_and_to_its_buyer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [datetime(2026, 5, 4, 9, tzinfo=UTC)]
    monkeypatch.setattr(calls, "utc_now", lambda: moment[0])
    fake = Fake(lambda: moment[0])
    post.clients = Clients(checked(transport(fake), CONTRACT))
    manifest = read_manifest((Path(post.__file__).parent / "plugin.toml").read_bytes())
    form: Any = {"address": "https://otpravka-api.pochta.ru", **fake.settings()}
    async with open_test_house(tmp_path) as house:

        async def add() -> None:
            await insert(
                PluginRow, name=NAME, version="1.0.0", source="box", manifest="", asked="{}",
                state="running", installed_at=moment[0], changed_at=moment[0],
            )  # fmt: skip

        await house.write(add)
        core = plugin(
            NAME,
            permissions=tuple(manifest.permissions),
            personal=tuple((one.field, one.purpose) for one in manifest.personal),
            tables={
                name: Shape(columns=dict(one.columns), key=one.key)
                for name, one in manifest.tables.items()
            },
            accounts=(Account("main", "Почта", form),),
        )
        head = house.actor_for("head")
        number, _ = await ordered(house)
        await parcels.choose(head, number, CHOICE, ask=True)

        async def card() -> Any:
            return (await seen(house, number))[1]

        asked = ServiceWished(plugin=NAME, kind="parcel", record_id=(await card()).id, deed="book")
        for _ in range(2):  # delivered twice
            await post.wished(asked, core)
        (order,) = fake.orders.values()
        assert order.asked["recipient-name"] == "Сухова Анна" and order.asked["house-to"] == "1"
        now = await card()
        assert (now.state, now.track, now.deed) == (State.REGISTERED, order.barcode, "")

        (load,) = (await handing.waiting(head, (NAME,), BEGAN)).loads
        wanted = PapersAsked(
            account="main", day="2026-05-04", numbers=tuple(o.carrier_id for o in load.parcels)
        )
        (paper,) = (await post.papers_of(wanted, core)).papers
        assert paper.name == "f103-100.pdf" and order.batch == "100"
        for step, state in (("1.2", State.ACCEPTED), ("2.1", State.DELIVERED)):
            fake.do("move", barcode=order.barcode, operation=step)
            moment[0] += timedelta(hours=5)
            await post.follow(core)
            assert (await card()).state is state
        assert (await handing.waiting(head, (NAME,), BEGAN)).loads == ()
        assert await house.rows("SELECT COUNT(*) FROM plugin_row") == [
            (1,)
        ]  # how many were asked about today
