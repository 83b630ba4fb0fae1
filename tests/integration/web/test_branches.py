"""«Филиалы» as an administrator sets them."""

import pytest

from appliance.actions import branches, users
from appliance.domain.branches import Branch
from tests.web_house import WebHouse


@pytest.mark.checklist(31)
async def test_an_administrator_sets_a_branch_and_others_see_no_page(door: WebHouse) -> None:
    admin = door.house.actor_for("administrator")._replace(step_up=True)
    await users.add_department(admin, "south", "Отдел продаж, юг")
    page = await door.browser("administrator")
    assert "Филиалов нет" in (await page.get("/branches")).text
    sent = {"code": "south", "name": "Юг", "department": "south", "shop": "main"}
    asked = await page.post("/branches", sent, htmx=False)
    assert asked.headers["location"] == "/me/confirm?next=/branches"
    await branches.put(admin, Branch(code="south", name="Юг", departments=("south",)))
    shown = await page.get("/branches?code=south")
    assert "Отдел продаж, юг" in shown.text
    assert "Распустить филиал" in shown.text
    head = await door.browser("head")
    assert (await head.get("/branches")).status_code == 403
    assert 'href="/branches"' not in (await head.get("/orders")).text
