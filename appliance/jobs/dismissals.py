"""Handing over the work of those who go, some records in each transaction."""

import asyncio
from uuid import UUID
from zoneinfo import ZoneInfo

from appliance.actions import dismissal
from appliance.domain.access import Actor
from appliance.errors import HouseError, Sealed, Unavailable


async def hand_over(house: Actor, zone: ZoneInfo) -> int:
    """Go on with every handing over until its end; how many there were."""
    found = await dismissal.due(house)
    for user_id in found:
        while await _step(house, user_id, zone):
            await _let_others()
    return len(found)


async def _let_others() -> None:
    """Whoever waits for the writer goes first."""
    await asyncio.sleep(0)


async def _step(house: Actor, user_id: UUID, zone: ZoneInfo) -> bool:
    try:
        return await dismissal.step(house, user_id, zone)
    except (Sealed, Unavailable):
        raise
    except HouseError:
        pass
    # One record spoils the step of all: they go one by one, and it stays where it is.
    more = True
    for _ in range(dismissal.STEP):
        try:
            more = await dismissal.step(house, user_id, zone, 1)
        except (Sealed, Unavailable):
            raise
        except HouseError as error:
            more = await dismissal.step(house, user_id, zone, 1, error.code)
        if not more:
            break
    return more
