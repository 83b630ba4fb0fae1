"""Tasks: set, told, postponed, closed, taken back; who sees whose."""

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from appliance.actions import tasks
from appliance.domain.personal import Personal
from appliance.domain.tasks import NewTask, Repeat, Result, TaskEdit
from appliance.errors import Conflict, Denied, Invalid, NotFound
from tests.house_fixture import TestHouse

ZONE = ZoneInfo("Europe/Moscow")
HOUR = timedelta(hours=1)


def new(house: TestHouse, title: str = "Сверить остатки", **other: Any) -> NewTask:
    given: dict[str, Any] = {"due_at": house.clock.now + HOUR, **other}
    return NewTask(title=Personal(title), **given)


async def told(house: TestHouse, name: str) -> list[object]:
    rows = await house.rows(
        "SELECT kind FROM notice WHERE user_id = {} ORDER BY number", house.users[name]
    )
    return [row[0] for row in rows]


async def state(house: TestHouse, number: int) -> tuple[object, ...]:
    rows = await house.rows("SELECT state, postponed FROM task WHERE number = {}", number)
    return rows[0]


@pytest.mark.checklist(180)
async def test_a_task_to_a_colleague_is_told_to_him_and_to_nobody_else(house: TestHouse) -> None:
    made = await tasks.create(house.actor_for("seller"), new(house, performer=4))
    assert made.number == 1
    assert await told(house, "storekeeper") == ["task.set"]
    assert await told(house, "seller") == []


async def test_words_of_a_task_are_nowhere_in_the_clear(house: TestHouse) -> None:
    await tasks.create(house.actor_for("seller"), new(house, "Секретное слово"))
    rows = await house.rows("SELECT * FROM task")
    assert "Секретное".encode() not in repr(rows).encode()
    assert all("Секретное" not in str(value) for row in rows for value in row)


async def test_a_stranger_finds_no_task_and_a_participant_does(house: TestHouse) -> None:
    seller, rival = house.actor_for("seller"), house.actor_for("rival")
    mine = await tasks.create(seller, new(house))
    shared = await tasks.create(seller, new(house, participants=(2,)))
    with pytest.raises(NotFound):
        await tasks.move(rival, mine.number, house.clock.now + 2 * HOUR)
    moved = await tasks.move(rival, shared.number, house.clock.now + 2 * HOUR)
    assert moved.version == 2


@pytest.mark.checklist(155)
async def test_a_task_moved_later_counts_as_postponed_and_an_undo_takes_that_back(
    house: TestHouse,
) -> None:
    seller = house.actor_for("seller")
    made = await tasks.create(seller, new(house))
    moved = await tasks.move(seller, made.number, made.due_at + HOUR, version=made.version)
    assert await state(house, made.number) == ("open", 1)
    back = await tasks.undo(seller, made.number, moved.version)
    assert back.due_at == made.due_at
    assert await state(house, made.number) == ("open", 0)
    with pytest.raises(Conflict, match="task 1"):
        await tasks.undo(seller, made.number, moved.version)


@pytest.mark.checklist(6)
async def test_a_call_is_not_done_without_its_result(house: TestHouse) -> None:
    seller = house.actor_for("seller")
    made = await tasks.create(seller, new(house, kind="call"))
    with pytest.raises(Invalid) as refused:
        await tasks.close(seller, made.number, Result(), ZONE)
    assert refused.value.fields == {"result": "task_result_needed"}
    await tasks.close(seller, made.number, Result(code="no-answer"), ZONE)
    assert await state(house, made.number) == ("done", 0)


async def test_closing_twice_tells_the_setter_once(house: TestHouse) -> None:
    made = await tasks.create(house.actor_for("head"), new(house, performer=1))
    for _ in range(2):
        await tasks.close(house.actor_for("seller"), made.number, Result(), ZONE)
    assert await told(house, "head") == ["task.done"]


async def test_a_series_goes_on_once_however_often_its_task_is_closed(house: TestHouse) -> None:
    seller = house.actor_for("seller")
    made = await tasks.create(seller, new(house, repeat=Repeat.DAILY))
    done = await tasks.close(seller, made.number, Result(), ZONE)
    await tasks.undo(seller, made.number, done.version)
    await tasks.close(seller, made.number, Result(), ZONE)
    rows = await house.rows("SELECT occurrence, state FROM task ORDER BY number")
    assert rows == [(0, "done"), (1, "open")]


@pytest.mark.parametrize(
    ("asked", "field", "code"),
    [
        ({"title": "  "}, "title", "task_title_empty"),
        ({"title": "я" * 301}, "title", "text_too_long"),
        ({"performer": 404}, "performer", "user_unknown"),
        ({"kind": "no-such"}, "kind", "task_kind_unknown"),
        ({"order": 404}, "order", "order_not_found"),
        ({"customer": 404}, "customer", "customer_not_found"),
        ({"project": 404}, "project", "project_not_found"),
    ],
)
async def test_what_makes_no_sense_is_said_at_its_field(
    house: TestHouse, asked: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await tasks.create(house.actor_for("seller"), new(house, **asked))
    assert refused.value.fields == {field: code}
    assert await house.rows("SELECT number FROM task") == []


async def test_a_program_without_the_scope_sets_no_task(house: TestHouse) -> None:
    nobody = house.actor_for("seller")._replace(id=UUID(int=9), grants={})
    with pytest.raises(Denied):
        await tasks.create(nobody, new(house))


@pytest.mark.checklist(149)
async def test_a_checklist_is_ticked_line_by_line_and_counted(house: TestHouse) -> None:
    seller = house.actor_for("seller")
    lines = (Personal("коробки"), Personal("плёнка"))
    made = await tasks.create(seller, new(house, items=lines, participants=(2, 4)))
    await tasks.tick(house.actor_for("rival"), made.number, 1, done=True)
    await tasks.edit(seller, made.number, TaskEdit(items=(*lines, Personal("скотч"))))
    rows = await house.rows("SELECT items_done, items_count FROM task")
    assert rows == [(1, 3)]
