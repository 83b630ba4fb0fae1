"""Documents of a base that keeps the books: each becomes ours once, and what people did stays."""

from typing import Any
from uuid import UUID

import pytest

from appliance.actions import orders, payments, products, shipments
from appliance.domain.orders import PaymentDraft
from appliance.domain.shipments import ShipmentDraft
from appliance.plugin_api.bookkeeping import Entered, GoneLine, GoodsSaid, MoneySaid
from appliance.plugin_api.core import Core, Refused
from appliance.plugin_api.goods import OfferIn
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import LAMP, draft
from tests.integration.orders.test_shipments import LAMPS, stock
from tests.integration.plugins.asking import plugin


def base() -> Core:
    return plugin("books", permissions=("orders.edit", "orders.ship", "goods.write"))


async def scene(house: TestHouse) -> tuple[UUID, int]:
    """An order of two lamps for 2 700 roubles with its delivery; five lamps are there."""
    await products.upload(house.shop_key(), [LAMPS])
    placed = await orders.place(house.shop_key(), draft(lines=(LAMP,)))
    return placed.order_id, placed.number


async def card(house: TestHouse, order_id: UUID) -> Any:
    return await orders.open_card(house.system, order_id)


@pytest.mark.checklist(55)
async def test_money_of_the_books_is_entered_once_changed_and_given_back(house: TestHouse) -> None:
    own, number = await scene(house)
    books = base().books
    first = MoneySaid(order_id=own, key="p1", amount=100_000, at=house.clock())
    assert (await books.money(first)).outcome == "made"
    assert (await books.money(first)).outcome == "same"
    more = MoneySaid(order_id=own, key="p1", amount=120_000)
    assert (await books.money(more)).outcome == "changed"
    assert (await card(house, own)).paid_total == 120_000

    paid = await payments.receive(house.system, number, PaymentDraft(amount=50_000))
    ours = MoneySaid(order_id=own, key="p2", amount=50_000)
    assert await books.money(ours) == Entered(outcome="bound", number=paid.number)
    back = await books.money(MoneySaid(order_id=own, key="p2", withdrawn=True))
    assert (back.outcome, back.code) == ("disputed", "book_money_ours")
    assert (await card(house, own)).paid_total == 170_000

    assert (await books.money(MoneySaid(order_id=own, key="rest"))).outcome == "made"
    assert (await card(house, own)).paid_total == (await card(house, own)).total
    gone = MoneySaid(order_id=own, key="p1", withdrawn=True)
    assert (await books.money(gone)).outcome == "withdrawn"
    assert (await books.money(gone)).outcome == "same"
    refund = MoneySaid(order_id=own, key="r1", amount=-100_000)
    assert [(await books.money(refund)).outcome for _ in range(2)] == ["made", "same"]
    view = await card(house, own)
    assert view.total - view.paid_total == 120_000 + 100_000

    other = await orders.place(house.shop_key(), draft("1045", lines=(LAMP,)))
    with pytest.raises(Refused, match="book_key_taken"):
        await books.money(MoneySaid(order_id=other.order_id, key="rest"))


async def test_goods_of_the_books_leave_the_stock_once(house: TestHouse) -> None:
    own, _ = await scene(house)
    (line,) = (await card(house, own)).lines
    books = base().books
    assert await stock(house) == (5000, 2000)

    def gone(milli: int, **more: Any) -> GoodsSaid:
        lines = (GoneLine(number=line.id, quantity_milli=milli),)
        return GoodsSaid(order_id=own, key="s1", lines=lines, **more)

    assert [(await books.goods(gone(2000))).outcome for _ in range(2)] == ["made", "same"]
    assert await stock(house) == (3000, 0)
    assert (await books.goods(gone(1000))).outcome == "changed"
    assert await stock(house) == (4000, 1000)
    assert (await books.goods(gone(0, withdrawn=True))).outcome == "withdrawn"
    assert await stock(house) == (5000, 2000)

    # The base shipped, counted its stock anew, and told of the shipment last.
    went = house.clock()
    house.clock.pass_(minutes=5)
    await products.upload(house.shop_key(), [LAMPS])
    box = plugin("books", permissions=("goods.write",))

    await box.offers_put(
        [OfferIn(external_id="L-1", good="L-1", shop="main", stock={"main": 3000})]
    )
    assert await stock(house) == (3000, 2000)
    assert (await books.goods(gone(2000, at=went))).outcome == "made"
    assert await stock(house) == (3000, 0)
    assert (await card(house, own)).shipped


async def test_goods_that_people_sent_off_are_not_sent_again(house: TestHouse) -> None:
    own, number = await scene(house)
    sent = await shipments.create(house.system, number, ShipmentDraft(), send=True)
    books = base().books
    assert await books.goods(GoodsSaid(order_id=own, key="s1")) == Entered(
        outcome="bound", number=sent
    )
    assert await stock(house) == (3000, 0)
    back = await books.goods(GoodsSaid(order_id=own, key="s1", withdrawn=True))
    assert (back.outcome, back.code) == ("disputed", "book_goods_ours")

    other = await orders.place(house.shop_key(), draft("1045", lines=(LAMP,)))
    await orders.set_status(house.system, other.order_id, "cancel-other")
    with pytest.raises(Refused, match="order_closed"):
        await books.goods(GoodsSaid(order_id=other.order_id, key="s2"))
