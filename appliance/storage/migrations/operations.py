"""What a migration can do; every operation may be repeated."""

from collections.abc import Awaitable, Callable
from typing import Any

from piccolo.table import Table

from appliance.storage.engine.connections import Dialect, Lease, current
from appliance.storage.engine.shapes import (
    column_of,
    columns_of,
    is_indexed,
    is_null,
    is_unique,
    name_of,
)
from appliance.storage.migrations.ddl import column_ddl, index_ddl, table_ddl
from appliance.storage.statements import fetch, fetch_value

_COLUMNS = {
    "sqlite": "SELECT name FROM pragma_table_info({})",
    "postgres": "SELECT column_name::text FROM information_schema.columns"
    " WHERE table_schema = current_schema() AND table_name = {}",
}


class Migration:
    """The handle given to `up`; it works inside the migration's own transaction.

    Attributes:
        dialect: which database it is, for the rare change that differs.
    """

    def __init__(self) -> None:
        self._lease: Lease = current()
        self.dialect: Dialect = self._lease.dialect

    async def columns(self, table: type[Table] | str) -> list[str]:
        """Return the names of the columns a table has now; none when there is no such table."""
        name = table if isinstance(table, str) else name_of(table)
        return [row[0] for row in await fetch(_COLUMNS[self.dialect], name)]

    async def create_tables(self, *tables: type[Table]) -> None:
        """Create tables and the indexes of columns declared `index=True`, where missing.

        Order them so that a table comes after those it refers to.
        """
        for table in tables:
            if await self.columns(table):
                continue
            await self._lease.script(table_ddl(table, self.dialect))
            await self._create_column_indexes(table)

    async def add_column(
        self, table: type[Table], column: str, default: str | int | bool | None = None
    ) -> None:
        """Add a column, with a constant for the rows that exist if it may not be NULL.

        Raises:
            ValueError: NOT NULL without a default, or unique (add an index instead).
        """
        if column in await self.columns(table):
            return
        added = column_of(table, column)
        if is_unique(added) or (default is None and not is_null(added)):
            raise ValueError(f"{column}: nullable or with a default, and not unique")
        name = name_of(table)
        line = column_ddl(added, self.dialect, default)
        await self._lease.script(f'ALTER TABLE "{name}" ADD COLUMN {line}')
        if is_indexed(added):
            await self.create_index(table, column)

    async def create_index(
        self,
        table: type[Table],
        *columns: str,
        unique: bool = False,
        where: str | None = None,
        name: str | None = None,
    ) -> None:
        """Create an index; `where` (SQL that both databases read the same way) makes it partial."""
        ddl = index_ddl(name_of(table), columns, unique=unique, where=where, name=name)
        await self._lease.script(ddl)

    async def drop_index(self, name: str) -> None:
        """Drop an index if it exists."""
        await self._lease.script(f'DROP INDEX IF EXISTS "{name}"')

    async def drop_table(self, name: str) -> None:
        """Drop a table if it exists."""
        await self._lease.script(f'DROP TABLE IF EXISTS "{name}"')

    async def rebuild(self, table: type[Table]) -> None:
        """Give an existing table the shape declared now, keeping the columns both shapes have.

        For what ALTER TABLE cannot do on SQLite: types, NOT NULL, UNIQUE, keys, columns gone. On
        SQLite its other indexes and triggers are made again and must still fit. On PostgreSQL
        only columns that are gone are dropped; say the rest in `sql(postgres=…)`.
        """
        if self.dialect == "sqlite":
            await self._rebuild_file_table(table)
            return
        declared = {name_of(column) for column in columns_of(table)}
        for gone in sorted(set(await self.columns(table)) - declared):
            await self._lease.script(f'ALTER TABLE "{name_of(table)}" DROP COLUMN "{gone}"')

    async def _rebuild_file_table(self, table: type[Table]) -> None:
        """Follow the twelve steps of sqlite.org/lang_altertable.html, section 7."""
        name, fresh = name_of(table), f"{name_of(table)}__new"
        kept_sql = await fetch(
            "SELECT sql FROM sqlite_schema WHERE tbl_name = {}"
            " AND type IN ('index', 'trigger') AND sql IS NOT NULL",
            name,
        )
        had = await self.columns(table)
        declared = [name_of(column) for column in columns_of(table)]
        kept = ",".join(f'"{column}"' for column in declared if column in had)
        script = self._lease.script
        await script(table_ddl(table, "sqlite", fresh))
        await script(f'INSERT INTO "{fresh}" ({kept}) SELECT {kept} FROM "{name}"')
        await script(f'DROP TABLE "{name}"')
        await script(f'ALTER TABLE "{fresh}" RENAME TO "{name}"')
        for (sql,) in kept_sql:
            await script(sql)
        await self._create_column_indexes(table)

    async def sql(self, *, sqlite: str | None = None, postgres: str | None = None) -> None:
        """Run one statement on the database it is for."""
        text = sqlite if self.dialect == "sqlite" else postgres
        if text is not None:
            await self._lease.script(text)

    async def data(self, change: Callable[[], Awaitable[Any]]) -> None:
        """Run `change`, which uses `appliance.storage.statements`, on the data."""
        await change()

    async def count(self, table: type[Table]) -> int:
        """Return how many rows a table has."""
        return await fetch_value(f'SELECT count(*) FROM "{name_of(table)}"')

    async def _create_column_indexes(self, table: type[Table]) -> None:
        for column in columns_of(table):
            if is_indexed(column):
                await self.create_index(table, name_of(column))
