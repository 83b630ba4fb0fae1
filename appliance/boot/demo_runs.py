"""Orders of an invented world in its couriers' hands, by the deeds of warehouse and courier."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from appliance.actions import courier, dispatch
from appliance.boot.index import HOUSE_ACTOR
from appliance.domain.courier import Mark, MarkKind, Refusal
from appliance.domain.dispatch import PICKUP
from appliance.domain.ids import uuid7
from appliance.errors import Conflict, Invalid, NotFound

MOST: Final = 14
"""Orders of one courier's day."""
PACKED: Final = 5
"""Orders that wait packed for whoever drives them."""
MARKS: Final = (MarkKind.PLAIN, MarkKind.CASH, MarkKind.REFUSED)
"""What the first orders of the day have come to by now."""


async def drive(zone: str) -> int:
    """Give the couriers a day and let them do a part of it; how many orders they got."""
    now = datetime.now(UTC)
    board = await dispatch.board(HOUSE_ACTOR, now)
    waiting = [
        one.number
        for column in ("pack", "pick")
        for one in board.columns[column]
        if one.delivery_type != PICKUP
    ]
    given: list[int] = []
    for number in waiting:
        if not board.couriers or len(given) == MOST:
            break
        who = board.couriers[len(given) % len(board.couriers)]
        with suppress(Conflict, Invalid, NotFound):  # what is short on its shelf waits there
            await dispatch.pick_all(HOUSE_ACTOR, number)
            await dispatch.pack(HOUSE_ACTOR, number)
            today = now.astimezone(ZoneInfo(zone)).date()
            await dispatch.hand_over(HOUSE_ACTOR, number, today, who.number)
            given.append(number)
    for number in [one for one in waiting if one not in given][:PACKED]:
        with suppress(Conflict, Invalid, NotFound):
            await dispatch.pick_all(HOUSE_ACTOR, number)
            await dispatch.pack(HOUSE_ACTOR, number)
    for number, kind in zip(given, MARKS, strict=False):
        await _mark(number, kind, now)
    return len(given)


async def _mark(number: int, kind: MarkKind, at: datetime) -> None:
    due = next(
        (one.due for one in await courier.day(HOUSE_ACTOR, at) if one.number == number),
        0,
    )
    is_paid = kind is MarkKind.CASH and due > 0
    what = MarkKind.PLAIN if kind is MarkKind.CASH and not is_paid else kind
    mark = Mark(
        id=uuid7(),
        order=number,
        kind=what,
        amount=due if is_paid else 0,
        reason=Refusal.ABSENT.value if what is MarkKind.REFUSED else "",
    )
    with suppress(Conflict, Invalid):
        await courier.mark(HOUSE_ACTOR, mark)
