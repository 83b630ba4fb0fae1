"""A courier's day: what he carries, whom he calls, what he marks at the door."""

from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from appliance.actions import _changing, _fulfilment, _paying
from appliance.actions._changing import Edit
from appliance.actions._gate import action
from appliance.domain import masks, phones
from appliance.domain.courier import Mark, MarkKind, Refusal, Run, RunState
from appliance.domain.customers import AddressParts
from appliance.domain.grants import Access
from appliance.domain.notices import NoticeKind
from appliance.domain.personal import Personal
from appliance.domain.references import ReferenceKind
from appliance.errors import Conflict, Damaged, Denied, Destroyed, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    addresses,
    budgets,
    courier_runs,
    customers,
    feed,
    notices,
    orders,
    references,
)
from appliance.storage.courier_runs import Given
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

WAYS = {MarkKind.CASH: "cash", MarkKind.CARD: "bank-card"}
"""Mark → code of the way to pay it is written down as."""


CALLED_AFTER = timedelta(days=2)
"""So long after the door a courier may still call: something was forgotten, or paid wrongly."""


class Marked(msgspec.Struct, frozen=True, kw_only=True):
    """What a mark did: `again` where it had come before; kopecks that are still to be paid."""

    number: int
    again: bool = False
    due: int = 0


@action(Permission.COURIER_RUN, reads=True)
async def day(tx: Tx, since: datetime) -> tuple[Run, ...]:
    """What is still to be delivered, however old, and what was done since the day began."""
    found = await courier_runs.of_day(tx, since)
    tx.vault.preload({one.order.subject_id for one in found})
    ids = [one.order.id for one in found]
    goods = await courier_runs.goods_of(ids)
    places = await addresses.of_owners(tx, ids)
    wishes = await customers.wish_notes(tx, [one.order.customer_id for one in found])
    return tuple(
        _run(
            tx,
            one,
            tuple(goods.get(one.order.id, ())),
            places.get(one.order.id, AddressParts()),
            wishes.get(one.order.customer_id, ""),
        )
        for one in found
    )


def _run(
    tx: Tx, one: Given, goods: tuple[tuple[str, int], ...], place: AddressParts, wish: str
) -> Run:
    order = one.order
    phone, name = tx.may("phone"), tx.may("name") is not Access.HIDDEN
    comments = tx.may("comment") is Access.VISIBLE
    contact = None
    with suppress(Damaged, Destroyed):
        contact = orders.open_contact(
            tx, order, name=name, reach=phone is not Access.HIDDEN, comments=comments
        )
    called = (
        ""
        if contact is None
        else " ".join(part for part in (contact.first_name, contact.last_name) if part)
    )
    return Run(
        number=order.number,
        state=one.state,
        reason=one.reason,
        day=one.day,
        given_at=one.given_at,
        done_at=one.done_at,
        courier_number=one.courier_number,
        delivery_date=order.delivery_date,
        delivery_from=order.delivery_from,
        delivery_to=order.delivery_to,
        total=order.total,
        due=max(order.total - order.paid_total, 0),
        goods=goods,
        name=Personal(called) if name else None,
        phone=None if contact is None else _phone(contact.phone, phone),
        address=Personal(place) if tx.may("address") is Access.VISIBLE else None,
        comment=Personal(contact.customer_comment) if comments and contact else None,
        wish=Personal(wish) if comments else None,
    )


def _phone(typed: str, access: Access) -> Personal[str] | None:
    if not typed or access is Access.HIDDEN:
        return None
    read = phones.normalise(typed)
    return Personal(masks.mask_phone(typed, "" if read is None else read.e164))


@action(Permission.COURIER_RUN)
async def reveal(tx: Tx, number: int) -> Personal[str]:
    """Show the phone of an order in the courier's hands: counted, and written down first.

    Raises:
        NotFound: `order_not_found`: not his, or done days ago; `contact_not_found`: the order has
            no phone.
        Denied: `field_hidden`.
        Throttled: `reveal_budget_spent`.
    """
    run = await courier_runs.get(tx, number)
    order = run.order
    if tx.may("phone") is Access.HIDDEN:
        raise Denied("field_hidden", field="phone")
    if run.done_at is not None and tx.now - run.done_at > CALLED_AFTER:
        raise NotFound("order_not_found")  # it left his list, and his hands, long ago
    await budgets.spend(tx, "reveal", order.customer_id)
    tx.purpose = "contact"
    typed = orders.open_contact(tx, order, name=False, reach=True, comments=False).phone
    if not typed:
        raise NotFound("contact_not_found")
    read = phones.normalise(typed)
    return Personal(typed if read is None else read.e164)


@action(Permission.COURIER_RUN, reads=True)
async def note_copied(tx: Tx, number: int) -> None:
    """Leave a line in the log that a phone shown before was copied.

    Raises:
        NotFound: `order_not_found`.
    """
    tx.touch((await courier_runs.get(tx, number)).order.subject_id, "phone")


@action(Permission.COURIER_RUN)
async def mark(tx: Tx, wanted: Mark) -> Marked:
    """Take a mark of a courier's phone; sent again, it does nothing and answers the same.

    Raises:
        NotFound: `order_not_found`.
        Conflict: `run_marked`: another mark came before this one.
        Invalid: `amount_out_of_range`, `refusal_reason`.
    """
    run = await courier_runs.get(tx, wanted.order)
    _check(run, wanted)
    if not await courier_runs.keep_mark(tx, run.order.id, wanted):
        return Marked(number=wanted.order, again=True, due=run.order.total - run.order.paid_total)
    if run.state != RunState.GIVEN:
        raise Conflict("run_marked", number=wanted.order)
    lists = await references.lists()
    if wanted.kind is MarkKind.REFUSED:
        await _refuse(tx, run, wanted)
        return Marked(number=wanted.order, due=run.order.total - run.order.paid_total)
    order = await _fulfilment.deliver_whole(tx, lists, run.order)
    paid = order.paid_total
    if wanted.kind in WAYS:
        kind = _way(lists, wanted.kind)
        paid = (await _paying.take_in(tx, lists, order, kind, wanted.amount)).paid_total
    await courier_runs.close(tx, run, RunState.DELIVERED)
    return Marked(number=wanted.order, due=order.total - paid)


def _check(run: Given, wanted: Mark) -> None:
    # A courier takes what the order costs at most: what is more is a slip of the finger.
    if wanted.kind in WAYS and not 0 < wanted.amount <= max(run.order.total, 0):
        raise Invalid("amount_out_of_range", fields={"amount": "amount_out_of_range"})
    if wanted.kind is MarkKind.REFUSED and wanted.reason not in {one.value for one in Refusal}:
        raise Invalid("refusal_reason", fields={"reason": "refusal_reason"})


def _way(lists: Lists, kind: MarkKind) -> str:
    code = WAYS[kind]
    known = lists.of(ReferenceKind.PAYMENT_TYPE)
    return code if code in known else lists.default(ReferenceKind.PAYMENT_TYPE)


async def _refuse(tx: Tx, run: Given, wanted: Mark) -> None:
    """The goods are still with the courier: the warehouse takes them back on its board."""
    await courier_runs.close(tx, run, RunState.REFUSED, wanted.reason)
    edit = Edit(run.order)
    edit.note(feed.Change(field="refused", new=wanted.reason))
    await _changing.finish(tx, edit)
    if run.order.manager_id is not None:
        await notices.tell(
            tx,
            run.order.manager_id,
            NoticeKind.ORDER_REFUSED,
            entity="order",
            entity_id=run.order.id,
            entity_number=run.order.number,
        )
