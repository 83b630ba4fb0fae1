"""An order changed on its card: one step each, with everything that follows from it."""

from collections.abc import Sequence

import msgspec

from appliance.actions import _changing, _editing, _order_checks
from appliance.actions._changing import Edit
from appliance.actions._gate import action
from appliance.domain.orders import (
    UNSET,
    CustomerRef,
    DeliveryDraft,
    LineDraft,
    OrderChange,
    OrderSelector,
    Unset,
)
from appliance.errors import Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import customers, feed, order_lines, orders, references
from appliance.storage.orders import Order
from appliance.storage.references import Lists
from appliance.storage.tx import Tx


class LineStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step on the lines of a card.

    Attributes:
        line: number of the line; 0 adds a new one.
        drop: take the line out.
        offer: number of the variant that is added; None: goods by name.
    """

    line: int = 0
    drop: bool = False
    offer: int | None = None
    name: str = ""
    quantity_milli: int | Unset = UNSET
    price: int | Unset = UNSET
    discount_percent_milli: int | Unset = UNSET
    status: str | Unset = UNSET


async def _begin(tx: Tx, number: int, version: int | None) -> tuple[Lists, Order]:
    lists = await references.lists()
    order = await orders.get(tx, OrderSelector(number=number))
    orders.check_version(order, version)
    return lists, order


async def _finish(tx: Tx, lists: Lists, order: Order, change: OrderChange) -> int:
    _order_checks.check_change(change, lists)
    edit = Edit(order)
    await _editing.apply(tx, lists, edit, change)
    await _changing.finish(tx, edit)
    return order.number


@action(Permission.ORDER_EDIT)
async def line(tx: Tx, number: int, step: LineStep, version: int | None = None) -> int:
    """Add, change or drop one line; sums, reserve and what is left to pay follow.

    Raises:
        NotFound: `order_not_found`, `line_not_found`.
        Conflict: `order_changed` since `version`.
        Invalid: `quantity_zero`, `line_shipped`, `offer_unknown`, `amount_out_of_range`.
    """
    lists, order = await _begin(tx, number, version)
    if step.quantity_milli is not UNSET and step.quantity_milli == 0:
        raise Invalid("quantity_zero", fields={"quantity": "quantity_zero"})
    stored = await order_lines.of_order(order.id)
    if step.line and step.line not in {one.number for one in stored}:
        raise NotFound("line_not_found")
    drafts = [
        _draft(step, one.number) for one in stored if not (step.drop and one.number == step.line)
    ]
    if not step.line:
        drafts.append(
            LineDraft(
                offer_id=step.offer,
                product_name=step.name,
                quantity_milli=1000 if step.quantity_milli is UNSET else step.quantity_milli,
                price=0 if step.price is UNSET else step.price,
            )
        )
    return await _finish(tx, lists, order, OrderChange(lines=tuple(drafts)))


def _draft(step: LineStep, number: int) -> LineDraft:
    if step.line != number:
        return LineDraft(id=number)
    return LineDraft(
        id=number,
        quantity_milli=step.quantity_milli,
        price=step.price,
        discount_percent_milli=step.discount_percent_milli,
        discount_amount=UNSET if step.discount_percent_milli is UNSET else 0,
        status=step.status,
    )


@action(Permission.ORDER_EDIT)
async def delivery(tx: Tx, number: int, draft: DeliveryDraft, version: int | None = None) -> int:
    """Change how the goods go. Another way costs what it usually does, unless a cost is given.

    A request that was made of a carrier for the way before is cancelled, or flagged.

    Raises:
        NotFound: `order_not_found`.
        Conflict: `order_changed` since `version`.
        Invalid: `code_unknown`, `amount_out_of_range`.
    """
    lists, order = await _begin(tx, number, version)
    other = draft.type is not UNSET and draft.type != order.delivery_type
    if other and draft.cost is UNSET:
        known = lists.delivery(str(draft.type))
        draft = msgspec.structs.replace(draft, cost=0 if known is None else known.cost)
    change = OrderChange(delivery=draft)
    _order_checks.check_change(change, lists)
    edit = Edit(order)
    await _editing.apply(tx, lists, edit, change)
    await _changing.finish(tx, edit)
    return order.number


@action(Permission.ORDER_EDIT)
async def parties(
    tx: Tx,
    number: int,
    *,
    buyer: int | None = None,
    payer: int | None = None,
    version: int | None = None,
) -> int:
    """Make another client the buyer, or the payer (0: the buyer pays himself).

    Raises:
        NotFound: `order_not_found`, `customer_not_found`: absent, or not for this actor.
        Conflict: `order_changed` since `version`.
        Invalid: `customer_not_live`.
    """
    lists, order = await _begin(tx, number, version)
    change = OrderChange(customer_ref=None if buyer is None else CustomerRef(number=buyer))
    edit = Edit(order)
    await _editing.apply(tx, lists, edit, change)
    if payer:
        await _order_checks.check_reach(tx, payer)
    if payer is not None:
        await _set_payer(edit, payer)
    await _changing.finish(tx, edit)
    return order.number


async def _set_payer(edit: Edit, number: int) -> None:
    known = await customers.find_by_number(number) if number else None
    if number and (known is None or known.state != "live"):
        raise NotFound("customer_not_found")
    payer = None if known is None or known.id == edit.order.customer_id else known.id
    if payer == edit.order.payer_id:
        return
    edit.quietly(payer_id=payer)
    edit.note(feed.Change(field="payer", new=None if known is None else {"id": known.number}))


SCHEMES: Sequence[str] = ("", "prepay", "part", "receipt")
"""How an order is to be paid: not said, in advance, in parts, on receipt."""


@action(Permission.ORDER_EDIT)
async def change(tx: Tx, number: int, wanted: OrderChange, *, scheme: str | None = None) -> int:
    """Change other fields of an order, and how it is to be paid.

    Raises:
        NotFound: `order_not_found`.
        Conflict: `order_changed` since `wanted.version`.
        Invalid: `code_unknown`, `discount_reason`, `discount_above_limit` and what `edit` says.
    """
    lists, order = await _begin(tx, number, wanted.version)
    _order_checks.check_change(wanted, lists)
    if scheme is not None and scheme not in SCHEMES:
        raise Invalid("code_unknown", fields={"scheme": "code_unknown"})
    edit = Edit(order)
    await _editing.apply(tx, lists, edit, wanted)
    if scheme is not None:
        edit.set("payment_scheme", scheme, "payment_scheme")
    await _changing.finish(tx, edit)
    return order.number
