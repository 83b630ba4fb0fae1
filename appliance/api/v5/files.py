"""Calls about files: bytes in, bytes out, and whose they are."""

from typing import Any, Final
from urllib.parse import quote

from appliance.actions import shop_files
from appliance.api.v5 import wire
from appliance.api.v5.call import Answer, Call, Raw, paging, shop_of
from appliance.api.v5.entity import NAME, Entity
from appliance.api.v5.errors import PARAMETERS, Refused
from appliance.api.v5.read_corporate import ref_of
from appliance.api.v5.scalars import shown
from appliance.domain.orders import OrderSelector
from appliance.domain.personal import Personal
from appliance.domain.shop_files import FileFilter, FileTarget, FileView
from appliance.errors import Invalid

FILTERS: Final = frozenset({"ids", "customerIds", "orderIds"})
UNNAMED: Final = "file"
PLAIN: Final = "application/octet-stream"


def _number(call: Call) -> int:
    name = call.names[0]
    if not (name.isascii() and name.isdecimal()) or len(name) > 18:
        raise Refused(PARAMETERS, errors=["ID must be an integer"])
    return int(name)


def _file(one: FileView, call: Call) -> dict[str, Any]:
    attachment: list[dict[str, Any]] = []
    if one.order_number:
        order: dict[str, Any] = {"id": one.order_number, "number": one.order_shown}
        if one.order_external_id is not None:
            order["externalId"] = one.order_external_id
        attachment.append({"order": order | {"site": one.shop}})
    elif one.customer_number:
        customer: dict[str, Any] = {"id": one.customer_number, "site": one.shop}
        if one.customer_external_id is not None:
            customer["externalId"] = one.customer_external_id
        attachment.append({"customer": customer})
    return {
        "id": one.number,
        "filename": "" if one.name is None else one.name.reveal(),
        "type": one.media or PLAIN,
        "createdAt": shown(one.created_at, call.zone),
        "size": one.size,
        "attachment": attachment,
    }


async def index(call: Call) -> Answer:
    """`GET files`."""
    pages, given = paging(call), call.filter(FILTERS)
    asked = FileFilter(
        numbers=wire.integers_of(given, "ids"),
        clients=wire.integers_of(given, "customerIds"),
        orders=wire.integers_of(given, "orderIds"),
    )
    found = await shop_files.index(call.actor, asked, pages.page, pages.limit)
    rows = [_file(one, call) for one in found.rows]
    return Answer({"pagination": pages.shown(found.total), "files": rows})


async def show(call: Call) -> Answer:
    """`GET files/{id}`."""
    return Answer({"file": _file(await shop_files.get(call.actor, _number(call)), call)})


async def upload(call: Call) -> Answer:
    """`POST files/upload`: the body is the file, whatever it is declared to be."""
    try:
        number = await shop_files.upload(call.actor, UNNAMED, Personal(call.body), PLAIN)
    except Invalid as error:
        too_large = error.code == "attachment_too_large"
        text = "The file is too large." if too_large else "The file is empty."
        raise Refused(PARAMETERS, errors=[text]) from None
    return Answer({"file": {"id": number}})


async def edit(call: Call) -> Answer:
    """`POST files/{id}/edit`: a name, and whose it is."""
    call.what, call.sent = "File", wire.json_map(call.form, "file")
    sent = Entity(call.sent, call.zone)
    target = FileTarget()
    shop = await shop_of(call)
    for part in sent.parts("attachment")[:1]:
        order = ref_of(part.part("order"))
        if order is not None:
            wanted = OrderSelector(number=order.number, external_id=order.external_id, shop=shop)
            target = FileTarget(order=wanted)
        else:
            target = FileTarget(customer=ref_of(part.part("customer")))
    name = sent.text("filename", NAME)
    sent.check()
    view = await shop_files.edit(call.actor, shop, _number(call), name, target)
    return Answer({"file": _file(view, call)})


async def delete(call: Call) -> Answer:
    """`POST files/{id}/delete`."""
    await shop_files.delete(call.actor, _number(call))
    return Answer({})


async def download(call: Call) -> Answer:
    """`GET files/{id}/download`: the bytes as they came."""
    found = await shop_files.download(call.actor, _number(call))
    name = "" if found.view.name is None else found.view.name.reveal()
    # As an attachment of no kind: a page sent as a file must not run in the box's own name.
    headers = {
        "content-type": PLAIN,
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name or UNNAMED, safe='')}",
        "x-content-type-options": "nosniff",
    }
    return Answer({}, raw=Raw(found.body.reveal(), headers))
