"""A record's history, and the record as of a moment: today's values walked back entry by entry."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, cast
from uuid import UUID

from appliance.domain import customer_feed, order_feed
from appliance.domain.customers import AddressParts, CustomerView, RequisitesParts
from appliance.domain.fields import FieldValue, as_text
from appliance.domain.grants import Access
from appliance.domain.history import HistoryLine, Past
from appliance.domain.orders import OrderView
from appliance.domain.personal import Personal
from appliance.domain.undo import CUSTOMER_FIELDS, CUSTOMER_LISTS, ORDER_CONTACT
from appliance.storage import change_entries
from appliance.storage.change_entries import COLUMNS, Entry, plain
from appliance.storage.statements import any_of, fetch
from appliance.storage.tx import Tx

MOST_WALKED: Final = 20_000
MOST_SINCE: Final = 100
State = dict[str, Any]


def grant_field(entity: str, field: str) -> str:
    """Which personal field of a grant decides whether a value may be read; empty for none."""
    if entity == "customer":
        return customer_feed.grant_field(field)
    return order_feed.grant_field(field)


async def with_merged(customer_id: UUID) -> list[UUID]:
    """A client and those who were merged into him: their histories are his, too."""
    found = [customer_id]
    for one in found:
        rows = await fetch("SELECT id FROM customer WHERE merged_into = {}", one)
        found += [row[0] for row in rows if row[0] not in found]
    return found


async def lines(
    tx: Tx, entity: str, ids: Sequence[UUID], before: int | None, limit: int
) -> list[HistoryLine]:
    """Entries of these records, newest first; values opened by right."""
    rows = await fetch(
        f"SELECT {COLUMNS} FROM change_entry e WHERE e.entity_id IN {{}} AND e.number < {{}} "
        "ORDER BY e.number DESC LIMIT {}",
        any_of(ids),
        before or 1 << 62,
        limit,
    )
    entries = [Entry(*row) for row in rows]
    change_entries.preload(tx, entries)
    return [_line(tx, entity, one) for one in entries]


async def since(tx: Tx, entity: str, record: UUID, saves: int) -> tuple[HistoryLine, ...]:
    """Entries of the last `saves` saves of a record, newest first.

    Each save makes one version and writes its entries with one moment, so that as many moments
    are taken as there were saves.
    """
    if saves <= 0:
        return ()
    entries = await lines(tx, entity, [record], None, MOST_SINCE)
    found = [one for one in entries if one.kind != "create"]
    moments = list(dict.fromkeys(one.at for one in found))[:saves]
    return tuple(one for one in found if one.at in moments)


def _line(tx: Tx, entity: str, one: Entry) -> HistoryLine:
    old, new = change_entries.values(tx, one, lambda field: grant_field(entity, field))
    hidden = one.subject_id is not None and old is None and new is None
    return HistoryLine(
        entry=one.number,
        number=one.entity_number,
        at=one.at,
        kind=one.kind,
        field=one.field,
        old=old,
        new=new,
        source=one.source,
        user_number=one.user_number,
        hidden=hidden,
        part=plain(one.part) or {},
    )


# --- as of a moment ---


async def client_then(tx: Tx, view: CustomerView, at: datetime) -> Past:
    """A client as he was."""
    state = _client_now(tx, view)
    exists = await _walk_back(tx, "customer", view.id, at, lambda one: _put_back(tx, state, one))
    return Past(at=at, exists=exists, values={k: v for k, v in state.items() if v})


def _client_now(tx: Tx, view: CustomerView) -> State:
    state: State = {}
    for field, name in CUSTOMER_FIELDS.items():
        if field != "manager" and _sees(tx, "customer", field):
            state[field] = _text(getattr(view, name, None))
    state["manager"] = None if view.owner_number is None else {"id": view.owner_number}
    state["external_id"] = view.external_id
    state["tags"] = list(view.tags)
    for field, kind in (("phones", "phone"), ("email", "email"), ("messenger", "messenger")):
        if _sees(tx, "customer", field):
            mine = [one for one in view.contacts if one.kind == kind]
            state[field] = [one.full for one in mine if one.full is not None]
    state |= _custom(view.custom)
    if view.address is not None:
        state |= _parts("address.", view.address.reveal(), {"country_iso": "country"})
    if _sees(tx, "customer", "contragent.inn"):
        known = RequisitesParts() if view.requisites is None else view.requisites.reveal()
        state |= _parts("contragent.", known, {})
    return state


def _custom(values: Sequence[FieldValue]) -> State:
    """Fields of an administrator's making, as their entries keep them."""
    state: State = {}
    for one in values:
        if one.access is Access.VISIBLE:
            value = one.plain
            if one.field.personal:
                text = as_text(value)
                state[one.field.history] = None if text is None else Personal(text)
            else:
                state[one.field.history] = list(value) if isinstance(value, tuple) else value
    return state


