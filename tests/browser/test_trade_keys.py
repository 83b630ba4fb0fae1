"""Screens of trade by keys alone: links and receipts, marketplaces, carriers, integrations."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from appliance.actions import orders, payments
from appliance.domain.orders import PaymentDraft
from appliance.plugin_host.desk import Desk
from appliance.plugin_host.shelf import Shelf
from tests.browser.conftest import Served
from tests.integration.markets.market import core as marketplace
from tests.integration.markets.market import goods, posting
from tests.integration.money.test_link_pages import Host
from tests.integration.money.test_links import known as acquirer
from tests.integration.money.test_links import report
from tests.integration.orders.carried import known as carrier
from tests.integration.orders.drafts import draft
from tests.integration.papers.scene import entity, order
from tests.integration.plugins import test_integrations as services
from tests.integration.plugins.asking import plugin
from tests.integration.web.test_carriers import Side, begun

MOST_TABS = 90


async def tab_to(page: Page, wanted: str) -> None:
    """Tab until the focus is there, as somebody without a mouse gets about."""
    for _ in range(MOST_TABS):
        await page.keyboard.press("Tab")
        if await page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"no Tab leads to {wanted}")


def put_desk(served: Served, desk: object) -> None:
    """Have another host of plugins behind the pages."""
    app: Any = served.house.app
    app.state["site"] = replace(app.state["site"], desk=desk)


async def test_a_link_is_made_and_a_receipt_is_written_down_by_keys_alone(served: Served) -> None:
    house = served.house.house
    await entity(house)
    placed = await order(house, "by-keys")
    cash = await payments.receive(
        house.actor_for("accountant"), placed.number, PaymentDraft(type="cash", amount=74_000)
    )
    core = await acquirer(house)
    put_desk(served, Host())
    page = await served.page("accountant", f"/orders/{placed.number}")
    await page.keyboard.press("Shift+M")
    await page.locator("#pay-links[open] [name=amount]").wait_for()
    await page.keyboard.press("Control+Enter")
    await page.locator("#pay-links .pay-rows li").wait_for()
    ((made,),) = await house.rows("SELECT id FROM pay_attempt")
    link: Any = made
    await core.pays.report(
        report(link, done="create", state="pending", url="https://pay.example/1")
    )
    await page.keyboard.press("Escape")
    await expect(page.locator("#pay-links[open]")).to_have_count(0)
    await page.keyboard.press("Shift+M")
    await expect(page.locator("#pay-links [data-select]")).to_have_value("https://pay.example/1")
    await page.keyboard.press("Escape")

    page = await served.page("accountant", "/money/receipts")
    await tab_to(page, "[name=on]")
    await page.keyboard.press("Space")
    await page.keyboard.press("Control+Enter")
    await page.locator("html[data-ready] .table-bare").wait_for()
    await tab_to(page, f"[action='/money/receipts/{cash.number}'] [name=told]")
    await page.keyboard.type("ФД 1024")
    await page.keyboard.press("Enter")
    await expect(page.locator(f"[action='/money/receipts/{cash.number}']")).to_have_count(0)
    assert await house.rows("SELECT told FROM receipt") == [("ФД 1024",)]


async def test_an_offer_is_matched_and_a_posting_is_packed_by_keys_alone(served: Served) -> None:
    house, box = served.house.house, marketplace()
    await goods(**{"OUR-1": 5})
    await box.markets.open("main", "ozon", "Магазин на Ткацкой")
    await box.markets.put("main", [posting("1001-1", "THEIRS-1", actions=("pack", "cancel"))])
    ((number, ident),) = await house.rows("SELECT order_number, id FROM posting")
    page = await served.page("head", "/catalog/markets")
    await tab_to(page, "[role=combobox]")
    await page.keyboard.type("OUR-1")
    await page.locator("[role=option]").first.wait_for()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("#main")).not_to_contain_text("THEIRS-1")

    page = await served.page("head", f"/orders/{number}")
    await tab_to(page, "[hx-post$='/posting/pack'], [hx-post*='/posting/pack?']")
    await page.keyboard.press("Enter")
    await expect(page.locator("section:has(#h-market) .strip").first).to_be_visible()
    mine = await box.markets.posting(ident)  # type: ignore[arg-type]
    assert mine.wish == "pack"


async def test_a_carrier_is_asked_and_an_exchange_is_repeated_by_keys_alone(
    served: Served, tmp_path: Path
) -> None:
    web = served.house
    await carrier(web.house)
    put_desk(served, Side())
    _, number = await begun(web)
    page = await served.page("head", f"/orders/{number}")
    await page.keyboard.press("r")
    await page.locator("#carry[open] .carry-offers").wait_for()
    await tab_to(page, "[name=offer]")
    await page.keyboard.press("ArrowDown")  # the other tariff, up to the door
    await expect(page.locator("#carry-offer [name=pays]")).to_have_value("410")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#main")).to_contain_text("заявка у перевозчика")

    shelf = Shelf(tmp_path, web.house.system, lambda *_: False, ())
    desk = Desk(shelf, web.house.system, tmp_path / "spool")
    put_desk(served, desk)
    await services.connected(web)
    placed = await orders.place(web.house.shop_key(), draft())
    await services.given_up(web, placed.number)
    ((letter,), _) = await web.house.rows(
        "SELECT id FROM event_delivery WHERE subscriber = {} ORDER BY id",
        f"plugin:{services.NAME}",
    )
    core = plugin(services.NAME, permissions=("files.write",))
    core.delivery_id = letter  # type: ignore[assignment] - of the outbox
    line = await core.journal("booked", kind="order", number=placed.number)
    page = await served.page("administrator", "/admin/integrations")
    await tab_to(page, "[name=order]")
    await page.keyboard.type(str(placed.number))
    await page.keyboard.press("Enter")
    await page.locator("html[data-ready] .exchanges").wait_for()
    await tab_to(page, f"[action$='/journal/{line}/repeat'] button")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**done=again**")
    await page.locator("html[data-ready] .doc .strip[role=status]").wait_for()
    await tab_to(page, ".letters [action$='/drop'] button")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**done=drop**")
    await desk.close()
