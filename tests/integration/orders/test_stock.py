import asyncio

from appliance.actions import orders, products
from appliance.domain.orders import LineDraft, OrderChange, OrderSelector
from appliance.domain.products import ProductDraft, VariantDraft
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import draft


async def stocked(house: TestHouse, milli: int) -> None:
    variant = VariantDraft(
        external_id="L-1", name="Лампа", prices={"base": 120_000}, stock={"main": milli}
    )
    product = ProductDraft(external_id="P-1", name="Лампа", shop="main", variants=(variant,))
    await products.upload(house.shop_key(), [product])


async def _figures(house: TestHouse) -> tuple[object, ...]:
    return (await house.rows("SELECT on_hand_milli, reserved_milli FROM stock"))[0]


def _line(milli: int) -> tuple[LineDraft, ...]:
    return (LineDraft(offer_external_id="L-1", quantity_milli=milli, price=120_000),)


async def test_an_order_sets_goods_aside_and_a_cancelled_one_lets_them_go(
    house: TestHouse,
) -> None:
    await stocked(house, 5000)
    head = house.actor_for("head")
    placed = await orders.place(house.shop_key(), draft(lines=_line(2000)))
    assert await _figures(house) == (5000, 2000)
    card = await orders.open_card(head, placed.order_id)
    assert (card.lines[0].free_milli, card.lines[0].reserved_milli) == (3000, 2000)
    await orders.set_status(head, placed.order_id, "cancel-other")
    assert await _figures(house) == (5000, 0)
    await orders.undo_status(head, placed.order_id)
    assert await _figures(house) == (5000, 2000)


async def test_goods_handed_over_leave_the_warehouse_and_come_back_with_a_return(
    house: TestHouse,
) -> None:
    await stocked(house, 5000)
    key = house.shop_key()
    await orders.place(key, draft(lines=_line(2000)))
    which = OrderSelector(external_id="1044", shop="main")
    await orders.edit(key, which, OrderChange(status="complete"))
    assert await _figures(house) == (3000, 0)
    await orders.edit(key, which, OrderChange(status="goods-returned"))
    assert await _figures(house) == (5000, 0)


async def test_free_stock_never_goes_below_zero_by_our_own_act(house: TestHouse) -> None:
    await stocked(house, 5000)
    key = house.shop_key()
    answers = [
        orders.place(key, draft(str(at), lines=_line(2000), phone=f"+7912000{at:04}"))
        for at in range(4)
    ]
    assert all(answer.created for answer in await asyncio.gather(*answers))
    assert await _figures(house) == (5000, 4000)
    held = await house.rows("SELECT COUNT(*) FROM order_line WHERE reserved_at IS NOT NULL")
    assert held == [(2,)]


async def test_an_edit_lets_go_and_sets_aside_anew(house: TestHouse) -> None:
    await stocked(house, 5000)
    key = house.shop_key()
    await orders.place(key, draft(lines=_line(2000)))
    which = OrderSelector(external_id="1044", shop="main")
    await orders.edit(key, which, OrderChange(lines=_line(4500)))
    assert await _figures(house) == (5000, 4500)
    await orders.edit(key, which, OrderChange(lines=_line(9000)))
    assert await _figures(house) == (5000, 0)
    await orders.edit(key, which, OrderChange(lines=_line(1000)))
    assert await _figures(house) == (5000, 1000)
    await orders.edit(key, which, OrderChange(lines=()))
    assert await _figures(house) == (5000, 0)


async def test_every_movement_has_its_cause_and_they_add_up_to_the_stock(
    house: TestHouse,
) -> None:
    await stocked(house, 5000)
    placed = await orders.place(house.shop_key(), draft(lines=_line(2000)))
    await orders.set_status(house.actor_for("head"), placed.order_id, "cancel-other")
    rows = await house.rows(
        "SELECT cause, on_hand_milli, reserved_milli FROM stock_movement ORDER BY id"
    )
    assert rows == [("upload", 5000, 0), ("order", 0, 2000), ("order", 0, -2000)]
    causes = await house.rows("SELECT cause_id FROM stock_movement WHERE cause = 'order'")
    assert causes == [(placed.order_id,), (placed.order_id,)]


async def test_a_vendors_negative_figure_is_kept_and_shown(house: TestHouse) -> None:
    await stocked(house, -3000)
    page = await products.list_inventories(house.shop_key(), products.GoodsFilter())
    assert page.variants[0].stock[0].on_hand_milli == -3000
    assert page.variants[0].prices == {"base": 120_000}


async def test_an_upload_names_what_nobody_knows_and_takes_the_rest(house: TestHouse) -> None:
    await stocked(house, 5000)
    figures = [
        products.StockFigures(
            variant=products.VariantRef(external_id=external_id), stores={"main": 7000}
        )
        for external_id in ("nope", "L-1")
    ]
    uploaded = await products.upload_stock(house.shop_key(), "main", figures)
    assert (uploaded.processed, uploaded.not_found) == (1, (0,))
    assert await _figures(house) == (7000, 0)


async def test_a_product_made_to_be_checked_is_taken_over_by_the_catalogue(
    house: TestHouse,
) -> None:
    await orders.place(house.shop_key(), draft(lines=_line(1000)))
    await stocked(house, 5000)
    page = await products.list_page(house.shop_key(), products.GoodsFilter())
    assert [(one.external_id, one.to_check) for one in page.products] == [("P-1", False)]
    assert (await house.rows("SELECT COUNT(*) FROM variant")) == [(1,)]


async def test_prices_keep_their_history(house: TestHouse) -> None:
    await stocked(house, 0)
    house.clock.pass_(hours=1)
    figures = [
        products.PriceFigures(
            variant=products.VariantRef(external_id="L-1"), prices={"base": 99_000}
        )
    ]
    for _ in range(2):
        await products.upload_prices(house.shop_key(), "main", figures)
    assert await house.rows("SELECT amount FROM price ORDER BY since") == [(120_000,), (99_000,)]
