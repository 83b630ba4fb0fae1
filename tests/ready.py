"""Houses made once in a process and copied for every test: making one costs ten times a copy."""

import shutil
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from appliance.domain.ids import uuid7
from appliance.storage.engine.database import Database
from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.vault.slots import ArgonCost
from appliance.vault.vault import Vault
from tests.postgres import clerk, fast_folder, own_database

ENGINES = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))
"""Of fixtures: each test on both; the quick part of the checks leaves the second out."""

CHEAP = ArgonCost(memory_kib=8, iterations=1)
"""What a guess costs in tests: what it costs in a box is a matter for the vault's own."""

Fill = Callable[[Database, Vault], Awaitable[Mapping[str, Any]]]
"""Brings an empty started database to what every test finds; gives what tests know people by."""


@dataclass(frozen=True)
class Ready:
    """One made house at rest.

    Attributes:
        folder: holds keys.db and, on SQLite, main.db.
        code: opens the vault of a copy.
        people: what the one who filled it gave.
        database: its name on the PostgreSQL server; empty on SQLite.
    """

    folder: Path
    code: str
    people: Mapping[str, Any]
    database: str


@dataclass(frozen=True)
class Copy:
    """A house of a test's own: the vault open, the database started."""

    database: Database
    vault: Vault
    people: Mapping[str, Any]


_kept: dict[tuple[Fill, str], Ready] = {}
_rubbish = ExitStack()


def clear() -> None:
    """Take away what is kept, at the end of a run."""
    _kept.clear()
    _rubbish.close()


@asynccontextmanager
async def copied(fill: Fill, folder: Path, server: str = "") -> AsyncGenerator[Copy]:
    """Copy the house that `fill` makes, making it first where this process has none yet.

    Args:
        fill: what makes it.
        folder: an empty folder for keys.db and, on SQLite, main.db.
        server: address of a PostgreSQL to make a database in; empty is SQLite.
    """
    ready = _kept.get((fill, server))
    if ready is None:
        ready = _kept[fill, server] = await _made(fill, server)
    for file in ready.folder.iterdir():
        shutil.copy(file, folder)
    vault = Vault.load(folder, argon=CHEAP, passwords=CHEAP)
    try:
        vault.unlock_with_code(ready.code)
        async with _open(folder, server, ready.database) as database:
            database.before_commit(vault.flush_subjects)
            await database.start()
            try:
                yield Copy(database, vault, ready.people)
            finally:
                await database.stop()
    finally:
        vault.close()


async def _made(fill: Fill, server: str) -> Ready:
    made = tempfile.TemporaryDirectory(prefix="korobka-ready-", dir=fast_folder())
    folder = Path(_rubbish.enter_context(made))
    vault, code = Vault.create(folder, argon=CHEAP, passwords=CHEAP)
    name = ""
    database: Database = SqliteDatabase(folder / "main.db")
    if server:
        from appliance.storage.engine.postgres import PostgresDatabase  # noqa: PLC0415  asyncpg

        name = f"ready{uuid7().hex}"
        await clerk(server).order(f"CREATE DATABASE {name}")
        database = PostgresDatabase(f"{server.rpartition('/')[0]}/{name}")
    database.before_commit(vault.flush_subjects)
    await database.start()
    try:
        people = await fill(database, vault)
    finally:
        await database.stop()
        vault.close()
    _put_to_rest(folder)
    return Ready(folder, code.text, people, name)


def _put_to_rest(folder: Path) -> None:
    """Leave only the databases: closed ones need nothing that lies beside them."""
    for file in folder.iterdir():
        if file.suffix != ".db":
            file.unlink()


@asynccontextmanager
async def _open(folder: Path, server: str, template: str) -> AsyncGenerator[Database]:
    if not server:
        yield SqliteDatabase(folder / "main.db")
        return
    from appliance.storage.engine.postgres import PostgresDatabase  # noqa: PLC0415  asyncpg

    async with own_database(server, template) as address:
        yield PostgresDatabase(address)
