"""Day tallies of reports: one day a deed, so that nobody waits long for the writer."""

from appliance.actions import reports
from appliance.domain.access import Actor

MOST_AT_ONCE = 60
"""Days of one turn; a new box with years of orders takes some turns."""


async def settle_reports(actor: Actor, zone: str) -> int:
    """Count days that are over and not kept; return how many."""
    for done in range(MOST_AT_ONCE):
        if not await reports.settle(actor, zone):
            return done
    return MOST_AT_ONCE
