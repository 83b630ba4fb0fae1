"""Text messages: kept sealed until they are sent, and as the proof of it afterwards."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.domain.message_texts import DEFAULTS
from appliance.domain.messages import (
    OPEN,
    SMS,
    MessageContent,
    MessagePurpose,
    MessageState,
    MessageView,
    Template,
    Today,
)
from appliance.domain.timeline import Entry, Kind, Said
from appliance.storage import counters, timeline
from appliance.storage.statements import (
    execute,
    fetch,
    fetch_one,
    fetch_value,
    insert,
    update_row,
)
from appliance.storage.tables import MessageRow, MessageTemplateRow
from appliance.storage.tx import Tx

PAGE: Final = 50
HEARD: Final = timedelta(days=4)
"""So long after it was taken more may be heard of a message: services keep it for three days."""


class NewMessage(NamedTuple):
    """A message to be kept; `once` names the event it belongs to, or nothing."""

    plugin: str
    kind: str
    purpose: MessagePurpose
    content: MessageContent
    parts: int
    subject_id: UUID
    customer_id: UUID
    order_id: UUID | None = None
    deal_id: UUID | None = None
    """In whose stream it is told of, too."""
    link_id: UUID | None = None
    form: UUID | None = None
    once: str | None = None
    due: datetime | None = None


class Message(NamedTuple):
    """A message as stored, its cell still closed."""

    id: UUID
    number: int
    channel: str
    plugin: str
    account: str
    kind: str
    purpose: str
    state: str
    reason: str
    subject_id: UUID
    customer_id: UUID
    order_id: UUID | None
    content: bytes | None
    parts: int
    price: int | None
    vendor_id: str
    attempts: int
    author_number: int
    due_at: datetime
    sent_at: datetime | None


_COLUMNS: Final = ", ".join(Message._fields)


async def by_form(form: UUID) -> UUID | None:
    """The message this form made already."""
    return await fetch_value("SELECT id FROM message WHERE form = {}", form)


async def by_event(once: str) -> UUID | None:
    """The message this event made already."""
    return await fetch_value("SELECT id FROM message WHERE once = {}", once)


async def add(tx: Tx, new: NewMessage) -> UUID:
    """Keep a message and tell of it in the stream; whoever calls wishes for its sending.

    Raises:
        Destroyed, Sealed: see `Tx.seal`.
    """
    message_id = uuid7()
    await insert(
        MessageRow,
        id=message_id,
        number=await counters.draw("message"),
        channel=SMS,
        plugin=new.plugin,
        kind=new.kind,
        purpose=new.purpose.value,
        state=MessageState.QUEUED.value,
        subject_id=new.subject_id,
        customer_id=new.customer_id,
        order_id=new.order_id,
        link_id=new.link_id,
        content=tx.seal(
            "message", "content", message_id, new.subject_id, new.content, "phone", "comment"
        ),
        parts=new.parts,
        author_number=tx.actor.number,
        form=new.form,
        once=new.once,
        created_at=tx.now,
        due_at=new.due or tx.now,
    )
    await timeline.record(
        tx,
        Entry(
            kind=Kind.MESSAGE,
            at=tx.now,
            customer_id=new.customer_id,
            order_id=new.order_id,
            deal_id=new.deal_id,
            subject_id=new.subject_id,
            ref_id=message_id,
            said=Said(text=new.content.text),
            data=_told(new.kind, MessageState.QUEUED, "", None, new.due),
        ),
    )
    return message_id


def _told(
    kind: str, state: MessageState, reason: str, price: int | None, due: datetime | None
) -> Mapping[str, Any]:
    told: dict[str, Any] = {"template": kind, "state": state.value, "channel": SMS}
    if reason:
        told["reason"] = reason
    if price is not None:
        told["price"] = price
    if due is not None and state is MessageState.QUEUED:
        told["due"] = due.isoformat()
    return told


def open_(tx: Tx, message: Message) -> MessageContent:
    """What is in it.

    Raises:
        Damaged, Destroyed, Sealed: see `Tx.open`.
    """
    return tx.open(
        "message",
        "content",
        message.id,
        message.subject_id,
        message.content or b"",
        MessageContent,
        "phone",
        "comment",
    )


async def find(message_id: UUID) -> Message | None:
    """One message, whoever asks."""
    row = await fetch_one(f"SELECT {_COLUMNS} FROM message WHERE id = {{}}", message_id)
    return None if row is None else Message(*row)


async def by_number(number: int) -> Message | None:
    """One message by its number, whoever asks."""
    row = await fetch_one(f"SELECT {_COLUMNS} FROM message WHERE number = {{}}", number)
    return None if row is None else Message(*row)


async def begin(tx: Tx, message_id: UUID) -> None:
    """Note that the service is being asked: a crash from here on leaves the answer unknown."""
    await execute(
        "UPDATE message SET attempts = attempts + 1, taken_at = COALESCE(taken_at, {}) "
        "WHERE id = {}",
        tx.now,
        message_id,
    )


async def left_since(began: datetime) -> Today:
    """What left the box since its day began; what a service refused cost nothing."""
    row = await fetch_one(
        "SELECT COUNT(*), COALESCE(SUM(price), 0), "
        "COALESCE(SUM(CASE WHEN price IS NULL THEN parts ELSE 0 END), 0) FROM message "
        "WHERE taken_at >= {} AND NOT (state = {} AND price IS NULL)",
        began,
        MessageState.FAILED.value,
    )
    lately = await fetch(
        "SELECT price, parts FROM message WHERE price IS NOT NULL AND parts > 0 "
        "ORDER BY number DESC LIMIT {}",
        PAGE,
    )
    sent, spent, unpriced = row or (0, 0, 0)
    return Today(
        sent=int(sent),
        spent=int(spent),
        unpriced=int(unpriced),
        dearest=max((-(-price // parts) for price, parts in lately), default=0),
    )


async def change(tx: Tx, was: Message, state: MessageState, **columns: Any) -> None:
    """Write down where a message stands, here and in the stream."""
    moves = state.value != was.state
    if moves and state is MessageState.SENT:
        columns["sent_at"] = tx.now
    if moves and state not in OPEN:
        columns["settled_at"] = tx.now
    await update_row(MessageRow, was.id, state=state.value, **columns)
    price = columns.get("price", was.price)
    told = _told(was.kind, state, columns.get("reason", was.reason), price, columns.get("due_at"))
    line = await fetch_one(
        "UPDATE timeline_entry SET data = {} WHERE ref_id = {} AND kind = {} RETURNING deal_id",
        timeline.json_of(told),
        was.id,
        Kind.MESSAGE.value,
    )
    tx.concern("deal", None if line is None else line[0])
    tx.concern("message", was.id)
    tx.concern("order", was.order_id)
    tx.concern("customer", was.customer_id)


async def open_ones(plugin: str, after: int, limit: int) -> list[Message]:
    """What the service took and is not at its end, by number."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM message WHERE plugin = {{}} AND state = 'sent' "
        "AND number > {} ORDER BY number LIMIT {}",
        plugin,
        after,
        limit,
    )
    return [Message(*row) for row in rows]


