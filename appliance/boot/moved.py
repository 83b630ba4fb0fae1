"""The last step of a move to a PostgreSQL server: its tables take their place, main.db goes aside.

By then everything lies on the server, verified, in a schema of its own, and the settings name the
server: writing them was the one moment at which the box changed hands. Before it the box starts on
SQLite and the note is only of a try; after it whoever comes next, the move itself or the start of
the box, leads it to its end.
"""

import asyncio
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from appliance.errors import Conflict, Damaged
from appliance.storage import schemas
from appliance.storage.engine.postgres import PostgresDatabase

NOTE: Final = "move.json"
FRESH: Final = "korobka_moving"
"""The schema that a move fills; one that was cut off is dropped by the next."""

ASIDE: Final = "before-move-"
"""Folders in the data folder: main.db as it was, and what migrations have left of it."""

_MAIN: Final = "main.db"
_TAKEN: Final = ("main.db", "main.db-wal", "main.db-shm", "main.db-journal", "main.before-*.db")


class Move(msgspec.Struct, frozen=True):
    """A move that was verified.

    Attributes:
        box, stamp: whose, and when (UTC): stand on the tables, so that no others are taken for it.
        tables, rows: how many were brought.
    """

    box: str
    stamp: str
    tables: int = 0
    rows: int = 0

    @property
    def mark(self) -> str:
        """What stands on the tables."""
        return f"{self.box} {self.stamp}"

    @property
    def aside(self) -> str:
        """The folder for main.db."""
        return f"{ASIDE}{self.stamp}"


def begin(data: Path, move: Move) -> None:
    """Write the note; nothing follows from it until the settings name the server."""
    beside = data / f"{NOTE}.new"
    with beside.open("wb") as file:
        file.write(msgspec.json.encode(move))
        file.flush()
        os.fsync(file.fileno())
    beside.rename(data / NOTE)
    _settle(data)


def finish(data: Path, url: str | None) -> Move | None:
    """Lead a move to its end that the settings tell of; may be cut off and repeated.

    Args:
        data: the box's folder.
        url: of its PostgreSQL, as its settings say; None: it is on SQLite, nothing has moved.

    Returns:
        the move, until `forget`.

    Raises:
        Damaged: `move_note_damaged`; `move_elsewhere`: the tables are not on this server;
            `move_main_aside`: the settings name no server, and main.db was put aside.
        Conflict: `move_not_empty`: something else lies in its place.
        Unavailable: the server does not answer.
    """
    if url is None:
        forget(data)
        _must_have_main(data)
        return None
    try:
        move = msgspec.json.decode((data / NOTE).read_bytes(), type=Move)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise Damaged("move_note_damaged") from error
    # A start of the box comes here from its loop, and nothing of it may go on until this is done.
    with ThreadPoolExecutor(1) as aside_of_loop:
        aside_of_loop.submit(asyncio.run, _take_place(url, move)).result()
    _put_aside(data, move.aside)
    return move


def forget(data: Path) -> None:
    """Nothing is left to be done or told of a move."""
    with suppress(FileNotFoundError):
        (data / NOTE).unlink()
        _settle(data)


def folders(data: Path) -> list[Path]:
    """Where main.db lies aside."""
    return sorted(path for path in data.glob(f"{ASIDE}*") if path.is_dir())


async def _take_place(url: str, move: Move) -> None:
    database = PostgresDatabase(url)
    await database.start()
    try:
        await database.alter(lambda: _exchange(move))
    finally:
        await database.stop()


async def _exchange(move: Move) -> None:
    if await schemas.marked(FRESH) != move.mark:
        if await schemas.marked() != move.mark:
            raise Damaged("move_elsewhere")
        return
    if there := await schemas.names():
        raise Conflict("move_not_empty", name=min(there))
    await schemas.exchange(FRESH)


def _put_aside(data: Path, aside: str) -> None:
    found = list(_files(data))
    if not found:
        return
    (data / aside).mkdir(mode=0o700, exist_ok=True)
    for path in found:
        path.rename(data / aside / path.name)
    _settle(data / aside)
    _settle(data)


def _files(data: Path) -> Iterator[Path]:
    for name in _TAKEN:
        yield from sorted(data.glob(name))


def _must_have_main(data: Path) -> None:
    """Without main.db the box would begin an empty one, beside the server's that has everything."""
    if not (data / _MAIN).exists() and (aside := folders(data)):
        raise Damaged("move_main_aside", path=str(aside[-1]))


def _settle(path: Path) -> None:
    """Have a file's bytes, or a folder's names, on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
