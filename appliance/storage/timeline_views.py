"""Reading a stream: a page by key, what is planned, and what hangs on their lines."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.access import ActorKind
from appliance.domain.grants import Access, Scope
from appliance.domain.personal import Personal
from appliance.domain.references import Reference, ReferenceKind
from appliance.domain.timeline import (
    KINDS,
    ChangedField,
    EntryOrder,
    EntryView,
    Kind,
    Said,
    StreamPage,
    StreamTask,
    Tab,
)
from appliance.errors import Damaged, Destroyed
from appliance.roles import Permission
from appliance.storage import (
    change_entries,
    change_texts,
    staff,
    tasks,
    timeline,
    timeline_edits,
)
from appliance.storage.change_entries import COLUMNS, Entry
from appliance.storage.references import Lists
from appliance.storage.statements import any_of, fetch, fetch_one, fetch_value
from appliance.storage.tx import Tx
from appliance.storage.visible import (
    Fragment,
    visible_client,
    visible_client_under,
    visible_deal,
    visible_order,
)

PAGE = 30
MOST_PLANNED = 20
MOST_PEOPLE = 100
"""People of a company whose lines its stream shows: all of all but a handful of companies."""

MOST_FIELDS = 8
"""Fields of a folded line that are read with the page."""


class Where(NamedTuple):
    """Whose stream: a condition on `timeline_entry t`.

    Attributes:
        client_id: of a client's stream, to tell his lines from those of a company's people.
    """

    condition: str
    args: tuple[object, ...]
    client_id: UUID | None = None


def of_order(order_id: UUID) -> Where:
    """The stream of one order."""
    return Where("t.order_id = {}", (order_id,))


def of_deal(deal_id: UUID) -> Where:
    """The stream of one deal."""
    return Where("t.deal_id = {}", (deal_id,))


async def of_client(tx: Tx, customer_id: UUID, kind: str) -> Where:
    """The stream of a client; of a company with the lines of its people the actor may see."""
    if kind == "company":
        scope, args = visible_client(tx)
        rows = await fetch(
            "SELECT c.id FROM company_contact p JOIN customer c ON c.id = p.customer_id "
            f"WHERE p.company_id = {{}} AND {scope} ORDER BY c.id LIMIT {{}}",
            customer_id,
            *args,
            MOST_PEOPLE,
        )
        if rows:
            people = [customer_id, *(row[0] for row in rows)]
            return Where("t.customer_id IN {}", (any_of(people),), customer_id)
    return Where("t.customer_id = {}", (customer_id,), customer_id)


def _me(tx: Tx) -> int:
    """The actor as an author; −1 for programs, who are nobody here."""
    return tx.actor.number if tx.actor.kind is ActorKind.USER else -1


def _readable(tx: Tx) -> Fragment:
    """Lines the actor may see: private ones are for few, those taken back for their author."""
    me = _me(tx)
    gone = "(t.deleted_at IS NULL OR t.author_number = {})"
    if Permission.TIMELINE_PRIVATE in tx.actor.grants:
        return gone, (me,)
    return (
        f"{gone} AND (t.private = {{}} OR t.author_number = {{}} OR t.concerns = {{}})",
        (me, False, me, me),
    )


_ROW = (
    "t.id, t.at, t.kind, t.author_number, t.source, t.private, t.pinned, t.concerns, "
    "t.planned_at, t.done_at, t.edited_at, t.deleted_at, t.version, t.ref_id, t.data, "
    "t.text, t.subject_id, t.customer_id, t.order_id, t.for_buyer"
)


class _Row(NamedTuple):
    id: UUID
    at: datetime
    kind: str
    author_number: int
    source: str
    private: bool
    pinned: bool
    concerns: int
    planned_at: datetime | None
    done_at: datetime | None
    edited_at: datetime | None
    deleted_at: datetime | None
    version: int
    ref_id: UUID | None
    data: str
    text: bytes | None
    subject_id: UUID | None
    customer_id: UUID | None
    order_id: UUID | None
    for_buyer: bool


async def page(
    tx: Tx, lists: Lists, where: Where, tab: Tab = Tab.ALL, after: UUID | None = None
) -> StreamPage:
    """Newest lines first; `after` is the id of the last line of the page before."""
    rows = await _past(tx, where, tab, after)
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    first = after is None and tab in (Tab.ALL, Tab.TASKS)
    planned = await _planned(tx, where) if first else []
    views = await _views(tx, lists, where, [*planned, *rows])
    writes = tx.actor.grants.get(Permission.TIMELINE_WRITE.value)
    may_write = writes is not None and writes.access("comment") is Access.VISIBLE
    return StreamPage(
        tasks=await _tasks(tx, lists, f"{where.condition} AND t.state = 'open'", where.args)
        if first
        else (),
        planned=tuple(views[: len(planned)]),
        entries=tuple(views[len(planned) :]),
        after=rows[-1].id if more else None,
        may_write=may_write,
        logins=tuple(await timeline_edits.logins()) if may_write and after is None else (),
        tab=tab,
    )


async def _past(tx: Tx, where: Where, tab: Tab, after: UUID | None) -> list[_Row]:
    readable, args = _readable(tx)
    texts = [where.condition, readable]
    values: list[object] = [*where.args, *args]
    if KINDS[tab]:
        texts.append("t.kind IN {}")
        values.append(any_of([kind.value for kind in KINDS[tab]]))
    if after is not None:
        at = await fetch_value("SELECT at FROM timeline_entry WHERE id = {}", after)
        if at is None:
            return []
        texts.append("(t.at, t.id) < ({}, {})")
        values += [at, after]
    rows = await fetch(
        f"SELECT {_ROW} FROM timeline_entry t WHERE {' AND '.join(texts)} "
        "ORDER BY t.at DESC, t.id DESC LIMIT {}",
        *values,
        PAGE + 1,
    )
    return [_Row(*row) for row in rows]


async def _tasks(
    tx: Tx, lists: Lists, condition: str, args: Sequence[object]
) -> tuple[StreamTask, ...]:
    """Tasks by a condition on `task t`, the next first; its columns are called like a stream's."""
    rows = await fetch(
        "SELECT t.id, t.number, t.kind, t.subject_id, t.words, t.due_at, t.all_day, u.number, "
        "t.result FROM task t LEFT JOIN users u ON u.id = t.performer_id "
        f"WHERE {condition} ORDER BY t.due_at, t.id LIMIT {{}}",
        *args,
        MOST_PLANNED,
    )
    kinds = lists.of(ReferenceKind.TASK_KIND)
    return tuple(_task(tx, row, kinds) for row in rows)


