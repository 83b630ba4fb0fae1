"""Day tallies of reports: counted on a reader, kept in small deeds."""

from appliance.actions import reports
from appliance.domain.access import Actor
from appliance.domain.reports import Day

MOST_AT_ONCE = 60
"""Days of one turn; a new box with years of orders takes some turns."""


async def settle_reports(actor: Actor, zone: str) -> int:
    """Count days that are over and not kept; return how many.

    A day that somebody changes while it is counted is left for the next turn.
    """
    for done in range(MOST_AT_ONCE):
        day = await reports.due(actor, zone)
        if day is None or not await _keep(actor, day, zone):
            return done
    return MOST_AT_ONCE


async def _keep(actor: Actor, day: Day, zone: str) -> bool:
    mark, more = await reports.clear(actor, day)
    while more:
        mark, more = await reports.clear(actor, day, mark)
    counted = await reports.count(actor, day)
    for part in (*counted.slices(), None):
        if not await reports.keep(actor, day, mark, part, zone):
            return False
    return True
