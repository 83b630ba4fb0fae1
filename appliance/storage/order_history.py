"""What happened to orders: the feed for programs, the event line of a card, the last move."""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast
from uuid import UUID

import msgspec

from appliance.domain.order_feed import FeedEntry, FeedFilter, FeedPage, grant_field
from appliance.domain.orders import HistoryEntry, OrderView
from appliance.storage import change_entries, change_texts, fields, order_views, staff
from appliance.storage.change_entries import COLUMNS, MOST_COUNTED, Entry, plain, values
from appliance.storage.references import Lists
from appliance.storage.statements import any_of, fetch, fetch_one, fetch_value
from appliance.storage.tx import Tx
from appliance.storage.visible import in_shop, visible_order

ON_A_CARD = 100


# --- the feed ---


async def page(tx: Tx, wanted: FeedFilter, lists: Lists) -> FeedPage:
    """Entries after `since`, ascending, with creations as whole orders."""
    condition, given = await _condition(tx, wanted)
    rows = await fetch(
        f"SELECT {COLUMNS}, o.external_id, o.status, leader.number FROM change_entry e "
        "JOIN orders o ON o.id = e.entity_id LEFT JOIN users leader ON leader.id = o.manager_id "
        f"WHERE {condition} ORDER BY e.number LIMIT {{}}",
        *given,
        wanted.limit,
    )
    total = len(rows)
    if total == wanted.limit:
        total = await fetch_value(
            "SELECT COUNT(*) FROM (SELECT 1 FROM change_entry e "
            f"JOIN orders o ON o.id = e.entity_id WHERE {condition} LIMIT {{}}) counted",
            *given,
            MOST_COUNTED,
        )
    entries = [Entry(*row[:-3]) for row in rows]
    change_entries.preload(tx, entries)
    wholes = await _wholes(tx, lists, entries)
    moves = await _later_moves(entries)
    line_ids = await _external_ids(entries)
    made = [
        msgspec.structs.replace(
            _entry(tx, entry, tuple(row[-3:]), wholes, moves, line_ids),
            custom=fields.of_history(lists, "order", entry.field),
        )
        for entry, row in zip(entries, rows, strict=True)
    ]
    return FeedPage(generated_at=tx.now, entries=tuple(made), total_count=int(total))


async def _condition(tx: Tx, wanted: FeedFilter) -> tuple[str, list[object]]:
    scope, scope_args = visible_order(tx)
    shop, shop_args = in_shop(tx, "o.shop")
    texts = ["e.entity = 'order'", "e.number > {}", scope, shop]
    given: list[object] = [wanted.since, *scope_args, *shop_args]
    for text, value in (
        ("e.at >= {}", wanted.start),
        ("e.at <= {}", wanted.end),
        ("e.entity_number = {}", wanted.order_number),
        ("o.external_id = {}", wanted.order_external_id),
    ):
        if value is not None:
            texts.append(text)
            given.append(value)
    if await change_entries.own_left_out(tx):
        texts.append("(e.key_id IS NULL OR e.key_id <> {})")
        given.append(tx.actor.id)
    return " AND ".join(texts), given


async def _wholes(tx: Tx, lists: Lists, entries: Sequence[Entry]) -> dict[UUID, OrderView]:
    """The orders that were created among these entries."""
    created = {one.entity_id for one in entries if one.kind == "create"}
    if not created:
        return {}
    views = await order_views.load(tx, lists, "o.id IN {}", [any_of(created)], len(created))
    return {view.id: view for view in views}


async def _later_moves(entries: Sequence[Entry]) -> dict[UUID, list[tuple[int, str]]]:
    """Status moves of these orders: (number, status before), ascending."""
    if not entries:
        return {}
    rows = await fetch(
        "SELECT entity_id, number, old_value FROM change_entry WHERE entity_id IN {} "
        "AND number > {} AND field = 'status' AND kind = 'change' ORDER BY number",
        any_of({one.entity_id for one in entries}),
        entries[0].number,
    )
    found: dict[UUID, list[tuple[int, str]]] = {}
    for order_id, number, old in rows:
        found.setdefault(order_id, []).append((number, _code(old)))
    return found


def _code(text: str | None) -> str:
    value = plain(text)
    return str(cast("dict[str, Any]", value).get("code", "")) if isinstance(value, dict) else ""


