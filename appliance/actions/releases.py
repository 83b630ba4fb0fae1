"""Updates in the log: one entry for each that began, one for how it ended."""

from appliance.actions._gate import action
from appliance.domain.releases import NOTED, Noted, UpdateNote
from appliance.roles import Permission
from appliance.storage import settings
from appliance.storage.tx import Tx


@action(Permission.HOUSE, reads=True, quiet=True)
async def noted(tx: Tx) -> Noted:
    """Until which update the log has everything."""
    return await settings.get(NOTED, Noted)


@action(Permission.HOUSE)
async def begun(tx: Tx, note: UpdateNote) -> None:
    """Write down that an update began; the time it did is its own."""
    known = await settings.get(NOTED, Noted)
    tx.object_type = "release"
    tx.payload = {
        "was": note.was,
        "version": note.version,
        "began": note.began,
        "trial": int(note.is_trial),
    }
    await settings.put(NOTED, Noted(begun=max(known.begun, note.began), ended=known.ended))


@action(Permission.HOUSE)
async def ended(tx: Tx, note: UpdateNote) -> None:
    """Write down how an update ended: in use, only tried, or returned and why."""
    known = await settings.get(NOTED, Noted)
    tx.object_type = "release"
    tx.payload = {
        "was": note.was,
        "version": note.version,
        "began": note.began,
        "ended": note.ended,
        "result": note.result,
        "failed": note.failed,
        "code": note.code,
    }
    await settings.put(NOTED, Noted(begun=known.begun, ended=max(known.ended, note.began)))
