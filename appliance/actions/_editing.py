"""Editing an order: what came in, field by field. Steps of `orders.edit`."""

from collections.abc import Mapping

import msgspec

from appliance.actions import _changing, _discounts, _handover, _intake, _line_edits
from appliance.actions._changing import Edit, as_code, as_it_is, as_text
from appliance.domain import coupons
from appliance.domain.access import ActorKind
from appliance.domain.assignment import Reason
from appliance.domain.customers import CustomerChange
from appliance.domain.events import CustomerChanged
from appliance.domain.fields import Owner
from appliance.domain.order_feed import ADDRESS_PREFIX, PERSONAL_FIELDS
from appliance.domain.orders import UNSET, OrderChange
from appliance.errors import Conflict, Denied, Invalid
from appliance.roles import Permission
from appliance.storage import (
    addresses,
    customer_edits,
    customers,
    feed,
    fields,
    order_lines,
    orders,
    staff,
)
from appliance.storage import coupons as coupon_uses
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

_FORMS = {
    "order_type": ("order_type", as_code),
    "order_method": ("order_method", as_code),
    "discount_amount": ("discount_manual_amount", as_it_is),
    "discount_percent_milli": ("discount_manual_percent", as_it_is),
    "shipment_store": ("shipment_store", as_code),
    "shipment_date": ("shipment_date", as_text),
    "shipped": ("shipped", as_it_is),
    "call": ("call", as_it_is),
}
"""Column (and field of an edit) → field of the feed and the form of its values."""

_DELIVERY = {
    "delivery_type": ("delivery_type", as_code),
    "delivery_service": ("delivery_service", as_code),
    "delivery_cost": ("delivery_cost", as_it_is),
    "delivery_net_cost": ("delivery_net_cost", as_it_is),
    "delivery_vat_rate": ("vat_rate", as_it_is),
    "delivery_date": ("delivery_date", as_text),
    "track_number": ("integration_delivery_data.track_number", as_it_is),
}
_SUMMED = ("discount_amount", "discount_percent_milli", "delivery_cost", "coupon")
"""Columns that decide the order's sums beside its lines."""


async def apply(tx: Tx, lists: Lists, edit: Edit, change: OrderChange) -> None:
    """Take over what an edit gives, to be written by `_changing.finish`.

    Only a change of the client is written at once: it puts every cell under another key.
    """
    if change.customer_ref is not None:
        edit.order = await _handover.to_named(tx, edit.order, change.customer_ref)
    for column, (field, form) in _FORMS.items():
        value = getattr(change, column)
        if value is not UNSET:
            edit.set(column, value, field, form)
    await _take_names(tx, edit, change)
    await _set_requisites(tx, edit, change)
    await _set_custom(tx, lists, edit, change)
    await _set_delivery(tx, edit, change)
    await _set_coupon(tx, edit, change)
    if change.lines is not UNSET:
        await _line_edits.change_lines(tx, lists, edit, change.lines)
    elif any(column in edit.columns for column in _SUMMED):
        await _line_edits.add_up_again(tx, edit)
    if change.status is not UNSET:
        await _changing.check_move(tx, lists, edit.order, change.status)
        await _changing.set_status(tx, lists, edit, change.status)


async def _set_requisites(tx: Tx, edit: Edit, change: OrderChange) -> None:
    """Keep the legal side that came with an order with its buyer."""
    if change.requisites is None:
        return
    client = await customers.find_by_id(edit.order.customer_id)
    if client is None or client.state != "live":
        return
    wanted = CustomerChange(requisites=change.requisites)
    if await customer_edits.apply(tx, client, wanted):
        tx.emit(CustomerChanged(customer_id=client.id))


async def _set_custom(tx: Tx, lists: Lists, edit: Edit, change: OrderChange) -> None:
    if change.custom is None:
        return
    record = fields.Record(Owner.ORDER, edit.order.id, edit.order.subject_id)
    for one in await fields.change(tx, lists, record, change.custom):
        edit.note(one)


