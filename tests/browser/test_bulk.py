"""Many records changed at once with the keyboard alone: chosen, looked at, changed, taken back."""

import pytest
from playwright.async_api import Page, expect

from appliance.jobs.bulk import BulkEditor
from tests.browser.conftest import Served
from tests.web_house import ZONE


async def _ready(page: Page) -> None:
    await page.wait_for_selector("html[data-ready]")


@pytest.mark.checklist(165)
async def test_three_orders_get_a_manager_and_lose_him_again_by_keys(served: Served) -> None:
    page = await served.page("head", "/orders?all=1")
    before = await served.house.house.rows("SELECT COUNT(*) FROM change_entry")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await page.keyboard.press("Shift+ArrowDown")
    await page.keyboard.press("Shift+ArrowDown")
    await expect(page.locator("[data-mass-count]")).to_have_text("3")
    await page.keyboard.press("a")
    await expect(page.locator("#value")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    look = page.locator("#bulk-look")
    await expect(look.locator(".bulk-sum")).to_be_visible()
    counts = await look.locator("dd").all_inner_texts()
    assert sum(int(one) for one in counts[:3]) == 3
    assert before == await served.house.house.rows("SELECT COUNT(*) FROM change_entry")
    await page.keyboard.press("Control+Enter")
    toast = page.locator("[data-toast]")
    await expect(toast).to_contain_text(f"{counts[0]} заказ")
    await expect(page.locator("[data-mass]")).to_be_hidden()  # the list was read anew
    await expect(page.locator("dialog[open]")).to_have_count(0)
    await page.keyboard.press("Control+z")
    await expect(page.locator("[data-toast]")).to_contain_text("Изменение отменено")
    rows = await served.house.house.rows("SELECT state FROM undo_set ORDER BY at")
    assert rows[0] == ("undone",)


async def test_a_tag_is_put_on_the_client_under_the_cursor(served: Served) -> None:
    page = await served.page("head", "/clients?cols=phone,tags")
    await page.keyboard.press("j")
    number = await page.locator("[data-cursor] a.key").inner_text()
    await page.keyboard.press("l")
    await expect(page.locator("#value")).to_be_focused()
    await page.keyboard.type("выставка")
    await expect(page.locator("#bulk-look dd").first).to_have_text("1")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("[data-toast]")).to_contain_text("1 клиент")
    await expect(page.locator(f'[data-href="/clients/{number}"]')).to_contain_text("выставка")


async def test_all_clients_of_a_list_are_changed_in_the_background(served: Served) -> None:
    page = await served.page("head", "/clients")
    await page.keyboard.press("j")
    await page.keyboard.press("l")
    await expect(page.locator("#value")).to_be_focused()
    await page.keyboard.type("весна")
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowDown")  # «у всех по условиям списка»
    await expect(page.locator("#bulk-look")).to_contain_text("изменим в фоне")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#bulk-job")).to_contain_text("Меняем")
    await BulkEditor(served.house.house.system, ZONE).run()
    await expect(page.locator("#bulk-job")).to_contain_text("Готово")
    rows = await served.house.house.rows("SELECT COUNT(*) FROM tag WHERE name = 'весна'")
    assert rows == [(100,)]
