"""A text message by keys alone: its price follows what is typed, a wrong number says so."""

from dataclasses import replace
from typing import Any

from playwright.async_api import expect

from tests.browser.conftest import Served
from tests.integration.messages.scene import known
from tests.message_desk import MessageDesk


async def test_a_message_is_written_and_sent_by_keys_alone(served: Served) -> None:
    await known(served.house.house)
    app, desk = served.house.app, MessageDesk()
    host: Any = desk
    app.state["site"] = replace(app.state.site, desk=host)
    page = await served.page("head", "/orders?status=new")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/orders/*")
    await page.wait_for_selector("html[data-ready]")
    await page.keyboard.press("Shift+w")
    await page.locator("#sms[open]").wait_for()
    await expect(page.locator("#sms-cost")).to_contain_text("3,80")
    await expect(page.locator("#text:focus")).to_have_count(1)
    await page.keyboard.press("Control+a")
    await page.keyboard.type(
        "Курьер выехал, будет примерно через час. Приготовьте, пожалуйста, 12 016 ₽."
    )
    await expect(page.locator("#sms-cost")).to_contain_text("7,60")
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("End")  # «другой номер» is the last of them
    await page.locator("#other").wait_for()
    await page.keyboard.press("Tab")
    await page.keyboard.type("8 800 555-35-35")
    await page.keyboard.press("Control+Enter")
    await page.locator("#sms .err").wait_for()
    await expect(page.locator("#text")).to_have_value(
        "Курьер выехал, будет примерно через час. Приготовьте, пожалуйста, 12 016 ₽."
    )
    await page.locator("#other:focus").wait_for()  # where it is wrong
    await page.keyboard.press("Control+a")
    await page.keyboard.type("8 912 000-12-34")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#sms")).to_have_count(0)
    await expect(page.locator("#stream")).to_contain_text("Курьер выехал")
    await expect(page.locator("#stream")).to_contain_text("ждёт отправки")
