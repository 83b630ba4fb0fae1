"""What a rate of VAT means is changed from a day on, and never for days gone by."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from appliance.actions import catalogue, vat
from appliance.domain.catalogue import VatRate, rate_of
from appliance.errors import Denied, Invalid, NotFound
from tests.house_fixture import TestHouse
from tests.web_house import WebHouse, open_web_house

TODAY = date(2026, 2, 1)
AHEAD = date(2027, 1, 1)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[WebHouse]:
    async with open_web_house(tmp_path) as opened:
        yield opened


def rate(code: str = "general", percent: int | None = 2400, since: date = AHEAD) -> VatRate:
    return VatRate(code=code, name="НДС общий", percent=percent, since=since)


async def test_a_rate_changes_from_its_day_on_and_the_change_can_be_taken_back(
    house: TestHouse,
) -> None:
    head = house.actor_for("head")

    async def percent(day: date) -> int | None:
        found = rate_of((await catalogue.names(head)).rates, "general", day)
        return None if found is None else found.percent

    await vat.put(head, rate(), TODAY)
    await vat.put(head, rate(percent=2500), TODAY)  # the same day again: corrected
    assert (await percent(date(2026, 12, 31)), await percent(AHEAD)) == (2200, 2500)
    await vat.drop(head, "general", AHEAD, TODAY)
    assert await percent(AHEAD) == 2200
    with pytest.raises(NotFound):
        await vat.drop(head, "general", AHEAD, TODAY)
    await vat.put(head, rate("", 1667, date(2020, 1, 1)), TODAY)
    assert "16-67" in {one.code for one in await vat.list_all(head)}


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        (rate(since=date(2026, 1, 31)), "since", "vat_day_past"),
        (rate(percent=10_001), "percent", "vat_percent"),
        (rate("", 1000), "percent", "code_taken"),
    ],
)
async def test_what_cannot_be_a_rate_is_said_at_its_field(
    house: TestHouse, wrong: VatRate, field: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await vat.put(house.actor_for("head"), wrong, TODAY)
    assert refused.value.fields == {field: code}
    with pytest.raises(Invalid):
        await vat.drop(house.actor_for("head"), "general", date(2026, 1, 1), TODAY)
    with pytest.raises(Denied):
        await vat.put(house.actor_for("seller"), rate(), TODAY)


async def test_the_page_keeps_what_was_typed_and_shows_what_comes(door: WebHouse) -> None:
    browser = await door.browser("head")
    page = await browser.get("/catalog/vat")
    assert "НДС общий" in page.text
    typed = {"code": "general", "name": "НДС общий", "percent": "много", "since": "01.01.2030"}
    refused = await browser.post("/catalog/vat", typed)
    assert refused.status_code == 422
    assert "много" in refused.text
    assert "Процент не читается" in refused.text
    saved = await browser.post("/catalog/vat", typed | {"percent": "25"})
    assert saved.headers["hx-redirect"] == "/catalog/vat"
    assert "НДС 25" in (await browser.get("/catalog/vat")).text
    dropped = {"code": "general", "since": "2030-01-01"}
    assert (await browser.post("/catalog/vat/drop", dropped)).status_code == 204
    assert "НДС 25" not in (await browser.get("/catalog/vat")).text
