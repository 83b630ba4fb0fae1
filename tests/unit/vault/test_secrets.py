"""Blind tokens, secrets of the box, evidence, snapshots, passwords, hardening."""

import subprocess
import sys
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.vault import ring_seals
from appliance.vault.blind import BlindField
from appliance.vault.errors import CellDamaged
from appliance.vault.passwords import PasswordCheck
from appliance.vault.slots import ArgonCost
from appliance.vault.vault import Vault
from tests.unit.vault.boxes import CHEAP, Box, place

SAME_BOX = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@SAME_BOX
@given(value=st.text(max_size=40), other=st.text(max_size=40))
def test_equal_values_have_equal_tokens_and_others_do_not(
    vault: Vault, value: str, other: str
) -> None:
    token = vault.blind(BlindField.EMAIL, value)
    assert len(token) == 16
    assert (token == vault.blind(BlindField.EMAIL, other)) == (value == other)


def test_one_value_has_a_token_of_its_own_in_each_field_and_each_box(
    box: Box, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other, _ = Vault.create(tmp_path_factory.mktemp("other"), argon=CHEAP)
    tokens = {one.blind(field, "79990000000") for one in (box.vault, other) for field in BlindField}
    assert len(tokens) == 2 * len(BlindField)
    other.close()


def test_tokens_stay_the_same_over_a_restart(box: Box) -> None:
    token = box.vault.blind(BlindField.PHONE, "+79990000000")
    assert box.reload().blind(BlindField.PHONE, "+79990000000") == token


def test_a_secret_opens_under_its_own_label_and_row_only(box: Box) -> None:
    row = uuid4()
    sealed = box.vault.seal_secret("totp", row, b"seed")
    vault = box.reload()
    assert vault.open_secret("totp", row, sealed) == b"seed"
    for label, other in (("token", row), ("totp", uuid4())):
        with pytest.raises(CellDamaged):
            vault.open_secret(label, other, sealed)


def test_secrets_are_counted_and_a_worn_key_is_replaced(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = uuid4()
    old = box.vault.seal_secret("totp", row, b"seed")
    used = "SELECT epoch, used FROM keyring WHERE purpose = 'app.secret'"
    assert box.sql(used) == [(1, 1024)]
    monkeypatch.setattr(ring_seals, "MOST_MESSAGES", 2048)
    for _ in range(2048):
        new = box.vault.seal_secret("totp", row, b"seed")
    assert box.sql(used) == [(1, 2048), (2, 1024)]
    vault = box.reload()
    assert vault.open_secret("totp", row, old) == vault.open_secret("totp", row, new) == b"seed"
    assert (old[5], new[5]) == (1, 2)


def test_a_value_under_a_key_that_never_was_is_damage(box: Box) -> None:
    row = uuid4()
    sealed = bytearray(box.vault.seal_secret("totp", row, b"seed"))
    sealed[5] = 9
    with pytest.raises(CellDamaged):
        box.vault.open_secret("totp", row, bytes(sealed))


def test_evidence_outlives_the_person_it_is_about(box: Box) -> None:
    ref, _ = box.sealed_cell()
    sealed = box.vault.seal_evidence(ref, b"act")
    box.vault.begin_destroy(ref.subject)
    box.vault.destroy(ref.subject, "request", uuid4())
    assert box.vault.open_evidence(ref, sealed) == b"act"
    with pytest.raises(CellDamaged):
        box.vault.open_evidence(place(ref.subject), sealed)


def test_a_snapshot_opens_until_its_key_is_forgotten(box: Box) -> None:
    first = box.vault.seal_snapshot(b"names" * 1000)
    second = box.vault.seal_snapshot(b"names, newer")
    assert box.vault.open_snapshot(first) == b"names" * 1000
    box.vault.forget_old_snapshots()
    box.vault.forget_old_snapshots()
    vault = box.reload()
    assert vault.open_snapshot(second) == b"names, newer"
    with pytest.raises(CellDamaged):
        vault.open_snapshot(first)
    assert box.sql("SELECT count(*) FROM keyring WHERE purpose = 'idx.snapshot'") == [(1,)]


def test_a_password_is_checked_and_never_stored(vault: Vault) -> None:
    stored = vault.hash_password("придуманный пароль")
    assert "придуманный" not in stored
    assert stored != vault.hash_password("придуманный пароль")
    assert vault.verify_password(stored, "придуманный пароль") == PasswordCheck(True, False)
    assert vault.verify_password(stored, "придуманный парол") == PasswordCheck(False, False)


@pytest.mark.parametrize(
    "stored", ["", "p1", "p9$argon2id$v=19$x", "p1$argon2id$x", "$argon2id$", None]
)
def test_a_stored_text_that_is_no_hash_lets_nobody_in(vault: Vault, stored: str | None) -> None:
    assert vault.verify_password(stored, "") == PasswordCheck(ok=False, needs_rehash=False)


def test_the_password_of_nobody_costs_a_hash_too(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.verify_password(None, "first makes the decoy")
    checked: list[str] = []
    passwords = vault._unlocked.passwords if vault._unlocked else None
    assert passwords is not None
    real = passwords._hasher.verify

    class Hasher:
        def verify(self, hash_: str, password: str) -> bool:
            checked.append(hash_)
            return real(hash_, password)

    monkeypatch.setattr(passwords, "_hasher", Hasher())
    assert not vault.verify_password(None, "").ok
    assert len(checked) == 1


def test_a_hash_is_worth_nothing_in_another_box(
    vault: Vault, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other, _ = Vault.create(tmp_path_factory.mktemp("other"), argon=CHEAP, passwords=CHEAP)
    assert not other.verify_password(vault.hash_password("придуманный"), "придуманный").ok
    other.close()


def test_a_hash_at_another_cost_or_an_older_pepper_asks_to_be_renewed(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = box.vault.hash_password("придуманный")
    box.vault.close()
    dearer = ArgonCost(memory_kib=16, iterations=2)
    box.vault = Vault.load(box.folder, argon=CHEAP, passwords=dearer, clock=box.clock)
    box.vault.unlock_with_code(box.code.text)
    assert box.vault.verify_password(stored, "придуманный") == PasswordCheck(True, True)
    renewed = box.vault.hash_password("придуманный")
    assert not box.vault.verify_password(renewed, "придуманный").needs_rehash
    monkeypatch.setattr(ring_seals, "MOST_MESSAGES", 0)
    box.vault.seal_secret("totp", uuid4(), b"wears the key out")
    assert box.vault.verify_password(renewed, "придуманный") == PasswordCheck(True, True)


def test_a_hardened_process_leaves_no_core_and_cannot_be_looked_into() -> None:
    program = (
        "import ctypes, resource\n"
        "from appliance.vault.hardening import harden_process\n"
        "done = harden_process()\n"
        "dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)\n"
        "print(done, resource.getrlimit(resource.RLIMIT_CORE), dumpable)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "True (0, 0) 0"


def test_whatever_process_unlocks_a_vault_is_hardened(box: Box) -> None:
    program = (
        "import ctypes, resource, sys\n"
        "from pathlib import Path\n"
        "from appliance.vault.vault import Vault\n"
        "vault = Vault.load(Path(sys.argv[1]))\n"
        "vault.unlock_with_code(sys.stdin.readline())\n"
        "dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)\n"
        "print(vault.is_open, resource.getrlimit(resource.RLIMIT_CORE), dumpable)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program, str(box.folder)],
        input=box.code.text,
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == "True (0, 0) 0"
