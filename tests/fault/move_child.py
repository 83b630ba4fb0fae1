"""Moves a box to a server and dies where it is told to: `home url code where`."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from appliance import config as settings
from appliance.boot import moved
from appliance.config import Config
from backups import move

home, url, code, where = Path(sys.argv[1]), *sys.argv[2:5]
FUNCTIONS: dict[str, tuple[Any, str]] = {
    "noted": (moved, "begin"),
    "named": (move, "_switch"),
    "placed": (moved, "_take_place"),
    "aside": (moved, "_put_aside"),
}
"""What is carried out before the power goes."""


def die() -> None:
    """As a machine that loses its power: nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


def dies_after(module: Any, name: str) -> None:
    """Have a function carried out, and then nothing any more."""
    does: Callable[..., Any] = getattr(module, name)

    def at_once(*args: Any) -> None:
        does(*args)
        die()

    async def later(*args: Any) -> None:
        await does(*args)
        die()

    setattr(module, name, later if name == "_take_place" else at_once)


def tell(step: str, done: int, total: int) -> None:
    """Die in the step that is named; in the middle of one that has a middle."""
    if step.partition(" ")[0] == where and (total == 1 or 2 * done >= total):
        die()


if where in FUNCTIONS:
    dies_after(*FUNCTIONS[where])
config: Config = settings.load(home / "data", {})
move.move(move.Asked(config, url, lambda vault: vault.unlock_with_code(code)), tell)