def _task(tx: Tx, row: tuple[Any, ...], kinds: Mapping[str, Reference] | None = None) -> StreamTask:
    task_id, number, kind, subject_id, cell, due_at, all_day, performer, result = row
    words = tasks.open_words(tx, task_id, subject_id, cell)
    asked = (kinds or {}).get(kind)
    closes = tx.actor.grants.get(Permission.TASK_EDIT.value)
    return StreamTask(
        number=number,
        kind=kind,
        title=None if words is None else Personal(words.title),
        due_at=due_at,
        all_day=bool(all_day),
        performer_number=performer or 0,
        result=result,
        ask=asked is not None and bool(asked.extra.get("needsResult")),
        mine=closes is not None and (performer == tx.actor.number or closes.scope is not Scope.OWN),
    )


async def _told_tasks(tx: Tx, rows: Sequence[_Row]) -> dict[UUID, StreamTask]:
    wanted = [row.ref_id for row in rows if row.kind == Kind.TASK and row.ref_id is not None]
    if not wanted:
        return {}
    found = await fetch(
        "SELECT t.id, t.number, t.kind, t.subject_id, t.words, t.due_at, t.all_day, u.number, "
        "t.result FROM task t LEFT JOIN users u ON u.id = t.performer_id WHERE t.id IN {}",
        any_of(wanted),
    )
    return {row[0]: _task(tx, row) for row in found}


