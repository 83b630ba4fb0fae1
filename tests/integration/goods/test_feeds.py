"""What a shop reads of goods, and what the storekeeper is told."""

import tracemalloc
import xml.etree.ElementTree as ET
import zlib
from pathlib import Path

import httpx
import pytest

from appliance.actions import catalogue, goods_feeds, orders, roles_admin, stock_documents, vat
from appliance.api import feeds
from appliance.domain import demo
from appliance.domain.access import Origin
from appliance.domain.catalogue import VatRate
from appliance.domain.grants import Grant, Scope
from appliance.domain.orders import LineDraft
from appliance.domain.stockroom import DocumentDraft, DocumentKind
from appliance.errors import Denied
from appliance.http.app import Parts, make_app
from appliance.storage import demo_goods
from appliance.storage.tx import Tx
from tests.house_fixture import TestHouse
from tests.integration.goods.scene import PNG, stocked, variant
from tests.integration.orders.drafts import draft
from tests.web_house import open_web_house


async def _opened(house: TestHouse) -> tuple[httpx.AsyncClient, str]:
    """The outer door with nothing but feeds, and the address of one."""
    app = make_app("outer", Parts(handlers=feeds.HANDLERS, is_sealed=lambda: False))
    made = await goods_feeds.open_feed(house.actor_for("head"), "main", "base", hides_out=True)
    transport = httpx.ASGITransport(app=app, client=("203.0.113.7", 5000))
    client = httpx.AsyncClient(transport=transport, base_url="https://box.example")
    return client, f"/feeds/{made.key.reveal()}"


async def _offers(client: httpx.AsyncClient, address: str) -> list[ET.Element]:
    answer = await client.get(address)
    assert answer.status_code == 200
    return list(ET.fromstring(answer.content).iter("offer"))  # noqa: S314  our own feed


async def _sell(house: TestHouse, external_id: str, milli: int) -> None:
    line = LineDraft(offer_external_id="L-1", quantity_milli=milli, price=120_000)
    await orders.place(house.shop_key(), draft(external_id, lines=(line,)))


@pytest.mark.checklist(10)
async def test_one_sold_of_three_leaves_two_in_the_shops_feed_and_on_the_card(
    house: TestHouse,
) -> None:
    number = await stocked(house, variant(stock={"main": 3000}))
    client, place = await _opened(house)
    first = await _offers(client, f"{place}/catalog.xml")
    assert [one.get("quantity") for one in first] == ["3"]
    await _sell(house, "1", 1000)
    again = await _offers(client, f"{place}/catalog.xml")
    assert [one.get("quantity") for one in again] == ["2"]
    card = await catalogue.card(house.actor_for("seller"), number)
    assert card.product.variants[0].free_milli == 2000


@pytest.mark.checklist(11)
async def test_what_is_sold_out_leaves_the_shop_and_comes_back_by_itself(
    house: TestHouse,
) -> None:
    await stocked(house, variant(stock={"main": 1000}))
    client, place = await _opened(house)
    assert len(await _offers(client, f"{place}/yml.xml")) == 1
    await _sell(house, "1", 1000)
    assert await _offers(client, f"{place}/yml.xml") == []
    gone = (await _offers(client, f"{place}/catalog.xml"))[0]
    assert (gone.get("quantity"), gone.findtext("productActivity")) == ("0", "N")
    keeper = house.actor_for("storekeeper")
    receipt = await stock_documents.create(
        keeper, DocumentDraft(kind=DocumentKind.RECEIPT, warehouse="main")
    )
    await stock_documents.scan(keeper, receipt, "L-1")
    await stock_documents.post(keeper, receipt)
    back = (await _offers(client, f"{place}/yml.xml"))[0]
    assert (back.get("available"), back.findtext("count")) == ("true", "1")


@pytest.mark.checklist(12)
async def test_a_price_changed_here_is_in_the_next_feed_without_what_goods_cost(
    house: TestHouse,
) -> None:
    await stocked(house, variant(name="Лампа <b>&", prices={"base": 150_050}))
    client, place = await _opened(house)
    offer = (await _offers(client, f"{place}/catalog.xml"))[0]
    assert offer.findtext("price") == "1500.50"
    assert offer.findtext("name") == "Лампа <b>&"
    text = (await client.get(f"{place}/catalog.xml")).text
    assert ">700" not in text
    assert "purchase" not in text.lower()


