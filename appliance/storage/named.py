"""Numbers for people of records that the log names by their ids."""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from appliance.storage.statements import any_of, chunked, fetch, fetch_value

NUMBERED: Final[Mapping[str, str]] = {
    "anchor": "anchor",
    "api_key": "api_key",
    "copy_run": "copy_run",
    "customer": "customer",
    "deal": "deal",
    "export": "data_export",
    "import": "data_import",
    "letter": "letter",
    "message": "message",
    "order": "orders",
    "product": "product",
    "project": "project",
    "stock_document": "stock_document",
    "task": "task",
    "user": "users",
}
"""Type of a record → its table, where that has numbers."""


async def numbers(kind: str, ids: Collection[UUID]) -> dict[UUID, int]:
    """Numbers of records of one type; those that are gone are left out."""
    table = NUMBERED.get(kind)
    if table is None or not ids:
        return {}
    found: dict[UUID, int] = {}
    for part in chunked(sorted(ids)):
        rows = await fetch(f"SELECT id, number FROM {table} WHERE id IN {{}}", any_of(part))
        found |= {row[0]: row[1] for row in rows}
    return found


async def id_of(kind: str, number: int) -> UUID | None:
    """The id behind a number."""
    table = NUMBERED.get(kind)
    if table is None:
        return None
    return await fetch_value(f"SELECT id FROM {table} WHERE number = {{}}", number)
