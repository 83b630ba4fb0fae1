"""Orders by the keyboard alone: written with a new product, changed in a talk, paid."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Served


async def _written(served: Served) -> Page:
    """A new order of a new person for a product that nobody had, up to its saving."""
    page = await served.page("head", "/orders/new")
    await expect(page.locator("#who")).to_be_focused()
    await page.keyboard.type("Ёлкина")
    await page.locator("#who-person").wait_for()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(page.locator("#last_name")).to_be_focused()
    await page.keyboard.press("Control+;")
    await page.keyboard.press("p")
    await expect(page.locator("#find")).to_be_focused()
    await page.keyboard.type("Самовар дорожный небывалый")
    await page.locator("#find-new").wait_for()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(page.locator("input[name=price]")).to_be_focused()
    async with page.expect_response("**/orders/new/draft"):
        await page.keyboard.type("4500")
    return page


@pytest.mark.checklist(120)
async def test_an_order_with_a_product_made_in_place_is_written_by_keys_and_survives_a_reload(
    served: Served,
) -> None:
    page = await _written(served)
    page.on("dialog", lambda dialog: dialog.accept())
    await page.goto(f"{served.base}/orders/new")
    await page.wait_for_selector("html[data-ready]")
    await expect(page.get_by_text("восстановлен")).to_be_visible()
    await expect(page.locator("input[name=price]")).to_have_value("4500")
    await expect(page.locator("#last_name")).to_have_value("Ёлкина")
    await page.keyboard.press("Control+Enter")
    await expect(page).to_have_url(re.compile(r"/orders/\d+$"))
    await expect(page.get_by_text("Самовар дорожный небывалый").first).to_be_visible()
    rows = await served.house.house.rows("SELECT 1 FROM form_draft")
    assert rows == []


@pytest.mark.checklist(113)
@pytest.mark.checklist(40)
async def test_goods_are_added_and_counted_in_a_talk_and_the_order_is_paid_by_m(
    served: Served,
) -> None:
    page = await _written(served)
    await page.keyboard.press("Control+Enter")
    await expect(page).to_have_url(re.compile(r"/orders/\d+$"))
    await page.wait_for_selector("html[data-ready]")
    await page.keyboard.press("p")
    await expect(page.locator("#find")).to_be_focused()
    await page.keyboard.type("чайник")
    await page.locator("#find-list [role=option]").first.wait_for()
    await page.keyboard.press("Enter")
    await expect(page.locator("input[name=quantity]")).to_have_count(2)
    quantity = page.locator("input[name=quantity]").first
    await quantity.focus()
    async with page.expect_response("**/line"):
        await page.keyboard.press("Control+A")
        await page.keyboard.type("3")
        await page.keyboard.press("Tab")
    await expect(page.get_by_text("13\u00a0500,00").first).to_be_visible()
    await page.locator("main").focus()
    await page.keyboard.press("m")
    await expect(page.locator("#w-pay[open]")).to_be_visible()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".money .t-ok").first).to_be_visible()
    paid = await served.house.house.rows(
        "SELECT total - paid_total FROM orders ORDER BY number DESC LIMIT 1"
    )
    assert paid == [(0,)]


@pytest.mark.checklist(40)
async def test_the_last_order_is_repeated_from_the_client_card_by_r(served: Served) -> None:
    house = served.house.house
    rows = await house.rows(
        "SELECT c.number, o.number FROM customer c JOIN orders o ON o.customer_id = c.id "
        "ORDER BY o.number DESC LIMIT 1"
    )
    client, last = rows[0]
    page = await served.page("head", f"/clients/{client}")
    await page.keyboard.press("r")
    await page.wait_for_url(f"**/orders/new?repeat={last}")
    await page.wait_for_selector("html[data-ready]")
    await page.keyboard.press("Control+Enter")
    await expect(page).to_have_url(re.compile(r"/orders/\d+$"))


async def test_e_moves_the_order_under_the_cursor_on_and_ctrl_z_takes_it_back(
    served: Served,
) -> None:
    page = await served.page("head", "/orders?status=new")
    await page.keyboard.press("j")
    row = page.locator("[data-cursor]")
    number = (await row.get_attribute("data-href") or "").partition("?")[0].rpartition("/")[2]
    sql = "SELECT status FROM orders WHERE number = {}"
    before = await served.house.house.rows(sql, int(number))
    async with page.expect_response(f"**/orders/{number}/next"):
        await page.keyboard.press("e")
    await expect(page.locator(f'[data-href^="/orders/{number}?"]')).to_have_count(0)
    assert await served.house.house.rows(sql, int(number)) != before
    await page.locator(".toast").first.wait_for()
    await page.keyboard.press("Control+z")
    await expect(page.locator(f'[data-href^="/orders/{number}?"]')).to_have_count(1)
    assert await served.house.house.rows(sql, int(number)) == before
