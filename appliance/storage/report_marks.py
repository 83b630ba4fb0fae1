"""What makes a kept day of reports hold no more."""

from datetime import datetime
from uuid import UUID

from appliance.storage.statements import execute, fetch


async def forget(*moments: datetime | None) -> None:
    """Have the days of these moments counted anew; days that are not kept cost one look."""
    for moment in {one for one in moments if one is not None}:
        await execute("DELETE FROM report_day WHERE until > {} AND since <= {}", moment, moment)


async def forget_order(order_id: UUID, placed_at: datetime) -> None:
    """The same for an order and for all money that moved for it: it is somebody else's now."""
    rows = await fetch("SELECT paid_at FROM payment WHERE order_id = {}", order_id)
    await forget(placed_at, *(row[0] for row in rows))


async def forget_all() -> None:
    """Have every day counted anew: what a status or a state of money means has changed."""
    await execute("DELETE FROM report_day")
