"""An order's way from a shop, or from a call, to the people who work with it."""

import pytest

from appliance.actions import desk, orders
from appliance.domain.orders import PaymentDraft
from tests.integration.orders.drafts import LAMP, draft
from tests.integration.web.test_order_form import PERSON, placed, typed
from tests.web_house import WebHouse


async def _sent(door: WebHouse, external_id: str = "1044") -> int:
    payments = (PaymentDraft(type="cash", status="not-paid"),)
    order = draft(external_id, payments=payments)
    return (await orders.place(door.house.shop_key(), order)).number


@pytest.mark.checklist(1)
@pytest.mark.checklist(17)
async def test_a_shops_order_is_in_the_list_at_once_with_all_that_was_chosen(
    door: WebHouse,
) -> None:
    number = await _sent(door)
    head = await door.browser("head")
    listed = (await head.get("/orders")).text
    assert f'data-href="/orders/{number}' in listed
    assert "Новый" in listed
    card = (await head.get(f"/orders/{number}")).text
    for shown in ("Сухова Анна", "Курьер", "Наличные", "Садовая", "Позвоните за час"):
        assert shown in card, shown


@pytest.mark.checklist(2)
@pytest.mark.checklist(53)
async def test_one_window_shows_who_the_buyer_is_and_every_earlier_order(door: WebHouse) -> None:
    first, second = await _sent(door, "1"), await _sent(door, "2")
    head = await door.browser("head")
    order = (await head.get(f"/orders/{second}")).text
    assert 'href="/clients/1"' in order
    card = (await head.get("/clients/1")).text
    for number in (first, second):
        assert f"/orders/{number}" in card
    # Identity, contacts, money, talks, tasks, files: nothing is a section away.
    for shown in ("Сухова Анна", "Телефон", "Почта", "LTV", "Задачи", "Файлы"):
        assert shown in card, shown


@pytest.mark.checklist(23)
async def test_an_order_taken_by_phone_lives_like_one_of_the_site(door: WebHouse) -> None:
    head = await door.browser("head")
    by_phone = await placed(head, typed(("", "Зонт", "1", "1 250"), **PERSON))
    by_site = await _sent(door)
    actor = door.house.actor_for("head")
    ways = [
        [one.code for one in (await desk.order(actor, number)).order.next_statuses]
        for number in (by_phone, by_site)
    ]
    assert ways[0] == ways[1]
    for number in (by_phone, by_site):
        await desk.move(actor, number, "client-confirmed", None)
    counted = await door.house.rows(
        "SELECT SUM(orders) FROM order_tally WHERE status = 'client-confirmed'"
    )
    assert counted == [(2,)]
    assert LAMP.product_name in (await head.get("/orders?status=client-confirmed")).text


@pytest.mark.checklist(32)
@pytest.mark.parametrize(
    ("role", "sees", "hidden"),
    [
        ("storekeeper", "Лампа", "8 (912) 000-12-34"),
        ("accountant", "3\u202f000,50", "8 (912) 000-12-34"),
        ("courier", "", "Лампа"),
    ],
)
async def test_each_department_sees_of_an_order_what_its_work_needs(
    door: WebHouse, role: str, sees: str, hidden: str
) -> None:
    number = await _sent(door)
    page = await (await door.browser(role)).get(f"/orders/{number}")
    text = page.text.replace("\u00a0", "\u202f")
    assert hidden not in text
    if role == "courier":
        assert page.status_code == 404  # not his to carry
    else:
        assert sees in text
