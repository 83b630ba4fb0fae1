"""Who leads a client, what he may owe, who stands for a company; and the figures that are kept."""

import re

import pytest

from appliance.actions import client_ties, customers, desk, orders, payments
from appliance.domain.client_money import BreachKind
from appliance.domain.customers import CustomerChange, CustomerDraft, Wishes
from appliance.domain.orders import (
    CustomerRef,
    DeliveryDraft,
    LineDraft,
    LineProperty,
    OrderContact,
    OrderDraft,
    OrderSelector,
    PaymentDraft,
)
from appliance.domain.personal import Personal
from appliance.domain.wishes import starting_with
from appliance.errors import Denied
from appliance.storage import customers as stored
from appliance.storage.customer_figures import limit_breach
from appliance.storage.tx import Tx
from tests.house_fixture import TestHouse
from tests.integration.clients.forms import COMPANY, add, number_of
from tests.web_house import WebHouse


def order(number: int, price: int = 100_00, **changes: object) -> OrderDraft:
    values: dict[str, object] = {
        "shop": "main",
        "customer_ref": CustomerRef(number=number),
        "customer": CustomerDraft(shop="main"),
        "contact": Personal(OrderContact()),
        "lines": (LineDraft(product_name="Чайник", quantity_milli=1000, price=price),),
    }
    return OrderDraft(**(values | changes))  # type: ignore[arg-type]


async def figures(house: TestHouse, number: int) -> tuple[object, ...]:
    rows = await house.rows(
        "SELECT orders_count, orders_total, paid_total, returned_total, owed_total, paid_orders, "
        "paid_wait FROM customer WHERE number = {}",
        number,
    )
    return rows[0]


@pytest.mark.checklist(52)
@pytest.mark.checklist(139)
async def test_lifetime_figures_follow_orders_payments_and_returns(door: WebHouse) -> None:
    house, head = door.house, door.house.actor_for("head")
    number = number_of(await add(await door.browser("head")))
    placed = await orders.place(head, order(number))
    assert await figures(house, number) == (1, 100_00, 0, 0, 100_00, 0, 0)
    house.clock.pass_(days=3)
    which = OrderSelector(number=placed.number)
    await payments.create(head, which, PaymentDraft(amount=100_00, status="paid"))
    wait = 3 * 86_400
    assert await figures(house, number) == (1, 100_00, 100_00, 0, 0, 1, wait)
    await payments.create(head, which, PaymentDraft(amount=-30_00, status="paid"))
    after = await figures(house, number)
    assert after[:5] == (1, 100_00, 70_00, 30_00, 30_00)
    card = await (await door.browser("accountant")).get(f"/clients/{number}")
    assert "LTV" in card.text
    assert "70\xa0₽" in card.text


@pytest.mark.checklist(130)
async def test_an_order_that_breaks_the_limit_is_warned_of_and_a_stop_is_by_hand(
    door: WebHouse,
) -> None:
    house = door.house
    head = house.actor_for("head")
    browser = await door.browser("head")
    number = number_of(await add(browser))
    await orders.place(head, order(number))
    wrong = await browser.post(f"/clients/{number}/credit", {"limit": "сто", "pay_days": "900"})
    assert wrong.status_code == 422
    assert 'value="сто"' in wrong.text
    sent = {"limit": "120", "pay_days": "5", "note": "ждём суда"}
    assert (await browser.post(f"/clients/{number}/credit", sent)).status_code == 204

    async def breach(total: int) -> BreachKind | None:
        known = await stored.find_by_number(number)
        assert known is not None
        tx = Tx(head, head.grants["customer.view"], house.vault, house.index, house.clock())
        found = await limit_breach(tx, known.id, total)
        return None if found is None else found.kind

    async def asked(total: int) -> BreachKind | None:
        return await house.database.read(lambda: breach(total))

    assert await asked(20_00) is None
    assert await asked(20_01) is BreachKind.LIMIT
    house.clock.pass_(days=6)
    assert await asked(1) is BreachKind.OVERDUE
    later = await door.browser("accountant")
    await later.post(f"/clients/{number}/credit", {"limit": "120", "pay_days": "5", "stop": "1"})
    assert await asked(1) is BreachKind.STOP
    card = await later.get(f"/clients/{number}")
    assert "Стоп: в долг не отпускать" in card.text
    refused = await (await door.browser("operator")).post(f"/clients/{number}/credit", sent)
    assert refused.status_code == 403