async def _external_ids(entries: Sequence[Entry]) -> dict[int, list[list[str]]]:
    """Today's external ids of the lines touched: a reader finds its line only through them."""
    numbers = {
        part["id"]
        for one in entries
        if one.field.startswith("order_product") and (part := plain(one.part)) is not None
    }
    if not numbers:
        return {}
    rows = await fetch(
        "SELECT number, external_ids FROM order_line WHERE number IN {}", any_of(numbers)
    )
    return {row[0]: plain(row[1]) for row in rows}


def _entry(
    tx: Tx,
    entry: Entry,
    joined: tuple[Any, ...],
    wholes: dict[UUID, OrderView],
    moves: dict[UUID, list[tuple[int, str]]],
    line_ids: dict[int, list[list[str]]],
) -> FeedEntry:
    external_id, status, leader = joined
    old, new = values(tx, entry, grant_field)
    part = plain(entry.part)
    later = (before for number, before in moves.get(entry.entity_id, ()) if number > entry.number)
    status = next(later, status)
    whole = None
    if entry.kind == "create":
        whole = wholes.get(entry.entity_id)
        whole = None if whole is None else _as_created(whole, new, part)
        part = None
    elif part is not None and part.get("id") in line_ids:
        part["external_ids"] = line_ids[part["id"]]
    return FeedEntry(
        number=entry.number,
        at=entry.at,
        created=entry.kind == "create",
        deleted=entry.kind == "delete",
        source=entry.source,
        user_number=entry.user_number,
        current_key=change_entries.current_key(tx, entry),
        field=entry.field,
        old=old,
        new=new,
        part=part,
        order_id=entry.entity_id,
        order_number=entry.entity_number,
        external_id=external_id,
        manager_number=leader,
        shop=entry.shop,
        status=status,
        order=whole,
    )


class _Payment(msgspec.Struct):
    id: int


class _Snapshot(msgspec.Struct):
    """Part of a creation's entry: lines by number (quantity, price) and payments."""

    lines: dict[str, tuple[int, int]] = {}
    payments: tuple[_Payment, ...] = ()


def _as_created(order: OrderView, new: Any, part: Any) -> OrderView:
    """An order with the composition and the status it was created with."""
    made = msgspec.convert(part or {}, _Snapshot)
    lines, paid = made.lines, {one.id for one in made.payments}
    replace = msgspec.structs.replace
    return replace(
        order,
        status=replace(order.status, code=(new or {}).get("code", order.status.code)),
        lines=tuple(
            replace(line, quantity_milli=lines[str(line.id)][0], price=lines[str(line.id)][1])
            for line in order.lines
            if str(line.id) in lines
        ),
        payments=tuple(one for one in order.payments if one.id in paid),
    )


# --- a card's event line ---


async def of_card(tx: Tx, lists: Lists, order_id: UUID) -> tuple[HistoryEntry, ...]:
    """The newest changes of one order, newest first."""
    rows = await fetch(
        f"SELECT {COLUMNS} FROM change_entry e WHERE e.entity_id = {{}} "
        "ORDER BY e.number DESC LIMIT {}",
        order_id,
        ON_A_CARD,
    )
    names = await staff.directory(tx)
    return tuple(_shown(tx, lists, names, Entry(*row)) for row in rows)


def _shown(tx: Tx, lists: Lists, names: dict[int, staff.Colleague], entry: Entry) -> HistoryEntry:
    told = change_texts.shown(tx, lists, names, "order", entry)
    part: dict[str, Any] = plain(entry.part) or {}
    user = names.get(entry.user_number)
    return HistoryEntry(
        at=entry.at,
        field=entry.field,
        old=told.old,
        new=told.new,
        actor_kind=entry.source,
        actor_name="" if user is None else user.name,
        note=part.get("rule", ""),
    )


# --- the last move ---


class LastChange(NamedTuple):
    """The newest entry of an order."""

    field: str
    source: str
    user_number: int
    was: str


async def last_change(order_id: UUID) -> LastChange | None:
    """What was done to an order last; `was` is the code before, for a status."""
    row = await fetch_one(
        "SELECT field, source, user_number, old_value FROM change_entry WHERE entity_id = {} "
        "ORDER BY number DESC LIMIT 1",
        order_id,
    )
    if row is None:
        return None
    return LastChange(row[0], row[1], row[2], _code(row[3]))
