"""Who becomes responsible for an order, and by which rule."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

import msgspec


class Spreading(StrEnum):
    """What the box does with an order nobody claims; a setting, and a rule's way."""

    NOBODY = "nobody"  # waits unassigned
    ROUND_ROBIN = "round_robin"
    LEAST_LOADED = "least_loaded"
    RANDOM = "random"
    QUEUE = "queue"  # waits until somebody takes it


class Reason(StrEnum):
    """Why this colleague; shown on the order's card and in its history."""

    CLIENT_OWNER = "client_owner"
    EXPLICIT = "explicit"
    CREATOR = "creator"  # wrote it down himself, and sees only what is his
    ROUND_ROBIN = "round_robin"
    LEAST_LOADED = "least_loaded"
    RANDOM = "random"
    QUEUE = "queue"
    SHOP = "shop"  # the shop's connection names him
    TAKEN = "taken"  # took it from the queue himself
    NOBODY = "nobody"


class Candidate(NamedTuple):
    """An active colleague with the number of orders that wait for him."""

    id: UUID
    number: int
    open_orders: int = 0


class Assigned(NamedTuple):
    """Who, and why; None is nobody. `rule` is the name of the rule that said so."""

    manager: UUID | None
    reason: Reason
    rule: str = ""


class Facts(NamedTuple):
    """What rules ask about an order that comes in.

    Attributes:
        order_type: code: retail, wholesale.
        vip: the client is marked as one.
        orders_before: of this client.
        total: kopecks, as far as it is known when the order comes in.
        categories: numbers of the groups its goods belong to, and of those above them.
        branch: code of the shop's branch.
    """

    shop: str
    order_type: str
    vip: bool = False
    orders_before: int = 0
    total: int = 0
    categories: frozenset[int] = frozenset()
    branch: str = ""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: what an order must be, who may get it, and how it is chosen among them.

    Empty conditions let every order through. Rules are asked in their order; the first that lets
    an order through and has somebody to give it to decides.

    Attributes:
        least_orders: the client has ordered this often before: a regular.
        least_total: kopecks.
        people: numbers of colleagues; empty: all sellers, or all of `department`.
        department: code; its people, whoever they are.
    """

    number: int = 0
    position: int = 0
    name: str
    active: bool = True
    order_types: tuple[str, ...] = ()
    shops: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    categories: tuple[int, ...] = ()
    vip: bool = False
    least_orders: int = 0
    least_total: int = 0
    people: tuple[int, ...] = ()
    department: str = ""
    way: Spreading = Spreading.LEAST_LOADED

    def lets_through(self, facts: Facts) -> bool:
        """Whether the order is what this rule speaks of."""
        return (
            (not self.order_types or facts.order_type in self.order_types)
            and (not self.shops or facts.shop in self.shops)
            and (not self.branches or facts.branch in self.branches)
            and (not self.categories or bool(facts.categories & frozenset(self.categories)))
            and (facts.vip or not self.vip)
            and facts.orders_before >= self.least_orders
            and facts.total >= self.least_total
        )


class Alarms(msgspec.Struct, frozen=True, kw_only=True):
    """Setting `orders.alarms`: after how many working hours somebody is told; 0: nobody is.

    Attributes:
        confirmed: codes of statuses in which an order waits for its money.
    """

    untouched_hours: int = 2
    unpaid_hours: int = 16
    confirmed: tuple[str, ...] = ("client-confirmed", "wait-payment")


LONGEST_ALARM: Final = 1000
"""Working hours: half a year."""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules would have done with one of the last orders."""

    order_number: int
    manager_number: int
    would_be: int
    reason: Reason
    rule: str = ""


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


def spread_to(
    way: Spreading, candidates: Sequence[Candidate], turn: int, lot: int = 0, rule: str = ""
) -> Assigned:
    """Choose among colleagues for an order nobody claims.

    Args:
        way: the setting of the box, or of a rule.
        candidates: active ones, in any order.
        turn: how many orders were dealt out before; drives the round.
        lot: a number drawn at random by the caller, for `RANDOM`.
        rule: name of the rule, kept in the answer.
    """
    if way is Spreading.QUEUE:
        return Assigned(None, Reason.QUEUE, rule)
    by_number = sorted(candidates, key=lambda one: one.number)
    if not by_number or way is Spreading.NOBODY:
        return Assigned(None, Reason.NOBODY, rule)
    if way is Spreading.ROUND_ROBIN:
        return Assigned(by_number[turn % len(by_number)].id, Reason.ROUND_ROBIN, rule)
    if way is Spreading.RANDOM:
        return Assigned(by_number[lot % len(by_number)].id, Reason.RANDOM, rule)
    idlest = min(by_number, key=lambda one: one.open_orders)
    return Assigned(idlest.id, Reason.LEAST_LOADED, rule)
