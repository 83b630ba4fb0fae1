"""«Доступ программ» and «Вебхуки» as an administrator uses them."""

import pytest

from appliance.actions import api_keys
from appliance.domain.users import NewApiKey
from tests.web_house import WebHouse


@pytest.mark.checklist(55)
async def test_an_administrator_gives_and_takes_a_programs_key(door: WebHouse) -> None:
    page = await door.browser("administrator")
    assert "Ключей ещё нет" in (await page.get("/admin/programs")).text
    sent = {"name": "Сайт", "scope": "order_read", "people": "много", "ends": "завтра"}
    wrong = await page.post("/admin/programs", sent, htmx=False)
    assert wrong.status_code == 422
    assert 'value="много"' in wrong.text and wrong.text.count('aria-invalid="true"') == 2
    sent = {"name": "Сайт", "scope": "order_read", "people": "50"}
    asked = await page.post("/admin/programs", sent, htmx=False)
    assert asked.headers["location"] == "/me/confirm?next=/admin/programs"
    admin = door.house.actor_for("administrator")._replace(step_up=True)
    new = NewApiKey(name="Сайт", shop="main", scopes=("order_read",), fields=("name",))
    made = await api_keys.create(admin, new)
    shown = (await page.get("/admin/programs")).text
    assert "читает: заказы" in shown and "видит только: имя" in shown
    assert made.key.reveal() not in shown
    await page.post(f"/admin/programs/{made.number}/revoke", {}, htmx=False)
    assert "отозван" in (await page.get("/admin/programs")).text
    head = await door.browser("head")
    assert (await head.get("/admin/programs")).status_code == 403


@pytest.mark.checklist(55)
async def test_an_administrator_keeps_an_address_tries_it_and_removes_it(door: WebHouse) -> None:
    page = await door.browser("administrator")
    assert "Никому ещё не сообщаем" in (await page.get("/admin/webhooks")).text
    plain = {"name": "Склад", "url": "http://sklad.example.ru/in", "event": "order_placed"}
    wrong = await page.post("/admin/webhooks", plain, htmx=False)
    assert wrong.status_code == 422 and "Нужен адрес https://" in wrong.text
    assert plain["url"] in wrong.text
    made = await page.post("/admin/webhooks", {**plain, "url": "https://sklad.example.ru/in"})
    assert "Секрет подписи" in made.text and "Доставок ещё не было" in made.text
    assert "Новый заказ" in (await page.get("/admin/webhooks")).text
    assert "Секрет подписи" not in (await page.get("/admin/webhooks/1")).text
    await page.post("/admin/webhooks/1/test", {}, htmx=False)
    waiting = await door.house.rows(
        "SELECT event FROM event_delivery WHERE subscriber = {}", "webhook:1"
    )
    assert waiting == [("test",)]
    await page.post("/admin/webhooks/1", {**plain, "url": "https://sklad.example.ru/in"})
    assert "выключен" in (await page.get("/admin/webhooks/1")).text
    off = await page.post("/admin/webhooks/1/test", {}, htmx=False)
    assert "Адрес выключен" in off.text
    await page.post("/admin/webhooks/1/remove", {}, htmx=False)
    assert (await page.get("/admin/webhooks/1")).status_code == 404
