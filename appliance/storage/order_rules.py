"""Where orders go by themselves, and the usual next status of each: what a box begins with."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from appliance.domain.statuses import RuleEvent, StatusRule
from appliance.storage.statements import execute, fetch, upsert
from appliance.storage.tables import StatusRuleRow

NEXT_MAIN: Final[Mapping[str, str]] = {
    "new": "client-confirmed",
    "clarify": "client-confirmed",
    "availability-confirmed": "client-confirmed",
    "offer-analog": "client-confirmed",
    "wait-payment": "prepayed",
    "client-confirmed": "send-to-assembling",
    "prepayed": "send-to-assembling",
    "send-to-assembling": "assembling",
    "assembling": "assembling-complete",
    "assembling-complete": "send-to-delivery",
    "send-to-delivery": "delivering",
    "delivering": "complete",
    "redirect": "delivering",
}
"""The usual way of an order through the statuses a new box starts with."""

_BEGUN: Final = ("new", "clarify", "availability-confirmed", "offer-analog", "wait-payment")
_PACKED: Final = (
    "client-confirmed",
    "prepayed",
    "send-to-assembling",
    "assembling",
    "assembling-complete",
    "send-to-delivery",
    "redirect",
)

RULES: Final[Mapping[RuleEvent, tuple[str, Sequence[str]]]] = {
    RuleEvent.PAID: ("client-confirmed", _BEGUN),
    RuleEvent.DISPATCHED: ("delivering", (*_BEGUN, *_PACKED)),
    RuleEvent.DONE: ("complete", (*_BEGUN, *_PACKED, "delivering")),
}
"""Event → where an order goes, and from which statuses it goes there."""


async def fill() -> None:
    """Write them down where the statuses they speak of are known; what is there already stays."""
    known = {row[0] for row in await fetch("SELECT code FROM order_status")}
    for code, following in NEXT_MAIN.items():
        if code in known and following in known:
            await execute(
                "UPDATE order_status SET next_main = {} WHERE code = {} AND next_main = ''",
                following,
                code,
            )
    there = {row[0] for row in await fetch("SELECT event FROM status_rule")}
    for event, (target, sources) in RULES.items():
        if target in known and event.value not in there:
            await upsert(
                StatusRuleRow,
                ["event"],
                event=event.value,
                target=target,
                sources=msgspec.json.encode([one for one in sources if one in known]).decode(),
                active=True,
            )


async def every() -> dict[RuleEvent, tuple[StatusRule, bool]]:
    """Event → its rule and whether it is on."""
    rows = await fetch("SELECT event, target, sources, active FROM status_rule")
    return {
        RuleEvent(event): (
            StatusRule(target, msgspec.json.decode(sources, type=tuple[str, ...])),
            bool(active),
        )
        for event, target, sources, active in rows
        if event in set(RuleEvent)
    }


async def put(event: RuleEvent, rule: StatusRule, *, active: bool) -> None:
    """Store a rule; whoever keeps lists in memory is told by `references.touch`."""
    await upsert(
        StatusRuleRow,
        ["event"],
        event=event.value,
        target=rule.target,
        sources=msgspec.json.encode(rule.sources).decode(),
        active=active,
    )
