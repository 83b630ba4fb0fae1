"""Baskets: one per client and shop, with one line in the client's stream while it lives."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain import formats
from appliance.domain.carts import CartDraft, CartItem, CartView, total_of
from appliance.domain.ids import uuid7
from appliance.domain.orders import Remark
from appliance.domain.personal import Personal
from appliance.domain.timeline import Entry, Kind, Said
from appliance.errors import Damaged, Destroyed
from appliance.storage import timeline
from appliance.storage.customers import Known
from appliance.storage.statements import fetch_one, insert, update_row
from appliance.storage.tables import CartRow, TimelineEntryRow
from appliance.storage.tx import Tx

MOST_NAMED: Final = 20
"""Positions that the line in the stream names."""
_items = msgspec.json.Decoder(tuple[CartItem, ...])


class Stored(NamedTuple):
    """A basket as stored; `link` is still sealed."""

    id: UUID
    customer_id: UUID
    subject_id: UUID
    shop: str
    external_id: str | None
    items: str
    currency: str
    link: bytes | None
    entry_id: UUID | None
    created_at: Any
    updated_at: Any
    dropped_at: Any


_SELECT = (
    f"SELECT {', '.join(Stored._fields)} FROM cart WHERE customer_id = {{}} AND shop = {{}} "
    "AND cleared_at IS NULL ORDER BY id DESC LIMIT 1"
)


async def find(customer_id: UUID, shop: str) -> Stored | None:
    """The basket a client fills now; whoever asks has checked the client."""
    row = await fetch_one(_SELECT, customer_id, shop)
    return None if row is None else Stored(*row)


def view_of(tx: Tx, known: Known, cart: Stored) -> CartView:
    """A basket opened."""
    link = ""
    if cart.link is not None:
        with suppress(Damaged, Destroyed):
            link = tx.open("cart", "link", cart.id, cart.subject_id, cart.link, Remark, "comment")
            link = link.text
    return CartView(
        customer_number=known.number,
        customer_external_id=known.external_id,
        shop=cart.shop,
        external_id=cart.external_id,
        items=_items.decode(cart.items),
        link=Personal(link),
        currency=cart.currency,
        created_at=cart.created_at,
        updated_at=cart.updated_at,
        dropped_at=cart.dropped_at,
    )


async def put(tx: Tx, known: Known, draft: CartDraft, items: tuple[CartItem, ...]) -> None:
    """Keep what a basket holds now; its line in the stream says the same."""
    was = await find(known.id, draft.shop)
    row_id = uuid7() if was is None else was.id
    link = draft.link.reveal()
    cell = None
    if link:
        cell = tx.seal("cart", "link", row_id, known.subject_id, Remark(text=link), "comment")
    columns: dict[str, Any] = {
        "external_id": draft.external_id,
        "items": msgspec.json.encode(items).decode(),
        "total": total_of(items),
        "currency": draft.currency,
        "link": cell,
        "updated_at": draft.updated_at or tx.now,
        "dropped_at": draft.dropped_at,
    }
    state = "open" if draft.dropped_at is None else "dropped"
    entry_id = await _tell(tx, known, was, items, state)
    if was is not None:
        await update_row(CartRow, row_id, **columns, entry_id=entry_id)
        return
    await insert(
        CartRow,
        id=row_id,
        shop=draft.shop,
        customer_id=known.id,
        subject_id=known.subject_id,
        created_at=draft.created_at or tx.now,
        entry_id=entry_id,
        **columns,
    )


async def clear(tx: Tx, known: Known, cart: Stored) -> None:
    """A basket is empty now: ordered, or thrown away."""
    await _tell(tx, known, cart, _items.decode(cart.items), "cleared")
    await update_row(CartRow, cart.id, cleared_at=tx.now)


async def _tell(
    tx: Tx, known: Known, was: Stored | None, items: tuple[CartItem, ...], state: str
) -> UUID:
    """Write the basket's line, or bring it up to date: the stream has one for its whole life."""
    data = {"count": len(items), "total": total_of(items), "state": state}
    said = Said(text=_words(items))
    entry = None if was is None or was.entry_id is None else await timeline.find(was.entry_id)
    if entry is None:
        return await timeline.record(
            tx,
            Entry(
                kind=Kind.CART,
                at=tx.now,
                customer_id=known.id,
                subject_id=known.subject_id,
                said=said if items else None,
                data=data,
            ),
        )
    cell = timeline.seal(tx, entry.id, known.subject_id, said) if items else None
    await update_row(
        TimelineEntryRow,
        entry.id,
        at=tx.now,
        data=timeline.json_of(data),
        text=cell,
        subject_id=known.subject_id,
    )
    tx.concern("customer", known.id)
    return entry.id


def _words(items: Sequence[CartItem]) -> str:
    """What lies in a basket, line by line."""
    lines = [f"{one.name} × {formats.quantity(one.quantity_milli)}" for one in items[:MOST_NAMED]]
    return "\n".join(lines if len(items) <= MOST_NAMED else [*lines, "…"])