async def _set_coupon(tx: Tx, edit: Edit, change: OrderChange) -> None:
    if change.coupon is UNSET or coupons.spelled(change.coupon) == edit.order.coupon:
        return
    order = edit.order
    await coupon_uses.release(order.id)
    code = ""
    if coupons.spelled(change.coupon):
        lines = await order_lines.of_order(order.id)
        code = await _discounts.take_coupon(tx, change.coupon, order.id, order.customer_id, lines)
    edit.set("coupon", code, "coupon")


async def _take_names(tx: Tx, edit: Edit, change: OrderChange) -> None:
    """Whose order it is: shop's id, manager, and how the buyer was written down."""
    if change.source is not UNSET:
        edit.quietly(source=msgspec.json.encode(change.source).decode())
    if change.external_id is not UNSET:
        await set_external_id(edit, change.external_id)
    if change.manager_number is not UNSET:
        _may_assign(tx)
        await set_manager(edit, change.manager_number or 0)
    if change.contact is not None:
        _set_contact(tx, edit, change.contact.reveal())


async def set_external_id(edit: Edit, external_id: str | None) -> None:
    """Give an order the shop's id.

    Raises:
        Conflict: `external_id_taken` by another order of the shop.
    """
    order = edit.order
    if external_id == order.external_id:
        return
    if external_id is not None:
        known = await orders.find_by_external_id(order.shop, external_id)
        if known is not None:
            raise Conflict("external_id_taken", f"order {known.number}", number=known.number)
    edit.set("external_id", external_id, "external_id")


def _may_assign(tx: Tx) -> None:
    if tx.actor.kind is ActorKind.USER and Permission.ORDER_ASSIGN not in tx.actor.grants:
        raise Denied(message="a manager is changed by whoever may assign")


async def set_manager(edit: Edit, number: int) -> None:
    """Make a colleague responsible; 0 is nobody.

    Raises:
        Invalid: `manager_unknown`.
    """
    manager = None
    if number:
        manager = await staff.id_of(number)
        if manager is None:
            raise Invalid("manager_unknown", fields={"managerId": "manager_unknown"})
    order = edit.order
    if manager == order.manager_id:
        return
    was = await orders.user_number(order.manager_id)
    edit.quietly(
        manager_id=manager,
        assigned_by=(Reason.NOBODY if manager is None else Reason.EXPLICIT).value,
    )
    edit.note(
        feed.Change(
            field="manager",
            old={"id": was} if was else None,
            new={"id": number} if number else None,
        )
    )


def _set_contact(tx: Tx, edit: Edit, given: Mapping[str, str]) -> None:
    order = edit.order
    contact = orders.open_contact(tx, order, name=True, reach=True, comments=True)
    changed = False
    for field in PERSONAL_FIELDS:
        if field not in given or not hasattr(contact, field):
            continue
        old, new = getattr(contact, field), given[field]
        if old != new:
            changed = True
            setattr(contact, field, new)
            edit.note(feed.Change(field=field, old=old, new=new, personal=True))
    if changed:
        edit.quietly(
            **orders.seal_contact(tx, order.id, order.subject_id, contact),
            phone_readable=_intake.readable(contact.phone),
        )


async def _set_delivery(tx: Tx, edit: Edit, change: OrderChange) -> None:
    delivery = change.delivery
    if delivery is None:
        return
    order = edit.order
    columns = _intake.delivery_columns(delivery, order)
    for column, (field, form) in _DELIVERY.items():
        edit.set(column, columns[column], field, form)
    times = columns["delivery_from"], columns["delivery_to"]
    if times != (order.delivery_from, order.delivery_to):
        edit.quietly(delivery_from=times[0], delivery_to=times[1])
        edit.note(
            feed.Change(
                field="delivery_time",
                old={"from": order.delivery_from, "to": order.delivery_to},
                new={"from": times[0], "to": times[1]},
            )
        )
    if delivery.address is not None:
        for part, old, new in await addresses.merge_address(
            tx, order.id, order.subject_id, "delivery", delivery.address.reveal()
        ):
            name = "country" if part == "country_iso" else part
            edit.note(feed.Change(field=f"{ADDRESS_PREFIX}{name}", old=old, new=new, personal=True))
