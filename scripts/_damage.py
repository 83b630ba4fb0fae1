"""Random damage to sealed cells and key rows of a resting box, and whether it is noticed."""
# ruff: noqa: S608 - names of tables and columns come from the constants of this file

import random
import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from appliance.errors import Damaged, HouseError
from appliance.vault.vault import CellRef, Vault


class CellKind(NamedTuple):
    """Where cells of one kind are.

    Attributes:
        rows: query giving row id, subject and cell; the id names the row of `table`.
        key: column of the row id.
    """

    table: str
    column: str
    rows: str
    key: str = "id"


def _own(table: str, column: str) -> CellKind:
    return CellKind(
        table, column, f"SELECT id, subject_id, {column} FROM {table} WHERE {column} IS NOT NULL"
    )


CELLS = (
    _own("customer", "person"),
    _own("contact", "value"),
    _own("address", "parts"),
    _own("requisites", "parts"),
    _own("orders", "contact"),
    _own("orders", "reach"),
    _own("orders", "comments"),
)
KEY_COLUMNS = {
    "subject_key": ("subject", "epoch", "wrapped", "state", "changed"),
    "keyring": ("purpose", "epoch", "wrapped", "state"),
}
_KEY_OF = {"subject_key": ("subject",), "keyring": ("purpose", "epoch")}
_WORDS = {
    "subject_key": ("live", "pending_destroy", "destroyed"),
    "keyring": ("active", "decrypt", "destroyed"),
}


class Cell(NamedTuple):
    """A sealed cell where it stands."""

    kind: CellKind
    row: bytes
    subject: UUID
    sealed: bytes

    @property
    def place(self) -> CellRef:
        return CellRef(self.kind.table, self.kind.column, UUID(bytes=self.row), self.subject)


def cells_of(db: sqlite3.Connection, most: int = 500) -> list[Cell]:
    """Up to `most` cells of each kind."""
    found: list[Cell] = []
    for kind in CELLS:
        for row, subject, sealed in db.execute(f"{kind.rows} LIMIT ?", (most,)):
            found.append(Cell(kind, row, UUID(bytes=subject), sealed))
    return found


def other_bytes(old: bytes, rng: random.Random) -> bytes:
    """One random change of a value: a bit, a byte more or less, a cut, a stretch of noise."""
    data = bytearray(old)
    place = rng.randrange(len(data))
    way = rng.randrange(5)
    if way == 0:
        data[place] ^= 1 << rng.randrange(8)
    elif way == 1:
        del data[place]
    elif way == 2:
        data.insert(place, rng.randrange(256))
    elif way == 3:
        del data[place:]
    else:
        stretch = rng.randbytes(min(8, len(data) - place))
        data[place : place + len(stretch)] = stretch
    return bytes(data) if bytes(data) != old else old + b"\x00"


def damage_cell(db: sqlite3.Connection, vault: Vault, cells: list[Cell], rng: random.Random) -> str:
    """Change one cell in the file, or put another's in its place; open it; put it back.

    Returns:
        what was done, if opening did not notice; else nothing.
    """
    cell = rng.choice(cells)
    if rng.random() < 0.25:
        other = rng.choice(cells)
        new = other.sealed if other.row != cell.row else other_bytes(cell.sealed, rng)
    else:
        new = other_bytes(cell.sealed, rng)
    table, column, key = cell.kind.table, cell.kind.column, cell.kind.key
    change = f"UPDATE {table} SET {column} = ? WHERE {key} = ?"
    db.execute(change, (new, cell.row))
    (stored,) = db.execute(f"SELECT {column} FROM {table} WHERE {key} = ?", (cell.row,)).fetchone()
    try:
        vault.open_cell(cell.place, stored)
    except Damaged:
        return ""
    finally:
        db.execute(change, (cell.sealed, cell.row))
    return f"{table}.{column} of {UUID(bytes=cell.row)}: {len(cell.sealed)} bytes"


