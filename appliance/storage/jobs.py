"""Chores of the house as rows: what the clock ticks, these remember across restarts."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from appliance.domain.health import Chore
from appliance.domain.ids import uuid7
from appliance.storage.statements import any_of, execute, fetch, fetch_value, insert
from appliance.storage.tables import JobRow

LEASE = timedelta(minutes=10)
"""A chore that has not reported back by then is taken for dead and started again."""

RETRY = timedelta(minutes=5)
MOST_ATTEMPTS = 7

SLACK = timedelta(hours=1)
"""So far ahead a last run may lie by a clock that was put right a little."""

LONGEST = timedelta(days=32)
"""No chore comes less often than once a month."""


class Job(NamedTuple):
    """A chore that was claimed."""

    id: UUID
    kind: str
    attempts: int


async def ensure(kind: str, first_run: datetime) -> None:
    """Have a chore of this kind in the table; repeating is safe."""
    if await fetch_value("SELECT 1 FROM job WHERE kind = {}", kind) is None:
        await insert(JobRow, id=uuid7(), kind=kind, dedupe_key=kind, run_at=first_run)


async def claim(now: datetime, limit: int) -> list[Job]:
    """Take due chores for `LEASE`; nobody else gets them meanwhile."""
    due = await fetch(
        "SELECT id FROM job WHERE state = 'ready' AND run_at <= {} "
        "AND (lease_until IS NULL OR lease_until < {}) ORDER BY run_at LIMIT {}",
        now,
        now,
        limit,
    )
    if not due:
        return []
    rows = await fetch(
        "UPDATE job SET lease_until = {}, attempts = attempts + 1 WHERE id IN {} "
        "AND (lease_until IS NULL OR lease_until < {}) RETURNING id, kind, attempts",
        now + LEASE,
        any_of([row[0] for row in due]),
        now,
    )
    return [Job(*row) for row in rows]


async def bring_back(now: datetime) -> bool:
    """Have chores that ran in a time still to come run again now; whether there were any.

    A clock that is set back by a year would else leave copies, letters and destructions waiting
    for a year.
    """
    return bool(
        await execute(
            "UPDATE job SET run_at = {}, last_run_at = NULL, lease_until = NULL "
            "WHERE last_run_at > {} OR run_at > {}",
            now,
            now + SLACK,
            now + LONGEST,
        )
    )


async def done(job_id: UUID, now: datetime, every: timedelta) -> None:
    """Settle a chore and set when it comes again."""
    await execute(
        "UPDATE job SET lease_until = NULL, attempts = 0, last_error = '', last_run_at = {}, "
        "run_at = {} WHERE id = {}",
        now,
        now + every,
        job_id,
    )


async def failed(job: Job, now: datetime, code: str, every: timedelta) -> None:
    """Try again soon; after `MOST_ATTEMPTS` in a row only at the usual time."""
    pause = RETRY if job.attempts < MOST_ATTEMPTS else every
    await execute(
        "UPDATE job SET lease_until = NULL, last_error = {}, run_at = {} WHERE id = {}",
        code[:200],
        now + pause,
        job.id,
    )


async def hasten(kind: str, now: datetime) -> bool:
    """Have a chore of this kind come at the next tick, before whatever else is overdue."""
    first = await fetch_value(
        "SELECT run_at FROM job WHERE state = 'ready' ORDER BY run_at LIMIT 1"
    )
    at = now if first is None else min(now, first - timedelta(seconds=1))
    return bool(await execute("UPDATE job SET run_at = {} WHERE kind = {}", at, kind))


async def list_all(now: datetime) -> list[Chore]:
    """Every chore as it stands, the next one first."""
    rows = await fetch(
        "SELECT kind, run_at, last_run_at, attempts, last_error, lease_until FROM job "
        "WHERE state = 'ready' ORDER BY run_at, kind"
    )
    return [
        Chore(
            kind=kind,
            run_at=run_at,
            last_run_at=last_run_at,
            attempts=attempts,
            last_error=last_error,
            runs=lease_until is not None and lease_until > now,
        )
        for kind, run_at, last_run_at, attempts, last_error, lease_until in rows
    ]