@pytest.mark.checklist(171)
async def test_another_s_client_is_asked_for_with_a_reason_and_given_by_who_leads_him(
    door: WebHouse,
) -> None:
    house = door.house
    rival = await door.browser("rival")
    number = number_of(await add(rival))
    seller = house.actor_for("seller")
    assert await client_ties.ask_for(seller, "+7 912 000-12-34", Personal("мой сосед")) == 1
    assert await client_ties.ask_for(seller, "+7 912 000-12-34", Personal("мой сосед")) == 0
    notices = await house.rows("SELECT kind, user_id FROM notice")
    assert notices == [("client.asked", house.users["rival"])]
    card = await rival.get(f"/clients/{number}")
    assert "Анна Продавцова" in card.text
    assert "мой сосед" in card.text
    address = re.search(rf'action="(/clients/{number}/requests/[^"]+)"', card.text)
    assert address is not None
    assert (await rival.post(address[1], {"answer": "give"})).status_code == 204
    assert (await rival.get(f"/clients/{number}")).status_code == 404
    assert "ведёт" not in (await (await door.browser("seller")).get(f"/clients/{number}")).text
    leads = await house.rows("SELECT owner_id FROM customer WHERE number = {}", number)
    assert leads == [(house.users["seller"],)]


@pytest.mark.checklist(171)
async def test_taking_over_needs_the_right_and_a_reason_and_is_written_down(
    door: WebHouse,
) -> None:
    house = door.house
    number = number_of(await add(await door.browser("seller")))
    head = await door.browser("head")
    bare = await head.post(f"/clients/{number}/take", {"reason": " "})
    assert bare.status_code == 422
    assert 'name="reason" rows="3" aria-invalid="true"' in bare.text
    with pytest.raises(Denied):
        await client_ties.take_over(house.actor_for("rival"), number, Personal("хочу"))
    done = await head.post(f"/clients/{number}/take", {"reason": "сотрудник в отпуске"})
    assert done.status_code == 204
    rows = await house.rows(
        "SELECT field, new_value FROM change_entry WHERE field = 'manager' AND entity = 'customer'"
    )
    assert rows == [("manager", '{"id":6}')]
    asked = await house.rows("SELECT state, owner_id, asker_id FROM owner_request")
    assert asked == [("taken", house.users["seller"], house.users["head"])]


@pytest.mark.checklist(132)
@pytest.mark.checklist(134)
async def test_a_company_unites_its_people_in_their_roles(door: WebHouse) -> None:
    browser = await door.browser("head")
    company = number_of(
        await browser.post(
            "/clients/new",
            {**COMPANY, "fleet": "три фургона", "software": "1С"},
        )
    )
    one = number_of(await add(browser))
    two = number_of(await add(browser, last_name="Блюдцева", phone="+7 912 000-55-66"))
    for person, role in ((str(one), "director"), ("+7 912 000-55-66", "бухгалтер на час")):
        answer = await browser.post(
            f"/clients/{company}/people", {"person": person, "role": role, "own_role": ""}
        )
        assert answer.status_code == 204, answer.text
    card = await browser.get(f"/clients/{company}")
    for text in ("Чашкина", "директор", "Блюдцева", "бухгалтер на час", "три фургона", "1С"):
        assert text in card.text, text
    assert card.text.index("Чашкина") < card.text.index("Блюдцева")
    main = re.search(rf"/clients/{company}/people/[^/]+/main", card.text)
    assert main is not None
    await browser.post(main[0])
    after = (await browser.get(f"/clients/{company}")).text
    assert after.index("Блюдцева") < after.index("Чашкина")
    assert "Северная мастерская" in (await browser.get(f"/clients/{two}")).text
    wrong = await browser.post(f"/clients/{company}/people", {"person": "никто", "role": "buyer"})
    assert wrong.status_code == 422
    assert "Такого человека среди ваших клиентов нет" in wrong.text


