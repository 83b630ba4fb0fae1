"""A moment of a busy database, page by page: whole at every step, whatever writers do meanwhile."""

import random
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from backups import pages


def busy(path: Path, stop: threading.Event, counted: list[int]) -> None:
    """Write small and large rows, delete some, and let the log be begun anew all the time."""
    chance = random.Random(1)  # noqa: S311 - must repeat
    with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as db:
        db.execute("PRAGMA wal_autocheckpoint = 20")
        while not stop.is_set():
            db.execute("BEGIN")
            for _ in range(chance.randint(1, 30)):
                body = chance.randbytes(chance.choice([20, 900, 9000]))
                db.execute("INSERT INTO note (body) VALUES (?)", (body,))
            db.execute("DELETE FROM note WHERE id IN (SELECT id FROM note LIMIT 3)")
            db.execute("UPDATE total SET n = (SELECT COUNT(*) FROM note)")
            db.execute("COMMIT")
            counted[0] += 1
            if chance.random() < 0.1:
                db.execute("PRAGMA wal_checkpoint(RESTART)")


def test_every_step_of_a_chain_is_a_whole_database_of_one_moment(tmp_path: Path) -> None:
    live, kept, part = tmp_path / "live.db", tmp_path / "kept.db", tmp_path / "part"
    with closing(sqlite3.connect(live, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, body BLOB)")
        db.execute("CREATE TABLE total (n INTEGER)")
        db.execute("INSERT INTO total VALUES (0)")
    stop, counted = threading.Event(), [0]
    writer = threading.Thread(target=busy, args=(live, stop, counted))
    writer.start()
    table, taken, smallest = b"", 0, 10**9
    try:
        while taken < 15:
            before = counted[0]
            try:
                with pages.moment(live) as found:
                    fresh = found.table()
                    numbers = pages.changed(table, fresh)
                    part.write_bytes(b"".join(pages.packed(found, numbers)))
                    rows = found.live.execute("SELECT COUNT(*) FROM note").fetchone()[0]
                    size, count = found.size, found.count
            except pages.Unavailable:
                continue  # the log was begun anew meanwhile: the next try
            pages.apply(part, kept, size, count)
            assert pages.digest_of(pages.table_of(kept, size)) == pages.digest_of(fresh)
            with closing(sqlite3.connect(kept)) as copy:
                assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                seen = copy.execute("SELECT COUNT(*), (SELECT n FROM total) FROM note").fetchone()
                assert seen == (rows, rows)
            smallest = min(smallest, len(numbers)) if taken else smallest
            table, taken = fresh, taken + 1
            while counted[0] == before:
                stop.wait(0.001)
    finally:
        stop.set()
        writer.join()
    assert smallest < count, "a step takes what changed, not everything"
