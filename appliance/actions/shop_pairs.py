"""Two orders, or two clients, of which a shop's module says that they belong together."""

from collections.abc import Sequence

from appliance.actions import _changing, _editing
from appliance.actions._gate import action
from appliance.domain.duplicates import MergeDone
from appliance.domain.events import CustomerChanged
from appliance.domain.ids import uuid7
from appliance.domain.orders import (
    LineDraft,
    OrderChange,
    OrderSelector,
    Technique,
)
from appliance.domain.personal import Personal
from appliance.domain.statuses import CANCEL_GROUP, COMPLETE_GROUP
from appliance.errors import Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    customers,
    feed,
    merges,
    order_lines,
    order_links,
    orders,
    payments,
    references,
)
from appliance.storage.order_lines import Line
from appliance.storage.orders import Order
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

MOST_COMBINED = 20
"""Clients taken into one by one call: each holds the writer for some milliseconds."""


@action(Permission.ORDER_EDIT)
async def link(tx: Tx, first: OrderSelector, second: OrderSelector, comment: Personal[str]) -> None:
    """Say that two orders belong together; saying it again changes nothing.

    Raises:
        NotFound: `order_not_found`.
        Invalid: `order_with_itself`.
    """
    one, other = await orders.get(tx, first), await orders.get(tx, second)
    if one.id == other.id:
        raise Invalid("order_with_itself")
    if not await order_links.add(tx, one, other, comment):
        return
    for mine, theirs in ((one, other), (other, one)):
        await _note(tx, mine, feed.Change(field="link", new={"id": theirs.number}))


async def _note(tx: Tx, order: Order, change: feed.Change) -> None:
    edit = _changing.Edit(order)
    edit.note(change)
    await _changing.finish(tx, edit)


@action(Permission.ORDER_EDIT)
async def combine_orders(
    tx: Tx, taken: OrderSelector, result: OrderSelector, technique: Technique
) -> int:
    """Take the goods of one order into another and cancel it; give the number of what stays.

    Everything but the goods of `result` stays as it is. Doing it again changes nothing.

    Raises:
        NotFound: `order_not_found`.
        Invalid: `order_with_itself`; `order_paid`: money came for the one that would go;
            `order_over`: one of them is over; `order_shops_differ`.
    """
    lists = await references.lists()
    theirs, ours = await orders.get(tx, taken), await orders.get(tx, result)
    if theirs.id == ours.id:
        raise Invalid("order_with_itself")
    if theirs.shop != ours.shop:
        raise Invalid("order_shops_differ")
    over = {CANCEL_GROUP, COMPLETE_GROUP}
    if theirs.shipped or ours.shipped or {_group(lists, theirs), _group(lists, ours)} & over:
        raise Invalid("order_over")
    if theirs.paid_total or any(
        lists.settles(one.status) for one in await payments.of_order(theirs.id)
    ):
        raise Invalid("order_paid")
    mine = await order_lines.of_order(ours.id)
    others = await order_lines.of_order(theirs.id)
    # The goods are let go before they are set aside anew: the last piece may be the same one.
    cancelled = _changing.Edit(theirs)
    await _changing.set_status(tx, lists, cancelled, _cancel(lists))
    cancelled.note(feed.Change(field="combined_to", new={"id": ours.number}))
    await _changing.finish(tx, cancelled)
    edit = _changing.Edit(ours)
    change = OrderChange(lines=_together(mine, others, technique))
    await _editing.apply(tx, lists, edit, change)
    await _changing.finish(tx, edit)
    return ours.number


def _group(lists: Lists, order: Order) -> str:
    return lists.group_of(order.status)


def _cancel(lists: Lists) -> str:
    for status in lists.statuses.values():
        if status.group == CANCEL_GROUP and status.active:
            return status.code
    raise Invalid("status_unknown", fields={"status": "code_unknown"})


def _together(
    mine: Sequence[Line], others: Sequence[Line], technique: Technique
) -> tuple[LineDraft, ...]:
    """The composition of both; a position of ours that nobody touches is named by its id alone."""
    left = list(others)
    found: list[LineDraft] = []
    for line in mine:
        same = None
        if technique is not Technique.MERGE:
            same = next((one for one in left if _is_same(one, line)), None)
        if same is None:
            found.append(LineDraft(id=line.number))
            continue
        left.remove(same)
        quantity = {
            Technique.OURS: line.quantity_milli,
            Technique.THEIRS: same.quantity_milli,
        }.get(technique, line.quantity_milli + same.quantity_milli)
        found.append(LineDraft(id=line.number, quantity_milli=quantity))
    return (*found, *(_draft(one) for one in left))


def _is_same(one: Line, other: Line) -> bool:
    if one.variant_id is not None or other.variant_id is not None:
        return one.variant_id == other.variant_id
    return one.name == other.name and one.price == other.price


def _draft(line: Line) -> LineDraft:
    return LineDraft(
        external_ids=line.external_ids,
        offer_external_id=line.offer_external_id,
        offer_xml_id=line.offer_xml_id,
        sku=line.sku or None,
        product_name=line.name,
        quantity_milli=line.quantity_milli,
        price=line.price,
        purchase_price=line.purchase_price,
        discount_amount=line.discount_amount,
        discount_percent_milli=line.discount_percent_milli,
        price_type=line.price_type,
        vat_rate=line.vat_rate,
        properties=line.properties,
    )


@action(Permission.CUSTOMER_MERGE)
async def combine_clients(tx: Tx, taken: Sequence[int], result: int) -> tuple[MergeDone, ...]:
    """Take clients into one, by their numbers; a client that is in already is passed over.

    Each can be taken out again for ninety days.

    Raises:
        NotFound: `customer_not_found`.
        Invalid: `merge_with_itself`, `merge_kinds_differ`, `customer_not_live`,
            `merge_too_big`, `too_many`.
    """
    if len(taken) > MOST_COMBINED:
        raise Invalid("too_many")
    done: list[MergeDone] = []
    for number in dict.fromkeys(taken):
        here, there = await _live(tx, result), await _live(tx, number)
        if there.state == "merged" and await _is_in(there, here):
            continue
        merges.check(here, there)
        tx.about("customer", here.id)
        done.append(await merges.perform(tx, uuid7(), here, there, ()))
        for known in (here, there):
            tx.emit(CustomerChanged(customer_id=known.id))
    tx.payload = {"merged": [one.other_number for one in done], "into": result}
    return tuple(done)


async def _live(tx: Tx, number: int) -> customers.Known:
    known = await customers.find_by_number(number)
    if known is None or known.state == "destroyed" or not await customers.is_visible(tx, known.id):
        raise NotFound("customer_not_found")
    return known


async def _is_in(there: customers.Known, here: customers.Known) -> bool:
    last = await customers.follow(there)
    return last is not None and last.id == here.id
