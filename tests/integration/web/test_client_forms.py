"""The form of a client: all of it or nothing is stored, and what was typed stays."""

import re

import pytest

from tests.integration.clients.forms import COMPANY, PERSON, add, number_of
from tests.sent_forms import form_of
from tests.web_house import WebHouse


async def test_a_person_is_added_with_everything_that_was_typed(door: WebHouse) -> None:
    browser = await door.browser("head")
    answer = await add(
        browser,
        birthday="21.11.1985",
        sex="female",
        wish="позвонить за час",
        delivery_type="courier",
        src_source="реклама",
        src_medium="cpc",
    )
    assert answer.status_code == 204, answer.text
    card = await browser.get(answer.headers["hx-redirect"])
    for text in ("Чашкина Роза", "чай", "подарки", "позвонить за час", "реклама"):
        assert text in card.text, text
    rows = await door.house.rows("SELECT kind, COUNT(*) FROM contact GROUP BY kind ORDER BY kind")
    assert rows == [("email", 1), ("messenger", 1), ("phone", 2)]


@pytest.mark.checklist(131)
async def test_the_region_comes_from_the_phone_unless_it_was_chosen(door: WebHouse) -> None:
    browser = await door.browser("head")
    by_phone = number_of(await add(browser))
    chosen = number_of(await add(browser, region="77", birthday="1.2.1990", sex="female"))
    by_city = number_of(await add(browser, phone="+7 912 000-12-34", city="Орёл"))
    rows = await door.house.rows("SELECT number, region FROM customer ORDER BY number")
    assert rows == [(by_phone, "69"), (chosen, "77"), (by_city, "57")]
    card = await browser.get(f"/clients/{by_phone}")
    assert "Тверская область" in card.text


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("phone", "восемь девятьсот", "Телефон не читается"),
        ("email", "роза собака", "Это не адрес почты"),
        ("birthday", "21.11.2085", "Такой день рождения невозможен"),
        ("birthday", "вчерась", "Дата не читается"),
        ("inn", "7707083894", "ИНН не сходится"),
        ("kpp", "7736", "В КПП девять знаков"),
        ("ogrn", "1027700132196", "ОГРН не сходится"),
        ("ogrnip", "304500116000158", "ОГРНИП не сходится"),
        ("bik", "944525225", "В БИК девять цифр"),
        ("purpose", "", "основан"),
    ],
)
async def test_a_wrong_field_gets_its_sentence_and_nothing_is_half_saved(
    door: WebHouse, field: str, typed: str, sentence: str
) -> None:
    browser = await door.browser("head")
    answer = await add(browser, **{field: typed})
    assert answer.status_code == 422
    wrong = re.search(r'<(?:input|select)[^>]*aria-invalid="true"[^>]*>', answer.text)
    assert wrong is not None
    assert f'name="{field}"' in wrong[0]
    assert sentence in answer.text
    assert 'value="Чашкина"' in answer.text
    if typed:
        assert f'value="{typed}"' in answer.text
    assert await door.house.rows("SELECT id FROM customer") == []
    assert await door.house.rows("SELECT id FROM contact") == []


async def test_a_company_keeps_its_requisites_and_the_account_is_checked_by_its_bank(
    door: WebHouse,
) -> None:
    browser = await door.browser("accountant")
    refused = await browser.post("/clients/new", COMPANY)
    assert refused.status_code == 403
    browser = await door.browser("head")
    wrong = await browser.post("/clients/new", {**COMPANY, "bank_account": "40702810900000000001"})
    assert wrong.status_code == 422
    assert "Счёт не подходит к банку" in wrong.text
    answer = await browser.post("/clients/new", COMPANY)
    card = await (await door.browser("accountant")).get(answer.headers["hx-redirect"])
    assert "7707083893" in card.text
    assert "773601001" in card.text


async def test_an_edit_changes_what_was_typed_and_leaves_the_rest(door: WebHouse) -> None:
    browser = await door.browser("head")
    number = number_of(await add(browser))
    form = await browser.get(f"/clients/{number}/edit")
    assert "912 000-12-34" not in form.text  # masked for a head
    drop = re.findall(r'name="drop" value="([^"]+)"', form.text)
    answer = await browser.post(
        f"/clients/{number}/edit",
        {
            "version": "1",
            "last_name": "Блюдцева",
            "first_name": "Роза",
            "phone": "+7 912 000-99-88",
            "drop": drop[:1],
            "tags": "чай, новое",
            "tags_had": "чай, подарки",
            "city": "Тверь",
            "street": "Садовая",
            "building": "5",
        },
    )
    assert answer.status_code == 204, answer.text
    card = await browser.get(f"/clients/{number}")
    assert "Блюдцева Роза" in card.text
    assert "Тверь, Садовая, 5" in card.text
    rows = await door.house.rows("SELECT name FROM tag ORDER BY name")
    assert rows == [("новое",), ("чай",)]
    assert len(await door.house.rows("SELECT id FROM contact")) == 4


