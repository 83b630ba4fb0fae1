"""Destroyed stays destroyed, and the ledger says so."""

import shutil
from uuid import UUID, uuid4

import pytest

from appliance.errors import Conflict, Destroyed, Invalid, Unavailable
from appliance.vault.errors import (
    KeyringDamaged,
    SubjectBlocked,
    SubjectDestroyed,
    SubjectKeyMissing,
)
from appliance.vault.keystore import Keystore
from tests.unit.vault.boxes import Box

ASKED, AGREED = UUID(int=1), UUID(int=2)


def destroy(box: Box, subject: UUID) -> None:
    box.vault.begin_destroy(subject)
    box.vault.destroy(subject, "request", ASKED, AGREED)


def test_a_person_waiting_for_destruction_is_blocked_at_once(box: Box) -> None:
    ref, cell = box.sealed_cell()
    box.vault.begin_destroy(ref.subject)
    box.vault.begin_destroy(ref.subject)
    for vault in box.before_and_after_a_restart():
        with pytest.raises(SubjectBlocked):
            vault.open_cell(ref, cell)
        with pytest.raises(SubjectBlocked):
            vault.seal_cell(ref, b"more")
        vault.preload([ref.subject])
        with pytest.raises(SubjectBlocked):
            vault.open_cell(ref, cell)


def test_a_block_can_be_taken_back_until_the_key_is_destroyed(box: Box) -> None:
    ref, cell = box.sealed_cell()
    box.vault.begin_destroy(ref.subject)
    box.vault.cancel_destroy(ref.subject)
    box.vault.cancel_destroy(ref.subject)
    assert box.vault.open_cell(ref, cell) == b"invented"
    destroy(box, ref.subject)
    with pytest.raises(SubjectDestroyed):
        box.vault.cancel_destroy(ref.subject)
    with pytest.raises(SubjectDestroyed):
        box.vault.begin_destroy(ref.subject)


def test_a_person_made_a_moment_ago_can_be_destroyed(box: Box) -> None:
    subject = box.vault.new_subject()
    destroy(box, subject)
    assert [entry.subject for entry in box.vault.ledger()] == [subject]


def test_a_destroyed_person_opens_nowhere_any_more(box: Box) -> None:
    ref, cell = box.sealed_cell()
    destroy(box, ref.subject)
    for vault in box.before_and_after_a_restart():
        vault.preload([ref.subject])
        with pytest.raises(SubjectDestroyed) as caught:
            vault.open_cell(ref, cell)
        assert caught.value.code == "subject_destroyed"
        assert isinstance(caught.value, Destroyed)
        with pytest.raises(SubjectDestroyed):
            vault.seal_cell(ref, b"more")


def test_the_ledger_names_who_when_and_why_and_chains_its_entries(box: Box) -> None:
    first, _ = box.sealed_cell()
    second, _ = box.sealed_cell()
    destroy(box, first.subject)
    box.clock.pass_hours(1)
    box.vault.begin_destroy(second.subject)
    box.vault.destroy(second.subject, "merge", ASKED)
    one, two = box.reload().ledger()
    assert (one.seq, one.subject, one.reason) == (1, first.subject, "request")
    assert (one.requested_by, one.approved_by) == (ASKED, AGREED)
    assert (two.seq, two.reason, two.approved_by) == (2, "merge", None)
    assert two.done_at - one.done_at == 3_600_000
    assert one.prev_hash == bytes(32) and two.prev_hash == one.hash == one.computed_hash()


def test_destroying_twice_gives_the_entry_of_the_first_time(box: Box) -> None:
    ref, _ = box.sealed_cell()
    box.vault.begin_destroy(ref.subject)
    first = box.vault.destroy(ref.subject, "request", ASKED, AGREED)
    box.clock.pass_hours(1)
    assert box.vault.destroy(ref.subject, "term", AGREED, None) == first
    assert box.vault.ledger() == [first]


def test_nobody_is_destroyed_without_a_block_before(box: Box) -> None:
    ref, cell = box.sealed_cell()
    with pytest.raises(Conflict) as caught:
        box.vault.destroy(ref.subject, "request", ASKED)
    assert caught.value.code == "destroy_not_begun"
    assert box.vault.open_cell(ref, cell) == b"invented"


def test_a_stranger_cannot_be_destroyed(box: Box) -> None:
    for do in (box.vault.begin_destroy, box.vault.cancel_destroy):
        with pytest.raises(SubjectKeyMissing):
            do(uuid4())
    with pytest.raises(SubjectKeyMissing):
        box.vault.destroy(uuid4(), "request", ASKED)


