"""Who has a contact already: the warning while a client is typed."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from appliance.domain import taxids
from appliance.domain.customers import ContactDraft, ContactKind
from appliance.domain.duplicates import Likeness, Reason
from appliance.domain.folding import fold
from appliance.domain.grants import Access, Scope
from appliance.domain.personal import Personal, reveal_or_none
from appliance.errors import Throttled
from appliance.roles import Permission
from appliance.storage import budgets, contacts, searching, staff
from appliance.storage.customer_views import brief, rows_by_ids
from appliance.storage.statements import any_of, fetch
from appliance.storage.tx import Tx
from appliance.vault.blind import BlindField

MOST: Final = 5
_CLIENT = (
    "SELECT c.id, c.subject_id, u.number FROM customer c LEFT JOIN users u ON u.id = c.owner_id "
)
_LIVE = "AND c.state = 'live' AND c.number <> {} ORDER BY c.number LIMIT 5"
_QUERIES: Final = {
    Reason.PHONE: _CLIENT + "JOIN contact k ON k.customer_id = c.id WHERE k.value_index IN {} "
    "AND k.kind = 'phone' " + _LIVE,
    Reason.EMAIL: _CLIENT + "JOIN contact k ON k.customer_id = c.id WHERE k.value_index IN {} "
    "AND k.kind = 'email' " + _LIVE,
    Reason.TAX_ID: _CLIENT
    + "JOIN requisites k ON k.customer_id = c.id WHERE k.inn_index IN {} "
    + _LIVE,
}
_TAILS: Final = {
    # What was typed could not be read: whoever ends so may be meant.
    False: _CLIENT + "JOIN contact k ON k.customer_id = c.id WHERE k.tail_index IN {} " + _LIVE,
    # It was read: only those whose own phone could not be.
    True: _CLIENT + "JOIN contact k ON k.customer_id = c.id WHERE k.tail_index IN {} "
    "AND k.value_index IS NULL " + _LIVE,
}


async def of(
    tx: Tx,
    drafts: Sequence[ContactDraft],
    name: Personal[str] | None,
    inn: Personal[str] | None,
    but: int | None,
) -> tuple[list[Likeness], bool]:
    """Warnings, and whether today's questions about others' clients are used up."""
    spent = False
    rows: dict[UUID, tuple[Reason, UUID, int | None]] = {}
    for reason, query, tokens in _asked(tx, drafts, inn):
        if not spent:
            spent = not await _may_ask(tx, tokens[0])
        for client, subject, owner in await fetch(query, any_of(tokens), but or 0):
            rows.setdefault(client, (reason, subject, owner))
    seen = await rows_by_ids(tx, list(rows))
    found = [
        Likeness(reason=rows[client][0], client=brief(tx, *seen[client]))
        for client in rows
        if client in seen
    ]
    if _asks_owners(tx) and not spent:
        found += await _others(tx, {c: row for c, row in rows.items() if c not in seen})
    found += await _namesakes(tx, reveal_or_none(name) or "", {*rows}, but)
    return found[:MOST], spent


def _asked(
    tx: Tx, drafts: Sequence[ContactDraft], inn: Personal[str] | None
) -> list[tuple[Reason, str, tuple[bytes, ...]]]:
    """Queries for what is typed in full, and tokens under every key; a fragment asks nothing."""
    asked: list[tuple[Reason, str, tuple[bytes, ...]]] = []
    for contact in contacts.read_all(drafts):
        whole, tail = contacts.indexes_of(tx.vault, contact), contacts.tails_of(tx.vault, contact)
        if contact.kind is ContactKind.EMAIL and whole:
            asked.append((Reason.EMAIL, _QUERIES[Reason.EMAIL], whole))
        elif contact.kind is ContactKind.PHONE:
            if whole:
                asked.append((Reason.PHONE, _QUERIES[Reason.PHONE], whole))
            if tail:
                asked.append((Reason.TAIL, _TAILS[bool(whole)], tail))
    if inn is not None and (digits := taxids.normalise_inn(inn.reveal())) is not None:
        tokens = tx.vault.blinds(BlindField.TAX_ID, digits)
        asked.append((Reason.TAX_ID, _QUERIES[Reason.TAX_ID], tokens))
    return asked


def _asks_owners(tx: Tx) -> bool:
    grant = tx.actor.grants.get(Permission.CUSTOMER_FIND_OWNER.value)
    return grant is not None and grant.scope is not Scope.NONE


async def _may_ask(tx: Tx, token: bytes) -> bool:
    """Count the question; who sees everybody anyway asks nothing of others."""
    if tx.grant.scope is Scope.ALL or not _asks_owners(tx):
        return True
    try:
        await budgets.spend(tx, "owner", UUID(bytes=token))
    except Throttled:
        return False
    return True


async def _others(tx: Tx, rows: dict[UUID, tuple[Reason, UUID, int | None]]) -> list[Likeness]:
    found: dict[tuple[Reason, int | None], Likeness] = {}
    for reason, subject, owner in rows.values():
        tx.touch(subject)
        name = await staff.name_of(tx, owner)
        found[reason, owner] = Likeness(reason=reason, client=None, owner_name=name)
    return list(found.values())


async def _namesakes(tx: Tx, name: str, known: set[UUID], but: int | None) -> list[Likeness]:
    """Clients of exactly this name, among those the actor reaches."""
    words = sorted(fold(name).split())
    if len(words) < 2 or tx.may("name") is Access.HIDDEN:
        return []
    found: list[Likeness] = []
    for one in await searching.by_fragment(tx, name, MOST):
        shown: Any = reveal_or_none(one.name)
        if one.id in known or one.number == (but or 0) or shown is None:
            continue
        found.append(Likeness(reason=Reason.NAME, client=one))
    return found
