"""How long work will take, from how fast it went while somebody watched."""

import time
from collections.abc import Callable
from typing import Final

from tui.texts import _

BAR: Final = 30
SURE: Final = 0.05
"""Share of a step from which the rest can be guessed."""


class Pace:
    """Remembers where the work was when it was first seen."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._what = ""
        self._since = 0.0
        self._first = 0

    def see(self, what: str, done: int) -> None:
        """Note where it is; other work, or the same begun anew, is timed from here."""
        if what != self._what or done < self._first:
            self._what, self._since, self._first = what, self._clock(), done

    def left(self, done: int, total: int) -> str:
        """The time that is left, in words; empty while nobody can say."""
        passed, gone = self._clock() - self._since, done - self._first
        if gone <= 0 or passed <= 0 or done >= total:
            return ""
        seconds = int(passed * (total - done) / gone)
        if seconds < 60:
            return _("осталось меньше минуты")
        return _("осталось около %(minutes)d мин") % {"minutes": round(seconds / 60)}


def bar_of(done: int, total: int) -> str:
    """Markup of a bar and its percent."""
    full = min(BAR, done * BAR // max(total, 1))
    percent = min(100, done * 100 // max(total, 1))
    return f"[$accent]{'█' * full}[/][$text-2]{'░' * (BAR - full)}[/] {percent:3} %"


def left_of(done: int, total: int, seconds: int) -> str:
    """How long the step will go on at the pace so far."""
    if seconds < 2 or done < total * SURE or done >= total:
        return ""
    rest = max(1, round(seconds * (total - done) / done))
    if rest < 60:
        return ", " + _("осталось %(num)d с") % {"num": rest}
    return ", " + _("осталось %(num)d мин") % {"num": -(-rest // 60)}
