"""Orders, their lines, money and statuses."""

from typing import Final

import msgspec

from appliance.actions import (
    assignment,
    bulk,
    buyers,
    day,
    desk,
    fields,
    history,
    mass,
    order_edits,
    order_forms,
    order_groups,
    orders,
    papers,
    payments,
)
from appliance.actions.payments import Paid, PaymentSelector
from appliance.api.v1.operation import Operation, group
from appliance.domain.access import Actor
from appliance.domain.customers import ContactDraft, ContactKind
from appliance.domain.fulfilments import FulfilmentView
from appliance.domain.market import PostingView
from appliance.domain.orders import (
    OrderChange,
    OrderDraft,
    OrderSelector,
    OrderView,
    PaymentDraft,
    Placed,
)
from appliance.domain.parcels import ParcelView
from appliance.domain.paying import AttemptView
from appliance.domain.personal import Personal
from appliance.errors import NotFound


async def show(actor: Actor, number: int) -> OrderView:
    """One order whole, as the key's rights show it."""
    found = await orders.find_by(actor, [OrderSelector(number=number)])
    if not found:
        raise NotFound("order_not_found")
    return found[0]


class OrderServices(msgspec.Struct, frozen=True, kw_only=True):
    """What services outside have of an order.

    Attributes:
        posting: of the marketplace it came from.
        parcels: that carriers carry for it, newest first.
        links: attempts to be paid by link, newest first.
        operator: the last handing over to a fulfilment operator.
    """

    posting: PostingView | None
    parcels: tuple[ParcelView, ...]
    links: tuple[AttemptView, ...]
    operator: FulfilmentView | None


async def services(actor: Actor, number: int) -> OrderServices:
    """What services outside have of it: marketplace, carriers, acquirer, fulfilment operator."""
    found = await desk.order(actor, number)
    return OrderServices(
        posting=found.posting,
        parcels=found.parcels,
        links=found.pays,
        operator=None if found.operator is None else found.operator.now,
    )


async def edit(actor: Actor, number: int, change: OrderChange, version: int | None = None) -> int:
    """Change an order: fields that are left out stay as they are, `lines` are all the new ones."""
    if version is not None:
        change = msgspec.structs.replace(change, version=version)
    return await order_edits.change(actor, number, change)


async def edit_payment(actor: Actor, number: int, draft: PaymentDraft) -> Paid:
    """Change a payment: fields that are left out stay as they are."""
    return await payments.edit(actor, PaymentSelector(number=number), draft)


async def drop_payment(actor: Actor, number: int) -> Paid:
    """Take a payment out of its order."""
    return await payments.delete(actor, PaymentSelector(number=number))


async def place(actor: Actor, draft: OrderDraft) -> Placed:
    """Accept an order, once per (shop, external id). Repeating is safe: the answer is the same.

    The buyer is found by `customer_ref`, else by his contacts, else added; a `customer` without
    contacts has those of `contact`.

    Raises:
        Invalid: by field, as `errors` says.
    """
    return await orders.place(actor, _with_contacts(draft))


def _with_contacts(draft: OrderDraft) -> OrderDraft:
    if draft.customer.contacts:
        return draft
    told = draft.contact.reveal()
    contacts = tuple(
        ContactDraft(kind=kind, value=Personal(value))
        for kind, value in ((ContactKind.PHONE, told.phone), (ContactKind.EMAIL, told.email))
        if value
    )
    customer = msgspec.structs.replace(draft.customer, contacts=contacts)
    return msgspec.structs.replace(draft, customer=customer)


GROUPS: Final = {"by": ("status", "manager", "shop", "delivery", "day")}

op = group("orders")
OPERATIONS: Final[tuple[Operation, ...]] = (
    op("GET", "/orders", orders.list_page, covers=("orders.list_page", "desk.orders"),
       following="after"),
    op("POST", "/orders/search", orders.list_page, following="after"),
    op("POST", "/orders", place, made=True, covers=("orders.place", "order_forms.save")),
    op("GET", "/orders/counts", orders.counts),
    op("GET", "/orders/statuses", orders.statuses_of),
    op("POST", "/orders/reckon", order_forms.reckon),
    op("POST", "/orders/goods", order_forms.goods),
    op("POST", "/orders/statuses", mass.move),
    op("POST", "/orders/statuses/undo", mass.undo),
    op("PUT", "/orders/external-ids", orders.fix_external_ids, gives="changed"),
    op("POST", "/orders/take-next", assignment.take_next),
    op("GET", "/orders/groups/{by}", order_groups.screen, choices=GROUPS),
    op("GET", "/orders/groups/{by}/{key}", order_groups.more, choices=GROUPS),
    op("GET", "/orders/{number}", show,
       covers=("orders.find_by", "desk.order", "orders.open_card", "desk.numbered")),
    op("GET", "/orders/{number}/services", services, covers=("desk.order",)),
    op("PATCH", "/orders/{number}", edit, covers=("order_edits.change", "orders.edit")),
    op("POST", "/orders/{number}/lines", order_edits.line),
    op("PUT", "/orders/{number}/delivery", order_edits.delivery),
    op("PUT", "/orders/{number}/parties", order_edits.parties),
    op("POST", "/orders/{number}/status", desk.move,
       covers=("desk.move", "orders.set_status")),
    op("POST", "/orders/{number}/advance", mass.advance, gives="status"),
    op("PUT", "/orders/{number}/manager", desk.assign, covers=("desk.assign", "orders.assign")),
    op("PUT", "/orders/{number}/put-off", day.put_off),
    op("DELETE", "/orders/{number}/put-off", day.bring_back),
    op("GET", "/orders/{number}/history", history.order),
    op("GET", "/orders/{number}/changed-since", history.order_since),
    op("GET", "/orders/{number}/fields", fields.of_order),
    op("GET", "/orders/{number}/documents", papers.of_order, names={"number": "order_number"}),
    op("POST", "/orders/{number}/documents", papers.issue, names={"number": "order_number"},
       covers=("papers.begin", "papers.finish"), made=True, once=False),
    op("GET", "/documents/{number}", papers.pages_of),
    op("POST", "/documents/{number}/print", papers.print_again, covers=("papers.resume",),
       once=False),
    op("POST", "/orders/{number}/payments", payments.receive, names={"number": "order_number"},
       made=True, covers=("payments.receive", "payments.create")),
    op("PATCH", "/payments/{number}", edit_payment, covers=("payments.edit",)),
    op("DELETE", "/payments/{number}", drop_payment, covers=("payments.delete",)),
    op("POST", "/payments/{number}/refund", payments.refund,
       names={"number": "payment_number"}, made=True),
    op("GET", "/orders/{number}/links", buyers.links),
    op("POST", "/orders/{number}/links", buyers.make_link, covers=("buyers.add_link",), made=True,
       once=False),
    op("DELETE", "/orders/{number}/links/{link_id}", buyers.revoke),
    op("POST", "/bulk/look", bulk.look),
    op("POST", "/bulk", bulk.apply, made=True),
    op("GET", "/bulk/{job}", bulk.progress),
    op("POST", "/bulk/{job}/stop", bulk.stop),
    op("POST", "/bulk/undo/{set_id}", bulk.take_back),
)  # fmt: skip