@pytest.mark.checklist(92)
async def test_the_card_shows_contacts_orders_events_and_what_is_bought_most(
    world: WebHouse,
) -> None:
    await world.house.write(_sort_goods)
    rows = await world.house.rows("SELECT number FROM customer ORDER BY orders_count DESC LIMIT 1")
    card = await (await world.browser("head")).get(f"/clients/{rows[0][0]}")
    for text in ("Контакты", "Заказы", "Что покупает", "Чайники"):
        assert text in card.text, text


async def _sort_goods() -> None:
    from appliance.storage.statements import execute  # noqa: PLC0415  for this scene alone

    await execute("UPDATE product SET product_group = 'Чайники'")


@pytest.mark.checklist(37)
async def test_the_card_says_what_a_client_prefers_as_his_orders_tell_it(door: WebHouse) -> None:
    browser = await door.browser("head")
    number = number_of(await add(browser, channel="phone", sizes="42", brands="Север"))
    head = door.house.actor_for("head")
    boots = LineDraft(
        product_name="Сапоги", quantity_milli=1000, price=100_00,
        properties=(LineProperty(code="size", name="Размер", value="43"),),
    )  # fmt: skip
    sent = DeliveryDraft(type="self-delivery")
    for _ in range(2):
        await orders.place(head, order(number, lines=(boots,), delivery=sent))
    await orders.place(head, order(number, delivery=DeliveryDraft(type="courier")))
    card = (await browser.get(f"/clients/{number}")).text.replace("\u00a0", " ")
    for text in ("Самовывоз · 2", "43 · 2", "по 3 последним заказам", "42", "Север"):
        assert text in card, text
    assert "Курьер ·" not in card


@pytest.mark.checklist(146)
async def test_the_card_asks_for_one_or_two_missing_fields(door: WebHouse) -> None:
    browser = await door.browser("head")
    number = number_of(await add(browser, email="", messenger=""))
    card = await browser.get(f"/clients/{number}")
    assert "При случае спросить: почту, адрес" in card.text


@pytest.mark.checklist(186)
async def test_the_first_and_the_last_source_stand_on_the_client(door: WebHouse) -> None:
    from appliance.domain.sources import SourceMarks  # noqa: PLC0415  for this scene alone

    browser = await door.browser("head")
    number = number_of(await add(browser, src_source="реклама", src_medium="cpc"))
    head = door.house.actor_for("head")
    await orders.place(head, order(number, source=SourceMarks(source="письмо")))
    card = await browser.get(f"/clients/{number}")
    assert "реклама / cpc" in card.text
    assert "письмо" in card.text


async def test_the_next_order_starts_with_the_standing_wishes(door: WebHouse) -> None:
    browser = await door.browser("head")
    number = number_of(
        await add(browser, wish="позвонить за час", delivery_type="courier", payment_type="cash")
    )
    head = door.house.actor_for("head")
    client = (await desk.client(head, number)).client
    assert client.wishes is not None
    made = starting_with(order(number), client.wishes.reveal())
    assert made.delivery is not None
    assert made.delivery.type == "courier"
    assert [one.type for one in made.payments] == ["cash"]
    assert made.contact.reveal().manager_comment == "позвонить за час"
    assert (await customers.get(head, "main", CustomerRef(number=number))).number == number


