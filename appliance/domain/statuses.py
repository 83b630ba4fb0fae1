"""Where an order stands: which moves are allowed, and what a status means for the goods."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from appliance.domain.references import Status

CANCEL_GROUP = "cancel"
COMPLETE_GROUP = "complete"


class RuleEvent(StrEnum):
    """What moves an order by itself."""

    PAID = "paid"  # its payments cover it
    DISPATCHED = "dispatched"  # a warehouse sent goods of it off
    DONE = "done"  # both delivered and paid, in either order


class StatusRule(NamedTuple):
    """One way an order goes by itself: to `target`, from any of `sources`."""

    target: str
    sources: tuple[str, ...]


class Need(StrEnum):
    """What a status may ask of an order before it comes there."""

    LINES = "lines"
    DELIVERY = "delivery"
    ADDRESS = "address"
    MANAGER = "manager"
    STOCK = "stock"
    PAID = "paid"
    SHIPPED = "shipped"


class Standing(NamedTuple):
    """What an order has, for the needs of a status."""

    lines: bool
    delivery: bool
    address: bool
    manager: bool
    stock: bool
    paid: bool
    shipped: bool


def missing(needs: Iterable[str], has: Standing) -> tuple[Need, ...]:
    """Needs that an order does not meet, in their order; words that are no need ask nothing."""
    known = {one.value: one for one in Need}
    return tuple(known[one] for one in needs if one in known and not getattr(has, one))


def rule_target(
    rules: Mapping[RuleEvent, StatusRule], current: str, *, paid: bool, delivered: bool, gone: bool
) -> str:
    """Where an order goes by itself; empty where it stays.

    Args:
        rules: event → its rule.
        current: code of the status.
        paid: its payments cover it.
        delivered: the buyer has it.
        gone: goods of it left a warehouse.
    """
    events = (
        (RuleEvent.DONE, paid and delivered),
        (RuleEvent.DISPATCHED, gone),
        (RuleEvent.PAID, paid),
    )
    for event, happened in events:
        rule = rules.get(event)
        if happened and rule is not None and current in rule.sources and current != rule.target:
            return rule.target
    return ""


class Goods(StrEnum):
    """What the status of an order does to the goods that were set aside for it."""

    HELD = "held"  # set aside: reserved goes up, on hand stays
    ISSUED = "issued"  # handed over: on hand goes down, nothing is reserved any more
    FREE = "free"  # let go


def goods_of(group: str) -> Goods:
    """What a status of this group means for the goods set aside."""
    if group == CANCEL_GROUP:
        return Goods.FREE
    return Goods.ISSUED if group == COMPLETE_GROUP else Goods.HELD


def stock_effect(state: Goods, quantity_milli: int) -> tuple[int, int]:
    """Change of (on hand, reserved) that a set-aside quantity stands for in a state."""
    if state is Goods.HELD:
        return 0, quantity_milli
    return (-quantity_milli, 0) if state is Goods.ISSUED else (0, 0)


def usual_move(statuses: Mapping[str, Status], current: str) -> Status | None:
    """Where an order usually goes from here; None at the end of the road.

    The status's own next one, else the first allowed of another group that is no cancel.
    """
    ahead = [one for one in allowed_moves(statuses, current) if one.group != "cancel"]
    here = statuses.get(current)
    if here is None:
        return None
    usual = next((one for one in ahead if one.code == here.next_main), None)
    return usual or next((one for one in ahead if one.group != here.group), None)


def allowed_moves(statuses: Mapping[str, Status], current: str) -> tuple[Status, ...]:
    """Statuses an order may go to from here, in their order; no moves written down means any."""
    here = statuses.get(current)
    wanted: Iterable[str] = here.moves if here is not None and here.moves else statuses
    found = (statuses[code] for code in wanted if code in statuses and code != current)
    return tuple(
        sorted((status for status in found if status.active), key=lambda one: one.position)
    )


def may_move(statuses: Mapping[str, Status], current: str, wanted: str) -> bool:
    """Whether an order may go from one status to another; staying is no move."""
    return any(status.code == wanted for status in allowed_moves(statuses, current))
