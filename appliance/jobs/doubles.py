"""The nightly look for doubles: many short steps, each its own action, resumed where it stopped."""

from appliance.actions import duplicates
from appliance.domain.access import Actor


async def look_for_doubles(actor: Actor) -> int:
    """Look through every index once; return how many steps that took."""
    steps = 0
    while True:
        step, after, seen = await duplicates.look_on(actor)
        if not await duplicates.look_done(actor, step, after, seen):
            return steps
        steps += 1
