"""«Сверка оплат» by keys alone: a receipt of money is given to its order, and taken off again."""

import re

from playwright.async_api import expect

from tests.browser.conftest import Served
from tests.integration.money.files import document, statement
from tests.integration.papers.scene import order


async def test_money_finds_its_order_by_keys_alone(served: Served) -> None:
    placed = await order(served.house.house, "by-keys")
    file = statement([document("7", "2740.00", f"За заказ {placed.number}", payer="Сухова А.")])
    page = await served.page("accountant", "/")
    await page.keyboard.press("g")
    await page.keyboard.press("b")
    await page.wait_for_url("**/money/bank")
    sent = {"name": "kl_to_1c.txt", "mimeType": "text/plain", "buffer": file}
    await page.locator("#file").set_input_files(sent)  # type: ignore[arg-type]
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url(re.compile(r"/money/bank/\d+"))
    await page.locator("html[data-ready] .table-receipts").wait_for()
    await page.keyboard.press("j")
    await expect(page.locator("[data-rows] > [data-cursor]")).to_have_count(1)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/money/bank/receipts/**")
    await page.locator("html[data-ready] .choose .btn-main").wait_for()
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url("**/money/bank?done=**")
    await page.locator("html[data-ready] .toast").wait_for()
    await page.keyboard.press("Control+z")
    await page.wait_for_url("**/money/bank/receipts/**")
    await expect(page.locator(".choose li")).to_have_count(1)
    assert served.problems == []
