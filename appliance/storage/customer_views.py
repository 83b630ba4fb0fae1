"""Clients as the actor may see them: in a list, beside an order, as a card."""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast
from uuid import UUID

import msgspec

from appliance.domain import masks
from appliance.domain.customers import (
    AddressParts,
    ClientMoney,
    ContactView,
    CustomerBrief,
    CustomerKind,
    CustomerView,
    Party,
    Person,
    RequisitesParts,
    Wishes,
)
from appliance.domain.fields import FieldValue, Owner
from appliance.domain.grants import Access
from appliance.domain.names import full_name, short_name
from appliance.domain.personal import Personal
from appliance.domain.privacy import ConsentGiven, Purpose
from appliance.domain.sources import SourceMarks
from appliance.errors import Damaged, Destroyed, NotFound
from appliance.storage import addresses, contacts, customers, fields, purposes, references
from appliance.storage.statements import any_of, fetch, fetch_one
from appliance.storage.tx import Tx
from appliance.storage.visible import visible_client


def brief(
    tx: Tx,
    customer_id: UUID,
    number: int,
    kind: str,
    state: str,
    subject_id: UUID,
    cell: bytes | None,
    owner_number: int | None,
) -> CustomerBrief:
    """One client of a list, from columns joined in the list's own statement.

    Call `tx.vault.preload(subjects)` for the page first: one statement for all keys.
    """
    name: Personal[str] | None = None
    damaged = False
    destroyed = state in ("destroyed", "blocked") or cell is None
    if not destroyed and cell is not None and tx.may("name") is not Access.HIDDEN:
        try:
            person = tx.open("customer", "person", customer_id, subject_id, cell, Person, "name")
            name = Personal(short_name(person, kind))
        except Destroyed:
            destroyed = True
        except Damaged:
            damaged = True
    return CustomerBrief(
        id=customer_id,
        number=number,
        kind=CustomerKind(kind),
        name=name,
        destroyed=destroyed,
        damaged=damaged,
        owner_number=owner_number,
        blocked=state == "blocked",
    )


_CARD = (
    "SELECT c.id, c.number, c.kind, c.version, c.shop, c.external_id, c.created_at, c.updated_at, "
    "c.state, c.subject_id, c.person, u.number, c.vip, c.bad, c.orders_count, c.orders_total, "
    "c.paid_total, c.first_order_at, c.last_order_at, c.party, c.region, c.source_first, "
    "c.source_last, c.returned_total, c.owed_total, c.credit_limit, c.pay_days, c.stop, "
    "c.paid_orders, c.paid_wait, c.contacted_at, c.wishes "
    "FROM customer c LEFT JOIN users u ON u.id = c.owner_id WHERE "
)


async def find_visible(
    tx: Tx, column: str, *values: object, blocked: bool = False
) -> tuple[Any, ...]:
    """The card's row by one condition, if the grant lets it through.

    Args:
        tx: of whoever looks.
        column: one condition on `customer c`.
        values: its values.
        blocked: somebody who is blocked is found, too: for a page that says only that.

    Raises:
        NotFound: absent, or not for this actor: the same answer.
    """
    condition, args = visible_client(tx, blocked=blocked)
    row = await fetch_one(f"{_CARD}{column} AND {condition}", *values, *args)
    if row is None:
        raise NotFound("customer_not_found")
    return row


async def list_visible(
    tx: Tx, condition: str, values: Sequence[object], limit: int
) -> list[tuple[Any, ...]]:
    """Rows of cards, newest first."""
    scope, args = visible_client(tx)
    return await fetch(
        f"{_CARD}{condition} AND {scope} ORDER BY c.number DESC LIMIT {{}}",
        *values,
        *args,
        limit,
    )


class _Parts(NamedTuple):
    """What hangs on the clients of a page, fetched for all of them at once."""

    contacts: dict[UUID, tuple[ContactView, ...]]
    addresses: dict[UUID, AddressParts]
    requisites: dict[UUID, RequisitesParts]
    purposes: dict[UUID, tuple[Purpose, ...]]
    consents: dict[UUID, tuple[ConsentGiven, ...]]
    tags: dict[UUID, list[str]]
    custom: dict[UUID, tuple[FieldValue, ...]]


