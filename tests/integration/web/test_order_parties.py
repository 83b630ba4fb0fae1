"""Who buys and who pays, states of lines, the internal account and shipments, on the card."""

import pytest

from appliance.actions import accounts
from tests.integration.web.test_order_edits import begun, line_of, plain
from tests.integration.web.test_order_form import PERSON, placed, typed
from tests.web_house import WebHouse

OTHER = PERSON | {"last_name": "Поляков", "first_name": "Пётр", "phone": "8 912 000-55-44"}


async def test_another_buyer_and_another_payer_are_chosen_on_the_card(door: WebHouse):
    head, number = await begun(door)
    await placed(head, typed(("", "Стул", "1", "500"), **OTHER))
    client = (await door.house.rows("SELECT number FROM customer ORDER BY number DESC"))[0][0]
    found = await head.post(
        f"/orders/new/buyers?order={number}&as=payer&version=1", {"who": "Поляков"}
    )
    assert "Новый человек" not in found.text
    card = await head.post(f"/orders/{number}/payer", {"number": client})
    assert "Поляков" in card.text
    assert (await head.post(f"/orders/{number}/payer", {"number": "0"})).status_code == 200
    moved = await head.post(f"/orders/{number}/buyer", {"number": client})
    assert f'href="/clients/{client}"' in moved.text
    late = await head.post(f"/orders/{number}/buyer", {"number": client, "version": "1"})
    assert late.status_code == 409
    assert (await head.post(f"/orders/{number}/buyer", {"number": ""})).status_code == 422


async def test_a_line_has_a_state_of_its_own_from_the_dictionary(door: WebHouse):
    head, number = await begun(door)
    line = await line_of(door)
    card = await head.post(f"/orders/{number}/line", {"line": line, "status": "assembled"})
    assert '<option value="assembled" selected>Собрана</option>' in card.text
    assert await door.house.rows("SELECT status FROM order_line") == [("assembled",)]


@pytest.mark.checklist(123)
async def test_money_on_the_internal_account_pays_the_order_and_stands_in_its_ledger(
    door: WebHouse,
):
    head, number = await begun(door)
    client = (await door.house.rows("SELECT number FROM customer"))[0][0]
    wrong = await head.post(f"/clients/{client}/account", {"amount": "сто"})
    assert wrong.status_code == 422
    assert 'value="сто"' in wrong.text
    assert (await head.post(f"/clients/{client}/account", {"amount": "500"})).status_code == 200
    card = await head.get(f"/orders/{number}")
    assert "Списать 500 ₽" in plain(card.text)
    assert "Macro" not in card.text
    paid = await head.post(
        f"/orders/{number}/pay", {"type": "internal-account", "amount": "500,00"}
    )
    assert "Внутренний счёт" in paid.text
    window = await head.get(f"/clients/{client}/account")
    assert "оплата заказа" in window.text
    ledger = await accounts.ledger(door.house.actor_for("head"), client)
    assert ledger.balance == 0
    assert (await (await door.browser("seller")).get(f"/clients/{client}/account")).status_code in {
        403,
        404,
    }


async def test_a_shipments_track_cost_and_day_are_changed_on_the_card(door: WebHouse):
    head, number = await begun(door)
    line = await line_of(door)
    await head.post(f"/orders/{number}/ship", {"ship_line": line, "ship_quantity": "1"})
    shipment = (await door.house.rows("SELECT number FROM shipment"))[0][0]
    path = f"/orders/{number}/shipments/{shipment}/edit"
    card = await head.post(path, {"track": "RA123", "cost": "250", "date": "01.03.2026"})
    assert "RA123" in card.text
    assert await door.house.rows("SELECT track_number, cost FROM shipment") == [("RA123", 25_000)]
    wrong = await head.post(path, {"track": "RA123", "cost": "1,2,3", "date": ""})
    assert wrong.headers["hx-retarget"] == f"#ship-{shipment}-problem"
