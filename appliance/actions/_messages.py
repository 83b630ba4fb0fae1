"""Steps that text messages share: numbers, grounds, the hour, keeping one and wishing for it."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from appliance.actions import _plugin_asking
from appliance.actions._gate import house
from appliance.actions._letters import Home
from appliance.domain import phones, quiet_hours
from appliance.domain.customers import ContactValue
from appliance.domain.events import ServiceWished
from appliance.domain.messages import (
    MessagePurpose,
    MessageSettings,
    MessageState,
    Today,
    day_began,
)
from appliance.domain.region_zones import zone_of
from appliance.errors import Conflict, Damaged, Destroyed
from appliance.storage import messages, orders
from appliance.storage.messages import Message, NewMessage
from appliance.storage.orders import Order
from appliance.storage.tx import Tx

DAY = timedelta(days=1)
MOSCOW = "Europe/Moscow"
MORNING = timedelta(hours=9)
"""Of the box: what today had no room for does not come at midnight, whatever hours are quiet."""


class Hour(NamedTuple):
    """When a message may leave.

    Attributes:
        due: now, or the end of quiet hours.
        zone: by whose clock; Moscow's where nobody knows the client's region.
    """

    due: datetime
    zone: str


def number_of(typed: str) -> str:
    """A number as it goes to a service, +79120001234; empty where it cannot be read."""
    found = phones.normalise(typed)
    return "" if found is None else found.e164


def of_order(tx: Tx, order: Order) -> str:
    """The order's own phone; empty where there is none, or it cannot be opened any more."""
    try:
        return number_of(
            orders.open_contact(tx, order, name=False, reach=True, comments=False).phone
        )
    except (Destroyed, Damaged):
        return ""


def of_contact(tx: Tx, contact_id: UUID, subject_id: UUID, cell: bytes) -> str:
    """A phone of a client; empty where it cannot be opened or read any more."""
    try:
        found = tx.open("contact", "value", contact_id, subject_id, cell, ContactValue, "phone")
    except (Destroyed, Damaged):
        return ""
    return number_of(found.normal or found.typed)


async def known_numbers(tx: Tx, home: Home) -> dict[str, str]:
    """Number → how a form names it: `order`, or the id of a contact."""
    found: dict[str, str] = {}
    if home.order is not None and (own := of_order(tx, home.order)):
        found[own] = "order"
    for contact_id, subject_id, cell in await messages.phones_of(home.customer_id):
        if known := of_contact(tx, contact_id, subject_id, cell):
            found.setdefault(known, str(contact_id))
    return found


async def today(tx: Tx) -> Today:
    """What left the box since its day began."""
    return await messages.left_since(day_began(tx.now, house().zone))


async def tomorrow(tx: Tx, rules: MessageSettings, customer_id: UUID) -> Hour:
    """When a message may leave for which there is no room today: never at night."""
    zone = zone_of(await messages.region_of(customer_id)) or MOSCOW
    begins = day_began(tx.now, house().zone, ahead=1) + MORNING
    return Hour(quiet_hours.after(begins, zone, rules.quiet_from, rules.quiet_to), zone)


async def hour(tx: Tx, rules: MessageSettings, customer_id: UUID) -> Hour:
    """When a message to a client may leave."""
    zone = zone_of(await messages.region_of(customer_id)) or MOSCOW
    return Hour(quiet_hours.after(tx.now, zone, rules.quiet_from, rules.quiet_to), zone)


async def ground(tx: Tx, customer_id: UUID, *, advert: bool) -> MessagePurpose:
    """What a message to a client stands on.

    Raises:
        Conflict: `message_no_consent`: advertising, and he gave no consent, or took it back;
            `message_no_ground`: nothing is going on with him that he could be written about.
    """
    purposes = (
        (MessagePurpose.MAILING,) if advert else (MessagePurpose.NOTIFY, MessagePurpose.CALLBACK)
    )
    for purpose in purposes:
        if customer_id in await _plugin_asking.grounds(tx, [customer_id], purpose.value):
            return purpose
    raise Conflict("message_no_consent" if advert else "message_no_ground")


async def check_day(tx: Tx, rules: MessageSettings, customer_id: UUID) -> None:
    """Refuse more messages to one client than the box allows within a day.

    Raises:
        Conflict: `message_too_many`.
    """
    if await messages.count_since(customer_id, tx.now - DAY) >= rules.most_a_day:
        raise Conflict("message_too_many", most=rules.most_a_day)


def wish(
    tx: Tx, plugin: str, message_id: UUID, order_id: UUID | None, due: datetime | None
) -> None:
    """Wish for a message's sending, not before its hour."""
    tx.emit(
        ServiceWished(
            plugin=plugin, kind="message", record_id=message_id, deed="send", order_id=order_id
        ),
        due,
    )


async def keep(tx: Tx, new: NewMessage) -> UUID:
    """Keep a message, and wish for its sending when its hour has come."""
    message_id = await messages.add(tx, new)
    wish(tx, new.plugin, message_id, new.order_id, new.due)
    return message_id


async def put_off(tx: Tx, message: Message, due: datetime, reason: str = "") -> None:
    """Have a message wait for the morning: the service was down until the quiet hours began.

    Or nothing more may leave the box today, which is the `reason` then.
    """
    await messages.change(tx, message, MessageState.QUEUED, due_at=due, reason=reason)
    wish(tx, message.plugin, message.id, message.order_id, due)