@pytest.mark.parametrize("reason", ["", "Иванова просит", "two words", "x" * 33])
def test_a_reason_is_a_word_and_cannot_carry_a_name(box: Box, reason: str) -> None:
    ref, _ = box.sealed_cell()
    box.vault.begin_destroy(ref.subject)
    with pytest.raises(Invalid):
        box.vault.destroy(ref.subject, reason, ASKED)


def test_the_bytes_of_a_destroyed_key_leave_the_file_and_its_journal(box: Box) -> None:
    ref, _ = box.sealed_cell()
    for _ in range(50):
        box.sealed_cell()
    (wrapped,) = box.sql("SELECT wrapped FROM subject_key WHERE subject = ?", ref.subject.bytes)[0]
    assert wrapped in (box.folder / "keys.db").read_bytes()
    box.vault.begin_destroy(ref.subject)
    (blocked,) = box.sql("SELECT wrapped FROM subject_key WHERE subject = ?", ref.subject.bytes)[0]
    box.vault.destroy(ref.subject, "request", ASKED)
    for path in box.folder.iterdir():
        content = path.read_bytes()
        assert wrapped not in content and blocked not in content, path.name


def test_a_row_put_back_from_an_old_copy_opens_nothing(box: Box) -> None:
    ref, cell = box.sealed_cell()
    old = box.sql(
        "SELECT epoch, wrapped, state, changed FROM subject_key WHERE subject = ?",
        ref.subject.bytes,
    )[0]
    destroy(box, ref.subject)
    box.sql(
        "UPDATE subject_key SET epoch = ?, wrapped = ?, state = ?, changed = ? WHERE subject = ?",
        *old,
        ref.subject.bytes,
    )
    for vault in box.before_and_after_a_restart():
        vault.preload([ref.subject])
        with pytest.raises(SubjectDestroyed):
            vault.open_cell(ref, cell)
    box.vault.destroy(ref.subject, "request", ASKED)
    assert box.sql("SELECT wrapped, state FROM subject_key") == [(None, "destroyed")]


@pytest.mark.parametrize(
    "edit",
    [
        "DELETE FROM erasure_ledger WHERE seq = 3",
        "DELETE FROM erasure_ledger WHERE seq = 2",
        "DELETE FROM erasure_ledger",
        "UPDATE erasure_ledger SET reason = 'other' WHERE seq = 1",
        "UPDATE erasure_ledger SET requested_by = x'00' WHERE seq = 2",
        "UPDATE erasure_ledger SET approved_by = NULL WHERE seq = 3",
        "UPDATE erasure_ledger SET done_at = 'then' WHERE seq = 3",
        "UPDATE erasure_ledger SET seq = 9 WHERE seq = 3",
        "UPDATE erasure_ledger SET hash = zeroblob(32) WHERE seq = 3",
    ],
)
def test_an_edited_ledger_keeps_the_box_sealed(box: Box, edit: str) -> None:
    for _ in range(3):
        destroy(box, box.sealed_cell()[0].subject)
    vault = box.reload(unlock=False)
    box.sql(edit)
    with pytest.raises(KeyringDamaged):
        vault.unlock_with_code(box.code.text)
    assert not vault.is_open


def test_a_destruction_that_cannot_be_written_destroys_nothing(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, cell = box.sealed_cell()
    box.vault.begin_destroy(ref.subject)
    real = Keystore.run

    def full(store: Keystore, statement: str, *values: object) -> int:
        if "state = 'destroyed'" in statement:
            raise Unavailable("keystore_unwritable")
        return real(store, statement, *values)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Keystore, "run", full)
        with pytest.raises(Unavailable):
            box.vault.destroy(ref.subject, "request", ASKED)
    assert box.vault.ledger() == []
    box.vault.cancel_destroy(ref.subject)
    assert box.reload().open_cell(ref, cell) == b"invented"


def test_the_data_of_a_destroyed_person_do_not_open_from_any_copy_of_the_data(box: Box) -> None:
    ref, cell = box.sealed_cell()
    other, other_cell = box.sealed_cell()
    copy = box.folder / "main.copy"
    copy.write_bytes(cell)
    destroy(box, ref.subject)
    box.vault.close()
    shutil.copy(box.folder / "keys.db", box.folder / "keys.copy")
    vault = box.reload()
    with pytest.raises(SubjectDestroyed):
        vault.open_cell(ref, copy.read_bytes())
    assert vault.open_cell(other, other_cell) == b"invented"
