"""From the rows of a chunk to what becomes of them. Steps of `imports`."""

from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Final
from zoneinfo import ZoneInfo

from appliance.actions import _bringing_deeds
from appliance.actions._outcomes import Brought, Looked, refused
from appliance.domain import import_fields, import_rows
from appliance.domain.customers import CustomerKind
from appliance.domain.import_rows import World
from appliance.domain.imports import ImportKind, Match, Plan, Tally, WrongCell
from appliance.errors import Invalid
from appliance.storage import import_people, references, staff
from appliance.storage.import_filled import Meant
from appliance.storage.imports import Done, FileRow, Import
from appliance.storage.tx import Tx


async def world(tx: Tx, zone: ZoneInfo, kind: ImportKind) -> World:
    """What rows are read against."""
    named: dict[str, int] = {}
    for one in (await staff.directory(tx)).values():
        if one.active:
            words = one.name.lower().split()
            named |= {str(one.number): one.number, " ".join(words): one.number}
            named |= {" ".join(reversed(words)): one.number} if words else {}
    named |= {login.lower(): number for login, number in (await staff.logins()).items()}
    owner = import_fields.OWNERS.get(kind)
    made = {} if owner is None else (await references.lists()).fields[owner]
    return World(tx.now, zone, named, {one.history: one for one in made.values() if one.active})


def source_of(one: Import) -> str:
    """How a purpose names the file."""
    return f"import:{one.number}"


def _read_people(
    tx: Tx, one: Import, plan: Plan, rows: Sequence[FileRow], around: World
) -> tuple[list[Meant | None], list[Done]]:
    """Each row as it was read, or None, and the wrong ones in the same order."""
    kind, source = ImportKind(one.kind), source_of(one)
    read: list[Meant | None] = []
    wrong: list[Done] = []
    for _, cells in rows:
        try:
            draft = import_rows.client(
                kind, plan, import_rows.cells_of(plan, cells), around, source
            )
        except Invalid as error:
            read.append(None)
            wrong.append(refused(error))
        else:
            read.append(import_people.meant(tx, draft))
    return read, wrong


def _kind_of(one: Import) -> CustomerKind:
    return CustomerKind.COMPANY if one.kind == ImportKind.COMPANIES else CustomerKind.PERSON


async def look_at_people(
    tx: Tx, one: Import, rows: Sequence[FileRow], around: World, seen: AbstractSet[object]
) -> Looked:
    """Count what would become of rows of people; `seen`: what rows above are known by."""
    plan = one.way
    read, wrong = _read_people(tx, one, plan, rows, around)
    meant = [row for row in read if row is not None]
    known = await import_people.known_by(meant, _kind_of(one), plan.shop)
    here: set[object] = set()
    tally = Tally(wrong=len(wrong))
    name = "updated" if plan.match is Match.UPDATE else "skipped"
    for row in meant:
        by = import_people.first_match(row, known)
        if by is not None and plan.match is not Match.CREATE:
            tally = tally.plus(Tally(**{name: 1, import_people.COUNTED[by[0]]: 1}))
        elif any(token in seen or token in here for token in row.tokens):
            tally = tally.plus(Tally(in_file=1))
        else:
            tally = tally.plus(Tally(created=1))
        here.update(row.tokens)
    return Looked(tally, _told(rows, read, wrong), frozenset(here), len(rows))


def _told(
    rows: Sequence[FileRow], read: Sequence[object | None], wrong: Sequence[Done]
) -> tuple[WrongCell, ...]:
    numbers = [number for (number, _), one in zip(rows, read, strict=True) if one is None]
    return tuple(
        WrongCell(number, done.field, done.code)
        for number, done in zip(numbers, wrong, strict=True)
    )


async def people(tx: Tx, one: Import, rows: Sequence[FileRow], around: World) -> Brought:
    """Bring in people or companies."""
    plan = one.way
    read, wrong = _read_people(tx, one, plan, rows, around)
    meant = [row for row in read if row is not None]
    known = await import_people.known_by(meant, _kind_of(one), plan.shop)
    work = import_people.People(tx, meant, known, plan.match)
    await work.bring()
    good, bad = iter(work.outcomes), iter(wrong)
    outcomes = [next(bad) if row is None else next(good) for row in read]
    tally = work.tally.plus(Tally(wrong=len(wrong)))
    return Brought(outcomes, tally, work.first, work.last)


Bring = Callable[[Tx, Import, Sequence[FileRow], World], Awaitable[Brought]]
Look = Callable[[Tx, Import, Sequence[FileRow], World, AbstractSet[object]], Awaitable[Looked]]

BRINGS: Final[dict[ImportKind, Bring]] = {
    ImportKind.CLIENTS: people,
    ImportKind.COMPANIES: people,
    ImportKind.PRODUCTS: _bringing_deeds.goods,
    ImportKind.STOCK: _bringing_deeds.goods,
    ImportKind.ORDERS: _bringing_deeds.order_rows,
    ImportKind.DEALS: _bringing_deeds.deal_rows,
    ImportKind.TASKS: _bringing_deeds.task_rows,
}
LOOKS: Final[dict[ImportKind, Look]] = {
    kind: look_at_people
    if kind in (ImportKind.CLIENTS, ImportKind.COMPANIES)
    else _bringing_deeds.look
    for kind in ImportKind
}
