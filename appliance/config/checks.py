"""Whether this machine can carry these settings: asked before every start and by `korobka doctor`.

Each answer is a code E001… with values; the sentence with its hint is in the message catalogue.
"""

import errno
import fcntl
import os
import shutil
import socket
import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appliance.config import Config
from appliance.errors import ConfigError

LEAST_FREE_BYTES = 200 * 1024 * 1024  # a day of orders, the log and one migration of a small firm
LEAST_SQLITE = (3, 34, 0)  # the first with the trigram tokenizer
# A clock before this release was made makes certificates and the log lie.
EARLIEST_CLOCK = datetime(2026, 1, 1, tzinfo=UTC)


EVIDENCE_FILE = "evidence.db"
EVIDENCE_ID = 0x4B4F5245
"""`KORE` in ASCII, in the head of the file: no other is taken for the store of acts."""


@dataclass(frozen=True)
class Problem:
    """One thing that keeps the box from starting.

    Attributes:
        code: E001…, the key of the sentence in the catalogue.
        params: values of the sentence.
    """

    code: str
    params: dict[str, str | int] = field(default_factory=dict[str, str | int])

    def raised(self) -> ConfigError:
        return ConfigError(self.code, "", **self.params)


def problems(config: Config, now: datetime, *, is_running: bool = False) -> list[Problem]:
    """Look at everything and report all of it at once.

    Args:
        config: the settings to check.
        now: the clock, aware UTC.
        is_running: the box itself holds the port, so a taken port is no problem.
    """
    checks: list[Callable[[], Problem | None]] = [
        lambda: _data_folder(config.data),
        lambda: _free_space(config.data),
        lambda: _key_file(config),
        lambda: _clock(now),
        lambda: _time_zone(config.box.time_zone),
        _sqlite,
        lambda: _evidence(config.data / EVIDENCE_FILE),
    ]
    if not is_running:
        checks.insert(0, lambda: _other_server(config.data))
        checks.append(lambda: _port(config.server.listen, config.server.port))
        if config.outer.enabled:
            checks.append(lambda: _port(config.outer.listen, config.outer.port))
    return [found for check in checks if (found := check()) is not None]


def refuse_unfit(config: Config, now: datetime) -> None:
    """Raise the first problem; for the start, where there is one line to say it in.

    A key file that is not there refuses nothing: the box starts sealed and waits for a person.

    Raises:
        ConfigError: any of E005… of this module but E008.
    """
    for found in problems(config, now):
        if found.code != "E008":
            raise found.raised()


def refuse_port(listen: str, port: int) -> None:
    """Refuse an address that cannot be listened on, before a server says it in its own words.

    Raises:
        ConfigError: E011, E019, E020.
    """
    found = _port(listen, port)
    if found is not None:
        raise found.raised()


def make_folder(data: Path) -> None:
    """Make the data folder of a new box, for its owner only.

    Raises:
        ConfigError: E005.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError("E005", path=str(data), problem=os.strerror(error.errno or 0)) from error


def is_held(data: Path) -> bool:
    """Whether a server holds the data folder; asked without writing, for folders that cannot be.

    Raises:
        PermissionError: the folder is another account's.
    """
    try:
        handle = os.open(data / "run" / "server.lock", os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


@contextmanager
def sole_server(data: Path) -> Generator[None]:
    """Hold the data folder for one server: two would each believe their own memory.

    The lock belongs to the process: it goes with it, however it ends.

    Raises:
        ConfigError: E018 when another server holds the folder, E005 when it cannot be written.
    """
    run = data / "run"
    try:
        run.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(run / "server.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError("E005", path=str(run), problem=os.strerror(error.errno or 0)) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise ConfigError("E018", path=str(data)) from error
    try:
        yield
    finally:
        os.close(handle)


def _other_server(data: Path) -> Problem | None:
    try:
        return Problem("E018", {"path": str(data)}) if is_held(data) else None
    except PermissionError:
        return None  # said by the folder's own check


def _data_folder(data: Path) -> Problem | None:
    if not data.is_dir():
        return Problem("E006", {"path": str(data)})
    probe = data / f".probe-{os.getpid()}"
    try:  # asked by writing: a read-only mount and a full quota both look fine to `access`
        handle = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.close(handle)
        probe.unlink()
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return Problem("E012", {"path": str(data), "megabytes": 0})
        return Problem("E005", {"path": str(data), "problem": os.strerror(error.errno or 0)})
    if data.stat().st_mode & 0o077:
        return Problem("E007", {"path": str(data)})
    return None


def _free_space(data: Path) -> Problem | None:
    if not data.is_dir():
        return None
    free = shutil.disk_usage(data).free
    if free < LEAST_FREE_BYTES:
        return Problem("E012", {"path": str(data), "megabytes": free // 1024 // 1024})
    return None


def _key_file(config: Config) -> Problem | None:
    path = config.unlock.key_file
    if config.unlock.mode != "key-file":
        return None
    if path is None:
        return Problem("E008", {"path": "—"})
    if path.resolve().is_relative_to(config.data.resolve()):
        return Problem("E010", {"path": str(path)})
    try:
        with path.open("rb"):
            mode = path.stat().st_mode
    except OSError:
        return Problem("E008", {"path": str(path)})
    return Problem("E009", {"path": str(path)}) if mode & 0o077 else None


def _clock(now: datetime) -> Problem | None:
    return Problem("E013", {"now": now.date().isoformat()}) if now < EARLIEST_CLOCK else None


def _time_zone(name: str) -> Problem | None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return Problem("E014", {"name": name})
    return None


def _sqlite() -> Problem | None:
    unfit = Problem("E015", {"version": sqlite3.sqlite_version})
    if sqlite3.sqlite_version_info < LEAST_SQLITE:
        return unfit
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize='trigram', detail=none)")
    except sqlite3.OperationalError:
        return unfit
    finally:
        connection.close()
    return None


def _evidence(path: Path) -> Problem | None:
    """Acts are looked at once in years: a damaged store has to be heard of before."""
    if not path.is_file() or not path.stat().st_size:
        return None  # the next start makes it
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as store:
            application = store.execute("PRAGMA application_id").fetchone()[0]
            whole = store.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
    except PermissionError:
        return None  # said by the folder's own check
    except sqlite3.Error:
        whole, application = False, 0
    return None if whole and application == EVIDENCE_ID else Problem("evidence_damaged")


def _port(listen: str, port: int) -> Problem | None:
    family = socket.AF_INET6 if ":" in listen else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the server itself does: a port in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listen, port))
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                return Problem("E011", {"address": listen})
            if error.errno == errno.EACCES:
                return Problem("E020", {"port": port})
            return Problem("E019", {"address": listen, "port": port})
    return None
