"""Checkpoints kept in files: appended to one file per box in a folder, and read back.

A file of anchors is a row of signed notes with an empty line between them; nothing is ever taken
out of it. A note that a power cut left torn is passed over by its readers.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from appliance.audit.log import AuditLog
from appliance.audit.notes import read_note
from appliance.audit.verify import notes_in
from appliance.errors import Damaged, HouseError, Unavailable

LONGEST: Final = 64 << 20
"""Bytes of a file of anchors; a note a day for a century is a tenth of it."""


def file_of(folder: Path, box: str) -> Path:
    """Where a folder keeps this box's anchors."""
    return folder / f"korobka-{box}.anchors.txt"


def read(path: Path) -> list[str]:
    """The notes of a file, or none where it is not there or cannot be read."""
    try:
        if path.stat().st_size > LONGEST:
            return []
        return notes_in(path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return []


def append(folder: Path, box: str, note: str) -> None:
    """Add a note to the folder's file, and see it there.

    Raises:
        Unavailable: `anchor_folder_lost`, `anchor_folder_full`.
        Damaged: `anchor_differs`: the disk gives back something else.
    """
    path = file_of(folder, box)
    try:
        if not folder.is_dir():
            raise Unavailable("anchor_folder_lost", path=str(folder))
        if note in read(path)[-1:]:
            return
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            # The empty line in front parts it from whatever was left torn.
            body = f"\n{note}".encode()
            if os.write(handle, body) != len(body):
                raise Unavailable("anchor_folder_full", path=str(folder))
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise Unavailable(_code(error), type(error).__name__, path=str(folder)) from None
    if read(path)[-1:] != [note]:
        raise Damaged("anchor_differs", path=str(folder))


def contradicted(log: AuditLog, notes: Iterable[str]) -> list[tuple[str, HouseError]]:
    """Notes that this log is no continuation of, with why; other boxes' notes say nothing."""
    found: list[tuple[str, HouseError]] = []
    for note in notes:
        try:
            if read_note(note).origin == log.origin:
                log.must_contain(note)
        except HouseError as error:
            found.append((note, error))
    return found


def _code(error: OSError) -> str:
    full = {28, 122}  # ENOSPC, EDQUOT
    return "anchor_folder_full" if error.errno in full else "anchor_folder_lost"
