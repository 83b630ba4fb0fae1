"""Deals through the staff door."""

import json
from typing import Any

from appliance.actions import deals
from appliance.domain.deals import DealDraft
from appliance.domain.personal import Personal
from tests.integration.deals.scene import stage
from tests.web_house import Browser, WebHouse, links


async def client_of(door: WebHouse, who: str) -> int:
    rows = await door.house.rows(
        "SELECT number FROM customer WHERE owner_id = {} ORDER BY number", door.house.users[who]
    )
    return int(str(rows[0][0]))


async def opened(door: WebHouse, who: str = "seller", **given: Any) -> tuple[Browser, int]:
    """A browser and a deal of this colleague."""
    draft = DealDraft(
        customer_number=await client_of(door, who), title=Personal("Подносы, 80 шт."), **given
    )
    made = await deals.create(door.house.actor_for(who), draft)
    return await door.browser(who), made.number


async def test_the_board_shows_columns_with_sums_and_cards(door: WebHouse) -> None:
    browser, number = await opened(door, amount=72_000_00)
    page = await browser.get("/deals")
    assert page.status_code == 200
    assert links(page, r'data-deal="(\d+)"') == [str(number)]
    assert "72\u202f000\u00a0₽" in page.text or "72\u00a0000\u00a0₽" in page.text
    assert "Подносы, 80 шт." in page.text
    for path in (f"/deals/{number}", f"/deals/{number}/peek", "/deals?view=list", "/deals/new"):
        shown = await browser.get(path)
        assert shown.status_code == 200, path


async def test_a_move_draws_the_board_anew_and_can_be_taken_back(door: WebHouse) -> None:
    browser, number = await opened(door)
    offer = await stage(door.house, "Предложение")
    moved = await browser.post(
        f"/deals/{number}/move", {"stage": offer.number, "version": 1, "from": "board"}
    )
    assert moved.status_code == 200
    toast = json.loads(moved.headers["hx-trigger"])["toast"]
    assert toast["undo"] == f"/deals/{number}/undo"
    back = await browser.post(toast["undo"])
    assert back.headers["hx-refresh"] == "true"
    assert (await door.house.rows("SELECT count(*) FROM deal_move"))[0] == (3,)


async def test_the_gate_asks_for_what_is_missing_and_keeps_what_was_typed(door: WebHouse) -> None:
    browser, number = await opened(door)
    agree = await stage(door.house, "Согласование")
    asked = {"stage": agree.number, "version": 1, "from": "board"}
    refused = await browser.post(f"/deals/{number}/move", asked)
    assert refused.status_code == 422
    assert refused.headers["hx-retarget"] == "#dialogs"
    assert 'name="amount"' in refused.text
    wrong = await browser.post(
        f"/deals/{number}/move", asked | {"gate": "1", "amount": "10,5,5", "note": ""}
    )
    assert wrong.status_code == 422
    assert 'value="10,5,5"' in wrong.text
    assert 'aria-invalid="true"' in wrong.text
    done = await browser.post(f"/deals/{number}/move", asked | {"gate": "1", "amount": "4 590,50"})
    assert done.status_code == 200
    assert await door.house.rows("SELECT amount FROM deal") == [(459_050,)]


async def test_a_skipped_stage_and_a_loss_without_reason_say_why(door: WebHouse) -> None:
    browser, number = await opened(door, amount=100)
    invoice, lost = await stage(door.house, "Счёт отправлен"), await stage(door.house, "Проиграна")
    skipped = await browser.post(f"/deals/{number}/move", {"stage": invoice.number})
    assert "Этап «Согласование» нельзя пропустить" in skipped.text
    why = await browser.post(f"/deals/{number}/move", {"stage": lost.number})
    assert why.status_code == 422
    assert 'name="reason"' in why.text
    assert "Дорого" in why.text


async def test_a_new_deal_is_made_and_a_wrong_one_keeps_what_was_typed(door: WebHouse) -> None:
    browser = await door.browser("seller")
    client = await client_of(door, "seller")
    typed = {
        "customer": client,
        "title": "Термосы с гравировкой",
        "amount": "много",
        "line_name": ["Термос", ""],
        "line_quantity": ["0", ""],
        "line_price": ["1 200", ""],
    }
    refused = await browser.post("/deals/new", typed, htmx=False)
    assert refused.status_code == 422
    for kept in ('value="Термосы с гравировкой"', 'value="много"', 'value="Термос"'):
        assert kept in refused.text
    good = typed | {"amount": "", "line_quantity": ["10", ""]}
    made = await browser.post("/deals/new", good, htmx=False)
    assert made.status_code == 303, made.text
    assert await door.house.rows("SELECT amount, lines_count FROM deal") == [(1_200_000, 1)]
    nobody = await browser.post("/deals/new", {"title": "Без клиента"}, htmx=False)
    assert "Выберите клиента" in nobody.text


async def test_anothers_deal_is_no_page_for_a_seller(door: WebHouse) -> None:
    _, number = await opened(door)
    rival = await door.browser("rival")
    for path in ("", "/peek", "/edit"):
        assert (await rival.get(f"/deals/{number}{path}")).status_code == 404
    assert (await rival.post(f"/deals/{number}/move", {"stage": 2})).status_code == 404
    keeper = await door.browser("storekeeper")
    assert (await keeper.get("/deals")).status_code == 403


async def test_a_faster_colleague_is_named_and_typed_text_stays(door: WebHouse) -> None:
    browser, number = await opened(door)
    stale = {"version": 7, "title": "Совсем другое", "amount": "", "note": ""}
    conflict = await browser.post(f"/deals/{number}/edit", stale, htmx=False)
    assert conflict.status_code == 409
    assert 'value="Совсем другое"' in conflict.text
    assert "только что изменил" in conflict.text
    again = await browser.post(f"/deals/{number}/edit", stale | {"version": 1}, htmx=False)
    assert again.status_code == 303


async def test_a_typed_line_becomes_conditions(door: WebHouse) -> None:
    browser, _ = await opened(door, amount=500_00)
    found = await browser.post("/deals/find", {"q": "сумма>400 @анна", "filter": ""})
    assert found.headers["hx-redirect"] == "/deals?manager=1&min=401"
    page = await browser.get("/deals?manager=1&min=401")
    assert len(links(page, r'data-deal="(\d+)"')) == 1
    none = await browser.get("/deals?min=501")
    assert "Ничего не найдено" in none.text


async def test_a_deal_is_on_its_clients_card_and_in_the_palette(door: WebHouse) -> None:
    browser, number = await opened(door, amount=500_00)
    client = await client_of(door, "seller")
    card = await browser.get(f"/clients/{client}")
    assert f'href="/deals/{number}"' in card.text
    assert f"/deals/new?client={client}" in card.text
    found = await browser.post("/palette", {"q": f"№ {number}0", "other": ""})
    assert "/deals/" not in found.text
    blank = await browser.get(f"/deals/new?client={client}")
    assert f'name="customer" value="{client}"' in blank.text
    stream = await browser.post(f"/stream/deal/{number}", {"kind": "note", "text": "ждут образец"})
    assert stream.status_code == 200, stream.text
    assert "ждут образец" in (await browser.get(f"/deals/{number}")).text
    rival = await door.browser("rival")
    assert (await rival.get(f"/stream/deal/{number}")).status_code == 404
