"""What the clock does to tasks: reminded once, overdue told once, series never doubled."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from appliance.actions import notices, task_chores, tasks
from appliance.domain.notices import NoticeChoice
from appliance.domain.personal import Personal
from appliance.domain.tasks import NewTask, Repeat, Result
from appliance.storage import task_chores as stored
from tests.house_fixture import TestHouse

ZONE = ZoneInfo("Europe/Moscow")
HOUR = timedelta(hours=1)


async def set_task(house: TestHouse, by: str = "head", **other: Any) -> int:
    due_at = house.clock.now + HOUR
    given: dict[str, Any] = {"due_at": due_at, "remind_at": due_at, "performer": 1, **other}
    made = await tasks.create(house.actor_for(by), NewTask(title=Personal("Позвонить"), **given))
    return made.number


async def told(house: TestHouse, name: str) -> list[object]:
    rows = await house.rows(
        "SELECT kind FROM notice WHERE user_id = {} ORDER BY number", house.users[name]
    )
    return [row[0] for row in rows]


async def tick(house: TestHouse, times: int = 2) -> None:
    for _ in range(times):
        await task_chores.run(house.system, ZONE)


@pytest.mark.checklist(111)
@pytest.mark.checklist(168)
async def test_the_performer_is_reminded_at_the_time_and_once(house: TestHouse) -> None:
    await set_task(house, by="seller", kind="call", remind_at=None)
    await tick(house)
    assert await told(house, "seller") == []
    house.clock.pass_(hours=1)
    await tick(house)
    assert await told(house, "seller") == ["task.remind"]
    bell = await notices.bell(house.actor_for("seller"), house.clock.now + HOUR)
    assert [one.title.reveal() for one in bell.fresh if one.title] == ["Позвонить"]
    await notices.popped(house.actor_for("seller"), [one.id for one in bell.fresh])
    again = await notices.bell(house.actor_for("seller"), house.clock.now + HOUR)
    assert (again.unread, again.fresh) == (1, ())


@pytest.mark.checklist(181)
async def test_the_head_is_told_when_it_is_overdue_and_when_it_is_done(house: TestHouse) -> None:
    number = await set_task(house, remind_at=None)
    house.clock.pass_(hours=2)
    await tick(house)
    await tasks.close(house.actor_for("seller"), number, Result(), ZONE)
    await tick(house)
    assert await told(house, "head") == ["task.overdue", "task.done"]


async def test_a_crash_before_the_commit_leaves_a_reminder_to_be_sent_once(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_task(house, by="seller")
    house.clock.pass_(hours=1)

    async def crash(*_: object) -> int:
        raise RuntimeError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr(stored, "tell_overdue", crash)
        with pytest.raises(RuntimeError):
            await task_chores.run(house.system, ZONE)
    assert await told(house, "seller") == []
    await tick(house)
    assert await told(house, "seller") == ["task.remind"]


async def test_a_postponed_task_reminds_again(house: TestHouse) -> None:
    number = await set_task(house, by="seller")
    house.clock.pass_(hours=1)
    await tick(house)
    await tasks.move(house.actor_for("seller"), number, house.clock.now + HOUR)
    house.clock.pass_(hours=1)
    await tick(house)
    assert await told(house, "seller") == ["task.remind", "task.remind"]


async def test_quiet_hours_hold_a_notice_back_until_they_end(house: TestHouse) -> None:
    seller = house.actor_for("seller")
    # 12:30 in Moscow now; quiet from noon until three.
    quiet = NoticeChoice(quiet_from=12 * 60, quiet_to=15 * 60, time_zone="Europe/Moscow")
    await notices.choose(seller, quiet)
    await set_task(house)
    assert (await notices.bell(seller, house.clock.now)).unread == 0
    house.clock.pass_(hours=2, minutes=30)
    assert (await notices.bell(seller, house.clock.now)).unread == 1


@pytest.mark.parametrize(
    ("now", "shown"), [("22:30", "09:00"), ("03:00", "09:00"), ("12:00", "12:00")]
)
def test_quiet_hours_go_over_midnight(now: str, shown: str) -> None:
    choice = NoticeChoice(quiet_from=21 * 60, quiet_to=9 * 60, time_zone="Europe/Moscow")
    moment = datetime.fromisoformat(f"2026-11-21T{now}").replace(tzinfo=ZONE)
    at = choice.shown_at(moment.astimezone(UTC)).astimezone(ZONE)
    assert at.strftime("%H:%M") == shown
    assert at.day == (22 if now == "22:30" else 21)


async def test_a_muted_kind_is_not_told(house: TestHouse) -> None:
    await notices.choose(house.actor_for("seller"), NoticeChoice(muted=("task.set",)))
    await set_task(house)
    assert await told(house, "seller") == []


async def test_notices_of_one_record_are_read_and_the_others_stay(house: TestHouse) -> None:
    seller = house.actor_for("seller")
    first = await set_task(house)
    await set_task(house)
    screen = await notices.index(seller)
    await notices.mark_read(seller, screen.upto, "task", first)
    assert [one.read for one in (await notices.index(seller)).rows] == [False, True]
    assert (await notices.index(house.actor_for("rival"))).rows == ()


@pytest.mark.checklist(180)
async def test_a_series_gets_its_next_task_once_when_due_and_not_again_when_done(
    house: TestHouse,
) -> None:
    number = await set_task(house, by="seller", repeat=Repeat.DAILY)
    house.clock.pass_(hours=1)
    await tick(house, 3)
    await tasks.close(house.actor_for("seller"), number, Result(), ZONE)
    rows = await house.rows("SELECT occurrence, due_at FROM task ORDER BY occurrence")
    assert [row[0] for row in rows] == [0, 1]
    assert rows[1][1] - rows[0][1] == timedelta(days=1)  # pyright: ignore[reportOperatorIssue]  (moments)


async def test_a_box_that_slept_makes_one_task_and_not_a_heap(house: TestHouse) -> None:
    await set_task(house, by="seller", repeat=Repeat.DAILY)
    house.clock.pass_(days=10)
    await tick(house, 3)
    assert await house.rows("SELECT COUNT(*) FROM task") == [(2,)]


async def test_a_cancelled_series_comes_no_more(house: TestHouse) -> None:
    number = await set_task(house, by="seller", repeat=Repeat.DAILY)
    await tasks.cancel(house.actor_for("seller"), number)
    house.clock.pass_(days=3)
    await tick(house)
    assert await house.rows("SELECT COUNT(*) FROM task") == [(1,)]
