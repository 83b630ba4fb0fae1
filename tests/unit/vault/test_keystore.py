"""keys.db: all or nothing, and nothing erased stays behind."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from appliance.errors import Unavailable
from appliance.vault.errors import KeyringDamaged, KeyRowDamaged, KeystoreDamaged, SubjectKeyMissing
from appliance.vault.keyring import Keyring, Purpose
from appliance.vault.keystore import Keystore
from tests.unit.vault.boxes import Box


@pytest.fixture
def store(tmp_path: Path) -> Keystore:
    return Keystore.create(tmp_path)


def write_two_and_fail(store: Keystore) -> None:
    with store.transaction():
        store.set_meta("one", b"1")
        with store.transaction():
            store.set_meta("two", b"2")
        raise KeyError


def test_a_block_that_fails_changes_nothing(store: Keystore) -> None:
    with pytest.raises(KeyError):
        write_two_and_fail(store)
    assert store.meta("one") is store.meta("two") is None
    store.close()


def test_a_file_locked_by_another_program_is_unavailable_and_says_so(box: Box) -> None:
    box.vault._store._connection.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(box.folder / "keys.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        box.vault.new_subject()
        with pytest.raises(Unavailable) as caught:
            box.vault.flush_subjects()
        assert caught.value.code == "keystore_unwritable"
        assert "SQLITE_BUSY" in str(caught.value)
        other.execute("ROLLBACK")
    box.vault.flush_subjects()


def test_pages_turned_to_rubbish_are_damage(box: Box) -> None:
    path = box.folder / "keys.db"
    box.vault.close()
    content = path.read_bytes()
    path.write_bytes(content[:100] + bytes(range(256)) * ((len(content) - 100) // 256))
    with pytest.raises(KeystoreDamaged):
        box.reload()
    path.write_bytes(content)


def test_scrubbing_overwrites_the_journal_and_needs_none(store: Keystore, tmp_path: Path) -> None:
    journal = tmp_path / "keys.db.new-journal"
    store.set_meta("secret", b"s" * 40)
    store.set_meta("secret", b"t" * 40)
    assert b"s" * 40 in journal.read_bytes()
    store.scrub_journal()
    assert set(journal.read_bytes()) == {0}
    journal.unlink()
    store.scrub_journal()
    journal.mkdir()
    with pytest.raises(Unavailable):
        store.scrub_journal()
    journal.rmdir()
    store.close()


def test_a_ring_key_that_does_not_unwrap_is_damage_even_under_a_good_mac(box: Box) -> None:
    keyring = box.vault._unlocked.keyring if box.vault._unlocked else None
    assert keyring is not None
    with keyring.change():
        box.vault._store.run("UPDATE keyring SET wrapped = zeroblob(60) WHERE purpose = 'drill'")
    box.vault.seal()
    with pytest.raises(KeyringDamaged):
        box.vault.unlock_with_code(box.code.text)


def test_a_ring_without_a_key_it_needs_says_which(tmp_path: Path) -> None:
    keyring = Keyring(Keystore.create(tmp_path), bytes(32), lambda: 0)
    with pytest.raises(KeyringDamaged) as caught:
        keyring.active(Purpose.DRILL)
    assert caught.value.code == "keyring_key_missing"


def test_a_person_marked_destroyed_by_hand_cannot_be_destroyed_or_freed(box: Box) -> None:
    ref, _ = box.sealed_cell()
    box.sql("UPDATE subject_key SET state = 'destroyed', wrapped = NULL")
    for do in (box.vault.begin_destroy, box.vault.cancel_destroy):
        with pytest.raises(SubjectKeyMissing):
            do(ref.subject)


def test_an_id_that_is_no_id_is_a_damaged_row(box: Box) -> None:
    ref, cell = box.sealed_cell()
    good, _ = box.sealed_cell()
    box.reload()
    box.sql("UPDATE subject_key SET subject = x'01' WHERE subject = ?", ref.subject.bytes)
    with pytest.raises(SubjectKeyMissing):
        box.vault.open_cell(ref, cell)
    box.vault.rotate_subject_kek()
    assert box.vault.rewrap_subjects(10) == 0
    assert box.vault.rotation_status().remaining == 1
    assert box.vault.seal_cell(good, b"")


def test_a_state_the_schema_forbids_is_a_damaged_row(box: Box) -> None:
    ref, cell = box.sealed_cell()
    box.reload()
    with closing(sqlite3.connect(box.folder / "keys.db")) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("UPDATE subject_key SET state = 'asleep'")
    box.vault.preload([ref.subject])
    with pytest.raises(KeyRowDamaged):
        box.vault.open_cell(ref, cell)
