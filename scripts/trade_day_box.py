"""A shop's trading day on a box with all its services, and both sides compared in the evening.

Starts a real box (plugins in their cages, real HTTP) and every service outside as a fake, has
orders come, goods packed and sent, money paid and given back, one service down at noon and the
server killed with kill -9 in the middle of it all; then says of every order, parcel, payment and
figure of stock whether both sides have the same. Ends non-zero on any difference.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from appliance.plugin_api.fakes import Fake
from scripts._day_box import Clock, Day, Refused
from scripts._day_carriers import Cdek, Post
from scripts._day_markets import MARKETS
from scripts._day_money import Till
from scripts._day_part import Deed, Part
from scripts._day_seen import Fact, Seen
from scripts._day_shop import Shop
from scripts._day_store import Bank, Store
from scripts._day_warehouses import Contract, Sklad
from scripts._day_words import Words
from scripts.vendors_box import found

PARTS: Final[tuple[type[Part], ...]] = (
    Shop,
    *MARKETS,
    Cdek,
    Post,
    Contract,
    Sklad,
    Till,
    Words,
    Store,
    Bank,
)
WHOLE: Final[Mapping[str, int]] = {
    "market": 8, "cdek": 25, "post": 10, "contract": 8, "sklad": 7, "paid": 20, "words": 6,
    "back": 3,
}  # fmt: skip
"""How much of each: postings of one marketplace, parcels, orders at operators, payments; `back`:
how many of each kind come back."""
SAMPLE: Final[Mapping[str, int]] = {
    "market": 3, "cdek": 3, "post": 2, "contract": 2, "sklad": 2, "paid": 3, "words": 2, "back": 1,
}  # fmt: skip
ALL: Final = (
    "fulfillment_http", "logistics_cdek", "logistics_russian_post", "marketplace_ozon",
    "marketplace_wildberries", "marketplace_yandex", "payments_yookassa", "sms_smsc",
    "warehouse_moysklad",
)  # fmt: skip
"""Plugins that a whole day is about."""
JOURNAL_PAGES: Final = 20
NIGHT: Final = 6
"""Hours until the next morning: the Post is asked for a parcel every five."""
ROUNDS: Final = 12
"""How often both sides are brought together before what differs is called a difference."""


def say(line: str) -> None:
    """One line of the report."""
    print(line, flush=True)


class Play:
    """One day."""

    def __init__(self, day: Day, parts: Sequence[Part], chance: random.Random) -> None:
        self.day = day
        self.parts = parts
        self.chance = chance
        self.hindered: list[Deed] = []
        for part in parts:
            if isinstance(part, Store):
                part.takers = [one.gone for one in parts]

    def noon(self, *, kills: int) -> None:
        """The forenoon's work, over which one service falls silent; what it hindered is done later.

        Wishes of it wait in the box and go once it is back; what a page had to ask of it at once
        is pressed again.
        """
        silent = self.chance.choice([part for part in self.parts if part.stand is not None])
        silent.fake.trouble = "down"
        self.phase("forenoon", kills=kills)
        self.bring_together([silent])
        silent.fake.trouble = ""
        self.day.pass_hours(1)
        hindered = self.hindered
        self.do("after noon", hindered)
        say(f"noon: {silent.plugin} was silent; {len(hindered)} deeds had to wait for it")

    def phase(self, name: str, *, kills: int = 0) -> None:
        """Do what every service has for this time of the day, with so many kills among it."""
        deeds = [deed for part in self.parts for deed in getattr(part, name)()]
        self.do(name, deeds, kills=kills)

    def do(self, name: str, deeds: Sequence[Deed], *, kills: int = 0) -> None:
        """Do these; those that are refused while a service is silent are kept for later."""
        self.hindered = []
        silent = any(part.stand is not None and part.fake.trouble for part in self.parts)
        when = set(self.chance.sample(range(len(deeds)), min(kills, len(deeds))))
        began = time.monotonic()
        for place, deed in enumerate(deeds):
            if place in when:
                self.day.kill_soon(self.chance.uniform(0.0, 0.15))
            try:
                self.day.sure(deed)
            except Refused:
                if not silent:
                    raise
                self.hindered.append(deed)
        self.day.settle_kill()
        say(f"{name}: {len(deeds)} deeds, {len(when)} kills, {time.monotonic() - began:.0f} s")

    def bring_together(self, parts: Sequence[Part] = ()) -> None:
        """Have what was wished delivered, and run what brings both sides together, once."""
        self.day.calm()
        self.day.let_out()
        began, spent = time.monotonic(), Counter[str]()
        for part in parts or self.parts:
            for job in part.jobs:
                at = time.monotonic()
                self.day.run(part.plugin, job)
                spent[f"{part.plugin}/{job}"] += round(1000 * (time.monotonic() - at))
        say(f"  jobs: {time.monotonic() - began:.1f} s {spent.most_common(4)}")

    def differences(self) -> list[Fact]:
        """What differs now."""
        seen = Seen(self.day)
        return [one for part in self.parts for one in part.facts(seen) if one.there != one.here]

    def settle(self) -> None:
        """Go on until nothing differs, or nothing more can be expected."""
        began, turn = time.monotonic(), 0
        for turn in range(1, ROUNDS + 1):
            self.bring_together()
            left = self.differences()
            if not left:
                break
            # What came back only now is put on its shelf only now.
            for deed in [deed for part in self.parts for deed in part.night()]:
                self.day.sure(deed)
            time.sleep(0.5 + turn * 0.25)
        say(f"brought together in {turn} rounds, {time.monotonic() - began:.0f} s")


def compared(seen: Seen, parts: Iterable[Part]) -> list[Fact]:
    """Print the reconciliation; what differs."""
    facts = [one for part in parts for one in part.facts(seen)]
    wrong = [one for one in facts if one.there != one.here]
    wrong += [Fact("orders", name, "once", "more than once") for name in map(str, seen.doubles)]
    kinds, bad = Counter(one.kind for one in facts), Counter(one.kind for one in wrong)
    say("")
    for kind, count in kinds.items():
        say(f"  {kind:<28} {count:>4} compared, {bad[kind]} differ")
    for one in wrong:
        say(f"DIFFERS {one.kind} {one.key}: there «{one.there}», here «{one.here}»")
    return wrong


def unseen(seen: Seen, parts: Iterable[Part]) -> list[str]:
    """Kinds whose comparison sees nothing when something at the service is made wrong."""
    blind: list[str] = []
    for part in parts:
        kinds = {one.kind for one in part.facts(seen)}
        part.spoil()
        blind += sorted(kinds - {one.kind for one in part.facts(seen) if one.there != one.here})
    return blind


def explain(day: Day) -> None:
    """Print what plugins said of troubles, each sentence once."""
    told: Counter[str] = Counter()
    before = 0
    for _ in range(JOURNAL_PAGES):
        found = day.ask_console("/plugins/journal", {"before": before})["lines"]
        for one in found:
            if one["state"] != "ok":
                told[f"{one['plugin']} {one['code']} {one['data']}"] += 1
        if not found:
            break
        before = found[-1]["number"]
    for line, count in sorted(told.items()):
        say(f"journal: {line} ({count} times)")


def say_left_out(here: Collection[str]) -> None:
    """Say which services the day did without, and why: never silently."""
    there = {part.plugin for part in PARTS} & {name for name, _ in found()}
    for name in (one for one in ALL if one not in here):
        why = "not asked for" if name in there else "the day does not know this plugin yet"
        say(f"LEFT OUT {name}: {why}")


def _begun(kind: Callable[..., Fake], clock: Clock) -> Fake:
    return kind(clock=clock.now)


def play(home: Path, wanted: argparse.Namespace) -> int:
    """Play the day; the exit code."""
    chance = random.Random(wanted.seed)  # noqa: S311 - a day to be played again
    share = SAMPLE if wanted.sample else WHOLE
    kinds = {part.plugin: part for part in PARTS}
    clock = Clock()
    asked = kinds.keys() & set(wanted.only)
    fakes = {name: _begun(kind, clock) for name, kind in found() if name in asked}
    day = Day(home, fakes, clock, door=wanted.door == "open")
    try:
        parts = [part(day, chance, share) for part in PARTS if part.plugin in {"", *fakes}]
        for part in parts:
            part.opening()
        day.fill(
            {part.plugin: part.settings() for part in parts if part.plugin},
            [part.set_up for part in parts],
        )
        day.open()
        one = Play(day, parts, chance)
        kills = iter((0, 1, 0) if wanted.sample else (1, 2, 2))
        one.phase("morning", kills=next(kills))
        one.bring_together()
        one.noon(kills=next(kills))
        one.bring_together()
        one.phase("afternoon", kills=next(kills))
        one.bring_together()
        one.phase("evening")
        day.pass_hours(NIGHT)
        one.bring_together()
        one.phase("night")
        one.settle()
        day.weigh()
        seen = Seen(day)
        wrong = compared(seen, parts)
        if wrong:
            explain(day)
        blind = unseen(seen, parts)
    finally:
        day.close()
    for kind in blind:
        say(f"BLIND {kind}: something was made wrong at the service, and this did not see it")
    say(f"killed {day.killed} times; {day.again} deeds again; webhooks {dict(day.pushes)}")
    for name, count in day.aside.items():
        say(f"PUT ASIDE {name}: {count} times, let out again")
    say("most memory seen, MB: " + ", ".join(f"{a} {b >> 20}" for a, b in day.memory.items()))
    say_left_out(fakes)
    return 1 if wrong or blind else 0


def main(words: Sequence[str] | None = None) -> int:
    """Read the command line and go."""
    parser = argparse.ArgumentParser(prog="scripts/trade-day", description=__doc__)
    parser.add_argument(
        "--door", choices=("open", "closed"), default="open",
        help="whether services reach the box: webhooks, or polling alone",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, help="of the day's chances")
    parser.add_argument("--sample", action="store_true", help="a short day, for every check")
    parser.add_argument("--only", nargs="+", choices=ALL, default=ALL, metavar="PLUGIN",
                        help="services that take part; all of them")  # fmt: skip
    wanted = parser.parse_args(words)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="korobka-day-") as home:
        code = play(Path(home) / "home", wanted)
    say(f"trade-day: {'equal' if code == 0 else 'DIFFERENCES'}, {time.monotonic() - began:.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(main())
