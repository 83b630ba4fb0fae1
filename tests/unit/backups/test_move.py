"""What a server is refused for, what two tables are compared by, what is said of the time left."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import msgspec
import pytest

from appliance.cli.answers import Common
from appliance.errors import HouseError
from appliance.storage.engine.probe import Probe
from backups import move_target
from backups.digests import Digest
from updates import move_lines, moving

NOW = datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)
FIT = Probe(
    version=130012,
    encoding="UTF8",
    collation="ru_RU.UTF-8",
    now=NOW,
    is_standby=False,
    is_read_only=False,
    may_make_schemas=True,
    may_make_tables=True,
    schema="public",
    other="",
    connections=100,
    folder="",
    is_here=False,
    size=8_000_000,
)
MB = 1 << 20


def test_a_server_that_fits_is_taken_whatever_its_collation() -> None:
    move_target.judge(FIT, NOW + timedelta(seconds=60), 900 * MB, None)
    move_target.judge(msgspec.structs.replace(FIT, collation="C"), NOW, 900 * MB, 900 * MB)


@pytest.mark.parametrize(
    ("lacks", "code", "params"),
    [
        ({"version": 120022}, "move_version", {"found": "12.22", "needed": 13}),
        ({"version": 90624}, "move_version", {"found": "9.6.24", "needed": 13}),
        ({"is_standby": True}, "move_standby", {}),
        ({"is_read_only": True}, "move_read_only", {}),
        ({"encoding": "SQL_ASCII"}, "move_encoding", {"found": "SQL_ASCII"}),
        ({"may_make_schemas": False}, "move_rights", {"schema": "public"}),
        ({"may_make_tables": False, "schema": "box"}, "move_rights", {"schema": "box"}),
        ({"schema": ""}, "move_rights", {"schema": "public"}),
        ({"connections": 13}, "move_connections", {"found": 13, "needed": 14}),
        ({"now": NOW - timedelta(seconds=61)}, "move_clock", {"seconds": 61}),
        ({"other": "pg_stat_statements"}, "move_not_empty", {"name": "pg_stat_statements"}),
    ],
)
def test_each_thing_a_server_lacks_is_refused_by_its_name(
    lacks: dict[str, Any], code: str, params: dict[str, Any]
) -> None:
    with pytest.raises(HouseError) as refused:
        move_target.judge(msgspec.structs.replace(FIT, **lacks), NOW, MB, None)
    assert (refused.value.code, refused.value.params) == (code, params)


def test_room_is_asked_for_where_the_servers_disk_can_be_seen() -> None:
    with pytest.raises(HouseError) as refused:
        move_target.judge(FIT, NOW, 900 * MB, 899 * MB)
    assert refused.value.params == {"need": 900, "free": 899}
    assert move_target.free_of(FIT) is None
    here = msgspec.structs.replace(FIT, is_here=True, folder="/nowhere/at/all")
    assert move_target.free_of(here) is None
    assert move_target.free_of(msgspec.structs.replace(here, folder="/")) is not None


def digest(*rows: tuple[Any, ...]) -> Digest:
    made = Digest()
    for row in rows:
        made.take([row])
    return made


FIRST = (UUID(int=1), "Лада", True, None, b"\x00\xff", NOW, date(2026, 1, 31), 1 << 62)
SECOND = (UUID(int=2), "", False, 0, b"", NOW, date(2026, 1, 31), -1)


def test_the_same_rows_in_any_order_are_the_same() -> None:
    moscow = NOW.astimezone(timezone(timedelta(hours=3)))
    same = (*FIRST[:5], moscow, *FIRST[6:])
    assert digest(FIRST, SECOND) == digest(SECOND, same)
    assert digest(("a\0b",)) == digest(("ab",)), "this server keeps no NUL in a text"
    assert (digest(FIRST, SECOND).rows, len(digest().hex())) == (2, 32)


@pytest.mark.parametrize(
    "other",
    [
        [FIRST],
        [FIRST, SECOND, SECOND],
        [FIRST, FIRST],
        [FIRST, (*SECOND[:3], None, *SECOND[4:])],
        [FIRST, (*SECOND[:2], 0, *SECOND[3:])],
        [FIRST, (*SECOND[:5], NOW + timedelta(microseconds=1), *SECOND[6:])],
        [(SECOND[0], *FIRST[1:]), (FIRST[0], *SECOND[1:])],
    ],
)
def test_a_row_that_is_lost_doubled_or_changed_is_noticed(other: list[tuple[Any, ...]]) -> None:
    assert digest(*other) != digest(FIRST, SECOND)


@pytest.fixture
def moments() -> Iterator[float]:
    return iter([0.0, 1.0, 3.5, 4.0, 100.0])


def test_a_step_says_how_long_it_will_take_and_does_not_chatter(
    capsys: pytest.CaptureFixture[str], moments: Iterator[float]
) -> None:
    tell = moving.teller(Common(), clock=lambda: next(moments))
    for step, done in (("tables", 0), ("tables", 10), ("tables", 20), ("tables", 21)):
        tell(step, done, 100)
    tell("verify", 0, 1)
    assert capsys.readouterr().err.splitlines() == [
        "таблицы: 0 %",
        "таблицы: 20 %, осталось около 14 с",
        "сверка: 0 %",
    ]


def test_what_is_left_is_said_in_minutes_and_never_of_a_guess() -> None:
    assert moving.said_of(50, 100, 90) == "50 %, осталось около 1 мин 30 с"
    assert moving.said_of(2, 100, 90) == "2 %"
    assert moving.said_of(99, 100, 90) == "99 %"
    assert moving.said_of(0, 0, 0) == "0 %"


def test_programs_hear_of_the_steps_too(capsys: pytest.CaptureFixture[str]) -> None:
    moments = iter([0.0, 9.0])
    tell = moving.teller(Common(json=True), clock=lambda: next(moments))
    tell("tables", 0, 7)
    tell("tables", 5, 7)
    seen = [move_lines.progress_of(line) for line in capsys.readouterr().err.splitlines()]
    assert seen == [move_lines.Progress("tables", 0, 7, 0), move_lines.Progress("tables", 5, 7, 9)]
    assert move_lines.progress_of("Traceback") is None


def test_what_the_command_answered_or_refused_with_is_told_on() -> None:
    assert move_lines.answer_of('{"rows": 3}\n') == {"rows": 3}
    with pytest.raises(HouseError, match="move_died"):
        move_lines.answer_of("")
    with pytest.raises(HouseError) as refused:
        move_lines.answer_of('{"error": {"code": "move_clock", "params": {"seconds": 90}}}')
    assert (refused.value.code, refused.value.params) == ("move_clock", {"seconds": 90})
