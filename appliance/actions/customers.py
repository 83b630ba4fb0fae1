"""What can be done with clients."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from appliance.actions import _uploads
from appliance.actions._gate import action
from appliance.domain.customers import (
    ContactKind,
    ContactValue,
    CustomerBrief,
    CustomerChange,
    CustomerDraft,
    CustomerFilter,
    CustomerView,
)
from appliance.domain.events import CustomerChanged
from appliance.domain.grants import Access
from appliance.domain.orders import CustomerRef
from appliance.domain.personal import Personal
from appliance.domain.shops import RefusedRow
from appliance.errors import (
    Damaged,
    Denied,
    HouseError,
    Invalid,
    NotFound,
    Sealed,
    Unavailable,
)
from appliance.roles import Permission
from appliance.storage import (
    budgets,
    contacts,
    corporate,
    customer_edits,
    customer_lists,
    customer_orders,
    customer_views,
    customers,
    searching,
    shop_uploads,
    staff,
)
from appliance.storage.attempts import attempt
from appliance.storage.customer_orders import ClientOrder
from appliance.storage.tx import Tx


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """A client as it was added."""

    id: UUID
    number: int


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A client's page: one action, one transaction, one line in the log."""

    customer: CustomerView
    orders: tuple[ClientOrder, ...]
    budget_left: int | None


class Revealed(msgspec.Struct, frozen=True, kw_only=True):
    """One contact in full, and how many more clients may be opened today."""

    value: Personal[str]
    kind: ContactKind
    budget_left: int


class Leader(msgspec.Struct, frozen=True, kw_only=True):
    """Who leads a client that the actor may not see: nothing else is said."""

    user_number: int | None
    user_name: str


@action(Permission.CUSTOMER_CREATE)
async def create(tx: Tx, draft: CustomerDraft) -> Added:
    """Add a client. One with the same full phone or e-mail is not a reason to refuse: merge later.

    Raises:
        Conflict: `customer_exists`: this shop's external id is known.
        Invalid: `purpose_missing`, `manager_unknown`.
    """
    owner_id = await _owner(tx, draft.manager_number)
    known = await customers.add(tx, draft, owner_id=owner_id)
    tx.about("customer", known.id)
    tx.emit(CustomerChanged(customer_id=known.id, created=True))
    return Added(id=known.id, number=known.number)


