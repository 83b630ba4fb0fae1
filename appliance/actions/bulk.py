"""One field of many records: a look first, the change, and the way back within ninety days."""

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from appliance.actions import _bulk, _way_back
from appliance.actions._gate import action
from appliance.domain.access import Actor, ActorKind
from appliance.domain.bulk import (
    MOST,
    MOST_AT_ONCE,
    MOST_LOOKED,
    BulkChange,
    BulkOutcome,
    BulkState,
    BulkView,
    Section,
    Verdict,
    added,
)
from appliance.domain.client_lists import ClientList
from appliance.domain.ids import uuid7
from appliance.domain.notices import NoticeKind
from appliance.domain.orders import OrderFilter
from appliance.domain.tasks import TaskFilter
from appliance.errors import Conflict, Destroyed, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    bulk_edits,
    bulk_picks,
    notices,
    references,
    roles_store,
    undo,
    users,
)
from appliance.storage.bulk_edits import BulkEdit
from appliance.storage.notices import Told
from appliance.storage.tx import Tx

STEP: Final = 25
"""Records of one step: the writer is free again after a twentieth of a second or so."""

Asked = OrderFilter | ClientList | TaskFilter
_FILTERS: Final = {
    Section.ORDERS: OrderFilter,
    Section.CLIENTS: ClientList,
    Section.TASKS: TaskFilter,
}


def right(section: Section, field: str) -> Permission:
    """What changing a field asks for, so that a list offers it to nobody else."""
    return _bulk.right_of(BulkChange(section=section, field=field, value=""))


class Choice(NamedTuple):
    """The records a change is for: chosen ones by number, or all that a list's filter has.

    A filter with a text is none: what is typed about people is kept nowhere.
    """

    numbers: tuple[int, ...] = ()
    asked: Asked | None = None


class Looked(NamedTuple):
    """What a change would do.

    Attributes:
        total: records altogether; `outcome` speaks of the first `MOST_LOOKED` of them.
    """

    outcome: BulkOutcome
    total: int


class Done(NamedTuple):
    """A change that was made, or begun.

    Attributes:
        job: where it goes on in steps; None where it is done.
    """

    outcome: BulkOutcome
    job: UUID | None = None


async def _numbers(tx: Tx, choice: Choice, after: int | None, limit: int) -> list[int]:
    match choice.asked:
        case OrderFilter() as asked:
            return await bulk_picks.orders(tx, asked, after, limit)
        case ClientList() as asked:
            return await bulk_picks.clients(tx, asked, after, limit)
        case TaskFilter() as asked:
            return await bulk_picks.tasks(tx, asked, after, limit)
        case None:
            known = sorted(set(choice.numbers), reverse=True)
            return [one for one in known if after is None or one < after][:limit]


async def _total(tx: Tx, choice: Choice) -> int:
    match choice.asked:
        case OrderFilter() as asked:
            return await bulk_picks.count_orders(tx, asked)
        case ClientList() as asked:
            return await bulk_picks.count_clients(tx, asked, MOST + 1)
        case TaskFilter() as asked:
            return await bulk_picks.count_tasks(tx, asked)
        case None:
            return len(set(choice.numbers))


async def _go(tx: Tx, change: BulkChange, numbers: Sequence[int], zone: ZoneInfo, *, writes: bool
              ) -> list[Verdict]:  # fmt: skip
    around = _bulk.Around(await references.lists(), change, zone, writes)
    return [await _bulk.one(tx, around, number) for number in numbers]


@action(Permission.SELF, slow=True, quiet=True)
async def look(tx: Tx, change: BulkChange, choice: Choice, zone: ZoneInfo) -> Looked:
    """What a change would do; nothing is written.

    Raises:
        Denied: the actor may not change this field.
        Invalid: at `value`: see `_bulk.check`.
    """
    tx.under(_bulk.right_of(change).value)
    await _bulk.check(await references.lists(), change)
    numbers = await _numbers(tx, choice, None, MOST_LOOKED)
    verdicts = await _go(tx, change, numbers, zone, writes=False)
    total = len(numbers) if len(numbers) < MOST_LOOKED else await _total(tx, choice)
    return Looked(added(BulkOutcome(), verdicts), total)


