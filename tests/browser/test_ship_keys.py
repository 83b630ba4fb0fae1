"""The board of the warehouse by keys alone: an order is picked and packed, its label opens."""

import re

from playwright.async_api import expect

from tests.browser.conftest import Served


async def test_an_order_is_picked_and_packed_by_keys_alone(served: Served) -> None:
    page = await served.page("storekeeper", "/ship")
    await page.locator(".scan [name=code]:focus").wait_for()  # letters go into the scanner's field
    current = page.locator(".ship-card[data-current]")
    if await current.count() == 0:  # the newest world has none in hand yet
        number = await page.locator(".ship-card a.key").first.inner_text()
        await page.keyboard.type(number)
        await page.keyboard.press("Enter")
        await current.wait_for()
    number = (await current.locator("a.key").inner_text()).strip()
    await page.keyboard.press("Tab")
    await page.locator(".scan [name=code]:not(:focus)").wait_for()
    await page.keyboard.press("j")
    await expect(page.locator(".ship-card[data-cursor]")).to_have_count(1)
    await page.keyboard.press("+")
    await expect(page.locator(".scan-said")).to_have_attribute("data-tone", "ok")
    await page.locator(".scan [name=code]:focus").wait_for()  # ready for the scanner again
    await page.keyboard.press("Control+;")
    await page.keyboard.press("e")
    whole = f"Заказ № {number} собран целиком"
    await expect(page.locator(".scan-said")).to_contain_text(whole)
    card = page.locator(".ship-step").nth(1).locator(".ship-card").first
    await card.locator("a.key").focus()
    async with page.context.expect_page() as opened:
        await page.keyboard.press("b")
    label = await opened.value
    await label.wait_for_url(re.compile(r"/papers/\d+"))
