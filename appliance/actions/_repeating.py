"""Steps of repeating one exchange with a service."""

from typing import Final, cast
from uuid import UUID

from appliance.domain.events import LOOK, ServiceWished, WishKind
from appliance.domain.integrations import Sent
from appliance.domain.plugins import Plugin, PluginState
from appliance.errors import Conflict, NotFound
from appliance.plugin_api.manifest import ManifestError, read_manifest
from appliance.storage import deliveries, plugin_journal, plugin_letters, plugin_records
from appliance.storage.plugin_journal import JournalLine
from appliance.storage.tx import Tx

AGAIN: Final = "again"


async def line_of(number: int) -> JournalLine:
    """A line by its number.

    Raises:
        NotFound: `journal_line_not_found`.
    """
    lines = await plugin_journal.page(number=number, limit=1) if number > 0 else []
    if not lines:
        raise NotFound("journal_line_not_found")
    return lines[0]


async def repeat(tx: Tx, known: Plugin, line: JournalLine) -> str:
    """Repeat it: `again` or `look`.

    Raises:
        Conflict: as `integrations.repeat`.
    """
    if known.state is not PluginState.RUNNING:
        raise Conflict("plugin_not_running")
    sent = None
    if line.delivery_id is not None:
        sent = await plugin_letters.sent(line.delivery_id, known.name)
    if sent is None:
        return await _look_for(tx, known, line)
    if sent.state in {"ready", "held"}:
        raise Conflict("delivery_under_way")
    if sent.state == "dead":
        await deliveries.retry(sent.id, tx.now)
        return AGAIN
    if sent.event == ServiceWished.name:
        return await _look_at(tx, known, sent)
    await deliveries.redeliver(sent.id, tx.now)
    return AGAIN


async def _look_for(tx: Tx, known: Plugin, line: JournalLine) -> str:
    """The line came from there, or is too old: read what the plugin carries for its order."""
    found = None
    if line.kind == "order" and line.object_number:
        found = await plugin_records.newest(known.name, line.object_number)
    if found is None:
        raise Conflict("nothing_to_repeat")
    kind, record, order = found
    return await _wish(tx, known, kind, record, order)


async def _look_at(tx: Tx, known: Plugin, sent: Sent) -> str:
    if sent.record_id is None:
        raise Conflict("nothing_to_repeat")
    return await _wish(tx, known, sent.kind, sent.record_id, sent.order_id)


async def _wish(tx: Tx, known: Plugin, kind: str, record: UUID, order: UUID | None) -> str:
    if not _looks(known):
        raise Conflict("nothing_to_repeat")
    wish = ServiceWished(
        plugin=known.name,
        kind=cast("WishKind", kind),  # as the outbox or the table of its kind named it
        record_id=record,
        deed=LOOK,
        order_id=order,
    )
    if await plugin_letters.is_lane_busy(known.name, wish.lane):
        raise Conflict("delivery_under_way")
    tx.emit(wish)
    return LOOK


def _looks(known: Plugin) -> bool:
    try:
        return "look" in read_manifest(known.manifest.encode()).provides
    except ManifestError:
        return False
