"""How the process of a plugin is started: as whom, with what it may read, and nothing else."""

import os
import socket
import subprocess
import sys
import sysconfig
import zlib
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
import pluggy

from appliance.errors import Unavailable
from appliance.plugin_api import walls
from appliance.plugin_api.manifest import Limits
from appliance.plugin_host.copies import Copy

ROOT: Final = Path(__file__).parents[2]
"""Where the package `appliance` lies."""

NEEDED: Final = frozenset({walls.FILES, walls.CALLS, walls.LIMITS})
"""Without these a plugin is not run: see ADR 0012."""

FIRST_UID: Final = 1_900_000_000
"""Users of plugins: from a range that systemd and distributions leave unused."""

STARTING: Final = 5
"""Niceness of an interpreter that starts, which takes 0.2 s of a processor: it gives way to pages,
and is up in time on a busy machine all the same. Its walls make it 15."""

_BOOT: Final = (
    "import sys; sys.path += sys.argv[2:]; import appliance; sys.path.remove(sys.argv[2]); "
    "sys.modules.update(dict.fromkeys(('ssl', 'click', 'h2'))); "
    "import asyncio; del sys.modules['ssl']; "
    "from appliance.plugin_api.child import main; main()"
)
"""The folder of `appliance` may hold other things, in a checkout: it is looked into but once.

asyncio does without `ssl` where that cannot be imported, which saves 5 MB of each plugin; the one
that wants it gets it from `plugin_api/http.py`. httpx would load its command line, with the
libraries of colours under it, where `click` is: 12 MB.
"""

_SYSTEM: Final = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/etc/ld.so.cache",
    "/etc/ssl/openssl.cnf",
    "/etc/ssl/certs",
    "/usr/share/ca-certificates",
    "/usr/share/zoneinfo",
    "/etc/localtime",
    "/dev/urandom",
)


_SURROUNDINGS: Final = {
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    # Two arenas of the C library's allocator are enough, and what is freed goes back early.
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_TRIM_THRESHOLD_": "131072",
}


class Started:
    """A process that was started.

    Attributes:
        line: our end of the socket pair; non-blocking.
        way_out: our end of the socket over which it asks for connections; non-blocking.
    """

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        line: socket.socket,
        way_out: socket.socket,
        copy: Copy | None,
    ) -> None:
        self.process = process
        self.line = line
        self.way_out = way_out
        self._copy = copy

    def clear(self) -> None:
        """Close what is ours of it; the process has ended."""
        self.line.close()
        self.way_out.close()
        if self._copy is not None:
            self._copy.drop()


def packages() -> tuple[str, ...]:
    """Folders that the process imports third-party packages from."""
    ours = {str(Path(module.__file__ or "").parents[1]) for module in (msgspec, pluggy)}
    return tuple(sorted(ours))


def readable() -> tuple[str, ...]:
    """What every plugin may read: the interpreter, its packages, certificates, time zones."""
    found = (
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("platstdlib"),
        str(Path(sys.base_prefix) / "lib"),
        *packages(),
        str(ROOT / "appliance"),
    )
    real = dict.fromkeys(str(Path(path).resolve()) for path in (*found, *_SYSTEM))
    return tuple(real)


def refuse_inside(data: Path) -> None:
    """See that the data folder is in no folder that plugins may read.

    Raises:
        Unavailable: `cage_data_inside`.
    """
    inside = data.resolve()
    if any(inside.is_relative_to(path) for path in readable()):
        raise Unavailable("cage_data_inside")


def start(name: str, folder: Path, limits: Limits, spool: Path | None = None) -> Started:
    """Start the process of one plugin; it raises its walls before it looks at the folder.

    Args:
        name: of the plugin.
        folder: of its code.
        limits: of its manifest.
        spool: the folder it may write to, where its limits ask for one.

    Raises:
        OSError: no process could be started.
    """
    line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    way_out, their_way_out = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    # Whoever keeps files has to stay the box's user: the data folder is closed to any other.
    uid = None if spool else _own_user(name)
    copy = None if uid is None else Copy(folder)
    order = walls.Order(
        line=theirs.fileno(),
        way_out=their_way_out.fileno(),
        folder=str(copy.path if copy else folder.resolve()),
        spool=str(spool.resolve()) if spool else "",
        readable=readable(),
        memory_mb=limits.memory_mb,
        disk_mb=limits.disk_mb if spool else 0,
        files=limits.files,
        uid=uid,
        parent=os.getpid(),
    )
    try:
        process = _process(order, (theirs.fileno(), their_way_out.fileno()))
    except BaseException:
        line.close()
        way_out.close()
        if copy is not None:
            copy.drop()
        raise
    finally:
        theirs.close()
        their_way_out.close()
    line.setblocking(False)
    way_out.setblocking(False)
    return Started(process, line, way_out, copy)


def _process(order: walls.Order, descriptors: tuple[int, ...]) -> "subprocess.Popen[bytes]":
    words = [msgspec.json.encode(order).decode(), str(ROOT), *packages()]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-I", "-S", "-c", _BOOT, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # a traceback could quote a person
        pass_fds=descriptors,
        env=_SURROUNDINGS,
        cwd="/",
        start_new_session=True,
    )
    with suppress(OSError):
        niceness = max(STARTING, os.getpriority(os.PRIO_PROCESS, process.pid))
        os.setpriority(os.PRIO_PROCESS, process.pid, niceness)
    return process


def _own_user(name: str) -> int | None:
    """A user for the plugin, where the box runs as root and others may read the interpreter."""
    needed = (sys.executable, *readable())
    if os.geteuid() != 0 or not _open_to_all(needed):
        return None
    return FIRST_UID + zlib.crc32(name.encode()) % 100_000_000


def _open_to_all(paths: Collection[str]) -> bool:
    """Whether somebody who is nobody can get at all of these that exist."""
    for path in paths:
        real = Path(path).resolve()
        if not real.exists():
            continue
        if not real.stat().st_mode & 0o004:
            return False
        if not all(parent.stat().st_mode & 0o001 for parent in real.parents):
            return False
    return True
