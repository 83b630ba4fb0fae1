"""The day's work by keyboard alone, in a real browser."""

import re

from playwright.async_api import expect

from appliance.domain import demo
from tests.browser.conftest import Served

PRESS_P = (
    "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', "
    "{key: 'п', code: 'KeyG', bubbles: true, cancelable: true}))"
)
"""Playwright has no Russian board to press."""


async def _numbers(served: Served, status: str) -> list[int]:
    rows = await served.house.house.rows(
        "SELECT number FROM orders WHERE status = {} ORDER BY number DESC", status
    )
    return [int(str(row[0])) for row in rows]


async def test_rows_are_walked_previewed_and_opened_without_a_mouse(served: Served) -> None:
    page = await served.page("head", "/orders")
    for key in ("j", "j", "k", "j"):
        await page.keyboard.press(key)
    await expect(page.locator("tr[data-cursor] .key")).to_have_text("199")
    await page.keyboard.press("Space")
    await expect(page.locator(".peek h2")).to_contain_text("199")
    await page.keyboard.press("j")
    await expect(page.locator(".peek h2")).to_contain_text("198")
    await page.keyboard.press("Escape")
    await expect(page.locator(".peek")).to_have_count(0)
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(r"/orders/198$"))
    await page.wait_for_selector("html[data-ready]")
    await page.keyboard.press("]")
    await expect(page).to_have_url(re.compile(r"/orders/197$"))


async def test_the_main_action_moves_an_order_and_ctrl_z_takes_it_back(served: Served) -> None:
    number = (await _numbers(served, "new"))[0]
    page = await served.page("head", f"/orders/{number}")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("[data-toast]")).to_contain_text("Подтверждён")
    await expect(page.locator(".st-btn")).to_contain_text("Подтверждён")
    await page.keyboard.press("Control+z")
    await expect(page.locator(".st-btn")).to_contain_text("Новый")


async def test_a_status_is_chosen_from_the_menu_by_arrows(served: Served) -> None:
    number = (await _numbers(served, "new"))[0]
    page = await served.page("head", f"/orders/{number}")
    await page.keyboard.press("s")
    await expect(page.locator("#moves button").first).to_be_focused()
    await page.keyboard.press("ArrowDown")
    chosen = await page.evaluate("document.activeElement.textContent")
    await page.keyboard.press("Enter")
    await expect(page.locator(".st-btn")).to_contain_text(chosen.strip())


async def test_all_new_orders_are_confirmed_with_a_few_keys(served: Served) -> None:
    page = await served.page("head", "/orders")
    await page.keyboard.press("f")
    await page.keyboard.type("статус:новый")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(r"status=new$"))
    await page.wait_for_selector("html[data-ready]")
    await page.keyboard.press("Control+a")
    await expect(page.locator("[data-mass]")).to_be_visible()
    await page.keyboard.press("s")
    await expect(page.locator("#mass-status button").first).to_be_focused()
    while "Подтверждён" not in await page.evaluate("document.activeElement.textContent"):
        await page.evaluate(PRESS_P)
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-toast]")).to_contain_text("Статус изменён")
    assert await _numbers(served, "new") == []
    await page.keyboard.press("Control+z")
    await expect(page.locator("tbody tr").first).to_be_visible()


async def test_a_text_that_was_searched_for_is_in_no_address(served: Served) -> None:
    page = await served.page("head", "/orders")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.keyboard.press("f")
    await page.keyboard.type("иванов")
    await page.keyboard.press("Enter")
    await expect(page.locator(".chip")).to_contain_text("иванов")
    assert page.url.endswith("/orders")
    assert not [url for url in asked if "%D0" in url or "иванов" in url]


async def test_the_palette_finds_a_client_and_s_reveals_the_phone(served: Served) -> None:
    person = next(iter(demo.people(7, 1, served.house.house.clock())))
    page = await served.page("head", "/")
    await page.keyboard.press("Control+k")
    await page.keyboard.type((person.last_name or person.company)[:5])
    await expect(page.locator("#palette [role=option][data-href]").first).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(r"/clients/\d+$"))
    await page.wait_for_selector("html[data-ready]")
    await page.keyboard.press("s")
    await expect(page.locator(".contact[data-open]")).to_contain_text("+7")
    await expect(page.locator(".contact[data-open]")).not_to_contain_text("•")


async def test_somebody_who_was_faster_is_told_of_in_a_window(served: Served) -> None:
    number = (await _numbers(served, "new"))[0]
    page = await served.page("head", f"/orders/{number}")
    other = await served.house.browser("head")
    await other.post(f"/orders/{number}/status", {"status": "clarify"})
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#conflict")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#conflict")).to_have_count(0)


async def test_help_opens_by_its_key_and_letters_work_in_the_russian_layout(served: Served) -> None:
    page = await served.page("head", "/orders")
    await page.keyboard.press("?")
    await expect(page.locator("#help")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#help")).to_be_hidden()
    # «о» on a Russian board is the place of J.
    await page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', "
        "{key: 'о', code: 'KeyJ', bubbles: true, cancelable: true}))"
    )
    await expect(page.locator("tr[data-cursor]")).to_have_count(1)
