"""The catalogue: finding, editing, what stays hidden."""

from datetime import date

import pytest

from appliance.actions import catalogue, orders, products
from appliance.actions.products import PriceFigures
from appliance.domain.catalogue import CatalogueFilter, ProductForm, VariantForm, rate_of
from appliance.domain.orders import LineDraft
from appliance.errors import Conflict, Denied, Invalid
from appliance.storage.products import VariantRef
from tests.house_fixture import TestHouse
from tests.integration.goods.scene import (
    PNG,
    form,
    found,
    second_warehouse,
    stocked,
    variant,
)
from tests.integration.orders.drafts import draft


async def test_goods_are_found_by_any_fragment_of_name_article_or_barcode(
    house: TestHouse,
) -> None:
    await stocked(house)
    number = await catalogue.save(house.actor_for("head"), form())
    for text in ("лоч", "елоч", "ЁЛОЧ", "L-1", "000017", "rjkjx", "лампа елочка", "kjxrf"):
        expected = [] if text == "rjkjx" else ["Лампа «Ёлочка»"]
        assert await found(house, text=text) == expected, text
    assert await found(house, text="4600000000031") == ["Плед «Север»"]
    changed = form(name="Покрывало «Север»")
    old = (await catalogue.card(house.actor_for("head"), number)).product.variants[0].number
    one = VariantForm(number=old, sku="PL-1", prices={})
    await catalogue.save(
        house.actor_for("head"),
        ProductForm(name=changed.name, new_category="Текстиль", variants=(one,)),
        number,
    )
    assert await found(house, text="плед") == []
    assert await found(house, text="покрыв") == ["Покрывало «Север»"]


async def test_filters_keep_to_group_warehouse_and_marks(house: TestHouse) -> None:
    await second_warehouse(house)
    await stocked(house)
    shelf = variant("L-2", barcode="", name="Лампа в зал", stock={"hall": 0})
    await stocked(house, shelf, external_id="P-2", name="Лампа в зал", group="Витрина")
    screen = await catalogue.screen(house.actor_for("head"), CatalogueFilter())
    groups = {one.name: one.number for one in screen.named.categories}
    assert await found(house, category=groups["Витрина"]) == ["Лампа в зал"]
    assert await found(house, warehouse="main") == ["Лампа «Ёлочка»"]
    assert await found(house, out=True) == ["Лампа в зал"]
    assert await found(house, low=True) == []
    await catalogue.save_category(
        house.actor_for("head"), "Витрина", groups["Свет"], groups["Витрина"]
    )
    assert await found(house, category=groups["Свет"]) == ["Лампа в зал", "Лампа «Ёлочка»"]
    with pytest.raises(Invalid, match="category_circle"):
        await catalogue.save_category(
            house.actor_for("head"), "Свет", groups["Витрина"], groups["Свет"]
        )


@pytest.mark.checklist(109)
async def test_goods_that_an_order_named_are_made_with_a_mark_and_found_by_it(
    house: TestHouse,
) -> None:
    line = LineDraft(offer_external_id="NEW-1", product_name="Самовар", quantity_milli=1000)
    await orders.place(house.shop_key(), draft(lines=(line,)))
    screen = await catalogue.screen(house.actor_for("head"), CatalogueFilter(to_check=True))
    assert [row.product.name for row in screen.rows] == ["Самовар"]
    assert await found(house, text="самов") == ["Самовар"]
    await catalogue.mark_checked(house.actor_for("head"), screen.rows[0].product.number)
    assert await found(house, to_check=True) == []


async def test_pages_by_key_show_every_product_once(house: TestHouse) -> None:
    for start in range(0, 120, 60):
        drafts = [
            variant(f"S-{n}", barcode="", name=f"Товар {n}") for n in range(start, start + 60)
        ]
        for one in drafts:
            await stocked(house, one, external_id=f"P-{one.sku}", name=one.name)
    seen: list[int] = []
    after = None
    while True:
        page = await catalogue.screen(house.actor_for("seller"), CatalogueFilter(), after)
        seen += [row.product.number for row in page.rows]
        after = page.after
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen, reverse=True)