async def test_of_two_people_on_one_card_both_keep_what_only_they_changed_and_choose_the_rest(
    door: WebHouse,
) -> None:
    head, operator = await door.browser("head"), await door.browser("operator")
    number = number_of(await add(operator, city="Тверь", vip="1", comment="Строка\nи ещё"))
    address = f"/clients/{number}/edit"
    mine = form_of((await head.get(address)).text, "client-form")
    theirs = form_of((await operator.get(address)).text, "client-form")
    del theirs["vip"]
    theirs |= {"last_name": "Первая", "city": "Ржев", "sex": "female", "tags": "чай"}
    assert (await operator.post(address, theirs)).status_code == 204

    mine |= {"last_name": "Вторая", "sex": "male", "street": "Садовая", "phone": "8 495 123-45-67"}
    mine |= {"comment": "Строка\r\nи ещё", "was-comment": "Строка\r\nи ещё"}
    asked = await head.post(address, mine)
    assert asked.status_code == 409
    for text in (
        "Чашкина",
        "Первая",
        "Вторая",
        "женский",
        "мужской",
        "Город, Адрес одной строкой, Метки, VIP",
    ):
        assert text in asked.text, text
    again = form_of(asked.text, "client-form")
    assert (again["city"], again["street"]) == (["Ржев"], ["Садовая"])
    assert "vip" not in again and "take-city" not in again and "take-comment" not in again
    assert again["phone"] == ["8 495 123-45-67"]
    assert (await head.post(address, again | {"take-sex": "theirs"})).status_code == 204
    stored = form_of((await head.get(address)).text, "client-form")
    said = {name: stored[name] for name in ("last_name", "sex", "city", "street", "tags")}
    assert said == {
        "last_name": ["Вторая"], "sex": ["female"], "city": ["Ржев"], "street": ["Садовая"],
        "tags": ["чай"],
    }  # fmt: skip
    assert "vip" not in stored


async def test_a_field_the_role_does_not_see_is_not_in_its_form_and_cannot_be_wiped(
    door: WebHouse,
) -> None:
    seller = await door.browser("seller")
    number = number_of(await add(seller, inn="7707083893"))
    form = await seller.get(f"/clients/{number}/edit")
    assert "7707083893" not in form.text
    blank = await seller.post(
        f"/clients/{number}/edit", {"version": "1", "inn": "", "masked_inn": "1"}
    )
    assert blank.status_code == 204
    card = await (await door.browser("accountant")).get(f"/clients/{number}")
    assert "7707083893" in card.text


async def test_a_strangers_form_answers_like_one_that_is_not_there(door: WebHouse) -> None:
    number = number_of(await add(await door.browser("rival")))
    seller = await door.browser("seller")
    assert (await seller.get(f"/clients/{number}/edit")).status_code == 404
    assert (await seller.post(f"/clients/{number}/edit", dict(PERSON))).status_code == 404


async def test_a_form_sent_twice_is_two_clients_only_if_it_was_answered(door: WebHouse) -> None:
    browser = await door.browser("head")
    row = await browser.get("/clients/form/row?kind=phone&place=3", hx_request="true")
    assert 'id="phone-3"' in row.text
    assert "place=4" in row.text


@pytest.mark.checklist(145)
async def test_a_saved_card_offers_to_take_the_edit_back(door: WebHouse) -> None:
    browser = await door.browser("head")
    number = number_of(await add(browser))
    sent = {**PERSON, "phone": [], "email": "", "messenger": "", "last_name": "Новикова"}
    saved = await browser.post(f"/clients/{number}/edit", sent)
    place = saved.headers["hx-redirect"]
    card = await browser.get(place)
    assert "Новикова" in card.text
    back = re.search(rf'data-undo="(/clients/{number}/undo/[0-9a-f-]+)"', card.text)
    assert back is not None
    undone = await browser.post(back[1])
    assert undone.headers["hx-redirect"] == f"/clients/{number}"
    assert "Чашкина" in (await browser.get(f"/clients/{number}")).text
    assert (await browser.post(back[1])).status_code == 409
    assert "/undo/" not in (await browser.get(f"/clients/{number}?done=нет")).text
