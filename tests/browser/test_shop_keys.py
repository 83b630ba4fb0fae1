"""A shop connected with the keyboard alone: from the list to the report."""

import pytest
from playwright.async_api import Page, expect

from appliance.actions import api_keys, shops
from appliance.domain.access import Origin
from tests.browser.conftest import Served


async def _on(page: Page, step: str) -> None:
    await expect(page.locator(".tabs [aria-current=page]")).to_have_text(step)
    await page.wait_for_selector("html[data-ready]")


@pytest.mark.checklist(100)
async def test_a_shop_is_connected_by_keys_and_its_first_call_shows_by_itself(
    served: Served,
) -> None:
    page = await served.page("administrator", "/shops")
    await page.wait_for_selector("html[data-ready]")
    await page.keyboard.press("n")
    await page.wait_for_selector("[name=cms]")
    await page.wait_for_selector("html[data-ready]")
    await page.focus("[name=cms]")
    await page.keyboard.type("Presta")
    for text in ("Лампы", "lamps", "https://lamps.example"):
        await page.keyboard.press("Tab")
        await page.keyboard.type(text)
    await page.keyboard.press("Control+Enter")
    await _on(page, "Адрес и ключ")
    await expect(page.locator("#main")).to_contain_text("/retailcrm.ru")
    admin = served.house.house.actor_for("administrator")._replace(step_up=True)
    key = await shops.make_key(admin, "lamps")  # the factor asked for has a test of its own
    await page.reload()
    await _on(page, "Проверка связи")
    await expect(page.locator("#main")).to_contain_text("Сохраните настройки модуля")
    assert await api_keys.actor_of(key.reveal(), Origin.OUTER) is not None
    await expect(page.locator("#main")).to_contain_text("адрес и ключ верны")
    await page.keyboard.press("Control+Enter")
    await _on(page, "Каталог")
    await expect(page.locator("#yml_url")).to_have_value("https://lamps.example/simla.xml")
    await page.keyboard.press("Control+Enter")
    await _on(page, "Заказы")
    await page.keyboard.press("Control+Enter")
    await _on(page, "Первый импорт")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("h1")).to_have_text("Чтение каталога")
    await expect(page.locator("#main")).to_contain_text("ждёт очереди")
