"""Acts of destruction end with their term."""

from appliance.actions import acts
from appliance.domain.access import Actor


async def sweep_acts(house: Actor) -> int:
    """Erase acts older than their term; how many. Each is a deed of its own in the log."""
    gone = await acts.over(house)
    for one in gone:
        await acts.forget(house, one.id)
    return len(gone)
