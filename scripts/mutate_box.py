"""Random damage to a real box, every piece of which must be noticed: `scripts/mutate`.

Makes a small box with invented people and deeds, and then, `--count` times in all, changes bytes
of a sealed cell (or puts another's in its place), of a row of keys.db, of the log, of its export
(as somebody without any key), or of a copy's file, one at a time. Cells and keys must refuse to
open; the verifier of the log must fail and name the place; a copy must be refused by its label,
and its containers by themselves as well. Ends non-zero on any that passed, and on a sound box
that does not pass.
"""

import argparse
import asyncio
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import closing
from pathlib import Path

from appliance.actions import customers, orders
from appliance.audit.verify import Trust, verify
from appliance.boot.house import AUDIT_FILE, MAIN_FILE, PUBLIC_KEY_FILE, OpenHouse
from appliance.boot.index import HOUSE_ACTOR
from appliance.domain.orders import OrderFilter
from appliance.vault.vault import Vault
from scripts import _box, _copy_damage, _damage, _log_damage
from tests.fault.audit_mutations import mutate_log

PEOPLE = 150
SAMPLE = 600

Trial = Callable[[], str]
"""Damages one thing and puts it back; says what was done if nobody noticed."""


async def live_a_little(opened: OpenHouse) -> None:
    """Deeds of several kinds, so that the log holds more than a first start."""
    page = await orders.list_page(HOUSE_ACTOR, OrderFilter())
    for row in page.rows[:20]:
        await orders.open_card(HOUSE_ACTOR, row.id)
    for number in range(1, 21):
        await customers.open_by_number(HOUSE_ACTOR, number)
    await asyncio.gather(*(customers.search(HOUSE_ACTOR, "ова") for _ in range(10)))
    await opened.drain_log()


def resting(path: Path) -> sqlite3.Connection:
    """A connection of our own: what it does need not survive the machine."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    return db


def log_trials(box: _box.TrialBox, rng: random.Random) -> dict[str, Trial]:
    """Damage of the log, and of its export."""
    sound, path = box.config.data / AUDIT_FILE, box.home / "damaged.db"
    with closing(sqlite3.connect(sound)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        note = db.execute("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1").fetchone()[0]
    trust = Trust(
        start_keys={0: Vault.recovery_identity(box.papers.recovery_code).chain_start_key},
        public_key=bytes.fromhex((box.config.data / PUBLIC_KEY_FILE).read_text()),
        anchors=[note if isinstance(note, str) else note.decode()],
    )
    whole = verify(sound, trust)
    if not whole.ok:
        raise SystemExit(f"mutate: the sound log does not verify: {whole.place} {whole.reason}")
    print(f"log: {whole.size} deeds, codes {whole.macs}, signatures {whole.signatures}")

    def trial() -> str:
        shutil.copyfile(sound, path)
        done = mutate_log(path, rng)
        report = verify(path, trust)
        return "" if not report.ok and report.place else done

    return {"log": trial, "export": _log_damage.export_trial(sound, box.home, trust, rng)}


def trials(box: _box.TrialBox, rng: random.Random) -> dict[str, Trial]:
    """What can be damaged, by name."""
    key_file = box.config.unlock.key_file
    if key_file is None:
        raise SystemExit("mutate: the box opens with no key file")
    main, keys = resting(box.config.data / MAIN_FILE), resting(box.config.data / "keys.db")
    unlocked = _damage.opener(box.config.data, key_file)
    vault, cells = unlocked(), _damage.cells_of(main)
    for cell in cells:
        vault.open_cell(cell.place, cell.sealed)
    print(f"cells: {len(cells)} of {len({c.kind for c in cells})} kinds, all open")
    return {
        "cell": lambda: _damage.damage_cell(main, vault, cells, rng),
        "key row": lambda: _damage.damage_key_row(keys, unlocked, cells, rng),
        **log_trials(box, rng),
        "copy": _copy_damage.copy_trial(box, rng),
    }


def run(count: int, seed: int, only: Collection[str] = ()) -> int:
    """Damage `count` things (of all classes, or of `only` some); how many nobody noticed."""
    rng = random.Random(seed)  # noqa: S311 - damage must repeat by its seed
    with tempfile.TemporaryDirectory(prefix="korobka-mutate-") as folder:
        box = _box.make(Path(folder))
        _box.fill(box, PEOPLE, PEOPLE)
        box.run(live_a_little)
        kinds = {k: one for k, one in trials(box, rng).items() if not only or k in only}
        noticed: Counter[str] = Counter()
        missed: list[str] = []
        for number in range(count):
            name = list(kinds)[number % len(kinds)]
            passed = kinds[name]()
            if passed:
                missed.append(f"{name}: {passed}")
            else:
                noticed[name] += 1
    for name in kinds:
        print(f"{name:8} {noticed[name]:6} noticed")
    for line in missed[:20]:
        print(f"NOT NOTICED {line}")
    print(f"seed {seed}: {count - len(missed)} of {count} noticed")
    return len(missed)


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, prog="scripts/mutate")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0, help="0: another one each time")
    parser.add_argument("--sample", action="store_true", help=f"{SAMPLE} only, for every check")
    parser.add_argument("--only", nargs="*", default=[], help="classes: cell, log, export, copy…")
    wanted = parser.parse_args()
    began = time.monotonic()
    seed = wanted.seed or random.randrange(1, 10**9)  # noqa: S311 - a seed
    missed = run(SAMPLE if wanted.sample else wanted.count, seed, wanted.only)
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
