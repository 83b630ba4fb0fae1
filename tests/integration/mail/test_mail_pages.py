"""The pages of mail: windows on cards, the account with its test letter, templates, links."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from appliance.actions import mail
from tests.integration.mail.buyers import ordered
from tests.integration.mail.post import WORDS, account
from tests.smtp import FakeSmtp, fake_smtp
from tests.web_house import WebHouse, open_web_house

FORM = "0198c0de-0000-7000-8000-000000000001"


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[WebHouse]:
    async with open_web_house(tmp_path) as opened:
        yield opened


@pytest.fixture
async def server() -> AsyncIterator[FakeSmtp]:
    async with fake_smtp() as found:
        yield found


@pytest.mark.checklist(16)
async def test_a_seller_makes_a_link_once_and_takes_it_back(door: WebHouse) -> None:
    number = await ordered(door.house)
    browser = await door.browser("seller")
    made = await browser.post(f"/orders/{number}/link")
    assert len(re.findall(r"/s/[\w-]{43}", made.text)) == 1
    later = await browser.get(f"/orders/{number}/link")
    assert f'hx-get="/letters/order/{number}?template=status"' in later.text
    assert re.findall(r"/s/[\w-]{43}", later.text) == []
    (way,) = re.findall(r'hx-post="([^"]+/revoke)"', later.text)
    assert "отозвана" in (await browser.post(way)).text
    assert (await (await door.browser("rival")).get(f"/orders/{number}/link")).status_code == 404


async def test_a_note_for_the_buyer_says_so_in_the_stream(door: WebHouse) -> None:
    number = await ordered(door.house)
    browser = await door.browser("seller")
    fields = {"kind": "note", "text": "Привезём к шести", "for_buyer": "1"}
    assert "видит покупатель" in (await browser.post(f"/stream/order/{number}", fields)).text


@pytest.mark.checklist(117)
async def test_a_letter_is_written_in_a_window_of_the_card_and_waits_in_the_stream(
    door: WebHouse, server: FakeSmtp
) -> None:
    number = await ordered(door.house)
    browser = await door.browser("seller")
    assert "ещё не настроена" in (await browser.get(f"/letters/order/{number}")).text
    await mail.set_account(door.house.actor_for("head"), account(server))
    window = (await browser.get(f"/letters/order/{number}?template=invoice")).text
    assert "Счёт по заказу" in window
    assert "anna@example.ru" not in window
    fields = {"form": FORM, "template": "letter", "to": "order", "subject": "", "text": WORDS}
    refused = await browser.post(f"/letters/order/{number}", fields)
    assert refused.status_code == 422
    assert WORDS in refused.text
    assert 'aria-invalid="true"' in refused.text
    sent = await browser.post(f"/letters/order/{number}", fields | {"subject": "О заказе"})
    assert sent.status_code == 200
    card = (await browser.get(f"/orders/{number}")).text
    assert "ждёт отправки" in card
    assert WORDS in card


async def test_letters_are_written_from_clients_and_deals_too(
    door: WebHouse, server: FakeSmtp
) -> None:
    await ordered(door.house)
    await mail.set_account(door.house.actor_for("head"), account(server))
    head = await door.browser("head")
    window = (await head.get("/letters/client/1")).text
    assert "Своими словами" in window
    fields = {"form": FORM, "template": "letter", "to": "other", "other": "a@example.ru"}
    sent = await head.post("/letters/client/1", fields | {"subject": "Тема", "text": WORDS})
    assert sent.status_code == 200
    page = (await head.get("/mail")).text
    assert "Клиент № 1" in page
    assert "a@example.ru" not in page


async def test_the_account_is_kept_and_tried_with_what_the_server_really_says(
    door: WebHouse, server: FakeSmtp
) -> None:
    server.login, server.password = "shop", "geheim"
    head = await door.browser("head")
    fields = {
        "host": "127.0.0.1",
        "port": str(server.port),
        "security": "none",
        "login": "shop",
        "password": "falsch",
        "from_address": "shop@shop.example",
        "from_name": "Тёплый дом",
    }
    wrong = await head.post("/mail/account", fields | {"port": "x"})
    assert wrong.status_code == 422
    assert "Порт: число" in wrong.text
    assert (await head.post("/mail/account", fields)).status_code == 204
    tried = await head.post("/mail/test", {"to": "head@shop.example"})
    assert tried.status_code == 422
    assert "не принял логин или пароль" in tried.text
    assert "535" in tried.text
    assert "falsch" not in tried.text
    await head.post("/mail/account", fields | {"password": "geheim"})
    tried = await head.post("/mail/test", {"to": "head@shop.example"})
    assert "Сервер принял письмо" in tried.text
    assert server.taken[0].to == ["head@shop.example"]


async def test_templates_are_seen_filled_changed_and_reset(door: WebHouse) -> None:
    head = await door.browser("head")
    page = (await head.get("/mail/templates?code=status")).text
    assert "Ваш заказ № 10-4821" in page
    own = {"do": "look", "subject": "№ {{ number }}", "body": "{{ name }}, добрый день"}
    assert "Анна, добрый день" in (await head.post("/mail/templates/status", own)).text
    wrong = await head.post("/mail/templates/status", own | {"do": "save", "body": "{{ name"})
    assert wrong.status_code == 422
    assert (await head.post("/mail/templates/status", own | {"do": "save"})).status_code == 204
    assert "изменён" in (await head.get("/mail/templates")).text
    await head.post("/mail/templates/status", own | {"do": "reset"})
    assert "изменён" not in (await head.get("/mail/templates")).text


async def test_what_buyers_are_told_is_chosen_on_a_page(door: WebHouse) -> None:
    head = await door.browser("head")
    assert (await head.post("/mail/buyers", {"days": "0"})).status_code == 422
    assert (await head.post("/mail/buyers", {"days": "30", "tells": "delivery"})).status_code == 204
    page = (await head.get("/mail/buyers")).text
    assert re.search(r'value="delivery" checked', page)


async def test_a_seller_has_no_page_of_mail(door: WebHouse) -> None:
    seller = await door.browser("seller")
    for path in ("/mail", "/mail/account", "/mail/templates", "/mail/buyers"):
        assert (await seller.get(path)).status_code == 403, path
