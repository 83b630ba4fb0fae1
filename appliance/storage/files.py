"""Attachments: the sealed bytes lie in a folder, their row and sealed name in the database.

A file is written and synced before the commit of its row: a crash in between leaves sealed bytes
that no row names, which `sweep` deletes. Sealed with the client's key, they end with it.
"""

import errno
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.ids import uuid7
from appliance.errors import Damaged, Invalid, Unavailable
from appliance.storage.statements import any_of, execute, fetch, fetch_one, insert
from appliance.storage.tables import FileRow
from appliance.storage.tx import Tx
from appliance.vault.envelope import CellRef

MOST_BYTES = 20 * 1024 * 1024
"""Plain bytes of one attachment: a scan of a contract or a film of a few seconds fits."""

LONGEST_NAME = 200
ORPHAN_AGE = timedelta(hours=24)

_folder: Path | None = None


class FileName(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Blob of `file.name`: people write names of people into names of files."""

    v: int = 1
    name: str = ""


class Kept(NamedTuple):
    """An attachment without its bytes."""

    id: UUID
    name: str
    size: int
    media: str


def set_folder(folder: Path | None) -> None:
    """Say where the sealed bytes lie. Called once, at boot; None takes it away."""
    global _folder  # noqa: PLW0603  one folder per process, set at boot
    _folder = folder


def _place(name: str) -> Path:
    if _folder is None:
        raise Unavailable("storage_failed", "no folder for files")
    # Two letters deep: a folder with a million names is slow to list.
    return _folder / name[:2] / name


async def keep(tx: Tx, subject_id: UUID, name: str, body: bytes, media: str = "") -> UUID:
    """Seal a file under a person's key and store it; return its id.

    Raises:
        Invalid: `attachment_empty`, `attachment_too_large`.
        Unavailable: `storage_failed`, `disk_full`.
        Destroyed, Sealed: see `Tx.seal`.
    """
    if not body:
        raise Invalid("attachment_empty", fields={"file": "attachment_empty"})
    if len(body) > MOST_BYTES:
        raise Invalid(
            "attachment_too_large", fields={"file": "attachment_too_large"}, size=len(body)
        )
    row_id = uuid7()
    digest = _write(tx.vault.seal_cell(_ref(row_id, subject_id), body))
    blob = FileName(name=shown_name(name))
    cell = tx.seal("file", "name", row_id, subject_id, blob, "comment")
    await insert(
        FileRow,
        id=row_id,
        subject_id=subject_id,
        name=cell,
        hash=digest,
        size=len(body),
        media=media[:100],
        author_number=tx.actor.number,
        created_at=tx.now,
    )
    return row_id


def shown_name(name: str) -> str:
    """A name without the folders some browsers send; its end, where it is too long."""
    return Path(name.replace("\\", "/")).name[-LONGEST_NAME:]


def _ref(row_id: UUID, subject_id: UUID) -> CellRef:
    return CellRef("file", "body", row_id, subject_id)


def _write(sealed: bytes) -> str:
    digest = sha256(sealed).hexdigest()
    path = _place(digest)
    fresh = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with fresh.open("wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        code = "disk_full" if full else "storage_failed"
        raise Unavailable(code, type(error).__name__) from None
    return digest


async def read(tx: Tx, file_id: UUID) -> tuple[Kept, bytes]:
    """An attachment with its bytes; the caller has checked the way to it.

    Raises:
        Damaged: `attachment_missing`, or its bytes were changed.
        Destroyed, Sealed: see `Tx.open`.
    """
    row = await fetch_one(
        "SELECT name, size, media, subject_id, hash FROM file WHERE id = {}", file_id
    )
    if row is None:
        raise Damaged("attachment_missing")
    name, size, media, subject_id, digest = row
    sealed = _sealed(digest)
    body = tx.vault.open_cell(_ref(file_id, subject_id), sealed)
    shown = tx.open("file", "name", file_id, subject_id, name, FileName, "comment")
    return Kept(file_id, shown.name, size, media), body


def _sealed(digest: str) -> bytes:
    try:
        return _place(digest).read_bytes()
    except OSError:
        raise Damaged("attachment_missing") from None


async def hand_over(tx: Tx, file_id: UUID, subject_id: UUID) -> None:
    """Put a file under another person's key, as when an order changes hands.

    Raises:
        Damaged, Destroyed: it cannot be opened; it stays where it was.
    """
    kept, body = await read(tx, file_id)
    digest = _write(tx.vault.seal_cell(_ref(file_id, subject_id), body))
    cell = tx.seal("file", "name", file_id, subject_id, FileName(name=kept.name), "comment")
    await execute(
        "UPDATE file SET subject_id = {}, hash = {}, name = {} WHERE id = {}",
        subject_id,
        digest,
        cell,
        file_id,
    )


async def carry(tx: Tx, file_id: UUID, subject_id: UUID) -> bool:
    """Put a file's bytes under its person's newest key; False where they are under it already.

    The bytes of before stay until `files.sweep` finds that no row names them.

    Raises:
        Damaged, Destroyed: they cannot be opened; they stay as they are.
        Unavailable: `storage_failed`, `disk_full`.
    """
    row = await fetch_one("SELECT hash FROM file WHERE id = {}", file_id)
    if row is None:
        raise Damaged("attachment_missing")
    sealed = tx.vault.carry_cell(_ref(file_id, subject_id), _sealed(row[0]))
    if sealed is None:
        return False
    await execute("UPDATE file SET hash = {} WHERE id = {}", _write(sealed), file_id)
    return True


def found_on_disk(now: datetime) -> list[str]:
    """Names of sealed files that have lain for `ORPHAN_AGE`, oldest folders first."""
    if _folder is None or not _folder.is_dir():
        return []
    before = (now - ORPHAN_AGE).astimezone(UTC).timestamp()
    return [
        path.name
        for path in sorted(_folder.glob("??/*"))
        if path.is_file() and path.stat().st_mtime < before
    ]


async def unknown(names: Sequence[str]) -> list[str]:
    """Those of these files that no row names."""
    known = await fetch("SELECT hash FROM file WHERE hash IN {}", any_of(names)) if names else []
    have = {row[0] for row in known}
    return [name for name in names if name not in have]


def delete(names: Sequence[str]) -> None:
    """Delete sealed bytes that nobody can open any more."""
    for name in names:
        _place(name).unlink(missing_ok=True)