def _sees(tx: Tx, entity: str, field: str) -> bool:
    granted = grant_field(entity, field)
    plain_one = entity == "customer" and field in ("vip", "bad", "region", "manager", "tags")
    return not granted or plain_one or tx.may(granted) is Access.VISIBLE


def _text(value: Any) -> Any:
    """As the history writes it: texts, days as ISO, empty as None."""
    if isinstance(value, Personal):
        inner = cast("Personal[Any]", value).reveal()
        inner = inner.isoformat() if isinstance(inner, date) else inner
        return Personal(inner) if inner else None
    return value or None


def _parts(prefix: str, parts: AddressParts | RequisitesParts, renamed: Mapping[str, str]) -> State:
    return {
        f"{prefix}{renamed.get(name, name)}": Personal(value) if value else None
        for name in parts.__struct_fields__
        if name != "v"
        for value in [getattr(parts, name)]
    }


async def _walk_back(
    tx: Tx, entity: str, entity_id: UUID, at: datetime, back: Callable[[Entry], None]
) -> bool:
    """Undo in memory what happened after the moment; False when the record was not there yet."""
    rows = await fetch(
        f"SELECT {COLUMNS} FROM change_entry e WHERE e.entity_id = {{}} AND e.at > {{}} "
        "ORDER BY e.number DESC LIMIT {}",
        entity_id,
        at,
        MOST_WALKED,
    )
    for row in rows:
        one = Entry(*row)
        if one.kind == "create":
            return False
        back(one)
    return True


def _put_back(tx: Tx, state: State, one: Entry) -> None:
    field = one.field
    if field not in state:
        return
    old, new = change_entries.values(tx, one, lambda name: grant_field("customer", name))
    if field not in CUSTOMER_LISTS:
        state[field] = old if not isinstance(old, bool) else old or None
        return
    many: list[Any] = state[field]
    if new is not None and new in many:
        many.remove(new)
    if old is not None:
        many.append(old)


async def order_then(tx: Tx, view: OrderView, at: datetime) -> Past:
    """An order as it was, with its positions."""
    state = _order_now(tx, view)
    lines = {one.id: (one.name, one.quantity_milli, one.price) for one in view.lines}

    def back(one: Entry) -> None:
        if one.field.startswith("order_product"):
            _line_back(lines, one)
        elif one.field in state:
            state[one.field] = change_entries.values(
                tx, one, lambda name: grant_field("order", name)
            )[0]

    exists = await _walk_back(tx, "order", view.id, at, back)
    return Past(at=at, exists=exists, values={k: v for k, v in state.items() if v}, lines=lines)


def _order_now(tx: Tx, view: OrderView) -> State:
    delivery = view.delivery
    state: State = {
        "status": {"code": view.status.code},
        "manager": {"id": view.manager_number} if view.manager_number else None,
        "order_type": {"code": view.order_type},
        "order_method": {"code": view.order_method},
        "discount_manual_amount": view.discount_amount,
        "discount_manual_percent": view.discount_percent_milli,
        "shipment_store": {"code": view.shipment_store} if view.shipment_store else None,
        "shipment_date": view.shipment_date and view.shipment_date.isoformat(),
        "shipped": view.shipped,
        "delivery_type": {"code": delivery.type} if delivery.type else None,
        "delivery_service": {"code": delivery.service} if delivery.service else None,
        "delivery_cost": delivery.cost,
        "delivery_date": delivery.date and delivery.date.isoformat(),
        "integration_delivery_data.track_number": delivery.track_number,
        "customer": {"id": view.customer_number} if view.customer_number else None,
    }
    state |= _custom(view.custom)
    if view.contact is not None:
        contact = view.contact.reveal()
        for field in ORDER_CONTACT:
            if _sees(tx, "order", field):
                text = getattr(contact, field)
                state[field] = Personal(text) if text else None
    if delivery.address is not None:
        state |= _parts("delivery_address.", delivery.address.reveal(), {"country_iso": "country"})
    return state


def _line_back(lines: dict[int, tuple[str, int, int]], one: Entry) -> None:
    part: Mapping[str, Any] = plain(one.part) or {}
    number = int(part.get("id", 0))
    old, new = plain(one.old_value), plain(one.new_value)
    if one.field == "order_product":
        if new is not None:
            lines.pop(number, None)
        if old is not None:
            lines[number] = (part["name"], part["quantity_milli"], part["price"])
    elif number in lines:
        name, quantity, price = lines[number]
        if one.field == "order_product.quantity":
            lines[number] = (name, old, price)
        elif one.field == "order_product.initial_price":
            lines[number] = (name, quantity, old)
