"""Companies as a shop's module sees them: with their addresses, legal entities and people."""

from collections.abc import Sequence

import msgspec

from appliance.actions import _uploads
from appliance.actions._gate import action
from appliance.actions._order_checks import check_shop
from appliance.actions.customers import Added
from appliance.domain.corporate import (
    Corporate,
    CorporateDraft,
    Part,
    PartDraft,
    PartKind,
    PersonTie,
    SentCompany,
)
from appliance.domain.customers import CustomerChange, CustomerFilter, CustomerKind
from appliance.domain.events import CustomerChanged
from appliance.domain.orders import CustomerRef
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
    companies,
    corporate,
    customer_edits,
    customer_lists,
    customer_views,
    customers,
    feed,
    shop_uploads,
    staff,
)
from appliance.storage.attempts import attempt
from appliance.storage.customers import Known
from appliance.storage.statements import fetch_one
from appliance.storage.tx import Tx


class CorporatePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of companies, newest first."""

    rows: tuple[Corporate, ...]
    total: int


async def _company(tx: Tx, shop: str, ref: CustomerRef) -> Known:
    known = await customers.find_by_ref(tx, shop, ref)
    if (
        known is None
        or known.kind != CustomerKind.COMPANY
        or known.state == "destroyed"
        or not await customers.is_visible(tx, known.id)
    ):
        raise NotFound("customer_not_found")
    tx.about("customer", known.id)
    return known


async def _whole(tx: Tx, rows: Sequence[tuple[object, ...]]) -> tuple[Corporate, ...]:
    views = await customer_views.views_of(tx, rows)
    known = [
        Known(one.id, one.number, row[9], None, one.shop, one.external_id)  # pyright: ignore[reportArgumentType]  a card's columns
        for one, row in zip(views, rows, strict=True)
    ]
    parts = await corporate.parts_of(tx, known)
    people = await corporate.people_of([one.id for one in views])
    return tuple(
        Corporate(
            view=view,
            addresses=_of(parts[view.id], PartKind.ADDRESS),
            companies=_of(parts[view.id], PartKind.COMPANY),
            people=people.get(view.id, ()),
        )
        for view in views
    )


def _of(parts: Sequence[Part], kind: PartKind) -> tuple[Part, ...]:
    return tuple(one for one in parts if one.kind is kind)


@action(Permission.CUSTOMER_VIEW, reads=True)
async def index(tx: Tx, wanted: CustomerFilter, page: int, limit: int) -> CorporatePage:
    """A page by its number."""
    wanted = msgspec.structs.replace(wanted, kind=CustomerKind.COMPANY)
    rows, total = await customer_lists.page(tx, wanted, page=page, limit=limit)
    return CorporatePage(rows=await _whole(tx, rows), total=total)


@action(Permission.CUSTOMER_VIEW, reads=True)
async def get(tx: Tx, shop: str, ref: CustomerRef) -> Corporate:
    """One company.

    Raises:
        NotFound: `customer_not_found`: absent, out of reach, or a person.
    """
    known = await _company(tx, shop, ref)
    return (await _whole(tx, [await customer_views.find_visible(tx, "c.id = {}", known.id)]))[0]


@action(Permission.CUSTOMER_CREATE)
async def create(tx: Tx, draft: CorporateDraft) -> Added:
    """Add a company with what came along.

    Raises:
        Conflict: `customer_exists`; `external_id_taken` among its parts.
        Invalid: `purpose_missing`, `manager_unknown`.
        Denied: `shop_foreign`.
    """
    known = await _added(tx, draft)
    tx.about("customer", known.id)
    return Added(id=known.id, number=known.number)


async def _added(tx: Tx, draft: CorporateDraft) -> Known:
    client = draft.client
    check_shop(tx, client.shop)
    owner_id = None
    if client.manager_number is not None:
        owner_id = await staff.id_of(client.manager_number)
        if owner_id is None:
            raise Invalid("manager_unknown", fields={"managerId": "manager_unknown"})
    known = await customers.add(tx, client, owner_id=owner_id)
    for part in draft.addresses:
        await corporate.add(tx, known, PartKind.ADDRESS, part)
    for part in draft.companies:
        await corporate.add(tx, known, PartKind.COMPANY, part)
    for ref, is_main in draft.people:
        await _tie(tx, known, ref, is_main=is_main)
    tx.emit(CustomerChanged(customer_id=known.id, created=True))
    return known


@action(Permission.CUSTOMER_CREATE)
async def upload(
    tx: Tx, shop: str, rows: Sequence[SentCompany], unread: Sequence[RefusedRow] = ()
) -> tuple[int | HouseError, ...]:
    """Add a batch in one commit; which the shop has named before is brought up to date, with parts.

    Args:
        tx: of the shop's key.
        shop: whose rows these are.
        rows: that could be read.
        unread: those that could not, for the report.

    Returns:
        by row: the company's number, or why the row was refused; the others stay.

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
    ids = [row.draft.client.external_id or "" for row in rows]
    await _uploads.note(tx, shop, "clients", ids, done, before, unread)
    tx.about("customer", None)
    tx.payload = {
        "clients": [one for one in done if isinstance(one, int)],
        "refused": [one.code for one in done if isinstance(one, HouseError)],
    }
    return tuple(done)