_NO_PARTS = _Parts({}, {}, {}, {}, {}, {}, {})


async def view_of(tx: Tx, row: tuple[Any, ...], *, owner_name: str = "") -> CustomerView:
    """Build one card from its row."""
    parts = await _fetch_parts(tx, [row])
    return _view(tx, row, parts, owner_name)


async def views_of(tx: Tx, rows: Sequence[tuple[Any, ...]]) -> tuple[CustomerView, ...]:
    """Build the cards of a page in a fixed number of statements, however long it is."""
    if not rows:
        return ()
    tx.vault.preload([row[9] for row in rows])
    parts = await _fetch_parts(tx, rows)
    return tuple(_view(tx, row, parts, "") for row in rows)


async def _fetch_parts(tx: Tx, rows: Sequence[tuple[Any, ...]]) -> _Parts:
    ids: list[UUID] = [row[0] for row in rows]
    tags: dict[UUID, list[str]] = {}
    for customer_id, name in await fetch(
        "SELECT customer_id, name FROM tag WHERE customer_id IN {} ORDER BY name", any_of(ids)
    ):
        tags.setdefault(customer_id, []).append(name)
    return _Parts(
        contacts=await contacts.views_of(tx, ids),
        addresses=await addresses.of_owners(tx, ids),
        requisites=await _requisites(tx, ids),
        purposes=await purposes.of_customers(ids),
        consents=await purposes.consents_of(ids),
        tags=tags,
        custom=await _custom(tx, rows),
    )


async def _custom(tx: Tx, rows: Sequence[tuple[Any, ...]]) -> dict[UUID, tuple[FieldValue, ...]]:
    """Fields of an administrator's making; no statement where there are none."""
    lists = await references.lists()
    found: dict[UUID, tuple[FieldValue, ...]] = {}
    for owner in (Owner.CUSTOMER, Owner.COMPANY):
        if lists.fields[owner]:
            ids = [row[0] for row in rows if fields.owner_of(row[2]) is owner]
            found |= await fields.of_records(tx, lists, owner, ids)
    return found


def _view(tx: Tx, row: tuple[Any, ...], parts: _Parts, owner_name: str) -> CustomerView:
    """Build a card; fields outside the grant were not even decrypted."""
    customer_id, number, kind, version, shop, external_id = row[:6]
    created_at, updated_at, state, subject_id, cell, owner_number = row[6:12]
    vip, bad, count, total, paid, first_at, last_at, party, region, first, last = row[12:23]
    live = state not in ("destroyed", "blocked") and cell is not None
    if state == "blocked":  # what stands in the clear is his, too
        parts, region, first, last = _NO_PARTS, "", customers.NOTHING, customers.NOTHING
        vip = bad = False
    person, damaged = (None, False)
    if cell is not None and live and tx.may("name") is not Access.HIDDEN:
        person, damaged = _open_person(tx, customer_id, subject_id, cell)
    address = parts.addresses.get(customer_id, AddressParts())
    requisites = parts.requisites.get(customer_id)
    return CustomerView(
        id=customer_id,
        number=number,
        kind=CustomerKind(kind),
        version=version,
        shop=shop,
        external_id=external_id,
        created_at=created_at,
        updated_at=updated_at,
        state=state,
        **_names(tx, person, kind),
        contacts=parts.contacts.get(customer_id, ()) if live else (),
        address=Personal(address) if tx.may("address") is Access.VISIBLE else None,
        requisites=None if requisites is None else Personal(requisites),
        purposes=parts.purposes.get(customer_id, ()),
        consents=parts.consents.get(customer_id, ()),
        tags=tuple(parts.tags.get(customer_id, ())),
        custom=parts.custom.get(customer_id, ()) if live else (),
        owner_number=owner_number,
        owner_name=owner_name,
        vip=bool(vip),
        bad=bool(bad),
        orders_count=count,
        orders_total=total,
        paid_total=paid,
        first_order_at=first_at,
        last_order_at=last_at,
        damaged=damaged,
        party=Party(party),
        region=region,
        source_first=_marks(first),
        source_last=_marks(last),
        wishes=_wishes(tx, customer_id, subject_id, row[31]) if live else None,
        money=ClientMoney(
            returned=row[23],
            owed=row[24],
            limit=row[25],
            pay_days=row[26],
            stop=bool(row[27]),
            paid_orders=row[28],
            paid_wait=row[29],
            contacted_at=row[30],
        ),
    )


