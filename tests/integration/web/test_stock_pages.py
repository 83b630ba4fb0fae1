"""The catalogue and the documents of stock through the staff door."""

import re
from dataclasses import replace

import pytest

from appliance.actions import orders
from appliance.domain.orders import LineDraft
from tests.integration.goods.scene import stocked, variant
from tests.integration.orders.drafts import draft
from tests.web_house import HOST, WebHouse, links


async def test_the_catalogue_shows_goods_and_hides_what_they_cost_from_sellers(
    world: WebHouse,
) -> None:
    head, seller = await world.browser("head"), await world.browser("seller")
    page = await head.get("/catalog")
    assert len(set(links(page, r'class="key cut" href="/catalog/(\d+)"'))) == 50
    assert "Закупка" in page.text
    page = await seller.get("/catalog")
    assert "Закупка" not in page.text
    assert (await seller.get("/catalog/new")).status_code == 200
    assert (
        await seller.post("/catalog/new", {"name": "Ваза", "v0-number": "0"})
    ).status_code == 403
    page = await head.get("/catalog?q=KRB-00007&low=0")
    assert "8" in links(page, r'class="key cut" href="/catalog/(\d+)"')
    card = await head.get("/catalog/1")
    assert "Загрузка остатков" in card.text


async def test_a_product_is_added_by_its_form_and_mistakes_stand_at_their_fields(
    world: WebHouse,
) -> None:
    head = await world.browser("head")
    typed = {"name": "", "v0-number": "0", "v0-sku": "N-1", "v0-price-base": "1,2,3"}
    page = await head.post("/catalog/new", typed, htmx=False)
    assert page.status_code == 422
    assert page.text.count('aria-invalid="true"') == 2
    assert 'value="1,2,3"' in page.text
    typed |= {"name": "Ваза «Иней»", "v0-price-base": "1 200,50", "v0-barcodes": "11 22"}
    page = await head.post("/catalog/new", typed, htmx=False)
    assert page.status_code == 303
    card = await head.get(page.headers["location"])
    assert re.search(r"1\s200,50", card.text)
    assert "11, 22" in card.text


async def test_a_stocktaking_goes_by_scanner_through_the_page(world: WebHouse) -> None:
    keeper = await world.browser("storekeeper")
    begun = await keeper.post("/stock/new", {"kind": "count", "warehouse": "main"}, htmx=False)
    place = begun.headers["location"]
    for _ in range(2):
        page = await keeper.post(f"{place}/scan", {"code": "KRB-00003"})
    assert ": 2" in page.text  # pyright: ignore[reportPossiblyUnboundVariable]
    page = await keeper.post(f"{place}/scan", {"code": "нет такого"})
    assert 'data-tone="bad"' in page.text
    page = await keeper.post(f"{place}/post")
    assert "проведён" in page.text
    assert (await keeper.get("/stock")).status_code == 200
    page = await keeper.post(f"{place}/undo")
    assert "отменён" in page.text
    refused = await keeper.post("/stock/new", {"kind": "move", "warehouse": "main"}, htmx=False)
    assert refused.status_code == 422


async def test_a_feed_is_opened_on_its_page_and_its_address_is_shown_once(world: WebHouse) -> None:
    head = await world.browser("head")
    page = await head.post("/catalog/feeds", {"shop": "main", "price_type": "base"}, htmx=False)
    addresses = links(page, r"(/feeds/[\w-]+/catalog\.xml)")
    assert len(addresses) == 1
    later = await head.get("/catalog/feeds")
    assert links(later, r"(/feeds/[\w-]+/catalog\.xml)") == []
    assert "Основной магазин" in later.text
    assert (await (await world.browser("seller")).get("/catalog/feeds")).status_code == 403


@pytest.mark.checklist(15)
async def test_an_order_goes_over_the_board_to_the_courier_and_back_a_step(world: WebHouse) -> None:
    keeper, courier = await world.browser("storekeeper"), await world.browser("courier")
    await stocked(world.house, variant())
    line = LineDraft(offer_external_id="L-1", quantity_milli=2000, price=120_000)
    order = draft(lines=(line,), status="send-to-assembling")
    number = (await orders.place(world.house.shop_key(), order)).number
    page = await keeper.get("/ship")
    assert page.text.count('<section class="ship-step">') == 5
    page = await keeper.post("/ship/scan", {"code": str(number)})
    line = links(page, rf"/ship/{number}/lines/([\w-]+)/plus")[0]
    page = await keeper.post(f"/ship/{number}/lines/{line}/missing", {})
    assert "нет на полке" in page.text
    assert f"/ship/{number}/lines/{line}/found" in page.headers["hx-trigger"]
    page = await keeper.post(f"/ship/{number}/lines/{line}/plus", {})
    assert f"/ship/{number}/lines/{line}/minus" in page.headers["hx-trigger"]
    for step in ("whole", "pack", "hand"):
        page = await keeper.post(f"/ship/{number}/{step}", {"courier": "9"})
        assert f"/ship/{number}/back" in page.headers["hx-trigger"]
    shown = await courier.get("/courier")
    assert f'data-run="{number}"' in shown.text
    assert "worker-src 'self'" in shown.headers["content-security-policy"]
    assert (await keeper.get("/courier")).status_code == 403
    refused = await courier.post("/courier/marks", {"id": "no", "order": str(number), "kind": "x"})
    assert "refused" in refused.json()
    assert (await keeper.post(f"/ship/{number}/back")).headers["hx-refresh"] == "true"
    assert f'data-run="{number}"' not in (await courier.get("/courier")).text
    worker = await courier.get("/courier/worker.js")
    assert worker.headers["service-worker-allowed"] == "/courier"
    shell = await courier.get("/courier/shell")
    assert courier.csrf not in shell.text
    assert "Илья" not in shell.text


async def test_a_feed_names_the_outer_door_whatever_a_request_calls_the_box(
    world: WebHouse,
) -> None:
    site = world.app.state["site"]
    world.app.state["site"] = replace(site, outside="https://shop.example")
    head = await world.browser("head")
    page = await head.post("/catalog/feeds", {"shop": "main", "price_type": "base"}, htmx=False)
    assert len(links(page, r"(https://shop\.example/feeds/[\w-]+/catalog\.xml)")) == 1
    assert f"{HOST}/feeds" not in page.text
