"""Two doubles merged and parted with the keyboard alone."""

import pytest

from appliance.jobs.doubles import look_for_doubles
from tests.browser.conftest import Served
from tests.integration.duplicates.pairs import anna, card, double


@pytest.mark.checklist(103)
async def test_two_doubles_become_one_with_a_field_from_each(served: Served) -> None:
    house = served.house.house
    one, other = await anna(house), await double(house)
    await look_for_doubles(house.system)
    page = await served.page("head", "/orders")
    await page.keyboard.press("g")
    await page.keyboard.press("m")
    await page.wait_for_url("**/data/duplicates")
    await page.wait_for_selector("html[data-ready]")
    for _ in range(20):
        await page.keyboard.press("j")
        row = page.locator("[data-rows] > [data-cursor]")
        if f"/{one.number}/{other.number}" in (await row.get_attribute("data-href") or ""):
            break
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/{one.number}/{other.number}")
    await page.wait_for_selector("html[data-ready]")
    chosen = 'input[name="first_name"]:checked'
    for _ in range(30):
        await page.keyboard.press("Tab")
        name = await page.evaluate("document.activeElement.getAttribute('name')")
        if name == "first_name":
            break
    await page.keyboard.press("ArrowRight")
    assert await page.locator(chosen).get_attribute("value") == "other"
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/data/duplicates?done=*")
    became = await card(house, one.number)
    assert became.first_name is not None and became.first_name.reveal() == "Аня"
    assert became.requisites is not None
    assert became.requisites.reveal().legal_name == "ИП Сухова"  # from the one that stayed

    await page.wait_for_selector("html[data-ready]")
    await page.keyboard.press("z")
    await page.wait_for_url("**/merges/*")
    await page.wait_for_selector("html[data-ready]")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url(f"**/clients/{other.number}")
    assert (await card(house, other.number)).state == "live"
