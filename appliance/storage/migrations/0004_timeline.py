"""The stream, and attachments; what the change feed already knows becomes lines of the stream."""

from appliance.storage.migrations.operations import Migration
from appliance.storage.statements import execute
from appliance.storage.tables import FileRow, TimelineEntryRow
from appliance.storage.tables.indexes import INDEXES


async def up(m: Migration) -> None:
    """Make both tables; tell the deeds of a box that has worked already."""
    fresh = not await m.columns(TimelineEntryRow) or not await m.count(TimelineEntryRow)
    await m.create_tables(TimelineEntryRow, FileRow)
    for index in INDEXES:
        if index.table in (TimelineEntryRow, FileRow):
            await m.create_index(
                index.table, *index.columns, unique=index.unique, where=index.where
            )
    if fresh:
        await m.data(_tell_deeds)


_ONE_DEED = (
    "(SELECT entity_id, at, MIN(number) AS first, COUNT(*) AS many, "
    "MAX(CASE WHEN field LIKE 'payments%' THEN 1 ELSE 0 END) AS paid, "
    "MAX(CASE WHEN field = 'status' THEN 1 ELSE 0 END) AS moved, "
    "MAX(CASE WHEN field = 'shipped' THEN 1 ELSE 0 END) AS gone "
    "FROM change_entry GROUP BY entity_id, at) d"
)
_DATA = (
    "'{\"first\":' || CAST(d.first AS TEXT) || ',\"count\":' || CAST(d.many AS TEXT) || "
    "',\"fields\":[]}'"
)
_HEAD = (
    "INSERT INTO timeline_entry (id, at, customer_id, order_id, kind, author_number, source, "
    "private, pinned, concerns, data, version) "
)


async def _tell_deeds() -> None:
    """One line per deed of the feed: entries of one record at one moment are one deed."""
    kind = (
        "CASE WHEN e.kind = 'create' THEN 'order' WHEN d.paid = 1 THEN 'payment' "
        "WHEN d.moved = 1 THEN 'status' WHEN d.gone = 1 THEN 'shipment' ELSE 'change' END"
    )
    await execute(
        f"{_HEAD}SELECT e.id, CASE WHEN e.kind = 'create' THEN o.created_at ELSE d.at END, "
        f"o.customer_id, o.id, {kind}, e.user_number, e.source, {{}}, {{}}, 0, {_DATA}, 1 "
        f"FROM {_ONE_DEED} JOIN change_entry e ON e.number = d.first "
        "JOIN orders o ON o.id = d.entity_id",
        False,
        False,
    )
    kind = "CASE WHEN e.kind = 'create' THEN 'created' ELSE 'change' END"
    await execute(
        f"{_HEAD}SELECT e.id, CASE WHEN e.kind = 'create' THEN c.created_at ELSE d.at END, "
        f"c.id, NULL, {kind}, e.user_number, e.source, {{}}, {{}}, 0, {_DATA}, 1 "
        f"FROM {_ONE_DEED} JOIN change_entry e ON e.number = d.first "
        "JOIN customer c ON c.id = d.entity_id",
        False,
        False,
    )
