"""Plans of sales, and how far the month has come."""

from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from appliance.domain.access import NOBODY
from appliance.domain.ids import uuid7
from appliance.storage.references import Lists
from appliance.storage.statements import any_of, fetch, upsert
from appliance.storage.tables import PlanRow
from appliance.storage.tx import Tx

FRESH: Final = timedelta(seconds=60)
"""How old a month's sums may be: everybody's first page shows them, and they need no second."""


class Sales(NamedTuple):
    """Orders placed in a stretch of time and not cancelled; kopecks."""

    orders: int
    total: int


_kept: dict[tuple[datetime, datetime], tuple[datetime, dict[UUID, Sales]]] = {}


async def sales(tx: Tx, lists: Lists, since: datetime, until: datetime) -> dict[UUID, Sales]:
    """What each manager sold, by when the order was placed; read off one index, kept a minute.

    Ids and sums only, the same for everybody: who may see whose is the caller's part.
    """
    known = _kept.get((since, until))
    if known is not None and timedelta() <= tx.now - known[0] < FRESH:
        return known[1]
    found = await sales_of_day(lists, since, until)
    _kept.clear()
    _kept[since, until] = (tx.now, found)
    return found


def forget() -> None:
    """Reckon anew next time."""
    _kept.clear()


async def sales_of_day(lists: Lists, since: datetime, until: datetime) -> dict[UUID, Sales]:
    """The same, reckoned now."""
    gone = [one.code for one in lists.statuses.values() if one.group == "cancel"]
    rows = await fetch(
        "SELECT o.manager_id, COUNT(*), SUM(o.total) FROM orders o "
        "WHERE o.created_at >= {} AND o.created_at < {} AND o.status NOT IN {} "
        "GROUP BY o.manager_id",
        since,
        until,
        any_of(gone),
    )
    return {row[0] or NOBODY: Sales(int(row[1]), int(row[2])) for row in rows}


async def targets(month: date) -> dict[UUID, int]:
    """Targets of a month by holder; kopecks."""
    rows = await fetch("SELECT holder_id, target FROM plan WHERE month = {}", month)
    return {row[0]: row[1] for row in rows}


async def put(tx: Tx, month: date, holder: str, holder_id: UUID, target: int) -> None:
    """Set a target, in place of the one before."""
    await upsert(
        PlanRow,
        ("month", "holder_id"),
        id=uuid7(),
        month=month,
        holder=holder,
        holder_id=holder_id,
        target=target,
        set_by=tx.actor.id,
        set_at=tx.now,
    )
