"""Carries out an update, or leads one to its end, and dies where it is told to."""

import inspect
import os
import signal
import sys
from pathlib import Path
from typing import Any

from appliance.storage import schemas
from scripts._cut import cut
from tests.fault.update_house import NEW, FolderMachine, make, note, update_of
from updates import server
from updates.place import Place

SERVER = {  # killed by half: before the server says that it has done it, or right after
    "keep.half": (schemas, "copy"),
    "keep.server": (server, "keep"),
    "return.half": (schemas, "exchange"),
    "return.server": (server, "put_back"),
}
home, what, where = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
place = Place(home / "prefix", home / "data", is_service=False)


def reached(point: str) -> None:
    """Here the power goes."""
    if point != where:
        return
    if "cut" in sys.argv:
        cut(home)
    os.kill(os.getpid(), signal.SIGKILL)


def dies_after(place_of: Any, name: str) -> None:
    """Carry it out, then die."""
    does = getattr(place_of, name)

    async def slowly(*args: Any, **more: Any) -> None:
        await does(*args, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    def at_once(*args: Any) -> None:
        does(*args)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(place_of, name, slowly if inspect.iscoroutinefunction(does) else at_once)


if where in SERVER:
    dies_after(*SERVER[where])
machine = FolderMachine(place, sys.argv[4] if len(sys.argv) > 4 else "")
update = update_of(place, machine, reached)
if what == "recover":
    update.recover()
else:
    update.carry_out(note(), lambda asked: make(place, asked))
    assert place.in_use == NEW
