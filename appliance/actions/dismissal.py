"""Letting a colleague go: freeze him, hand his work over, see what he saw and took out.

Freezing is one deed and holds at once. Handing over goes on in the house's own steps, some records
each, and goes on after a restart where it was; every record is written into its history as when a
person had done it. A record that is refused stays, counted.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from appliance.actions import _bulk, _deal_steps
from appliance.actions._actors import forgets_actors, needs_step_up
from appliance.actions._gate import action
from appliance.actions.users import keep_a_manager
from appliance.domain.bulk import SAME, BulkChange, Section
from appliance.domain.dismissal import Dismissal, Handed, further
from appliance.errors import Conflict, Destroyed, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import deals, dismissals, jobs, references, sessions, users
from appliance.storage.tx import Tx

STEP: Final = 20
CHORE: Final = "users.hand_over"
_CHANGES: Final = {
    Handed.CLIENTS: (Section.CLIENTS, "manager"),
    Handed.ORDERS: (Section.ORDERS, "manager"),
    Handed.TASKS: (Section.TASKS, "performer"),
}


class Passed(NamedTuple):
    """Somebody who opened or took out something, for a report."""

    id: UUID
    login: str


@forgets_actors
@action(Permission.USER_MANAGE)
async def begin(tx: Tx, number: int, heir: int) -> Dismissal:
    """Freeze a colleague at once and have his work handed over; it goes on by itself.

    Args:
        tx: of the administrator.
        number: of whoever goes.
        heir: number of whoever takes over.

    Raises:
        NotFound: nobody has that number.
        Conflict: `user_is_me`, `last_manager`, `dismissal_running`.
        Invalid: `heir_unfit`: it is himself, or one who does not work here.
        Denied: `step_up_needed`.
    """
    needs_step_up(tx)
    found, taker = await users.get_by_number(tx, number), await users.get_by_number(tx, heir)
    tx.about("user", found.id)
    if found.id == tx.actor.id:
        raise Conflict("user_is_me")
    if taker.id == found.id or not taker.active:
        raise Invalid("heir_unfit", fields={"heir": "heir_unfit"})
    if (await dismissals.get(found.id)).runs:
        raise Conflict("dismissal_running")
    await keep_a_manager(found.id)
    await users.change(found.id, active=False)
    await sessions.end_all(found.id)
    await sessions.forget_devices(found.id)
    known = Dismissal(user=number, heir=heir, began_at=tx.now)
    await dismissals.put(found.id, known)
    await jobs.hasten(CHORE, tx.now)
    tx.payload = {"heir": heir}
    return known


@action(Permission.USER_MANAGE, reads=True, quiet=True)
async def state(tx: Tx, number: int) -> Dismissal:
    """How far the handing over of somebody's work is."""
    return await dismissals.get((await users.get_by_number(tx, number)).id)


@action(Permission.HOUSE, reads=True, quiet=True)
async def due(tx: Tx) -> list[UUID]:
    """Whose work is still to be handed over."""
    return await dismissals.running()


@action(Permission.HOUSE)
async def step(tx: Tx, user_id: UUID, zone: ZoneInfo, most: int = STEP, refuse: str = "") -> bool:
    """Hand over the next records; whether there may be more. Repeating is safe.

    Args:
        tx: of the house.
        user_id: whoever goes.
        zone: in which days begin.
        most: how many records.
        refuse: leave them, for the reason of this code.

    Raises:
        HouseError: what one of them was refused for at the last moment; none is changed.
    """
    known = await dismissals.get(user_id)
    if known.stage is None:
        return False
    tx.about("user", user_id)
    numbers = await dismissals.left(user_id, known.stage, known.after, most)
    moved = 0
    for number in numbers if not refuse else ():
        moved += not await _hand(tx, known.stage, number, known.heir, zone)
    tx.payload = {"what": known.stage.value, "moved": moved, "numbers": numbers}
    after = numbers[-1] if len(numbers) == most else None
    fresh = further(known, moved, len(numbers) - moved, after)
    if fresh.stage is None:
        fresh = msgspec.structs.replace(fresh, ended_at=tx.now)
    await dismissals.put(user_id, fresh)
    return fresh.stage is not None


async def _hand(tx: Tx, what: Handed, number: int, heir: int, zone: ZoneInfo) -> str:
    """Why a record stays; empty where it was handed over."""
    if what is Handed.DEALS:
        return await _hand_deal(tx, number, heir)
    section, field = _CHANGES[what]
    change = BulkChange(section=section, field=field, value=str(heir))
    tx.under(_bulk.right_of(change).value)
    lists = await references.lists()
    verdict = await _bulk.one(tx, _bulk.Around(lists, change, zone, writes=True), number)
    return "" if verdict.code == SAME else verdict.code


async def _hand_deal(tx: Tx, number: int, heir: int) -> str:
    tx.under(Permission.DEAL_ASSIGN.value)
    try:
        deal = await deals.get(tx, number)
        fresh = await _deal_steps.colleague(heir)
        entry = await deals.manager_change(deal.manager_id, fresh)
        await deals.change(tx, deal, [entry], manager_id=fresh)
    except (NotFound, Invalid, Conflict, Destroyed) as error:
        return error.code
    return ""


@action(Permission.USER_MANAGE)
async def ask_trail(tx: Tx, number: int, since: datetime) -> Passed:
    """Write down that somebody looks what a colleague saw and took out; who that is.

    Raises:
        NotFound: nobody has that number.
        Denied: `step_up_needed`.
    """
    needs_step_up(tx)
    found = await users.get_by_number(tx, number)
    tx.about("user", found.id)
    tx.payload = {"since": since.isoformat()}
    return Passed(found.id, found.login)


@action(Permission.USER_MANAGE, reads=True, quiet=True)
async def name_clients(tx: Tx, subjects: Sequence[UUID]) -> dict[UUID, int]:
    """Numbers of clients by their pseudonyms in the log; destroyed people have theirs, too."""
    return await dismissals.clients_of(tx, list(subjects))
