"""Carries out an update, or leads one to its end, and dies where it is told to."""

import os
import signal
import sys
from pathlib import Path

from scripts._cut import cut
from tests.fault.update_house import NEW, FolderMachine, make, note, update_of
from updates.place import Place

home, what, where = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
place = Place(home / "prefix", home / "data", is_service=False)


def reached(point: str) -> None:
    """Here the power goes."""
    if point != where:
        return
    if "cut" in sys.argv:
        cut(home)
    os.kill(os.getpid(), signal.SIGKILL)


machine = FolderMachine(place, sys.argv[4] if len(sys.argv) > 4 else "")
update = update_of(place, machine, reached)
if what == "recover":
    update.recover()
else:
    update.carry_out(note(), lambda asked: make(place, asked))
    assert place.in_use == NEW