@action(Permission.SELF)
async def apply(tx: Tx, change: BulkChange, choice: Choice, zone: ZoneInfo) -> Done:
    """Change the records; more than a page of them go on in steps of their own.

    Raises:
        Denied: the actor may not change this field.
        Invalid: at `value`: see `_bulk.check`; `bulk_nothing`; `bulk_too_many`.
    """
    tx.under(_bulk.right_of(change).value)
    await _bulk.check(await references.lists(), change)
    numbers = await _numbers(tx, choice, None, MOST_AT_ONCE + 1)
    tx.payload = {"field": change.field, "value": change.value}
    if not numbers:
        raise Invalid("bulk_nothing")
    if len(numbers) > MOST_AT_ONCE:
        return Done(BulkOutcome(), await _begin(tx, change, choice))
    undo.join(tx, uuid7())
    verdicts = await _go(tx, change, numbers, zone, writes=True)
    outcome = added(BulkOutcome(set_id=tx.undo), verdicts)
    tx.payload |= {"records": [one.number for one in verdicts if not one.code]}
    return Done(outcome)


async def _begin(tx: Tx, change: BulkChange, choice: Choice) -> UUID:
    total = await _total(tx, choice)
    if total > MOST:
        raise Invalid("bulk_too_many", most=MOST)
    asked = "" if choice.asked is None else msgspec.json.encode(choice.asked).decode()
    job = await bulk_edits.begin(tx, change, total, asked=asked, numbers=choice.numbers)
    tx.about("bulk", job)
    return job


@action(Permission.SELF)
async def take_back(tx: Tx, set_id: UUID) -> UUID | None:
    """Take a change of many back as far as nobody changed it since; a long one goes in steps.

    Returns:
        where it goes on in steps; None where it is done.

    Raises:
        NotFound: `deed_not_found`.
        Conflict: `deed_undone`; `nothing_to_undo`.
        Denied: the right was taken away meanwhile.
    """
    deed = await undo.get(tx, set_id)
    if not await undo.close(set_id):
        raise Conflict("deed_undone")
    if deed.records > MOST_AT_ONCE:
        change = BulkChange(section=Section.ORDERS, field="", value="")
        job = await bulk_edits.begin(tx, change, deed.records, undo_set=set_id)
        tx.about("bulk", job)
        return job
    tx.undoes = set_id
    changed = await _way_back.take_back(tx, deed)
    if not changed:
        raise Conflict("nothing_to_undo", number=deed.entity_number)
    tx.payload = {"undone": str(set_id), "records": changed}
    return None


@action(Permission.SELF, reads=True, quiet=True)
async def progress(tx: Tx, job: UUID) -> BulkView:
    """How far a change of mine is.

    Raises:
        NotFound: `bulk_not_found`.
    """
    return bulk_edits.view(await bulk_edits.mine(tx, job))


@action(Permission.SELF)
async def stop(tx: Tx, job: UUID) -> None:
    """Leave a change at the records it has reached; what is changed can be taken back.

    Raises:
        NotFound: `bulk_not_found`.
    """
    one = await bulk_edits.mine(tx, job)
    if one.state == BulkState.RUNNING.value:
        await bulk_edits.note(tx, one, state=BulkState.STOPPED.value)


class Work(NamedTuple):
    """A change to go on with, and whoever makes it, by what his roles grant him now."""

    id: UUID
    maker: Actor


@action(Permission.HOUSE, reads=True, quiet=True)
async def work(tx: Tx) -> list[Work]:
    """Changes to go on with, the oldest first."""
    found: list[Work] = []
    for one in await bulk_edits.running():
        user = await users.get(tx, one.made_by)
        grants = await roles_store.grants_of(user.roles if user.active else ())
        found.append(
            Work(
                one.id,
                Actor(
                    ActorKind.USER,
                    user.id,
                    grants,
                    number=user.number,
                    department=user.department_id,
                ),
            )
        )
    return found


