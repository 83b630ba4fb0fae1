"""Two thousand random changes to cells and to keys.db: each is noticed, none gives a wrong answer.

Not changed here: `key_slot.last_ok` and `keyring.used`, a date for people and a counter.
"""

import random
from collections.abc import Callable
from uuid import uuid4

import pytest

from appliance.errors import HouseError
from appliance.vault.vault import CellRef
from tests.unit.vault.boxes import Box

PASSPHRASE = "придуманная длинная фраза"
CELLS = 1000
KEY_ROWS = 1000
COLUMNS = {
    "key_slot": ("kind", "params", "wrapped_rk", "kcv", "created"),
    "keyring": ("purpose", "epoch", "wrapped", "state", "created", "retired"),
    "subject_key": ("subject", "epoch", "wrapped", "state", "changed"),
    "erasure_ledger": (
        *("seq", "subject", "reason", "requested_by", "approved_by"),
        *("done_at", "prev_hash", "hash"),
    ),
    "meta": ("name", "value"),
}
STATES = ("active", "decrypt", "destroyed", "live", "pending_destroy")


def mutated_bytes(chance: random.Random, value: bytes) -> bytes:
    """The bytes with one bit flipped, one taken out, one put in, cut, or swapped."""
    if not value:
        return b"\x00"
    at = chance.randrange(len(value))
    changed = chance.choice(
        (
            value[:at] + bytes((value[at] ^ 1 << chance.randrange(8),)) + value[at + 1 :],
            value[:at] + value[at + 1 :],
            value[:at] + chance.randbytes(1) + value[at:],
            value[:at],
            value[at:] + value[:at],
            chance.randbytes(len(value)),
        )
    )
    return changed if changed != value else value + b"\x00"


def mutated(chance: random.Random, column: str, value: object) -> object:
    if column == "state":
        return chance.choice([state for state in STATES if state != value])
    if isinstance(value, int):
        return value + chance.choice((-1, 1, 2**20, -(2**40)))
    if isinstance(value, bytes):
        return mutated_bytes(chance, value)
    if isinstance(value, str):
        at = chance.randrange(len(value))
        return value[:at] + chance.choice("xyz09") + value[at + 1 :] + "."
    return 1


def test_every_random_change_of_a_cell_is_noticed(box: Box) -> None:
    chance = random.Random(2)  # noqa: S311 - repeatable on purpose
    vault = box.vault
    cells = [box.sealed_cell(chance.randbytes(chance.randrange(60))) for _ in range(50)]
    for _ in range(CELLS):
        ref, cell = chance.choice(cells)
        with pytest.raises(HouseError):
            vault.open_cell(ref, mutated_bytes(chance, cell))
    assert all(vault.open_cell(ref, cell) is not None for ref, cell in cells)


def checks(box: Box, cells: list[tuple[CellRef, bytes]], token: bytes) -> None:
    """Uses everything in keys.db once; raises where something is not as it was."""
    vault = box.vault
    row = cells[0][0].row
    vault.seal()
    ways: list[Callable[[], None]] = [
        lambda: vault.unlock_with_code(box.code.text),
        lambda: vault.unlock_with_passphrase(PASSPHRASE),
        lambda: vault.unlock_with_key_file(box.folder / "stick.key"),
    ]
    for way in ways:
        vault.seal()
        way()
    for ref, cell in cells:
        vault.open_cell(ref, cell)
    vault.open_secret("totp", row, token)
    vault.ledger()


def is_noticed(box: Box, cells: list[tuple[CellRef, bytes]], token: bytes) -> bool:
    try:
        checks(box, cells, token)
    except HouseError:
        return True
    return False


def test_every_random_change_of_a_key_row_is_noticed(box: Box) -> None:
    chance = random.Random(3)  # noqa: S311 - repeatable on purpose
    box.vault.add_passphrase(PASSPHRASE)
    box.vault.add_key_file(box.folder / "stick.key")
    for _ in range(3):
        gone, _ = box.sealed_cell()
        box.vault.begin_destroy(gone.subject)
        box.vault.destroy(gone.subject, "request", uuid4())
    box.vault.rotate_subject_kek()
    cells = [box.sealed_cell() for _ in range(10)]
    token = box.vault.seal_secret("totp", cells[0][0].row, b"seed")
    checks(box, cells, token)
    tables = list(COLUMNS)
    noticed = 0
    while noticed < KEY_ROWS:
        table = chance.choice(tables)
        column = chance.choice(COLUMNS[table])
        # A destroyed person's row is not believed anyway: the ledger is.
        only = "WHERE state <> 'destroyed'" if table == "subject_key" else ""
        key = "ROWID" if table in ("key_slot", "erasure_ledger") else f"{COLUMNS[table][0]}"
        where = f"{key} = ?" + (" AND epoch = ?" if table == "keyring" else "")
        epoch = ", epoch" if table == "keyring" else ""
        rows = box.sql(f"SELECT {column}, {key}{epoch} FROM {table} {only}")  # noqa: S608 - names of ours
        value, *ids = chance.choice(rows)
        changed = mutated(chance, column, value)
        if (table, column) == ("subject_key", "subject"):
            changed = chance.randbytes(16)
        if not box.apply(table, column, changed, where, ids):
            continue
        assert is_noticed(box, cells, token), f"{table}.{column}: {value!r} became {changed!r}"
        box.undo()
        noticed += 1
    checks(box, cells, token)
