"""A killed box: whoever was told that a key is on disk finds it there."""

import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from appliance.vault.slots import ArgonCost
from appliance.vault.vault import CellRef, Vault

PROGRAM = """
import sys
from pathlib import Path
from appliance.vault.vault import Vault
vault = Vault.load(Path(sys.argv[1]))
vault.unlock_with_key_file(Path(sys.argv[1]) / "stick.key")
while True:
    made = [vault.new_subject() for _ in range(20)]
    vault.flush_subjects()
    if vault.rewrap_subjects(15) == 0:
        vault.rotate_subject_kek()
    if not vault.renew_step(b"", 15).renewed:
        vault.renew_people()
    vault.advance_audit_epoch()
    print(*made, flush=True)
"""


@pytest.mark.parametrize("rounds", [1, 7, 20, 33])
def test_a_killed_box_has_every_key_it_told_of(tmp_path: Path, rounds: int) -> None:
    vault, code = Vault.create(tmp_path, argon=ArgonCost(8, 1))
    vault.add_key_file(tmp_path / "stick.key")
    vault.close()
    told: list[UUID] = []
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as box:
        assert box.stdout is not None
        for _ in range(rounds):
            told.extend(UUID(word) for word in box.stdout.readline().split())
        box.send_signal(signal.SIGKILL)
    vault = Vault.load(tmp_path)
    vault.unlock_with_code(code.text)
    assert len(told) == 20 * rounds
    cells = {one: vault.seal_cell(CellRef("client", "sealed", one, one), b"x") for one in told}
    assert len(cells) == len(told)
    epoch, _ = vault.audit_epoch_key()
    assert epoch >= rounds
    after: bytes | None = b""
    while after is not None:
        after = vault.renew_step(after, 7).after
    assert vault.people_generation()[1] == 0
    for one, cell in cells.items():
        assert vault.open_cell(CellRef("client", "sealed", one, one), cell) == b"x"
    while vault.rewrap_subjects(1000):
        pass
    vault.close()
