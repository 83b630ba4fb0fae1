"""Lists of clients for programs: filters as conditions, totals kept, pages by number."""

from collections.abc import Sequence
from typing import Any

from appliance.domain.customers import ContactDraft, ContactKind, CustomerFilter, CustomerKind
from appliance.domain.grants import Access, Scope
from appliance.domain.personal import Personal
from appliance.storage import contacts, searching
from appliance.storage.counters import kept
from appliance.storage.customer_views import list_visible
from appliance.storage.statements import any_of, fetch_value
from appliance.storage.tx import Tx
from appliance.storage.visible import visible_client

MOST_COUNTED = 10_000
"""A filter's total is counted up to here; beyond, the exact figure helps nobody."""

Conditions = tuple[list[str], list[object]]


async def page(
    tx: Tx, wanted: CustomerFilter, *, page: int, limit: int
) -> tuple[list[tuple[Any, ...]], int]:
    """Rows of cards for one page, newest first, and how many there are altogether.

    A list of exact ids longer than the page is answered whole, as shops expect.
    """
    texts, values = await _conditions(tx, wanted)
    condition = " AND ".join(["c.state NOT IN ('destroyed', 'merged', 'blocked')", *texts])
    total = await _total(tx, wanted, condition, values)
    exact = max(len(wanted.numbers), len(wanted.external_ids))
    limit = max(limit, exact)
    if page > 1:
        bound = await _bound(tx, condition, values, (page - 1) * limit)
        if bound is None:
            return [], total
        condition, values = f"{condition} AND c.number <= {{}}", [*values, bound]
    return await list_visible(tx, condition, values, limit), total


async def _bound(tx: Tx, condition: str, values: list[object], skipped: int) -> int | None:
    scope, args = visible_client(tx)
    return await fetch_value(
        f"SELECT c.number FROM customer c WHERE {condition} AND {scope} "
        "ORDER BY c.number DESC LIMIT 1 OFFSET {}",
        *values,
        *args,
        skipped,
    )


async def _total(tx: Tx, wanted: CustomerFilter, condition: str, values: list[object]) -> int:
    own = not tx.actor.shop or set(wanted.shops) == {tx.actor.shop}
    is_whole = own and tx.grant.scope is Scope.ALL
    plain = CustomerFilter(shops=wanted.shops, kind=wanted.kind)
    if is_whole and wanted.shops and wanted == plain and wanted.kind is not CustomerKind.COMPANY:
        whole = sum([await kept(f"customers@{shop}") for shop in wanted.shops])
        return whole - (await _companies(wanted.shops) if wanted.kind else 0)
    scope, args = visible_client(tx)
    return int(
        await fetch_value(
            "SELECT COUNT(*) FROM (SELECT 1 FROM customer c "
            f"WHERE {condition} AND {scope} LIMIT {MOST_COUNTED}) counted",
            *values,
            *args,
        )
    )


async def _companies(shops: Sequence[str]) -> int:
    """Companies of shops: few beside the people, and an index of their own counts them."""
    return await fetch_value(
        "SELECT COUNT(*) FROM customer WHERE kind = 'company' AND shop IN {} "
        "AND state NOT IN ('destroyed', 'merged')",
        any_of(shops),
    )


_SPEAKS = "SELECT k.customer_id FROM company_contact k"
_SPOKEN_FOR = (
    "SELECT k.company_id FROM company_contact k JOIN customer p ON p.id = k.customer_id WHERE "
)


def _email(tx: Tx, wanted: CustomerFilter) -> tuple[bytes, ...]:
    draft = ContactDraft(kind=ContactKind.EMAIL, value=Personal(wanted.email))
    return contacts.indexes_of(tx.vault, contacts.read(draft))


async def _conditions(tx: Tx, wanted: CustomerFilter) -> Conditions:  # noqa: C901 - a table of filters
    texts: list[str] = []
    values: list[object] = []

    def add(text: str, *given: object) -> None:
        texts.append(text)
        values.extend(given)

    for column, many in (
        ("c.number", wanted.numbers),
        ("c.external_id", wanted.external_ids),
        ("c.shop", wanted.shops),
    ):
        if many:
            add(f"{column} IN {{}}", any_of(many))
    if wanted.is_contact is not None:
        add(f"c.id {'IN' if wanted.is_contact else 'NOT IN'} ({_SPEAKS})")
    for column, people in (
        ("p.number", wanted.contacts),
        ("p.external_id", wanted.contact_external_ids),
    ):
        if people:
            add(f"c.id IN ({_SPOKEN_FOR}{column} IN {{}})", any_of(people))
    if wanted.managers:
        add("c.owner_id IN (SELECT id FROM users WHERE number IN {})", any_of(wanted.managers))
    for text, bound in (
        ("c.created_at >= {}", wanted.created_from),
        ("c.created_at <= {}", wanted.created_to),
        ("c.orders_count >= {}", wanted.min_orders),
        ("c.orders_count <= {}", wanted.max_orders),
        ("c.kind = {}", wanted.kind and wanted.kind.value),
        ("c.vip = {}", wanted.vip),
        ("c.bad = {}", wanted.bad),
    ):
        if bound is not None:
            add(text, bound)
    if wanted.email and tx.may("email") is Access.HIDDEN:
        add("1 = 0")  # whether somebody has this mailbox is what the role must not learn
    elif wanted.email:
        tokens = any_of(_email(tx, wanted))
        add("c.id IN (SELECT customer_id FROM contact WHERE value_index IN {})", tokens)
    if wanted.text:
        condition, given = await _text(tx, wanted.text)
        add(condition, *given)
    return texts, values


async def _text(tx: Tx, text: str) -> tuple[str, list[object]]:
    """A whole phone, e-mail or INN by its blind index, which is never behind; else names."""
    exact = searching.exact_tokens(tx, text)
    shown = [one for one in exact if tx.may(one.field) is not Access.HIDDEN]
    if shown:
        parts = [
            f"c.id IN (SELECT customer_id FROM {one.table} WHERE {one.column} = {{}})"
            for one in shown
        ]
        return f"({' OR '.join(parts)})", [one.token for one in shown]
    found = await searching.by_fragment(tx, text, searching.MOST_CANDIDATES)
    return "c.id IN {}", [any_of([one.id for one in found])]
