"""What the search index reads: plain text of clients, for the vault's memory only."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from appliance.domain.customers import ContactValue, Person
from appliance.domain.folding import phone_digits
from appliance.domain.names import full_name
from appliance.errors import Damaged, Destroyed
from appliance.storage.statements import any_of, fetch, fetch_value
from appliance.storage.tx import Tx
from appliance.vault.envelope import CellRef
from appliance.vault.search_text import SearchEntry

_person = msgspec.msgpack.Decoder(Person)
_contact = msgspec.msgpack.Decoder(ContactValue)


async def last_change() -> int:
    """Number of the newest search change; 0 on an empty box."""
    return int(await fetch_value("SELECT MAX(number) FROM search_change") or 0)


async def is_kept(number: int) -> bool:
    """Whether this change is still in the feed, and so all later ones."""
    return bool(await fetch_value("SELECT 1 FROM search_change WHERE number = {}", number))


async def changes_after(revision: int, limit: int) -> list[tuple[int, UUID]]:
    """Which clients changed since, oldest first."""
    rows = await fetch(
        "SELECT number, customer_id FROM search_change WHERE number > {} ORDER BY number LIMIT {}",
        revision,
        limit,
    )
    return [(row[0], row[1]) for row in rows]


async def page_after(number: int, limit: int) -> list[tuple[int, UUID]]:
    """Live clients by number, for a full build."""
    rows = await fetch(
        "SELECT number, id FROM customer WHERE number > {} AND state = 'live' "
        "ORDER BY number LIMIT {}",
        number,
        limit,
    )
    return [(row[0], row[1]) for row in rows]


async def count_live() -> int:
    """How many clients a full build will read."""
    return int(await fetch_value("SELECT COUNT(*) FROM customer WHERE state = 'live'"))


async def entries(tx: Tx, ids: Sequence[UUID]) -> tuple[list[SearchEntry], list[UUID]]:
    """Open these clients for the index; return entries and the ids that must be forgotten.

    Not noted person by person: the index is the house's own memory and shows nothing to anybody;
    who finds somebody through it is noted then.
    """
    rows = await fetch(
        "SELECT c.id, c.number, c.kind, c.state, c.subject_id, c.person, COALESCE(u.number, 0) "
        "FROM customer c LEFT JOIN users u ON u.id = c.owner_id WHERE c.id IN {}",
        any_of(ids),
    )
    tx.vault.preload([row[4] for row in rows])
    contacts = await _contacts(tx, ids)
    found: list[SearchEntry] = []
    for customer_id, number, kind, state, subject, cell, owner in rows:
        if state != "live" or cell is None:
            continue
        try:
            person = _person.decode(
                tx.vault.open_cell(CellRef("customer", "person", customer_id, subject), cell)
            )
        except (Damaged, Destroyed):
            continue
        digits, mails = contacts.get(customer_id, ((), ()))
        found.append(
            SearchEntry(
                customer_id, number, owner, full_name(person, kind), tuple(digits), tuple(mails)
            )
        )
    known = {entry.record for entry in found}
    return found, [customer_id for customer_id in ids if customer_id not in known]


async def _contacts(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, tuple[list[str], list[str]]]:
    texts: dict[UUID, tuple[list[str], list[str]]] = {}
    rows: list[Any] = await fetch(
        "SELECT id, customer_id, subject_id, kind, value FROM contact "
        "WHERE customer_id IN {} AND value IS NOT NULL",
        any_of(ids),
    )
    for row_id, customer_id, subject, kind, cell in rows:
        try:
            value = _contact.decode(
                tx.vault.open_cell(CellRef("contact", "value", row_id, subject), cell)
            )
        except (Damaged, Destroyed):
            continue
        digits, mails = texts.setdefault(customer_id, ([], []))
        if kind == "phone":
            digits.append(phone_digits(value.normal or value.typed))
        elif kind == "email":
            mails.append(value.normal or value.typed)
    return texts
