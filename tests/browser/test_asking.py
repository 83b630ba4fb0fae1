"""Asking for a client whom a colleague leads, with the keyboard alone."""

import pytest

from tests.browser.conftest import Served
from tests.integration.clients.forms import add, number_of


@pytest.mark.checklist(171)
async def test_a_client_of_another_is_asked_for_from_the_palette(served: Served) -> None:
    rival = await served.house.browser("rival")
    number = number_of(await add(rival))
    page = await served.page("seller", "/orders")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("+7 912 000-12-34")
    await page.wait_for_selector("#found-ask[aria-selected=true]")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#ask[open]")
    await page.keyboard.type("мой сосед")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_selector("#ask", state="detached")
    assert "мой сосед" in (await rival.get(f"/clients/{number}")).text
    assert not served.problems
