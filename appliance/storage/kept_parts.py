"""What a law keeps of a person: read out of his rows before his key goes, and its own request."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec

from appliance.domain.customers import AddressParts, ContactValue, Person, RequisitesParts
from appliance.domain.holds import (
    KeptFor,
    KeptSet,
    address_line,
    order_line,
    payer_line,
    requisites_line,
    until,
)
from appliance.domain.ids import uuid7
from appliance.domain.money import Payer
from appliance.domain.names import full_name
from appliance.domain.orders import OrderName, OrderReach
from appliance.domain.subjects import (
    RULE,
    Found,
    HoldView,
    RequestKind,
    RequestState,
    Who,
)
from appliance.errors import Damaged, Destroyed
from appliance.storage import subject_requests
from appliance.storage.purposes import Evidence
from appliance.storage.statements import any_of, fetch, insert, insert_many
from appliance.storage.subject_finds import Card
from appliance.storage.subject_requests import Request
from appliance.storage.tables import LegalHoldRow, SubjectApprovalRow, SubjectPartRow
from appliance.storage.tx import Tx
from appliance.vault.envelope import CellRef

S = TypeVar("S", bound=msgspec.Struct)

CHANNEL: Final = "hold"
"""How the request came that ends what is kept: by itself, out of a hold."""

_ORDERS: Final = (
    "SELECT id, subject_id, contact, reach, number FROM orders WHERE customer_id IN {} "
    "ORDER BY number"
)
_PAYMENTS: Final = (
    "SELECT p.id, o.subject_id, p.payer, p.number FROM payment p JOIN orders o "
    "ON o.id = p.order_id WHERE o.customer_id IN {} AND p.payer IS NOT NULL ORDER BY p.number"
)


def fors_of(holds: Sequence[HoldView]) -> tuple[KeptFor, ...]:
    """Holds as the set says them."""
    return tuple(
        KeptFor(purpose=one.purpose, law=one.law, until=one.until)
        for one in sorted(holds, key=lambda one: (one.purpose, one.until, one.id))
    )


async def gather(
    tx: Tx, people: Sequence[Card], categories: frozenset[str]
) -> dict[str, tuple[str, ...]]:
    """Values of these categories over all cards of a blocked person, in words.

    A damaged cell says nothing; it is destroyed with the rest.
    """
    found: dict[str, tuple[str, ...]] = {}
    for category in sorted(categories):
        lines = await READ[category](tx, people)
        if said := tuple(dict.fromkeys(line for line in lines if line)):
            found[category] = said
    for one in people:
        tx.touch(one.subject_id, *sorted(found))
    return found


def _opened(tx: Tx, ref: CellRef, cell: bytes | None, kind: type[S]) -> S | None:
    if cell is None:
        return None
    with suppress(Damaged, Destroyed):
        return msgspec.msgpack.decode(tx.vault.open_held(ref, cell), type=kind)
    return None


def _ids(people: Sequence[Card]) -> Any:
    return any_of([one.id for one in people])


def _subjects(people: Sequence[Card]) -> Any:
    return any_of([one.subject_id for one in people])


async def _names(tx: Tx, people: Sequence[Card]) -> list[str]:
    rows = await fetch(
        "SELECT id, subject_id, person, kind FROM customer WHERE id IN {} ORDER BY number",
        _ids(people),
    )
    known = [(_opened(tx, CellRef("customer", "person", *row[:2]), row[2], Person), row[3])
             for row in rows]  # fmt: skip
    return [full_name(person, kind) for person, kind in known if person is not None]


async def _contacts(tx: Tx, people: Sequence[Card]) -> list[str]:
    rows = await fetch(
        "SELECT id, subject_id, value FROM contact WHERE subject_id IN {} ORDER BY position, id",
        _subjects(people),
    )
    known = [_opened(tx, CellRef("contact", "value", *row[:2]), row[2], ContactValue)
             for row in rows]  # fmt: skip
    return [one.normal or one.typed for one in known if one is not None]


async def _addresses(tx: Tx, people: Sequence[Card]) -> list[str]:
    """Where orders were handed over; the card's own address is of no claim."""
    rows = await fetch(
        "SELECT a.id, a.subject_id, a.parts, o.number FROM address a "
        "JOIN orders o ON o.id = a.owner_id WHERE a.subject_id IN {} ORDER BY o.number, a.id",
        _subjects(people),
    )
    lines: list[str] = []
    for row_id, subject, cell, number in rows:
        parts = _opened(tx, CellRef("address", "parts", row_id, subject), cell, AddressParts)
        if parts is not None and (line := address_line(parts)):
            lines.append(f"заказ {number}: {line}")
    return lines


async def _requisites(tx: Tx, people: Sequence[Card]) -> list[str]:
    rows = await fetch(
        "SELECT id, subject_id, parts FROM requisites WHERE subject_id IN {} ORDER BY id",
        _subjects(people),
    )
    known = [_opened(tx, CellRef("requisites", "parts", *row[:2]), row[2], RequisitesParts)
             for row in rows]  # fmt: skip
    return [requisites_line(one) for one in known if one is not None]


async def _recipients(tx: Tx, people: Sequence[Card]) -> list[str]:
    lines: list[str] = []
    for row_id, subject, contact, reach, number in await fetch(_ORDERS, _ids(people)):
        name = _opened(tx, CellRef("orders", "contact", row_id, subject), contact, OrderName)
        ways = _opened(tx, CellRef("orders", "reach", row_id, subject), reach, OrderReach)
        lines.append(order_line(number, name or OrderName(), ways or OrderReach()))
    return lines


