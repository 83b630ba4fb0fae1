"""Writes the log as JSON lines that an outsider verifies with `verify.py` and nothing else.

Payloads stay behind: they are personal, and the tree holds without them. Stored inner nodes stay
behind too: whoever reads the leaves can compute them.
"""

import contextlib
import json
import sqlite3
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TextIO

_TABLES = ("meta", "head", "epoch", "checkpoint", "event")


def export_log(path: Path, out: TextIO, told: Callable[[int, int], object] | None = None) -> int:
    """Write one object per row, `table` first; the leaf is its own text, bytes are hex.

    Args:
        path: `audit.db`; may be in use, the export is one snapshot.
        out: a text file, UTF-8.
        told: hears how many events are written, of how many.

    Returns:
        Number of events written.
    """
    count, running = 0, b""
    source = f"{path.resolve().as_uri()}?mode=ro"
    with contextlib.closing(sqlite3.connect(source, uri=True, isolation_level=None)) as db:
        db.row_factory = sqlite3.Row
        db.execute("BEGIN")
        total: int = db.execute("SELECT COUNT(*) FROM event").fetchone()[0]
        for table in _TABLES:
            for row in db.execute(f"SELECT * FROM {table} ORDER BY 1"):  # noqa: S608 - from above
                values = {name: _text(name, row[name]) for name in row.keys()}  # noqa: SIM118 - Row
                body = json.dumps({"table": table, **values})[:-1]
                running = sha256(running + body.encode()).digest()
                out.write(f'{body}, "sum": "{running.hex()[:16]}"}}\n')
                count += table == "event"
                if told is not None and not count % 16_384:
                    told(count, total)
    return count


def _text(name: str, value: bytes | str | int) -> str | int:
    if not isinstance(value, bytes):
        return value
    return value.decode() if name == "leaf" else value.hex()