def _marks(text: str) -> SourceMarks:
    """Most clients have none, and a page has fifty of them."""
    if text == customers.NOTHING:
        return customers.NO_MARKS
    return msgspec.json.decode(text, type=SourceMarks)


def _wishes(
    tx: Tx, customer_id: UUID, subject_id: UUID, cell: bytes | None
) -> Personal[Wishes] | None:
    if cell is None or tx.may("comment") is not Access.VISIBLE:
        return None
    try:
        return Personal(
            tx.open("customer", "wishes", customer_id, subject_id, cell, Wishes, "comment")
        )
    except (Damaged, Destroyed):
        return None


def _open_person(
    tx: Tx, customer_id: UUID, subject_id: UUID, cell: bytes
) -> tuple[Person | None, bool]:
    try:
        return tx.open("customer", "person", customer_id, subject_id, cell, Person, "name"), False
    except Destroyed:
        return None, False  # destroyed, or blocked until it is: the others of the page are shown
    except Damaged:
        return None, True


def _names(tx: Tx, person: Person | None, kind: str) -> dict[str, Any]:
    if person is None:
        names = ("name", "first_name", "last_name", "patronymic", "company_name", "birthday")
        return dict.fromkeys((*names, "comment", *_COMPANY)) | {"sex": ""}
    shown_birthday = tx.may("birthday") is Access.VISIBLE and person.birthday is not None
    return {
        "name": Personal(full_name(person, kind)),
        "first_name": Personal(person.first_name),
        "last_name": Personal(person.last_name),
        "patronymic": Personal(person.patronymic),
        "company_name": Personal(person.company_name),
        "birthday": Personal(person.birthday) if shown_birthday else None,
        "sex": person.sex,
        "comment": Personal(person.comment) if tx.may("comment") is Access.VISIBLE else None,
        **{
            name: Personal(getattr(person, name)) if tx.may("comment") is Access.VISIBLE else None
            for name in _COMPANY
        },
    }


_COMPANY = ("fleet", "culture", "software", "stop_note")


_TELLING = ("inn", "ogrn", "ogrnip", "okpo", "bank_account", "certificate_number")
"""Requisites each of which names one person in a public register, or his account."""


async def _requisites(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, RequisitesParts]:
    access = tx.may("tax_id")
    if access is Access.HIDDEN:
        return {}
    found = await customers.requisites_of(tx, ids)
    for parts in found.values():
        if access is Access.MASKED:
            for name in _TELLING:
                setattr(parts, name, masks.mask_tax_id(getattr(parts, name)))
        if tx.may("address") is not Access.VISIBLE:
            parts.legal_address = ""
    return found


async def rows_by_ids(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, tuple[Any, ...]]:
    """Visible, live clients among these ids, as columns that `brief` takes."""
    if not ids:
        return {}
    scope, args = visible_client(tx)
    rows = await fetch(
        "SELECT c.id, c.number, c.kind, c.state, c.subject_id, c.person, u.number "
        "FROM customer c LEFT JOIN users u ON u.id = c.owner_id "
        f"WHERE c.id IN {{}} AND c.state = 'live' AND {scope}",
        any_of(ids),
        *args,
    )
    tx.vault.preload([row[4] for row in rows])
    return {row[0]: row for row in rows}


def said(view: CustomerView, field: str) -> Any:
    """What a record says in a field of `domain.duplicates.FIELDS`; empty for nothing, or hidden."""
    if field == "manager":
        return view.owner_number
    value: object = getattr(view, field)
    if isinstance(value, Personal):
        value = cast("Personal[object]", value).reveal()
    if isinstance(value, msgspec.Struct):
        return value if value != type(value)() else None
    return value
