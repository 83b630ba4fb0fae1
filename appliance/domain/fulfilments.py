"""Orders handed over to a fulfilment operator: where they stand there, and what that means here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec


class Stage(StrEnum):
    """Where an order stands at its operator."""

    QUEUED = "queued"  # waits to be taken there
    ACCEPTED = "accepted"
    SHORTAGE = "shortage"
    PICKING = "picking"
    PACKED = "packed"
    PART_SHIPPED = "part_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    REFUSED = "refused"  # the operator does not take it: people mend it and send it again


RANKS: Final[Mapping[Stage, int]] = {
    Stage.QUEUED: 0,
    Stage.ACCEPTED: 1,
    Stage.SHORTAGE: 1,
    Stage.PICKING: 2,
    Stage.PACKED: 3,
    Stage.PART_SHIPPED: 4,
    Stage.SHIPPED: 5,
    Stage.DELIVERED: 6,
    Stage.RETURNING: 7,
    Stage.RETURNED: 8,
}
OVER: Final = frozenset({Stage.CANCELLED, Stage.REFUSED})
"""The operator has nothing to do with it any more: the order may be handed over again."""
HELD_THERE: Final = (
    Stage.ACCEPTED,
    Stage.SHORTAGE,
    Stage.PICKING,
    Stage.PACKED,
    Stage.PART_SHIPPED,
)
"""Stages in which the operator itself has set the goods aside."""
CHANGEABLE: Final = frozenset({Stage.QUEUED, Stage.ACCEPTED, Stage.SHORTAGE})
USUAL: Final[Mapping[Stage, str]] = {
    Stage.ACCEPTED: "send-to-assembling",
    Stage.PICKING: "assembling",
    Stage.PACKED: "assembling-complete",
    Stage.RETURNED: "goods-returned",
}
"""Stage → status of an order in a box as delivered. Shipped and delivered go by the box's rules."""
MAPPED: Final = (
    Stage.ACCEPTED,
    Stage.PICKING,
    Stage.PACKED,
    Stage.CANCELLED,
    Stage.RETURNED,
)
"""Stages a status of the box may be chosen for."""


class Want(StrEnum):
    """What the operator was last asked for and has not answered yet."""

    NOTHING = ""
    SEND = "send"
    CHANGE = "change"
    CANCEL = "cancel"


def follows(was: Stage, became: Stage) -> bool:
    """Whether a report may move an order on: never backwards, but for a cancel and a shortage.

    >>> follows(Stage.PACKED, Stage.PICKING), follows(Stage.PICKING, Stage.CANCELLED)
    (False, True)
    >>> follows(Stage.SHORTAGE, Stage.ACCEPTED), follows(Stage.SHIPPED, Stage.CANCELLED)
    (True, False)
    """
    if was in OVER or was is became:
        return False
    if became is Stage.REFUSED:
        return was is Stage.QUEUED
    if became is Stage.CANCELLED:
        return RANKS[was] < RANKS[Stage.SHIPPED]
    if became is Stage.SHORTAGE:
        return RANKS[was] <= RANKS[Stage.PICKING]
    return RANKS[became] > RANKS[was] or (was, became) == (Stage.SHORTAGE, Stage.ACCEPTED)


def free_there(available: int, held_there: int) -> int:
    """On hand as the box keeps it, so that what is free here is `available − queued`.

    The box subtracts all it has set aside; the operator has subtracted what it knows of already.
    So what both have set aside is added once: then it does not matter whether a parcel that has
    left is counted here before or after the operator's stock is.

    Args:
        available: as the operator says it, thousandths.
        held_there: set aside here for orders that the operator had taken by then.
    """
    return available + held_there


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """A connection to an operator: its warehouse here, and what its stages mean.

    Attributes:
        plugin, account: who speaks with it.
        warehouse: code; its stock is the operator's word. Empty: not set up, nothing goes out.
        send_on: code of the status in which an order goes out by itself; empty: by button.
        statuses: stage → code of an order's status; a stage that is not there moves nothing.
        stages: the operator's own status → stage, where it has statuses of its own.
        names: of those statuses, as they were called when they were mapped.
    """

    id: UUID
    plugin: str
    account: str = "main"
    warehouse: str = ""
    send_on: str = ""
    statuses: dict[str, str] = {}
    stages: dict[str, str] = {}
    names: dict[str, str] = {}
    active: bool = True


class OwnState(msgspec.Struct, frozen=True, kw_only=True):
    """A status of the operator's own, as it says it: `hint` is a stage it is likely to be."""

    code: str
    name: str
    hint: str = ""


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """A position at the operator; thousandths."""

    line: int
    name: str
    quantity_milli: int
    short_milli: int = 0
    shipped_milli: int = 0
    returned_milli: int = 0
    codes: int = 0


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing the operator told."""

    stage: str
    raw: str
    at: datetime


class FulfilmentView(msgspec.Struct, frozen=True, kw_only=True):
    """An order at its operator, for its card.

    Attributes:
        order_no: the number it goes by there.
        trouble: a code of what needs people; empty: nothing.
    """

    id: UUID
    plugin: str
    account: str
    warehouse_name: str
    stage: Stage
    raw: str
    order_no: str
    want: Want
    trouble: str
    reason: str
    tracking: str
    created_at: datetime
    updated_at: datetime
    lines: Sequence[LineView] = ()
    steps: Sequence[Step] = ()


class AtOperator(msgspec.Struct, frozen=True, kw_only=True):
    """What an order's card says about operators.

    Attributes:
        now: the last handing over; None: there was none.
        choices: connections it can be handed over to now: id and name of the warehouse.
        may: the actor may hand it over and take it back.
    """

    now: FulfilmentView | None = None
    choices: tuple[tuple[UUID, str], ...] = ()
    may: bool = False
