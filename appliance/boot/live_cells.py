"""Sealed cells of a box as a file, for the verifier that knows nothing but SQLite."""

import asyncio
import sqlite3
import tempfile
from collections.abc import Generator
from contextlib import closing, contextmanager
from itertools import groupby
from pathlib import Path
from typing import Final

from appliance.boot.house import MAIN_FILE
from appliance.config import Config
from appliance.storage.engine import values
from appliance.storage.engine.connections import current
from appliance.storage.engine.postgres import PostgresDatabase
from appliance.storage.statements import fetch

ROWS: Final = 2_000
_COLUMNS: Final = (
    "SELECT c.table_name::text, c.column_name::text FROM information_schema.columns c"
    " JOIN information_schema.columns k ON k.table_schema = c.table_schema"
    " AND k.table_name = c.table_name AND k.column_name = 'id' AND k.data_type = 'uuid'"
    " WHERE c.table_schema = current_schema() AND c.data_type = 'bytea' ORDER BY 1, 2"
)


@contextmanager
def as_file(config: Config) -> Generator[Path | None]:
    """A database with the sealed cells under their rows' ids; None: there is none here.

    A main.db is taken as it lies. Tables on a server are copied as of one moment, cells only, into
    a folder that is deleted at the end.

    Raises:
        Unavailable: the server does not answer.
    """
    if config.database.url is None:
        main = config.data / MAIN_FILE
        yield main if main.exists() else None
        return
    with tempfile.TemporaryDirectory(prefix=".work-cells-", dir=config.data) as folder:
        place = Path(folder) / MAIN_FILE
        values.install()
        asyncio.run(_take(config.database.url, place))
        yield place


async def _take(url: str, place: Path) -> None:
    source = PostgresDatabase(url)
    await source.start()
    try:
        with closing(sqlite3.connect(place, isolation_level=None)) as fresh:
            fresh.execute("PRAGMA synchronous = OFF")  # read once and deleted
            fresh.execute("BEGIN")
            await source.read(lambda: _pour(fresh))
            fresh.execute("COMMIT")
    finally:
        await source.stop()


async def _pour(fresh: sqlite3.Connection) -> None:
    found = [(str(table), str(column)) for table, column in await fetch(_COLUMNS)]
    for number, (table, columns) in enumerate(groupby(found, key=lambda one: one[0])):
        names = ", ".join(f'"{one}"' for one in ("id", *(column for _, column in columns)))
        marks = ", ".join("?" * (names.count(",") + 1))
        fresh.execute(f'CREATE TABLE "{table}" ({names}, PRIMARY KEY (id))')
        walk = f"cells_{number}"
        await current().script(
            f'DECLARE {walk} NO SCROLL CURSOR FOR SELECT {names} FROM "{table}"'  # noqa: S608 - out of the catalogue
        )
        while rows := await fetch(f"FETCH {ROWS} FROM {walk}"):
            fresh.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows)  # noqa: S608 - as above
        await current().script(f"CLOSE {walk}")
