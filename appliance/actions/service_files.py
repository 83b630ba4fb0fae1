"""Files of services about an order: plugins bring them, people open them on its card."""

from typing import Final

from appliance.actions import _operators, _plugin_asking
from appliance.actions._gate import action
from appliance.actions.papers import Pages
from appliance.domain.orders import OrderSelector
from appliance.domain.personal import Personal
from appliance.domain.service_files import ServiceFile
from appliance.domain.timeline import Entry, Kind, Said
from appliance.errors import Invalid
from appliance.plugin_api.files import FileGiven, FileKept
from appliance.roles import Permission
from appliance.storage import files, orders, service_files, timeline
from appliance.storage.tx import Tx

LONGEST_KEY: Final = 120


@action(Permission.PLUGIN)
async def put(tx: Tx, given: FileGiven) -> FileKept:
    """Keep a file that a plugin brings, once per key, and tell the stream.

    Raises:
        NotFound: `order_not_found`.
        Invalid: `file_key`; `attachment_empty`, `attachment_too_large`.
        Destroyed: the buyer is; Unavailable: `disk_full`, `storage_failed`.
    """
    plugin = _plugin_asking.plugin_of(tx)
    if not given.key or len(given.key) > LONGEST_KEY:
        raise Invalid("file_key", fields={"key": "file_key"})
    tx.under(Permission.ORDER_VIEW)
    order = await orders.get(tx, OrderSelector(id=given.order_id))
    if number := await service_files.known(plugin, given.key):
        return FileKept(number=number, created=False)
    body, name = given.body.reveal(), files.shown_name(given.name.reveal())
    number, file_id = await service_files.keep(tx, order, plugin, given.key, given.kind, name, body)
    await timeline.record(
        tx,
        Entry(
            kind=Kind.FILE,
            at=tx.now,
            customer_id=order.customer_id,
            order_id=order.id,
            subject_id=order.subject_id,
            ref_id=file_id,
            said=Said(title=name),
            data={"size": len(body)},
        ),
    )
    if given.kind == "label":
        await _operators.labelled(tx, order.id)
    return FileKept(number=number)


@action(Permission.PAPER_MAKE, reads=True)
async def pages_of(tx: Tx, number: int) -> tuple[ServiceFile, Pages]:
    """Open a file; every opening is written down.

    Raises:
        NotFound: `attachment_not_found`: absent, or not for this actor.
        Damaged, Destroyed: see `files.read`.
    """
    found = await service_files.get(tx, number)
    tx.about("file", found.file_id)
    kept, body = await files.read(tx, found.file_id)
    return found, Pages(name=Personal(kept.name), body=Personal(body))
