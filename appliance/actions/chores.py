"""The house's own chores, claimed and settled as rows."""

from collections.abc import Sequence
from datetime import timedelta

from appliance.actions._gate import action
from appliance.roles import Permission
from appliance.storage import deliveries, files, jobs, repeats, sessions, webhooks
from appliance.storage.jobs import Job
from appliance.storage.statements import chunked
from appliance.storage.tx import Tx

MOST_AT_ONCE = 5


@action(Permission.HOUSE, quiet=True)
async def plan(tx: Tx, kinds: Sequence[str]) -> None:
    """Have a row for every chore; new ones are due at once."""
    for kind in kinds:
        await jobs.ensure(kind, tx.now)


@action(Permission.HOUSE, quiet=True)
async def claim(tx: Tx) -> list[Job]:
    """Take what is due; after the clock was set back, what waits for the time it was set from."""
    if await jobs.bring_back(tx.now):
        await deliveries.bring_back(tx.now, jobs.SLACK)
        await sessions.end_to_come(tx.now + jobs.SLACK)
    return await jobs.claim(tx.now, MOST_AT_ONCE)


@action(Permission.HOUSE, quiet=True)
async def settle(tx: Tx, job: Job, every: timedelta, error: str = "") -> None:
    """Report a chore: done, or failed with the error's code."""
    if error:
        await jobs.failed(job, tx.now, error, every)
    else:
        await jobs.done(job.id, tx.now, every)


@action(Permission.HOUSE, quiet=True)
async def purge(tx: Tx) -> int:
    """Delete deliveries that are long done, and answers to requests that nobody repeats now."""
    return await deliveries.purge(tx.now) + await repeats.purge(tx) + await webhooks.purge(tx)


@action(Permission.HOUSE, quiet=True)
async def sweep_files(tx: Tx) -> int:
    """Delete sealed attachments that no row names any more; return how many."""
    gone = 0
    for names in chunked(files.found_on_disk(tx.now)):
        lost = await files.unknown(names)
        files.delete(lost)
        gone += len(lost)
    return gone
