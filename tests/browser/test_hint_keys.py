"""Hints by keys alone: taken by an arrow and Enter, never instead of what was typed."""

from dataclasses import replace

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Served
from tests.hint_desk import Desk, hinting


async def test_a_hint_is_taken_by_an_arrow_and_fills_what_is_empty(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    hinting(monkeypatch)
    app = served.house.app
    app.state["site"] = replace(app.state.site, desk=Desk())
    page = await served.page("head", "/clients/new?kind=company")
    await page.locator("#kpp").fill("999900000")
    await page.locator("#inn").focus()
    await page.keyboard.type("7736207543")
    await page.locator("#inn-hint-2").wait_for()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("#legal_address")).to_have_value("170100, г Тверь, ул Луговая, д 5")
    await expect(page.locator("#ogrn")).to_have_value("1027700229193")
    await expect(page.locator("#kpp")).to_have_value("999900000")
    await expect(page.locator("#inn-hints")).to_be_hidden()

    await page.locator("#legal_address").fill("")
    await page.locator("#legal_address").focus()
    await page.keyboard.type("тверь луг")
    await page.locator("#legal_address-hint-1").wait_for()
    await page.keyboard.press("Escape")
    await expect(page.locator("#legal_address")).to_have_value("тверь луг")
    await expect(page.locator("#legal_address-hints")).to_be_hidden()
    assert served.problems == [] and served.foreign == []
