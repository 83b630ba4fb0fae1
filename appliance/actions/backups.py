"""Copies: who had one made or proven, and how it went. The work is a process of its own."""

from datetime import datetime
from uuid import UUID

from appliance.actions._gate import action
from appliance.actions._second import must_be_agreed
from appliance.domain.agreements import Deed
from appliance.domain.backups import CopyEnd, CopyHealth, CopyKind, CopyPlan, CopyRun, Since
from appliance.roles import Permission
from appliance.storage import copy_runs, sessions, users
from appliance.storage.tx import Tx

PAGE = 50


@action(Permission.BOX_MANAGE)
async def begin(tx: Tx, kind: CopyKind) -> UUID:
    """Write down that somebody has a copy made or proven."""
    tx.payload = {"kind": kind.value}
    return await copy_runs.begin(tx, kind)


@action(Permission.BOX_MANAGE)
async def change_plan(tx: Tx, plan: CopyPlan, *, moves: bool = False) -> None:
    """Write down that somebody changes where copies go, how often, how many stay.

    Args:
        tx: of the administrator.
        plan: as it will be.
        moves: copies go elsewhere than until now.

    Raises:
        Denied: `agreement_needed`, `agreement_named`: a second person first.
    """
    if moves:
        await must_be_agreed(tx, Deed.COPIES, plan.places)
    tx.object_type = "copy_plan"
    tx.payload = {
        "targets": list(plan.targets),
        "data_targets": list(plan.data_targets),
        "every_minutes": plan.every_minutes,
        "hourly": plan.hourly,
        "nightly": plan.nightly,
        "weekly": plan.weekly,
        "guard": plan.guard,
    }


@action(Permission.BOX_MANAGE, reads=True, quiet=True)
async def look(tx: Tx) -> None:
    """Ask for what is not kept in the database: the plan, what lies on the places."""


@action(Permission.BOX_MANAGE, reads=True, slow=True, quiet=True)
async def since(tx: Tx, moment: datetime) -> Since:
    """How much was entered since: what a restore to that moment would take away."""
    return await copy_runs.since(moment, tx.now)


@action(Permission.BOX_MANAGE)
async def confirm(tx: Tx, stamp: str) -> None:
    """Write down that somebody looked at the restored data and keeps them."""
    tx.object_type = "copy"
    tx.payload = {"stamp": stamp}


@action(Permission.BOX_MANAGE)
async def go_back(tx: Tx, stamp: str) -> None:
    """Write down that somebody has the data of before the restore put in again."""
    tx.object_type = "copy"
    tx.payload = {"stamp": stamp}


@action(Permission.BOX_MANAGE)
async def cancel(tx: Tx) -> None:
    """Write down that somebody ends what runs."""
    tx.object_type = "copy_run"


@action(Permission.HOUSE)
async def begin_by_clock(tx: Tx, kind: CopyKind) -> UUID:
    """The same, when the box does it by itself."""
    tx.payload = {"kind": kind.value}
    return await copy_runs.begin(tx, kind)


@action(Permission.HOUSE)
async def end(tx: Tx, run_id: UUID, ended: CopyEnd) -> None:
    """Write down how it went: size, targets, or why not."""
    tx.payload = {
        "stamp": ended.stamp,
        "size": ended.size,
        "targets": ended.targets,
        "failed_targets": ended.failed_targets,
        "code": ended.code,
        **ended.figures,
    }
    await copy_runs.end(tx, run_id, ended)


@action(Permission.BOX_MANAGE, reads=True, quiet=True)
async def journal(tx: Tx, before: int | None = None) -> list[CopyRun]:
    """The last makings and proofs, the newest first."""
    return await copy_runs.page(before, PAGE)


@action(Permission.HOUSE, reads=True, quiet=True)
async def state(tx: Tx) -> CopyHealth:
    """When the last one was made and proven, for the clock."""
    return await copy_runs.health()


@action(Permission.HOUSE, reads=True, quiet=True)
async def newest_stamp(tx: Tx) -> str:
    """Name of the newest copy, for the next one's."""
    return await copy_runs.newest_stamp()


@action(Permission.HOUSE)
async def restored(tx: Tx, stamp: str, active: dict[str, bool]) -> None:
    """Write a restore down: all sessions end, who was let go since the copy stays out.

    Args:
        tx: of the house.
        stamp: the copy's.
        active: id of a colleague → whether the log last saw him in or out.
    """
    tx.object_type = "copy"
    known = {str(one.id): one for one in await users.list_all(tx)}
    changed = 0
    for user_id, is_active in active.items():
        one = known.get(user_id)
        if one is not None and one.active and not is_active:
            await users.change(one.id, active=False)
            changed += 1
    await sessions.end_everybody()
    tx.payload = {"stamp": stamp, "disabled_again": changed}


@action(Permission.HOUSE)
async def moved(tx: Tx, tables: int, rows: int) -> None:
    """Write down that the box's tables are on a PostgreSQL server from now on."""
    tx.object_type = "database"
    tx.payload = {"tables": tables, "rows": rows}