async def test_what_goods_cost_is_hidden_from_sellers(house: TestHouse) -> None:
    number = await stocked(house)
    seller = await catalogue.card(house.actor_for("seller"), number)
    assert seller.product.variants[0].purchase_price == 0
    assert seller.product.variants[0].stock[0].purchase_price == 0
    keeper = await catalogue.card(house.actor_for("storekeeper"), number)
    assert keeper.product.variants[0].purchase_price == 70_000
    with pytest.raises(Denied):
        await catalogue.save(house.actor_for("seller"), form())


@pytest.mark.checklist(12)
async def test_prices_keep_their_history_and_old_orders_keep_theirs(house: TestHouse) -> None:
    number = await stocked(house)
    key = house.shop_key()
    line = LineDraft(offer_external_id="L-1", quantity_milli=1000, price=120_000)
    placed = await orders.place(key, draft(lines=(line,)))
    house.clock.pass_(days=1)
    figures = PriceFigures(variant=VariantRef(external_id="L-1"), prices={"base": 150_000})
    await products.upload_prices(key, "main", [figures])
    card = await catalogue.card(house.actor_for("head"), number)
    assert [one.amount for one in card.prices] == [150_000, 120_000]
    assert card.product.variants[0].prices == {"base": 150_000}
    assert (await orders.open_card(house.actor_for("head"), placed.order_id)).lines[
        0
    ].price == 120_000


async def test_what_cannot_be_accepted_is_said_at_its_field(house: TestHouse) -> None:
    await stocked(house, shop="")
    head = house.actor_for("head")
    one = VariantForm(sku="L-1", barcodes=("4600000000017",), unit="ведро", vat_rate="77")
    with pytest.raises(Invalid) as refused:
        await catalogue.save(head, ProductForm(name=" ", variants=(one,)))
    assert refused.value.fields == {
        "name": "name_missing",
        "v0-sku": "sku_taken",
        "v0-barcodes": "barcode_taken",
        "v0-unit": "code_unknown",
        "v0-vat": "code_unknown",
    }


async def test_a_form_opened_before_another_change_is_not_saved_over_it(
    house: TestHouse,
) -> None:
    head = house.actor_for("head")
    number = await catalogue.save(head, form())
    seen = await catalogue.seen_of(head, number)
    card = await catalogue.card(head, number)
    one = VariantForm(number=card.product.variants[0].number, sku="PL-1")
    await catalogue.save(head, ProductForm(name="Плед тёплый", variants=(one,)), number, seen)
    with pytest.raises(Conflict, match="product_changed"):
        await catalogue.save(head, ProductForm(name="Плед мягкий", variants=(one,)), number, seen)


async def test_pictures_are_known_by_their_bytes(house: TestHouse) -> None:
    head = house.actor_for("head")
    number = await catalogue.save(head, form())
    picture = await catalogue.add_picture(head, number, PNG)
    assert await catalogue.picture(house.actor_for("seller"), picture) == ("png", PNG)
    for data, code in (
        (b"", "picture_empty"),
        (b"<svg onload=alert(1)>", "picture_unreadable"),
        (PNG[:40], "picture_unreadable"),
        (PNG + b"\0" * 1_600_000, "picture_too_large"),
    ):
        with pytest.raises(Invalid, match=code):
            await catalogue.add_picture(head, number, data)
    await catalogue.remove_picture(head, number, picture)
    assert (await catalogue.card(head, number)).pictures == ()


async def test_the_rate_of_vat_is_that_of_the_day(house: TestHouse) -> None:
    rates = (await catalogue.names(house.actor_for("seller"))).rates
    found_rates = [
        rate_of(rates, "general", day)
        for day in (date(2018, 12, 31), date(2025, 12, 31), date(2026, 1, 1))
    ]
    assert [one.percent for one in found_rates if one] == [1800, 2000, 2200]
    assert rate_of(rates, "77", date(2026, 1, 1)) is None
