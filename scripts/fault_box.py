"""Kills, a full disk, a read-only folder, power cuts: `scripts/fault --kills 300`.

Ten clients send orders (each under its own external id) and move them while the server is killed
(-9) at random moments, also while it starts. Afterwards: every acknowledged order is there once
and where it was moved to, the log verifies and names every deed, the index equals one built anew,
the kept counters equal what is counted, every cell opens. Then the same with a disk that is full,
one that turns read-only under the running server, and one whose power is cut (what was not synced
is gone): mounts in a namespace of its own, for which the script must be root. There, too, the power
goes at every step of a copy, a restore, a destruction and an update, and places for copies fill up
or are pulled out in the middle of the work. Then copies: the
process that makes one, a step of the continuous protection, a restore and its last exchange are
killed at random moments; every copy that calls itself one is whole, the box is as before or as
restored. Then workers that destroy persons and updates, killed alike: the end is reached, no key
and no release comes back half. Kills add up over runs (`.check/fault.json`, `--forget` begins
anew), with a sample of `scripts/mutate`.
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

from scripts import (
    _box,
    _cut_updates,
    _destructions,
    _hostile,
    _mounts,
    _server_kills,
    _tally,
    mutate_box,
)
from scripts._copy_kills import CopyKills
from scripts._trial import Trial, report
from tests.postgres import new_database, temporary_postgres

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


def copies(count: int, seed: int, postgres: str = "") -> _tally.Tally:
    """The trial of copies."""
    with tempfile.TemporaryDirectory(prefix="korobka-fault-copies-") as folder:
        box = _box.make(Path(folder) / "home", postgres=postgres)
        _box.fill(box, SOME, SOME)
        began = time.monotonic()
        found = CopyKills(box, seed).run(count)
        print(f"{count} kills of copies in {time.monotonic() - began:.0f} s (seed {seed})")
    return found


def deeds(persons: int, updates: int, seed: int) -> _tally.Tally:
    """The trials of destructions and updates."""
    with tempfile.TemporaryDirectory(prefix="korobka-fault-deeds-") as folder:
        began = time.monotonic()
        found = _destructions.kills(Path(folder) / "house", persons, seed)
        (Path(folder) / "update").mkdir()
        found = found.add(_cut_updates.kills(Path(folder) / "update", updates, seed))
        print(f"{persons + updates} kills of deeds in {time.monotonic() - began:.0f} s")
    return found


def on_server(count: int, seed: int) -> _tally.Tally:
    """The trials of copies and updates, the tables on a server of their own."""
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(temporary_postgres(durable=True))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="korobka-fault-server-"))
        found = copies(count, seed, url)
        updates = max(1, count // 5)
        beside = new_database(url, "updates")
        return found.add(_cut_updates.kills(Path(folder), updates, seed, beside))


def hostile(seconds: float, *, each: bool) -> bool:
    """The trial of plugins: all at once, or each by itself for its share of the time."""
    with tempfile.TemporaryDirectory(prefix="korobka-fault-plugins-") as folder:
        return _hostile.run(Path(folder) / "home", seconds, SOME, each=each)


def tallied(found: _tally.Tally, mutations: int, *, keep: bool) -> int:
    """Damage so many things besides, add to what earlier runs found, say all of it."""
    if mutations:
        found.mutations = mutations
        found.undetected = mutate_box.run(mutations, random.randrange(1, 10**9))  # noqa: S311 - a seed
    whole = _tally.load().add(found) if keep else found
    if keep:
        _tally.keep(whole)
    print(f"{'all runs together' if keep else 'this run'}: {whole}", flush=True)
    return 0 if whole.is_clean else 1


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, prog="scripts/fault", formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--kills",
        type=int,
        default=150,
        help="of the server; a third of copies, a fifteenth of destructions and of updates",
    )
    parser.add_argument("--only-copies", action="store_true", help="kill copying alone, so often")
    parser.add_argument("--mutations", type=int, default=1_000, help="of log, copies, cells, keys")
    parser.add_argument("--forget", action="store_true", help="begin the tally anew")
    parser.add_argument("--cuts", type=int, default=15, help="of the disk's power")
    parser.add_argument("--seed", type=int, default=0, help="0: another one each time")
    parser.add_argument(
        "--postgres",
        action="store_true",
        help="kills on a PostgreSQL; not in the tally",
    )
    parser.add_argument("--no-disks", action="store_true", help="leave out what needs root")
    parser.add_argument("--sample", action="store_true", help="few kills, for every check")
    parser.add_argument("--disks", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--only", default="", help=argparse.SUPPRESS)
    parser.add_argument("--plugins", action="store_true", help="hostile plugins alone")
    parser.add_argument("--seconds", type=float, default=30.0, help="of hostile plugins")
    parser.add_argument("--each", action="store_true", help="hostile plugins one after another")
    wanted = parser.parse_args()
    if wanted.disks:
        return _mounts.run(wanted.cuts, wanted.only)
    if wanted.plugins:
        return 0 if hostile(wanted.seconds, each=wanted.each) else 1
    seed = wanted.seed or random.randrange(1, 10**9)  # noqa: S311 - a seed
    if wanted.forget:
        _tally.FILE.unlink(missing_ok=True)
    if wanted.only_copies and wanted.postgres:
        return tallied(on_server(wanted.kills, seed), 0, keep=False)
    if wanted.only_copies:
        return tallied(copies(wanted.kills, seed), wanted.mutations, keep=True)
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
    if wanted.postgres:
        found = on_server(6 if wanted.sample else wanted.kills // 3, seed)
        times = 2 if wanted.sample else max(5, wanted.kills // 15)
        found = found.add(_server_kills.run(times, seed))
        found.kills["server"] = 12 if wanted.sample else wanted.kills
        found.torn += not good
        code = code or tallied(found, 0, keep=False)
    else:
        found = copies(6 if wanted.sample else wanted.kills // 3, seed)
        share = 1 if wanted.sample else wanted.kills // 15
        found = found.add(deeds(share, share, seed))
        found.kills["server"] = 12 if wanted.sample else wanted.kills
        found.torn += not good
        mutations = 0 if wanted.sample else wanted.mutations  # every check runs those by themselves
        code = code or tallied(found, mutations, keep=not wanted.sample)
    return code


if __name__ == "__main__":
    sys.exit(main())
