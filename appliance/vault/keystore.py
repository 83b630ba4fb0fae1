"""keys.db: slots, keyring, one wrapped key per person, the erasure ledger.

A file of its own, so that a year of data backups holds no keys. It keeps a rollback journal and
not a write-ahead log, in which an erased key would stay readable; `scrub_journal` overwrites what
the rollback journal itself still holds.
"""

import os
import sqlite3
import threading
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from appliance.errors import Conflict, Unavailable
from appliance.vault.errors import KeystoreDamaged
from appliance.vault.scrubbing import overwrite

FILE_NAME: Final = "keys.db"
SCHEMA_VERSION: Final = 4
_APPLICATION_ID: Final = 0x4B4F5242
"""`KORB` in ASCII, so that another SQLite file is never taken for a key store."""

_SCHEMA: Final = """
CREATE TABLE key_slot (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    params TEXT NOT NULL,
    wrapped_rk BLOB NOT NULL,
    kcv BLOB NOT NULL,
    created INTEGER NOT NULL,
    last_ok INTEGER
);
CREATE TABLE keyring (
    purpose TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    wrapped BLOB,
    state TEXT NOT NULL CHECK (state IN ('active', 'decrypt', 'destroyed')),
    created INTEGER NOT NULL,
    retired INTEGER,
    used INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (purpose, epoch)
) WITHOUT ROWID;
CREATE TABLE subject_key (
    subject BLOB PRIMARY KEY,
    epoch INTEGER NOT NULL,
    wrapped BLOB,
    state TEXT NOT NULL CHECK (state IN ('live', 'pending_destroy', 'destroyed')),
    changed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE erasure_ledger (
    seq INTEGER PRIMARY KEY,
    subject BLOB NOT NULL UNIQUE,
    reason TEXT NOT NULL,
    requested_by BLOB NOT NULL,
    approved_by BLOB,
    done_at INTEGER NOT NULL,
    prev_hash BLOB NOT NULL,
    hash BLOB NOT NULL
);
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;
"""
_MERGED: Final = """
CREATE TABLE merged_key (
    subject BLOB PRIMARY KEY,
    survivor BLOB NOT NULL,
    since INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX merged_key_survivor ON merged_key (survivor);
"""
# Since 2: keys of people who were merged into another one, kept so that it can be taken back.
# Times are Unix milliseconds; ids of people are the 16 bytes of their UUID.

_OLDER: Final = """
ALTER TABLE subject_key ADD COLUMN number INTEGER NOT NULL DEFAULT 1;
CREATE TABLE older_key (
    subject BLOB NOT NULL,
    number INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (subject, number)
) WITHOUT ROWID;
"""
# Since 3: a person's key has a number, and those before it stay for what was sealed under them:
# payloads of the log, whose hashes are in its tree, and copies from before.

_KEPT: Final = """
CREATE TABLE kept_set (
    subject BLOB PRIMARY KEY,
    replaced BLOB NOT NULL UNIQUE,
    sealed BLOB NOT NULL,
    since INTEGER NOT NULL
) WITHOUT ROWID;
"""
# Since 4: what a law keeps of a person whose key is destroyed (`vault.kept`); `subject` is the
# set's own key, `replaced` the person.

Value = int | str | bytes | None


