"""A terminal of 80 columns and 24 rows in tmux: keys in, a screen out, waiting for words."""

import os
import shlex
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

COLUMNS, ROWS = 80, 24
WAIT_SECONDS = 240.0
"""A machine with everything else on it; who waits for what never comes waits so long once."""

AT_WORK = {"R", "D"}
"""States of a thread that has something to do, be it waiting for a processor or for the disk."""


class Terminal:
    """One tmux server of its own, so that nobody's sessions are in the way."""

    def __init__(self, name: str) -> None:
        self._name, self._runs = f"korobka-{os.getpid()}-{name}", 0
        self.seen = ""

    @property
    def _server(self) -> str:
        """One server a run: the one before may still be on its way out."""
        return f"{self._name}-{self._runs}"

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self._server, "-f", "/dev/null", *words],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"},
        )
        assert done.returncode == 0 or words[0] == "kill-server", (words, done.stderr)
        return done.stdout

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a program in a fresh window of 80x24."""
        self._tmux("kill-server")
        self._runs += 1
        words = [f"{name}={value}" for name, value in environment.items()]
        line = shlex.join(["env", *words, *command])
        self._tmux("new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), f"{line}; cat")

    def screen(self) -> str:
        """What a person sees now."""
        self.seen = self._tmux("capture-pane", "-p")
        return self.seen

    def until(self, *words: str, times: int = 1) -> str:
        """Wait until the screen shows all of this, each so many times; the screen."""
        until, pause = time.monotonic() + WAIT_SECONDS, threading.Event()
        while time.monotonic() < until:
            shown = self.screen()
            if all(shown.count(word) >= times for word in words):
                return shown
            pause.wait(0.05)
        raise AssertionError(f"{words} never came to be seen:\n{self.seen}")

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names: `F8`, `Enter`, `Tab`, `Down`, `BSpace`.

        After each the screen has to change, be it the place of the cursor only: a key that is
        pressed before the one before was understood goes to the wrong field.
        """
        for key in keys:
            before = self._still()
            self._tmux("send-keys", key)
            self._changed(key, before)

    def _still(self) -> str:
        """The screen when it has come to rest: a dialog that opens has no focus at first.

        A screen that stands still says little on a busy machine, where the program may wait for
        its turn to draw: it has to have nothing left to do as well.
        """
        until, pause = time.monotonic() + WAIT_SECONDS, threading.Event()
        before, shown = "", self._tmux("capture-pane", "-p", "-e")
        while (before != shown or self._works()) and time.monotonic() < until:
            pause.wait(0.12)
            before, shown = shown, self._tmux("capture-pane", "-p", "-e")
        return shown

    def _works(self) -> bool:
        """Whether a thread of the program in the window has something to do."""
        shell = self._tmux("display-message", "-p", "#{pane_pid}").strip()
        children = _read(Path("/proc") / shell / "task" / shell / "children").split()
        states = [
            _read(stat).rpartition(")")[2].split()[:1]
            for one in children
            for stat in (Path("/proc") / one / "task").glob("*/stat")
        ]
        return any(state and state[0] in AT_WORK for state in states)

    def _changed(self, key: str, before: str) -> None:
        until, pause = time.monotonic() + WAIT_SECONDS, threading.Event()
        while self._tmux("capture-pane", "-p", "-e") == before:
            assert time.monotonic() < until, f"{key} changed nothing:\n{self.screen()}"
            pause.wait(0.02)

    def type(self, text: str, *, secret: bool = False) -> None:
        """Type letters, and wait until they stand there: nobody presses the next key before."""
        self._tmux("send-keys", "-l", "--", text)
        self.until("•" * len(text) if secret else text)

    def end(self) -> None:
        """Close it."""
        self._tmux("kill-server")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:  # it has ended meanwhile
        return ""


class Album:
    """Screens kept as text, so that a change of them is seen in a review.

    What differs between two runs is written as dots of the same length.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0

    def keep(self, name: str, shown: str, *, hide: Sequence[str] = ()) -> None:
        """Write a screen into the folder."""
        self._number += 1
        for one in hide:
            shown = shown.replace(one, "·" * len(one))
        text = "\n".join(line.rstrip() for line in shown.splitlines()).rstrip() + "\n"
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{self._number:02}-{name}.txt"
        path.write_text(text, encoding="utf-8")
