"""Parcels are handed over with a scanner and keys alone: scanned, one put back, given, undone."""

from dataclasses import replace
from typing import Any

import pytest
from playwright.async_api import expect

from appliance.actions import parcels
from appliance.plugin_api.parcels import Report
from tests.browser.conftest import Served
from tests.integration.orders.carried import DOOR, known
from tests.integration.web.test_handing import HOME, Handing


async def _waiting(served: Served, most: int) -> list[int]:
    """Have the carrier know parcels of so many orders; their numbers, the track is `T-number`."""
    house = served.house.house
    core = await known(house)
    rows = await house.rows("SELECT number FROM orders WHERE shipped = {} LIMIT {}", False, most)
    numbers: list[Any] = [row[0] for row in rows]
    for number in numbers:
        parcel = await parcels.choose(house.actor_for("head"), number, DOOR, ask=True)
        (row,) = await house.rows("SELECT id FROM parcel WHERE number = {}", parcel)
        known_id: Any = row[0]
        await core.parcels.report(
            Report(id=known_id, done="book", state="registered", track=f"T-{number}")
        )
    return numbers


@pytest.mark.checklist(115)
async def test_parcels_are_scanned_given_and_taken_back_by_keys_alone(served: Served) -> None:
    side: Any = Handing()
    served.house.app.state["site"] = replace(served.house.app.state.site, desk=side)
    first, second, third = await _waiting(served, 3)
    page = await served.page("storekeeper", HOME)
    said, laid = page.locator(".scan-said"), page.locator("tr[data-laid]")
    field = page.locator(".scan [name=code]:focus")
    for code, words, count in (
        (f"T-{first}", f"Заказ № {first}: посылка в передаче", 1),
        (f"T-{first}", f"Заказ № {first}: посылка уже в передаче", 1),
        ("4600000000000", "Посылки с таким кодом нет", 1),
        (f"T-{second}", f"Заказ № {second}: посылка в передаче", 2),
    ):
        await field.wait_for()  # ready for the scanner again, whatever it said
        await page.keyboard.type(code)
        await page.keyboard.press("Enter")
        await expect(said).to_contain_text(words)
        await expect(laid).to_have_count(count)

    await field.wait_for()
    await page.keyboard.press("Control+;")
    await page.keyboard.press("j")
    await expect(page.locator(f"tr[data-cursor][data-href='/orders/{first}']")).to_have_count(1)
    await page.keyboard.press("e")  # out of what is handed over
    await expect(said).to_contain_text(f"Заказ № {first}: посылка убрана из передачи")
    await expect(laid).to_have_count(1)

    await field.wait_for()
    await page.keyboard.press("Control+Enter")  # also from the scanner's field
    await expect(said).to_contain_text("Сдана 1 посылка")
    rows = page.locator("#loads tr[data-href]")
    await expect(rows).to_have_count(2)
    await expect(page.locator(f"tr[data-href='/orders/{third}']")).to_have_count(1)
    await field.wait_for()
    await page.keyboard.press("Control+;")
    await page.keyboard.press("Control+z")
    await expect(rows).to_have_count(3)
    await expect(laid).to_have_count(1)
