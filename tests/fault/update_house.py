"""An installation of small files and a machine that is a folder; the steps are the real ones.

With the address of a PostgreSQL the tables of main.db are there, and nothing else is.
"""

import asyncio
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from appliance.errors import HouseError
from updates import kept
from updates.journal import Note
from updates.machine import Seen
from updates.place import Place
from updates.steps import Update

OLD, NEW = "1.0.0-1", "2.0.0-1"
ADDRESS = "address"
BESIDE = "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'korobka%'"
EMPTIED = (
    "DROP SCHEMA IF EXISTS public, korobka_trial, korobka_before_update CASCADE",
    "CREATE SCHEMA public",
)
SHAPE = """
SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
WHERE table_schema = 'public'
UNION ALL SELECT tablename, indexname, indexdef, '' FROM pg_indexes WHERE schemaname = 'public'
ORDER BY 1, 2
"""
PERSON, SYSTEM = b'{"actor_kind":"user"}', b'{"actor_kind":"system"}'


def founded(home: Path, url: str = "") -> Place:
    """An installation of the old release with a box that runs.

    Args:
        home: an empty folder.
        url: of a PostgreSQL's database that is emptied; empty: the tables are in main.db.
    """
    place = Place(home / "prefix", home / "data", is_service=False)
    for folder in (place.releases / OLD, place.etc, place.data):
        folder.mkdir(parents=True)
    (place.releases / OLD / "program").write_text("1.0.0")
    (place.prefix / "current").symlink_to(f"releases/{OLD}")
    (place.data / "korobka.toml").write_text("[box]\n")
    tables = {
        "main.db": ("CREATE TABLE person (name TEXT)", "CREATE TABLE audit_outbox (leaf BLOB)"),
        "audit.db": ("CREATE TABLE event (seq INTEGER PRIMARY KEY, leaf BLOB)",),
        "keys.db": ("CREATE TABLE erasure_ledger (seq INTEGER PRIMARY KEY)",),
        "evidence.db": ("CREATE TABLE act (part BLOB)",),
    }
    person = "INSERT INTO person VALUES ('Осокин')"
    if url:
        (place.data / ADDRESS).write_text(url)
        shape = [one.replace("BLOB", "BYTEA") for one in tables.pop("main.db")]
        marks = "CREATE TABLE schema_migration (module TEXT, number BIGINT)"
        asked(url, *EMPTIED, *shape, marks, "CREATE INDEX person_name ON person (name)", person)
    for name, statements in tables.items():
        _run(place.data / name, *statements)
    if not url:
        _run(place.data / "main.db", person)
    work(place, by=PERSON)
    (place.data / "running").write_text(OLD)
    return place


def work(place: Place, by: bytes = PERSON) -> None:
    """A deed that got into the log."""
    with sqlite3.connect(place.data / "audit.db") as log:
        log.execute("INSERT INTO event (leaf) VALUES (?)", (by,))
    log.close()


def destroy(place: Place) -> None:
    """The box destroys somebody by itself; the deed is its own."""
    _run(place.data / "keys.db", "INSERT INTO erasure_ledger DEFAULT VALUES")
    work(place, by=SYSTEM)


def _run(path: Path, *statements: str) -> None:
    with sqlite3.connect(path) as database:
        for statement in statements:
            database.execute(statement)
    database.close()


def url_of(place: Place) -> str:
    """Of the box's PostgreSQL; empty: it has none."""
    there = place.data / ADDRESS
    return there.read_text() if there.exists() else ""


def asked(url: str, *statements: str) -> list[Any]:
    """The rows of the last of these."""
    import asyncpg  # noqa: PLC0415 - most of these tests need none

    async def run() -> list[Any]:
        wire = await asyncpg.connect(url)
        try:
            return [await wire.fetch(one) for one in statements][-1]
        finally:
            await wire.close()

    return asyncio.run(run())


def databases(place: Place) -> dict[str, bytes]:
    """What must come back byte for byte."""
    found = {
        name: (place.data / name).read_bytes()
        for name in kept.NAMES
        if (place.data / name).exists()
    }
    if url := url_of(place):
        rows = [asked(url, one) for one in (SHAPE, "TABLE person", "TABLE audit_outbox")]
        found["server"] = repr(rows).encode()
    return found


def is_new(place: Place) -> bool:
    """Whether the new release's migration is in the tables."""
    if url := url_of(place):
        return "born" in repr(asked(url, SHAPE))
    return b"born" in (place.data / "main.db").read_bytes()


def left_beside(place: Place) -> list[str]:
    """What an update has left that came to its end."""
    left = [kept.FOLDER] if (place.data / kept.FOLDER).exists() else []
    if url := url_of(place):
        left += [row[0] for row in asked(url, BESIDE)]
    return left


def make(place: Place, note: Note) -> None:
    """What unpacking and building do."""
    home = place.releases / note.new
    home.mkdir()
    (home / "half").write_text("2.0")
    (home / "program").write_text("2.0.0")
    os.sync()  # as building does


class FolderMachine:
    """The box is a file that names the release which runs."""

    def __init__(self, place: Place, breaks: str = "", error: HouseError | None = None) -> None:
        """Args: breaks: the verb that fails, or `start`, `backup`."""
        self.place, self._breaks = place, breaks
        self._error = error or HouseError("update_test_failed", part="by order")
        self.does_work = False

    def look(self) -> Seen:
        there = (self.place.data / "running").exists()
        return Seen(running=there, open=there)

    def stop(self) -> None:
        (self.place.data / "running").unlink(missing_ok=True)

    def start(self, release: str) -> None:
        if self.does_work:
            work(self.place)
        if release == NEW:
            self._maybe("start")
        (self.place.data / "running").write_text(self.place.in_use)

    def back_up(self) -> str:
        self._maybe("backup")
        return "20260201T100000Z"

    def inside(
        self, release: str, verb: str, more: Mapping[str, object] | None = None
    ) -> Mapping[str, Any]:
        data, told, url = self.place.data, dict(more or {}), url_of(self.place)
        if verb == "migrate":
            change = "ALTER TABLE person ADD COLUMN born TEXT"
            asked(url, change) if url else _run(data / "main.db", change)
            self._maybe(verb)
            return {"migrated": ["0031", "0032"]}
        self._maybe(verb)
        if verb == "keep":
            found = kept.keep(data, url)
            return {"log": found.log, "waiting": found.waiting, "erased": found.erased}
        if verb == "people-since":
            before = kept.Deeds(*(int(str(told[one])) for one in ("log", "waiting", "erased")))
            return {"people": kept.people_since(data, before, url)}
        if verb == "restore":
            kept.restore(data, url)
        if verb == "forget":
            kept.forget(data, url, step=int(str(told["step"])))
        return {"checks": 7}

    def furnish(self, release: str) -> None:
        (self.place.prefix / "furnished").write_text(release)

    def _maybe(self, verb: str) -> None:
        if verb == self._breaks:
            raise self._error


def update_of(place: Place, machine: FolderMachine, reached: Any = lambda _: None) -> Update:
    """The steps over this machine."""
    return Update(place, machine, reached=reached)


def note() -> Note:
    """1.0.0 → 2.0.0."""
    return Note(
        old=OLD, new=NEW, was="1.0.0", version="2.0.0", began="2026-02-01T10:00", is_made=True
    )
