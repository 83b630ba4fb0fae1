"""Keeps the box running where no systemd does: starts it again after a crash.

`python -m appliance.cli.supervisor CONFIG` is the background process. It holds a lock on
`run/supervisor.lock` for as long as it lives, with its process id inside: a leftover file of a
machine that lost power names nobody, because nobody holds its lock.
"""

import fcntl
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from appliance import config as settings
from appliance.config import Config
from appliance.errors import HouseError

STOP_SECONDS = 30  # open requests and the last group commit are done long before
KILL_SECONDS = 5
STEADY_SECONDS = 60  # having run so long, the next crash is a new story
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1, 60
LOG_BYTES = 10 * 1024 * 1024
UNFIT = (
    5  # `appliance.cli.answers.UNFIT`: settings or folder are wrong, another try changes nothing
)


def start(config: Config) -> "subprocess.Popen[bytes]":
    """Start the background process.

    It writes to `logs/korobka.log`. Whether the box then answers is asked by `status`.

    Raises:
        HouseError: `already_running`.
    """
    if holder(config) is not None:
        raise HouseError("already_running", path=str(config.data))
    log = _log(config)
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-P", "-m", "appliance.cli.supervisor", str(config.file)],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        cwd="/",
        umask=0o077,
    )
    os.close(log)
    return process


def stop(config: Config) -> None:
    """Ask the background process to end, and wait until it has.

    Raises:
        HouseError: `not_running`, or `will_not_stop` after `STOP_SECONDS` and a kill.
    """
    pid = holder(config)
    if pid is None:
        raise HouseError("not_running")
    try:
        handle = os.pidfd_open(pid)
        signal.pidfd_send_signal(handle, signal.SIGTERM)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise HouseError("no_access") from error
    try:
        if not select.select([handle], [], [], STOP_SECONDS + 2 * KILL_SECONDS)[0]:
            raise HouseError("will_not_stop", pid=pid)
    finally:
        os.close(handle)


def holder(config: Config) -> int | None:
    """The process id of the background process of this data folder, if it lives."""
    try:
        handle = os.open(config.run / "supervisor.lock", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise HouseError("no_access") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.read(handle, 20).decode()
        return int(text) if text.strip().isdigit() else None
    finally:
        os.close(handle)
    return None


class Supervisor:
    """One background process and its one child at a time."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._stopping = False
        self._wake, sender = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(sender)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked_to_stop)

    def run(self) -> int:
        """Keep a child running until asked to stop; return the exit code to end with."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            began = time.monotonic()
            code = self._run_once()
            if self._stopping or code in {0, UNFIT}:
                return 0 if self._stopping else code
            if time.monotonic() - began > STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            print(f"supervisor: the box ended with {code}, again in {pause} s", flush=True)
            if self._waited(pause):
                return 0
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _run_once(self) -> int:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [
                sys.executable,
                "-P",
                "-m",
                "appliance.cli",
                "serve",
                "--config",
                str(self._config.file),
            ],
            stdin=subprocess.DEVNULL,
        )
        handle = os.pidfd_open(child.pid)
        try:
            while not self._stopping:
                ready, _, _ = select.select([handle, self._wake], [], [])
                if handle in ready:
                    return child.wait()
                os.read(self._wake, 64)
            child.terminate()
            if not select.select([handle], [], [], STOP_SECONDS)[0]:
                child.kill()
            return child.wait(KILL_SECONDS)
        finally:
            os.close(handle)

    def _waited(self, seconds: float) -> bool:
        """Pause; True when asked to stop meanwhile."""
        if not self._stopping:
            select.select([self._wake], [], [], seconds)
        return self._stopping

    def _asked_to_stop(self, number: int, frame: object) -> None:
        self._stopping = True


def log_file(config: Config) -> Path:
    """Where the background process and its box write what they have to say."""
    return config.data / "logs" / "korobka.log"


def _log(config: Config) -> int:
    """Open the log for appending; a long one is put aside first, one is kept."""
    path = log_file(config)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def keep(config: Config) -> int:
    """Be the background process of this folder; return the exit code to end with."""
    config.run.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(config.run / "supervisor.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("supervisor: another one holds this data folder", flush=True)
        return 1
    os.ftruncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    return Supervisor(config).run()


if __name__ == "__main__":
    sys.exit(keep(settings.load(Path(sys.argv[1]))))
