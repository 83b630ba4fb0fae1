"""Goods that a plugin brings in: by the base's id, hundreds at once, people's words kept."""

from uuid import UUID, uuid4

import pytest

from appliance.actions import catalogue, products
from appliance.domain.products import ProductDraft, VariantDraft
from appliance.plugin_api.core import Core, Refused
from appliance.plugin_api.goods import GoodIn, GroupIn, NamedIn, OfferIn
from appliance.storage import goods_bringing
from appliance.storage.products import GoodsFilter
from appliance.storage.statements import execute, insert
from appliance.storage.tables import CatalogueRunRow
from tests.house_fixture import TestHouse
from tests.integration.plugins.asking import plugin


def core() -> Core:
    return plugin("exchange", permissions=("goods.write",))


async def card(house: TestHouse, external_id: str):  # type: ignore[no-untyped-def]
    asked = GoodsFilter(product_external_id=external_id)
    found = (await products.list_page(house.system, asked)).products
    return await catalogue.card(house.system, found[0].number)


async def facts(house: TestHouse, product: UUID) -> tuple[tuple[str, str], ...]:
    return await house.database.read(lambda: goods_bringing.facts_of(product))


@pytest.mark.checklist(55)
async def test_goods_come_change_and_go_by_the_id_of_their_base(house: TestHouse) -> None:
    box = core()
    (tea,) = await box.groups_put([GroupIn(name="Чай")])
    (green,) = await box.groups_put([GroupIn(name="Зелёный", parent=tea)])
    good = GoodIn(
        external_id="g1", name="Сенча", article="S-1", group=green, weight_grams=100,
        description="Из Сидзуоки", properties=(("Сбор", "весна"),),
    )  # fmt: skip
    assert await box.goods_put([good, GoodIn(external_id="g2", name="Кофе")]) == (
        "created",
        "created",
    )
    assert await box.goods_put([good]) == ("same",)
    shown = await card(house, "g1")
    assert (shown.product.name, shown.description, shown.category) == (
        "Сенча",
        "Из Сидзуоки",
        green,
    )
    assert await facts(house, shown.product.id) == (("Сбор", "весна"),)

    fill = GoodIn(external_id="g1", name="Сенча", description="Другое", fill=("description",))
    assert await box.goods_put([fill]) == ("same",)
    assert await box.goods_put([GoodIn(external_id="g1", active=False)]) == ("changed",)
    hidden = await card(house, "g1")
    assert not hidden.product.active and not hidden.product.variants[0].active
    assert await box.goods_put([good]) == ("changed",)
    assert (await card(house, "g1")).product.variants[0].active
    assert await box.goods_put([GoodIn(external_id="g9", active=False)]) == ("same",)
    assert await box.goods_put([GoodIn(external_id="g9")]) == ("refused",)


async def test_offers_bring_names_prices_and_stock_and_wait_for_their_good(
    house: TestHouse,
) -> None:
    box = core()
    retail, whole = await box.price_types_put(
        [NamedIn(name="Розничная", code="base"), NamedIn(name="Оптовая")]
    )
    (store,) = await box.warehouses_put([NamedIn(name="Склад на Ткацкой")])
    assert await box.warehouses_put([NamedIn(name="склад на ткацкой")]) == (store,)
    assert await box.offers_put([OfferIn(external_id="g1", good="g1")]) == ("unknown",)
    await box.goods_put([GoodIn(external_id="g1", name="Футболка", article="F")])
    sizes = [
        OfferIn(
            external_id=f"g1#{size}", good="g1", name=f"Футболка ({size})",
            prices={retail: 90_000, whole: 70_000}, stock={store: 4000},
        )
        for size in ("S", "M")
    ]  # fmt: skip
    assert await box.offers_put(sizes) == ("created", "created")
    await box.offers_put([OfferIn(external_id="g1#S", good="g1", stock={store: -1000})])
    shown = (await card(house, "g1")).product
    assert [one.external_id for one in shown.variants] == ["g1#S", "g1#M"]
    first = shown.variants[0]
    assert (first.name, first.sku, first.prices) == (
        "Футболка (S)", "F", {retail: 90_000, whole: 70_000},
    )  # fmt: skip
    assert [one.on_hand_milli for one in first.stock] == [-1000]
    with pytest.raises(Refused, match="code_unknown"):
        await box.offers_put([OfferIn(external_id="g1#S", good="g1", prices={"no": 1})])


async def test_a_plugin_without_the_right_brings_nothing(house: TestHouse) -> None:
    del house
    reader = plugin("reader", permissions=("goods.read",))
    with pytest.raises(Refused, match="permission_not_granted"):
        await reader.goods_put([GoodIn(external_id="g1", name="Чай")])


async def test_goods_that_a_shop_or_a_person_made_are_not_doubled(house: TestHouse) -> None:
    good, size = "0a1b2c3d-0000-4000-8000-00000000000", "#1f000000-0000-4000-8000-000000000001"
    shop, hand, twice = (
        ProductDraft(shop="main", external_id="s1", name="Футболка", variants=(
            VariantDraft(external_id="s1-M", xml_id=f"{good}1{size}", name="M"),
        )),
        ProductDraft(shop="main", external_id="h1", name="Кружка", variants=(
            VariantDraft(external_id="h1", sku="K-1", name="Кружка"),
        )),
        ProductDraft(shop="main", external_id="h2", name="Ложка", variants=(
            VariantDraft(external_id="h2", sku="L-1", name="Ложка"),
            VariantDraft(external_id="h3", sku="L-1", name="Ложка большая"),
        )),
    )  # fmt: skip
    await products.upload(house.shop_key(), [shop, hand, twice])
    mark = "UPDATE variant SET from_catalogue = {} WHERE external_id = {}"
    await house.write(lambda: execute(mark, True, "s1-M"))
    run = {"shop": "main", "number": 1, "origin": "file", "made_at": house.clock()}
    await house.write(lambda: insert(CatalogueRunRow, id=uuid4(), **run))
    box = core()
    told = [
        GoodIn(external_id=f"{good}1", shop="main", name="Футболка"),
        GoodIn(external_id=f"{good}2", shop="main", name="Кружка", article="K-1", by_article=True),
        GoodIn(external_id=f"{good}3", shop="main", name="Ложка", article="L-1", by_article=True),
    ]
    outcomes = await box.goods_put(told)
    assert [one == "created" for one in outcomes] == [False, False, True]
    assert "created" not in await box.goods_put(told)
    sold = [
        OfferIn(external_id=f"{good}1{size}", good=f"{good}1", shop="main", prices={"base": 1}),
        OfferIn(external_id=f"{good}1#L", good=f"{good}1", shop="main", name="L"),
        OfferIn(external_id=f"{good}2", good=f"{good}2", shop="main", prices={"base": 2}),
    ]
    assert await box.offers_put(sold) == ("changed", "created", "changed")
    page = await products.list_page(house.system, GoodsFilter(), limit=50)
    names = sorted((one.name, len(one.variants)) for one in page.products)
    assert names == [("Кружка", 1), ("Ложка", 1), ("Ложка", 2), ("Футболка", 2)]
