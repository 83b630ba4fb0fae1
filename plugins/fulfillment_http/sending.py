"""From us to the operator: goods, orders, changes, cancels. Every deed may be done twice."""

from typing import Final
from urllib.parse import quote

import msgspec

from appliance.domain.personal import Personal
from appliance.plugin_api.calls import Order, Row, Standing
from appliance.plugin_api.core import Core
from appliance.plugin_api.fulfilment_tasks import tell
from appliance.plugin_api.fulfilments import Fulfilment, FulfilmentReport
from appliance.plugin_api.vendor import Reply
from plugins.fulfillment_http import contract as c
from plugins.fulfillment_http import heard
from plugins.fulfillment_http.sides import Side

FIELDS: Final = tuple(f"customer.{one}" for one in ("name", "phone", "email", "address", "comment"))
PURPOSE: Final = "delivery"
TAKEN: Final = (200, 201)
LABELS: Final = frozenset({"application/pdf", "application/zpl"})


def given_of(one: Fulfilment, person: Order, side: Side) -> c.OrderGiven:
    """An order as the operator gets it."""

    def said(value: Personal[str] | None) -> str:
        return "" if value is None else value.reveal()

    ours = side.carrier == "shop"
    return c.OrderGiven(
        order_no=one.order_no,
        warehouse=side.warehouse,
        lines=tuple(
            c.LineGiven(
                line=line.line,
                sku=line.sku or line.external_id or f"line-{line.line}",
                name=line.name,
                quantity=c.quantity(line.quantity_milli),
                price=max(line.price, 0),
                vat_rate=line.vat_rate,
            )
            for line in one.lines
        ),
        recipient=c.Recipient(
            name=said(person.name),
            phone=said(person.phone),
            email=said(person.email),
            address=said(person.address),
            comment=said(person.comment),
        ),
        delivery=c.Delivery(
            method=person.delivery_type,
            service=person.delivery_service if ours else "",
            track_number=person.track_number if ours else "",
            label_follows=ours,
        ),
        cash_on_delivery=one.cod,
        insured_value=max(one.total, 0),
    )


async def send(core: Core, side: Side, one: Fulfilment) -> None:
    """Hand an order over: its goods first, then itself under a key of its revision."""
    if one.want == "cancel" or one.stage in {"cancelled", "refused"}:
        return  # the cancel that follows answers for it
    person = await core.order(one.order_id, FIELDS, PURPOSE)
    if person is None or person.withheld:
        await _refused(core, one, "recipient_withheld")
        return
    given = given_of(one, person, side)
    await _skus(core, side, one)
    reply = await _post(core, side, one, given)
    if reply.status == 422 and _code(reply) == "sku_unknown":
        await _skus(core, side, one, again=True)
        reply = await _post(core, side, one, given)
    if reply.status == 409:  # it is there already under an older revision
        reply = await _patch(core, side, one, given)
    if reply.status in TAKEN:
        await _taken(core, one, reply.json(heard.Order))
        await label(core, side, one)
    else:
        await _refused(core, one, _code(reply))


async def _post(core: Core, side: Side, one: Fulfilment, given: c.OrderGiven) -> Reply:
    headers = {"idempotency-key": f"{one.id}-{one.revision}"}
    return await side.vendor.ask(core, "POST", "/orders", json=given, headers=headers)


async def _patch(core: Core, side: Side, one: Fulfilment, given: c.OrderGiven) -> Reply:
    change = c.OrderChange(
        lines=given.lines, recipient=given.recipient, delivery=given.delivery, notes=given.notes
    )
    return await side.vendor.ask(core, "PATCH", f"/orders/{quote(one.order_no)}", json=change)


