"""People's keys: written before the data, never guessed, gone when they are gone."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from appliance.errors import Conflict, Sealed, Unavailable
from appliance.vault.errors import (
    CellDamaged,
    KeyRowDamaged,
    SubjectBlocked,
    SubjectKeyMissing,
)
from appliance.vault.keystore import Keystore
from appliance.vault.vault import Vault
from tests.unit.vault.boxes import CHEAP, Box, place


def test_a_new_person_can_be_written_at_once_and_read_after_a_restart(box: Box) -> None:
    ref = place(box.vault.new_subject())
    cell = box.vault.seal_cell(ref, b"invented")
    assert box.sql("SELECT count(*) FROM subject_key") == [(0,)]
    box.vault.flush_subjects()
    assert box.reload().open_cell(ref, cell) == b"invented"


def test_one_commit_writes_all_new_people_and_the_next_writes_none(box: Box) -> None:
    made = {box.vault.new_subject() for _ in range(100)}
    box.vault.flush_subjects()
    box.vault.flush_subjects()
    found = {UUID(bytes=row[0]) for row in box.sql("SELECT subject FROM subject_key")}
    assert found == made


def test_people_have_keys_of_their_own(box: Box) -> None:
    ref, cell = box.sealed_cell()
    other, _ = box.sealed_cell()
    with pytest.raises(CellDamaged):
        box.vault.open_cell(ref._replace(subject=other.subject), cell)


def test_a_key_that_was_never_flushed_leaves_nothing_behind(box: Box) -> None:
    ref = place(box.vault.new_subject())
    cell = box.vault.seal_cell(ref, b"invented")
    box.vault._store.close()
    box.vault = Vault.load(box.folder, argon=CHEAP, passwords=CHEAP, clock=box.clock)
    box.vault.unlock_with_code(box.code.text)
    with pytest.raises(SubjectKeyMissing):
        box.vault.open_cell(ref, cell)


def test_sealing_writes_the_keys_of_a_commit_under_way(box: Box) -> None:
    ref = place(box.vault.new_subject())
    cell = box.vault.seal_cell(ref, b"invented")
    box.vault.seal()
    box.vault.unlock_with_code(box.code.text)
    box.vault.flush_subjects()
    assert box.vault.open_cell(ref, cell) == b"invented"


def test_a_key_lost_by_sealing_on_a_full_disk_stops_the_commit_that_needs_it(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.vault.new_subject()

    def full(*_: object) -> None:
        raise Unavailable("keystore_unwritable")

    with monkeypatch.context() as patch:
        patch.setattr("appliance.vault.keystore.Keystore.run_many", full)
        with pytest.raises(Unavailable):
            box.vault.flush_subjects()
        box.vault.seal()
    box.vault.unlock_with_code(box.code.text)
    with pytest.raises(Sealed):
        box.vault.flush_subjects()
    box.vault.flush_subjects()


def test_a_flush_that_failed_is_made_up_for_by_the_next(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = place(box.vault.new_subject())
    cell = box.vault.seal_cell(ref, b"invented")

    def full(*_: object) -> None:
        raise Unavailable("keystore_unwritable")

    with monkeypatch.context() as patch:
        patch.setattr("appliance.vault.keystore.Keystore.run_many", full)
        with pytest.raises(Unavailable):
            box.vault.flush_subjects()
    box.vault.flush_subjects()
    assert box.reload().open_cell(ref, cell) == b"invented"


def test_a_missing_key_is_an_incident_and_not_a_destruction(box: Box) -> None:
    ref, cell = box.sealed_cell()
    box.reload()
    box.sql("DELETE FROM subject_key")
    with pytest.raises(SubjectKeyMissing) as caught:
        box.vault.open_cell(ref, cell)
    assert caught.value.code == "subject_key_missing"
    with pytest.raises(SubjectKeyMissing):
        box.vault.seal_cell(ref, b"more")


def test_a_key_marked_destroyed_without_an_entry_in_the_ledger_is_an_incident(box: Box) -> None:
    ref, cell = box.sealed_cell()
    box.reload()
    box.sql("UPDATE subject_key SET state = 'destroyed', wrapped = NULL")
    with pytest.raises(SubjectKeyMissing):
        box.vault.open_cell(ref, cell)


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE subject_key SET state = 'pending_destroy'",
        "UPDATE subject_key SET epoch = 2",
        "UPDATE subject_key SET epoch = -1",
        "UPDATE subject_key SET epoch = 'one'",
        "UPDATE subject_key SET changed = changed + 1",
        "UPDATE subject_key SET changed = -1",
        "UPDATE subject_key SET wrapped = zeroblob(60)",
        "UPDATE subject_key SET wrapped = x''",
        "UPDATE subject_key SET wrapped = NULL",
        "UPDATE subject_key SET wrapped = 'text'",
    ],
)
def test_an_edited_key_row_is_noticed_whatever_was_edited(box: Box, edit: str) -> None:
    ref, cell = box.sealed_cell()
    box.reload()
    box.sql(edit)
    with pytest.raises(KeyRowDamaged):
        box.vault.open_cell(ref, cell)
    box.vault.preload([ref.subject])
    with pytest.raises(KeyRowDamaged):
        box.vault.open_cell(ref, cell)


def test_keys_swapped_between_two_people_are_noticed(box: Box) -> None:
    ref, cell = box.sealed_cell()
    other, _ = box.sealed_cell()
    box.reload()
    box.sql(
        "UPDATE subject_key SET wrapped ="
        " (SELECT wrapped FROM subject_key WHERE subject = ?) WHERE subject = ?",
        other.subject.bytes,
        ref.subject.bytes,
    )
    with pytest.raises(KeyRowDamaged):
        box.vault.open_cell(ref, cell)


def test_a_block_lifted_by_hand_in_the_file_lifts_nothing(box: Box) -> None:
    ref, cell = box.sealed_cell()
    box.vault.begin_destroy(ref.subject)
    with pytest.raises(SubjectBlocked):
        box.vault.open_cell(ref, cell)
    box.sql("UPDATE subject_key SET state = 'live'")
    with pytest.raises(KeyRowDamaged):
        box.vault.open_cell(ref, cell)


def test_keys_loaded_ahead_are_not_read_again(box: Box) -> None:
    cells = [box.sealed_cell() for _ in range(50)]
    box.reload()
    box.vault.preload([ref.subject for ref, _ in cells])
    box.sql("DELETE FROM subject_key")
    assert {box.vault.open_cell(ref, cell) for ref, cell in cells} == {b"invented"}


def test_loading_ahead_takes_thousands_doubles_and_strangers(box: Box) -> None:
    known = [box.vault.new_subject() for _ in range(1500)]
    box.vault.flush_subjects()
    box.reload()
    box.vault.preload([*known, *known, uuid4()])
    box.vault.preload([])
    box.sql("DELETE FROM subject_key")
    assert all(box.vault.seal_cell(place(subject), b"") for subject in known)


def test_the_cache_stays_within_its_bound_and_forgets_no_unwritten_key(box: Box) -> None:
    box.vault.close()
    box.vault = Vault.load(box.folder, argon=CHEAP, clock=box.clock, cached=10)
    box.vault.unlock_with_code(box.code.text)
    refs = [place(box.vault.new_subject()) for _ in range(100)]
    cells = [box.vault.seal_cell(ref, b"invented") for ref in refs]
    box.vault.flush_subjects()
    keys = box.vault._unlocked.keys if box.vault._unlocked else None
    assert keys is not None
    assert all(
        box.vault.open_cell(ref, cell) == b"invented" for ref, cell in zip(refs, cells, strict=True)
    )
    assert len(keys._young) + len(keys._old) <= 10


def test_a_key_used_some_time_ago_is_found_in_the_cache_and_kept(box: Box) -> None:
    box.vault.close()
    box.vault = Vault.load(box.folder, argon=CHEAP, clock=box.clock, cached=10)
    box.vault.unlock_with_code(box.code.text)
    made = [box.vault.new_subject() for _ in range(5)]
    box.vault.flush_subjects()
    box.sql("DELETE FROM subject_key")
    box.vault.preload(made)
    assert all(box.vault.seal_cell(place(subject), b"") for subject in made)


def test_an_orphan_of_a_crash_is_swept_after_a_day_and_nobody_else(box: Box) -> None:
    ref, cell = box.sealed_cell()
    orphan, _ = box.sealed_cell()
    box.clock.pass_hours(23)
    young, _ = box.sealed_cell()
    used = {ref.subject}

    def known(asked: list[UUID]) -> set[UUID]:
        return used.intersection(asked)

    assert box.vault.sweep_orphans(known) == 0
    box.clock.pass_hours(2)
    assert box.vault.sweep_orphans(known) == 1
    assert box.vault.open_cell(ref, cell) == b"invented"
    assert box.vault.seal_cell(young, b"still there")
    with pytest.raises(SubjectKeyMissing):
        box.vault.seal_cell(orphan, b"")


def test_a_sweep_that_would_take_too_many_takes_none(box: Box) -> None:
    for _ in range(1001):
        box.vault.new_subject()
    box.vault.flush_subjects()
    box.clock.pass_hours(48)
    with pytest.raises(Conflict) as caught:
        box.vault.sweep_orphans(lambda _: set(), timedelta(hours=1))
    assert caught.value.code == "too_many_orphans"
    assert box.sql("SELECT count(*) FROM subject_key") == [(1001,)]


def test_many_threads_write_and_read_people_at_once(box: Box) -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(50):
                ref, cell = box.sealed_cell()
                assert box.vault.open_cell(ref, cell) == b"invented"
        except BaseException as error:  # noqa: BLE001 - reported by the main thread
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert box.sql("SELECT count(*) FROM subject_key") == [(200,)]


def test_a_commit_that_failed_and_was_one_all_the_same_is_no_damage(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = place(box.vault.new_subject())
    cell = box.vault.seal_cell(ref, b"invented")
    run = Keystore.run

    def lost(store: Keystore, statement: str, values: Any = ()) -> int:
        count = run(store, statement, values)
        if statement == "COMMIT":
            raise Unavailable("keystore_unwritable")
        return count

    with monkeypatch.context() as patch:
        patch.setattr(Keystore, "run", lost)
        with pytest.raises(Unavailable):
            box.vault.flush_subjects()
    box.vault.flush_subjects()
    assert box.reload().open_cell(ref, cell) == b"invented"
