"""A courier at the door without a network: what he marks arrives once when it is back."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Served
from tests.integration.goods.test_courier import on_the_way, standing

KEPT_IN_CACHES = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const answer = await cache.match(request);
      const type = answer.headers.get("content-type") ?? "";
      found.push([request.url, type.startsWith("font") ? "" : await answer.text()]);
    }
  }
  return found;
}"""
NAMES_SOMEBODY = ("Анна", "Сухова", "Садовая", "000-12-34", "0001234", "Позвоните", "Илья")


async def _phone(served: Served, number: int) -> Page:
    page = await served.page("courier", "/courier")
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.evaluate("() => navigator.serviceWorker.ready.then(() => 1)")
    await expect(page.locator(f'[data-run="{number}"]')).to_contain_text("Садовая, 1")
    return page


async def _deliver(page: Page, number: int) -> None:
    run = page.locator(f'[data-run="{number}"]')
    await run.locator("summary", has_text="Вручено").click()
    await expect(run.locator("[name=amount]")).to_have_value("2700")
    await run.get_by_role("button", name="Наличными").click()


async def _marks(served: Served) -> list[Any]:
    return await served.house.house.rows("SELECT kind FROM courier_mark")


@pytest.mark.checklist(20)
async def test_a_mark_made_without_a_network_arrives_once(served: Served) -> None:
    house = served.house.house
    number = await on_the_way(house)
    page = await _phone(served, number)
    await page.context.set_offline(True)
    await _deliver(page, number)
    await expect(page.locator("[data-run-queue]")).to_have_text("В очереди: 1")
    kept = await page.evaluate("() => JSON.stringify(localStorage)")
    assert str(number) in kept
    assert not [word for word in NAMES_SOMEBODY if word in kept]
    assert await _marks(served) == []
    await page.context.set_offline(False)
    await expect(page.locator(".runs-done")).to_contain_text("Вручён")
    await expect(page.locator("[data-run-queue]")).to_be_hidden()
    assert await _marks(served) == [("cash",)]
    assert await standing(house, number) == ("complete", 270_000, True)


async def test_an_answer_that_got_lost_is_asked_for_again_and_nothing_happens_twice(
    served: Served,
) -> None:
    house = served.house.house
    number = await on_the_way(house)
    page = await _phone(served, number)
    lost = asyncio.Event()

    async def lose(route: Any) -> None:
        await route.fetch()  # the box takes it, the phone does not hear of it
        await route.abort()
        lost.set()

    await page.route("**/courier/marks", lose)
    await _deliver(page, number)
    await expect(page.locator("[data-run-queue]")).to_have_text("В очереди: 1")
    await asyncio.wait_for(lost.wait(), 10)
    assert await _marks(served) == [("cash",)]
    await page.unroute("**/courier/marks")
    await page.evaluate("() => dispatchEvent(new Event('online'))")
    await expect(page.locator(".runs-done")).to_contain_text("Вручён")
    assert await _marks(served) == [("cash",)]
    assert await standing(house, number) == ("complete", 270_000, True)


async def test_the_page_opens_without_a_network_and_names_nobody(served: Served) -> None:
    house = served.house.house
    number = await on_the_way(house)
    page = await _phone(served, number)
    for address, text in await page.evaluate(KEPT_IN_CACHES):
        assert not [word for word in NAMES_SOMEBODY if word in text], address
    await page.context.set_offline(True)
    await page.reload()
    await page.wait_for_selector("html[data-ready]")
    run = page.locator(f'[data-run="{number}"]')
    await expect(run).to_contain_text("2 700")
    await expect(page.locator("body")).not_to_contain_text("Садовая")
    await run.locator("summary", has_text="Отказ").click()
    await run.get_by_label("Никого нет дома").check()
    await run.get_by_role("button", name="Отметить отказ").click()
    await expect(run).to_contain_text("В очереди: отказ")
    await page.context.set_offline(False)
    await expect(page.locator(".runs-done")).to_contain_text("Никого нет дома")
    assert await _marks(served) == [("refused",)]
    assert await standing(house, number) == ("delivering", 0, False)
