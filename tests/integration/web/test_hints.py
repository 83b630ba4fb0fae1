"""Hints below a field: there where a plugin gives them, silent in trouble, never in the way."""

import html
import json
import re
from dataclasses import replace

import pytest

from appliance.plugin_host.questions import Heard
from plugins.hints_dadata.fake import Fake
from tests.hint_desk import Desk, hinting
from tests.web_house import Browser, WebHouse


@pytest.fixture
def service(door: WebHouse, monkeypatch: pytest.MonkeyPatch) -> Fake:
    fake = hinting(monkeypatch)
    door.app.state["site"] = replace(door.app.state.site, desk=Desk())
    return fake


async def fills(browser: Browser, path: str, **typed: str) -> list[dict[str, str]]:
    """What each option below the field would fill in."""
    answer = await browser.post(path, typed)
    assert answer.status_code == 200, answer.text[:300]
    return [json.loads(html.unescape(one)) for one in re.findall(r"data-fill='(.*?)'", answer.text)]


async def test_a_tax_number_fills_the_company_in(door: WebHouse, service: Fake):
    seller = await door.browser("seller")
    (main, branch) = await fills(seller, "/hints/party", inn="7736207543")
    assert main["legal_address"] == "170100, г Тверь, ул Луговая, д 5"
    assert (main["kpp"], branch["kpp"]) == ("770401001", "780543001")
    (person,) = await fills(seller, "/hints/party", inn="500100732259")
    assert person["ogrnip"] == "304500116000157" and "kpp" not in person and "ogrn" not in person
    asked = len(service.requests)
    assert await fills(seller, "/hints/party", inn="77362075") == []
    assert await fills(seller, "/hints/party", inn="7736207540") == []
    assert len(service.requests) == asked, "a number that cannot be is not sent anywhere"


async def test_banks_and_addresses_fill_their_own_fields(door: WebHouse, service: Fake):
    seller = await door.browser("seller")
    (bank,) = await fills(seller, "/hints/bank", bik="044525225")
    assert bank["corr_account"] == "30101810400000000225"
    first, whole = await fills(seller, "/hints/address", legal_address="тверь луг")
    assert list(first) == ["legal_address"] and whole["legal_address"].endswith("кв 7")
    assert await fills(seller, "/hints/address", address="тв") == []


async def test_hints_that_are_about_to_come_say_so_and_ask_again(
    door: WebHouse, service: Fake, monkeypatch: pytest.MonkeyPatch
):
    seller, desk = await door.browser("seller"), door.app.state.site.desk

    async def starting(name: str, asked: object) -> list[Heard]:
        return [Heard(plugin="hints_dadata", refusal="plugin_starting")]

    monkeypatch.setattr(desk, "ask_all", starting)
    said = await seller.post("/hints/address", {"address": "тверь луг"})
    assert "Модуль запускается" in said.text and 'aria-disabled="true"' in said.text
    assert 'hx-post="/hints/address"' in said.text and 'hx-include="#address"' in said.text
    assert "data-fill" not in said.text


async def test_forms_offer_hints_only_where_somebody_gives_them(door: WebHouse, service: Fake):
    seller = await door.browser("seller")
    company = await seller.get("/clients/new?kind=company")
    assert company.text.count('data-combo="hints"') == 4
    door.app.state["site"] = replace(door.app.state.site, desk=None)
    plain = await seller.get("/clients/new?kind=company")
    assert "/hints/" not in plain.text and 'name="inn"' in plain.text
    assert await fills(seller, "/hints/party", inn="7736207543") == []


async def test_a_service_in_trouble_leaves_the_field_alone(door: WebHouse, service: Fake):
    service.trouble = "down"
    seller = await door.browser("seller")
    assert await fills(seller, "/hints/address", address="тверь") == []
    assert await fills(seller, "/hints/party", inn="7736207543") == []


async def test_who_adds_no_clients_is_given_no_hints(door: WebHouse, service: Fake):
    courier = await door.browser("courier")
    answer = await courier.post("/hints/party", {"inn": "7736207543"})
    assert answer.status_code == 403 and service.requests.maxlen and not service.requests