async def count_since(customer_id: UUID, since: datetime) -> int:
    """How many messages a client got or is to get since a moment."""
    return int(
        await fetch_value(
            "SELECT COUNT(*) FROM message WHERE customer_id = {} AND created_at >= {} "
            "AND state NOT IN ('cancelled', 'failed')",
            customer_id,
            since,
        )
    )


async def page(before: int | None, limit: int) -> list[MessageView]:
    """Messages by number, the newest first; nobody's number is read."""
    bound = "" if before is None else "WHERE m.number < {} "
    values = () if before is None else (before,)
    rows = await fetch(
        "SELECT m.id, m.number, m.kind, m.state, m.reason, m.author_number, m.parts, m.price, "
        "m.created_at, m.due_at, m.settled_at, o.number, c.number, m.plugin FROM message m "
        "LEFT JOIN orders o ON o.id = m.order_id "
        f"LEFT JOIN customer c ON c.id = m.customer_id {bound}ORDER BY m.number DESC LIMIT {{}}",
        *values,
        limit,
    )
    return [_view(row) for row in rows]


def _view(row: Sequence[Any]) -> MessageView:
    return MessageView(
        id=row[0],
        number=row[1],
        kind=row[2],
        state=MessageState(row[3]),
        reason=row[4],
        author_number=row[5],
        parts=row[6],
        price=row[7],
        created_at=row[8],
        due_at=row[9],
        settled_at=row[10],
        order_number=row[11] or 0,
        client_number=row[12] or 0,
        plugin=row[13],
    )


async def phones_of(customer_id: UUID) -> list[tuple[UUID, UUID, bytes]]:
    """(id, subject, cell) of a client's phones, in their order."""
    rows = await fetch(
        "SELECT id, subject_id, value FROM contact WHERE customer_id = {} AND kind = 'phone' "
        "AND value IS NOT NULL ORDER BY position",
        customer_id,
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def region_of(customer_id: UUID) -> str:
    """Code of a client's region; empty where nobody knows it."""
    return str(await fetch_value("SELECT region FROM customer WHERE id = {}", customer_id) or "")


# --- templates ---


async def templates() -> dict[str, Template]:
    """All of them by code: the release's first, then the house's own by name."""
    rows = await fetch("SELECT code, name, body, advert FROM message_template ORDER BY name, code")
    kept = {row[0]: row for row in rows}
    found = {
        code: one if code not in kept else Template(code=code, body=kept[code][2], changed=True)
        for code, one in DEFAULTS.items()
    }
    for code, name, body, advert in rows:
        if code not in DEFAULTS:
            found[code] = Template(code=code, name=name, body=body, advert=bool(advert), own=True)
    return found


async def put_template(tx: Tx, one: Template) -> None:
    """Keep a template; one of the release's that says what it did goes back to it."""
    await execute("DELETE FROM message_template WHERE code = {}", one.code)
    own = DEFAULTS.get(one.code)
    if own is not None and own.body == one.body:
        return
    await insert(
        MessageTemplateRow,
        code=one.code,
        name="" if own is not None else one.name,
        body=one.body,
        advert=own is None and one.advert,
        changed_by=tx.actor.number,
        changed_at=tx.now,
    )


async def drop_template(code: str) -> None:
    """Take a template of the house's own away, or go back to the release's."""
    await execute("DELETE FROM message_template WHERE code = {}", code)
