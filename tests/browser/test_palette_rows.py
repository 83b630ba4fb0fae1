"""The palette by keys alone: commands of two steps, making a record, the book, both layouts."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Served


@pytest.mark.checklist(165)
async def test_a_call_back_is_set_in_two_steps_from_any_page(served: Served) -> None:
    page = await served.page("seller", "/clients")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("gthtpdj")  # «перезво» in the wrong layout
    await expect(page.locator("#palette [aria-selected=true]")).to_contain_text("Перезвонить")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-palette-step]")).to_contain_text("Перезвонить")
    await page.keyboard.type("завтра в 14")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-toast]")).to_contain_text("14:00")
    rows = await served.house.house.rows("SELECT kind, state FROM task")
    assert rows == [("call", "open")]


async def test_a_menu_of_the_screen_gives_its_items_as_the_second_step(served: Served) -> None:
    rows = await served.house.house.rows("SELECT number FROM orders WHERE status = 'new' LIMIT 1")
    page = await served.page("head", f"/orders/{rows[0][0]}")
    await page.keyboard.press("Control+k")
    await page.keyboard.type(">статус")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-palette-step]")).to_be_visible()
    count = await page.locator("#palette [role=option]").count()
    assert count > 1
    await page.keyboard.press("Backspace")
    await expect(page.locator("[data-palette-step]")).to_be_hidden()


async def test_plus_makes_a_record_and_a_question_mark_opens_the_book(served: Served) -> None:
    page = await served.page("head", "/orders?all=1")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("+клиен")
    await expect(page.locator("#palette [role=option]")).to_have_count(1)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/clients/new")
    await page.wait_for_selector("html[data-ready]")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("?заказ")
    await page.locator("#palette [data-href^='/help/']").first.wait_for()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(r"/help/head#"))


async def test_a_row_has_its_menu_its_task_and_its_tab_by_keys(served: Served) -> None:
    page = await served.page("head", "/clients?all=1")
    await page.keyboard.press("j")
    number = await page.locator("[data-cursor] a.key").inner_text()
    await page.keyboard.press(".")
    await expect(page.locator("[data-palette-step]")).to_contain_text(number)
    await page.keyboard.type("метку")
    await page.keyboard.press("Enter")
    await expect(page.locator("#bulk[open] #value")).to_be_focused()
    await page.keyboard.press("Escape")
    await page.keyboard.press("t")
    await page.locator("#task-form[open]").wait_for()
    await expect(page.locator("#task-form input[name=customer]")).to_have_value(number)
    await page.keyboard.press("Escape")
    await expect(page.locator("#windows")).to_have_count(1)
    async with page.context.expect_page() as opened:
        await page.keyboard.press("Shift+Enter")
    aside = await opened.value
    await aside.wait_for_selector("html[data-ready]")
    assert aside.url.endswith(f"/clients/{number}")
    await page.keyboard.press("g")
    await page.keyboard.press("z")
    await page.wait_for_url("**/tasks")
    await page.wait_for_selector("html[data-ready]")
    await page.keyboard.press("v")
    await page.keyboard.press("c")
    await page.wait_for_url("**/tasks/calendar**")


async def test_the_call_card_leads_to_a_note_by_two_keys(served: Served) -> None:
    page = await served.page("seller", "/clients?all=1")
    rows = await served.house.house.rows(
        "SELECT number FROM customer WHERE owner_id = {} LIMIT 1",
        served.house.house.users["seller"],
    )
    await page.goto(f"{served.base}/clients/{rows[0][0]}?note=1")
    await page.wait_for_selector("html[data-ready]")
    await expect(page.locator("#compose-text")).to_be_focused()
