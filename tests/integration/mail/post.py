"""A house whose letters go to an invented server."""

from collections.abc import Mapping
from typing import Any

from appliance.actions import letters, mail
from appliance.domain.ids import uuid7
from appliance.domain.letters import AccountForm, LetterDraft, Security
from appliance.domain.personal import Personal
from appliance.domain.timeline import Place
from appliance.jobs import post
from appliance.plugin_host.postman import Postman
from appliance.web.notices import words_of
from tests.house_fixture import TestHouse
from tests.smtp import FakeSmtp

BASE = "https://shop.example"
FROM = "shop@shop.example"
WORDS = "Добрый день! Ваш заказ ждёт вас."


def account(server: FakeSmtp, **changes: Any) -> AccountForm:
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": Security.NONE,
        "login": server.login,
        "password": Personal(server.password),
        "from_address": FROM,
        "from_name": "Тёплый дом",
    }
    return AccountForm(**(values | changes))


async def opened(house: TestHouse, server: FakeSmtp, **changes: Any) -> Postman:
    """Set the account; the house's own postman."""
    await mail.set_account(house.actor_for("head"), account(server, **changes))

    def words(notice: tuple[str, str, int, str]) -> Mapping[str, str]:
        return words_of(notice, BASE)

    postman = Postman(
        house.database, house.clock, post.handlers(house.system, house.clock, words, BASE)
    )
    postman.subscribe()
    return postman


def letter(**changes: Any) -> LetterDraft:
    values: dict[str, Any] = {
        "form": uuid7(),
        "template": "letter",
        "to": Personal("order"),
        "subject": Personal("О вашем заказе"),
        "text": Personal(WORDS),
    }
    return LetterDraft(**(values | changes))


async def sent(house: TestHouse, number: int, **changes: Any) -> None:
    await letters.send(house.actor_for("seller"), Place(order=number), letter(**changes))


async def standing(house: TestHouse) -> list[tuple[object, ...]]:
    """State and reason of every letter, oldest first."""
    return await house.rows("SELECT state, reason FROM letter ORDER BY number")
