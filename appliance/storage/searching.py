"""Finding clients: by a fragment through the index, by a full contact through blind indexes."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from appliance.domain import emails, phones, taxids
from appliance.domain.customers import ContactValue, CustomerBrief, Person
from appliance.domain.folding import Query, haystack, parse, phone_digits, whole_pieces
from appliance.domain.grants import Access, Scope
from appliance.domain.names import full_name
from appliance.errors import Damaged, Destroyed
from appliance.storage import customers
from appliance.storage.customer_views import brief, rows_by_ids
from appliance.storage.customers import Known
from appliance.storage.statements import any_of, fetch
from appliance.storage.tx import Tx
from appliance.storage.visible import visible
from appliance.vault.blind import BlindField

MOST_CANDIDATES = 400
"""Suggestions looked at for one query: more would cost the page its budget of 6 ms."""


async def owner_numbers(tx: Tx) -> frozenset[int] | None:
    """Whose clients the grant reaches, as the index knows owners; None means everybody's."""
    match tx.grant.scope:
        case Scope.ALL:
            return None
        case Scope.DEPARTMENT if tx.actor.department is not None:
            rows = await fetch(
                "SELECT number FROM users WHERE department_id = {}", tx.actor.department
            )
            return frozenset(row[0] for row in rows)
        case Scope.BRANCH if tx.actor.department is not None:
            reach, args = visible(tx, "u.id")
            rows = await fetch("SELECT u.number FROM users u WHERE " + reach, *args)
            return frozenset(row[0] for row in rows)
        case Scope.BRANCH | Scope.DEPARTMENT | Scope.OWN:
            return frozenset((tx.actor.number,))
        case _:
            return frozenset()


def query_token(tx: Tx, text: str) -> str:
    """What the log keeps of a searched text: equal texts are equal, and that is all."""
    return tx.vault.blind(BlindField.QUERY, text.strip().casefold()).hex()


async def by_fragment(tx: Tx, text: str, limit: int) -> list[CustomerBrief]:
    """Live, visible clients whose name, number or contact holds the fragment, newest first.

    Fields that the grant hides are not searched, and masked ones answer to whole parts only
    (`folding.whole_pieces`): a phone cannot be guessed digit by digit.
    """
    query = parse(text)
    if not query.terms or tx.may("name") is Access.HIDDEN:
        return []
    owners = await owner_numbers(tx)
    found: list[CustomerBrief] = []
    for batch in tx.index.candidates(query, owners=owners, limit=MOST_CANDIDATES):
        for start in range(0, len(batch), limit):
            part = batch[start : start + limit]
            found += await _verified(tx, part, query)
            if len(found) >= limit:
                return found[:limit]
    return found


async def _verified(tx: Tx, ids: Sequence[UUID], query: Query) -> list[CustomerBrief]:
    rows = await rows_by_ids(tx, ids)
    names: dict[UUID, str] = {}
    unsure: list[UUID] = []
    for row in rows.values():
        customer_id, number, kind, _, subject, cell, _ = row
        person = _person(tx, customer_id, subject, cell)
        if person is None:
            continue
        names[customer_id] = full_name(person, kind)
        if not query.matches(haystack(names[customer_id], number)):
            unsure.append(customer_id)
    matched = set(names) - set(unsure)
    if unsure:
        matched |= await _by_contacts(tx, unsure, rows, names, query)
    return [brief(tx, *rows[found]) for found in ids if found in matched]


def _person(tx: Tx, customer_id: UUID, subject: UUID, cell: bytes | None) -> Person | None:
    if cell is None:
        return None
    try:
        return tx.open("customer", "person", customer_id, subject, cell, Person, "name")
    except (Damaged, Destroyed):
        return None


async def _by_contacts(
    tx: Tx,
    ids: Sequence[UUID],
    rows: dict[UUID, tuple[Any, ...]],
    names: dict[UUID, str],
    query: Query,
) -> set[UUID]:
    kinds = [kind for kind in ("phone", "email") if tx.may(kind) is not Access.HIDDEN]
    if not kinds:
        return set()
    held: dict[UUID, dict[Access, tuple[list[str], list[str]]]] = {
        found: {access: ([], []) for access in Access} for found in ids
    }
    for row_id, customer_id, subject, kind, cell in await fetch(
        "SELECT id, customer_id, subject_id, kind, value FROM contact "
        "WHERE customer_id IN {} AND kind IN {} AND value IS NOT NULL",
        any_of(ids),
        any_of(kinds),
    ):
        try:
            value = tx.open("contact", "value", row_id, subject, cell, ContactValue, kind)
        except (Damaged, Destroyed):
            continue
        digits, mails = held[customer_id][tx.may(kind)]
        if kind == "phone":
            digits.append(phone_digits(value.normal or value.typed))
        else:
            mails.append(value.normal or value.typed)
    return {
        found
        for found, by in held.items()
        if query.matches(
            haystack(names[found], rows[found][1], *by[Access.VISIBLE]),
            whole_pieces(*by[Access.MASKED]),
        )
    }


class ExactToken(NamedTuple):
    """Where a blind token of a whole contact is looked for; `field` is the grant's name of it."""

    field: str
    table: str
    column: str
    token: bytes


def exact_tokens(tx: Tx, text: str) -> list[ExactToken]:
    """Blind tokens of a full phone, e-mail or INN, under every key; empty for a fragment."""
    blinds = tx.vault.blinds
    tokens: list[ExactToken] = []
    if (address := emails.normalise(text)) is not None:
        tokens += [
            ExactToken("email", "contact", "value_index", one)
            for one in blinds(BlindField.EMAIL, address)
        ]
    if (phone := phones.normalise(text)) is not None and len(phone.tail) >= phones.TAIL_DIGITS:
        tokens += [
            ExactToken("phone", "contact", "tail_index", one)
            for one in blinds(BlindField.PHONE_TAIL, phone.tail)
        ]
    if (inn := taxids.normalise_inn(text)) is not None:
        tokens += [
            ExactToken("tax_id", "requisites", "inn_index", one)
            for one in blinds(BlindField.TAX_ID, inn)
        ]
    return tokens


async def leaders(tokens: Sequence[ExactToken]) -> list[tuple[UUID, int | None]]:
    """Who leads the clients with this full contact: (subject, user's number), any scope."""
    found: dict[UUID, int | None] = {}
    for _, table, column, token in tokens:
        rows = await fetch(
            "SELECT c.subject_id, u.number FROM customer c "
            f"JOIN {table} k ON k.customer_id = c.id LEFT JOIN users u ON u.id = c.owner_id "
            f"WHERE k.{column} = {{}} AND c.state = 'live' ORDER BY c.number LIMIT 5",
            token,
        )
        found.update((row[0], row[1]) for row in rows)
    return list(found.items())


async def holders(tokens: Sequence[ExactToken]) -> list[Known]:
    """Live clients who have one of these full contacts, whoever leads them."""
    found: dict[UUID, None] = {}
    for _, table, column, token in tokens:
        rows = await fetch(
            f"SELECT c.id FROM customer c JOIN {table} k ON k.customer_id = c.id "
            f"WHERE k.{column} = {{}} AND c.state = 'live' ORDER BY c.number LIMIT 5",
            token,
        )
        found.update((row[0], None) for row in rows)
    met = [await customers.find_by_id(one) for one in found]
    return [one for one in met if one is not None]