async def _planned(tx: Tx, where: Where) -> list[_Row]:
    readable, args = _readable(tx)
    rows = await fetch(
        f"SELECT {_ROW} FROM timeline_entry t WHERE {where.condition} AND {readable} "
        "AND t.planned_at IS NOT NULL AND t.done_at IS NULL AND t.deleted_at IS NULL "
        "ORDER BY t.planned_at, t.id LIMIT {}",
        *where.args,
        *args,
        MOST_PLANNED,
    )
    return [_Row(*row) for row in rows]


async def _views(tx: Tx, lists: Lists, where: Where, rows: Sequence[_Row]) -> list[EntryView]:
    """Everything the lines of a page need, in a handful of statements, however many there are."""
    tx.vault.preload({row.subject_id for row in rows if row.subject_id is not None})
    orders = await _orders({row.order_id for row in rows if row.order_id is not None})
    fields = await _fields(tx, lists, rows)
    done = await _told_tasks(tx, rows)
    people: dict[UUID, int] = {}
    if where.client_id is not None:
        others = {row.customer_id for row in rows if row.customer_id not in (None, where.client_id)}
        people = await _numbers(others)
    me = _me(tx)
    return [
        EntryView(
            id=row.id,
            at=row.at,
            kind=Kind(row.kind),
            author_number=row.author_number,
            source=row.source,
            private=bool(row.private),
            pinned=bool(row.pinned),
            concerns=row.concerns,
            planned_at=row.planned_at,
            done_at=row.done_at,
            edited_at=row.edited_at,
            deleted_at=row.deleted_at,
            version=row.version,
            ref_id=row.ref_id,
            data=msgspec.json.decode(row.data),
            for_buyer=bool(row.for_buyer),
            **_said(tx, row),
            mine=row.author_number == me,
            order=None if row.order_id is None else orders.get(row.order_id),
            fields=fields.get(row.id, ()),
            client_number=None if row.customer_id is None else people.get(row.customer_id),
            task=None if row.ref_id is None else done.get(row.ref_id),
        )
        for row in rows
    ]


def _said(tx: Tx, row: _Row) -> dict[str, Any]:
    """What was said, if anything: hidden by role it is not even opened."""
    if row.text is None or row.subject_id is None:
        return {}
    if tx.may("comment") is not Access.VISIBLE:
        return {"hidden": True}
    try:
        said: Said = timeline.open_(tx, row.id, row.subject_id, row.text)
    except (Damaged, Destroyed):
        return {"gone": True}
    return {"said": Personal(said)}


async def _orders(ids: Iterable[UUID]) -> dict[UUID, EntryOrder]:
    if not (wanted := list(ids)):
        return {}
    rows = await fetch(
        "SELECT id, number, status, summary, lines_count, total FROM orders WHERE id IN {}",
        any_of(wanted),
    )
    return {
        order_id: EntryOrder(
            number=number, status=status, summary=summary, lines_count=lines, total=total
        )
        for order_id, number, status, summary, lines, total in rows
    }


async def _numbers(ids: Iterable[UUID | None]) -> dict[UUID, int]:
    wanted = [one for one in ids if one is not None]
    if not wanted:
        return {}
    rows = await fetch("SELECT id, number FROM customer WHERE id IN {}", any_of(wanted))
    return {row[0]: row[1] for row in rows}


_FOLDED = frozenset({Kind.STATUS, Kind.PAYMENT, Kind.SHIPMENT, Kind.CHANGE})


class _Span(msgspec.Struct):
    """Part of `timeline_entry.data`: numbers of a deed's entries in the change feed."""

    first: int = 0
    count: int = 0