class Keystore:
    """One connection to keys.db behind one lock: any thread may call, one at a time.

    Attributes:
        lock: held during each call and each transaction; hold it to keep others out for longer.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self.lock: Final = threading.RLock()
        self._depth = 0

    @classmethod
    def create(cls, folder: Path) -> "Keystore":
        """Makes `folder`/keys.db, readable by its owner only, with an empty schema.

        The file gets its name by `publish`, after it was filled: a crash before leaves none.

        Raises:
            Conflict: `vault_exists`: there is one already, and it may hold the only keys.
            Unavailable: the folder cannot be written.
        """
        if (folder / FILE_NAME).exists():
            raise Conflict("vault_exists")
        draft = folder / f"{FILE_NAME}.new"
        try:
            draft.unlink(missing_ok=True)
            os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError as error:
            raise Unavailable("keystore_unwritable", f"errno {error.errno}") from None
        store = cls(draft, _connect(draft))
        with store.transaction():
            for script in (_SCHEMA, _MERGED, _OLDER, _KEPT):
                for statement in script.split(";"):
                    store.run(statement)
            store.run(f"PRAGMA application_id = {_APPLICATION_ID}")
            store.run(f"PRAGMA user_version = {SCHEMA_VERSION}")
        return store

    def publish(self) -> "Keystore":
        """Gives the filled draft its name, for good, and opens it again under it."""
        self.close()
        path = self._path.with_name(FILE_NAME)
        self._path.with_name(f"{self._path.name}-journal").unlink(missing_ok=True)
        self._path.rename(path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return Keystore.load(path.parent)

    @classmethod
    def load(cls, folder: Path) -> "Keystore":
        """Opens `folder`/keys.db.

        Raises:
            KeystoreDamaged: `keystore_missing`, `keystore_foreign` (not one of ours),
                `keystore_newer` (written by a newer version; nothing was touched),
                `keystore_damaged`.
        """
        path = folder / FILE_NAME
        if not path.is_file():
            raise KeystoreDamaged("keystore_missing")
        store = cls(path, _connect(path))
        try:
            store.check_version()
            store.bring_up()
        except BaseException:
            store.close()
            raise
        return store

    def check_version(self) -> None:
        """Refuses a file that is not ours or newer than this program; errors as in `load`."""
        application = self.number("PRAGMA application_id")
        version = self.number("PRAGMA user_version")
        if application != _APPLICATION_ID or version < 1:
            raise KeystoreDamaged("keystore_foreign")
        if version > SCHEMA_VERSION:
            raise KeystoreDamaged(
                "keystore_newer", f"schema {version}", found=version, known=SCHEMA_VERSION
            )

    def bring_up(self) -> None:
        """Gives an older file what it lacks, in one commit; no key is touched."""
        version = self.number("PRAGMA user_version")
        if version == SCHEMA_VERSION:
            return
        with self.transaction():
            for since, script in ((2, _MERGED), (3, _OLDER), (4, _KEPT)):
                for statement in script.split(";") if version < since else ():
                    self.run(statement)
            self.run(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def close(self) -> None:
        """Closes the file; the store is of no more use."""
        with self.lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """All or nothing, on disk when the block ends; a block inside a block joins it.

        Raises:
            Unavailable: `keystore_unwritable`: full disk, read-only folder, or locked.
        """
        with self.lock:
            if self._depth:
                yield
                return
            self.run("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield
                self.run("COMMIT")
            except BaseException:
                # On a failing disk the way back fails, too: what led here is told instead.
                with suppress(sqlite3.Error):
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                raise
            finally:
                self._depth = 0

    def run(self, statement: str, values: Sequence[Value] = ()) -> int:
        """Runs one statement and tells how many rows it changed."""
        with self.lock, _translated():
            return self._connection.execute(statement, values).rowcount

    def run_many(self, statement: str, rows: Iterable[Sequence[Value]]) -> None:
        """Runs one statement once per row."""
        with self.lock, _translated():
            self._connection.executemany(statement, rows)

    def rows(self, statement: str, values: Sequence[Value] = ()) -> list[tuple[Value, ...]]:
        """Everything the statement finds."""
        with self.lock, _translated():
            return self._connection.execute(statement, values).fetchall()

    def row(self, statement: str, values: Sequence[Value] = ()) -> tuple[Value, ...] | None:
        """The first row the statement finds."""
        found = self.rows(statement, values)
        return found[0] if found else None

    def number(self, statement: str, values: Sequence[Value] = ()) -> int:
        """The one number the statement answers with; 0 where it finds none."""
        found = self.row(statement, values)
        return found[0] if found and isinstance(found[0], int) else 0

    def meta(self, name: str) -> bytes | None:
        """A named value of the whole store."""
        found = self.row("SELECT value FROM meta WHERE name = ?", (name,))
        return found[0] if found and isinstance(found[0], bytes) else None

    def set_meta(self, name: str, value: bytes) -> None:
        """Writes a named value of the whole store."""
        self.run("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, value))

    def scrub_journal(self) -> None:
        """Overwrites the rollback journal, which still holds the pages as they were.

        Only between transactions. The journal's header is zero by then, so SQLite reads nothing
        from it; the file stays, because a deleted one would leave its blocks on the disk.

        Raises:
            Unavailable: `keystore_unwritable`.
        """
        journal = self._path.with_name(f"{self._path.name}-journal")
        with self.lock:
            try:
                overwrite(journal)
            except OSError as error:
                raise Unavailable("keystore_unwritable", f"errno {error.errno}") from None


def _connect(path: Path) -> sqlite3.Connection:
    """Opens the file with the settings that make an erased key leave the disk."""
    with _translated():
        connection = sqlite3.connect(
            path, timeout=5.0, isolation_level=None, check_same_thread=False
        )
        # PERSIST, not DELETE: see `Keystore.scrub_journal`.
        for pragma in (
            "trusted_schema = OFF",
            "journal_mode = PERSIST",
            "synchronous = FULL",
            "secure_delete = ON",
            "cell_size_check = ON",
            "temp_store = MEMORY",
            # KiB. With SQLite's own 2 MB a page of 50 people among 100 000 took three times longer.
            "cache_size = -16384",
        ):
            connection.execute(f"PRAGMA {pragma}")
    return connection


@contextmanager
def _translated() -> Generator[None]:
    """SQLite's errors in the house's words; its texts can quote values, so they stay behind."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise Unavailable("keystore_unwritable", error.sqlite_errorname) from None
    except sqlite3.DatabaseError as error:
        raise KeystoreDamaged(None, error.sqlite_errorname) from None
