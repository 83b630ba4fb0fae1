"""A box in memory, for the tests of plugins: answers what a test says, keeps own tables itself."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import msgspec

from appliance.plugin_api import callers, calls, vendor
from appliance.plugin_api.asks import ASKS
from appliance.plugin_api.calls import CALLS, Row
from appliance.plugin_api.core import PAUSED, Core, Refused
from appliance.plugin_api.files import FileGiven, FileKept
from appliance.plugin_api.hooks import AnswerHandler
from appliance.plugin_api.messages import Account, Hello

Answer = Callable[[Any], msgspec.Struct]


class Box:
    """What a plugin's handlers talk to in its tests.

    Attributes:
        asked: every question that came, in order: name and message.
        answers: name → what answers it; own tables, journal, badges and tasks answer by themselves.
        files: brought, by key.
        logged: codes of the log's lines.
    """

    def __init__(
        self,
        settings: Mapping[str, str | int | bool | None] | None = None,
        *,
        keys: Mapping[str, Sequence[str]] | None = None,
        accounts: Sequence[Account] | None = None,
    ) -> None:
        """Make one.

        Args:
            settings: of the plugin.
            keys: own table → its key columns, as the manifest has them.
            accounts: of the service, those that are on; None: the manifest knows but one.
        """
        PAUSED.clear()
        vendor.forget()
        callers.forget()
        self.asked: list[tuple[str, Any]] = []
        self.logged: list[str] = []
        self._settings = dict(settings or {})
        self._accounts = None if accounts is None else tuple(accounts)
        self._keys = dict(keys or {})
        self._rows: dict[str, dict[tuple[Any, ...], Row]] = {}
        self._tasks: set[str] = set()
        self.files: dict[str, FileGiven] = {}
        self.answers: dict[str, Answer] = {
            "journal": lambda _: calls.Noted(number=len(self.journal)),
            "badge": lambda _: calls.Nothing(),
            "key_until": lambda _: calls.Nothing(),
            "task": self._task,
            "file_put": self._file,
            "rows_get": self._get,
            "rows_scan": self._scan,
            "rows_put": self._put,
            "rows_delete": self._delete,
        }

    def core(self, delivery_id: UUID | None = None, attempt: int = 1) -> Core:
        """What a handler is given."""
        hello = Hello(
            plugin="tested",
            version="1.0.0",
            api=1,
            settings=self._settings,
            accounts=self._accounts,
        )
        return Core(self._line, hello, self._told, delivery_id or uuid4(), attempt)

    async def ask(self, handler: AnswerHandler, name: str, asked: msgspec.Struct) -> Any:
        """Put a question to a plugin's function as the box does: over the wire and back.

        Raises:
            Permanent, Retry, Pause, Refused: what the function raises to refuse.
        """
        ask = ASKS[name]
        answer = await handler(calls.unpack(calls.pack(asked), ask.asked), self.core())
        return calls.unpack(calls.pack(answer), ask.answers)

    @property
    def journal(self) -> list[tuple[str, str, dict[str, int | str]]]:
        """Lines of the journal: code, state, data."""
        return [(one.code, one.state, one.data) for name, one in self.asked if name == "journal"]

    def of(self, name: str) -> list[Any]:
        """The questions of one name."""
        return [one for called, one in self.asked if called == name]

    def rows(self, table: str) -> list[Row]:
        """An own table, in the order of its keys."""
        return [row for _, row in sorted(self._rows.get(table, {}).items())]

    async def _line(self, name: str, body: bytes) -> bytes:
        message = calls.unpack(body, CALLS[name].asks)
        self.asked.append((name, message))
        answer = self.answers.get(name)
        if answer is None:
            raise Refused("permission_not_granted")
        return calls.pack(answer(message))

    def _told(self, level: int, code: str, numbers: Mapping[str, int]) -> None:
        self.logged.append(code)

    def _task(self, wanted: calls.TaskWanted) -> calls.TaskSet:
        fresh = wanted.key not in self._tasks
        self._tasks.add(wanted.key)
        return calls.TaskSet(created=fresh)

    def _file(self, given: FileGiven) -> FileKept:
        fresh = self.files.setdefault(given.key, given) is given
        return FileKept(number=[*self.files].index(given.key) + 1, created=fresh)

    def _table(self, name: str) -> dict[tuple[Any, ...], Row]:
        if name not in self._keys:
            raise Refused("table_unknown")
        return self._rows.setdefault(name, {})

    def _get(self, asked: calls.RowsAsked) -> calls.Rows:
        table = self._table(asked.table)
        return calls.Rows(rows=tuple(table[key] for key in asked.keys if key in table))

    def _scan(self, asked: calls.ScanAsked) -> calls.Rows:
        size = len(asked.within)
        found = [
            row
            for key, row in sorted(self._table(asked.table).items())
            if key[:size] == asked.within and key > asked.after
        ]
        return calls.Rows(rows=tuple(found[: asked.limit]))

    def _put(self, given: calls.RowsGiven) -> calls.Counted:
        table = self._table(given.table)
        for row in given.rows:
            table[tuple(row.values[name] for name in self._keys[given.table])] = row
        return calls.Counted(rows=len(given.rows))

    def _delete(self, unwanted: calls.RowsUnwanted) -> calls.Counted:
        table = self._table(unwanted.table)
        return calls.Counted(rows=sum(table.pop(key, None) is not None for key in unwanted.keys))
