"""Kills that add up over several runs, and what they found."""

from pathlib import Path
from typing import Final

import msgspec

FILE: Final = Path(__file__).resolve().parents[1] / ".check" / "fault.json"
"""Beside what other checks keep; not in the repository."""


class Tally(msgspec.Struct):
    """What was tried so far.

    Attributes:
        kills: kind of work → how often it was killed.
        lost: acknowledged changes that were gone afterwards.
        torn: states that are neither before nor after.
        mutations, undetected: pieces of damage, and those that nobody noticed.
    """

    kills: dict[str, int] = {}
    lost: int = 0
    torn: int = 0
    mutations: int = 0
    undetected: int = 0

    def add(self, other: "Tally") -> "Tally":
        """Both together."""
        kills = dict(self.kills)
        for kind, count in other.kills.items():
            kills[kind] = kills.get(kind, 0) + count
        return Tally(
            kills,
            self.lost + other.lost,
            self.torn + other.torn,
            self.mutations + other.mutations,
            self.undetected + other.undetected,
        )

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not (self.lost or self.torn or self.undetected)

    def __str__(self) -> str:
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(self.kills.items()))
        return (
            f"{sum(self.kills.values())} kills ({kinds}), {self.mutations} mutations\n"
            f"acknowledged changes lost: {self.lost}\n"
            f"torn states: {self.torn}\n"
            f"undetected mutations: {self.undetected}"
        )


def load() -> Tally:
    """What earlier runs of this checkout found; a clean sheet where there is none."""
    try:
        return msgspec.json.decode(FILE.read_bytes(), type=Tally)
    except (OSError, msgspec.DecodeError):
        return Tally()


def keep(tally: Tally) -> None:
    """Write it down: beside, then renamed, as this very script is killed too."""
    FILE.parent.mkdir(exist_ok=True)
    beside = FILE.with_suffix(".new")
    beside.write_bytes(msgspec.json.encode(tally))
    beside.replace(FILE)
