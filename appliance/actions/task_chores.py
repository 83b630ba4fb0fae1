"""Chores of the clock about tasks."""

from zoneinfo import ZoneInfo

from appliance.actions._gate import action
from appliance.roles import Permission
from appliance.storage import task_chores
from appliance.storage.tx import Tx


@action(Permission.HOUSE, quiet=True)
async def run(tx: Tx, zone: ZoneInfo) -> int:
    """Remind, tell what is overdue, make what comes again; return how much there was."""
    reminded = await task_chores.remind(tx)
    overdue = await task_chores.tell_overdue(tx)
    return reminded + overdue + await task_chores.repeat_due(tx, zone)
