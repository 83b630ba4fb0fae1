"""Random damage to one row of an audit log; `scripts/fault` reuses `mutate_log`."""
# ruff: noqa: S608 - the names come from the constants of this file

import random
import sqlite3
from pathlib import Path

COLUMNS: dict[str, tuple[str, ...]] = {
    "meta": ("key", "value"),
    "head": ("epoch", "size", "mac", "checkpoints", "auth"),
    "event": ("seq", "event_id", "leaf", "leaf_hash", "mac", "epoch"),
    "payload": ("seq", "subject", "sealed"),
    "node": ("level", "idx", "hash"),
    "epoch": ("no", "sealed_at", "first_seq", "last_seq", "seal_mac"),
    "checkpoint": ("size", "root", "note"),
}
"""Every byte class of the file: table → columns that are mutated."""
_KEYS = {"meta": "key", "head": "one", "event": "seq", "payload": "seq", "node": "level, idx",
         "epoch": "no", "checkpoint": "size"}  # fmt: skip


def mutate_log(path: Path, rng: random.Random, table: str = "", column: str = "") -> str:
    """Change, remove or exchange something in one random row, for good.

    Args:
        path: an `audit.db` nobody has open.
        rng: decides everything, so that a seed repeats the damage.
        table: which table; empty = any that has rows.
        column: which column; empty = any, or the whole row.

    Returns:
        What was done, for the message of a failed test.
    """
    db = sqlite3.connect(path, isolation_level=None)
    try:
        while True:
            done = _mutate(db, rng, table or rng.choice(list(COLUMNS)), column)
            if done:
                return done
    finally:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()


def _mutate(db: sqlite3.Connection, rng: random.Random, table: str, column: str) -> str:
    keys = _KEYS[table].split(", ")
    rows = db.execute(f"SELECT {_KEYS[table]} FROM {table}").fetchall()
    if not rows:
        return ""
    row = rng.choice(rows)
    where = " AND ".join(f"{key} = ?" for key in keys)
    if not column and rng.random() < 0.15:
        db.execute(f"DELETE FROM {table} WHERE {where}", row)
        return f"delete {table} {row}"
    column = column or rng.choice(COLUMNS[table])
    old = db.execute(f"SELECT {column} FROM {table} WHERE {where}", row).fetchone()[0]
    new = _other(old, rng)
    try:
        db.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (new, *row))
    except sqlite3.IntegrityError:
        return ""
    return f"{table}.{column} {row}: {old!r} -> {new!r}"


def _other(old: object, rng: random.Random) -> object:
    if isinstance(old, int):
        return rng.choice([old ^ (1 << rng.randrange(40)), old + 1, old - 1, -old - 1])
    if isinstance(old, str):
        changed = _other(old.encode(), rng)
        assert isinstance(changed, bytes)
        text = changed.decode("utf-8", "replace")
        return text if text != old else old + "x"
    assert isinstance(old, bytes)
    data = bytearray(old)
    kind = rng.randrange(4)
    place = rng.randrange(len(data)) if data else 0
    if kind == 0 and data:
        del data[place]
    elif kind == 1:
        data.insert(place, rng.randrange(256))
    elif kind == 2 and len(data) > 1:
        data[place:] = data[place + 1 :][::-1] + b"\x00"
    elif data:
        data[place] ^= 1 << rng.randrange(8)
    return bytes(data) if bytes(data) != old else old + b"\x01"
