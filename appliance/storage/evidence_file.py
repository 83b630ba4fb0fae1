"""The file of the evidence store: SQLite on both engines, set so that what is erased leaves it."""

import os
import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from appliance.config.checks import EVIDENCE_FILE, EVIDENCE_ID
from appliance.errors import Damaged, Unavailable
from appliance.vault.scrubbing import overwrite

FILE_NAME: Final = EVIDENCE_FILE
SCHEMA_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE record (
    id BLOB PRIMARY KEY,
    request INTEGER NOT NULL,
    number INTEGER UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('gathered', 'made', 'closed')),
    made_at INTEGER NOT NULL,
    keep_until INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE part (
    record BLOB NOT NULL REFERENCES record (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (record, name)
) STRICT;
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""
# Times are Unix milliseconds; ids are the 16 bytes of a UUID.


class EvidenceFile:
    """One connection behind one lock: any thread may call, one at a time."""

    def __init__(self, path: Path) -> None:
        self._journal = path.with_name(f"{path.name}-journal")
        self._lock = threading.RLock()
        fresh = not path.exists()
        if fresh:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        self._db = sqlite3.connect(path, timeout=5.0, isolation_level=None, check_same_thread=False)
        for pragma in (
            "trusted_schema = OFF",
            "foreign_keys = ON",
            "journal_mode = PERSIST",  # see `vault.scrubbing`
            "synchronous = FULL",
            "secure_delete = ON",
            "cell_size_check = ON",
            "temp_store = MEMORY",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        version = self._number("PRAGMA user_version")
        # A file that was cut off while it was made is empty: it is made anew.
        if version == 0 and not self._number("SELECT COUNT(*) FROM sqlite_master"):
            with self.change():
                for statement in _SCHEMA.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA application_id = {EVIDENCE_ID}")
                self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            return
        if self._number("PRAGMA application_id") != EVIDENCE_ID:
            raise Damaged("evidence_damaged", "not an evidence store")
        if version > SCHEMA_VERSION:
            raise Damaged("evidence_newer", found=version, known=SCHEMA_VERSION)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def change(self) -> Generator[None]:
        """All or nothing, on disk when the block ends."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    def run(self, statement: str, *values: Any) -> int:
        with self._lock:
            return self._db.execute(statement, values).rowcount

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(statement, values).fetchall()

    def scrub(self) -> None:
        """Overwrite what the journal still holds of what was erased."""
        with self._lock:
            overwrite(self._journal)

    def number(self, name: str) -> int:
        """A kept number, 0 where there is none."""
        found = self.rows("SELECT value FROM meta WHERE name = ?", name)
        return found[0][0] if found else 0

    def keep_number(self, name: str, value: int) -> None:
        self.run("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", name, value)

    def _number(self, statement: str) -> int:
        return self._db.execute(statement).fetchone()[0]


@contextmanager
def translated() -> Generator[None]:
    """SQLite's errors in the house's words; its texts can quote values, so they stay behind."""
    try:
        yield
    except (sqlite3.OperationalError, OSError) as error:
        raise Unavailable("evidence_unwritable", type(error).__name__) from None
    except sqlite3.DatabaseError as error:
        raise Damaged("evidence_damaged", error.sqlite_errorname) from None
