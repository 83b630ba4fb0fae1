"""A shop's catalogue comes in: whole or not at all, once, and back again after a cut."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

import msgspec
import pytest

from appliance.actions import catalogue_runs, notices, orders, products
from appliance.domain.catalogue_runs import Origin, RunState
from appliance.domain.icml import Property
from appliance.domain.orders import LineDraft
from appliance.domain.products import ProductView, VariantView
from appliance.domain.shops import ShopLink
from appliance.errors import Conflict, Denied, Invalid
from appliance.jobs import catalogues
from appliance.jobs.catalogues import CatalogueReader
from appliance.storage import references
from appliance.storage.products import GoodsFilter
from tests.house_fixture import SHOP, TestHouse
from tests.integration.orders.drafts import draft

GROUPS = (
    '<category id="10" parentId="1"><name>Футболки</name></category>'
    '<category id="1">Одежда</category>'
)
one_engine = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


def offer(number: int, price: str = "1200.00", more: str = "") -> str:
    return (
        f'<offer id="{number}#m" productId="{number}" quantity="7"><price>{price}</price>'
        f"<categoryId>10</categoryId><picture>https://a.example/{number}.jpg</picture>"
        f"<name>Майка &amp;quot;{number}&amp;quot; M</name>"
        f"<productName>Майка {number}</productName>"
        f"<xmlId>X-{number}</xmlId><vatRate>22</vatRate><unit code='pc' name='Штука'/>"
        f"<param code='article' name='Артикул'>A-{number}</param>"
        f"<param code='size' name='Размер'>M</param>{more}</offer>"
    )


def file(offers: Iterable[str]) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><yml_catalog><shop><categories>'
        f"{GROUPS}</categories><offers>{''.join(offers)}</offers></shop></yml_catalog>"
    ).encode()


async def brought(house: TestHouse, data: bytes) -> catalogue_runs.Report:
    """Give a file to the box and let it read."""
    await asked(house, data)
    await CatalogueReader(house.system, ZoneInfo("Europe/Moscow")).run()
    return await newest(house)


async def asked(house: TestHouse, data: bytes) -> int:
    place = catalogue_runs.begin_upload()
    place.write_bytes(data)
    return await catalogue_runs.ask_with_file(house.actor_for("head"), SHOP, place)


async def newest(house: TestHouse) -> catalogue_runs.Report:
    head = house.actor_for("head")
    return await catalogue_runs.report(head, (await catalogue_runs.list_newest(head))[0].number)


async def linked(house: TestHouse, link: ShopLink, url: str = "") -> None:
    lists = await house.database.read(references.lists)

    async def body() -> None:
        await references.set_shop(msgspec.structs.replace(lists.shops[SHOP], yml_url=url))
        await references.set_link(SHOP, link)

    await house.write(body)


async def goods(house: TestHouse) -> dict[str, ProductView]:
    page = await products.list_page(house.actor_for("head"), GoodsFilter(), limit=500)
    return {one.external_id or one.name: one for one in page.products}


async def variant(house: TestHouse, number: int) -> VariantView:
    return (await goods(house))[str(number)].variants[0]


@pytest.mark.checklist(102)
async def test_a_catalogue_comes_with_groups_prices_stock_and_a_report(house: TestHouse) -> None:
    await linked(house, ShopLink(takes_stock=True))
    bad = offer(3, "дорого")
    twice = offer(1, "1100")
    found = await brought(house, file([twice, offer(1), offer(2), bad]))
    assert found.run.state is RunState.DONE
    assert found.run.tally == {"created": 2, "failed": 1, "skipped": 1}
    assert (found.run.groups, found.run.offers) == (2, 4)
    named = {(one.external_id, one.outcome.value, one.code) for one in found.notes}
    assert ("3#m", "failed", "money_unreadable") in named
    assert ("1#m", "skipped", "offer_repeated") in named
    shirt = (await goods(house))["1"]
    one = shirt.variants[0]
    assert (shirt.name, shirt.group, one.name) == ("Майка 1", "Футболки", 'Майка "1" M')
    assert (one.prices["base"], one.sku, one.vat_rate) == (120_000, "A-1", "general")
    assert [place.on_hand_milli for place in one.stock] == [7000]
    assert one.properties == (Property("size", "Размер", "M"),)
    assert one.pictures == ("https://a.example/1.jpg",)
    assert all(
        one.product_number for one in found.notes if one.outcome.value in {"created", "updated"}
    )
    rows = await house.rows("SELECT name, parent_id IS NULL FROM category ORDER BY name")
    assert [(name, bool(root)) for name, root in rows] == [("Одежда", True), ("Футболки", False)]

    again = await brought(house, file([twice, offer(1, "1300"), offer(2), bad]))
    assert again.run.tally == {"updated": 1, "same": 1, "failed": 1, "skipped": 1}
    assert (await variant(house, 1)).prices["base"] == 130_000
    traced = await house.rows(
        "SELECT old_value, new_value FROM change_entry WHERE field = 'price.base'"
    )
    assert traced == [("120000", "130000")]


@one_engine
async def test_what_a_cut_file_says_changes_nothing(house: TestHouse) -> None:
    await brought(house, file([offer(1), offer(2)]))
    whole = file([offer(1, "1"), offer(9)])
    for cut in (len(whole) // 2, len(whole) - 3):
        found = await brought(house, whole[:cut])
        assert (found.run.state, found.run.error) == (RunState.FAILED, "catalogue_broken")
    assert sorted(await goods(house)) == ["1", "2"]
    one = await variant(house, 1)
    assert (one.prices["base"], one.active) == (120_000, True)


@pytest.mark.checklist(11)
@one_engine
async def test_what_a_whole_file_no_longer_holds_goes_off_sale_and_comes_back(
    house: TestHouse,
) -> None:
    await brought(house, file(offer(n) for n in range(1, 6)))
    found = await brought(house, file(offer(n) for n in range(1, 5)))
    assert found.run.tally == {"same": 4, "hidden": 1}
    assert not (await goods(house))["5"].active
    found = await brought(house, file([offer(1)]))
    assert (found.run.told, found.run.tally) == ("catalogue_half", {"same": 1})
    assert sum(one.active for one in (await goods(house)).values()) == 4
    await brought(house, file(offer(n) for n in range(1, 6)))
    assert (await variant(house, 5)).active


@one_engine
async def test_a_run_that_was_cut_off_goes_on_behind_its_last_batch(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogues, "BATCH", 3)
    await asked(house, file(offer(n) for n in range(1, 11)))
    reader = CatalogueReader(house.system, ZoneInfo("Europe/Moscow"))
    taken = catalogue_runs.take
    calls: list[int] = []

    async def dies(*args: object) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        await taken(*args)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(catalogue_runs, "take", dies)
    with pytest.raises(KeyboardInterrupt):
        await reader.run()
    assert (await newest(house)).run.position == 6
    await CatalogueReader(house.system, ZoneInfo("Europe/Moscow")).run()
    found = await newest(house)
    assert (found.run.state, found.run.tally) == (RunState.DONE, {"created": 10})
    assert len(calls) == 3 + 2


@pytest.mark.checklist(109)
@one_engine
async def test_goods_that_an_order_made_to_be_checked_are_the_catalogues_own(
    house: TestHouse,
) -> None:
    line = LineDraft(offer_external_id="1#m", product_name="Майка", quantity_milli=1000, price=1)
    await orders.place(house.shop_key(), draft("1", lines=(line,)))
    assert (await goods(house))["Майка"].to_check
    await brought(house, file([offer(1)]))
    found = await goods(house)
    assert list(found) == ["1"]
    assert not found["1"].to_check


@one_engine
async def test_who_may_not_edit_goods_asks_in_vain_and_without_an_address_nobody(
    house: TestHouse,
) -> None:
    with pytest.raises(Denied):
        await catalogue_runs.ask(house.actor_for("seller"), SHOP)
    with pytest.raises(Invalid, match="catalogue_address_missing"):
        await catalogue_runs.ask(house.actor_for("head"), SHOP)


@one_engine
async def test_a_second_file_waits_for_its_turn(house: TestHouse) -> None:
    await asked(house, file([offer(1)]))
    with pytest.raises(Conflict, match="catalogue_busy"):
        await asked(house, file([offer(2)]))


@one_engine
async def test_the_timetable_asks_when_the_time_has_come(house: TestHouse) -> None:
    await linked(house, ShopLink(every=60), "https://shop.example/simla.xml")
    assert await catalogue_runs.plan_due(house.system) == 1
    tasks = await catalogue_runs.work(house.system)
    assert [(one.run.origin, one.url) for one in tasks] == [
        (Origin.SCHEDULE, "https://shop.example/simla.xml")
    ]
    await catalogue_runs.end(house.system, tasks[0].run.number, RunState.DONE)
    assert await catalogue_runs.plan_due(house.system) == 0
    told: list[int] = []
    for _ in range(2):  # down for two hours: told once
        house.clock.pass_(hours=1)
        assert await catalogue_runs.plan_due(house.system) == 1
        (task,) = await catalogue_runs.work(house.system)
        number = task.run.number
        await catalogue_runs.end(house.system, number, RunState.FAILED, "shop_unreachable")
        shown = await notices.index(house.actor_for("administrator"))
        told.append(len(shown.rows))
    assert told == [1, 1]
