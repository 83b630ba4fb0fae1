"""A box's vault with guesses that cost nothing and a clock that stands still until told."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import pytest

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

    def reload(self, *, unlock: bool = True) -> Vault:
        self.vault.close()
        self.vault = Vault.load(self.folder, argon=CHEAP, passwords=CHEAP, clock=self.clock)
        if unlock:
            self.vault.unlock_with_code(self.code.text)
        return self.vault

    def sealed_cell(self, plain: bytes = b"invented") -> tuple[CellRef, bytes]:
        ref = place(self.vault.new_subject())
        cell = self.vault.seal_cell(ref, plain)
        self.vault.flush_subjects()
        return ref, cell


def place(subject: UUID) -> CellRef:
    return CellRef("client", "sealed", uuid4(), subject)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    clock = Clock()
    vault, code = Vault.create(tmp_path, argon=CHEAP, passwords=CHEAP, clock=clock)
    made = Box(tmp_path, vault, code, clock)
    yield made
    made.vault.close()


@pytest.fixture
def vault(box: Box) -> Vault:
    return box.vault
