"""Two colleagues at one record: each sees what the other did, and nobody loses what he types."""

import asyncio

from playwright.async_api import Route, expect

from appliance.actions import catalogue, desk
from tests.browser.conftest import Served
from tests.integration.goods.scene import PNG


async def _newest(served: Served, status: str) -> int:
    rows = await served.house.house.rows(
        "SELECT number FROM orders WHERE status = {} ORDER BY number DESC LIMIT 1", status
    )
    return int(str(rows[0][0]))


async def test_a_card_shows_what_a_colleague_did_without_a_reload(served: Served) -> None:
    number = await _newest(served, "new")
    page = await served.page("head", f"/orders/{number}")
    other = await served.page("storekeeper", f"/orders/{number}")
    await expect(page.locator("[data-presence] .ava")).to_have_attribute("title", "Глеб Кладовщик")
    await expect(other.locator("[data-presence] .ava")).to_have_count(1)
    await other.keyboard.press("Control+Enter")
    await expect(page.locator(".st-btn")).to_contain_text("Подтверждён")
    await other.close()
    await expect(page.locator("[data-presence] .ava")).to_have_count(0)


async def test_what_a_colleague_does_before_the_stream_is_open_is_not_missed(
    served: Served,
) -> None:
    number = await _newest(served, "new")
    page = await served.page("head", "/orders")
    held = asyncio.Event()

    async def late(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await page.route("**/live?*", late)
    await page.goto(f"{served.base}/orders/{number}")
    await page.wait_for_selector("html[data-ready]")
    head = served.house.house.actor_for("head")
    await desk.move(head, number, "client-confirmed", None)
    held.set()
    await expect(page.locator(".st-btn")).to_contain_text("Подтверждён")


async def test_a_list_follows_and_keeps_the_cursor_and_what_is_typed(served: Served) -> None:
    number = await _newest(served, "new")
    page = await served.page("head", "/orders")
    row = page.locator(f'tr[data-href^="/orders/{number}"]')
    for _ in range(3):
        await page.keyboard.press("j")
    cursor = await page.locator("tr[data-cursor] .key").inner_text()
    head = served.house.house.actor_for("head")
    await desk.move(head, number, "client-confirmed", None)
    await expect(row).to_contain_text("Подтверждён")
    await expect(page.locator("tr[data-cursor] .key")).to_have_text(cursor)

    await page.keyboard.press("f")
    await page.keyboard.type("статус:нов")
    await desk.move(head, number, "wait-payment", None)
    await expect(page.locator("[data-live-show]")).to_be_visible()
    await expect(page.locator(".filter input[name=q]")).to_have_value("статус:нов")
    await expect(row).to_contain_text("Подтверждён")
    await page.locator(".filter input[name=q]").fill("")
    await page.locator("[data-live-show]").click()
    await expect(row).to_contain_text("Ждёт оплаты")


async def test_a_products_card_shows_who_is_there_and_follows_his_change(served: Served) -> None:
    number = int(str((await served.house.house.rows("SELECT MAX(number) FROM product"))[0][0]))
    page = await served.page("head", f"/catalog/{number}")
    await served.page("storekeeper", f"/catalog/{number}")
    await expect(page.locator("[data-presence] .ava")).to_have_attribute("title", "Глеб Кладовщик")
    head = served.house.house.actor_for("head")
    await catalogue.add_picture(head, number, PNG)
    await expect(page.locator(".shot img")).to_have_count(1)
