"""What a typed line means, word by word."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from appliance.domain.task_words import Understood, understand
from appliance.domain.tasks import Repeat

# Saturday.
NOW = datetime(2026, 11, 21, 10, 42, tzinfo=ZoneInfo("Europe/Moscow"))


def test_the_sample_of_the_task_is_understood_whole() -> None:
    assert understand("перезвонить завтра в 14 @login #10-4821", NOW) == Understood(
        title="перезвонить",
        day=date(2026, 11, 22),
        clock=time(14),
        who="login",
        order=104821,
        kind="call",
    )


@pytest.mark.parametrize(
    ("line", "title", "day", "clock"),
    [
        ("сверить 25.11", "сверить", date(2026, 11, 25), None),
        ("сверить 21/12/26", "сверить", date(2026, 12, 21), None),
        ("сверить 251126", "сверить", date(2026, 11, 25), None),
        ("сверить 2026-11-25", "сверить", date(2026, 11, 25), None),
        ("сверить 25 ноября", "сверить", date(2026, 11, 25), None),
        ("сверить до 25 ноября", "сверить", date(2026, 11, 25), None),
        ("сверить 14.05", "сверить", date(2027, 5, 14), None),
        ("сверить сегодня", "сверить", date(2026, 11, 21), None),
        ("послезавтра сверить", "сверить", date(2026, 11, 23), None),
        ("сверить пт", "сверить", date(2026, 11, 27), None),
        ("сверить в пятницу", "сверить", date(2026, 11, 27), None),
        ("сверить во вторник в 9", "сверить", date(2026, 11, 24), time(9)),
        ("сверить к среде", "сверить", date(2026, 11, 25), None),
        ("сверить +3", "сверить", date(2026, 11, 24), None),
        ("сверить в 14.05", "сверить", date(2026, 11, 21), time(14, 5)),
        ("сверить в 1405", "сверить", date(2026, 11, 21), time(14, 5)),
        ("сверить 14:05", "сверить", date(2026, 11, 21), time(14, 5)),
        ("сверить в 9", "сверить", date(2026, 11, 22), time(9)),
        ("сверить до 18", "сверить", date(2026, 11, 21), time(18)),
        ("сверить в 15 часов", "сверить", date(2026, 11, 21), time(15)),
        ("сверить 25.11 в 9:30", "сверить", date(2026, 11, 25), time(9, 30)),
        ("сверить через 2 часа", "сверить", date(2026, 11, 21), time(12, 42)),
        ("сверить через полчаса", "сверить", date(2026, 11, 21), time(11, 12)),
        ("сверить через 15м", "сверить", date(2026, 11, 21), time(10, 57)),
        ("сверить через неделю", "сверить", date(2026, 11, 28), None),
        ("сверить через 3 дня", "сверить", date(2026, 11, 24), None),
        ("перенести на 25.11", "перенести", date(2026, 11, 25), None),
        ("call back tomorrow at 14", "call back", date(2026, 11, 22), time(14)),
    ],
)
def test_dates_and_times_as_people_type_them(
    line: str, title: str, day: date, clock: time | None
) -> None:
    found = understand(line, NOW)
    assert (found.title, found.day, found.clock) == (title, day, clock)


@pytest.mark.parametrize(
    "line",
    [
        "сверить 32.13",
        "взять 3 коробки",
        "в офисе поменять лампу",
        "до обеда",
        "отправить на 2 склада",
        "код 1405",
        "через дорогу",
        "письмо на info.example.com",
    ],
)
def test_what_is_no_date_stays_in_the_title(line: str) -> None:
    found = understand(line, NOW)
    assert (found.title, found.day, found.clock) == (line, None, None)


@pytest.mark.parametrize(
    ("line", "repeat", "title"),
    [
        ("планёрка каждый день в 10:00", Repeat.DAILY, "планёрка"),
        ("отчёт еженедельно", Repeat.WEEKLY, "отчёт"),
        ("аренда каждый месяц", Repeat.MONTHLY, "аренда"),
        ("обзвон по будням в 11", Repeat.WORKDAYS, "обзвон"),
    ],
)
def test_how_often_is_understood(line: str, repeat: Repeat, title: str) -> None:
    found = understand(line, NOW)
    assert (found.repeat, found.title) == (repeat, title)


@pytest.mark.parametrize(
    ("line", "order"), [("№ 10-4821 оплата", 104821), ("#7 оплата", 7), ("# оплата", None)]
)
def test_an_order_is_named_by_its_sign(line: str, order: int | None) -> None:
    assert understand(line, NOW).order == order


def test_an_empty_line_has_no_title_and_no_day() -> None:
    assert understand("   ", NOW) == Understood(title="")
