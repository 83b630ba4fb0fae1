"""Writing the stream: one row per deed, in the deed's own transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast
from uuid import UUID

import msgspec

from appliance.domain.access import ActorKind
from appliance.domain.ids import uuid7
from appliance.domain.timeline import Entry, Kind, Said, kind_of
from appliance.errors import Damaged, Destroyed
from appliance.storage import files
from appliance.storage.statements import execute, fetch, fetch_one, insert
from appliance.storage.tables import TimelineEntryRow
from appliance.storage.tx import Tx

TALKS = frozenset({Kind.CALL, Kind.MESSAGE, Kind.LETTER, Kind.MEETING, Kind.NOTE})
"""What counts as a talk with the client; a call that nobody answered does not."""
MOST_NAMED = 12
"""Field names kept on a folded line; the change feed holds them all."""

_SOURCES = {
    ActorKind.USER: "user",
    ActorKind.API_KEY: "api",
    ActorKind.PLUGIN: "api",
    ActorKind.CONSOLE: "user",
    ActorKind.ANONYMOUS: "buyer",
}


async def record(tx: Tx, entry: Entry, row_id: UUID | None = None) -> UUID:
    """Write one line; return its id.

    Args:
        tx: of the deed.
        entry: what is told.
        row_id: the id of the form it was typed into, so that the same form writes once.

    Raises:
        ValueError: something is said and no subject given to seal it under.
        Destroyed, Sealed: see `Tx.seal`.
    """
    row_id = row_id or uuid7()
    cell = None
    if entry.said is not None:
        if entry.subject_id is None:
            raise ValueError("what is said needs the key of a subject")
        cell = seal(tx, row_id, entry.subject_id, entry.said)
    source = _SOURCES.get(tx.actor.kind, "code")
    await insert(
        TimelineEntryRow,
        **_columns(row_id, entry, source, tx.actor.number if source == "user" else 0),
        text=cell,
    )
    tx.concern("customer", entry.customer_id)
    tx.concern("order", entry.order_id)
    tx.concern("deal", entry.deal_id)
    if entry.kind in TALKS and entry.customer_id is not None:
        await _note_talk(entry.customer_id, entry.at)
    return row_id


async def _note_talk(customer_id: UUID, at: datetime) -> None:
    """Keep when somebody last talked to the client, for lists and filters."""
    await execute(
        "UPDATE customer SET contacted_at = {} WHERE id = {} "
        "AND (contacted_at IS NULL OR contacted_at < {})",
        at,
        customer_id,
        at,
    )


def _columns(row_id: UUID, entry: Entry, source: str, author: int) -> dict[str, Any]:
    return {
        "id": row_id,
        "at": entry.at,
        "customer_id": entry.customer_id,
        "order_id": entry.order_id,
        "deal_id": entry.deal_id,
        "subject_id": entry.subject_id,
        "kind": entry.kind.value,
        "author_number": author,
        "source": source,
        "private": entry.private,
        "pinned": entry.pinned,
        "for_buyer": entry.for_buyer,
        "concerns": entry.concerns,
        "ref_id": entry.ref_id,
        "data": json_of(entry.data),
        "planned_at": entry.planned_at,
        "done_at": entry.done_at,
    }


def bulk_row(entry: Entry) -> dict[str, Any]:
    """All columns of an entry that says nothing and that nobody wrote, for a bulk fill."""
    return {
        **_columns(uuid7(), entry, "code", 0),
        "text": None,
        "edited_at": None,
        "deleted_at": None,
        "version": 1,
    }


def json_of(data: Mapping[str, Any]) -> str:
    """The column `data`."""
    return msgspec.json.encode(data).decode() if data else "{}"


def seal(tx: Tx, row_id: UUID, subject_id: UUID, said: Said) -> bytes:
    """The cell of what was said."""
    return tx.seal("timeline_entry", "text", row_id, subject_id, said, "comment")


def open_(tx: Tx, row_id: UUID, subject_id: UUID, cell: bytes) -> Said:
    """What was said.

    Raises:
        Damaged, Destroyed, Sealed: see `Tx.open`.
    """
    return tx.open("timeline_entry", "text", row_id, subject_id, cell, Said, "comment")


# --- deeds: what the change feed writes is told here, too ---


class Deed(NamedTuple):
    """Change entries of one deed, as the feed numbered them."""

    entity: str
    entity_id: UUID
    first: int
    changes: Sequence[Any]  # of `storage.feed.Change`


_OWNERS = {
    "order": "SELECT customer_id, created_at, id, NULL FROM orders WHERE id = {}",
    "customer": "SELECT id, created_at, NULL, NULL FROM customer WHERE id = {}",
    "deal": "SELECT customer_id, created_at, NULL, id FROM deal WHERE id = {}",
    "task": "SELECT customer_id, created_at, order_id, deal_id FROM task WHERE id = {}",
}
"""Whose stream a record's deeds go to: client, moment of creation, order, deal.

