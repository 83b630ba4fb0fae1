"""Orders out: a customer order with reserve, under an id of ours, so that twice makes one."""

from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from appliance.domain.personal import Personal
from appliance.plugin_api.calls import Order, Standing
from appliance.plugin_api.core import Core
from appliance.plugin_api.fulfilment_tasks import tell
from appliance.plugin_api.fulfilments import Fulfilment, FulfilmentReport
from appliance.plugin_api.vendor import Reply
from plugins.warehouse_moysklad import goods
from plugins.warehouse_moysklad.sides import Side, ident_of, moment_of, refusal_of, rows_of

FIELDS: Final = tuple(f"customer.{one}" for one in ("name", "phone", "email", "address", "comment"))
PURPOSE: Final = "delivery"
MARK: Final = "korobka:"
"""Begins `externalCode` of orders that the box made: by it they are found again."""


async def send(core: Core, side: Side, one: Fulfilment) -> None:
    """Make or change the order there; a change of one that is there replaces its lines."""
    if one.want == "cancel" or one.stage in {"cancelled", "refused"}:
        return  # the cancel that follows answers for it
    person = await core.order(one.order_id, FIELDS, PURPOSE)
    if person is None or person.withheld:
        await _refused(core, one, "recipient_withheld")
        return
    body = await _body(core, side, one, person)
    if isinstance(body, str):
        await _refused(core, one, body)
        return
    known = one.remote_id or await _known(core, side, one)
    if known:
        reply = await side.ask(core, "PUT", f"entity/customerorder/{known}", json=body)
    else:
        body |= {"syncId": str(one.id), "name": one.order_no}
        reply = await side.ask(core, "POST", "entity/customerorder", json=body)
    if not reply.is_good:
        await _refused(core, one, refusal_of(reply))
        return
    told: dict[str, Any] = reply.json(dict[str, Any])
    moment = str(told.get("updated") or "")
    await tell(
        core,
        FulfilmentReport(
            id=one.id,
            ref=f"taken-{one.revision}",
            stage="accepted",
            remote_id=ident_of(told),
            revision=one.revision,
            at=moment_of(moment) if moment else None,
        ),
    )
    await journal(core, "sent", one)


async def change(core: Core, side: Side, one: Fulfilment) -> None:
    """Take changed lines over, unless goods of it have left there."""
    if await _has_left(core, side, one):
        ref = f"late-{one.revision}"
        await tell(core, FulfilmentReport(id=one.id, ref=ref, snag="changed_late"))
        await journal(core, "change_late", one, state="warn")
        return
    await send(core, side, one)


async def cancel(core: Core, side: Side, one: Fulfilment) -> None:
    """Let the goods go and put the order out of force; too late once goods have left."""
    if one.stage in {"cancelled", "refused"}:
        return
    known = one.remote_id or await _known(core, side, one)
    if known:
        if await _has_left(core, side, one):
            await tell(core, FulfilmentReport(id=one.id, ref="cancel-late", snag="too_late"))
            await journal(core, "cancel_late", one, state="warn")
            return
        body: dict[str, Any] = {"applicable": False}
        state = next((own for own, stage in one.stages.items() if stage == "cancelled"), "")
        if state:
            body["state"] = side.meta("state", state, of="customerorder/metadata/states")
        reply = await side.ask(core, "PUT", f"entity/customerorder/{known}", json=body)
        if not reply.is_good and reply.status != 404:
            await tell(
                core,
                FulfilmentReport(
                    id=one.id, ref="cancel-late", snag="too_late", reason=refusal_of(reply)
                ),
            )
            return
    await tell(core, FulfilmentReport(id=one.id, ref="cancelled", stage="cancelled"))
    await journal(core, "cancelled", one)


async def journal(
    core: Core, code: str, one: Fulfilment, *, state: Standing = "ok", **data: str
) -> None:
    """A line about an order."""
    await core.journal(
        code,
        direction="out",
        state=state,
        kind="order",
        number=one.order_number,
        order=one.order_number,
        **data,
    )


async def _refused(core: Core, one: Fulfilment, code: str) -> None:
    ref = f"refused-{one.revision}"
    await tell(core, FulfilmentReport(id=one.id, ref=ref, stage="refused", reason=code))
    await journal(core, "refused", one, state="bad", why=code)


async def _known(core: Core, side: Side, one: Fulfilment) -> str:
    """Id of the order there, found by our mark: an answer of before may have been lost."""
    query: dict[str, str | int] = {"filter": f"externalCode={MARK}{one.id}", "limit": 1}
    rows = rows_of(await side.ask(core, "GET", "entity/customerorder", query=query))
    return ident_of(rows[0]) if rows else ""


async def _has_left(core: Core, side: Side, one: Fulfilment) -> bool:
    if not one.remote_id:
        return False
    reply = await side.ask(core, "GET", f"entity/customerorder/{one.remote_id}")
    return reply.is_good and float(reply.json(dict[str, Any]).get("shippedSum") or 0) > 0


async def _body(core: Core, side: Side, one: Fulfilment, person: Order) -> dict[str, Any] | str:
    """What the order is to be there; a code where it cannot be said."""
    known = await goods.by_sku(core, side, [line.sku for line in one.lines])
    if any(line.sku not in known for line in one.lines):
        return "sku_unknown"
    organization = await first(core, side, "organization", side.organization)
    store = await first(core, side, "store", side.store)
    agent = await _agent(core, side, person)
    if not organization or not store:
        return "organization_unknown" if not organization else "store_unknown"
    if not agent:
        return "agent_refused"
    address = "" if person.address is None else person.address.reveal()[:255]
    comment = "" if person.comment is None else person.comment.reveal()[:4096]
    return {
        "externalCode": f"{MARK}{one.id}",
        "organization": side.meta("organization", organization),
        "store": side.meta("store", store),
        "agent": side.meta("counterparty", agent),
        "applicable": True,
        "shipmentAddress": address,
        "description": comment,
        "positions": [
            {
                "assortment": side.meta(known[line.sku].kind, known[line.sku].ident),
                "quantity": line.quantity_milli / 1000,
                "price": float(max(line.price, 0)),
                "reserve": line.quantity_milli / 1000,
            }
            for line in one.lines
        ],
    }


async def _agent(core: Core, side: Side, person: Order) -> str:
    """The buyer there, under an id made of ours: the same buyer is one counterparty."""
    if person.customer_id is None:
        return ""
    ident = f"{MARK}{person.customer_number}"
    body: dict[str, Any] = {
        "name": _said(person.name) or ident,
        "companyType": "individual",
        "externalCode": ident,
        "syncId": str(uuid5(NAMESPACE_URL, f"korobka/{person.customer_id}")),
    }
    body |= {
        name: text
        for name, text in (("phone", _said(person.phone)), ("email", _said(person.email)))
        if text
    }
    reply: Reply = await side.ask(core, "POST", "entity/counterparty", json=body)
    return ident_of(reply.json(dict[str, Any])) if reply.is_good else ""


def _said(value: Personal[str] | None) -> str:
    return "" if value is None else value.reveal()[:255]


async def first(core: Core, side: Side, kind: str, name: str) -> str:
    """Id of the organization or warehouse of this name, of the first where none is named."""
    key = f"{kind}:{name}"
    if key not in side.known:
        query: dict[str, str | int] = {"limit": 100}
        if name:
            query["filter"] = f"name={goods.escaped(name)}"
        rows = rows_of(await side.ask(core, "GET", f"entity/{kind}", query=query))
        if not rows:
            return ""
        side.known[key] = ident_of(rows[0])
        side.known["account"] = str(rows[0].get("accountId") or "")
    return side.known[key]