async def change(core: Core, side: Side, one: Fulfilment) -> None:
    """Have lines, recipient, delivery taken over; too late is for people."""
    if one.want not in {"change", "send"}:
        return
    person = await core.order(one.order_id, FIELDS, PURPOSE)
    if person is None or person.withheld:
        return
    reply = await _patch(core, side, one, given_of(one, person, side))
    if reply.status == 404:
        await send(core, side, one)
    elif reply.status in TAKEN:
        await _taken(core, one, reply.json(heard.Order))
    else:
        ref = f"late-{one.revision}"
        report = FulfilmentReport(id=one.id, ref=ref, snag="changed_late", reason=_code(reply))
        await tell(core, report)
        await _journal(core, "change_late", one, state="warn")


async def cancel(core: Core, side: Side, one: Fulfilment) -> None:
    """Ask for a cancel; what the operator never had counts as cancelled."""
    if one.stage in {"cancelled", "refused"}:
        return
    path = f"/orders/{quote(one.order_no)}/cancel"
    reply = await side.vendor.ask(core, "POST", path)
    if reply.status == 404 or reply.json(heard.Cancel).result == "cancelled":
        await tell(core, FulfilmentReport(id=one.id, ref="cancelled", stage="cancelled"))
        await _journal(core, "cancelled", one)
    else:
        await tell(core, FulfilmentReport(id=one.id, ref="cancel-late", snag="too_late"))
        await _journal(core, "cancel_late", one, state="warn")


async def label(core: Core, side: Side, one: Fulfilment) -> None:
    """Pass the carrier's label on, as bytes: a link would expire."""
    if side.carrier != "shop" or one.stage in {"cancelled", "refused"}:
        return
    found = await core.fulfilment_label(one.id)
    if found.body is None:
        return
    if found.media not in LABELS:
        await _journal(core, "label_unfit", one, state="warn")
        return
    reply = await side.vendor.ask(
        core,
        "PUT",
        f"/orders/{quote(one.order_no)}/label",
        body=found.body.reveal(),
        headers={"content-type": found.media},
        wants_json=False,
    )
    if reply.is_good:
        await _journal(core, "label_sent", one)
    else:
        await _journal(core, "label_refused", one, state="warn", why=_code(reply))


async def _taken(core: Core, one: Fulfilment, told: heard.Order) -> None:
    await tell(
        core,
        FulfilmentReport(
            id=one.id,
            ref=f"taken-{one.revision}",
            stage="accepted",
            raw=told.status,
            remote_id=told.id,
            revision=one.revision,
            at=told.updated_at,
        ),
    )
    await _journal(core, "sent", one)


async def _refused(core: Core, one: Fulfilment, code: str) -> None:
    ref = f"refused-{one.revision}"
    await tell(core, FulfilmentReport(id=one.id, ref=ref, stage="refused", reason=code))
    await _journal(core, "refused", one, state="bad", why=code)


async def _journal(
    core: Core, code: str, one: Fulfilment, *, state: Standing = "ok", **data: str
) -> None:
    await core.journal(
        code,
        direction="out",
        state=state,
        kind="order",
        number=one.order_number,
        order=one.order_number,
        **data,
    )


async def _skus(core: Core, side: Side, one: Fulfilment, *, again: bool = False) -> None:
    """Tell of goods the operator was not told of yet, or not as they are now."""
    goods = {
        line.sku or line.external_id or f"line-{line.line}": c.SkuGiven(
            name=line.name,
            barcodes=(line.barcode,) if line.barcode else (),
            weight_g=line.weight_grams,
        )
        for line in one.lines
    }
    known = {
        row.values["sku"]: row.values["told"]
        for row in await core.rows_get("skus", [(side.code, sku) for sku in goods])
    }
    for sku, good in goods.items():
        said = msgspec.json.encode(good).decode()
        if known.get(sku) == said and not again:
            continue
        reply = await side.vendor.ask(core, "PUT", f"/skus/{quote(sku, safe='')}", json=good)
        if reply.is_good:
            row = Row(values={"account": side.code, "sku": sku, "told": said})
            await core.rows_put("skus", [row])


def _code(reply: Reply) -> str:
    """Why the operator refuses, as a code."""
    try:
        return msgspec.convert(reply.data, c.Trouble, strict=False).code[:60]
    except msgspec.ValidationError:
        return f"status_{reply.status}"
