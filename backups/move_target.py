"""Whether a PostgreSQL server can take a box over: everything is asked before anything is done."""

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from appliance.boot.moved import FRESH
from appliance.errors import Conflict, HouseError, Unavailable
from appliance.storage import schemas
from appliance.storage.engine.probe import Probe, probe
from backups import other_engine
from backups.make import LEAST_FREE

LEAST_VERSION: Final = 13
LEAST_CONNECTIONS: Final = 14
"""Ten of the box's own, those of a copy and of a restore beside it, two in reserve."""

CLOCKS: Final = timedelta(minutes=1)
"""A server that is further from the box's clock would mix up what came first."""

TIMES: Final = 3
"""So many times main.db: tables, their indexes, and the server's log of writing both."""


def look(url: str, box: str, size: int) -> Probe:
    """Ask the server, refuse one that cannot take the box.

    Args:
        url: of an empty database there.
        box: id of the box; what its own cut-off move has left is no hindrance.
        size: bytes of main.db.

    Raises:
        HouseError: as `judge` and `probe`.
    """
    found = asyncio.run(probe(url))
    judge(found, datetime.now(UTC), TIMES * size + LEAST_FREE, free_of(found))
    _must_be_own(url, box)
    return found


def judge(found: Probe, now: datetime, need: int, free: int | None) -> None:
    """Refuse what does not fit; the gravest first.

    Args:
        found: what the server says of itself.
        now: the box's clock.
        need: bytes that the move takes on the server's disk.
        free: bytes free there; None: that is not ours to see.

    Raises:
        Unavailable: `move_version`, `move_standby`, `move_read_only`, `move_encoding`,
            `move_rights`, `move_connections`, `move_clock`, `move_no_room`.
        Conflict: `move_not_empty`.
    """
    number, schema, links = version_of(found.version), found.schema or "public", found.connections
    may = found.schema and found.may_make_schemas and found.may_make_tables
    apart = round(abs(found.now - now).total_seconds())
    few = Unavailable("move_connections", found=links, needed=LEAST_CONNECTIONS)
    full = Unavailable("move_no_room", need=need >> 20, free=(free or 0) >> 20)
    refused: Sequence[tuple[bool, HouseError]] = (
        (
            found.version < LEAST_VERSION * 10_000,
            Unavailable("move_version", found=number, needed=LEAST_VERSION),
        ),
        (found.is_standby, Unavailable("move_standby")),
        (found.is_read_only, Unavailable("move_read_only")),
        (found.encoding != "UTF8", Unavailable("move_encoding", found=found.encoding)),
        (not may, Unavailable("move_rights", schema=schema)),
        (links < LEAST_CONNECTIONS, few),
        (apart > CLOCKS.total_seconds(), Unavailable("move_clock", seconds=apart)),
        (bool(found.other), Conflict("move_not_empty", name=found.other)),
        (free is not None and free < need, full),
    )
    for is_so, error in refused:
        if is_so:
            raise error


def free_of(found: Probe) -> int | None:
    """Bytes free on the server's disk; None: it is another machine, or not ours to see."""
    if not (found.is_here and found.folder):
        return None
    try:
        seen = os.statvfs(found.folder)
    except OSError:
        return None
    return seen.f_bavail * seen.f_frsize


def version_of(number: int) -> str:
    """As people say it: 15.4, 9.6.24."""
    major, rest = divmod(number, 10_000)
    return f"{major}.{rest}" if major > 9 else f"{major}.{rest // 100}.{rest % 100}"


def _must_be_own(url: str, box: str) -> None:
    """Refuse where another box is moving in."""

    async def ask(database: other_engine.PostgresDatabase) -> str:
        return await database.read(lambda: schemas.marked(FRESH))

    mark = other_engine.on(url, ask)
    if mark and mark.partition(" ")[0] != box:
        raise Conflict("move_not_empty", name=FRESH)


def told(error: HouseError) -> HouseError:
    """What the server ends the move with, in words that tell where to look."""
    if error.code == "disk_full":
        return Unavailable("move_server_full")
    return error
