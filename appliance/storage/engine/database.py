"""The database as the rest of the house sees it: three ways to run a body."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

from appliance.storage.engine.connections import Dialect
from appliance.storage.engine.drive import Body

R = TypeVar("R")
Hook = Callable[[], None]


class Database(ABC):
    """One per process. A body is an `async def` that awaits nothing but storage.

    Inside a body the functions of `appliance.storage.statements` and Piccolo's queries find the
    connection by themselves; outside they raise RuntimeError. Bodies are not nested.

    A body may run more than once (PostgreSQL repeats it after a conflict), so it changes
    nothing but the database.
    """

    dialect: Dialect

    @abstractmethod
    async def start(self) -> None:
        """Open the connections, on the loop that will use them.

        Raises:
            Unavailable: `storage_failed`, `storage_lost`, `read_only_storage`.
            Damaged: `storage_damaged`.
        """

    @abstractmethod
    async def stop(self) -> None:
        """Finish what was handed over, then close; repeating it is harmless."""

    @abstractmethod
    async def write(self, body: Body[R]) -> R:
        """Run one writing action; when this returns, its changes are on the disk.

        What the body raises is undone and comes out here. A caller that stops waiting does not
        stop the body.

        Raises:
            Unavailable: `disk_full`, `read_only_storage`, `storage_failed`, `storage_busy`,
                `storage_lost`: nothing was changed, except that after `storage_lost` (the
                connection to PostgreSQL broke) it is unknown.
            RowExists, RowReferenced: a constraint refused.
            RuntimeError: the body suspended, or another one is running here.
        """

    @abstractmethod
    async def read(self, body: Body[R]) -> R:
        """Run a body on one read-only snapshot, at once, on this loop."""

    @abstractmethod
    async def slow_read(self, body: Body[R]) -> R:
        """Run a body on one read-only snapshot, out of the loop's way (reports, exports)."""

    @abstractmethod
    async def alter(self, body: Body[R]) -> R:
        """Run a body that changes the schema, in one transaction of its own.

        Foreign keys are not enforced meanwhile on SQLite, where a table is changed by making
        it anew; they are checked before the commit.
        """

    @abstractmethod
    def before_commit(self, hook: Hook) -> None:
        """Have `hook` called right before each COMMIT; if it raises, nothing is committed.

        On SQLite it runs in the writer's thread, once for a group of bodies.
        """

    @abstractmethod
    def after_commit(self, hook: Hook) -> None:
        """Have `hook` called on the loop after each COMMIT; it must return at once."""
