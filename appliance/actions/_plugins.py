"""Steps that actions on plugins share."""

from appliance.domain.plugins import FoundPlugin, Plugin, PluginState, Rights
from appliance.storage import plugins
from appliance.storage.tx import Tx


async def put_in_place(tx: Tx, known: Plugin, found: FoundPlugin) -> PluginState:
    """Put another version in a plugin's place; how it stands then."""
    state = after(known, found)
    await plugins.replace(tx, known, found, state)
    if state is PluginState.WAITING:
        # So that an approval lets it go on as it was.
        await plugins.set_state(tx, known, state, _was(known).value)
    return state


def after(known: Plugin | None, found: FoundPlugin) -> PluginState:
    """How a plugin stands when this lies in its place."""
    if found.problem:
        return PluginState.BROKEN
    if known is None or known.given is None:
        return PluginState.FOUND
    if not found.asked.beyond(known.given).is_empty:
        return PluginState.WAITING
    return _was(known)


def _was(known: Plugin) -> PluginState:
    if known.state is PluginState.WAITING:
        return PluginState(known.reason)
    if known.state is PluginState.QUARANTINED:
        return PluginState.PAUSED  # what was kept for it stays kept; a person switches it on
    if known.state in (PluginState.RUNNING, PluginState.PAUSED):
        return known.state
    return PluginState.READY


def spelled(rights: Rights) -> dict[str, list[str]]:
    """Rights for the log."""
    return {
        "permissions": list(rights.permissions),
        "events": list(rights.events),
        "hosts": list(rights.hosts),
        "personal": [f"{one.field}: {one.purpose}" for one in rights.personal],
    }
