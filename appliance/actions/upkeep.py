"""Running the box: what waits in its queue, which chores run, and setting both going again."""

from typing import NamedTuple
from uuid import UUID

from appliance.actions import _receipts, _second
from appliance.actions._gate import action
from appliance.domain.anchors import LogHealth
from appliance.domain.backups import CopyHealth
from appliance.domain.health import BareMoney, Chore, Deciding, Mail, PluginHealth, Queue, Terms
from appliance.errors import NotFound
from appliance.roles import Permission
from appliance.storage import (
    anchors,
    copy_runs,
    deliveries,
    jobs,
    letters,
    plugins,
    schemas,
    subject_terms,
)
from appliance.storage.deliveries import Dead
from appliance.storage.tx import Tx

MOST_SHOWN = 200


class Looked(NamedTuple):
    """What the rows of the box say of it.

    Attributes:
        server_bytes: what its tables take on a PostgreSQL; 0: they are a file.
    """

    queue: Queue
    chores: list[Chore]
    copies: CopyHealth
    anchors: LogHealth
    mail: Mail
    plugins: PluginHealth
    terms: Terms
    bare: BareMoney
    deciding: Deciding
    server_bytes: int


@action(Permission.BOX_MANAGE, reads=True, quiet=True)
async def look(tx: Tx) -> Looked:
    """The queue in figures, all chores, the last copies, anchors of the log, mail, plugins."""
    return await _look(tx)


@action(Permission.HOUSE, reads=True, quiet=True)
async def look_by_clock(tx: Tx) -> Looked:
    """The same, for the clock that tells of what is red."""
    return await _look(tx)


async def _look(tx: Tx) -> Looked:
    account = await letters.account()
    return Looked(
        await deliveries.figures(),
        await jobs.list_all(tx.now),
        await copy_runs.health(),
        await anchors.health(),
        Mail(is_set=account.is_set, code=account.trouble, since=account.trouble_at),
        await plugins.health(tx.now),
        await subject_terms.terms(tx.now.date()),
        await _receipts.missing(tx),
        Deciding(
            asked=await _second.waiting(tx),
            approvals=await subject_terms.undecided(),
            lost=await subject_terms.lost(tx),
        ),
        await schemas.server_bytes(),
    )


@action(Permission.BOX_MANAGE, reads=True, quiet=True)
async def list_dead(tx: Tx) -> list[Dead]:
    """Deliveries that were given up, oldest first; at most `MOST_SHOWN`."""
    return await deliveries.list_dead(MOST_SHOWN)


@action(Permission.BOX_MANAGE)
async def retry(tx: Tx, delivery_id: UUID) -> None:
    """Send a delivery again that was given up.

    Raises:
        NotFound: `delivery_not_found`: none such, or it is on its way again.
    """
    tx.about("delivery", delivery_id)
    if not await deliveries.retry(delivery_id, tx.now):
        raise NotFound("delivery_not_found")


@action(Permission.BOX_MANAGE)
async def drop(tx: Tx, delivery_id: UUID) -> None:
    """Take a delivery off the queue for good; what it told of stays done.

    Raises:
        NotFound: `delivery_not_found`: none such, or it is on its way again.
    """
    tx.about("delivery", delivery_id)
    if not await deliveries.drop(delivery_id):
        raise NotFound("delivery_not_found")


@action(Permission.BOX_MANAGE)
async def hasten(tx: Tx, kind: str) -> None:
    """Have a chore come at the next tick, within half a minute.

    Raises:
        NotFound: `chore_not_found`.
    """
    tx.object_type = "job"
    tx.payload = {"kind": kind}
    if not await jobs.hasten(kind, tx.now):
        raise NotFound("chore_not_found", kind=kind)
