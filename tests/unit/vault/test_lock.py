"""Ways in: what opens a box, what does not, and that two always stay."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from appliance.errors import Conflict, Denied, Invalid, NotFound, Sealed, Unavailable
from appliance.vault import slots
from appliance.vault.errors import KeyringDamaged, KeystoreDamaged, SlotMissing, WrongSecret
from appliance.vault.keystore import SCHEMA_VERSION
from appliance.vault.recovery import RecoveryCode, identity_of
from appliance.vault.slots import SlotKind
from appliance.vault.vault import BlindField, Vault
from tests.unit.vault.boxes import CHEAP, Box, place

PASSPHRASE = "придуманная длинная фраза"


def code_of(caught: pytest.ExceptionInfo[Exception]) -> str:
    return getattr(caught.value, "code", "")


def test_a_new_box_is_open_and_its_key_store_is_the_owners_alone(box: Box) -> None:
    assert box.vault.is_open
    mode = stat.S_IMODE((box.folder / "keys.db").stat().st_mode)
    assert mode == 0o600
    assert sorted(path.name for path in box.folder.iterdir() if "new" in path.name) == []


def test_a_second_box_is_never_made_over_the_first(box: Box) -> None:
    with pytest.raises(Conflict) as caught:
        Vault.create(box.folder, argon=CHEAP)
    assert code_of(caught) == "vault_exists"


def test_a_crash_while_a_box_is_made_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "keys.db.new").write_bytes(b"half a file")
    vault, _ = Vault.create(tmp_path, argon=CHEAP)
    assert vault.is_open
    vault.close()


def test_a_box_that_cannot_be_written_is_refused_with_a_code(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        Vault.create(tmp_path / "absent", argon=CHEAP)
    assert code_of(caught) == "keystore_unwritable"


def test_a_start_is_always_sealed(box: Box) -> None:
    assert not box.reload(unlock=False).is_open


def everything_an_open_vault_does(vault: Vault, folder: Path) -> list[Callable[[], object]]:
    subject = uuid4()
    return [
        vault.new_subject,
        vault.flush_subjects,
        lambda: vault.preload([subject]),
        lambda: vault.seal_cell(place(subject), b""),
        lambda: vault.open_cell(place(subject), bytes(66)),
        lambda: vault.blind(BlindField.PHONE, "+79990000000"),
        lambda: vault.seal_secret("totp", subject, b""),
        lambda: vault.open_secret("totp", subject, bytes(66)),
        lambda: vault.seal_evidence(place(subject), b""),
        lambda: vault.open_evidence(place(subject), bytes(66)),
        lambda: vault.seal_snapshot(b""),
        lambda: vault.open_snapshot(bytes(66)),
        vault.forget_old_snapshots,
        lambda: vault.hash_password("p"),
        lambda: vault.verify_password("p1$argon2id$x", "p"),
        lambda: vault.sign_checkpoint(b""),
        vault.checkpoint_public_key,
        vault.audit_epoch_key,
        vault.advance_audit_epoch,
        vault.audit_chain_starts,
        vault.drill_identity,
        vault.rotate_subject_kek,
        lambda: vault.rewrap_subjects(1),
        vault.rotation_status,
        lambda: vault.begin_destroy(subject),
        lambda: vault.cancel_destroy(subject),
        lambda: vault.destroy(subject, "request", subject),
        vault.ledger,
        lambda: vault.sweep_orphans(set),
        lambda: vault.add_passphrase(PASSPHRASE),
        lambda: vault.add_key_file(folder / "key"),
        lambda: vault.remove_slot(1),
        vault.replace_recovery_code,
        lambda: vault.rotate_root(""),
    ]


def test_a_sealed_vault_refuses_everything_but_unlocking(box: Box) -> None:
    box.vault.seal()
    for do in everything_an_open_vault_does(box.vault, box.folder):
        with pytest.raises(Sealed):
            do()
    assert not (box.folder / "key").exists()
    assert len(box.vault.list_slots()) == 1


def test_sealing_twice_and_unlocking_twice_change_nothing(box: Box) -> None:
    ref, cell = box.sealed_cell()
    box.vault.seal()
    box.vault.seal()
    box.vault.unlock_with_code(box.code.text)
    box.vault.unlock_with_code(box.code.text)
    assert box.vault.open_cell(ref, cell) == b"invented"


def test_each_way_in_opens_the_same_cells(box: Box, tmp_path: Path) -> None:
    ref, cell = box.sealed_cell()
    box.vault.add_passphrase(PASSPHRASE)
    key_file = tmp_path / "stick.key"
    box.vault.add_key_file(key_file)
    ways: list[Callable[[Vault], None]] = [
        lambda vault: vault.unlock_with_code(box.code.text.lower().replace("-", " ")),
        lambda vault: vault.unlock_with_passphrase(PASSPHRASE),
        lambda vault: vault.unlock_with_key_file(key_file),
    ]
    for way in ways:
        vault = box.reload(unlock=False)
        way(vault)
        assert vault.open_cell(ref, cell) == b"invented"
    assert [slot.kind for slot in box.vault.list_slots()] == list(SlotKind)
    assert all(slot.last_ok == box.clock.now for slot in box.vault.list_slots())


def test_a_wrong_passphrase_is_refused_before_anything_is_opened(box: Box) -> None:
    box.vault.add_passphrase(PASSPHRASE)
    vault = box.reload(unlock=False)
    with pytest.raises(WrongSecret) as caught:
        vault.unlock_with_passphrase(PASSPHRASE + "!")
    assert code_of(caught) == "unlock_passphrase_wrong"
    assert isinstance(caught.value, Denied)
    assert not vault.is_open


def test_one_passphrase_has_one_spelling(box: Box) -> None:
    box.vault.add_passphrase("придуманный йод, три раза")
    vault = box.reload(unlock=False)
    vault.unlock_with_passphrase("придуманный и\u0306од, три раза")
    assert vault.is_open


def test_a_mistyped_code_is_told_from_a_wrong_one(box: Box) -> None:
    vault = box.reload(unlock=False)
    text = box.code.text
    with pytest.raises(Invalid) as typo:
        vault.unlock_with_code(("A" if text[0] != "A" else "B") + text[1:])
    assert code_of(typo) == "recovery_code_typo"
    with pytest.raises(WrongSecret) as wrong:
        vault.unlock_with_code(RecoveryCode.new().text)
    assert code_of(wrong) == "unlock_recovery_wrong"
    assert not vault.is_open


def test_a_way_in_that_was_never_made_is_told_from_a_wrong_secret(box: Box) -> None:
    with pytest.raises(SlotMissing) as caught:
        box.vault.unlock_with_passphrase(PASSPHRASE)
    assert code_of(caught) == "unlock_slot_missing"
    with pytest.raises(NotFound):
        box.vault.unlock_with_key_file(box.folder / "absent.key")


def test_a_short_passphrase_is_refused(box: Box) -> None:
    with pytest.raises(Invalid) as caught:
        box.vault.add_passphrase("короткая")
    assert code_of(caught) == "passphrase_short"


def test_a_key_file_is_the_owners_alone_and_never_overwrites(box: Box) -> None:
    path = box.folder / "stick.key"
    box.vault.add_key_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    with pytest.raises(Conflict) as caught:
        box.vault.add_key_file(path)
    assert code_of(caught) == "key_file_exists"
    assert path.read_bytes() == before


def test_a_key_file_that_cannot_be_written_adds_no_slot(box: Box) -> None:
    with pytest.raises(Unavailable) as caught:
        box.vault.add_key_file(box.folder / "absent" / "stick.key")
    assert code_of(caught) == "key_file_unwritable"
    assert len(box.vault.list_slots()) == 1


@pytest.mark.parametrize("content", [b"", b"korobka-key-1 00", os.urandom(2000), b"\xff" * 70])
def test_a_file_that_is_no_key_file_is_told_so(box: Box, content: bytes) -> None:
    path = box.folder / "photo.jpg"
    path.write_bytes(content)
    with pytest.raises(Invalid) as caught:
        box.vault.unlock_with_key_file(path)
    assert code_of(caught) == "key_file_foreign"


def test_a_folder_instead_of_a_key_file_is_unreadable(box: Box) -> None:
    with pytest.raises(Unavailable):
        box.vault.unlock_with_key_file(box.folder)


def test_a_key_file_of_another_box_is_wrong(box: Box, tmp_path: Path) -> None:
    box.vault.add_key_file(tmp_path / "one.key")
    (tmp_path / "two.key").write_text(f"korobka-key-1 {'ab' * 32}\n")
    with pytest.raises(WrongSecret) as caught:
        box.vault.unlock_with_key_file(tmp_path / "two.key")
    assert code_of(caught) == "unlock_key_file_wrong"


def test_two_ways_in_always_stay_and_the_paper_is_one_of_them(box: Box) -> None:
    recovery = box.vault.list_slots()[0].id
    first = box.vault.add_passphrase(PASSPHRASE)
    with pytest.raises(Conflict) as few:
        box.vault.remove_slot(first)
    assert code_of(few) == "slot_too_few"
    second = box.vault.add_passphrase(PASSPHRASE + " вторая")
    with pytest.raises(Conflict) as last:
        box.vault.remove_slot(recovery)
    assert code_of(last) == "slot_last_recovery"
    box.vault.remove_slot(first)
    assert [slot.id for slot in box.vault.list_slots()] == [recovery, second]
    with pytest.raises(SlotMissing):
        box.vault.remove_slot(first)
    with pytest.raises(WrongSecret):
        box.vault.unlock_with_passphrase(PASSPHRASE)


def test_a_number_of_a_slot_is_never_given_twice(box: Box) -> None:
    box.vault.add_passphrase(PASSPHRASE)
    third = box.vault.add_passphrase(PASSPHRASE + " третья")
    box.vault.remove_slot(third)
    assert box.vault.add_passphrase(PASSPHRASE + " снова") == third + 1


def test_a_replaced_paper_opens_no_more_and_the_new_one_does(box: Box) -> None:
    ref, cell = box.sealed_cell()
    box.vault.advance_audit_epoch()
    old, box.code = box.code, box.vault.replace_recovery_code()
    vault = box.reload(unlock=False)
    with pytest.raises(WrongSecret):
        vault.unlock_with_code(old.text)
    vault.unlock_with_code(box.code.text)
    identity = identity_of(box.code)
    assert vault.open_cell(ref, cell) == b"invented"
    assert vault.age_recipient() == identity.age_recipient
    assert vault.audit_epoch_key() == (2, identity.chain_start_key)
    assert vault.audit_chain_starts() == [0, 2]


def test_a_new_root_key_keeps_the_ways_in_that_were_shown_and_drops_the_rest(
    box: Box, tmp_path: Path
) -> None:
    ref, cell = box.sealed_cell()
    kept = box.vault.add_passphrase(PASSPHRASE)
    lost = box.vault.add_passphrase(PASSPHRASE + " забыта")
    stick = box.vault.add_key_file(tmp_path / "stick.key")
    before = box.sql("SELECT wrapped FROM keyring")
    dropped = box.vault.rotate_root(box.code.text, [PASSPHRASE], [tmp_path / "stick.key"])
    assert dropped == [lost]
    assert not set(before) & set(box.sql("SELECT wrapped FROM keyring"))
    vault = box.reload()
    assert [slot.id for slot in vault.list_slots()] == [1, kept, stick]
    vault.seal()
    vault.unlock_with_passphrase(PASSPHRASE)
    assert vault.open_cell(ref, cell) == b"invented"


def test_a_new_root_key_is_refused_when_it_would_leave_one_way_in(box: Box) -> None:
    box.vault.add_passphrase(PASSPHRASE)
    with pytest.raises(Conflict):
        box.vault.rotate_root(box.code.text)
    with pytest.raises(WrongSecret):
        box.vault.rotate_root(box.code.text, [PASSPHRASE + "?"])
    box.reload()
    box.vault.unlock_with_passphrase(PASSPHRASE)


def test_a_root_rotation_that_cannot_be_written_leaves_the_old_root_working(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.vault.add_passphrase(PASSPHRASE)
    ref, cell = box.sealed_cell()

    def full(*_: object) -> None:
        raise Unavailable("keystore_unwritable")

    monkeypatch.setattr("appliance.vault.slots.Slots.rewrap", full)
    with pytest.raises(Unavailable):
        box.vault.rotate_root(box.code.text, [PASSPHRASE])
    box.vault.advance_audit_epoch()
    assert box.reload().open_cell(ref, cell) == b"invented"


def test_a_slot_with_settings_that_make_no_sense_starts_no_guess(box: Box) -> None:
    box.vault.add_passphrase(PASSPHRASE)
    vault = box.reload(unlock=False)
    for params in (
        "{}",
        "not json",
        '{"salt": "zz"}',
        '{"salt": "00", "memory_kib": 99999999, "iterations": 1, "lanes": 1}',
        '{"salt": "00", "memory_kib": 8, "iterations": 1, "lanes": 1}',
    ):
        box.sql("UPDATE key_slot SET params = ? WHERE kind = 'passphrase'", params)
        with pytest.raises(KeyringDamaged) as caught:
            vault.unlock_with_passphrase(PASSPHRASE)
        assert code_of(caught) == "key_slot_damaged"


def test_a_slot_of_an_unknown_kind_is_damage(box: Box) -> None:
    vault = box.reload(unlock=False)
    box.sql("UPDATE key_slot SET kind = 'biscuit'")
    with pytest.raises(KeyringDamaged):
        vault.list_slots()


def test_a_newer_key_store_is_refused_and_left_alone(box: Box) -> None:
    box.vault.close()
    box.sql(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = (box.folder / "keys.db").read_bytes()
    with pytest.raises(KeystoreDamaged) as caught:
        Vault.load(box.folder)
    assert code_of(caught) == "keystore_newer"
    assert (box.folder / "keys.db").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "keystore_missing"),
        (b"", "keystore_foreign"),
        (b"not a database at all" * 100, "keystore_damaged"),
    ],
)
def test_what_is_no_key_store_is_told_apart(
    tmp_path: Path, content: bytes | None, code: str
) -> None:
    if content is not None:
        (tmp_path / "keys.db").write_bytes(content)
    with pytest.raises(KeystoreDamaged) as caught:
        Vault.load(tmp_path)
    assert code_of(caught) == code


def test_the_errors_of_unlocking_repeat_no_secret(box: Box) -> None:
    box.vault.add_passphrase(PASSPHRASE)
    with pytest.raises(WrongSecret) as caught:
        box.vault.unlock_with_passphrase("другая придуманная фраза")
    assert "фраза" not in f"{caught.value!r} {caught.value.params}"


def test_a_key_file_whose_slot_cannot_be_written_is_taken_back(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise Unavailable("keystore_unwritable")

    monkeypatch.setattr("appliance.vault.slots.Slots.add", full)
    with pytest.raises(Unavailable):
        box.vault.add_key_file(box.folder / "stick.key")
    assert not (box.folder / "stick.key").exists()


def test_a_box_that_fails_while_it_is_made_leaves_no_key_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise Unavailable("keystore_unwritable")

    with monkeypatch.context() as patch:
        patch.setattr("appliance.vault.slots.Slots.add", full)
        with pytest.raises(Unavailable):
            Vault.create(tmp_path, argon=CHEAP)
    with pytest.raises(KeystoreDamaged) as caught:
        Vault.load(tmp_path)
    assert code_of(caught) == "keystore_missing"
    Vault.create(tmp_path, argon=CHEAP)[0].close()


def test_a_root_rotation_meanwhile_does_not_shut_out_a_new_passphrase(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.vault.add_passphrase(PASSPHRASE)
    real = slots.prepare

    def prepare_slowly(*given: Any) -> slots.SlotKey:
        box.vault.rotate_root(box.code.text, [PASSPHRASE])
        return real(*given)

    with monkeypatch.context() as patch:
        patch.setattr(slots, "prepare", prepare_slowly)
        box.vault.add_passphrase(PASSPHRASE + " вторая")
    vault = box.reload(unlock=False)
    vault.unlock_with_passphrase(PASSPHRASE + " вторая")
    assert vault.is_open
