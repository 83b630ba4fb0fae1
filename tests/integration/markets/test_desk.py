"""Marketplaces on pages: the block of an order's card, deeds, matching, buffers, who may what."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from appliance.actions import market_desk, shops
from appliance.domain.ids import uuid7
from appliance.errors import Conflict, Denied, Invalid, NotFound
from tests.integration.markets.market import core, goods, posting, stock_of
from tests.web_house import WebHouse, open_web_house


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[WebHouse]:
    async with open_web_house(tmp_path, clients=1, orders=1) as opened:
        yield opened


@pytest.mark.checklist(50)
async def test_a_posting_is_worked_from_its_card_and_refused_when_it_moved_on(
    web: WebHouse,
) -> None:
    house, box = web.house, core()
    await box.markets.open("main", "ozon", "Магазин на Ткацкой")
    one = posting("1001-1", "A-1", actions=("pack", "cancel", "codes"))
    await box.markets.put("main", [one, posting("1001-2", "B-2")])
    ((order, ident),) = await house.rows(
        "SELECT order_number, id FROM posting WHERE posting = {}", "1001-1"
    )
    head = await web.browser("head")
    shown = (await head.get(f"/orders/{order}")).text
    assert "1001-1" in shown and "1001-2" in shown and "awaiting_packaging" in shown
    answer = await head.post(f"/orders/{order}/posting/pack", {})
    assert answer.status_code == 200
    mine = await box.markets.posting(ident)  # type: ignore[arg-type]
    assert (mine.wish, mine.data) == ("pack", {})
    await box.markets.done(ident, "pack", "codes_missing")  # type: ignore[arg-type]
    assert "коды маркировки" in (await head.get(f"/orders/{order}")).text

    sent = await head.post(
        f"/orders/{order}/posting/cancel", {"reason": "352", "message": "Нет на складе"}
    )
    assert sent.status_code == 200
    mine = await box.markets.posting(ident)  # type: ignore[arg-type]
    assert (mine.wish, mine.data["reason"]) == ("cancel", "352")
    await box.markets.done(ident, "cancel", "reason_unknown")  # type: ignore[arg-type]

    actor = house.actor_for("head")
    number = int(str(order))
    with pytest.raises(Invalid, match="posting_reason_missing"):
        await market_desk.wish(actor, number, "cancel")
    with pytest.raises(Conflict):
        await market_desk.wish(actor, number, "label")
    with pytest.raises(NotFound):
        await market_desk.wish(actor, 1, "pack")
    with pytest.raises(Denied):
        await market_desk.wish(house.actor_for("accountant"), number, "pack")

    # Wildberries hands a whole supply over: it is asked about, in its own words.
    there = core("marketplace_wildberries")
    await there.markets.open("main", "wildberries")
    await there.markets.put("main", [posting("13833001", "A-1", actions=("act", "label"))])
    ((order,),) = await house.rows(
        "SELECT order_number FROM posting WHERE posting = {}", "13833001"
    )
    shown = (await head.get(f"/orders/{order}")).text
    assert 'data-dialog="w-posting-act"' in shown and "Передать поставку" in shown
    assert (await head.post(f"/orders/{order}/posting/act", {})).status_code == 200


async def test_an_offer_is_matched_by_hand_and_its_orders_and_stock_follow(
    web: WebHouse,
) -> None:
    house, box = web.house, core()
    await goods(**{"OUR-1": 5})
    await box.markets.open("main", "ozon")
    await box.markets.put("main", [posting("1001-1", "THEIRS-1")])
    store = await web.browser("storekeeper")
    page = (await store.get("/catalog/markets")).text
    assert "THEIRS-1" in page
    ((offer,),) = await house.rows("SELECT id FROM market_offer")
    ((variant,),) = await house.rows("SELECT number FROM variant WHERE sku = {}", "OUR-1")
    answer = await store.post(f"/catalog/markets/offers/{offer}/match", {"variant": str(variant)})
    assert answer.status_code == 200 and "THEIRS-1" not in answer.text
    assert await stock_of(house, "OUR-1") == (5000, 1000)
    (due,) = await box.markets.stock_due("main")
    assert (due.article, due.quantity) == ("THEIRS-1", 4)
    answer = await store.post(f"/catalog/markets/offers/{offer}/buffer?view=all", {"buffer": "3"})
    assert answer.status_code == 200
    (due,) = await box.markets.stock_due("main")
    assert due.quantity == 1
    bad = await store.post(f"/catalog/markets/offers/{offer}/buffer?view=all", {"buffer": "много"})
    assert bad.status_code == 422
    ((account,),) = await house.rows("SELECT number FROM market_account")
    given = {"warehouse": "", "price_type": "base", "buffer": "0", "sends_stock": "0"}
    assert (await store.post(f"/catalog/markets/{account}/set-up", given)).status_code == 200
    assert await box.markets.stock_due("main") == ()
    seller = await web.browser("seller")
    assert (await seller.get("/catalog/markets")).status_code == 403
    with pytest.raises(NotFound, match="market_offer_unknown"):
        await market_desk.match(house.actor_for("head"), uuid7(), 1)


async def test_codes_are_kept_by_piece_and_none_twice(web: WebHouse) -> None:
    house, box = web.house, core()
    await box.markets.open("main", "ozon")
    one = posting("1001-1", "A-1", actions=("codes", "pack"))
    line = one.lines[0]
    one = replace(one, lines=(replace(line, requires=("mark",), quantity=2),))
    await box.markets.put("main", [one])
    ((order, ident),) = await house.rows("SELECT order_number, id FROM posting")
    actor, number = house.actor_for("head"), int(str(order))
    for bad in (("1", "1"), ("1", "2", "3"), ("x" * 300,)):
        with pytest.raises(Invalid, match="posting_codes"):
            await market_desk.put_codes(actor, number, {0: bad})
    head = await web.browser("head")
    sent = await head.post(f"/orders/{order}/posting/codes", {"codes-0": "010461\r\n010462\r\n"})
    assert sent.status_code == 200
    mine = await box.markets.posting(ident)  # type: ignore[arg-type]
    assert (mine.wish, mine.lines[0].codes) == ("codes", ("mark:010461", "mark:010462"))
    # Two pieces go into two boxes, never into none, three or "many"; what was wished before stays.
    assert 'name="boxes"' in (await head.get(f"/orders/{order}")).text
    for bad in ("0", "3", "много", "-1", "99999"):
        await head.post(f"/orders/{order}/posting/pack", {"boxes": bad})
        assert (await box.markets.posting(ident)).wish == "codes"  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="posting_boxes_wrong"):
        await market_desk.wish(actor, number, "pack", boxes=3)
    await head.post(f"/orders/{order}/posting/pack", {"boxes": "2"})
    mine = await box.markets.posting(ident)  # type: ignore[arg-type]
    assert (mine.wish, mine.data) == ("pack", {"boxes": "2"})


async def test_a_marketplaces_shop_is_no_shop_that_waits_for_a_key(web: WebHouse) -> None:
    await core().markets.open("main", "ozon", "Магазин на Ткацкой")
    admin = web.house.actor_for("administrator")
    assert any(one.shop.code == "ozon-1" for one in await shops.list_all(admin))
    assert all(one.shop.code != "ozon-1" for one in await shops.list_all(admin, own=True))
    shown = (await (await web.browser("administrator")).get("/admin/integrations")).text
    assert "/shops/main" in shown and "/shops/ozon-1" not in shown