async def _take(tx: Tx, shop: str, row: SentCompany) -> int:
    external_id = row.draft.client.external_id
    known = None
    if external_id is not None:
        known = await customers.find_by_external_id(shop, external_id)
    if known is None:
        if row.draft.client.company_name is None:
            raise Invalid("entity_unreadable", fields={"nickName": "name_empty"})
        return (await _added(tx, row.draft)).number
    was = tx.grant
    tx.under(Permission.CUSTOMER_EDIT)
    try:
        known = await _company(tx, shop, CustomerRef(external_id=external_id))
        changed = await customer_edits.apply(tx, known, row.change)
        changed = await _put_all(tx, known, row.draft) or changed
        if changed:
            tx.emit(CustomerChanged(customer_id=known.id))
    finally:
        tx.grant = was
    return known.number


async def _put_all(tx: Tx, known: Known, draft: CorporateDraft) -> bool:
    """Bring parts and people of a known company up to date; whether any came along."""
    for part in draft.addresses:
        await corporate.put(tx, known, PartKind.ADDRESS, part)
    for part in draft.companies:
        await corporate.put(tx, known, PartKind.COMPANY, part)
    for ref, is_main in draft.people:
        await _tie(tx, known, ref, is_main=is_main)
    return bool(draft.addresses or draft.companies or draft.people)


@action(Permission.CUSTOMER_EDIT)
async def edit(tx: Tx, shop: str, ref: CustomerRef, change: CustomerChange) -> Added:
    """Change a company; nothing is written when nothing differs.

    Raises:
        NotFound: `customer_not_found`.
        Conflict: `external_id_taken`.
        Invalid: `manager_unknown`.
    """
    known = await _company(tx, shop, ref)
    if await customer_edits.apply(tx, known, change):
        tx.emit(CustomerChanged(customer_id=known.id))
    return Added(id=known.id, number=known.number)


@action(Permission.CUSTOMER_EDIT)
async def put_part(
    tx: Tx,
    shop: str,
    ref: CustomerRef,
    kind: PartKind,
    draft: PartDraft,
    part: CustomerRef | None = None,
) -> int:
    """Add an address or a legal entity, or change the one that `part` names; give its number.

    Raises:
        NotFound: `customer_not_found`, `corporate_part_not_found`.
        Conflict: `external_id_taken`.
        Invalid: `corporate_parts_many`.
    """
    known = await _company(tx, shop, ref)
    if part is None:
        done = await corporate.add(tx, known, kind, draft)
    else:
        done = await corporate.edit(tx, known, await corporate.find(tx, known, kind, part), draft)
    tx.emit(CustomerChanged(customer_id=known.id))
    return done.number


@action(Permission.CUSTOMER_EDIT)
async def put_person(
    tx: Tx, shop: str, ref: CustomerRef, person: CustomerRef, *, is_main: bool = False
) -> PersonTie:
    """Let a person speak for a company; again changes nothing but who is the main one.

    Raises:
        NotFound: `customer_not_found`: one of the two.
    """
    known = await _company(tx, shop, ref)
    return await _tie(tx, known, person, is_main=is_main)


async def _tie(tx: Tx, known: Known, person: CustomerRef, *, is_main: bool) -> PersonTie:
    who = await customers.find_by_ref(tx, known.shop, person)
    if (
        who is None
        or who.kind != CustomerKind.PERSON
        or who.state != "live"
        or not await customers.is_visible(tx, who.id)
    ):
        raise NotFound("customer_not_found")
    if not await companies.is_tied(known.id, who.id):
        await companies.put(known.id, who.id, "")
        entry = feed.Change(field="company_contact", new={"id": who.number})
        await customer_edits.touch(tx, known, [entry])
    row = await fetch_one(
        "SELECT id, is_main FROM company_contact WHERE company_id = {} AND customer_id = {}",
        known.id,
        who.id,
    )
    held = None if row is None else await companies.find(row[0])
    if held is not None and is_main and not held.is_main:
        await companies.make_main(held)
        entry = feed.Change(field="company_contact", new={"id": who.number, "main": True})
        await customer_edits.touch(tx, known, [entry])
    main = is_main or (held is not None and held.is_main)
    return PersonTie(number=who.number, external_id=who.external_id, shop=who.shop, is_main=main)
