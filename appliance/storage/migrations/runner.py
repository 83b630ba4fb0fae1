"""Bring a database to the schema of this release, or say that it is another's."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import cast

from appliance.errors import Unavailable
from appliance.storage.engine.connections import current
from appliance.storage.engine.database import Database
from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.migrations.operations import Migration
from appliance.storage.statements import execute, fetch

KEPT_COPIES = 2
_NAMED = re.compile(r"(\d{4})_\w+")
_MARKS = (
    "CREATE TABLE IF NOT EXISTS schema_migration (module TEXT NOT NULL, number BIGINT NOT NULL,"
    " name TEXT NOT NULL, applied_at TIMESTAMPTZ NOT NULL, PRIMARY KEY (module, number))"
)


@dataclass(frozen=True)
class Source:
    """Where migrations come from.

    Attributes:
        module: whose they are: `house`, or `plugin:<name>`; kept in the database.
        package: the importable package with the `NNNN_name.py` files.
    """

    module: str
    package: str


HOUSE = Source("house", "appliance.storage.migrations")


@dataclass(frozen=True)
class Step:
    """One migration of one source."""

    module: str
    number: int
    name: str
    package: str

    async def run(self) -> None:
        """Do it and mark it as done, on the current lease."""
        code = import_module(f"{self.package}.{self.name}")
        up = cast("Callable[[Migration], Awaitable[None]]", code.up)
        await up(Migration())
        await execute(
            "INSERT INTO schema_migration (module, number, name, applied_at)"
            " VALUES ({}, {}, {}, {})",
            self.module,
            self.number,
            self.name,
            datetime.now(UTC),
        )


def known_steps(source: Source) -> list[Step]:
    """Return a source's migrations in their order; none of them is imported.

    Raises:
        ValueError: two have one number.
    """
    package = import_module(source.package)
    steps = sorted(
        (
            Step(source.module, int(match[1]), found.name, source.package)
            for found in iter_modules(package.__path__)
            if (match := _NAMED.fullmatch(found.name))
        ),
        key=lambda step: step.number,
    )
    if len({step.number for step in steps}) != len(steps):
        raise ValueError(f"{source.package}: two migrations with one number")
    return steps


async def pending(database: Database, sources: Sequence[Source] = (HOUSE,)) -> list[Step]:
    """Return what has to be done to reach this release.

    Raises:
        Unavailable: `schema_newer`: the database has been through migrations that this release
            does not know; running on it could lose what they keep.
    """
    done = await database.read(_done)
    missing: list[Step] = []
    for source in sources:
        steps = known_steps(source)
        unknown = {n for module, n in done if module == source.module}.difference(
            step.number for step in steps
        )
        if unknown:
            raise Unavailable(
                "schema_newer", f"{source.module} has migration {max(unknown)}", number=max(unknown)
            )
        missing += [step for step in steps if (step.module, step.number) not in done]
    return missing


async def require_current(database: Database, sources: Sequence[Source] = (HOUSE,)) -> None:
    """Refuse a database that this release cannot use as it is.

    Raises:
        Unavailable: `schema_older` (migrate it first) or `schema_newer`.
    """
    if missing := await pending(database, sources):
        first = missing[0]
        raise Unavailable(
            "schema_older", f"{first.module} lacks {first.number}", number=first.number
        )


async def migrate(
    database: Database,
    sources: Sequence[Source] = (HOUSE,),
    backup_folder: Path | None = None,
    *,
    copied: bool = False,
) -> list[Step]:
    """Run what is pending, each migration in a transaction of its own together with its mark.

    On SQLite a database that has been through migrations before is copied first, into
    `backup_folder` or beside the file, as `<name>.before-<number>.db`; `prune_copies` deletes old
    ones. With `copied` the caller has made a copy of his own.

    Returns:
        What was done, in order.

    Raises:
        Unavailable: `schema_newer`, or what `Database.write` may raise.
    """
    missing = await pending(database, sources)
    if not missing:
        return []
    if not copied and isinstance(database, SqliteDatabase) and await database.read(_done):
        folder = backup_folder or database.path.parent
        target = folder / f"{database.path.stem}.before-{missing[0].number:04d}.db"
        # Left by a try that failed: the migration was undone, so it holds the same.
        target.unlink(missing_ok=True)
        await database.copy_to(target)
    await database.alter(_create_marks)
    for step in missing:
        await database.alter(step.run)
    return missing


def prune_copies(folder: Path) -> list[str]:
    """Delete copies that migrations left, but the newest two; only for a box that runs well.

    Returns:
        names of the files that are gone.
    """
    found = sorted(folder.glob("main.before-*.db"), key=lambda path: path.stat().st_mtime_ns)
    gone = found[:-KEPT_COPIES]
    for path in gone:
        path.unlink(missing_ok=True)
    return [path.name for path in gone]


async def _create_marks() -> None:
    await current().script(_MARKS)


async def _done() -> set[tuple[str, int]]:
    """Return (module, number) of what this database has been through."""
    if not await Migration().columns("schema_migration"):
        return set()
    return {(row[0], row[1]) for row in await fetch("SELECT module, number FROM schema_migration")}