def damage_key_row(
    db: sqlite3.Connection, unlocked: Callable[[], Vault], cells: list[Cell], rng: random.Random
) -> str:
    """Change, exchange or remove a row of keys.db; open the box and a cell that needs it.

    Args:
        db: keys.db of a box nobody has open.
        unlocked: opens the vault anew.
        cells: to pick a person with data from.
        rng: decides everything.

    Returns:
        what was done, if nothing noticed; else nothing.
    """
    cell = rng.choice(cells)
    table = "subject_key" if rng.random() < 0.8 else "keyring"
    where, key = _which(db, table, cell, rng)
    with _put_back(db, table):
        done = _change(db, table, where, key, rng)
        try:
            vault = unlocked()
        except HouseError:
            return ""  # the ring is not the one written last
        try:
            for one in [cell, *cells[:3]] if table == "keyring" else [cell]:
                vault.open_cell(one.place, one.sealed)
        except Damaged:
            return ""
        except HouseError as error:
            return f"{done}: passed for {error.code}"
        finally:
            vault.close()
    return done


def _which(
    db: sqlite3.Connection, table: str, cell: Cell, rng: random.Random
) -> tuple[str, tuple[object, ...]]:
    if table == "subject_key":
        return "subject = ?", (cell.subject.bytes,)
    rows = db.execute("SELECT purpose, epoch FROM keyring").fetchall()
    return "purpose = ? AND epoch = ?", rng.choice(rows)


def _change(
    db: sqlite3.Connection, table: str, where: str, key: tuple[object, ...], rng: random.Random
) -> str:
    """Damage one row; SQLite's own checks may refuse a value, then another is tried."""
    while True:
        column = rng.choice(KEY_COLUMNS[table])
        if rng.random() < 0.1:
            db.execute(f"DELETE FROM {table} WHERE {where}", key)
            return f"delete from {table}"
        (old,) = db.execute(f"SELECT {column} FROM {table} WHERE {where}", key).fetchone()
        new = _other_value(db, table, column, old, rng)
        if new == old:
            continue
        try:
            db.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (new, *key))
        except sqlite3.IntegrityError:
            continue
        return f"{table}.{column}"


def _other_value(
    db: sqlite3.Connection, table: str, column: str, old: object, rng: random.Random
) -> object:
    if column == "state":
        return rng.choice(_WORDS[table])
    if rng.random() < 0.25:  # another row's value in this row
        found = db.execute(f"SELECT {column} FROM {table} ORDER BY random() LIMIT 1").fetchone()
        return found[0]
    if isinstance(old, bytes):
        return other_bytes(old, rng)
    if isinstance(old, int):
        return old + rng.choice((1, -1, 1 << rng.randrange(40)))
    return f"{old}x"


@contextmanager
def _put_back(db: sqlite3.Connection, table: str) -> Generator[None]:
    """Give the table back as it was, whatever was done to it."""
    marks = db.execute(f"SELECT * FROM {table} LIMIT 1").fetchone()
    places = ",".join("?" * len(marks))
    before = dict.fromkeys(db.execute(f"SELECT * FROM {table}").fetchall())
    try:
        yield
    finally:
        after = set(db.execute(f"SELECT * FROM {table}").fetchall())
        for row in after - before.keys():
            keys = " AND ".join(f"{name} = ?" for name in _KEY_OF[table])
            width = len(_KEY_OF[table])
            db.execute(f"DELETE FROM {table} WHERE {keys}", row[:width])
        for row in before:
            if row not in after:
                db.execute(f"INSERT INTO {table} VALUES ({places})", row)


def opener(data: Path, key_file: Path) -> Callable[[], Vault]:
    """A way to open the vault anew, with nothing remembered.

    Raises (the way it gives):
        HouseError: the vault refuses.
    """

    def unlocked() -> Vault:
        vault = Vault.load(data)
        try:
            vault.unlock_with_key_file(key_file)
        except BaseException:
            vault.close()
            raise
        return vault

    return unlocked
