"""Links by which buyers see their orders. Who has the token has the page; we keep its hash."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from appliance.domain.buyers import LinkView
from appliance.domain.ids import uuid7
from appliance.storage.statements import execute, fetch, fetch_one, fetch_value, insert
from appliance.storage.tables import StatusLinkRow
from appliance.storage.tx import Tx

MOST_SHOWN = 20
NOTED_EVERY = timedelta(minutes=15)
"""How exactly it is kept when a buyer was here: his page asks anew whenever something changes."""


class Link(NamedTuple):
    """A link that works."""

    id: UUID
    order_id: UUID


async def add(tx: Tx, order_id: UUID, token_hash: bytes, term: timedelta) -> UUID:
    """Keep a link; its id."""
    link_id = uuid7()
    await insert(
        StatusLinkRow,
        id=link_id,
        order_id=order_id,
        token_hash=token_hash,
        made_by=tx.actor.number,
        created_at=tx.now,
        expires_at=tx.now + term,
    )
    return link_id


async def find(tx: Tx, token_hash: bytes) -> Link | None:
    """The link of a token; None for a wrong, an expired and a revoked one alike."""
    row = await fetch_one(
        "SELECT id, order_id FROM status_link WHERE token_hash = {} AND revoked_at IS NULL "
        "AND expires_at > {}",
        token_hash,
        tx.now,
    )
    return None if row is None else Link(*row)


async def note_opened(tx: Tx, link_id: UUID) -> None:
    """Write down that the buyer was here."""
    await execute(
        "UPDATE status_link SET opened_at = {} WHERE id = {} "
        "AND (opened_at IS NULL OR opened_at < {})",
        tx.now,
        link_id,
        tx.now - NOTED_EVERY,
    )


async def of_order(order_id: UUID) -> list[LinkView]:
    """Links of an order, the newest first."""
    rows = await fetch(
        "SELECT id, made_by, created_at, expires_at, revoked_at, opened_at FROM status_link "
        "WHERE order_id = {} ORDER BY created_at DESC, id DESC LIMIT {}",
        order_id,
        MOST_SHOWN,
    )
    return [
        LinkView(
            id=link_id,
            made_by=made_by,
            created_at=created,
            expires_at=expires,
            revoked_at=revoked,
            opened_at=opened,
        )
        for link_id, made_by, created, expires, revoked, opened in rows
    ]


async def revoke(tx: Tx, order_id: UUID, link_id: UUID) -> bool:
    """Take a link back; False if this order has no such link."""
    known = await fetch_value(
        "SELECT 1 FROM status_link WHERE id = {} AND order_id = {}", link_id, order_id
    )
    await execute(
        "UPDATE status_link SET revoked_at = {} WHERE id = {} AND order_id = {} "
        "AND revoked_at IS NULL",
        tx.now,
        link_id,
        order_id,
    )
    return known is not None
