"""A machine that dies in an update wakes up with the old release and its data, or with the new."""

import signal
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from appliance.errors import Conflict, Damaged, HouseError
from tests.fault.update_house import (
    NEW,
    OLD,
    SYSTEM,
    FolderMachine,
    databases,
    destroy,
    founded,
    is_new,
    left_beside,
    make,
    note,
    update_of,
    work,
)  # fmt: skip
from tests.postgres import new_database
from updates import journal, kept
from updates.journal import RETURN, STEPS
from updates.place import Place

ROOT = Path(__file__).resolve().parents[2]
POINTS = [f"{step}.{end}" for step in STEPS for end in ("begun", "done")]
BACK = [RETURN, "return.restored", "return.switched"]


def child(home: Path, what: str, where: str, breaks: str = "") -> int:
    """Another process does it; how it ended."""
    words = [sys.executable, "-m", "tests.fault.update_child", str(home), what, where, breaks]
    return subprocess.run(words, cwd=ROOT, check=False, capture_output=True).returncode


def must_be_as_before(place: Place, before: dict[str, bytes]) -> None:
    assert place.in_use == OLD
    assert databases(place) == before
    assert left_beside(place) == []
    assert not (place.releases / NEW).exists()
    assert journal.read(place) is None
    assert journal.history(place)[0].result == "returned"


def must_be_new(place: Place) -> None:
    assert place.in_use == NEW
    assert (place.releases / OLD).exists(), "the way back is gone"
    assert left_beside(place) == []
    assert journal.read(place) is None
    assert journal.history(place)[0].result == "done"
    assert is_new(place)


@pytest.mark.checklist(192)
@pytest.mark.parametrize("where", POINTS)
def test_a_machine_that_dies_at_any_step_wakes_up_whole(tmp_path: Path, where: str) -> None:
    place = founded(tmp_path)
    before = databases(place)
    assert child(tmp_path, "update", where) == -signal.SIGKILL
    machine = FolderMachine(place)
    if where != "start.done":
        machine.stop()  # the machine was off; at `start.done` only the update was killed
    update_of(place, machine).recover()
    if where in {"start.done", "finish.begun", "finish.done"}:
        must_be_new(place)
    else:
        must_be_as_before(place, before)
    assert update_of(place, machine).recover() is None, "there was nothing left to do"


@pytest.mark.parametrize("where", BACK)
def test_a_machine_that_dies_on_the_way_back_goes_on_from_there(tmp_path: Path, where: str) -> None:
    place = founded(tmp_path)
    before = databases(place)
    assert child(tmp_path, "update", where, "test") == -signal.SIGKILL
    assert child(tmp_path, "recover", where) == -signal.SIGKILL
    update_of(place, FolderMachine(place)).recover()
    must_be_as_before(place, before)


ON_SERVER = ["keep.half", "keep.server", "keep.done", "migrate.done", "start.begun", "start.done"]
ON_SERVER += ["finish.done", "return.half", "return.server", "return.restored", "return.switched"]


@pytest.mark.postgres
@pytest.mark.checklist(192)
def test_tables_on_a_server_are_as_before_or_new_wherever_the_machine_dies(
    tmp_path: Path, postgres_address: str
) -> None:
    url = new_database(postgres_address, f"test_{uuid4().hex}")
    for where in ON_SERVER:
        home = tmp_path / where
        home.mkdir()
        place = founded(home, url)
        before = databases(place)
        assert child(home, "update", where, "test" if "return" in where else "") == -signal.SIGKILL
        machine = FolderMachine(place)
        machine.stop()
        update_of(place, machine).recover()
        if where == "finish.done":
            must_be_new(place)
        else:
            must_be_as_before(place, before)


def test_work_done_under_the_new_release_is_never_taken_back(tmp_path: Path) -> None:
    place = founded(tmp_path)
    assert child(tmp_path, "update", "start.done") == -signal.SIGKILL
    machine = FolderMachine(place)
    machine.stop()
    work(place, by=SYSTEM)
    work(place)
    update_of(place, machine).recover()
    must_be_new(place)


def test_whoever_was_destroyed_under_the_new_release_does_not_come_back(tmp_path: Path) -> None:
    place = founded(tmp_path)
    assert child(tmp_path, "update", "start.done") == -signal.SIGKILL
    machine = FolderMachine(place)
    machine.stop()
    destroy(place)
    after = (place.data / "keys.db").read_bytes()
    update_of(place, machine).recover()
    must_be_new(place)
    assert (place.data / "keys.db").read_bytes() == after


@pytest.mark.checklist(192)
@pytest.mark.parametrize("breaks", ["trial", "backup", "keep", "migrate", "test", "start"])
def test_a_step_that_fails_brings_everything_back_and_starts_it(
    tmp_path: Path, breaks: str
) -> None:
    place = founded(tmp_path)
    before = databases(place)
    machine = FolderMachine(place, breaks)
    with pytest.raises(HouseError) as refusal:
        update_of(place, machine).carry_out(note(), lambda asked: make(place, asked))
    assert (refusal.value.code, refusal.value.params["step"]) == ("update_returned", breaks)
    must_be_as_before(place, before)
    assert machine.look().running
    assert (place.data / "running").read_text() == OLD


def test_a_failing_start_after_somebody_worked_leaves_the_work_where_it_is(tmp_path: Path) -> None:
    place = founded(tmp_path)
    machine = FolderMachine(place, "start")
    machine.does_work = True
    with pytest.raises(HouseError, match="update_limps"):
        update_of(place, machine).carry_out(note(), lambda asked: make(place, asked))
    must_be_new(place)


def test_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    place = founded(tmp_path)
    before = databases(place)

    def no_room(_: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(HouseError) as refusal:
        update_of(place, FolderMachine(place)).carry_out(note(), no_room)
    assert refusal.value.params["why"] == "disk_refused"
    must_be_as_before(place, before)


def test_a_second_update_at_once_is_refused(tmp_path: Path) -> None:
    place = founded(tmp_path)
    with place.alone():
        assert place.is_held()
        with pytest.raises(Conflict, match="update_running"):
            update_of(place, FolderMachine(place)).carry_out(note(), lambda _: None)
        assert update_of(place, FolderMachine(place)).recover() is None
    assert place.in_use == OLD


def test_a_trial_changes_nothing(tmp_path: Path) -> None:
    place = founded(tmp_path)
    before = databases(place)
    asked = note()
    asked.is_trial = True
    past = update_of(place, FolderMachine(place)).carry_out(asked, lambda one: make(place, one))
    assert (past.result, past.checks) == ("tried", 7)
    assert databases(place) == before
    assert place.in_use == OLD and not (place.releases / NEW).exists()


def test_a_kept_database_that_rots_is_not_put_back(tmp_path: Path) -> None:
    place = founded(tmp_path)
    kept.keep(place.data)
    rotten = place.data / kept.FOLDER / "main.db"
    body = bytearray(rotten.read_bytes())
    body[4000] ^= 1
    rotten.write_bytes(body)
    (place.data / "main.db").write_bytes(b"changed")
    with pytest.raises(Damaged, match="update_copy_damaged"):
        kept.restore(place.data)
    assert (place.data / "main.db").read_bytes() == b"changed"


def test_of_databases_before_a_migration_the_newest_two_stay(tmp_path: Path) -> None:
    place = founded(tmp_path)
    for step in (21, 25, 28):
        kept.keep(place.data)
        kept.forget(place.data, step=step)
    left = sorted(path.name for path in place.data.glob("main.before-*"))
    assert left == ["main.before-0025.db", "main.before-0028.db"]
