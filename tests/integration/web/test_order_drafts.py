"""What is typed into a new order survives a reload, for the one who typed it, until it is saved."""

from datetime import timedelta

import pytest

from appliance.storage.statements import execute
from tests.integration.web.test_order_form import PERSON, placed, typed
from tests.web_house import WebHouse

DRAFT = "/orders/new/draft"


@pytest.mark.checklist(120)
async def test_a_draft_comes_back_after_a_reload_and_goes_when_the_order_is_saved(door: WebHouse):
    seller, rival = await door.browser("seller"), await door.browser("rival")
    form = typed(("", "Зонт «Ливень»", "2", "1 250,50"), **PERSON, comment="Звонить после шести")
    assert (await seller.post(DRAFT, form)).status_code == 204
    cells = await door.house.rows("SELECT body FROM form_draft")
    assert all("Звонить".encode() not in bytes(cell[0]) for cell in cells)
    page = await seller.get("/orders/new")
    assert "Черновик от 12:30 восстановлен" in page.text
    for text in ("Звонить после шести", "Лугова", "Зонт «Ливень»", "1 250,50", form["token"]):
        assert text in page.text
    assert "Звонить" not in (await rival.get("/orders/new")).text
    assert "Звонить" not in (await seller.get("/orders/new?client=999")).text
    await placed(seller, form)
    assert await door.house.rows("SELECT 1 FROM form_draft") == []
    late = await seller.post(DRAFT, form)
    assert late.status_code == 204
    assert await door.house.rows("SELECT 1 FROM form_draft") == []


async def test_a_draft_is_dropped_when_asked_and_by_itself_after_three_days(door: WebHouse):
    seller = await door.browser("seller")
    form = typed(("", "Зонт", "1", "900"), **PERSON)
    await seller.post(DRAFT, form)
    answer = await seller.post(f"{DRAFT}/drop", htmx=False)
    assert answer.headers["location"] == "/orders/new"
    assert "восстановлен" not in (await seller.get("/orders/new")).text
    await seller.post(DRAFT, form)

    async def age() -> None:
        then = door.house.clock() - timedelta(days=3, hours=1)
        await execute("UPDATE form_draft SET saved_at = {}", then)

    await door.house.write(age)
    assert "восстановлен" not in (await seller.get("/orders/new")).text


async def test_who_writes_no_orders_keeps_no_drafts(door: WebHouse):
    form = typed(("", "Зонт", "1", "900"), **PERSON)
    keeper = await door.browser("storekeeper")
    assert (await keeper.post(DRAFT, form)).status_code == 403
