"""A box's vault with guesses that cost nothing and a clock that stands still until told."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from appliance.vault.recovery import RecoveryCode
from appliance.vault.slots import ArgonCost
from appliance.vault.vault import CellRef, Vault

CHEAP = ArgonCost(memory_kib=8, iterations=1)


@dataclass
class Clock:
    """Unix milliseconds, moved by hand."""

    now: int = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now

    def pass_hours(self, hours: int) -> None:
        self.now += hours * 3_600_000


@dataclass
class Box:
    """A folder with a vault that can be closed and opened again."""

    folder: Path
    vault: Vault
    code: RecoveryCode
    clock: Clock = field(default_factory=Clock)
    _before: bytes = b""

    def reload(self, *, unlock: bool = True) -> Vault:
        self.vault.close()
        self.vault = Vault.load(self.folder, argon=CHEAP, passwords=CHEAP, clock=self.clock)
        if unlock:
            self.vault.unlock_with_code(self.code.text)
        return self.vault

    def before_and_after_a_restart(self) -> Iterator[Vault]:
        yield self.vault
        yield self.reload()

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Does to keys.db what somebody with the file can do."""
        with closing(sqlite3.connect(self.folder / "keys.db")) as connection, connection:
            return connection.execute(statement, values).fetchall()

    def apply(self, table: str, column: str, value: object, where: str, ids: list[object]) -> bool:
        """Writes one value as somebody with the file can, until `undo`; whether SQLite took it."""
        self._before = (self.folder / "keys.db").read_bytes()
        with closing(sqlite3.connect(self.folder / "keys.db")) as connection:
            try:
                with connection:
                    statement = f"UPDATE {table} SET {column} = ? WHERE {where}"  # noqa: S608 - names of ours
                    connection.execute(statement, [value, *ids])
            except sqlite3.IntegrityError:
                return False
        return True

    def undo(self) -> None:
        """Puts the file back as it was before `apply`."""
        self.vault.close()
        (self.folder / "keys.db").write_bytes(self._before)
        (self.folder / "keys.db-journal").unlink(missing_ok=True)
        self.vault = Vault.load(self.folder, argon=CHEAP, passwords=CHEAP, clock=self.clock)

    def sealed_cell(self, plain: bytes = b"invented") -> tuple[CellRef, bytes]:
        ref = place(self.vault.new_subject())
        cell = self.vault.seal_cell(ref, plain)
        self.vault.flush_subjects()
        return ref, cell


def place(subject: UUID) -> CellRef:
    return CellRef("client", "sealed", uuid4(), subject)
