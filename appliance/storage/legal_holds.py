"""Laws that keep a person's data although their end was asked for."""

from collections.abc import Sequence
from datetime import date
from typing import cast
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.domain.privacy import PurposeCode
from appliance.domain.subjects import HoldView
from appliance.storage.statements import any_of, fetch, fetch_value, insert
from appliance.storage.tables import LegalHoldRow
from appliance.storage.tx import Tx

_SELECT = (
    "SELECT h.customer_id, h.id, c.number, h.purpose, h.law, h.until, h.set_by, h.set_at "
    "FROM legal_hold h JOIN customer c ON c.id = h.customer_id WHERE h.lifted_at IS NULL AND "
)


async def add(tx: Tx, customer_id: UUID, purpose: PurposeCode, law: str, until: date) -> UUID:
    """Write a hold down; one that says the same and still holds is given instead."""
    known = await fetch_value(
        "SELECT id FROM legal_hold WHERE customer_id = {} AND purpose = {} AND law = {} "
        "AND until = {} AND lifted_at IS NULL",
        customer_id,
        purpose.value,
        law,
        until,
    )
    if known is not None:
        return cast("UUID", known)
    row_id = uuid7()
    await insert(
        LegalHoldRow,
        id=row_id,
        customer_id=customer_id,
        purpose=purpose.value,
        law=law,
        until=until,
        set_by=tx.actor.number,
        set_at=tx.now,
    )
    return row_id


async def lift(tx: Tx, hold_id: UUID) -> UUID | None:
    """End a hold before its day and give the client; None: there is none that holds."""
    rows = await fetch(
        "UPDATE legal_hold SET lifted_by = {}, lifted_at = {} WHERE id = {} AND lifted_at IS NULL "
        "RETURNING customer_id",
        tx.actor.number,
        tx.now,
        hold_id,
    )
    return rows[0][0] if rows else None


async def of_clients(ids: Sequence[UUID], today: date) -> dict[UUID, tuple[HoldView, ...]]:
    """Holds that last, the longest first."""
    found: dict[UUID, tuple[HoldView, ...]] = {}
    for row in await fetch(
        _SELECT + "h.customer_id IN {} AND h.until >= {} ORDER BY h.until DESC, h.id",
        any_of(ids),
        today,
    ):
        one = HoldView(
            id=row[1],
            customer_number=row[2],
            purpose=PurposeCode(row[3]),
            law=row[4],
            until=row[5],
            set_by=row[6],
            set_at=row[7],
        )
        found[row[0]] = (*found.get(row[0], ()), one)
    return found
