"""Rows of plugins' own tables: one table of the box holds them all.

So no plugin brings statements of its own that change the schema: a column more in a manifest is a
value more in a row, the same on both databases; copies, restores and a person's destruction meet
them like every other row.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.ids import uuid7
from appliance.domain.plugin_rows import Value
from appliance.errors import Damaged, Destroyed, Invalid
from appliance.storage import counters
from appliance.storage.statements import any_of, execute, fetch, insert_many, update_many
from appliance.storage.tables import PluginRowRow
from appliance.storage.tx import Tx

_encode = msgspec.msgpack.Encoder().encode
_body: msgspec.msgpack.Decoder[dict[str, Value]] = msgspec.msgpack.Decoder(dict[str, Value])
_COLUMNS = ("body", "customer_id", "subject_id", "personal", "updated_at")
CHUNK = 500
MOST_BYTES: Final = 2 << 30
"""Of the rows of one plugin together: a million goods of 1C with all their ids take a quarter."""


class OwnWords(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Blob of `plugin_row.personal`."""

    v: int = 1
    values: dict[str, str] = {}


class Kept(NamedTuple):
    """A row as a plugin gave it.

    Attributes:
        subject_id: whose key seals `personal`; None with nothing personal.
    """

    key: bytes
    values: dict[str, Value]
    customer_id: UUID | None = None
    subject_id: UUID | None = None
    personal: dict[str, str] | None = None


async def _known(plugin: str, place: str, keys: Sequence[bytes]) -> dict[bytes, tuple[UUID, int]]:
    """Key → row and its bytes."""
    found: dict[bytes, tuple[UUID, int]] = {}
    for start in range(0, len(keys), CHUNK):
        rows = await fetch(
            "SELECT key, id, LENGTH(body) + COALESCE(LENGTH(personal), 0) FROM plugin_row "
            "WHERE plugin = {} AND place = {} AND key IN {}",
            plugin,
            place,
            any_of(keys[start : start + CHUNK]),
        )
        found.update((bytes(key), (row_id, int(size))) for key, row_id, size in rows)
    return found


async def put(tx: Tx, plugin: str, place: str, rows: Sequence[Kept]) -> int:
    """Write rows, each in place of the one of its key; of two of one key the last holds.

    Raises:
        Invalid: `plugin_rows_full`: all its rows together would take more than `MOST_BYTES`.
    """
    given = {one.key: one for one in rows}
    known = await _known(plugin, place, list(given))
    fresh: list[dict[str, object]] = []
    changed: list[tuple[object, ...]] = []
    grown = -sum(size for _, size in known.values())
    for key, one in given.items():
        row_id = known[key][0] if key in known else uuid7()
        columns = _columns(tx, row_id, one)
        grown += _size(columns)
        if key in known:
            changed.append((*(columns[name] for name in _COLUMNS), row_id))
        else:
            fresh.append({"id": row_id, "plugin": plugin, "place": place, "key": key, **columns})
    await _grow(plugin, grown)
    await insert_many(PluginRowRow, fresh)
    await update_many(PluginRowRow, "id", _COLUMNS, changed)
    return len(given)


def _size(columns: Mapping[str, object]) -> int:
    cells = (columns["body"], columns["personal"])
    return sum(len(cell) for cell in cells if isinstance(cell, bytes))


def _counter(plugin: str) -> str:
    return f"plugin_rows:{plugin}"


async def _grow(plugin: str, by: int) -> None:
    """Keep the sum of bytes; what does not fit is refused with its whole transaction."""
    if by and await counters.draw(_counter(plugin), by) + by - 1 > MOST_BYTES and by > 0:
        raise Invalid("plugin_rows_full", most=MOST_BYTES >> 20)


def _columns(tx: Tx, row_id: UUID, one: Kept) -> dict[str, object]:
    cell = None
    if one.personal and one.subject_id is not None:
        words = OwnWords(values=one.personal)
        cell = tx.seal("plugin_row", "personal", row_id, one.subject_id, words, "plugin")
    return {
        "body": _encode(one.values),
        "customer_id": one.customer_id,
        "subject_id": one.subject_id if cell is not None else None,
        "personal": cell,
        "updated_at": tx.now,
    }


