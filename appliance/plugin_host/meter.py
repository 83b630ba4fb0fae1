"""What a plugin's process uses, and how its share of the processor is kept.

The kernel's own limit is of seconds altogether, after which a process is ended: of no use for
one that lives for months. So the share is kept by pausing the process (SIGSTOP) for as long as
it was over it; niceness has it give way to the box besides.
"""

import os
import re
import signal
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_RESIDENT: Final = re.compile(rb"^(VmHWM|VmRSS|RssFile):\s*(\d+) kB$", re.MULTILINE)

LONGEST_PAUSE: Final = 2.0
"""Seconds; calls of a paused plugin wait."""


class Usage(msgspec.Struct, frozen=True):
    """What a process used.

    Attributes:
        cpu: seconds so far.
        rss: bytes that are resident.
        peak: bytes of its own, without code of libraries, that were resident at once at most.
    """

    cpu: float
    rss: int
    peak: int = 0


def usage(pid: int) -> Usage | None:
    """What a process used; None when it is gone."""
    folder = Path(f"/proc/{pid}")
    try:
        # The name in brackets may hold anything; user and system time are the 14th and 15th field.
        rest = (folder / "stat").read_bytes().rpartition(b")")[2].split()
        status = (folder / "status").read_bytes()
        cpu = (int(rest[11]) + int(rest[12])) / _TICKS
    except (OSError, IndexError):
        return None
    kilobytes = {name: int(value) for name, value in _RESIDENT.findall(status)}
    if b"VmRSS" not in kilobytes:
        return None  # ended, and not waited for yet
    peak = kilobytes.get(b"VmHWM", 0) - kilobytes.get(b"RssFile", 0)
    return Usage(cpu, kilobytes[b"VmRSS"] << 10, peak << 10)


def starved(pid: int) -> float:
    """Seconds that a process was ready to run and had to wait for a processor; 0 when gone.

    Its first thread's, which is where a plugin's loop runs: proc(5), `schedstat`, the second field.
    """
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_bytes().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


class Share:
    """Keeps one process at its share of a processor."""

    def __init__(self, pid: int, percent: int) -> None:
        self._pid = pid
        self._share = percent / 100
        self._cpu = 0.0
        self._resume = 0.0
        self.percent = 0.0
        self.paused = 0.0

    @property
    def is_paused(self) -> bool:
        """Whether the process is stopped now."""
        return self._resume > 0

    def tick(self, found: Usage, seconds: float) -> float:
        """Look at what was used since the last time; pause or let run.

        Args:
            found: what is used so far.
            seconds: since the last look.

        Returns:
            after how many seconds to look again.
        """
        used = found.cpu - self._cpu
        self._cpu = found.cpu
        if self._resume:
            self._signal(signal.SIGCONT)
            self._resume = 0.0
            return 1.0
        self.percent = 0.7 * self.percent + 0.3 * (100 * used / max(seconds, 0.001))
        over = used / self._share - seconds
        # A tick of the clock more or less is no trespass.
        if over <= 0.05:
            return 1.0
        self._resume = min(over, LONGEST_PAUSE)
        self.paused += self._resume
        self._signal(signal.SIGSTOP)
        return self._resume

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._pid, number)


def size(folder: Path) -> int:
    """Bytes that the files of a folder take on the disk."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += path.stat(follow_symlinks=False).st_blocks * 512
    return total
