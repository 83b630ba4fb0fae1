"""Who becomes responsible for an order, and by which rule."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class Spreading(StrEnum):
    """What the box does with an order nobody claims; a setting."""

    NOBODY = "nobody"  # waits unassigned
    ROUND_ROBIN = "round_robin"
    LEAST_LOADED = "least_loaded"


class Reason(StrEnum):
    """Why this colleague; shown in the order's history."""

    CLIENT_OWNER = "client_owner"
    EXPLICIT = "explicit"
    CREATOR = "creator"  # wrote it down himself, and sees only what is his
    ROUND_ROBIN = "round_robin"
    LEAST_LOADED = "least_loaded"
    NOBODY = "nobody"


class Candidate(NamedTuple):
    """An active seller with the number of orders that wait for him."""

    id: UUID
    number: int
    open_orders: int = 0


class Assigned(NamedTuple):
    """Who, and why; None is nobody."""

    manager: UUID | None
    reason: Reason


def claimed(
    owner: UUID | None, explicit: UUID | None, creator: UUID | None = None
) -> Assigned | None:
    """The client's own manager, else the one the order names, else who wrote it down.

    Args:
        owner: who leads the client.
        explicit: whom the order names.
        creator: a colleague who would not see the order if it were not his.
    """
    if owner is not None:
        return Assigned(owner, Reason.CLIENT_OWNER)
    if explicit is not None:
        return Assigned(explicit, Reason.EXPLICIT)
    return None if creator is None else Assigned(creator, Reason.CREATOR)


def spread_to(rule: Spreading, candidates: Sequence[Candidate], turn: int) -> Assigned:
    """Choose among sellers for an order nobody claims.

    Args:
        rule: the setting of the box.
        candidates: active sellers, in any order.
        turn: how many orders were dealt out before; drives the round.
    """
    by_number = sorted(candidates, key=lambda one: one.number)
    if not by_number or rule is Spreading.NOBODY:
        return Assigned(None, Reason.NOBODY)
    if rule is Spreading.ROUND_ROBIN:
        return Assigned(by_number[turn % len(by_number)].id, Reason.ROUND_ROBIN)
    idlest = min(by_number, key=lambda one: one.open_orders)
    return Assigned(idlest.id, Reason.LEAST_LOADED)
