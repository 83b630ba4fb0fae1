"""A connection that goes while somebody types, and comes back."""

from playwright.async_api import expect

from tests.browser.conftest import Served


async def test_what_was_typed_without_a_connection_is_kept_when_it_is_back(served: Served) -> None:
    page = await served.page("seller", "/orders/new")
    await expect(page.locator("#who")).to_be_focused()
    await page.context.set_offline(True)
    await page.fill("#remark", "Просил не звонить утром")
    await expect(page.locator("[data-offline]")).to_be_visible()
    async with page.expect_response(
        lambda answer: answer.url.endswith("/orders/new/draft") and answer.status == 204
    ):
        await page.context.set_offline(False)
    await expect(page.locator("[data-offline]")).to_be_hidden()
    again = await served.page("seller", "/orders/new")
    await expect(again.locator("#remark")).to_have_value("Просил не звонить утром")
