"""1C bases against a running box: `scripts/onec`.

For each kind of base (УТ 11 with archives and without, УНФ, Bitrix 3.1) the plugin of the exchange
is switched on in a fresh box, and real files are sent to it as that base would: first undisturbed,
then into another box with every request cut once at a random byte, then into a third that is
killed (-9) on the way. All three must end with one and the same catalogue. Ends non-zero on any
difference.
"""

import argparse
import random
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from scripts import _box
from scripts._served import OWN_COMMAND, Served
from scripts._shop import Miss, expect
from scripts.journey_box import Installed, say
from tests.onec_client import catalogues
from tests.onec_client.base import BITRIX, UNF, UT11, UT11_PLAIN, Base, Portion, Profile
from tests.onec_client.wire import Reply, Scissors, Wire

LOGIN, PASSWORD = "exchange", "Zk7Qm2Vt9Xp4Lw8Rb3Nc"
PLUGIN = "exchange_1c"
PAUSE = 0.25
"""Seconds that a base waits before it sends a portion again."""
LONGEST_WAIT = 0.4
"""Seconds after a request begins within which a kill falls."""

BASES: dict[str, tuple[Profile, Callable[[], list[Portion]]]] = {
    "ut11": (UT11, catalogues.ut11),
    "ut11-plain": (UT11_PLAIN, catalogues.ut11),
    "unf": (UNF, catalogues.unf),
    "bitrix31": (BITRIX, catalogues.bitrix),
}

SAMPLE = "bitrix31"

_SEEN = (
    "SELECT p.external_id, p.name, p.description, p.manufacturer, p.active, c.name"
    " FROM product p LEFT JOIN category c ON c.id = p.category_id ORDER BY 1",
    "SELECT v.external_id, p.external_id, v.sku, v.name, v.unit, v.vat_rate, v.active, v.properties"
    " FROM variant v JOIN product p ON p.id = v.product_id ORDER BY 1, 2",
    "SELECT v.external_id, r.price_type, r.amount FROM price r"
    " JOIN variant v ON v.id = r.variant_id ORDER BY 1, 2, 3",
    "SELECT v.external_id, w.code, s.on_hand_milli FROM stock s"
    " JOIN variant v ON v.id = s.variant_id JOIN warehouse w ON w.id = s.warehouse_id"
    " WHERE s.on_hand_milli <> 0 ORDER BY 1, 2",
    "SELECT b.value, v.external_id FROM barcode b"
    " JOIN variant v ON v.id = b.variant_id ORDER BY 1, 2",
)
"""What two catalogues are compared by: nothing of it depends on when or under which number."""


class State(NamedTuple):
    """A catalogue as a person would compare it."""

    rows: tuple[tuple[Any, ...], ...]

    @property
    def sizes(self) -> str:
        """In words."""
        names = ("goods", "variants", "prices", "figures of stock", "barcodes")
        return ", ".join(f"{len(rows)} {name}" for rows, name in zip(self.rows, names, strict=True))


class Trial:
    """A served box with the exchange switched on."""

    def __init__(self, home: Path, people: Mapping[str, str] | None = None, some: int = 0) -> None:
        """Args: people: login → role. some: invented clients and orders it begins with."""
        self._box = _box.make(home, people=people or {})
        if some:
            _box.fill(self._box, some, some)
        self.served = Served(self._box.config)
        password = home / "password"
        password.write_text(_box.PASSWORD + "\n", encoding="utf-8")
        self.command = Installed(OWN_COMMAND, self._box.config.data, password)
        self.served.start()
        self.command.run("plugins", "approve", PLUGIN, "--yes")
        pairs = (f"login={LOGIN}", f"password={PASSWORD}", "mode=apply")
        self.command.run("plugins", "set", PLUGIN, *pairs)
        self.command.run("plugins", "on", PLUGIN)

    @property
    def address(self) -> tuple[str, int]:
        """Where it answers."""
        return "127.0.0.1", self._box.config.server.port

    def wire(self, scissors: Scissors | None = None) -> Wire:
        """A connection of a base to it."""
        return Wire(self.address, LOGIN, PASSWORD, trust=self.served.trust(), scissors=scissors)

    def up(self) -> None:
        """Have it run, if it was killed; its plugin comes up a moment later."""
        process = self.served.process
        if process is not None and process.poll() is not None:
            self.served.start()
        threading.Event().wait(PAUSE)

    def state(self) -> State:
        """The catalogue as it lies in the database of the stopped box."""
        self.served.stop()
        with closing(sqlite3.connect(self._box.config.data / "main.db")) as database:
            return State(tuple(tuple(database.execute(text)) for text in _SEEN))


