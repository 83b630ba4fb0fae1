"""Programs that come to a plugin's address, and the timetable of plugins' work."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from appliance.actions._gate import action
from appliance.roles import Permission
from appliance.storage import settings
from appliance.storage.tx import Tx

JOBS_KEY = "plugin_jobs"


class PluginJobs(msgspec.Struct, frozen=True, kw_only=True):
    """Setting `plugin_jobs`: when each job of a plugin is due, by `plugin/job`."""

    due: dict[str, datetime] = {}


@action(Permission.PLUGIN_ENTER, reads=True, quiet=True)
async def enter(tx: Tx, plugin: str) -> str:
    """Let a program in by its key; give what the plugin is told of it."""
    tx.object_type = "plugin"
    tx.payload = {"plugin": plugin}
    return f"key:{tx.actor.number}"


@action(Permission.HOUSE, reads=True, quiet=True)
async def timetable(tx: Tx) -> Mapping[str, datetime]:
    """When the jobs are due that were run before."""
    return (await settings.get(JOBS_KEY, PluginJobs)).due


@action(Permission.HOUSE, quiet=True)
async def begun(tx: Tx, jobs: Sequence[tuple[str, int]]) -> Mapping[str, datetime]:
    """Write down that these jobs were begun now, and how many seconds until the next time."""
    known = dict((await settings.get(JOBS_KEY, PluginJobs)).due)
    known |= {name: tx.now + timedelta(seconds=every) for name, every in jobs}
    # Of plugins that are gone: nobody asked for them for a month past their time.
    kept = {name: due for name, due in known.items() if due > tx.now - timedelta(days=31)}
    await settings.put(JOBS_KEY, PluginJobs(due=kept))
    return kept
