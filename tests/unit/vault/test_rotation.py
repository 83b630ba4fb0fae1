"""New wrapping keys: interrupted anywhere, nothing is lost, and the old key goes in the end."""

from uuid import uuid4

import pytest

from appliance.errors import Unavailable
from appliance.vault.errors import KeyRowDamaged, SubjectBlocked, SubjectDestroyed
from appliance.vault.rotation import RotationStatus
from tests.unit.vault.boxes import Box

STATES = "SELECT epoch, state, wrapped IS NULL FROM keyring WHERE purpose = 'kek.subject'"


def test_a_rotation_brings_every_key_over_and_leaves_the_data_alone(box: Box) -> None:
    cells = [box.sealed_cell() for _ in range(25)]
    box.vault.rotate_subject_kek()
    late = box.sealed_cell()
    assert box.vault.rotation_status() == RotationStatus(epoch=2, remaining=25, unfinished=1)
    left = [box.vault.rewrap_subjects(10) for _ in range(3)]
    assert left == [15, 5, 0]
    assert box.sql("SELECT DISTINCT epoch FROM subject_key") == [(2,)]
    assert box.sql(STATES) == [(1, "destroyed", 1), (2, "active", 0)]
    vault = box.reload()
    assert {vault.open_cell(ref, cell) for ref, cell in [*cells, late]} == {b"invented"}


def test_a_rotation_interrupted_between_steps_goes_on_after_a_restart(box: Box) -> None:
    cells = [box.sealed_cell() for _ in range(25)]
    box.vault.rotate_subject_kek()
    box.vault.rewrap_subjects(10)
    vault = box.reload()
    assert {vault.open_cell(ref, cell) for ref, cell in cells} == {b"invented"}
    assert vault.rotation_status() == RotationStatus(epoch=2, remaining=15, unfinished=1)
    assert [vault.rewrap_subjects(10), vault.rewrap_subjects(10)] == [5, 0]
    vault = box.reload()
    assert {vault.open_cell(ref, cell) for ref, cell in cells} == {b"invented"}


def test_a_step_that_cannot_be_written_changes_nothing(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = [box.sealed_cell() for _ in range(5)]
    box.vault.rotate_subject_kek()
    before = box.sql("SELECT * FROM subject_key")

    def full(*_: object) -> None:
        raise Unavailable("keystore_unwritable")

    with monkeypatch.context() as patch:
        patch.setattr("appliance.vault.keystore.Keystore.set_meta", full)
        with pytest.raises(Unavailable):
            box.vault.rewrap_subjects(10)
    assert box.sql("SELECT * FROM subject_key") == before
    assert box.sql(STATES) == [(1, "decrypt", 0), (2, "active", 0)]
    assert box.vault.rewrap_subjects(10) == 0
    assert {box.reload().open_cell(ref, cell) for ref, cell in cells} == {b"invented"}


def test_a_second_rotation_may_begin_before_the_first_is_done(box: Box) -> None:
    cells = [box.sealed_cell() for _ in range(9)]
    box.vault.rotate_subject_kek()
    box.vault.rewrap_subjects(3)
    box.vault.rotate_subject_kek()
    assert [box.vault.rewrap_subjects(5), box.vault.rewrap_subjects(5)] == [4, 0]
    assert [row[1] for row in box.sql(STATES)] == ["destroyed", "destroyed", "active"]
    assert {box.reload().open_cell(ref, cell) for ref, cell in cells} == {b"invented"}


def test_a_damaged_row_stops_nobody_elses_rotation_and_keeps_the_key_it_needs(box: Box) -> None:
    (ref, cell), (other, other_cell) = box.sealed_cell(), box.sealed_cell()
    good = box.sql("SELECT wrapped FROM subject_key WHERE subject = ?", ref.subject.bytes)[0][0]
    edit = "UPDATE subject_key SET wrapped = ? WHERE subject = ?"
    box.sql(edit, bytes(60), ref.subject.bytes)
    vault = box.reload()
    vault.rotate_subject_kek()
    assert vault.rewrap_subjects(10) == 0
    assert vault.rotation_status() == RotationStatus(epoch=2, remaining=1, unfinished=1)
    assert vault.open_cell(other, other_cell) == b"invented"
    with pytest.raises(KeyRowDamaged):
        vault.open_cell(ref, cell)
    box.sql(edit, good, ref.subject.bytes)
    assert vault.open_cell(ref, cell) == b"invented"
    assert vault.rewrap_subjects(10) == 0
    assert vault.rotation_status() == RotationStatus(epoch=2, remaining=0, unfinished=0)


def test_blocked_and_destroyed_people_stay_so_through_a_rotation(box: Box) -> None:
    blocked, cell = box.sealed_cell()
    gone, gone_cell = box.sealed_cell()
    for ref in (blocked, gone):
        box.vault.begin_destroy(ref.subject)
    box.vault.destroy(gone.subject, "request", uuid4())
    box.vault.rotate_subject_kek()
    assert box.vault.rewrap_subjects(10) == 0
    vault = box.reload()
    with pytest.raises(SubjectBlocked):
        vault.open_cell(blocked, cell)
    with pytest.raises(SubjectDestroyed):
        vault.open_cell(gone, gone_cell)
    vault.cancel_destroy(blocked.subject)
    assert vault.open_cell(blocked, cell) == b"invented"


def test_a_rotation_without_people_ends_at_once(box: Box) -> None:
    box.vault.rotate_subject_kek()
    assert box.vault.rewrap_subjects() == 0
    assert [row[1] for row in box.sql(STATES)] == ["destroyed", "active"]
