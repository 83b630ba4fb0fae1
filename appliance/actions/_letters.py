"""Steps that letters share: addresses, what a template may name, who is told of a refusal."""

from typing import NamedTuple
from uuid import UUID

from appliance.domain import emails, formats
from appliance.domain.customers import ContactValue
from appliance.domain.letters import MARK
from appliance.domain.orders import OrderSelector
from appliance.domain.timeline import Place
from appliance.errors import Conflict, Damaged, Destroyed
from appliance.storage import (
    customer_views,
    deals,
    orders,
    pay_attempts,
    references,
    staff,
    timeline_edits,
)
from appliance.storage.letters import Letter
from appliance.storage.orders import Order
from appliance.storage.references import Lists
from appliance.storage.statements import fetch_value
from appliance.storage.tx import Tx


class Home(NamedTuple):
    """Whose letter or message it is."""

    customer_id: UUID
    subject_id: UUID
    order: Order | None = None
    deal_id: UUID | None = None


async def home_of(tx: Tx, place: Place) -> Home:
    """Whose letter or message it is, if the actor may write from there.

    Raises:
        NotFound: `order_not_found`, `deal_not_found`, `customer_not_found`.
        Conflict: `customer_gone`.
    """
    if place.order is not None:
        order = await orders.get(tx, OrderSelector(number=place.order))
        return Home(order.customer_id, order.subject_id, order)
    if place.deal is not None:
        deal = await deals.get(tx, place.deal)
        return Home(deal.customer_id, deal.subject_id, None, deal.id)
    row = await customer_views.find_visible(tx, "c.number = {}", place.client or 0)
    if row[8] != "live":
        raise Conflict("customer_gone")
    return Home(row[0], row[9])


async def values_of(tx: Tx, home: Home) -> dict[str, str]:
    """What a template may name, the link only marked."""
    lists = await references.lists()
    manager = await staff.name_of(tx, tx.actor.number)
    if home.order is not None:
        return {**await of_order(tx, lists, home.order), "link": MARK, "manager": manager}
    shops = [*lists.shops.values()]
    empty = dict.fromkeys(("number", "status", "sum", "to_pay", "track", "link", "pay_link"), "")
    name = await _name(tx, home.customer_id)
    return {**empty, "name": name, "shop": shops[0].name if shops else "", "manager": manager}


async def _name(tx: Tx, customer_id: UUID) -> str:
    row = await customer_views.find_visible(tx, "c.id = {}", customer_id)
    found = await customer_views.view_of(tx, row)
    return "" if found.first_name is None else found.first_name.reveal()


def address(typed: str) -> str:
    """An address as it goes over the wire; empty if no letter can go there."""
    found = emails.normalise(typed) or ""
    return found if found.isascii() else ""


async def of_order(tx: Tx, lists: Lists, order: Order) -> dict[str, str]:
    """What a template may name of an order; the link is put in by whoever has it."""
    try:
        name = orders.open_contact(tx, order, name=True, reach=False, comments=False).first_name
    except (Destroyed, Damaged):
        name = ""
    status, shop = lists.statuses.get(order.status), lists.shops.get(order.shop)
    left = max(order.total - order.paid_total, 0)
    pay = await pay_attempts.active_of(order.id)
    return {
        "name": name,
        "number": formats.order_number(order.number),
        "status": order.status if status is None else status.name,
        "sum": formats.money(order.total, "ru"),
        "to_pay": formats.money(left, "ru"),
        "track": order.track_number,
        "link": "",
        "pay_link": "" if pay is None else pay.url,
        "shop": "" if shop is None else shop.name,
        "manager": "",
    }


def email_of(tx: Tx, contact_id: UUID, subject_id: UUID, cell: bytes) -> str:
    """An address of a client; empty where it cannot be opened any more."""
    try:
        found = tx.open("contact", "value", contact_id, subject_id, cell, ContactValue, "email")
    except (Destroyed, Damaged):
        return ""
    return address(found.normal)


async def author_of(letter: Letter) -> UUID | None:
    """Who is told that a letter did not go: its author, else who leads the order."""
    if letter.author_number:
        return await timeline_edits.user_id(letter.author_number)
    if letter.order_id is None:
        return None
    return await fetch_value("SELECT manager_id FROM orders WHERE id = {}", letter.order_id)


async def about(letter: Letter) -> tuple[str, UUID | None, int]:
    """The record a letter is about: entity, id, number."""
    for entity, row_id, select in (
        ("order", letter.order_id, "SELECT number FROM orders WHERE id = {}"),
        ("deal", letter.deal_id, "SELECT number FROM deal WHERE id = {}"),
        ("customer", letter.customer_id, "SELECT number FROM customer WHERE id = {}"),
    ):
        if row_id is not None:
            return entity, row_id, await fetch_value(select, row_id) or 0
    return "", None, 0