async def _fields(
    tx: Tx, lists: Lists, rows: Sequence[_Row]
) -> dict[UUID, tuple[ChangedField, ...]]:
    """The first fields of every deed of the page, by its line."""
    owners: dict[int, UUID] = {}
    for row in rows:
        if Kind(row.kind) not in _FOLDED:
            continue
        span = msgspec.json.decode(row.data, type=_Span)
        for number in range(span.first, span.first + min(span.count, MOST_FIELDS)):
            owners[number] = row.id
    if not owners:
        return {}
    found = await fetch(
        f"SELECT {COLUMNS}, e.entity FROM change_entry e WHERE e.number IN {{}} ORDER BY e.number",
        any_of(owners),
    )
    names = await staff.directory(tx)
    told: dict[UUID, list[ChangedField]] = {}
    entries = [(Entry(*row[:-1]), row[-1]) for row in found]
    change_entries.preload(tx, [entry for entry, _ in entries])
    for entry, entity in entries:
        line = told.setdefault(owners[entry.number], [])
        line.append(change_texts.shown(tx, lists, names, entity, entry))
    return {line: tuple(fields) for line, fields in told.items()}


# --- one entry, for whoever wants to change or open it ---


async def reachable(tx: Tx, entry: timeline.Stored) -> bool:
    """Whether the entry's order or client is the actor's, by the grant of this action."""
    me = _me(tx)
    if entry.deleted_at is not None and entry.author_number != me:
        return False
    private = entry.private and Permission.TIMELINE_PRIVATE not in tx.actor.grants
    if private and me not in (entry.author_number, entry.concerns):
        return False
    if entry.order_id is not None and await _has_order(tx, entry.order_id):
        return True
    if entry.deal_id is not None and await _has_deal(tx, entry.deal_id):
        return True
    return entry.customer_id is not None and await _has_client(tx, entry.customer_id)


async def _has_order(tx: Tx, order_id: UUID) -> bool:
    scope, args = visible_order(tx)
    row = await fetch_one(f"SELECT 1 FROM orders o WHERE o.id = {{}} AND {scope}", order_id, *args)
    return row is not None


async def _has_deal(tx: Tx, deal_id: UUID) -> bool:
    scope, args = visible_deal(tx)
    row = await fetch_one(f"SELECT 1 FROM deal d WHERE d.id = {{}} AND {scope}", deal_id, *args)
    return row is not None


async def _has_client(tx: Tx, customer_id: UUID) -> bool:
    """By the right to see clients, too: a warehouse that writes to orders opens no card."""
    scope, args = visible_client(tx)
    own, own_args = visible_client_under(tx, Permission.CUSTOMER_VIEW)
    row = await fetch_one(
        f"SELECT 1 FROM customer c WHERE c.id = {{}} AND {scope} AND {own}",
        customer_id,
        *args,
        *own_args,
    )
    return row is not None


async def one(tx: Tx, lists: Lists, entry_id: UUID) -> EntryView | None:
    """One line as the actor may see it; the caller has asked `reachable`."""
    rows = await fetch(f"SELECT {_ROW} FROM timeline_entry t WHERE t.id = {{}}", entry_id)
    views = await _views(tx, lists, Where("", ()), [_Row(*row) for row in rows])
    return views[0] if views else None


async def attempts(customer_id: UUID) -> int:
    """Calls in vain since somebody was last spoken to."""
    return await fetch_value(
        "SELECT COUNT(*) FROM timeline_entry WHERE customer_id = {} AND kind = {} "
        "AND deleted_at IS NULL AND at > COALESCE((SELECT MAX(at) FROM timeline_entry "
        "WHERE customer_id = {} AND kind IN {} AND deleted_at IS NULL), {})",
        customer_id,
        Kind.NO_ANSWER.value,
        customer_id,
        any_of([Kind.CALL.value, Kind.MESSAGE.value, Kind.MEETING.value]),
        datetime.fromisoformat("1970-01-01T00:00:00+00:00"),
    )
