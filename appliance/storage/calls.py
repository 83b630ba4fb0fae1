"""Calls: kept once per call of the exchange, the phone sealed for whom it is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain import phones
from appliance.domain.calls import CallLog, CallPhone, CallReport, CallState, later
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.domain.timeline import Entry, Kind, Said
from appliance.errors import Damaged, Destroyed, NotFound
from appliance.storage import timeline
from appliance.storage.statements import (
    any_of,
    fetch,
    fetch_one,
    fetch_value,
    insert,
    update_row,
)
from appliance.storage.tables import CallRow, TimelineEntryRow
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


def phone_of(phone: Personal[str]) -> CallPhone:
    """A reported phone, on its way under a key."""
    typed = phone.reveal()
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


async def log(
    tx: Tx, said: CallLog, user_id: UUID, phone: CallPhone, holder: Holder | None
) -> tuple[UUID, bool]:
    """Keep a call that is over; give its id and whether it had been logged before.

    One that was reported while it rang is closed and gets the times the exchange says.
    """
    row = await fetch_one(
        "SELECT id, state, ended_at FROM call WHERE provider_id = {}", said.provider_id
    )
    ended = said.at + timedelta(seconds=said.waited + said.seconds)
    columns: dict[str, Any] = {
        "state": (CallState.ENDED if said.answered else CallState.MISSED).value,
        "started_at": said.at,
        "answered_at": said.at + timedelta(seconds=said.waited) if said.answered else None,
        "ended_at": ended,
        "closed_at": ended,
    }
    if row is not None:
        told = await fetch_one(
            "SELECT id FROM timeline_entry WHERE ref_id = {} AND kind = 'call'", row[0]
        )
        if row[1] in _OVER and (told is not None or holder is None) and row[2] == ended:
            return row[0], True
        await update_row(CallRow, row[0], **columns)
        return row[0], False
    call_id = uuid7()
    subject = None if holder is None else holder.subject_id
    await insert(
        CallRow,
        id=call_id,
        provider_id=said.provider_id,
        direction=said.direction.value,
        line=said.line,
        subject_id=subject,
        customer_id=None if holder is None else holder.customer_id,
        phone=_seal(tx, call_id, subject, phone),
        user_id=user_id,
        **columns,
    )
    return call_id, False


_OVER: Final = frozenset({CallState.ENDED.value, CallState.MISSED.value})


async def tell(
    tx: Tx,
    call_id: UUID,
    holder: Holder,
    at: datetime,
    data: dict[str, Any],
    url: Personal[str] | None = None,
) -> None:
    """Write a call into the client's stream, or bring its line up to date."""
    said = Said(text=url.reveal()) if url else None
    known = await fetch_one(
        "SELECT id FROM timeline_entry WHERE ref_id = {} AND kind = {}", call_id, Kind.CALL.value
    )
    if known is None:
        await timeline.record(
            tx,
            Entry(
                kind=Kind.CALL,
                at=at,
                customer_id=holder.customer_id,
                subject_id=holder.subject_id,
                ref_id=call_id,
                said=said,
                data=data,
            ),
        )
        return
    columns: dict[str, Any] = {"at": at, "data": timeline.json_of(data)}
    if said is not None:
        columns["text"] = timeline.seal(tx, known[0], holder.subject_id, said)
    await update_row(TimelineEntryRow, known[0], **columns)
    tx.concern("customer", holder.customer_id)


async def started_at(call_id: UUID) -> datetime:
    """When a call began to ring."""
    return await fetch_value("SELECT started_at FROM call WHERE id = {}", call_id)


async def at_desks(users: Sequence[UUID], since: datetime) -> list[tuple[UUID, str]]:
    """Calls that go on at these desks: id and the exchange's own id."""
    rows = await fetch(
        "SELECT id, provider_id FROM call WHERE user_id IN {} AND state IN {} "
        "AND started_at > {} ORDER BY started_at DESC",
        any_of(users),
        any_of([CallState.RINGING.value, CallState.TALKING.value]),
        since,
    )
    return [(row[0], row[1]) for row in rows]


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