class Killing(Wire):
    """Kills the server while it is asked, so many times."""

    def __init__(self, *words: Any, kills: int, served: Served, **more: Any) -> None:
        super().__init__(*words, **more)
        self._left, self._served = kills, served
        self._chance = random.Random("kills")  # noqa: S311 - when a box dies is no secret
        self._next = self._chance.randint(1, 5)

    @property
    def left(self) -> int:
        """Kills still to come."""
        return self._left

    def ask(self, *words: Any, **more: Any) -> Reply:
        self._next -= 1
        if self._left and self._next <= 0:
            self._left -= 1
            self._next = self._chance.randint(1, 5)
            delay = self._chance.uniform(0, LONGEST_WAIT)
            timer = threading.Timer(delay, self._served.kill)
            timer.start()
            try:
                return super().ask(*words, **more)
            finally:
                timer.join()
        return super().ask(*words, **more)


def undisturbed(home: Path, profile: Profile, portions: Sequence[Portion]) -> State:
    """What the files make of an empty box."""
    trial = Trial(home)
    try:
        base = Base(trial.wire(), profile, limit=60_000)
        base.send_goods(portions)
        base.send_goods(portions)  # and a second time: nothing may come of it
        expect(base.repeats == 0, f"{profile.name}: an undisturbed run lost a connection")
    finally:
        state = trial.state()
    expect(all(state.rows[:2]), f"{profile.name}: nothing arrived: {base.said}")
    return state


def torn(home: Path, profile: Profile, portions: Sequence[Portion]) -> tuple[State, int]:
    """The same with every request cut once; and how many cuts there were."""
    trial, scissors = Trial(home), Scissors(profile.name)
    try:
        Base(trial.wire(scissors), profile, limit=60_000).send_goods(portions)
    finally:
        state = trial.state()
    return state, scissors.cuts


def killed(home: Path, profile: Profile, portions: Sequence[Portion], kills: int) -> State:
    """The same with the server killed on the way."""
    trial = Trial(home)
    try:
        wire = Killing(
            trial.address, LOGIN, PASSWORD, trust=trial.served.trust(),
            kills=kills, served=trial.served,
        )  # fmt: skip
        base = Base(wire, profile, limit=60_000, rest=trial.up)
        while wire.left:
            base.send_goods(portions)
        base.send_goods(portions)  # a base asks again at its next exchange
    finally:
        trial.up()
        state = trial.state()
    return state


def differences(one: State, two: State) -> str:
    """Where they part, in few words."""
    return "; ".join(
        f"{len(set(a) - set(b))} only before, {len(set(b) - set(a))} only after"
        for a, b in zip(one.rows, two.rows, strict=True)
        if a != b
    )


def one_base(name: str, home: Path, kills: int, *, is_cut: bool = True) -> None:
    """All three runs of one kind of base; without cuts two of them.

    Raises:
        Miss: the catalogues differ.
    """
    profile, files = BASES[name]
    portions = files()
    began = time.monotonic()
    calm = undisturbed(home / "calm", profile, portions)
    cut, cuts = torn(home / "cut", profile, portions) if is_cut else (calm, 0)
    expect(cut == calm, f"{profile.name}, cut {cuts} times: {differences(calm, cut)}")
    if kills:
        dead = killed(home / "killed", profile, portions, kills)
        expect(dead == calm, f"{profile.name}, killed: {differences(calm, dead)}")
    took = time.monotonic() - began
    say(
        f"{profile.name}: {calm.sizes}; the same after {cuts} cuts and {kills} kills ({took:.0f} s)"
    )


def main() -> int:
    """Read the command line and go."""
    parser = argparse.ArgumentParser(
        description=__doc__, prog="scripts/onec", formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", choices=BASES, help="one kind of base")
    parser.add_argument("--kills", type=int, default=10, help="of each kind (default 10)")
    parser.add_argument(
        "--sample",
        action="store_true",
        help=f"{SAMPLE} alone, killed once: half a minute; cuts are held to by tests/unit",
    )
    wanted = parser.parse_args()
    if wanted.sample:
        wanted.only, wanted.kills = SAMPLE, 1
    with tempfile.TemporaryDirectory(prefix="korobka-onec-") as folder:
        try:
            for name in [wanted.only] if wanted.only else BASES:
                one_base(name, Path(folder) / name, wanted.kills, is_cut=not wanted.sample)
        except Miss as miss:
            print(f"onec: MISS {miss}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
