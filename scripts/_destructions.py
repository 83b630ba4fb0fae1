"""Destructions of persons that are killed, or whose disk loses its power, at every step.

The house and its worker are those of `tests/fault/destruction_child.py`. Afterwards: whoever was
to be destroyed is, every order is there with its sum, a key once destroyed never comes back, and
what a law keeps of one of them is kept once and can be read.
"""

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

from scripts._tally import Tally
from tests.fault.destruction_child import STEPS

ROOT: Final = Path(__file__).resolve().parent.parent
PEOPLE: Final = 4
"""Of whom one has orders, a deal, tasks, letters, a file."""

AFTER_KEY: Final = STEPS[STEPS.index("key") :]


class House(NamedTuple):
    """A house whose people wait for their end.

    Attributes:
        folder: holds it.
        ms: what its machine ran.
        orders: numbers and sums before.
    """

    folder: Path
    ms: str
    orders: list[list[int]]

    def child(self, verb: str, step: str) -> "subprocess.Popen[str]":
        """A process that goes on with the work."""
        return _child(self.folder, verb, step, self.ms)


def prepared(folder: Path, people: int) -> House:
    """Make it."""
    ms = _asked(folder, "prepare", str(people)).strip()
    return House(folder, ms, look(folder)["orders"])


def look(folder: Path) -> dict[str, Any]:
    """What there is."""
    return json.loads(_asked(folder, "look"))


def kills(folder: Path, count: int, seed: int) -> Tally:
    """Kill the worker so often at random moments of its work."""
    chance = random.Random(seed)  # noqa: S311 - moments must repeat by their seed
    tally = Tally()
    while count > 0:
        house = prepared(folder, PEOPLE)
        whole = 0.3  # seconds of work, as a beginning
        while look(folder)["ledger"] < PEOPLE and count > 0:
            child = house.child("run", "")
            began = time.monotonic()
            _begun(child)
            try:
                child.wait(chance.uniform(0, whole))
                whole = max(0.05, time.monotonic() - began)
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
                child.wait()
            count -= 1
            tally.kills["destruction"] = tally.kills.get("destruction", 0) + 1
        tally.torn += _wrong(house, "kills")
    return tally


def cuts(title: str, folder: Path, plug_in: Callable[[], None]) -> bool:
    """Cut the power after every step, on a disk that is mounted at `folder`; true: all is well."""
    house = prepared(folder, 1)
    subprocess.run(["sync"], check=True)
    torn = 0
    for step in STEPS:
        child = house.child("cut", step)
        told = child.communicate()[0]
        plug_in()
        if child.returncode != -signal.SIGKILL:
            print(f"{title}: WRONG it did not die at {step}: {told[-200:]!r}")
            return False
        if step in AFTER_KEY and look(folder)["ledger"] != 1:
            print(f"{title}: WRONG after {step} the key is back")
            torn += 1
    torn += _wrong(house, title)
    print(f"{title}: {len(STEPS)} cuts, {torn} torn; {'all is well' if not torn else 'WRONG'}")
    return not torn


def _wrong(house: House, title: str) -> int:
    """Let the work end, then look; how much is not as it must be."""
    ended = house.child("run", "")
    told = ended.communicate(timeout=120)[0]
    found = look(house.folder)
    people = len(found["states"]) - 1  # one more for what a law keeps of the first of them
    good = (
        ended.returncode == 0
        and sorted(found["states"]) == ["closed"] * people + ["held"]
        and found["kept"] == [True]
        and (found["cells"], found["ledger"]) == (0, people)
        and found["orders"] == house.orders
    )
    if not good:
        print(f"  WRONG {title}: {told[-200:]!r} {found}", flush=True)
    return 0 if good else 1


def _begun(child: "subprocess.Popen[str]") -> None:
    if child.stdout is None or child.stdout.readline() != "begins\n":
        raise SystemExit("fault: a destruction did not begin")


def _child(folder: Path, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.fault.destruction_child", str(folder), *words],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _asked(folder: Path, *words: str) -> str:
    child = _child(folder, *words)
    told = child.communicate()[0]
    if child.returncode:
        raise SystemExit(f"fault: {words[0]} of a destruction: {told[-500:]}")
    return told
