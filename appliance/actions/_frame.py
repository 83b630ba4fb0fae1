"""What stands around every page of the staff: names behind codes, and work that waits."""

from appliance.domain.desk import Frame
from appliance.domain.grants import Scope
from appliance.domain.orders import OrderCounts
from appliance.roles import Permission
from appliance.storage import desk, references, tally
from appliance.storage.tx import Tx


async def frame_of(tx: Tx) -> Frame:
    """The frame, by the actor's own grants; the deed goes on under the grant it had."""
    lists = await references.lists()
    codes = await desk.codes(tx, lists)
    grant, was = tx.actor.grants.get(Permission.ORDER_VIEW.value), tx.grant
    if grant is None or grant.scope is Scope.NONE:
        return Frame(counts=OrderCounts(statuses={}, mine=0, nobody=0), codes=codes)
    tx.grant = grant
    try:
        return Frame(counts=await tally.counts(tx, lists.in_process()), codes=codes)
    finally:
        tx.grant = was
