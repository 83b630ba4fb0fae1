"""A deal is carried over the board by the keyboard alone, in a real browser."""

from itertools import islice

from playwright.async_api import expect

from appliance.domain import demo_deals
from appliance.domain.grants import Grant, Scope
from appliance.storage import demo_deals as deals_fill
from appliance.storage.demo_rows import Article, Client
from appliance.storage.statements import fetch
from appliance.storage.tx import Tx
from tests.browser.conftest import Served
from tests.web_house import SYSTEM


async def _fill(served: Served) -> None:
    """Three deals of the seller's at the first stage."""
    house = served.house.house

    async def body() -> None:
        tx = Tx(SYSTEM, Grant(Scope.ALL), house.vault, house.index, house.clock())
        people = await fetch(
            "SELECT id, subject_id, owner_id FROM customer WHERE owner_id = {} ORDER BY number",
            house.users["seller"],
        )
        clients = [Client(*row, None) for row in people]  # pyright: ignore[reportArgumentType] (no names are needed)
        world = demo_deals.deals(7, 60, customers=len(clients), articles=1, now=house.clock())
        plain = (one._replace(lines=(), line=0) for one in world if not one.end and one.reach == 0)
        no_goods: list[Article] = []
        await deals_fill.add_deals(tx, list(islice(plain, 3)), clients, no_goods)

    await house.database.write(body)


async def test_a_card_is_moved_lost_and_taken_back_without_a_mouse(served: Served) -> None:
    await _fill(served)
    page = await served.page("seller", "/deals")
    await page.keyboard.press("ArrowRight")
    chosen = await page.locator(".bcard[data-cursor]").get_attribute("data-deal")
    await page.keyboard.press("Shift+ArrowRight")
    second = page.locator(".col").nth(1)
    await expect(second.locator(f'[data-deal="{chosen}"]')).to_be_visible()
    await expect(page.locator("[data-toast]")).to_contain_text("Предложение")
    await expect(page.locator(".bcard[data-cursor]")).to_have_attribute("data-deal", chosen or "")
    # The next stage asks for the amount: it is filled in there, and the card goes on.
    await page.keyboard.press("Shift+ArrowRight")
    await expect(page.locator("#gate [name=amount]")).to_be_focused()
    await page.keyboard.type("96 000")
    await page.keyboard.press("Control+Enter")
    third = page.locator(".col").nth(2)
    await expect(third.locator(f'[data-deal="{chosen}"]')).to_be_visible()
    await expect(third.locator(".col-h")).to_contain_text("96")
    # M and the letter П: the second and the third such stage are further presses.
    await expect(page.locator(".bcard[data-cursor]")).to_have_attribute("data-deal", chosen or "")
    await page.keyboard.press("m")
    await expect(page.locator("#move-menu button:focus")).to_be_visible()
    for _ in range(3):
        await page.keyboard.press("g")  # the place of «П» on a Russian board
        if "Проиграна" in await page.evaluate("document.activeElement.textContent"):
            break
    await page.keyboard.press("Enter")
    await expect(page.locator("#gate [name=reason]")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".end").last).to_contain_text("1")
    await page.keyboard.press("Control+z")
    await expect(third.locator(f'[data-deal="{chosen}"]')).to_be_visible()


async def test_board_and_table_are_one_key_apart(served: Served) -> None:
    await _fill(served)
    page = await served.page("seller", "/deals")
    await page.keyboard.press("v")
    await page.keyboard.press("t")
    await expect(page.locator(".table-deals tbody tr")).to_have_count(3)
    await page.wait_for_selector("html[data-ready]")
    await page.keyboard.press("v")
    await page.keyboard.press("b")
    await expect(page.locator(".bcard")).to_have_count(3)
