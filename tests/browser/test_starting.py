"""What a page asks a plugin that is being started comes by itself, and what is typed stays."""

from dataclasses import replace

import msgspec
import pytest
from playwright.async_api import expect

from appliance.plugin_api.parcels import Offer, Offers
from appliance.plugin_host.questions import Heard
from tests.browser.conftest import Served
from tests.hint_desk import Desk, hinting
from tests.integration.web.test_carriers import Side
from tests.integration.web.test_order_form import PERSON, placed, typed

LATE = Offers(
    offers=(Offer(tariff="1", name="Пункт", gives="door", cost=99_00, days_min=9, days_max=9),)
)
BUSY = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added"


async def test_hints_of_a_plugin_that_starts_come_without_another_key(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    hinting(monkeypatch)
    desk, asked = Desk(), list[str]()
    real = desk.ask_all

    async def at_first_starting(name: str, wanted: msgspec.Struct) -> list[Heard]:
        asked.append(name)
        if len(asked) == 1:
            return [Heard(plugin="hints_dadata", refusal="plugin_starting")]
        return await real(name, wanted)

    monkeypatch.setattr(desk, "ask_all", at_first_starting)
    served.house.app.state["site"] = replace(served.house.app.state.site, desk=desk)
    page = await served.page("head", "/clients/new?kind=company")
    await page.locator("#inn").fill("7736207543")
    await page.locator("#inn-hint-starting").wait_for()
    await page.keyboard.press("ArrowDown")  # there is nothing to take yet
    await page.locator("#inn-hint-1").wait_for()
    await expect(page.locator("#inn-hint-starting")).to_have_count(0)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("#ogrn")).to_have_value("1027700229193")


async def test_a_carrier_that_starts_adds_its_price_and_the_choice_goes_on(served: Served) -> None:
    house, side = served.house, Side()
    side.refusal = "plugin_starting"
    house.app.state["site"] = replace(house.app.state.site, desk=side)
    address = {**PERSON, "address": "170000, г. Тверь, Садовая, 5"}
    head = await house.browser("head")
    number = await placed(head, typed(("", "Зонт", "2", "1000"), **address))
    page = await served.page("head", f"/orders/{number}")
    await page.keyboard.press("r")
    await page.locator("#carry-rows .carry-silent").wait_for()
    await expect(page.locator("#carry-rows")).to_contain_text("модуль запускается")
    await page.locator(".carry-offers input[value*='point']").check()
    await page.locator("#carry-points input").first.wait_for()
    await expect(page.locator(BUSY)).to_have_count(0)
    await page.locator("#point_text").fill("речн")
    await expect(page.locator("#carry-points input")).to_have_count(1)
    side.late = LATE
    await expect(page.locator(".carry-offers input")).to_have_count(3)
    await expect(page.locator("#carry-rows")).not_to_contain_text("запускается")
    await expect(page.locator(".carry-offers input:checked")).to_have_value("swift||136|point")
    await expect(page.locator("#point_text")).to_have_value("речн")
    await expect(page.locator("#point_text")).to_be_focused()
