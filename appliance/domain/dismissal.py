"""Letting a colleague go: what is handed over, how far it is, what he saw and took out."""

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

TRAIL_DAYS: Final = 90
"""So far back a report looks, unless asked otherwise."""


class Handed(StrEnum):
    """What goes to somebody else, in this order."""

    CLIENTS = "clients"
    ORDERS = "orders"
    DEALS = "deals"
    TASKS = "tasks"


class Dismissal(msgspec.Struct, frozen=True, kw_only=True):
    """One handing over, kept until its end and after.

    Attributes:
        user, heir: numbers of colleagues.
        stage: what is being handed over; None: all of it is.
        after: number of the last record looked at; one that was refused is not looked at twice.
        moved, refused: records so far, by what they are.
    """

    user: int = 0
    heir: int = 0
    stage: Handed | None = Handed.CLIENTS
    after: int = 0
    moved: dict[str, int] = {}
    refused: dict[str, int] = {}
    began_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def runs(self) -> bool:
        """Whether there may be something left to hand over."""
        return self.began_at is not None and self.stage is not None


def further(known: Dismissal, moved: int, refused: int, after: int | None) -> Dismissal:
    """One step on; `after` None: nothing of this kind is left."""
    stage = known.stage
    if stage is None:
        return known
    return msgspec.structs.replace(
        known,
        moved={**known.moved, stage.value: known.moved.get(stage.value, 0) + moved},
        refused={**known.refused, stage.value: known.refused.get(stage.value, 0) + refused},
        stage=stage if after is not None else _next(stage),
        after=after or 0,
    )


def _next(stage: Handed) -> Handed | None:
    stages = list(Handed)
    place = stages.index(stage) + 1
    return stages[place] if place < len(stages) else None


class TrailLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of what somebody saw or took out.

    Attributes:
        what: `client` he opened, `export` of a list, `deed` of any kind with its count.
        name: number of the client, or the deed's name.
        fields: of the client, by commas.
        times: how often.
        first, last: when.
    """

    what: str
    name: str
    fields: str = ""
    times: int = 1
    first: datetime
    last: datetime
