"""«Персональные данные» in a browser: noted, agreed to by another, refused in words."""

from urllib.parse import unquote

import pytest

from appliance.actions import subjects
from appliance.domain.subjects import RequestState
from tests.integration.clients.people import added, phone
from tests.web_house import WebHouse


@pytest.mark.checklist(193)
async def test_a_request_is_noted_and_decided_by_another_after_his_factor(door: WebHouse) -> None:
    client = await added(door.house, contacts=(phone("+7 912 000-77-02"),))
    officer = await door.browser("data_officer")
    card = (await officer.get(f"/clients/{client.number}")).text
    assert f'href="/privacy/new?client={client.number}"' in card
    assert "Запросов нет" in (await officer.get("/privacy")).text
    wrong = await officer.post("/privacy/new", {"customer": "много", "note": "вх. 5"}, htmx=False)
    assert wrong.status_code == 422
    assert "вх. 5" in wrong.text, "what was typed stays"
    nobody = await officer.post("/privacy/new", {"customer": "999999"}, htmx=False)
    assert nobody.status_code == 422
    sent = {"customer": str(client.number), "kind": "erase", "note": "вх. 5"}
    made = await officer.post("/privacy/new", sent, htmx=False)
    assert made.headers["location"] == "/privacy/1"
    page = (await officer.get("/privacy/1")).text
    assert "Уничтожить данные" in page
    assert "вх. 5" in page
    again = await officer.post("/privacy/new", sent, htmx=False)
    assert again.status_code == 422
    lines = {"papers": "Анкета, 2\nРасписка"}
    wrong = await officer.post("/privacy/1/papers", {"papers": "Анкета, 0"}, htmx=False)
    assert wrong.status_code == 422 and "Анкета, 0" in wrong.text
    await officer.post("/privacy/1/papers", lines, htmx=False)
    assert "Анкета, 2\nРасписка, 1" in (await officer.get("/privacy/1")).text
    head = await door.browser("head")
    typo = await head.post("/privacy/1/approve", {"sure": "ПД-2"}, htmx=False)
    assert "Номер набран не так" in typo.text
    asked = await head.post("/privacy/1/approve", {"sure": "пд 1"}, htmx=False)
    assert unquote(asked.headers["location"]) == "/me/confirm?next=/privacy/1"
    for name in ("head", "administrator"):
        actor = door.house.actor_for(name)._replace(step_up=True, session=f"5e55{name[:4]}")
        await subjects.approve(actor, 1)
    shown = (await officer.get("/privacy/1")).text
    assert "Кончится пауза" in shown
    empty = await officer.post("/privacy/1/refuse", {"text": ""}, htmx=False)
    assert empty.status_code == 422
    await officer.post("/privacy/1/refuse", {"text": "Передумал"}, htmx=False)
    one = await subjects.show(door.house.actor_for("data_officer"), 1)
    assert one.state is RequestState.REFUSED


async def test_who_has_nothing_to_do_with_requests_sees_no_page_of_them(door: WebHouse) -> None:
    seller = await door.browser("seller")
    assert (await seller.get("/privacy")).status_code == 403
    assert (await seller.get("/privacy/acts/1")).status_code == 403
