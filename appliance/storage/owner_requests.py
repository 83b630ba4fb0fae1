"""Who asked for another's client, or took him over, and why."""

from typing import NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.companies import OwnerRequest
from appliance.domain.grants import Access
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.errors import Damaged, Destroyed
from appliance.storage import feed, staff
from appliance.storage.customers import Known
from appliance.storage.statements import execute, fetch, fetch_one, insert
from appliance.storage.tables import OwnerRequestRow
from appliance.storage.tx import Tx

MOST_SHOWN = 5


class Reason(msgspec.Struct, omit_defaults=True):
    """Blob of `owner_request.reason`."""

    v: int = 1
    text: str = ""


class Asked(NamedTuple):
    """A request that waits for its answer."""

    id: UUID
    customer_id: UUID
    asker_id: UUID
    asker_number: int


async def add(tx: Tx, known: Known, state: str, reason: Personal[str]) -> UUID:
    """Write down that the actor asks for a client (`asked`) or takes him (`taken`)."""
    row_id = uuid7()
    cell = tx.seal(
        "owner_request",
        "reason",
        row_id,
        known.subject_id,
        Reason(text=reason.reveal()),
        "comment",
    )
    await insert(
        OwnerRequestRow,
        id=row_id,
        customer_id=known.id,
        subject_id=known.subject_id,
        asker_id=tx.actor.id,
        owner_id=known.owner_id,
        state=state,
        reason=cell,
        at=tx.now,
    )
    return row_id


async def is_asking(customer_id: UUID, asker_id: UUID) -> bool:
    """Whether this colleague asked already and waits."""
    row = await fetch_one(
        "SELECT 1 FROM owner_request WHERE customer_id = {} AND asker_id = {} AND state = 'asked'",
        customer_id,
        asker_id,
    )
    return row is not None


async def find_open(request_id: UUID) -> Asked | None:
    """A request that nobody answered yet."""
    row = await fetch_one(
        "SELECT r.id, r.customer_id, r.asker_id, u.number FROM owner_request r "
        "JOIN users u ON u.id = r.asker_id WHERE r.id = {} AND r.state = 'asked'",
        request_id,
    )
    return None if row is None else Asked(*row)


async def answer(tx: Tx, request_id: UUID, state: str) -> None:
    """Give the client away (`given`) or keep him (`refused`)."""
    await execute(
        "UPDATE owner_request SET state = {}, answered_at = {} WHERE id = {} AND state = 'asked'",
        state,
        tx.now,
        request_id,
    )


async def close_others(tx: Tx, customer_id: UUID) -> None:
    """Whoever else asked is answered when the client gets another manager."""
    await execute(
        "UPDATE owner_request SET state = 'refused', answered_at = {} WHERE customer_id = {} "
        "AND state = 'asked'",
        tx.now,
        customer_id,
    )


async def waiting(tx: Tx, customer_id: UUID) -> tuple[OwnerRequest, ...]:
    """Requests for a client, the oldest first."""
    names = await staff.directory(tx)
    rows = await fetch(
        "SELECT r.id, r.subject_id, r.reason, u.number FROM owner_request r "
        "JOIN users u ON u.id = r.asker_id WHERE r.customer_id = {} AND r.state = 'asked' "
        "ORDER BY r.at LIMIT {}",
        customer_id,
        MOST_SHOWN,
    )
    return tuple(
        OwnerRequest(
            id=row_id,
            asker=names[number].name if number in names else "",
            reason=_reason(tx, row_id, subject_id, cell),
        )
        for row_id, subject_id, cell, number in rows
    )


def _reason(tx: Tx, row_id: UUID, subject_id: UUID, cell: bytes | None) -> Personal[str] | None:
    if cell is None or tx.may("comment") is not Access.VISIBLE:
        return None
    try:
        blob = tx.open("owner_request", "reason", row_id, subject_id, cell, Reason, "comment")
    except (Damaged, Destroyed):
        return None
    return Personal(blob.text)


async def give(tx: Tx, known: Known, user_id: UUID, number: int) -> None:
    """Make a colleague lead a client, with a line in the history."""
    was = await fetch_one("SELECT number FROM users WHERE id = {}", known.owner_id)
    await execute(
        "UPDATE customer SET owner_id = {}, version = version + 1, updated_at = {} WHERE id = {}",
        user_id,
        tx.now,
        known.id,
    )
    change = feed.Change(
        field="manager", old=None if was is None else {"id": was[0]}, new={"id": number}
    )
    await feed.record(
        tx, "customer", known.id, known.number, known.shop, known.subject_id, [change]
    )
    await feed.reindex([known.id])