async def _payers(tx: Tx, people: Sequence[Card]) -> list[str]:
    lines: list[str] = []
    for row_id, subject, cell, number in await fetch(_PAYMENTS, _ids(people)):
        payer = _opened(tx, CellRef("payment", "payer", row_id, subject), cell, Payer)
        if payer is not None:
            lines.append(payer_line(number, payer))
    return lines


async def _consents(tx: Tx, people: Sequence[Card]) -> list[str]:
    rows = await fetch(
        "SELECT id, subject_id, evidence, purpose, text_code, text_version, given_at, channel "
        "FROM consent WHERE subject_id IN {} ORDER BY given_at, id",
        _subjects(people),
    )
    lines: list[str] = []
    for row_id, subject, cell, *said, version, given_at, channel in rows:
        proof = _opened(tx, CellRef("consent", "evidence", row_id, subject), cell, Evidence)
        text = "" if proof is None else proof.text
        words = (*said, f"v{version}", f"{given_at:%Y-%m-%dT%H:%M:%SZ}", channel, text)
        lines.append(", ".join(word for word in words if word))
    return lines


READ: Final[Mapping[str, Callable[[Tx, Sequence[Card]], Awaitable[list[str]]]]] = {
    "name": _names,
    "contacts": _contacts,
    "address": _addresses,
    "tax_id": _requisites,
    "order_contact": _recipients,
    "payment": _payers,
    "consent": _consents,
}
"""Category that a law may keep → how it is read."""


# --- the request that ends what is kept ---


async def register(
    tx: Tx,
    one: Request | None,
    subject: UUID,
    kept: KeptSet,
    people: Sequence[Card],
    asked_by: UUID,
) -> int:
    """Write the request down by which a kept set ends on its day; its number.

    Whoever agreed to the destruction agreed to this end, too.

    Args:
        tx: of the house.
        one: the request that destroyed the person; None where an older copy knows none.
        subject: the set's key.
        kept: the set.
        people: cards that were the person.
        asked_by: who wrote the first request down.
    """
    last = until(kept.fors)
    who = Who(shown=f"№ {kept.customer_number}" if one is None else
              subject_requests.who_of(tx, one).shown)  # fmt: skip
    row_id, number = await subject_requests.add(
        tx,
        RequestKind.PURPOSE_END,
        RequestState.HELD,
        who,
        customer_id=kept.customer_id,
        customer_number=kept.customer_number,
        subject_id=subject,
        channel=CHANNEL,
        received_on=tx.now.date(),
        due_on=last + timedelta(days=RULE[RequestKind.PURPOSE_END].term.amount),
        found=subject_requests.written(Found(cells=kept.counts, kept_of=kept.request)),
        blocked_at=tx.now,
        pause_hours=0 if one is None else one.pause_hours,
        approved_at=None if one is None else one.approved_at,
        approved_by=None if one is None else one.approved_by,
    )
    await subject_requests.change(
        row_id, asked_by=asked_by, asked_number=0 if one is None else one.asked_number
    )
    await insert_many(
        SubjectPartRow,
        [
            {"id": uuid7(), "request_id": row_id, "customer_id": card.id,
             "subject_id": card.subject_id, "state": "destroyed", "shop": card.shop,
             "erased": True}
            for card in people
        ],
    )  # fmt: skip
    given = [] if one is None else await subject_requests.approvals(one.id)
    await insert_many(
        SubjectApprovalRow,
        [
            {"id": uuid7(), "request_id": row_id, "user_id": a.user_id,
             "user_number": a.user_number, "by_code": a.by_code, "at": a.at, "served_ms": 0}
            for a in given
            if a.stands
        ],
    )  # fmt: skip
    return number


async def note_on(one: Request, kept: KeptSet, number: int) -> None:
    """Have the request that destroyed the person say what stayed."""
    found = msgspec.structs.replace(
        msgspec.json.decode(one.found, type=Found),
        kept=kept.counts,
        kept_for=kept.fors,
        kept_in=number,
    )
    await subject_requests.change(one.id, found=subject_requests.written(found))


async def registered(subjects: Sequence[UUID]) -> frozenset[UUID]:
    """Those of these keys that a request speaks of."""
    if not subjects:
        return frozenset()
    rows = await fetch(
        "SELECT subject_id FROM subject_request WHERE subject_id IN {}", any_of(subjects)
    )
    return frozenset(row[0] for row in rows)


async def destroyer_of(subject: UUID) -> Request | None:
    """The request that destroyed a person; None where this database knows none."""
    rows = await fetch(
        "SELECT id FROM subject_request WHERE subject_id = {} AND state <> 'refused' "
        "ORDER BY number DESC LIMIT 1",
        subject,
    )
    return await subject_requests.by_id(rows[0][0]) if rows else None


async def hold_again(kept: KeptSet, now: Any, today: date) -> None:
    """Write holds down that an older copy does not know; one it knows, lifted or not, stays."""
    for one in kept.fors:
        known = await fetch(
            "SELECT 1 FROM legal_hold WHERE customer_id = {} AND purpose = {} AND until = {}",
            kept.customer_id,
            one.purpose.value,
            one.until,
        )
        if not known and one.until >= today:
            await insert(
                LegalHoldRow,
                id=uuid7(),
                customer_id=kept.customer_id,
                purpose=one.purpose.value,
                law=one.law,
                until=one.until,
                set_by=0,
                set_at=now,
            )
