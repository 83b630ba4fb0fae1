"""A door's way through four eyes: do it, or have a second person asked."""

from collections.abc import Awaitable
from typing import TypeVar

from appliance.actions import agreements, box
from appliance.domain.access import Actor
from appliance.domain.agreements import Deed
from appliance.errors import Denied

T = TypeVar("T")


async def with_second(actor: Actor, deed: Deed, about: str, work: Awaitable[T]) -> T:
    """Do it, or ask a second person for it.

    Raises:
        Denied: `agreement_asked` with the number to agree to.
    """
    try:
        return await work
    except Denied as error:
        if error.code != "agreement_needed":
            raise
        asked = await agreements.ask(actor, deed, about)
        raise Denied("agreement_asked", number=asked.number) from error


async def change_slots(actor: Actor, change: str) -> None:
    """Write a change of the ways into the vault down before it is made; errors as `with_second`."""
    await with_second(actor, Deed.SLOTS, change, box.change_slots(actor, change))
