"""Acts of destruction: written after it, closed with the last copy, ended with their term."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance.actions import acts
from appliance.audit.extract import extract
from appliance.domain.access import Actor

Settle = Callable[[], Awaitable[None]]
"""Brings the log up to date and signs a checkpoint."""


async def write_acts(house: Actor, log: Path, settle: Settle, box: str, zone: ZoneInfo) -> int:
    """Write the acts that are missing, close those whose copies are clean; how many were written.

    Args:
        house: who does it.
        log: audit.db.
        settle: called before the log is read: an extract shows the destruction's own deeds.
        box: name of the box.
        zone: of the box.

    Raises:
        HouseError: why one could not be written; the next round tries again.
    """
    missing = await acts.unwritten(house)
    if missing:
        await settle()
    for one in missing:
        taken = await asyncio.to_thread(extract, log, str(one.object_id))
        await acts.issue(house, one.request_id, taken, box, zone)
    await acts.close_done(house)
    return len(missing)


async def sweep_acts(house: Actor) -> int:
    """Erase acts older than their term; how many. Each is a deed of its own in the log."""
    gone = await acts.over(house)
    for one in gone:
        await acts.forget(house, one.id)
    return len(gone)
