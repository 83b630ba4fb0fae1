"""The walls around a plugin, raised by its own process before any of its code is loaded.

The host's half (who may read what, as whom) is in `plugin_host/cage.py`; why these walls, and
what they do not stop, is in ADR 0012. A wall that this kernel cannot raise is left out and named
by its absence: the host decides whether what stands is enough.
"""

import ctypes
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from appliance.plugin_api import walls_calls, walls_files

FILES: Final = "files"
"""Landlock: nothing can be opened but what the order names."""

CALLS: Final = "calls"
"""seccomp: no sockets, processes, signals to others, changes of rights or of the system."""

IDENTITY: Final = "identity"
"""A user of its own."""

NETWORK: Final = "network"
"""A network namespace without an interface."""

LIMITS: Final = "limits"
"""Resource limits of the kernel."""

MIB: Final = 1 << 20

SPARE_ADDRESSES: Final = 512 * MIB
"""Address space beyond the memory granted: code of libraries and what is mapped but never used.

Python with httpx maps 45 MB and writes to 28 of them; glibc reserves 64 MB of addresses for each
arena of a thread. So memory is bounded by `RLIMIT_DATA`, which counts writable private pages,
and addresses only against tricks with shared mappings.
"""

NICENESS: Final = 15
"""One that never rests then takes 3 % of a processor that the box wants whole (36 of 1 060)."""

_NO_NEW_PRIVS: Final = 38
_SET_PDEATHSIG: Final = 1
_CLONE_NEWNET: Final = 0x40000000
_CLONE_NEWIPC: Final = 0x08000000
_CAPABILITY_VERSION: Final = 0x20080522


class Order(msgspec.Struct, frozen=True):
    """What the host orders of the process it starts.

    Attributes:
        line: descriptor of the socket to the host.
        way_out: descriptor over which connections are asked for, see `plugin_api/way_out.py`.
        folder: of the plugin's code.
        spool: a folder it may write to; empty for none.
        readable: files and folders it may read besides.
        memory_mb: of pages it writes to.
        disk_mb: of one file in that folder.
        files: descriptors.
        uid: user and group of its own, or None to stay who started it.
        parent: the host's process.
    """

    line: int
    way_out: int
    folder: str
    spool: str
    readable: tuple[str, ...]
    memory_mb: int
    disk_mb: int
    files: int
    uid: int | None
    parent: int


def stand(order: Order) -> tuple[str, ...]:
    """Raise every wall this kernel knows; give the names of those that stand.

    Raises:
        OSError: a user of its own was ordered and cannot be taken on.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    held = [LIMITS]
    if _cut_network(libc):
        held.append(NETWORK)
    _limit(order)
    if order.uid is not None:
        os.setgroups([])
        os.setresgid(order.uid, order.uid, order.uid)
        os.setresuid(order.uid, order.uid, order.uid)
        held.append(IDENTITY)
    _drop_capabilities(libc)
    libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    # After the change of users, which takes it back.
    libc.prctl(_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != order.parent:
        os._exit(0)
    if walls_files.stand(libc, (order.folder, *order.readable), order.spool):
        held.append(FILES)
    if walls_calls.stand(libc):
        held.append(CALLS)
    return tuple(held)


def _limit(order: Order) -> None:
    # Where the machine runs out of memory, the plugin goes and not the box.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    memory = order.memory_mb * MIB
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: order.disk_mb * MIB,
        resource.RLIMIT_NOFILE: order.files,
        resource.RLIMIT_DATA: memory,
        resource.RLIMIT_AS: memory + SPARE_ADDRESSES,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    if order.uid is not None:  # counted per user: as one with the box it would count the box's
        wanted[resource.RLIMIT_NPROC] = 64
    for limit, value in wanted.items():
        hard = resource.getrlimit(limit)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)  # noqa: PLW2901 - no more than is allowed to this process
        resource.setrlimit(limit, (value, value))
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)


def _cut_network(libc: Any) -> bool:
    """Leave for a namespace of its own; only root may, short of a namespace of users too."""
    return os.geteuid() == 0 and libc.unshare(_CLONE_NEWNET | _CLONE_NEWIPC) == 0


def _drop_capabilities(libc: Any) -> None:
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    libc.capset(header, (ctypes.c_uint32 * 6)())


def watch(order: Order, tell: Callable[[str], None]) -> None:
    """Report what runs against a wall, as a code and at most once a second each.

    This is for the journal only: the walls are the kernel's, and a plugin that silences this
    hook stays behind them all the same.
    """
    roots = tuple(path for path in (order.folder, order.spool, *order.readable, *sys.path) if path)
    last: dict[str, float] = {}

    def seen(event: str, arguments: tuple[Any, ...]) -> None:
        code = _against(event, arguments, roots)
        if code and time.monotonic() - last.get(code, -1.0) >= 1.0:
            last[code] = time.monotonic()
            tell(code)

    sys.addaudithook(seen)


_SELDOM: Final = {
    "os.fork": "wall.process",
    "os.forkpty": "wall.process",
    "os.exec": "wall.process",
    "os.posix_spawn": "wall.process",
    "os.system": "wall.process",
    "subprocess.Popen": "wall.process",
    "socket.connect": "wall.network",
    "socket.bind": "wall.network",
    "socket.getaddrinfo": "wall.network",
    "os.kill": "wall.signal",
    "os.chmod": "wall.rights",
    "os.chown": "wall.rights",
}


def _against(event: str, arguments: tuple[Any, ...], roots: tuple[str, ...]) -> str:
    if event in _SELDOM:
        return _SELDOM[event]
    if event in {"open", "os.listdir", "os.scandir"}:
        path = arguments[0]
        if isinstance(path, str) and os.path.isabs(path) and not path.startswith(roots):  # noqa: PTH117 - called for every file that is opened
            return "wall.file"
    return ""
