"""The journal of copies: one row for each making and each proof."""

from datetime import datetime
from typing import Final
from uuid import UUID

from appliance.domain.backups import (
    ENTERED,
    MOST_NUMBERS,
    CopyEnd,
    CopyHealth,
    CopyKind,
    CopyRun,
    CopyState,
    Since,
)
from appliance.domain.ids import uuid7
from appliance.storage import counters
from appliance.storage.statements import execute, fetch, fetch_one, fetch_value, insert, update_row
from appliance.storage.tables import CopyRunRow
from appliance.storage.tx import Tx

_COLUMNS = (
    "number, kind, state, stamp, by_number, began_at, ended_at, size, targets, failed_targets, code"
)


async def begin(tx: Tx, kind: CopyKind) -> UUID:
    """Write down that one begins; whatever was left running by a crash failed."""
    await execute(
        "UPDATE copy_run SET state = 'failed', ended_at = {}, code = {} WHERE state = 'running'",
        tx.now,
        "backup_cut_off",
    )
    row_id = uuid7()
    await insert(
        CopyRunRow,
        id=row_id,
        number=await counters.draw("copy_run"),
        kind=kind.value,
        state=CopyState.RUNNING.value,
        by_number=tx.actor.number,
        began_at=tx.now,
    )
    tx.about("copy_run", row_id)
    return row_id


async def end(tx: Tx, run_id: UUID, ended: CopyEnd) -> None:
    """Write down how it went."""
    await update_row(
        CopyRunRow,
        run_id,
        state=(CopyState.FAILED if ended.code else CopyState.DONE).value,
        stamp=ended.stamp,
        ended_at=tx.now,
        size=ended.size,
        targets=ended.targets,
        failed_targets=ended.failed_targets,
        code=ended.code,
    )
    tx.about("copy_run", run_id)


async def page(before: int | None, limit: int) -> list[CopyRun]:
    """The newest first."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM copy_run WHERE number < {{}} ORDER BY number DESC LIMIT {{}}",
        before or 2**62,
        limit,
    )
    return [
        CopyRun(
            number=row[0],
            kind=CopyKind(row[1]),
            state=CopyState(row[2]),
            stamp=row[3],
            by=row[4],
            began_at=row[5],
            ended_at=row[6],
            size=row[7],
            targets=row[8],
            failed_targets=row[9],
            code=row[10],
        )
        for row in rows
    ]


_NO_VERDICT = ("", "backup_cancelled", "backup_running", "backup_none")
"""Ends of a drill that say nothing against a copy."""


async def health() -> CopyHealth:
    """The last of each."""
    last = await fetch_one(
        "SELECT code FROM copy_run WHERE state <> 'running' ORDER BY number DESC LIMIT 1"
    )
    drill = await fetch_one(
        "SELECT code FROM copy_run WHERE kind = 'drill' AND state <> 'running' "
        "ORDER BY number DESC LIMIT 1"
    )
    return CopyHealth(
        made_at=await _last(CopyKind.COPY),
        proven_at=await _last(CopyKind.DRILL),
        code="" if last is None else last[0],
        refuted=drill is not None and drill[0] not in _NO_VERDICT,
    )


async def newest_stamp() -> str:
    """Name of the newest copy that was made; empty without any."""
    return (
        await fetch_value("SELECT MAX(stamp) FROM copy_run WHERE kind = 'copy' AND state = 'done'")
        or ""
    )


async def since(moment: datetime, now: datetime) -> Since:
    """Records made after a moment, and who is at work now."""
    found = await fetch_one(
        "SELECT (SELECT COUNT(*) FROM orders WHERE created_at > {}),"
        " (SELECT COUNT(*) FROM customer WHERE created_at > {}),"
        " (SELECT COUNT(*) FROM payment WHERE created_at > {}),"
        " (SELECT COUNT(*) FROM deal WHERE created_at > {}),"
        " (SELECT COUNT(*) FROM shipment WHERE created_at > {}),"
        " (SELECT COUNT(*) FROM task WHERE created_at > {}),"
        " (SELECT COUNT(DISTINCT user_id) FROM session WHERE expires_at > {})",
        *([moment] * len(ENTERED)),
        now,
    )
    if found is None:
        return Since()
    return Since(
        **dict(zip(ENTERED, found, strict=False)),
        people=found[len(ENTERED)],
        numbers={
            "orders": await _numbers("orders", moment),
            "customers": await _numbers("customer", moment),
            "payments": await _numbers("payment", moment),
        },
    )


_NUMBERS: Final = {
    "orders": "SELECT number FROM orders WHERE created_at > {} ORDER BY number DESC LIMIT {}",
    "customer": "SELECT number FROM customer WHERE created_at > {} ORDER BY number DESC LIMIT {}",
    "payment": "SELECT number FROM payment WHERE created_at > {} ORDER BY number DESC LIMIT {}",
}


async def _numbers(table: str, moment: datetime) -> tuple[int, ...]:
    rows = await fetch(_NUMBERS[table], moment, MOST_NUMBERS)
    return tuple(row[0] for row in rows)


async def _last(kind: CopyKind) -> datetime | None:
    return await fetch_value(
        "SELECT ended_at FROM copy_run WHERE kind = {} AND state = 'done'"
        " ORDER BY number DESC LIMIT 1",
        kind.value,
    )
