"""What an update writes down before each step, so that whoever comes next can lead it to an end."""

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from appliance.errors import Damaged
from updates.place import Place, settle

STEPS: Final = (
    "unpack", "trial", "backup", "stop", "keep", "migrate", "test", "switch", "start", "finish",
)  # fmt: skip
"""In order. Up to `keep` the data and the release in use are untouched."""

TOUCHED: Final = frozenset({"migrate", "test", "switch", "start"})
"""Steps after which the data must be put back."""

RETURN: Final = "return"
KEPT_PAST: Final = 50


class Note(msgspec.Struct):
    """One update under way.

    Attributes:
        old, new: names of releases.
        was, version: their versions.
        began: ISO 8601 UTC.
        step: one of `STEPS` that has begun, or `return`.
        took: finished steps → seconds.
        is_made: this update made the new release, so a return deletes it.
        is_trial: it ends after the trial; nothing is put in place.
        was_running, was_open: the box before it was stopped.
        copy: stamp of the copy made first; empty: none was possible.
        checks: how many checks the trial passed.
        deeds: entries of the log when the box was stopped.
        waiting: people's deeds that were not in the log then.
        erased: people destroyed by then.
        first: number of the first migration that was run; 0: none.
        failed: the step that failed; empty: none did, or the machine died.
        code, params: why.
    """

    old: str
    new: str
    was: str
    version: str
    began: str
    step: str = "unpack"
    took: dict[str, float] = {}
    is_made: bool = False
    is_trial: bool = False
    was_running: bool = False
    was_open: bool = False
    copy: str = ""
    checks: int = 0
    deeds: int = 0
    waiting: int = 0
    erased: int = 0
    first: int = 0
    failed: str = ""
    code: str = ""
    params: dict[str, str | int] = {}


class Past(Note):
    """One that ended: `done`, `tried`, or `returned`."""

    result: str = ""
    ended: str = ""


def read(place: Place) -> Note | None:
    """The update under way, alive or not.

    Raises:
        Damaged: `update_note_damaged`.
    """
    try:
        return msgspec.json.decode(place.note.read_bytes(), type=Note)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise Damaged("update_note_damaged", path=str(place.note)) from error


def write(place: Place, note: Note) -> None:
    """Write it down; on the disk when this returns."""
    _put(place.note, msgspec.json.encode(note))


def close(place: Place, note: Note, result: str) -> Past:
    """Put an update among those that ended. May be cut off and repeated."""
    ended = datetime.now(UTC).isoformat(timespec="seconds")
    past = Past(**msgspec.structs.asdict(note), result=result, ended=ended)
    before = [one for one in history(place) if one.began != note.began]
    _put(place.past, msgspec.json.encode([past, *before][:KEPT_PAST]))
    with suppress(FileNotFoundError):
        place.note.unlink()
    settle(place.etc)
    return past


def history(place: Place) -> list[Past]:
    """Updates that ended, newest first; a file that cannot be read keeps nobody from updating."""
    try:
        return msgspec.json.decode(place.past.read_bytes(), type=list[Past])
    except (OSError, msgspec.DecodeError):
        return []


def _put(path: Path, body: bytes) -> None:
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    # For everybody: it holds versions and names of steps, and the console reads it.
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    with os.fdopen(handle, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)
    settle(path.parent)
