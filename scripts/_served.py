"""A box that serves, in processes of its own: started, measured, stopped or killed."""

import os
import select
import signal
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from appliance.config import Config

TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
POLL_SECONDS = 0.01
OWN_COMMAND = (sys.executable, "-m", "appliance.cli")


class NotServing(Exception):
    """The box ended, or gave no page in time; the text is the end of its log."""


class Served:
    """One server of one box, in the foreground of a child process.

    Attributes:
        process: the child.
        log: where it writes.
    """

    def __init__(
        self, config: Config, command: Sequence[str] = OWN_COMMAND, log: Path | None = None
    ) -> None:
        self._config = config
        self._command = command
        self.log = log or config.data / "logs" / "korobka.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, wait: float = 60.0, page: str = "/login") -> float:
        """Start it and wait for its first page; return how many seconds that took.

        Raises:
            NotServing: it ended, or gave no page in time.
        """
        self.log.parent.mkdir(mode=0o700, exist_ok=True)
        began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self._command, "serve", "--data", str(self._config.data)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        trust, pause = self.trust(), threading.Event()
        while not self._gives(page, trust):
            if self.process.poll() is not None or time.monotonic() - began > wait:
                raise NotServing(self.log.read_text(encoding="utf-8", errors="replace")[-3000:])
            pause.wait(POLL_SECONDS)
        return time.monotonic() - began

    def trust(self) -> ssl.SSLContext:
        """A context that trusts the authority of this box and nobody else."""
        return ssl.create_default_context(cafile=str(self._config.tls / "ca.pem"))

    def _gives(self, page: str, trust: ssl.SSLContext) -> bool:
        try:
            with urllib.request.urlopen(  # noqa: S310 - our own https address
                f"{self._config.local_address.rstrip('/')}{page}", context=trust, timeout=5
            ) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def stop(self, wait: float = 60.0) -> int:
        """Ask it to end and wait until it has; return its exit code."""
        process = self._running()
        process.send_signal(signal.SIGTERM)
        return process.wait(wait)

    def kill(self) -> None:
        """End all of its processes at once, as a power cut does to them."""
        process = self._running()
        for pid in tree(process.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        process.wait(30)

    def cpu_seconds(self) -> float:
        """User and system time of all its processes, ended children included."""
        return sum(_cpu(pid) for pid in tree(self._running().pid))

    def rss_bytes(self) -> int:
        """Resident memory of all its processes."""
        return sum(_rss(pid) for pid in tree(self._running().pid))

    def quiet(self, seconds: float = 3.0, most: float = 60.0) -> None:
        """Wait until it has used hardly any processor for `seconds`."""
        ends = time.monotonic() + most
        before, pause = self.cpu_seconds(), threading.Event()
        while time.monotonic() < ends:
            pause.wait(seconds)
            now = self.cpu_seconds()
            if now - before < 0.05 * seconds:
                return
            before = now

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None:
            raise RuntimeError("the box was not started")
        return self.process


def tree(root: int) -> list[int]:
    """A process and everything that came from it, parents first."""
    children: dict[int, list[int]] = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit() and (fields := _stat(int(place.name))):
            children.setdefault(int(fields[1]), []).append(int(place.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def wait_for_end(pid: int, seconds: float) -> bool:
    """Wait for any process to end."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the state on; nothing when the process is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()


def _cpu(pid: int) -> float:
    fields = _stat(pid)
    return sum(int(ticks) for ticks in fields[11:15]) / TICKS if fields else 0.0


def _rss(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[21]) * PAGE_BYTES if fields else 0
