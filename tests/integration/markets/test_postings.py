"""Postings of a marketplace: each is one order, however often and in whatever order it is told."""

from datetime import timedelta

import pytest

from appliance.actions import duplicates, shop_orders
from appliance.domain.customers import CustomerDraft
from appliance.domain.ids import uuid7
from appliance.domain.orders import LineDraft, OrderContact, OrderDraft
from appliance.domain.personal import Personal
from appliance.errors import Invalid
from appliance.plugin_api.core import Refused
from appliance.plugin_api.postings import MarketOfferIn, PostingLine, StockSent
from appliance.storage.statements import execute
from tests.house_fixture import START, TestHouse
from tests.integration.duplicates.pairs import anna
from tests.integration.markets.market import core, goods, posting, status_of, stock_of

LATER = START + timedelta(minutes=5)


@pytest.mark.checklist(50)
async def test_a_posting_is_one_order_however_often_it_is_told(house: TestHouse) -> None:
    await goods(**{"A-1": 5})
    box = core()
    with pytest.raises(Refused, match="market_account_unknown"):
        await box.markets.put("main", [posting()])
    made = await box.markets.open("main", "ozon", "Магазин на Ткацкой")
    assert (await box.markets.open("main", "ozon")).shop == made.shop
    one = posting()
    assert (await box.markets.put("main", [one, one])).fates == ("created", "same")
    assert (await box.markets.put("main", [one])).fates == ("same",)
    rows = await house.rows(
        "SELECT o.shop, o.shown_number, o.total, c.external_id, c.state FROM orders o "
        "JOIN customer c ON c.id = o.customer_id"
    )
    assert rows == [(made.shop, "1001-1", 50_000, "market:marketplace_ozon:main", "live")]
    assert await stock_of(house, "A-1") == (5000, 1000)

    packed = posting(state="packed", at=LATER, raw_status="awaiting_deliver", track="PVZ-1")
    assert (await box.markets.put("main", [packed])).fates == ("changed",)
    assert await status_of(house, "1001-1") == "assembling-complete"
    # A page asked for earlier came later; then the marketplace says a word nobody knows.
    assert (await box.markets.put("main", [one])).fates == ("stale",)
    odd = posting(state="unknown", at=LATER + timedelta(1), raw_status="weighing")
    assert (await box.markets.put("main", [odd])).fates == ("changed",)
    shown = await house.rows("SELECT state, raw_status, track FROM posting")
    assert shown == [("packed", "weighing", "")]
    # Back to packing: the posting says so, the order does not go back.
    back = posting(at=LATER + timedelta(2))
    await box.markets.put("main", [back])
    assert await status_of(house, "1001-1") == "assembling-complete"
    for state, status in (("delivered", "complete"), ("returned", "goods-returned")):
        later = LATER + timedelta(3 if state == "delivered" else 4)
        await box.markets.put("main", [posting(state=state, at=later, raw_status=state)])
        assert await status_of(house, "1001-1") == status
    assert await box.markets.open_ids("main") == ()
    late = posting(state="returning", at=LATER + timedelta(9), raw_status="cancelled")
    await box.markets.put("main", [late])
    assert await house.rows("SELECT state, raw_status FROM posting") == [("returned", "cancelled")]
    ((client,),) = await house.rows("SELECT number FROM customer")
    other = (await anna(house)).number
    with pytest.raises(Invalid, match="merge_of_market"):
        await duplicates.merge(house.actor_for("head"), other, int(str(client)))


@pytest.mark.checklist(50)
async def test_an_unknown_article_is_taken_and_its_orders_follow_once_it_is_matched(
    house: TestHouse,
) -> None:
    box = core()
    await box.markets.open("main", "ozon")
    await box.markets.put("main", [posting("1001-1", "A-1"), posting("1002-1", "A-1")])
    assert await house.rows("SELECT COUNT(*) FROM product") == [(0,)]
    assert await house.rows("SELECT unmatched FROM posting") == [(1,), (1,)]
    assert await box.markets.stock_due("main") == ()

    await goods(**{"A-1": 1})
    assert await box.markets.offers_put("main", [MarketOfferIn(article="A-1", name="Товар")]) == 0
    assert await stock_of(house, "A-1") == (1000, 1000)
    rows = await house.rows("SELECT unmatched, short FROM posting ORDER BY posting")
    assert [row[0] for row in rows] == [0, 0]
    assert sorted(bool(row[1]) for row in rows) == [False, True]
    assert await house.rows("SELECT COUNT(*) FROM task") == [(1,)]

    # Sizes of one card have one article there: a barcode says which is which, unless two have it.
    await goods(**{"B-S": 1, "B-M": 1})

    async def barcodes() -> None:
        for sku, code in (("B-S", "2000001"), ("B-M", "2000002"), ("A-1", "2000002")):
            await execute("UPDATE variant SET barcode = {} WHERE sku = {}", code, sku)

    await house.write(barcodes)
    told = [MarketOfferIn(article=f"CARD-{n}", barcode=f"200000{n}") for n in (1, 2)]
    assert await box.markets.offers_put("main", told) == 1
    assert await house.rows(
        "SELECT o.article, v.sku FROM market_offer o JOIN variant v ON v.id = o.variant_id "
        "WHERE o.article <> 'A-1'"
    ) == [("CARD-1", "B-S")]