Records that are not here have no stream.
"""


async def tell(tx: Tx, deed: Deed) -> None:
    """Write the line of a deed that was recorded in the change feed.

    Of a task only its end is told: until then it stands on top, read from its own table.
    """
    owner = _OWNERS.get(deed.entity)
    is_task = deed.entity == "task"
    if owner is None or (is_task and not _is_done(deed)):
        return
    row = await fetch_one(owner, deed.entity_id)
    if row is None or row[0] is None:
        return
    customer_id, made_at, order_id, deal_id = row
    created = any(one.kind == "create" for one in deed.changes)
    fields = tuple(dict.fromkeys(str(one.field) for one in deed.changes))
    await record(
        tx,
        Entry(
            kind=Kind.TASK if is_task else kind_of(deed.entity, fields, created=created),
            at=min(made_at, tx.now) if created else tx.now,
            customer_id=customer_id,
            order_id=order_id,
            deal_id=deal_id,
            ref_id=deed.entity_id if is_task else None,
            data={} if is_task else _told(deed, fields),
        ),
    )


def _is_done(deed: Deed) -> bool:
    return any(one.field == "state" and one.new == "done" for one in deed.changes)


def _told(deed: Deed, fields: tuple[str, ...]) -> dict[str, Any]:
    """Codes and numbers of a deed: no value of a person is among them."""
    told: dict[str, Any] = {
        "first": deed.first,
        "count": len(deed.changes),
        "fields": fields[:MOST_NAMED],
    }
    for one in deed.changes:
        part: Any = one.part
        if str(one.field).partition(".")[0] == "payments" and isinstance(part, dict):
            paid = cast("dict[str, Any]", part)
            told |= {
                "amount": paid.get("amount", 0),
                "type": paid.get("type", ""),
                "state": paid.get("status", ""),
                "gone": one.kind == "delete",
            }
    return told


# --- one's own entries ---


class Stored(NamedTuple):
    """An entry as stored, its cell still closed."""

    id: UUID
    at: datetime
    customer_id: UUID | None
    order_id: UUID | None
    deal_id: UUID | None
    subject_id: UUID | None
    kind: str
    author_number: int
    source: str
    private: bool
    concerns: int
    ref_id: UUID | None
    data: str
    text: bytes | None
    planned_at: datetime | None
    done_at: datetime | None
    deleted_at: datetime | None
    version: int
    for_buyer: bool = False


_STORED = ", ".join(Stored._fields)


async def find(entry_id: UUID) -> Stored | None:
    """One entry, whoever asks: the caller checks its client or order and its author."""
    row = await fetch_one(f"SELECT {_STORED} FROM timeline_entry WHERE id = {{}}", entry_id)
    return None if row is None else Stored(*row)


# --- streams that move to another key ---


async def hand_over(tx: Tx, order_id: UUID, customer_id: UUID, subject_id: UUID) -> None:
    """Give an order's lines to another client: what was said goes under his key."""
    rows = await fetch(f"SELECT {_STORED} FROM timeline_entry WHERE order_id = {{}}", order_id)
    await _move(tx, [Stored(*row) for row in rows], customer_id, subject_id)


async def move_all(tx: Tx, old: UUID, customer_id: UUID, subject_id: UUID) -> list[UUID]:
    """Give all lines of a client to another, as when two cards are merged; return their ids."""
    rows = await fetch(f"SELECT {_STORED} FROM timeline_entry WHERE customer_id = {{}}", old)
    entries = [Stored(*row) for row in rows]
    await _move(tx, entries, customer_id, subject_id)
    return [one.id for one in entries]


async def _move(tx: Tx, entries: Sequence[Stored], customer_id: UUID, subject_id: UUID) -> None:
    for one in entries:
        cell = one.text
        if cell is not None and one.subject_id is not None:
            try:
                said = open_(tx, one.id, one.subject_id, cell)
            except (Damaged, Destroyed):
                continue  # it cannot be carried over: the line stays where its key was
            cell = seal(tx, one.id, subject_id, said)
        if one.kind in {Kind.FILE, Kind.DOCUMENT} and one.ref_id is not None:
            try:
                await files.hand_over(tx, one.ref_id, subject_id)
            except (Damaged, Destroyed):
                continue
        await execute(
            "UPDATE timeline_entry SET customer_id = {}, subject_id = {}, text = {} WHERE id = {}",
            customer_id,
            subject_id if cell is not None else one.subject_id,
            cell,
            one.id,
        )
