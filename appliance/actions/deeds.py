"""My deeds, and taking them back within ninety days."""

from datetime import datetime
from typing import Final
from uuid import UUID

from appliance.actions import _way_back
from appliance.actions._gate import action
from appliance.domain.undo import Deeds, Way
from appliance.errors import Conflict, Invalid
from appliance.roles import Permission
from appliance.storage import undo
from appliance.storage.tx import Tx

PAGE: Final = 50


@action(Permission.SELF, reads=True, quiet=True)
async def mine(tx: Tx, after: str = "") -> Deeds:
    """My deeds that can be taken back, newest first.

    Raises:
        Invalid: `cursor_unreadable`.
    """
    try:
        before = datetime.fromisoformat(after) if after else None
    except ValueError:
        raise Invalid("cursor_unreadable") from None
    return await undo.mine(tx, before, PAGE)


@action(Permission.SELF, reads=True)
async def look(tx: Tx, set_id: UUID) -> Way:
    """What taking a deed back would do: what comes back, what somebody changed since, what cannot.

    Raises:
        NotFound: `deed_not_found`: another's, too old, or none at all.
    """
    return await _way_back.plan(tx, await undo.get(tx, set_id))


@action(Permission.SELF)
async def take_back(tx: Tx, set_id: UUID) -> int:
    """Take a deed of mine back, as far as nobody changed it since; how many records changed.

    Each record asks for the right to change it; a person destroyed since stays destroyed.

    Raises:
        NotFound: `deed_not_found`; `customer_not_found`, `order_not_found`: out of reach now.
        Conflict: `deed_undone`; `nothing_to_undo`: every field was changed since.
        Denied: the right was taken away meanwhile.
        Destroyed: the person is.
    """
    deed = await undo.get(tx, set_id)
    if not await undo.close(set_id):
        raise Conflict("deed_undone")
    tx.undoes = set_id
    changed = await _way_back.take_back(tx, deed)
    if not changed:
        raise Conflict("nothing_to_undo", number=deed.entity_number)
    tx.payload = {"undone": str(set_id), "records": changed}
    return changed


@action(Permission.HOUSE, quiet=True)
async def sweep(tx: Tx) -> int:
    """Forget deeds whose ninety days are over."""
    return await undo.sweep(tx.now)
