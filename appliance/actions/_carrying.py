"""What parcels and their orders mean to each other: steps of many actions."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from appliance.domain.events import ServiceWished
from appliance.domain.order_feed import ADDRESS_PREFIX
from appliance.domain.parcels import BEFORE, Deed, State
from appliance.domain.personal import Personal
from appliance.domain.statuses import CANCEL_GROUP
from appliance.domain.tasks import TaskDraft
from appliance.storage import alarms, feed, parcels, tasks
from appliance.storage.orders import Order
from appliance.storage.parcels import Parcel
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

MADE: Final = "made"
STALE: Final = "stale"
FIELD: Final = "integration_delivery_data.status"
"""What the change feed calls the state of a parcel."""
_ANOTHER_WAY: Final = frozenset({"delivery_type", "delivery_service"})
ANSWER_WITHIN: Final = timedelta(hours=4)


def wish(tx: Tx, parcel: Parcel, deed: Deed) -> None:
    """Ask the carrier's plugin for a deed, in this transaction."""
    tx.emit(
        ServiceWished(
            plugin=parcel.plugin,
            kind="parcel",
            record_id=parcel.id,
            deed=deed.value,
            order_id=parcel.order_id,
        )
    )


def state_note(was: str, became: str, parcel: Parcel) -> feed.Change:
    """A parcel's move in the order's trace."""
    return feed.Change(
        field=FIELD, old=was or None, new=became, part={"id": parcel.number, "track": parcel.track}
    )


async def ask(tx: Tx, parcel: Parcel) -> Parcel:
    """Make the request of the carrier."""
    asked = await parcels.change(
        tx,
        parcel,
        state=State.DRAFT.value,
        base_state=State.DRAFT.value,
        deed=Deed.BOOK.value,
        trouble="",
        stale=False,
    )
    wish(tx, asked, Deed.BOOK)
    return asked


async def give_up(tx: Tx, parcel: Parcel) -> Parcel:
    """Take a parcel back as far as that costs nothing; what is on its way is flagged.

    A request that waits unasked, or was refused, is over at once.
    """
    state = State(parcel.state)
    if state in {State.CHOSEN, State.ERROR}:
        over = State.CANCELLED.value
        return await parcels.change(tx, parcel, state=over, base_state=over, deed="")
    if state not in BEFORE:
        return await parcels.change(tx, parcel, stale=True)
    if parcel.deed == Deed.CANCEL.value:
        return parcel
    given = await parcels.change(tx, parcel, stale=True, deed=Deed.CANCEL.value, trouble="")
    wish(tx, given, Deed.CANCEL)
    return given


def differs(lists: Lists, fields: Iterable[str], status: str) -> bool:
    """Whether a request is out of date: another way or address, or an order that is off."""
    if lists.group_of(status) == CANCEL_GROUP:
        return True
    return any(one in _ANOTHER_WAY or one.startswith(ADDRESS_PREFIX) for one in fields)


async def outdate(tx: Tx, order: Order) -> None:
    """Cancel the request that an order has, while that is possible; else flag it."""
    live = await parcels.live_of(order.id)
    if live is not None and live.is_asked:
        await give_up(tx, live)


async def tell_manager(tx: Tx, order: Order, title: str, text: str = "") -> None:
    """A task for whoever leads the order, else for an administrator."""
    performer = order.manager_id or await alarms.first_administrator()
    if performer is None:
        return
    await tasks.add(
        tx,
        TaskDraft(
            title=Personal(title),
            text=Personal(text),
            performer_id=performer,
            due_at=tx.now + ANSWER_WITHIN,
            customer_id=order.customer_id,
            order_id=order.id,
        ),
    )
