"""Databases of a stopped box beside themselves: what a failed update puts back, byte for byte.

Tables on a PostgreSQL server are kept there, see `updates.server`; the list in the data folder says
which they are, so that files and tables count only together.
"""

import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from appliance.errors import Damaged, Unavailable
from appliance.storage.migrations.runner import prune_copies
from updates import server
from updates.place import settle

FOLDER: Final = ".before-update"
LIST: Final = "kept.json"
NAMES: Final = ("korobka.toml", "main.db", "audit.db", "keys.db", "evidence.db")
WITH: Final = ("-wal", "-shm", "-journal")
CHUNK: Final = 1 << 20
_PEOPLE: Final = "SELECT leaf FROM {table} {where}"


class One(msgspec.Struct, frozen=True):
    """A file that was kept."""

    name: str
    size: int
    sha256: str


class Both(msgspec.Struct, frozen=True):
    """What was kept of a box on PostgreSQL.

    Attributes:
        files: of the data folder.
        tables: rows by table on the server.
    """

    files: list[One]
    tables: dict[str, int]


class Deeds(msgspec.Struct, frozen=True):
    """How much has been done.

    Attributes:
        log: entries of the log.
        waiting: people's deeds that wait outside of it.
        erased: people whose keys were destroyed.
    """

    log: int
    waiting: int
    erased: int = 0


def keep(data: Path, url: str = "") -> Deeds:
    """Copy what an update may change; the list comes last, a copy without one counts for nothing.

    Args:
        data: the box's data folder.
        url: of its PostgreSQL; empty: its tables are in main.db.

    Raises:
        Unavailable: `update_no_room`: the disk is full; as the server refuses.
    """
    folder = data / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    tables = server.keep(url) if url else {}
    try:
        folder.mkdir(mode=0o700)
        found = [
            _copy(data / name, folder / name)
            for base in NAMES
            for name in (base, *(f"{base}{end}" for end in WITH))
            if (data / name).is_file()
        ]
        _write(folder / LIST, msgspec.json.encode(Both(found, tables) if url else found))
        settle(folder)
        settle(data)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise Unavailable("update_no_room", type(error).__name__, path=str(data)) from error
    return deeds(data, url)


def restore(data: Path, url: str = "") -> None:
    """Put back what was kept. May be cut off and repeated; the files stay until `forget`.

    Args:
        data: the box's data folder.
        url: as `keep`.

    Raises:
        Damaged: `update_copy_damaged`: nothing was put back.
    """
    folder = data / FOLDER
    both = _listed(folder)
    found = both.files
    for one in found:
        path = folder / one.name
        if not path.is_file() or _hashed(path) != (one.size, one.sha256):
            raise Damaged("update_copy_damaged", part=one.name)
    if both.tables:
        server.must_be_kept(url, both.tables)
        server.put_back(url)
    kept = {one.name for one in found}
    for base in NAMES:
        # A journal of the changed database must not be read into the one that comes back.
        for name in (f"{base}{end}" for end in WITH):
            if name not in kept:
                (data / name).unlink(missing_ok=True)
    for one in found:
        beside = data / f"{one.name}.back"
        beside.unlink(missing_ok=True)
        _copy(folder / one.name, beside)
        beside.rename(data / one.name)
    # The index is of the changed data; a box without one builds it anew.
    (data / "search.idx").unlink(missing_ok=True)
    settle(data)


def _listed(folder: Path) -> Both:
    """What was kept.

    Raises:
        Damaged: `update_copy_damaged`: the list is not whole.
    """
    try:
        found = msgspec.json.decode((folder / LIST).read_bytes(), type=list[One] | Both)
    except (OSError, msgspec.DecodeError) as error:
        raise Damaged("update_copy_damaged", part=LIST) from error
    return found if isinstance(found, Both) else Both(found, {})


def forget(data: Path, url: str = "", *, step: int = 0) -> None:
    """Delete the copy.

    Args:
        data: the box's data folder.
        url: as `keep`.
        step: number of the first migration of this update; its database is then kept as
            `main.before-NNNN.db`, and of all such the newest two. 0: there was none.
    """
    folder = data / FOLDER
    if url:
        server.forget(url)
    main = folder / "main.db"
    if step and main.is_file() and not (folder / "main.db-wal").exists():
        main.rename(data / f"main.before-{step:04d}.db")
    for path in folder.glob("keys.db*"):  # wrapped keys: none is to be left on the disk
        with suppress(OSError):
            path.write_bytes(bytes(path.stat().st_size))
    shutil.rmtree(folder, ignore_errors=True)
    if step:
        prune_copies(data)
    settle(data)


def deeds(data: Path, url: str = "") -> Deeds:
    """How much has been done by now, by the files and tables of a box that does not run."""
    size = 0
    with suppress(sqlite3.Error), closing(_reading(data / "audit.db")) as log:
        size = log.execute("SELECT COALESCE(MAX(seq), 0) FROM event").fetchone()[0]
    return Deeds(size, _waiting(data, url), _erased(data / "keys.db"))


def _waiting(data: Path, url: str) -> int:
    if url:
        return _of_people(server.waiting(url))
    return _people(data / "main.db", "audit_outbox")


def _erased(keys: Path) -> int:
    with suppress(sqlite3.Error), closing(_reading(keys)) as store:
        return store.execute("SELECT COUNT(*) FROM erasure_ledger").fetchone()[0]
    return 0


def people_since(data: Path, before: Deeds, url: str = "") -> bool:
    """Whether anybody but the box itself has done anything since, or a person was destroyed.

    The box destroys by itself when the pause is over; keys put back would bring that person back.
    """
    if _erased(data / "keys.db") > before.erased:
        return True
    if _people(data / "audit.db", "event", f"WHERE seq > {before.log:d}"):
        return True
    return _waiting(data, url) > before.waiting


def _people(path: Path, table: str, where: str = "") -> int:
    try:
        with closing(_reading(path)) as database:
            rows = database.execute(_PEOPLE.format(table=table, where=where)).fetchall()
    except sqlite3.Error:
        return 0
    return _of_people([bytes(leaf) for (leaf,) in rows])


def _of_people(leaves: Sequence[bytes]) -> int:
    return sum(1 for leaf in leaves if b'"actor_kind":"system"' not in leaf)


def _reading(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise sqlite3.OperationalError(path.name)
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=10.0)


def _copy(source: Path, target: Path) -> One:
    digest, size = sha256(), 0
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as read, os.fdopen(handle, "wb") as out:
        while chunk := read.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return One(target.name, size, digest.hexdigest())


def _hashed(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        digest, size = sha256(), 0
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


def _write(path: Path, body: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