@action(Permission.HOUSE, quiet=True)
async def fail(tx: Tx, job: UUID, code: str) -> None:
    """Say that a change cannot go on; what is changed stays, and can be taken back."""
    one = await bulk_edits.get(job)
    await bulk_edits.note(tx, one, state=BulkState.FAILED.value, error=code)
    await _tell(tx, one, NoticeKind.WORK_FAILED)


@action(Permission.SELF)
async def step(tx: Tx, job: UUID, zone: ZoneInfo, most: int = STEP, refuse: str = "") -> bool:
    """Deal with the next records of a change; whether there is more. Repeating is safe.

    Args:
        tx: of the maker.
        job: the change.
        zone: in which days begin.
        most: how many records.
        refuse: leave them as they are, for the reason of this code.

    Raises:
        NotFound: `bulk_not_found`.
        Denied: the right was taken away meanwhile.
        HouseError: what one of the records was refused for at the last moment; none is changed.
    """
    one = await bulk_edits.mine(tx, job)
    if one.state != BulkState.RUNNING.value:
        return False
    return await (_back(tx, one) if one.back else _further(tx, one, zone, most, refuse))


def _choice(one: BulkEdit) -> Choice:
    if not one.asked:
        return Choice(one.chosen)
    return Choice(asked=msgspec.json.decode(one.asked, type=_FILTERS[one.change.section]))


async def _further(tx: Tx, one: BulkEdit, zone: ZoneInfo, most: int, refuse: str) -> bool:
    tx.under(_bulk.right_of(one.change).value)
    numbers = await _numbers(tx, _choice(one), one.after, most)
    undo.join(tx, one.undo_set)
    if refuse:
        verdicts = [Verdict(number, refuse) for number in numbers]
    else:
        verdicts = await _go(tx, one.change, numbers, zone, writes=True)
    more = len(numbers) == most
    await bulk_edits.note(
        tx,
        one,
        outcome=added(one.so_far, verdicts),
        after=numbers[-1] if numbers else one.after,
        state=(BulkState.RUNNING if more else BulkState.DONE).value,
    )
    if not more:
        await _tell(tx, one, NoticeKind.BULK_DONE)
    return more


async def _tell(tx: Tx, one: BulkEdit, kind: NoticeKind) -> None:
    """Tell whoever asked for it: he may be on another page by now."""
    await notices.tell_all(tx, [Told(one.made_by, kind, "bulk", one.id, one.total)])


async def _back(tx: Tx, one: BulkEdit) -> bool:
    """One range of a set: what one step of the change had done."""
    tx.undoes = one.undo_set
    undo.join(tx, one.id)  # taking back is a deed, too: all its steps are one set
    known = one.so_far
    ranges = await bulk_edits.ranges(one.undo_set, one.after)
    for first, last in ranges:
        entries = await undo.entries_between(first, last)
        for (entity, entity_id), pairs in (await _way_back.returning(entries)).items():
            number = pairs[0][1].entity_number
            try:
                await _way_back.put_back(tx, entity, entity_id, pairs)
            except (NotFound, Invalid, Conflict, Destroyed) as error:
                known = added(known, [Verdict(number, error.code)])
            else:
                known = added(known, [Verdict(number, "")])
    await bulk_edits.note(
        tx,
        one,
        outcome=known,
        after=ranges[0][0] if ranges else one.after,
        state=(BulkState.RUNNING if ranges else BulkState.DONE).value,
    )
    if not ranges:
        await _tell(tx, one, NoticeKind.BULK_DONE)
    return bool(ranges)


@action(Permission.HOUSE, quiet=True)
async def sweep(tx: Tx) -> int:
    """Forget changes whose ninety days are over."""
    return await bulk_edits.sweep(tx.now)
