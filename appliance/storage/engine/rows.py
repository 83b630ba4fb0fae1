"""Piccolo's engine for every table of the house: it runs queries on the current body's lease.

Neither of Piccolo's own engines fits: on SQLite it opens a connection and a thread per query, on
PostgreSQL its transactions join silently when nested and leak a connection when COMMIT fails.
This one holds no connection at all, so a table is bound to no database: the dialect too is that
of the body that is running, and two databases can live in one process.
"""

from collections.abc import Iterable
from typing import Any, Never

from piccolo.engine.base import BaseAtomic, BaseBatch, BaseTransaction, Engine
from piccolo.querystring import QueryString
from piccolo.table import Table

from appliance.storage.engine import shapes
from appliance.storage.engine.connections import current

_OLDEST = {"sqlite": 3.35, "postgres": 13.0}


class CurrentEngine(Engine[BaseTransaction]):
    """The `db=` of every table: `class OrderRow(Table, tablename="orders", db=ENGINE)`."""

    def __init__(self) -> None:  # pyright: ignore[reportMissingSuperCall] - it would connect
        self.log_queries = False
        self.log_responses = False
        self.query_id = 0

    @property
    def engine_type(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride] - a slot
        return current().dialect

    async def run_querystring(  # pyright: ignore[reportIncompatibleMethodOverride] - Piccolo's lacks its return type
        self, querystring: QueryString, in_pool: bool = True
    ) -> list[dict[str, Any]]:
        lease = current()
        sql, args = querystring.compile_string(engine_type=lease.dialect)
        return await lease.dicts(sql, args)

    async def run_ddl(  # pyright: ignore[reportIncompatibleMethodOverride] - Piccolo's lacks its return type
        self, ddl: str, in_pool: bool = True
    ) -> list[dict[str, Any]]:
        await current().script(ddl)
        return []

    def transaction_exists(self) -> bool:
        return True

    def transaction(self, *args: Any, **kwargs: Any) -> Never:
        raise RuntimeError("the body is the transaction")

    def atomic(self) -> BaseAtomic:
        raise RuntimeError("the body is the transaction")

    async def batch(self, query: Any, batch_size: int = 100, node: str | None = None) -> BaseBatch:
        raise RuntimeError("page by key instead of batch()")

    async def get_version(self) -> float:
        return self.get_version_sync()

    def get_version_sync(self) -> float:
        return _OLDEST[current().dialect]

    async def prep_database(self) -> None:
        return None


ENGINE = CurrentEngine()


def bind(tables: Iterable[type[Table]]) -> None:
    """Let tables declared without `db=` run on the current body."""
    shapes.bind(tables, ENGINE)
