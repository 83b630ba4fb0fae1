"""A sealer in a process of its own, for `kill -9`: all that lasts is in the folder it is given.

`python -m tests.fault.audit_child FOLDER` adds deeds and seals them until it is killed; prints
the number of acknowledged deeds as it goes.
"""

import asyncio
import sqlite3
import sys
from pathlib import Path
from uuid import UUID

from appliance.audit.chain import EpochKey
from appliance.audit.log import AuditLog
from appliance.audit.outbox import OutboxRow
from appliance.audit.sealer import Sealer
from tests.unit.audit.fakes import BOX, START, Clock, FakeVault, row


class StoredVault(FakeVault):
    """Keeps the number of its epoch on disk, as the real one keeps the key."""

    def __init__(self, db: sqlite3.Connection) -> None:
        super().__init__()
        self._db = db
        for _ in range(db.execute("SELECT coalesce(max(no), 0) FROM vault").fetchone()[0]):
            super().advance_audit_epoch()

    def advance_audit_epoch(self) -> None:
        super().advance_audit_epoch()
        self._db.execute("INSERT INTO vault VALUES (?)", (self.audit_epoch_key()[0],))


def open_main(folder: Path) -> sqlite3.Connection:
    db = sqlite3.connect(folder / "main.db", isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE IF NOT EXISTS vault (no INTEGER)")
    db.execute("CREATE TABLE IF NOT EXISTS deed (id BLOB)")
    db.execute("CREATE TABLE IF NOT EXISTS audit_outbox (id BLOB, leaf BLOB)")
    return db


async def work(folder: Path) -> None:
    db = open_main(folder)
    vault, clock, path = StoredVault(db), Clock(), folder / "audit.db"

    async def fetch(limit: int) -> list[OutboxRow]:
        found = db.execute("SELECT id, leaf FROM audit_outbox ORDER BY rowid LIMIT ?", (limit,))
        return [OutboxRow(UUID(bytes=one), leaf, None, None) for one, leaf in found]

    async def delete(ids: "list[UUID]") -> None:
        db.executemany("DELETE FROM audit_outbox WHERE id = ?", [(one.bytes,) for one in ids])

    if not path.exists():
        AuditLog.create(path, BOX, START, EpochKey(*vault.audit_epoch_key())).close()
    sealer = Sealer(
        AuditLog(path), vault, fetch, delete, clock=clock.now, monotonic=clock.monotonic
    )
    sealer.start()
    while True:
        db.execute("BEGIN IMMEDIATE")
        for number in range(7):
            made = row(vault, number, clock.wall)
            db.execute("INSERT INTO deed VALUES (?)", (made.id.bytes,))
            db.execute("INSERT INTO audit_outbox VALUES (?, ?)", (made.id.bytes, made.leaf))
        db.execute("COMMIT")
        clock.step(400)
        await sealer.run()
        sys.stdout.write(".")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1])))
