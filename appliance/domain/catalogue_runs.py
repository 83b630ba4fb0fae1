"""Readings of a shop's catalogue: states, outcomes, what a report shows."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

BATCH: Final = 100
"""Offers in one transaction: the writer is held for some tens of milliseconds."""
MOST_NOTES: Final = 1000
"""Offers of one outcome that a report names one by one."""
SHOWN_NOTES: Final = 200
"""Of those that simply went well, a report names fewer."""
HALF: Final = 2
"""A catalogue with fewer than one in so many of the offers known takes nothing off sale."""


class RunState(StrEnum):
    """Where a run stands."""

    WAITING = "waiting"
    FETCHING = "fetching"
    READING = "reading"  # the whole file is looked at before anything is changed
    TAKING = "taking"
    DONE = "done"
    SAME = "same"  # the file is the one that was taken over last
    FAILED = "failed"


OPEN_STATES: Final = (RunState.WAITING, RunState.FETCHING, RunState.READING, RunState.TAKING)


class Origin(StrEnum):
    """Why a catalogue is read."""

    SCHEDULE = "schedule"
    SHOP = "shop"  # the module asked: `statistic/update`
    ADDRESS = "address"  # a person pressed the button
    FILE = "file"  # a person gave the file


class Outcome(StrEnum):
    """What became of an offer."""

    CREATED = "created"
    UPDATED = "updated"
    SAME = "same"
    SKIPPED = "skipped"
    FAILED = "failed"
    HIDDEN = "hidden"  # no longer in the file: off sale
    NOTED = "noted"  # taken over but for one thing, said with its code


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run as it is shown and worked on.

    Attributes:
        position: place of the last offer taken over.
        tally: outcome → how many.
        error: code of what ended it; empty while all is well.
        told: code of what should be known although it is done.
    """

    number: int
    shop: str
    state: RunState
    origin: Origin
    by_number: int = 0
    made_at: datetime
    begun_at: datetime | None = None
    finished_at: datetime | None = None
    size: int = 0
    digest: str = ""
    etag: str = ""
    modified: str = ""
    groups: int = 0
    offers: int = 0
    position: int = 0
    tally: Mapping[str, int] = {}
    error: str = ""
    told: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it waits or works."""
        return self.state in OPEN_STATES

    @property
    def percent(self) -> int:
        """How much of it is taken over."""
        return 100 * self.position // self.offers if self.offers else 0


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one offer."""

    place: int
    outcome: Outcome
    external_id: str = ""
    product_number: int = 0
    field: str = ""
    code: str = ""
