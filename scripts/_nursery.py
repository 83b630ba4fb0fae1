"""A parent whose children are servers: forks one per line of its input, prints its process id.

Python and the product are loaded once, so a box killed 300 times is back within some tenths of a
second each time. The child runs the same `korobka serve` as an installed box.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import traceback
from pathlib import Path
from typing import IO


class Nursery:
    """The parent process, seen from outside.

    Args:
        data: the data folder that every child serves.
        log: what the children write.
    """

    def __init__(self, data: Path, log: Path) -> None:
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "scripts._nursery", str(data)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
            )
        self.pid = 0

    def begin(self) -> int:
        """Fork a server and return its process id; it is not ready yet."""
        asked, told = self._pipes()
        asked.write(b"\n")
        asked.flush()
        self.pid = int(told.readline())
        return self.pid

    def end(self, number: signal.Signals, wait: float = 60.0) -> bool:
        """Signal the child and wait until it is gone; false if it was gone before.

        Raises:
            TimeoutError: it did not end.
        """
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return False
        try:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, number)
            if not select.select([handle], [], [], wait)[0]:
                raise TimeoutError(f"process {self.pid} does not end")
        finally:
            os.close(handle)
        return True

    @property
    def is_alive(self) -> bool:
        """Whether the child runs."""
        return Path(f"/proc/{self.pid}").exists()

    def close(self) -> None:
        """End the parent; its child is ended before."""
        if self.pid and self.is_alive:
            self.end(signal.SIGKILL)
        self._pipes()[0].close()
        self._process.wait(30)

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the nursery has no pipes")
        return process.stdin, process.stdout


def _raise_children(data: Path) -> None:
    from appliance.cli import serving as verb  # noqa: PLC0415 - the point of it: loaded once, by the parent
    from appliance.cli.answers import Common  # noqa: PLC0415

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin.buffer:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(2, 1)
            with open(os.devnull) as nothing:  # noqa: PTH123 - a device
                os.dup2(nothing.fileno(), 0)
            try:
                verb.serve(common=Common(data=data))
            except BaseException:  # noqa: BLE001 - the child must never go on as the parent
                traceback.print_exc()
            sys.stderr.flush()
            os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    _raise_children(Path(sys.argv[1]))
