"""The last step of a restore: whole files change places, and a cut-off exchange is finished.

On PostgreSQL the tables change places too, in one transaction of the server, before the files.

By then the new box is complete and checked beside the old one. A note says what moves where; once
the note is on the disk the exchange goes forward only, by whoever comes next: the restore itself,
run again, or the next start of the box. So there is never half of one box and half of another.
"""

import asyncio
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import msgspec

from appliance.domain.backups import Trial
from appliance.errors import Damaged
from appliance.storage import schemas
from appliance.storage.engine.postgres import PostgresDatabase

NOTE: Final = "restore.json"
TRIAL: Final = "restored.json"
"""Lies there while a restored box waits for somebody to look and confirm: it is read-only."""

WITH: Final = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database: a stale one would be read into the new file."""


class Exchange(msgspec.Struct, frozen=True):
    """What moves.

    Attributes:
        stage: folder in the data folder with the new files.
        aside: folder in the data folder for the old ones.
        names: files and folders, in order.
        tables: on PostgreSQL: the schema of the new tables, and the one for the old.
    """

    stage: str
    aside: str
    names: tuple[str, ...]
    tables: tuple[str, str] | None = None


def begin(data: Path, exchange: Exchange) -> None:
    """Write the note; from here on there is no way back but another restore."""
    stage = data / exchange.stage
    for name in exchange.names:
        for path in (stage / name, *(stage / name).rglob("*")):
            if path.exists():
                _settle(path)
    for folder in (stage, data):
        _settle(folder)
    beside = data / f"{NOTE}.new"
    with beside.open("wb") as file:
        file.write(msgspec.json.encode(exchange))
        file.flush()
        os.fsync(file.fileno())
    beside.rename(data / NOTE)
    _settle(data)


def finish(data: Path, url: str | None = None) -> bool:
    """Carry out what a note says; without one it does nothing. May be cut off and repeated.

    Args:
        data: the box's folder.
        url: of its PostgreSQL.

    Raises:
        Damaged: `restore_note_damaged`: the note cannot be read; nothing was moved.
        Unavailable: the server does not answer; nothing was moved.
    """
    try:
        exchange = msgspec.json.decode((data / NOTE).read_bytes(), type=Exchange)
    except FileNotFoundError:
        return False
    except msgspec.DecodeError as error:
        raise Damaged("restore_note_damaged") from error
    if exchange.tables is not None:
        _exchange_tables(url, *exchange.tables)
    stage, aside = data / exchange.stage, data / exchange.aside
    _exchange_files(data, stage, aside, exchange.names)
    for folder in (aside, data):
        _settle(folder)
    (data / NOTE).unlink()
    _settle(data)
    shutil.rmtree(stage, ignore_errors=True)
    return True


def _exchange_files(data: Path, stage: Path, aside: Path, names: Sequence[str]) -> None:
    aside.mkdir(mode=0o700, exist_ok=True)
    for name in names:
        for old in (name, *(f"{name}{end}" for end in WITH)):
            # What is staged has not been placed yet, so what lies there is the old one. What
            # is no longer staged lies in place already; beside it there is nothing of the old.
            is_old = (stage / name).exists() or old != name
            if is_old and (data / old).exists() and not (aside / old).exists():
                (data / old).rename(aside / old)
        if (stage / name).exists():
            (stage / name).rename(data / name)


def _exchange_tables(url: str | None, fresh: str, aside: str) -> None:
    if url is None:
        raise Damaged("restore_note_damaged", "tables on a server that the settings do not name")

    async def run() -> None:
        database = PostgresDatabase(url)
        await database.start()
        try:
            done = await database.alter(lambda: schemas.exchange(fresh, aside))
            if not (done or await database.read(lambda: schemas.is_there(aside))):
                raise Damaged("restore_note_damaged", "neither new tables nor old ones")
        finally:
            await database.stop()

    # A start of the box comes here from its loop, and nothing of it may go on until this is done.
    with ThreadPoolExecutor(1) as aside_of_loop:
        aside_of_loop.submit(asyncio.run, run()).result()


def tables_of(aside: str) -> str:
    """The schema that belongs to a folder of what a restore has set aside."""
    return aside.replace("-", "_").lower()


def trial_of(data: Path) -> Trial | None:
    """The restore that waits to be confirmed; None: there is none, or no way back any more."""
    try:
        trial = msgspec.json.decode((data / TRIAL).read_bytes(), type=Trial)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    return trial if (data / trial.aside).is_dir() else None


def confirm(data: Path) -> None:
    """End the trial: what was restored stays."""
    (data / TRIAL).unlink(missing_ok=True)
    _settle(data)


def _settle(path: Path) -> None:
    """Have a file's bytes, or a folder's names, on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
