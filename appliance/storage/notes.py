"""Notes about clients, out of the stream; what colleagues keep to themselves is not there."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from appliance.domain.corporate import number_of, span_of
from appliance.domain.customers import CustomerKind
from appliance.domain.grants import Access
from appliance.domain.notes import LONGEST, NoteFilter, NoteView
from appliance.domain.personal import Personal
from appliance.domain.timeline import Entry, Kind, Said
from appliance.errors import Damaged, Destroyed, Invalid
from appliance.storage import timeline
from appliance.storage.customers import Known
from appliance.storage.statements import any_of, fetch, fetch_value
from appliance.storage.tx import Tx
from appliance.storage.visible import visible_client

MOST_COUNTED = 10_000
_FROM = "FROM timeline_entry t JOIN customer c ON c.id = t.customer_id WHERE "


def _condition(tx: Tx, asked: NoteFilter) -> tuple[str, list[object]]:
    scope, args = visible_client(tx)
    texts = [
        "t.kind = 'note'",
        "t.deleted_at IS NULL",
        "t.private = {}",
        "t.subject_id IS NOT NULL",
        "c.state = 'live'",
        "c.kind = {}",
        scope,
    ]
    values: list[object] = [False, asked.kind.value, *args]
    for column, many in (
        ("c.number", asked.clients),
        ("c.external_id", asked.client_external_ids),
        ("t.author_number", asked.managers),
    ):
        if many:
            texts.append(f"{column} IN {{}}")
            values.append(any_of(many))
    for text, bound in (("t.at >= {}", asked.created_from), ("t.at <= {}", asked.created_to)):
        if bound is not None:
            texts.append(text)
            values.append(bound)
    if asked.numbers:
        spans = [span for number in asked.numbers if (span := span_of(number)) is not None]
        texts.append(f"({' OR '.join(['t.id BETWEEN {} AND {}'] * len(spans)) or '1 = 0'})")
        values += [end for span in spans for end in span]
    return " AND ".join(texts), values


async def page(
    tx: Tx, asked: NoteFilter, skipped: int, limit: int
) -> tuple[tuple[NoteView, ...], int]:
    """Notes newest first, and how many there are."""
    condition, values = _condition(tx, asked)
    rows = await fetch(
        "SELECT t.id, t.text, t.subject_id, t.at, t.author_number, c.number, c.external_id, "
        f"c.kind, c.shop {_FROM}{condition} ORDER BY t.id DESC LIMIT {{}} OFFSET {{}}",
        *values,
        limit,
        skipped,
    )
    total = await fetch_value(
        f"SELECT COUNT(*) FROM (SELECT 1 {_FROM}{condition} LIMIT {MOST_COUNTED}) counted", *values
    )
    tx.vault.preload({row[2] for row in rows})
    return tuple(_view(tx, row) for row in rows), int(total)


async def add(tx: Tx, known: Known, text: Personal[str]) -> int:
    """Write a note into a client's stream; give its number.

    Raises:
        Invalid: `entry_empty`, `entry_long` at `text`.
    """
    words = text.reveal().strip()
    if not words:
        raise Invalid("entry_empty", fields={"text": "entry_empty"})
    if len(words) > LONGEST:
        raise Invalid("entry_long", fields={"text": "entry_long"}, most=LONGEST)
    entry = Entry(
        kind=Kind.NOTE,
        at=tx.now,
        customer_id=known.id,
        subject_id=known.subject_id,
        said=Said(text=words),
    )
    return number_of(await timeline.record(tx, entry))


def _view(tx: Tx, row: Sequence[Any]) -> NoteView:
    row_id, cell, subject, at, author, number, external_id, kind, shop = row
    return NoteView(
        number=number_of(row_id),
        text=_text(tx, row_id, subject, cell),
        at=at,
        author=author,
        customer_number=number,
        customer_external_id=external_id,
        customer_kind=CustomerKind(kind),
        shop=shop,
    )


def _text(tx: Tx, row_id: UUID, subject: UUID, cell: bytes | None) -> Personal[str] | None:
    if cell is None or tx.may("comment") is not Access.VISIBLE:
        return None
    try:
        return Personal(timeline.open_(tx, row_id, subject, cell).text)
    except (Damaged, Destroyed):
        return None
