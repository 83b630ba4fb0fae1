"""Reading an order for its buyer, and what was said between him and the shop."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from appliance.domain.buyers import (
    BuyerLine,
    BuyerPage,
    BuyerParcel,
    BuyerWord,
    ParcelStep,
    steps_of,
)
from appliance.domain.parcels import ASKED, FINAL, State
from appliance.domain.paying import AttemptState
from appliance.domain.personal import Personal
from appliance.domain.references import ReferenceKind
from appliance.domain.statuses import CANCEL_GROUP
from appliance.errors import Damaged, Destroyed
from appliance.storage import orders, parcels, pay_attempts, timeline
from appliance.storage.orders import Order
from appliance.storage.references import Lists
from appliance.storage.statements import fetch, fetch_one, fetch_value
from appliance.storage.tx import Tx

MOST_LINES = 200
MOST_SHOWN = 100
BUYER = "buyer"
"""Source of a line in a stream that the buyer wrote."""


async def page(tx: Tx, lists: Lists, order: Order) -> BuyerPage:
    """The order's page.

    Raises:
        Destroyed: the buyer's key is gone: there is nobody to show it to.
    """
    status = lists.statuses.get(order.status)
    group = lists.group_of(order.status)
    shop = lists.shops.get(order.shop)
    link = await pay_attempts.active_of(order.id)
    waits = link is not None and link.state is AttemptState.PENDING
    return BuyerPage(
        order_id=order.id,
        number=order.number,
        shop=shop.name if shop is not None else "",
        first_name=Personal(
            orders.open_contact(tx, order, name=True, reach=False, comments=False).first_name
        ),
        status=order.status if status is None else status.name,
        tone="grey" if status is None else status.tone,
        shape="ring" if status is None else status.shape,
        steps=steps_of([*lists.groups.values()], group),
        cancelled=group == CANCEL_GROUP,
        created_at=order.created_at,
        delivery=_delivery(lists, order),
        delivery_date=order.delivery_date,
        delivery_from=order.delivery_from,
        delivery_to=order.delivery_to,
        delivered_at=order.delivered_at,
        track_number=order.track_number,
        lines=await _lines(order.id),
        goods_total=order.goods_total,
        discount_total=order.discount_total,
        delivery_cost=order.delivery_cost,
        total=order.total,
        paid_total=order.paid_total,
        words=await _words(tx, order.id),
        stamp=await stamp(order),
        parcel=await _parcel(order.id),
        pay_url=link.url if link is not None and waits else "",
        pay_amount=link.amount if link is not None and waits else 0,
    )


async def _parcel(order_id: UUID) -> BuyerParcel | None:
    """The parcel that is on its way or has come; none that was only chosen, refused or off."""
    found = (await parcels.views([order_id])).get(order_id, ())
    told = [one for one in found if one.state in ASKED or one.state in FINAL]
    one = next((one for one in told if one.state is not State.CANCELLED), None)
    if one is None:
        return None
    return BuyerParcel(
        carrier=one.carrier,
        gives=one.gives.value,
        point=one.point_name,
        track=one.track,
        url=one.track_url,
        state=one.state.value,
        days_min=one.days_min,
        days_max=one.days_max,
        steps=tuple(
            ParcelStep(step.state, step.place, step.at) for step in one.steps if step.state
        ),
    )


def _delivery(lists: Lists, order: Order) -> str:
    kinds = (
        lists.delivery(order.delivery_type),
        lists.of(ReferenceKind.DELIVERY_SERVICE).get(order.delivery_service),
    )
    return ", ".join(one.name for one in kinds if one is not None)


async def _lines(order_id: UUID) -> tuple[BuyerLine, ...]:
    rows = await fetch(
        "SELECT name, quantity_milli, total FROM order_line WHERE order_id = {} "
        "ORDER BY position LIMIT {}",
        order_id,
        MOST_LINES,
    )
    return tuple(BuyerLine(name=row[0], quantity_milli=row[1], total=row[2]) for row in rows)


async def _words(tx: Tx, order_id: UUID) -> tuple[BuyerWord, ...]:
    rows = await fetch(
        "SELECT id, at, source, text, subject_id FROM timeline_entry WHERE order_id = {} "
        "AND for_buyer = {} AND deleted_at IS NULL AND text IS NOT NULL "
        "ORDER BY at DESC, id DESC LIMIT {}",
        order_id,
        True,
        MOST_SHOWN,
    )
    return tuple(found for row in reversed(rows) if (found := _word(tx, row)) is not None)


def _word(tx: Tx, row: tuple[Any, ...]) -> BuyerWord | None:
    entry_id, at, source, cell, subject_id = row
    try:
        said = timeline.open_(tx, entry_id, subject_id, cell)
    except (Damaged, Destroyed):
        return None
    return BuyerWord(at=at, mine=source == BUYER, text=Personal(said.text))


async def stamp(order: Order) -> str:
    """Differs whenever the page does; nothing is opened for it."""
    row = await fetch_one(
        "SELECT COUNT(*), COALESCE(SUM(version), 0), "
        "SUM(CASE WHEN deleted_at IS NULL THEN 0 ELSE 1 END) FROM timeline_entry "
        "WHERE order_id = {} AND for_buyer = {}",
        order.id,
        True,
    )
    carried = await fetch_value(
        "SELECT COALESCE(SUM(version), 0) FROM parcel WHERE order_id = {}", order.id
    )
    link = await pay_attempts.active_of(order.id)
    waits = 0 if link is None or not link.url else link.number
    return "-".join(str(part or 0) for part in (order.version, *(row or ()), carried, waits))


async def written_since(order_id: UUID, since: datetime) -> int:
    """How many messages the buyer sent after a moment."""
    return await fetch_value(
        "SELECT COUNT(*) FROM timeline_entry WHERE order_id = {} AND source = {} AND at > {}",
        order_id,
        BUYER,
        since,
    )


async def task_that_waits(order_id: UUID) -> UUID | None:
    """The task an earlier message left, where it is still to be done."""
    return await fetch_value(
        "SELECT t.id FROM timeline_entry e JOIN task t ON t.id = e.ref_id "
        "WHERE e.order_id = {} AND e.source = {} AND t.state = 'open' LIMIT 1",
        order_id,
        BUYER,
    )


async def nobodys(permission_codes: frozenset[str]) -> UUID | None:
    """A colleague who looks after orders without a manager: the first with one of these roles."""
    rows = await fetch("SELECT id, roles FROM users WHERE active = {} ORDER BY number", True)
    return next((user for user, held in rows if permission_codes & set(held.split(","))), None)


DAY = timedelta(days=1)
