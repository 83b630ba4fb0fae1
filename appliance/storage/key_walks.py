"""Bringing rows under new keys, some hundreds at a time, from where the last step ended.

Nobody waits: tokens are asked for under every key there is (`Vault.blinds`), and a cell names the
key it is under. A row whose cell does not open stays as it is.
"""

from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.fields import CustomField, kept
from appliance.domain.key_rotation import SETTINGS, Turn, Walk
from appliance.errors import Damaged, Destroyed
from appliance.storage import fields, files, references, settings
from appliance.storage.engine.shapes import name_of
from appliance.storage.key_places import CUSTOM, CUSTOM_TABLE, SEALED, START, TOKENS, Tokens
from appliance.storage.statements import fetch, fetch_value, update_many
from appliance.storage.tables import TABLES
from appliance.storage.tx import Tx
from appliance.vault.envelope import CellRef

ROWS: Final = 300
"""Rows of one step: it holds the writer for 10-20 ms."""

_TABLES: Final = {name_of(table): table for table in TABLES}


class Part(NamedTuple):
    """What a step did.

    Attributes:
        after: key of the last row; empty: the table is at its end.
    """

    after: str
    seen: int = 0
    changed: int = 0
    unreadable: int = 0


async def get(turn: Turn) -> Walk:
    """The walk as it is kept."""
    return await settings.get(SETTINGS[turn], Walk)


async def put(turn: Turn, walk: Walk) -> None:
    """Keep it."""
    await settings.put(SETTINGS[turn], walk)


def tables(turn: Turn) -> tuple[str, ...]:
    """Tables in the order of the walk."""
    if turn is Turn.INDEX:
        return (*(one.table for one in TOKENS), CUSTOM_TABLE)
    return tuple(one.table for one in SEALED)


async def total(turn: Turn) -> int:
    """Rows there are to look at."""
    count = 0
    for name in tables(turn):
        count += await fetch_value(f'SELECT COUNT(*) FROM "{name}"')
    return count


async def step(tx: Tx, turn: Turn, walk: Walk) -> Part:
    """Bring the next rows over."""
    if turn is Turn.PEOPLE:
        return await _reseal(tx, walk.place, walk.after)
    if walk.place < len(TOKENS):
        return await _retoken(tx, TOKENS[walk.place], walk.after)
    return await _retoken_custom(tx, walk.after)


# --- cells ---


async def _reseal(tx: Tx, place: int, after: str) -> Part:
    here = SEALED[place]
    rows = await fetch(here.select, _key(here.key, after), ROWS)
    tx.vault.preload({row[2] for row in rows if row[2] is not None})
    changed: list[tuple[Any, ...]] = []
    unreadable = 0
    for key, row_id, subject, *cells in rows:
        if subject is None:
            continue
        try:
            fresh = [
                _carried(tx, CellRef(here.table, name, row_id, subject), cell)
                for name, cell in zip(here.cells, cells, strict=True)
            ]
            if here.table == "file":
                await files.carry(tx, row_id, subject)
        except (Damaged, Destroyed):
            unreadable += 1
            continue
        if any(one is not None for one in fresh):
            kept_or_new = (new or old for new, old in zip(fresh, cells, strict=True))
            changed.append((*kept_or_new, key))
    await update_many(_TABLES[here.table], here.key, here.cells, changed)
    return Part(_after(rows), len(rows), len(changed), unreadable)


def _carried(tx: Tx, ref: CellRef, cell: bytes | None) -> bytes | None:
    """The cell under the newest key, noted for the log; None where nothing changes."""
    fresh = None if cell is None else tx.vault.carry_cell(ref, cell)
    if fresh is not None:
        tx.cells[f"{ref.table}.{ref.column}.{ref.row}"] = sha256(fresh).hexdigest()
    return fresh


# --- tokens ---


async def _retoken(tx: Tx, place: Tokens, after: str) -> Part:
    rows = await fetch(place.select, _key("id", after), ROWS)
    tx.vault.preload({row[1] for row in rows})
    decode = msgspec.msgpack.Decoder(place.kind).decode
    changed: list[tuple[Any, ...]] = []
    unreadable = 0
    for row_id, subject, cell_id, cell, *rest in rows:
        if cell is None:
            continue
        try:
            plain = tx.vault.open_held(CellRef(*place.cell, cell_id, subject), cell)
        except (Damaged, Destroyed):
            unreadable += 1
            continue
        changed.append((*place.make(tx.vault, decode(plain), tuple(rest)), row_id))
    await update_many(_TABLES[place.table], "id", place.columns, changed)
    return Part(_after(rows), len(rows), len(changed), unreadable)


async def _retoken_custom(tx: Tx, after: str) -> Part:
    rows = await fetch(CUSTOM, _key("id", after), ROWS)
    lists = await references.lists()
    known = {one.id: one for of in lists.fields.values() for one in of.values()}
    changed: list[tuple[Any, ...]] = []
    unreadable = 0
    for row_id, subject, cell_id, cell, field_id in rows:
        field = known.get(field_id)
        token = None
        with suppress(Damaged, Destroyed):
            plain = tx.vault.open_held(CellRef("custom_cell", "personal", cell_id, subject), cell)
            token = None if field is None else _custom(tx, field, plain)
        if token is None:
            unreadable += 1
        else:
            changed.append((token, row_id))
    await update_many(_TABLES[CUSTOM_TABLE], "id", ("value_index",), changed)
    return Part(_after(rows), len(rows), len(changed), unreadable)


def _custom(tx: Tx, field: CustomField, plain: bytes) -> bytes | None:
    blob = msgspec.msgpack.decode(plain, type=fields.CustomCell)
    value = kept(field, blob.values.get(field.id.hex))
    return None if value is None else fields.token(tx, field, value)


def _key(name: str, after: str) -> UUID | int:
    text = after or START[name]
    return int(text) if name == "number" else UUID(text)


def _after(rows: Iterable[Any]) -> str:
    listed = list(rows)
    return str(listed[-1][0]) if len(listed) == ROWS else ""