async def get(
    tx: Tx, plugin: str, place: str, keys: Sequence[bytes], *, personal: bool
) -> list[Kept]:
    """Rows by key, in the order asked for."""
    found: dict[bytes, Kept] = {}
    for start in range(0, len(keys), CHUNK):
        rows = await fetch(
            "SELECT key, body, customer_id, subject_id, personal, id FROM plugin_row "
            "WHERE plugin = {} AND place = {} AND key IN {}",
            plugin,
            place,
            any_of(keys[start : start + CHUNK]),
        )
        found |= {one.key: one for one in _opened(tx, rows, personal=personal)}
    return [found[key] for key in dict.fromkeys(keys) if key in found]


async def scan(
    tx: Tx, plugin: str, place: str, after: bytes, until: bytes, limit: int, *, personal: bool
) -> list[Kept]:
    """Rows behind one key and before another, ascending."""
    rows = await fetch(
        "SELECT key, body, customer_id, subject_id, personal, id FROM plugin_row "
        "WHERE plugin = {} AND place = {} AND key > {} AND key < {} ORDER BY key LIMIT {}",
        plugin,
        place,
        after,
        until,
        limit,
    )
    return _opened(tx, rows, personal=personal)


async def scan_back(tx: Tx, plugin: str, place: str, before: bytes, limit: int) -> list[Kept]:
    """Plain rows before a key, the greatest first."""
    rows = await fetch(
        "SELECT key, body, customer_id, subject_id, personal, id FROM plugin_row "
        "WHERE plugin = {} AND place = {} AND key < {} ORDER BY key DESC LIMIT {}",
        plugin,
        place,
        before,
        limit,
    )
    return _opened(tx, rows, personal=False)


def _opened(tx: Tx, rows: Sequence[tuple[object, ...]], *, personal: bool) -> list[Kept]:
    if personal:
        tx.vault.preload({row[3] for row in rows if isinstance(row[3], UUID)})
    return [_row(tx, *row, personal=personal) for row in rows]  # type: ignore[arg-type]


def _row(
    tx: Tx,
    key: bytes,
    body: bytes,
    customer_id: UUID | None,
    subject_id: UUID | None,
    cell: bytes | None,
    row_id: UUID,
    *,
    personal: bool,
) -> Kept:
    words: dict[str, str] | None = None
    if personal and subject_id is not None and cell is not None:
        try:
            opened = tx.open("plugin_row", "personal", row_id, subject_id, cell, OwnWords, "plugin")
            words = opened.values
        except (Damaged, Destroyed):
            words = None
    return Kept(bytes(key), _body.decode(body), customer_id, subject_id, words)


async def delete(plugin: str, place: str, keys: Sequence[bytes]) -> int:
    """Delete rows by key; how many there were."""
    gone = 0
    known = await _known(plugin, place, keys)
    await _grow(plugin, -sum(size for _, size in known.values()))
    for start in range(0, len(keys), CHUNK):
        gone += await execute(
            "DELETE FROM plugin_row WHERE plugin = {} AND place = {} AND key IN {}",
            plugin,
            place,
            any_of(keys[start : start + CHUNK]),
        )
    return gone


async def forget_plugin(plugin: str) -> int:
    """Delete everything a plugin kept: when it is removed together with its data."""
    await execute("DELETE FROM plugin_badge WHERE plugin = {}", plugin)
    await execute("DELETE FROM counter WHERE name = {}", _counter(plugin))
    return await execute("DELETE FROM plugin_row WHERE plugin = {}", plugin)


async def subjects_of(customer_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Client → key, of those whose data may still be written: not blocked, not destroyed."""
    found: dict[UUID, UUID] = {}
    for start in range(0, len(customer_ids), CHUNK):
        rows = await fetch(
            "SELECT id, subject_id FROM customer WHERE id IN {} "
            "AND state NOT IN ('blocked', 'destroyed')",
            any_of(customer_ids[start : start + CHUNK]),
        )
        found.update(rows)
    return found
