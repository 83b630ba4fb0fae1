"""When a letter about red lines is due: once for each cause, daily while it stays."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.actions import alarms, roles_admin, users
from appliance.domain import health
from appliance.domain.alarms import Alarms, after, is_due
from appliance.domain.health import Line
from appliance.domain.letters import MailAccount
from appliance.domain.personal import Personal
from appliance.storage import settings
from appliance.storage.letters import ACCOUNT
from appliance.web.alarm_words import RED, letter_of
from tests.house_fixture import TestHouse

NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_cause_is_told_once_then_daily_and_anew_when_it_returns() -> None:
    known = Alarms()
    assert not is_due(known, [], NOON)
    assert is_due(known, ["disk.full"], NOON)
    known = after(known, ["disk.full"], NOON, told=True)
    assert not is_due(known, ["disk.full"], NOON + 23 * HOUR)
    assert is_due(known, ["disk.full"], NOON + 24 * HOUR)
    assert is_due(known, ["disk.full", "clock.back"], NOON + HOUR), "another cause"
    green = after(known, [], NOON + HOUR, told=False)
    assert is_due(green, ["disk.full"], NOON + 2 * HOUR), "it came back"
    unheard = after(Alarms(), ["disk.full"], NOON, told=False)
    assert is_due(unheard, ["disk.full"], NOON + HOUR), "nobody could be told"


def test_every_red_line_has_words_of_its_own_and_nothing_personal() -> None:
    source = Path(health.__file__).read_text(encoding="utf-8")
    red = set(re.findall(r'code="([a-z.]+)",\s+state=State\.BAD', source))
    assert red | {"disk.full", "memory.full", "anchor.never", "receipts.bare"} == set(RED)
    said = letter_of([Line(code=one) for one in sorted(RED)], "ООО «Лампа»", "https://box", "en")
    assert "%(" not in said.text
    assert not re.search("[а-яё]", said.text)
    assert str(len(RED)) in said.subject


async def test_letters_go_to_who_manages_the_box_and_wait_for_an_account(
    house: TestHouse,
) -> None:
    await roles_admin.seed_presets(house.system)
    said = letter_of([Line(code="disk.full")], "Лампа", "https://box", "ru")
    assert await alarms.report(house.system, ["disk.full"], said) == 0, "no account yet"

    async def set_account() -> None:
        await settings.put(ACCOUNT, MailAccount(host="mail.example.ru", from_address="a@b.ru"))

    await house.write(set_account)
    boss = house.actor_for("administrator")
    name = Personal("Жанна Настройкина")
    await users.set_profile(boss, 7, name, Personal(""), Personal("boss@example.ru"))
    await users.set_profile(boss, 1, name, Personal(""), Personal("seller@example.ru"))
    assert await alarms.report(house.system, ["disk.full"], said) == 1
    assert await alarms.report(house.system, ["disk.full"], said) == 0
    house.clock.pass_(hours=24)
    assert await alarms.report(house.system, ["disk.full"], said) == 1
    rows = await house.rows("SELECT kind FROM letter")
    assert rows == [("alarm",), ("alarm",)]
