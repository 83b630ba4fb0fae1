"""How the process of a plugin is started: as whom, with what it may read, and nothing else."""

import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Final

import msgspec
import pluggy

from appliance.errors import Unavailable
from appliance.plugin_api import walls
from appliance.plugin_api.manifest import Limits

ROOT: Final = Path(__file__).parents[2]
"""Where the package `appliance` lies."""

NEEDED: Final = frozenset({walls.FILES, walls.CALLS, walls.LIMITS})
"""Without these a plugin is not run: see ADR 0012."""

FIRST_UID: Final = 1_900_000_000
"""Users of plugins: from a range that systemd and distributions leave unused."""

_BOOT: Final = (
    "import sys; sys.path += sys.argv[2:]; import appliance; sys.path.remove(sys.argv[2]); "
    "from appliance.plugin_api.child import main; main()"
)
"""The folder of `appliance` may hold other things, in a checkout: it is looked into but once."""

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
        private: Path,
    ) -> None:
        self.process = process
        self.line = line
        self.way_out = way_out
        self._private = private

    def clear(self) -> None:
        """Close what is ours of it and delete its private folder; the process has ended."""
        self.line.close()
        self.way_out.close()
        shutil.rmtree(self._private, ignore_errors=True)


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


def start(name: str, folder: Path, limits: Limits) -> Started:
    """Start the process of one plugin; it raises its walls before it looks at the folder.

    Raises:
        OSError: no process could be started.
    """
    line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    way_out, their_way_out = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    private = Path(tempfile.mkdtemp(prefix="korobka-plugin-"))
    uid = _own_user(name)
    code = folder.resolve()
    if uid is not None:
        code = _handed_over(private, code, uid)
    order = walls.Order(
        line=theirs.fileno(),
        way_out=their_way_out.fileno(),
        folder=str(code),
        private=str(private / "own" if uid is not None else private),
        readable=readable(),
        memory_mb=limits.memory_mb,
        files=limits.files,
        uid=uid,
        parent=os.getpid(),
    )
    try:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
            [
                sys.executable,
                "-I",
                "-S",
                "-c",
                _BOOT,
                msgspec.json.encode(order).decode(),
                str(ROOT),
                *packages(),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # a traceback could quote a person
            pass_fds=(theirs.fileno(), their_way_out.fileno()),
            env=_surroundings(order.private),
            cwd="/",
            start_new_session=True,
        )
    except BaseException:
        for end in (line, way_out):
            end.close()
        shutil.rmtree(private, ignore_errors=True)
        raise
    finally:
        theirs.close()
        their_way_out.close()
    line.setblocking(False)
    way_out.setblocking(False)
    return Started(process, line, way_out, private)


def _surroundings(private: str) -> dict[str, str]:
    """Two arenas of the C library's allocator are enough, and what is freed goes back early."""
    return {
        "LANG": "C.UTF-8",
        "TMPDIR": private,
        "HOME": private,
        "PYTHONDONTWRITEBYTECODE": "1",
        "MALLOC_ARENA_MAX": "2",
        "MALLOC_TRIM_THRESHOLD_": "131072",
    }


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


def _handed_over(private: Path, code: Path, uid: int) -> Path:
    """A copy of the plugin's code that its user can read: the data folder is closed to it."""
    private.chmod(0o711)
    (private / "own").mkdir(mode=0o700)
    os.chown(private / "own", uid, uid)
    copy = private / "code"
    shutil.copytree(code, copy, symlinks=True)
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)
    return copy