async def test_a_feed_answers_to_its_key_only_until_it_is_closed(house: TestHouse) -> None:
    number = await stocked(house)
    picture = await catalogue.add_picture(house.actor_for("head"), number, PNG)
    client, place = await _opened(house)
    assert (await client.get("/feeds/guess/catalog.xml")).status_code == 404
    shown = await client.get(f"{place}/pictures/{picture}")
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")
    assert (await client.get(f"{place}/pictures/../x")).status_code == 404
    assert (await client.get(f"{place}/pictures/x")).status_code == 404
    feed = (await goods_feeds.list_all(house.actor_for("head")))[0]
    await goods_feeds.close(house.actor_for("head"), feed.number)
    assert (await client.get(f"{place}/catalog.xml")).status_code == 404
    assert (await client.get(f"{place}/pictures/{picture}")).status_code == 404
    with pytest.raises(Denied):
        await goods_feeds.list_all(house.actor_for("seller"))


async def test_the_storekeeper_is_told_once_when_goods_run_low(house: TestHouse) -> None:
    await roles_admin.seed_presets(house.system)
    await stocked(house)

    async def told() -> list[tuple[object, ...]]:
        return await house.rows("SELECT user_id FROM notice WHERE kind = 'stock.low'")

    from appliance.storage.statements import execute  # noqa: PLC0415  past the gate, for the scene

    async def threshold() -> None:
        await execute("UPDATE variant SET low_milli = 3000")

    await house.write(threshold)
    await _sell(house, "1", 1000)
    assert await told() == []
    await _sell(house, "2", 1000)
    await _sell(house, "3", 1000)
    assert await told() == [(house.users["storekeeper"],)]


YML_ORDER = [
    "url", "price", "currencyId", "categoryId", "picture", "name", "vendor", "vendorCode",
    "barcode", "count",
]  # fmt: skip


async def test_a_feed_is_what_its_format_says_whatever_stands_in_names(house: TestHouse) -> None:
    odd = "Лампа \x0b«Ёлочка» & <свет>"
    await stocked(
        house,
        variant(name=odd, vat_rate="general"),
        variant("L-2", name="Лампа без цены", prices={}, barcode="2"),
        variant("L-3", name="Даром", prices={"base": 0}, barcode="3"),
        group="",
    )
    client, place = await _opened(house)
    yml = ET.fromstring((await client.get(f"{place}/yml.xml")).content)  # noqa: S314  our own feed
    groups = {one.get("id") for one in yml.iter("category")}
    (offer,) = yml.iter("offer")  # without a price, or for nothing, Yandex takes none
    assert offer.findtext("name") == "Лампа «Ёлочка» & <свет>"
    assert offer.findtext("categoryId") in groups
    assert offer.findtext("price") == "1200.00"
    names = [part.tag for part in offer]
    assert names == [one for one in YML_ORDER if one in names]
    assert [one.get("id") for one in yml.iter("currency")] == ["RUB"]
    address = f"{place}/catalog.xml"
    icml = {one.get("id"): one for one in await _offers(client, address)}
    assert sorted(icml) == ["L-1", "L-3"]
    assert icml["L-1"].findtext("vatRate") == "22"
    assert icml["L-1"].find("unit").attrib.keys() == {"code", "name", "sym"}  # type: ignore[union-attr]
    today = house.clock.now.date()
    dearer = VatRate(code="general", name="НДС общий", percent=2400, since=today)
    await vat.put(house.actor_for("head"), dearer, today)
    assert (await _offers(client, address))[0].findtext("vatRate") == "24"


OFFERS = 2_500


async def test_a_feed_of_thousands_is_given_in_pieces_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    async with open_web_house(tmp_path) as opened:
        await _read_in_pieces(opened.house)


async def _read_in_pieces(house: TestHouse) -> None:
    async def body() -> None:
        tx = Tx(house.system, Grant(Scope.ALL), house.vault, house.index, house.clock.now)
        await demo_goods.add_products(tx, demo.products(5, OFFERS))

    await house.database.write(body)
    made = await goods_feeds.open_feed(house.actor_for("head"), "main", "base", hides_out=False)
    key = made.key.reveal()
    base = "https://box.example/feeds"
    pieces = await goods_feeds.read(key, "icml", base, Origin.LAN)
    whole = sum(len(zlib.decompress(one)) for one in pieces)
    assert sum(len(one) for one in pieces) < whole / 4
    tracemalloc.start()
    try:
        again = await goods_feeds.read(key, "icml", base, Origin.LAN)
        assert sum(zlib.decompress(one).count(b"<offer ") for one in again) == OFFERS
        del again
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < whole * 3 / 4  # a run of 500 at a time, never all of them unpacked
    assert after < 200_000  # nothing is left behind
