"""Calls: kept once per call of the exchange, the phone sealed for whom it is."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain import phones
from appliance.domain.calls import CallPhone, CallReport, CallState, later
from appliance.domain.ids import uuid7
from appliance.errors import Damaged, Destroyed, NotFound
from appliance.storage.statements import fetch_one, insert, update_row
from appliance.storage.tables import CallRow
from appliance.storage.tx import Tx

LABEL: Final = "call.phone"
FRESH: Final = timedelta(hours=2)
"""A card of an older call does not come up by itself."""
_encode = msgspec.msgpack.Encoder().encode
_phone = msgspec.msgpack.Decoder(CallPhone)

COLUMNS = (
    "id, direction, state, line, started_at, answered_at, ended_at, subject_id, customer_id, "
    "phone, user_id"
)


class Call(NamedTuple):
    """A stored call; `phone` is still sealed."""

    id: UUID
    direction: str
    state: str
    line: str
    started_at: Any
    answered_at: Any
    ended_at: Any
    subject_id: UUID | None
    customer_id: UUID | None
    phone: bytes | None
    user_id: UUID


class Holder(NamedTuple):
    """Whose phone it is."""

    customer_id: UUID
    subject_id: UUID


def _seal(tx: Tx, call_id: UUID, subject_id: UUID | None, phone: CallPhone) -> bytes:
    if subject_id is None:
        return tx.vault.seal_secret(LABEL, call_id, _encode(phone))
    return tx.seal("call", "phone", call_id, subject_id, phone, "phone")


def phone_of(said: CallReport) -> CallPhone:
    """The reported phone, on its way under a key."""
    typed = said.phone.reveal()
    known = phones.normalise(typed)
    return CallPhone(typed=typed, normal="" if known is None else known.e164)


def open_phone(tx: Tx, call: Call) -> CallPhone | None:
    """The phone; None where it is gone for good."""
    if call.phone is None:
        return None
    if call.subject_id is None:
        return _phone.decode(tx.vault.open_secret(LABEL, call.id, call.phone))
    try:
        return tx.open("call", "phone", call.id, call.subject_id, call.phone, CallPhone, "phone")
    except (Damaged, Destroyed):
        return None


async def report(
    tx: Tx, said: CallReport, user_id: UUID, phone: CallPhone, holder: Holder | None
) -> UUID:
    """Keep what a channel says; the same call of the exchange is changed, never added twice."""
    row = await fetch_one("SELECT id, state FROM call WHERE provider_id = {}", said.provider_id)
    if row is not None:
        state = later(row[1], said.state.value)
        if state != row[1]:
            await update_row(CallRow, row[0], state=state, user_id=user_id, **_times(tx, state))
        return row[0]
    call_id = uuid7()
    subject = None if holder is None else holder.subject_id
    await insert(
        CallRow,
        id=call_id,
        provider_id=said.provider_id,
        direction=said.direction.value,
        line=said.line,
        state=said.state.value,
        subject_id=subject,
        customer_id=None if holder is None else holder.customer_id,
        phone=_seal(tx, call_id, subject, phone),
        user_id=user_id,
        started_at=tx.now,
        **_times(tx, said.state.value),
    )
    return call_id


def _times(tx: Tx, state: str) -> dict[str, Any]:
    if state == CallState.TALKING.value:
        return {"answered_at": tx.now}
    return {} if state == CallState.RINGING.value else {"ended_at": tx.now}


async def mine(tx: Tx, call_id: UUID | None) -> Call | None:
    """A call at the actor's own desk: this one, or the newest that he has not put away."""
    if call_id is not None:
        row = await fetch_one(
            f"SELECT {COLUMNS} FROM call WHERE id = {{}} AND user_id = {{}}", call_id, tx.actor.id
        )
    else:
        row = await fetch_one(
            f"SELECT {COLUMNS} FROM call WHERE user_id = {{}} AND closed_at IS NULL "
            "AND started_at > {} ORDER BY started_at DESC, id DESC LIMIT 1",
            tx.actor.id,
            tx.now - FRESH,
        )
    return None if row is None else Call(*row)


async def get_mine(tx: Tx, call_id: UUID) -> Call:
    """A call at the actor's own desk.

    Raises:
        NotFound: `call_not_found`: it rings at another's, or there is none.
    """
    found = await mine(tx, call_id)
    if found is None:
        raise NotFound("call_not_found")
    tx.about("call", found.id)
    return found


async def put_away(tx: Tx, call: Call, result: str) -> None:
    """Close the card of a call, with what came of it."""
    changes: dict[str, Any] = {"closed_at": tx.now, "result": result}
    if call.state in (CallState.RINGING.value, CallState.TALKING.value):
        changes |= {"state": CallState.ENDED.value, "ended_at": tx.now}
    await update_row(CallRow, call.id, **changes)


async def settle(tx: Tx, call: Call, order_id: UUID, holder: Holder) -> None:
    """An order came of a call: whoever rang is known from now on, and seals the phone himself."""
    changes: dict[str, Any] = {"order_id": order_id, "result": "order"}
    if call.customer_id is None:
        phone = open_phone(tx, call) or CallPhone()
        changes |= {
            "customer_id": holder.customer_id,
            "subject_id": holder.subject_id,
            "phone": _seal(tx, call.id, holder.subject_id, phone),
        }
    await update_row(CallRow, call.id, **changes)


def first(holders: Sequence[Holder]) -> Holder | None:
    """Whom a phone is taken for where several have it: the oldest record."""
    return holders[0] if holders else None
