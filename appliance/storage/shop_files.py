"""Files for programs: each is a line of a stream; one that came alone waits without a client.

A program sends the bytes first and says whose they are afterwards. Until then they lie under a key
of their own and are seen only by the key that sent them.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.corporate import number_of, span_of
from appliance.domain.grants import Access
from appliance.domain.personal import Personal
from appliance.domain.shop_files import FileFilter, FileView
from appliance.domain.timeline import Entry, Kind, Said
from appliance.errors import Damaged, Destroyed, NotFound
from appliance.roles import Permission
from appliance.storage import files, timeline
from appliance.storage.statements import any_of, fetch, fetch_value, update_row
from appliance.storage.tables import TimelineEntryRow
from appliance.storage.tx import Tx
from appliance.storage.visible import in_shop, visible_client_under, visible_order_under

MOST_COUNTED: Final = 10_000
_FROM: Final = (
    "FROM timeline_entry t JOIN file f ON f.id = t.ref_id "
    "LEFT JOIN customer c ON c.id = t.customer_id LEFT JOIN orders o ON o.id = t.order_id WHERE "
)
_COLUMNS: Final = (
    "t.id, t.ref_id, t.subject_id, t.text, f.media, f.size, t.at, c.number, c.external_id, "
    "o.number, o.shown_number, o.external_id, COALESCE(o.shop, c.shop, ''), t.data"
)


class Held(NamedTuple):
    """A file's line as stored."""

    entry_id: UUID
    file_id: UUID
    subject_id: UUID
    view: FileView


def _sender(tx: Tx) -> dict[str, str]:
    return {"sender": str(tx.actor.id)}


def _condition(tx: Tx, asked: FileFilter) -> tuple[str, list[object]]:
    client, client_args = visible_client_under(tx, Permission.CUSTOMER_VIEW)
    order, order_args = visible_order_under(tx, Permission.ORDER_VIEW)
    shop, shop_args = in_shop(tx, "o.shop")
    texts = [
        "t.kind = 'file'",
        "t.deleted_at IS NULL",
        "t.private = {}",
        "t.subject_id IS NOT NULL",
        f"((t.order_id IS NULL AND t.customer_id IS NOT NULL AND c.state = 'live' AND {client}) "
        f"OR (t.order_id IS NOT NULL AND c.state = 'live' AND {order} AND {shop}) "
        "OR (t.customer_id IS NULL AND t.data = {}))",
    ]
    mine = timeline.json_of(_sender(tx))
    values: list[object] = [False, *client_args, *order_args, *shop_args, mine]
    for column, many in (("c.number", asked.clients), ("o.number", asked.orders)):
        if many:
            texts.append(f"{column} IN {{}}")
            values.append(any_of(many))
    if asked.numbers:
        spans = [span for number in asked.numbers if (span := span_of(number)) is not None]
        texts.append(f"({' OR '.join(['t.id BETWEEN {} AND {}'] * len(spans)) or '1 = 0'})")
        values += [end for span in spans for end in span]
    return " AND ".join(texts), values


async def page(
    tx: Tx, asked: FileFilter, skipped: int, limit: int
) -> tuple[tuple[FileView, ...], int]:
    """Files newest first, and how many there are."""
    condition, values = _condition(tx, asked)
    rows = await fetch(
        f"SELECT {_COLUMNS} {_FROM}{condition} ORDER BY t.id DESC LIMIT {{}} OFFSET {{}}",
        *values,
        limit,
        skipped,
    )
    total = await fetch_value(
        f"SELECT COUNT(*) FROM (SELECT 1 {_FROM}{condition} LIMIT {MOST_COUNTED}) counted", *values
    )
    tx.vault.preload({row[2] for row in rows})
    return tuple(_view(tx, row) for row in rows), int(total)


async def find(tx: Tx, number: int) -> Held:
    """One file.

    Raises:
        NotFound: `attachment_not_found`: absent, or not for this actor.
    """
    condition, values = _condition(tx, FileFilter(numbers=(number,)))
    rows = await fetch(f"SELECT {_COLUMNS} {_FROM}{condition} LIMIT 1", *values)
    if not rows:
        raise NotFound("attachment_not_found")
    row = rows[0]
    return Held(row[0], row[1], row[2], _view(tx, row))


def _view(tx: Tx, row: Sequence[Any]) -> FileView:
    return FileView(
        number=number_of(row[0]),
        file_id=row[1],
        name=_name(tx, row[0], row[2], row[3]),
        media=row[4],
        size=row[5],
        created_at=row[6],
        customer_number=row[7] or 0,
        customer_external_id=row[8],
        order_number=row[9] or 0,
        order_shown=row[10] or "",
        order_external_id=row[11],
        shop=row[12],
    )


def _name(tx: Tx, row_id: UUID, subject: UUID, cell: bytes | None) -> Personal[str] | None:
    if cell is None or tx.may("comment") is not Access.VISIBLE:
        return None
    try:
        return Personal(timeline.open_(tx, row_id, subject, cell).title)
    except (Damaged, Destroyed):
        return None


async def take_in(tx: Tx, name: str, body: Personal[bytes], media: str) -> int:
    """Keep bytes that came alone; give their number.

    Raises:
        Invalid: `attachment_empty`, `attachment_too_large`.
        Unavailable: `disk_full`, `storage_failed`.
    """
    subject = tx.vault.new_subject()
    file_id = await files.keep(tx, subject, name, body.reveal(), media)
    entry = Entry(
        kind=Kind.FILE,
        at=tx.now,
        subject_id=subject,
        ref_id=file_id,
        said=Said(title=files.shown_name(name)),
        data=_sender(tx),
    )
    return number_of(await timeline.record(tx, entry))


class Home(NamedTuple):
    """Whose stream a file goes to."""

    customer_id: UUID
    subject_id: UUID
    order_id: UUID | None


async def settle(tx: Tx, held: Held, name: str, home: Home | None) -> None:
    """Give a file another name, or a client: its bytes and name go under his key."""
    shown = files.shown_name(name) if name else _kept_name(held)
    subject = held.subject_id if home is None else home.subject_id
    columns: dict[str, Any] = {
        "text": timeline.seal(tx, held.entry_id, subject, Said(title=shown)),
        "subject_id": subject,
    }
    if home is not None:
        if home.subject_id != held.subject_id:
            await files.hand_over(tx, held.file_id, home.subject_id)
        columns |= {
            "customer_id": home.customer_id,
            "order_id": home.order_id,
            "data": msgspec.json.encode({"size": held.view.size}).decode(),
        }
        tx.concern("customer", home.customer_id)
        tx.concern("order", home.order_id)
    await update_row(TimelineEntryRow, held.entry_id, **columns)


def _kept_name(held: Held) -> str:
    return "" if held.view.name is None else held.view.name.reveal()


async def remove(tx: Tx, held: Held) -> None:
    """Take a file back, as a colleague would from the stream."""
    await update_row(TimelineEntryRow, held.entry_id, deleted_at=tx.now)