@pytest.mark.checklist(10)
@pytest.mark.checklist(50)
async def test_one_piece_is_sold_once_by_three_marketplaces_and_the_shop(house: TestHouse) -> None:
    await goods(**{"A-1": 1})
    boxes = [core(f"marketplace_{one}") for one in ("ozon", "wildberries", "yandex")]
    for box, market in zip(boxes, ("ozon", "wildberries", "yandex"), strict=True):
        await box.markets.open("main", market)
        assert [one.quantity for one in await box.markets.stock_due("main")] == []
    for place, box in enumerate(boxes):
        await box.markets.put("main", [posting(f"200{place}-1", "A-1")])
    shop = OrderDraft(
        shop="main", external_id="77", customer=CustomerDraft(shop="main"),
        contact=Personal(OrderContact(first_name="Пётр", phone="+79161234567")),
        lines=(LineDraft(sku="A-1", price=50_000),),
    )  # fmt: skip
    await shop_orders.accept(house.shop_key(), shop)
    assert await stock_of(house, "A-1") == (1000, 1000)
    held = await house.rows("SELECT COUNT(*) FROM order_line WHERE reserved_at IS NOT NULL")
    assert held == [(1,)]
    assert await house.rows("SELECT COUNT(*) FROM posting WHERE short = {}", True) == [(2,)]
    assert await house.rows("SELECT COUNT(*) FROM task") == [(3,)]
    for box in boxes:
        (due,) = await box.markets.stock_due("main")
        assert due.quantity == 0


@pytest.mark.checklist(10)
@pytest.mark.checklist(11)
async def test_figures_wait_once_are_read_when_they_go_and_stay_due_if_they_changed(
    house: TestHouse,
) -> None:
    await goods(**{"A-1": 5, "B-2": 3})
    box = core()
    await box.markets.open("main", "ozon")
    await box.markets.offers_put(
        "main", [MarketOfferIn(article=one, ids={"sku": one}) for one in ("A-1", "B-2", "C-3")]
    )
    due = {one.article: one for one in await box.markets.stock_due("main")}
    assert {name: one.quantity for name, one in due.items()} == {"A-1": 5, "B-2": 3}
    await goods(**{"A-1": 4})
    await goods(**{"A-1": 2})
    await box.markets.stock_sent(
        "main",
        [
            StockSent(article="A-1", quantity=5, mark=due["A-1"].mark),
            StockSent(
                article="B-2", quantity=3, mark=due["B-2"].mark, code="refused", again_after=60
            ),
        ],
    )  # fmt: skip
    (again,) = await box.markets.stock_due("main")
    assert (again.article, again.quantity, again.ids) == ("A-1", 2, {"sku": "A-1"})
    house.clock.pass_(seconds=61)
    assert {one.article for one in await box.markets.stock_due("main")} == {"A-1", "B-2"}
    await goods(**{"A-1": -4})
    sent = await box.markets.stock_due("main")
    assert [one.quantity for one in sent if one.article == "A-1"] == [0]
    await box.markets.stock_sent(
        "main", [StockSent(article=x.article, quantity=x.quantity, mark=x.mark) for x in sent]
    )
    assert await box.markets.stock_due("main") == ()


@pytest.mark.checklist(50)
async def test_a_split_posting_shares_its_goods_with_its_children(house: TestHouse) -> None:
    await goods(**{"A-1": 3})
    box = core()
    await box.markets.open("main", "ozon")

    def part(number: str, pieces: int, **other: object):  # type: ignore[no-untyped-def]
        line = PostingLine(article="A-1", vendor_id="1", name="Товар", quantity=pieces, price=100)
        return posting(number, group="1001", lines=(line,), **other)

    await box.markets.put("main", [part("1001-1", 3)])
    assert await stock_of(house, "A-1") == (3000, 3000)
    await box.markets.put("main", [part("1001-2", 1, parent="1001-1"), part("1001-1", 2, at=LATER)])
    assert await stock_of(house, "A-1") == (3000, 3000)
    rows = await house.rows("SELECT posting, parent, short FROM posting ORDER BY posting")
    assert [(row[0], row[1], bool(row[2])) for row in rows] == [
        ("1001-1", "", False), ("1001-2", "1001-1", False),
    ]  # fmt: skip


async def test_a_plugin_reaches_its_own_postings_only(house: TestHouse) -> None:
    box = core()
    await box.markets.open("main", "ozon")
    await box.markets.put("main", [posting()])
    ((row,),) = await house.rows("SELECT id FROM posting")
    with pytest.raises(Refused, match="posting_unknown"):
        await core("marketplace_yandex").markets.posting(row)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="posting_unknown"):
        await box.markets.posting(uuid7())
    mine = await box.markets.posting(row)  # type: ignore[arg-type]
    assert (mine.posting, mine.lines[0].vendor_id, mine.wish) == ("1001-1", "sku-A-1", "")
