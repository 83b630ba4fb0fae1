"""Updates that are killed, or whose power is cut, at every step: what was not synced is gone.

The installation is the small one of `tests/fault/update_house.py`, on a disk of its own; the steps
are the real ones. After each cut the disk is plugged in again and the update is led to its end: the
former release with its data byte for byte, or the new one; never half of one.
"""

import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import NamedTuple

from appliance.errors import HouseError
from scripts._tally import Tally
from tests.fault.update_house import (
    NEW,
    OLD,
    FolderMachine,
    databases,
    founded,
    is_new,
    left_beside,
    update_of,
)
from updates import journal
from updates.journal import RETURN, STEPS
from updates.place import Place

ROOT = Path(__file__).resolve().parent.parent
POINTS = [f"{step}.{end}" for step in STEPS for end in ("begun", "done")]
BACK = [RETURN, "return.restored", "return.switched"]
SERVER = ["keep.half", "keep.server", "return.half", "return.server"]


class Disk(NamedTuple):
    """How a disk of its own is mounted and plugged in again.

    Attributes:
        cut: the power goes with the process; otherwise only the process dies.
    """

    mounted: Callable[[], AbstractContextManager[None]]
    plug_in: Callable[[], None]
    cut: bool = True


def kills(folder: Path, count: int, seed: int, url: str = "") -> Tally:
    """Kill so many updates, each at one of the steps.

    Args:
        folder: an empty one.
        count: how many.
        seed: of the moments.
        url: of a PostgreSQL's database for the tables, which is emptied each time.
    """
    chance = random.Random(seed)  # noqa: S311 - moments must repeat by their seed
    tally = Tally()
    disk = Disk(nullcontext, lambda: None, cut=False)
    for _ in range(count):
        where = chance.choice([*POINTS, *BACK, *(SERVER if url else ())])
        end = _one(folder / "box", where, disk, url)
        tally.kills["update"] = tally.kills.get("update", 0) + 1
        if end.startswith("torn"):
            tally.torn += 1
            print(f"  WRONG update killed at {where}: {end}", flush=True)
    return tally


def everywhere(title: str, home: Path, disk: Disk) -> bool:
    """Cut at each point in turn; true when nothing was torn."""
    ends: Counter[str] = Counter()
    torn: list[str] = []
    with disk.mounted():
        for where in [*POINTS, *BACK]:
            end = _one(home / "box", where, disk)
            ends[end] += 1
            if end.startswith("torn"):
                torn.append(f"{where}: {end}")
    print(f"{title}: {'; '.join(f'{count} {end}' for end, count in sorted(ends.items()))}")
    return not torn and set(ends) == {"old", "new"}


def _one(home: Path, where: str, disk: Disk, url: str = "") -> str:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    place = founded(home, url)
    subprocess.run(["sync"], check=True)
    before = databases(place)
    breaks = "test" if where.startswith(RETURN) else ""
    words = [sys.executable, "-m", "tests.fault.update_child", str(home), "update", where, breaks]
    words += ["cut"] if disk.cut else []
    died = subprocess.run(words, cwd=ROOT, check=False, capture_output=True)
    if died.returncode != -signal.SIGKILL:
        return f"torn: it did not die: {died.stderr[-300:]!r}"
    disk.plug_in()
    machine = FolderMachine(place)
    machine.stop()  # a machine without power runs nothing
    try:
        update_of(place, machine).recover()
    except HouseError as error:
        return f"torn: {error.code}"
    return _state(place, before)


def _state(place: Place, before: dict[str, bytes]) -> str:
    if journal.read(place) is not None or left_beside(place):
        return "torn: something is left"
    if place.in_use == OLD:
        whole = databases(place) == before and (place.releases / OLD / "program").is_file()
        return "old" if whole else "torn: other data"
    program = place.releases / NEW / "program"
    if place.in_use == NEW and program.is_file() and program.read_text() == "2.0.0":
        return "new" if is_new(place) else "torn: old data"
    return "torn: no release"