@pytest.mark.checklist(45)
async def test_suppliers_and_partners_stay_out_of_the_clients_unless_asked_for(
    door: WebHouse,
) -> None:
    browser = await door.browser("head")
    await add(browser)
    await browser.post("/clients/new", {**COMPANY, "party": "supplier"})
    plain = await browser.get("/clients")
    assert "Чашкина" in plain.text
    assert "Северная мастерская" not in plain.text
    suppliers = await browser.get("/clients?party=supplier")
    assert "Северная мастерская" in suppliers.text
    assert "Чашкина" not in suppliers.text


@pytest.mark.checklist(160)
@pytest.mark.checklist(139)
async def test_the_list_is_narrowed_to_those_not_talked_to_and_to_buyers_of_a_thing(
    world: WebHouse,
) -> None:
    house = world.house
    rows = await house.rows(
        "SELECT l.sku, o.customer_id FROM order_line l JOIN orders o ON o.id = l.order_id "
        "ORDER BY l.number LIMIT 1"
    )
    sku, buyer = rows[0]
    number = (await house.rows("SELECT number FROM customer WHERE id = {}", buyer))[0][0]
    browser = await world.browser("head")
    bought = await browser.get(f"/clients?bought={sku}")
    assert f'data-href="/clients/{number}"' in bought.text
    found = set(re.findall(r'data-href="/clients/(\d+)"', bought.text))
    really = await house.rows(
        "SELECT DISTINCT c.number FROM customer c JOIN orders o ON o.customer_id = c.id "
        "JOIN order_line l ON l.order_id = o.id WHERE l.sku = {}",
        sku,
    )
    assert found == {str(row[0]) for row in really}
    quiet = await browser.get("/clients?quiet=60")
    silent = await house.rows(
        "SELECT number FROM customer WHERE contacted_at IS NULL ORDER BY number DESC LIMIT 50"
    )
    assert {str(row[0]) for row in silent} >= set(
        re.findall(r'data-href="/clients/(\d+)"', quiet.text)
    )
    none = await browser.get("/clients?bought=no-such-thing")
    assert "По этим условиям никого нет" in none.text


async def test_the_stream_says_what_was_changed_in_words(door: WebHouse) -> None:
    browser = await door.browser("head")
    company = number_of(await browser.post("/clients/new", COMPANY))
    person = number_of(await add(browser))
    tie = {"person": str(person), "role": "director", "own_role": ""}
    assert (await browser.post(f"/clients/{company}/people", tie)).status_code == 204
    limit = {"limit": "1000", "pay_days": "5"}
    assert (await browser.post(f"/clients/{company}/credit", limit)).status_code == 204
    wanted = CustomerChange(wishes=Personal(Wishes(note="без звонка")))
    head = door.house.actor_for("head")
    await customers.edit(head, "main", CustomerRef(number=company), wanted)
    shown = (await browser.get(f"/clients/{company}")).text.replace("\xa0", " ")
    stream = shown[shown.index('class="feed') :]
    for text in ("Представитель", f"№ {person}", "Лимит долга", "1 000 ₽", "Пожелание"):
        assert text in stream, text
    assert "Изменение:" not in stream


@pytest.mark.checklist(171)
async def test_the_answer_who_leads_a_client_lets_one_ask_for_him(door: WebHouse) -> None:
    rival, seller = await door.browser("rival"), await door.browser("seller")
    number = number_of(await add(rival))
    contact = "+7 912 000-12-34"
    found = await seller.post("/palette", {"q": contact})
    assert "Попросить передать" in found.text
    assert "Попросить передать" not in (await rival.post("/palette", {"q": contact})).text
    window = await seller.post("/clients/ask/form", {"contact": contact})
    assert f'value="{contact}"' in window.text
    bare = await seller.post("/clients/ask", {"contact": contact, "reason": " "})
    assert bare.status_code == 422
    assert "Напишите причину" in bare.text
    asked = await seller.post("/clients/ask", {"contact": contact, "reason": "мой сосед"})
    assert asked.status_code == 200
    assert "мой сосед" in (await rival.get(f"/clients/{number}")).text
