"""Terms of requests: how many are near or over, and whom the house tells of it."""

from datetime import date, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from appliance.domain.health import Terms
from appliance.domain.subjects import NEAR, RULE, RequestState
from appliance.storage import subject_requests, subject_views
from appliance.storage.statements import any_of, fetch
from appliance.storage.tx import Tx

RUNNING: Final = (
    RequestState.OPEN.value,
    RequestState.BLOCKED.value,
    RequestState.COOLING.value,
    RequestState.ERASING.value,
)
"""States in which the law's clock runs: what is destroyed and waits for copies has met its term."""


class Pressing(NamedTuple):
    """A request whose last day is near, or over; `asked_by` wrote it down."""

    id: UUID
    number: int
    due_on: date
    asked_by: UUID


async def terms(today: date) -> Terms:
    """How the terms stand."""
    rows = await fetch(
        "SELECT due_on, COUNT(*) FROM subject_request WHERE state IN {} GROUP BY due_on "
        "ORDER BY due_on",
        any_of(RUNNING),
    )
    return Terms(
        open=sum(int(count) for _, count in rows),
        late=sum(int(count) for due, count in rows if due < today),
        near=sum(int(count) for due, count in rows if today <= due <= today + NEAR),
        next=rows[0][0] if rows else None,
    )


async def undecided() -> int:
    """How many destructions wait for somebody to agree."""
    rows = await fetch(
        "SELECT COUNT(*) FROM subject_request WHERE state = 'blocked' AND kind IN {}",
        any_of([kind.value for kind, rule in RULE.items() if rule.destroys]),
    )
    return int(rows[0][0])


async def lost(tx: Tx) -> int:
    """Of how many people, or kept sets, the key is gone that nobody destroyed."""
    found = await subject_requests.in_states(*subject_views.KEYED)
    return sum(subject_views.is_lost(tx, one) for one in found)


async def pressing(today: date) -> list[Pressing]:
    """Requests to be told of, the most urgent first."""
    rows = await fetch(
        "SELECT id, number, due_on, asked_by FROM subject_request WHERE state IN {} "
        "AND due_on <= {} ORDER BY due_on, number",
        any_of(RUNNING),
        today + NEAR,
    )
    return [Pressing(*row) for row in rows]


def is_grave(one: Pressing, today: date) -> bool:
    """Whether all who could do something are told: the last day is tomorrow, today or over."""
    return one.due_on <= today + timedelta(days=1)
