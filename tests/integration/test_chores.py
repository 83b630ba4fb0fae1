"""Chores of the house: claimed by one, settled with their outcome, taken up again after a crash."""

import asyncio
from datetime import timedelta

from appliance.actions import chores
from appliance.storage.jobs import LEASE, MOST_ATTEMPTS, RETRY
from tests.house_fixture import TestHouse

HOUR = timedelta(hours=1)


async def kinds(house: TestHouse) -> list[str]:
    return sorted(job.kind for job in await chores.claim(house.system))


async def test_a_chore_is_planned_once_and_due_at_once(house: TestHouse) -> None:
    for _ in range(2):
        await chores.plan(house.system, ["a", "b"])
    assert await house.rows("SELECT COUNT(*) FROM job") == [(2,)]
    assert await kinds(house) == ["a", "b"]


async def test_a_claimed_chore_goes_to_nobody_else(house: TestHouse) -> None:
    await chores.plan(house.system, ["a"])
    claimed = await asyncio.gather(*(chores.claim(house.system) for _ in range(5)))
    assert sum(len(jobs) for jobs in claimed) == 1


async def test_a_settled_chore_comes_again_at_its_time(house: TestHouse) -> None:
    await chores.plan(house.system, ["a"])
    (job,) = await chores.claim(house.system)
    await chores.settle(house.system, job, HOUR)
    house.clock.pass_(minutes=59)
    assert await kinds(house) == []
    house.clock.pass_(minutes=1)
    assert await kinds(house) == ["a"]


async def test_a_crash_between_claim_and_settling_hands_the_chore_on(house: TestHouse) -> None:
    await chores.plan(house.system, ["a"])
    assert await kinds(house) == ["a"]
    house.clock.now += LEASE
    assert await kinds(house) == []
    house.clock.pass_(seconds=1)
    (job,) = await chores.claim(house.system)
    assert (job.kind, job.attempts) == ("a", 2)


async def test_a_failure_is_tried_again_soon_and_after_many_at_its_usual_time(
    house: TestHouse,
) -> None:
    await chores.plan(house.system, ["a"])
    for attempt in range(1, MOST_ATTEMPTS):
        (job,) = await chores.claim(house.system)
        assert job.attempts == attempt
        await chores.settle(house.system, job, HOUR * 24, "disk_full")
        house.clock.now += RETRY
    (job,) = await chores.claim(house.system)
    await chores.settle(house.system, job, HOUR * 24, "disk_full")
    house.clock.now += RETRY
    assert await kinds(house) == []
    assert await house.rows("SELECT last_error FROM job") == [("disk_full",)]
    house.clock.now += HOUR * 24
    (job,) = await chores.claim(house.system)
    await chores.settle(house.system, job, HOUR)
    assert await house.rows("SELECT last_error, attempts FROM job") == [("", 0)]


async def test_chores_leave_no_lines_in_the_log(house: TestHouse) -> None:
    await chores.plan(house.system, ["a"])
    (job,) = await chores.claim(house.system)
    await chores.settle(house.system, job, HOUR)
    await chores.purge(house.system)
    assert await house.rows("SELECT id FROM audit_outbox") == []


async def test_a_clock_set_back_by_a_year_leaves_no_chore_delivery_or_session_in_the_future(
    house: TestHouse,
) -> None:
    house.clock.pass_(days=365)
    await chores.plan(house.system, ["a"])
    (job,) = await chores.claim(house.system)
    await chores.settle(house.system, job, HOUR)
    await chores.plan(house.system, ["b"])  # it has not run yet
    house.clock.pass_(days=-365)
    assert await kinds(house) == ["a", "b"]
    assert await kinds(house) == []
