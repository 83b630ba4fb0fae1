"""A second person for a deed: steps that several actions share."""

from appliance.domain.agreements import KEY, Agreements, Deed, Hands, Stand
from appliance.errors import Denied
from appliance.roles import Permission
from appliance.storage import settings, subject_requests
from appliance.storage.tx import Tx


async def others(tx: Tx) -> int:
    """How many other colleagues could agree."""
    able = await subject_requests.holders(Permission.BOX_MANAGE)
    return len(able - {tx.actor.id})


async def must_be_agreed(tx: Tx, deed: Deed, about: str) -> None:
    """Go on if nobody else is needed, or if somebody agreed to just this; that is used up then.

    Root and the box's own account, who give no name at the console, are asked for one only where
    a second person is needed in any case: they could change the settings file as well, and the log
    has what they do.

    Raises:
        Denied: `agreement_needed`: ask first; `agreement_named`: nobody knows who asks.
    """
    known = await settings.get(KEY, Agreements)
    named = bool(tx.actor.number)
    if known.hands is Hands.AUTO and not (named and await others(tx)):
        return
    if not named:
        raise Denied("agreement_named")
    for one in known.kept:
        same = (one.deed, one.about, one.asked_by) == (deed, about, tx.actor.id)
        if same and one.stand(tx.now) is Stand.AGREED:
            await settings.put(KEY, known.without(one.number))
            return
    raise Denied("agreement_needed")
