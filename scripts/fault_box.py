"""Kills, a full disk, a read-only folder, power cuts: `scripts/fault --kills 300`.

Ten clients send orders (each under its own external id) and move them while the server is killed
(-9) at random moments, also while it starts. Afterwards: every acknowledged order is there once
and where it was moved to, the log verifies and names every deed, the index equals one built anew,
the kept counters equal what is counted, every cell opens. Then the same with a disk that is full,
one that turns read-only under the running server, and one whose power is cut (what was not synced
is gone): mounts in a namespace of its own, for which the script must be root.
"""

import argparse
import asyncio
import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scripts import _box, _mounts
from scripts._trial import Trial, report
from tests.postgres import temporary_postgres

SOME = 200
"""Invented clients and orders that are there from the start."""

EARLY = 0.15
"""Share of the kills that come while the server starts."""


async def kill_often(trial: Trial, kills: int) -> None:
    """Kill the server `kills` times under load."""
    trial.load()
    for number in range(1, kills + 1):
        if trial.chance.random() < EARLY:
            trial.nursery.begin()
            await asyncio.sleep(trial.chance.random() * 0.5)
        else:
            await trial.start()
            await asyncio.sleep(trial.chance.random() ** 2 * 0.8)
        await trial.kill()
        if number % 25 == 0:
            print(f"  {number} kills; {trial.progress()}", flush=True)
    await trial.start()
    await trial.unload()
    await trial.kill()


def kills(count: int, seed: int, home: Path, postgres: str = "") -> bool:
    """The first trial."""
    box = _box.make(home, postgres=postgres)
    _box.fill(box, SOME, SOME)
    began = time.monotonic()

    async def run() -> Trial:
        trial = Trial(box, seed)
        try:
            await kill_often(trial, count)
        finally:
            trial.nursery.close()
        return trial

    trial = asyncio.run(run())
    return report(f"{count} kills in {time.monotonic() - began:.0f} s (seed {seed})", trial)


def disks(cuts: int) -> int:
    """Run the trials of `_mounts` in a namespace of their own; 0 when all is well."""
    alone = ["unshare", "--mount", "--propagation", "private"]
    if os.geteuid() != 0 or subprocess.run([*alone, "true"], check=False).returncode:
        print("full disk, read-only folder, power cuts: NOT TRIED, mounting needs root", flush=True)
        return _mounts.NOT_TRIED
    trials = [*alone, sys.executable, "-m", "scripts.fault_box", "--disks", f"--cuts={cuts}"]
    return subprocess.run(trials, check=False).returncode


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, prog="scripts/fault", formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--cuts", type=int, default=20, help="of the disk's power")
    parser.add_argument("--seed", type=int, default=0, help="0: another one each time")
    parser.add_argument("--postgres", action="store_true", help="kills on a temporary PostgreSQL")
    parser.add_argument("--no-disks", action="store_true", help="leave out what needs root")
    parser.add_argument("--sample", action="store_true", help="few kills, for every check")
    parser.add_argument("--disks", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--only", default="", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.disks:
        return _mounts.run(wanted.cuts, wanted.only)
    seed = wanted.seed or random.randrange(1, 10**9)  # noqa: S311 - a seed
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="korobka-fault-"))
        url = stack.enter_context(temporary_postgres(durable=True)) if wanted.postgres else ""
        good = kills(12 if wanted.sample else wanted.kills, seed, Path(folder) / "home", url)
    code = 0 if good else 1
    # What happens to a disk is tried with the database in the data folder.
    if not (wanted.no_disks or wanted.postgres):
        tried = disks(3 if wanted.sample else wanted.cuts)
        # For every check, what this machine does not allow is said and not held against it.
        code = code or (0 if wanted.sample and tried == _mounts.NOT_TRIED else tried)
    return code


if __name__ == "__main__":
    sys.exit(main())