class SentClient(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a batch: the client to add, and what it changes where he is known already."""

    draft: CustomerDraft
    change: CustomerChange


@action(Permission.CUSTOMER_CREATE)
async def upload(
    tx: Tx, shop: str, rows: Sequence[SentClient], unread: Sequence[RefusedRow] = ()
) -> tuple[int | HouseError, ...]:
    """Add a batch in one commit; whom the shop has named before is brought up to date.

    Args:
        tx: of the shop's key.
        shop: whose rows these are.
        rows: that could be read.
        unread: those that could not, for the report.

    Returns:
        by row: the client's number, or why the row was refused; the others stay.

    Raises:
        Denied: the key may not do this at all.
        Unavailable, Sealed: the box cannot write; nothing was stored.
    """
    done: list[int | HouseError] = []
    before = await shop_uploads.last_number("customer")
    for row in rows:
        try:
            async with attempt(tx):
                done.append(await _take(tx, shop, row))
        except (Denied, Unavailable, Sealed, Damaged):
            raise
        except HouseError as refusal:
            done.append(refusal)
    ids = [row.draft.external_id or "" for row in rows]
    await _uploads.note(tx, shop, "clients", ids, done, before, unread)
    tx.about("customer", None)
    tx.payload = {
        "clients": [one for one in done if isinstance(one, int)],
        "refused": [one.code for one in done if isinstance(one, HouseError)],
    }
    return tuple(done)


async def _take(tx: Tx, shop: str, row: SentClient) -> int:
    external_id = row.draft.external_id
    known = None
    if external_id is not None:
        known = await customers.find_by_external_id(shop, external_id)
    if known is None:
        owner_id = await _owner(tx, row.draft.manager_number)
        added = await customers.add(tx, row.draft, owner_id=owner_id)
        tx.emit(CustomerChanged(customer_id=added.id, created=True))
        return added.number
    was = tx.grant
    tx.under(Permission.CUSTOMER_EDIT)
    try:
        known = await _select(tx, shop, CustomerRef(external_id=external_id))
        if await customer_edits.apply(tx, known, row.change):
            tx.emit(CustomerChanged(customer_id=known.id))
    finally:
        tx.grant = was
    return known.number


async def _owner(tx: Tx, number: int | None) -> UUID | None:
    """The user asked for; a colleague with own clients becomes the owner of what he adds."""
    if number is None:
        own = tx.actor.grants.get(Permission.CUSTOMER_VIEW.value)
        is_person = tx.actor.number > 0 and own is not None and tx.actor.kind == "user"
        return tx.actor.id if is_person else None
    owner_id = await staff.id_of(number)
    if owner_id is None:
        raise Invalid("manager_unknown", fields={"managerId": "manager_unknown"})
    return owner_id


async def _select(tx: Tx, shop: str, ref: CustomerRef) -> customers.Known:
    known = await customers.find_by_ref(tx, shop, ref)
    if known is None or known.state == "destroyed" or not await customers.is_visible(tx, known.id):
        raise NotFound("customer_not_found")
    tx.about("customer", known.id)
    return known


@action(Permission.CUSTOMER_EDIT)
async def edit(tx: Tx, shop: str, ref: CustomerRef, change: CustomerChange) -> Added:
    """Change a client; nothing is written when nothing differs.

    Raises:
        NotFound: absent or not the actor's.
        Conflict: `version_conflict`, `external_id_taken`.
        Invalid: `manager_unknown`.
    """
    known = await _select(tx, shop, ref)
    if await customer_edits.apply(tx, known, change):
        tx.emit(CustomerChanged(customer_id=known.id))
    return Added(id=known.id, number=known.number)


@action(Permission.CUSTOMER_EDIT)
async def fix_external_ids(tx: Tx, shop: str, pairs: Sequence[tuple[int, str]]) -> int:
    """Set the shop's ids on clients named by number; those out of reach are passed over.

    Raises:
        Conflict: `external_id_taken`.
    """
    fixed = 0
    for number, external_id in pairs:
        known = await customers.find_by_number(number)
        if known is None or known.shop != shop or not await customers.is_visible(tx, known.id):
            continue
        if await customer_edits.apply(tx, known, CustomerChange(external_id=external_id)):
            tx.emit(CustomerChanged(customer_id=known.id))
        fixed += 1
    return fixed


@action(Permission.CUSTOMER_VIEW, reads=True)
async def open_card(tx: Tx, customer_id: UUID) -> Card:
    """Everything a client's page shows."""
    tx.about("customer", customer_id)
    row = await customer_views.find_visible(tx, "c.id = {}", customer_id, blocked=True)
    return await _card(tx, row)


@action(Permission.CUSTOMER_VIEW, reads=True)
async def open_by_number(tx: Tx, number: int) -> Card:
    """The same page, by the number for people."""
    row = await customer_views.find_visible(tx, "c.number = {}", number, blocked=True)
    return await _card(tx, row)


async def _card(tx: Tx, row: tuple[Any, ...]) -> Card:
    """Build the page; the client's orders for those who may see orders at all."""
    tx.about("customer", row[0])
    owner = await staff.name_of(tx, row[11])
    sees_orders = Permission.ORDER_VIEW in tx.actor.grants
    return Card(
        customer=await customer_views.view_of(tx, row, owner_name=owner),
        orders=await customer_orders.of_customer(tx, row[0]) if sees_orders else (),
        budget_left=await budgets.left(tx, "reveal"),
    )


@action(Permission.CUSTOMER_VIEW, reads=True)
async def get(tx: Tx, shop: str, ref: CustomerRef) -> CustomerView:
    """One client for a program."""
    known = await customers.find_by_ref(tx, shop, ref)
    if known is None:
        raise NotFound("customer_not_found")
    row = await customer_views.find_visible(tx, "c.id = {}", known.id)
    tx.about("customer", row[0])
    return await customer_views.view_of(tx, row)


@action(Permission.CUSTOMER_VIEW, reads=True)
async def search(tx: Tx, text: str, limit: int = 20) -> list[CustomerBrief]:
    """Clients by any fragment: name, phone, e-mail, number. Less than a letter finds nothing."""
    tx.payload = {"query": searching.query_token(tx, text)}
    return await searching.by_fragment(tx, text.strip(), limit)


@action(Permission.CUSTOMER_FIND_OWNER)
async def find_owner(tx: Tx, text: str) -> list[Leader]:
    """Who leads the client with this full phone, e-mail or INN: so that nobody makes a double.

    Raises:
        Invalid: `contact_not_full`: a fragment; only a whole contact is answered.
        Throttled: today's questions are used up.
    """
    tokens = searching.exact_tokens(tx, text)
    if not tokens:
        raise Invalid("contact_not_full")
    tx.payload = {"query": searching.query_token(tx, text)}
    # The question is counted, not the find: that nobody has this phone is an answer too.
    await budgets.spend(tx, "owner", UUID(bytes=tokens[0].token))
    found = await searching.leaders(tokens)
    for subject, _ in found:
        tx.touch(subject)
    numbers = list(dict.fromkeys(number for _, number in found))
    return [
        Leader(user_number=number, user_name=await staff.name_of(tx, number)) for number in numbers
    ]


@action(Permission.CUSTOMER_REVEAL)
async def reveal(tx: Tx, contact_id: UUID) -> Revealed:
    """Show one masked contact in full: counted, and written down before it is shown.

    Raises:
        NotFound: no such contact, or its client is not the actor's.
        Denied: the role hides contacts of this kind altogether.
        Throttled: `reveal_budget_spent`.
    """
    row = await contacts.find_visible(tx, contact_id)
    if row is None:
        raise NotFound("contact_not_found")
    row_id, kind, cell, customer_id, subject = row
    tx.about("customer", customer_id)
    if tx.may("email" if kind == "email" else "phone") is Access.HIDDEN:
        raise Denied("field_hidden", field=kind)
    left = await budgets.spend(tx, "reveal", customer_id)
    tx.purpose = "contact"
    value = tx.open("contact", "value", row_id, subject, cell, ContactValue, kind)
    return Revealed(
        value=Personal(value.normal or value.typed), kind=ContactKind(kind), budget_left=left
    )


@action(Permission.CUSTOMER_REVEAL, reads=True)
async def note_copied(tx: Tx, contact_id: UUID) -> None:
    """Leave a line in the log that a contact shown before was copied.

    Raises:
        NotFound: no such contact, or its client is not the actor's.
    """
    row = await contacts.find_visible(tx, contact_id)
    if row is None:
        raise NotFound("contact_not_found")
    tx.about("customer", row[3])
    tx.touch(row[4], row[1])


class CustomerPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page for programs: `total` is kept for the whole list, bounded for a filter.

    Attributes:
        speakers: numbers of those who speak for a company.
    """

    rows: tuple[CustomerView, ...]
    total: int
    speakers: frozenset[int] = frozenset()


@action(Permission.CUSTOMER_VIEW, reads=True)
async def list_page(tx: Tx, wanted: CustomerFilter, *, page: int, limit: int) -> CustomerPage:
    """Clients for a program, newest first."""
    rows, total = await customer_lists.page(tx, wanted, page=page, limit=limit)
    views = await customer_views.views_of(tx, rows)
    people = await corporate.speakers([one.number for one in views])
    return CustomerPage(rows=views, total=total, speakers=people)
