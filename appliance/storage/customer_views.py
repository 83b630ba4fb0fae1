"""Clients as the actor may see them: in a list, beside an order, as a card."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from appliance.domain import masks
from appliance.domain.customers import (
    AddressParts,
    CustomerBrief,
    CustomerKind,
    CustomerView,
    Person,
    RequisitesParts,
)
from appliance.domain.grants import Access
from appliance.domain.names import full_name, short_name
from appliance.domain.personal import Personal
from appliance.errors import Damaged, Destroyed, NotFound
from appliance.storage import addresses, customers, purposes
from appliance.storage.contacts import contact_views
from appliance.storage.statements import any_of, fetch, fetch_one
from appliance.storage.tx import Tx
from appliance.storage.visible import visible


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
    destroyed = state == "destroyed" or cell is None
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
    )


_CARD = (
    "SELECT c.id, c.number, c.kind, c.version, c.shop, c.external_id, c.created_at, c.updated_at, "
    "c.state, c.subject_id, c.person, u.number, c.vip, c.bad, c.orders_count, c.orders_total, "
    "c.paid_total, c.first_order_at, c.last_order_at "
    "FROM customer c LEFT JOIN users u ON u.id = c.owner_id WHERE "
)


async def find_visible(tx: Tx, column: str, *values: object) -> tuple[Any, ...]:
    """The card's row by one condition, if the grant lets it through.

    Raises:
        NotFound: absent, or not for this actor: the same answer.
    """
    condition, args = visible(tx, "c.owner_id")
    row = await fetch_one(f"{_CARD}{column} AND {condition}", *values, *args)
    if row is None:
        raise NotFound("customer_not_found")
    return row


async def list_visible(
    tx: Tx, condition: str, values: Sequence[object], limit: int
) -> list[tuple[Any, ...]]:
    """Rows of cards, newest first."""
    scope, args = visible(tx, "c.owner_id")
    return await fetch(
        f"{_CARD}{condition} AND {scope} ORDER BY c.number DESC LIMIT {{}}",
        *values,
        *args,
        limit,
    )


async def view_of(tx: Tx, row: tuple[Any, ...], *, owner_name: str = "") -> CustomerView:
    """Build a card from its row; fields outside the grant are not decrypted."""
    (customer_id, number, kind, version, shop, external_id, created_at, updated_at, state,
     subject_id, cell, owner_number, vip, bad, count, total, paid, first_at, last_at) = row  # fmt: skip
    live = state != "destroyed" and cell is not None
    person, damaged = (None, False)
    if live and tx.may("name") is not Access.HIDDEN:
        person, damaged = _open_person(tx, customer_id, subject_id, cell)
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
        contacts=await contact_views(tx, customer_id, subject_id) if live else (),
        address=await _address(tx, customer_id, subject_id) if live else None,
        requisites=await _requisites(tx, customer_id, subject_id) if live else None,
        purposes=await purposes.list_purposes(customer_id),
        consents=await purposes.list_consents(customer_id),
        tags=tuple(
            row[0]
            for row in await fetch(
                "SELECT name FROM tag WHERE customer_id = {} ORDER BY name", customer_id
            )
        ),
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
    )


def _open_person(
    tx: Tx, customer_id: UUID, subject_id: UUID, cell: bytes
) -> tuple[Person | None, bool]:
    try:
        return tx.open("customer", "person", customer_id, subject_id, cell, Person, "name"), False
    except Damaged:
        return None, True


def _names(tx: Tx, person: Person | None, kind: str) -> dict[str, Any]:
    if person is None:
        names = ("name", "first_name", "last_name", "patronymic", "company_name", "birthday")
        return dict.fromkeys((*names, "comment")) | {"sex": ""}
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
    }


async def _address(tx: Tx, customer_id: UUID, subject_id: UUID) -> Personal[AddressParts] | None:
    return await addresses.address_of(tx, customer_id, subject_id)


async def _requisites(
    tx: Tx, customer_id: UUID, subject_id: UUID
) -> Personal[RequisitesParts] | None:
    access = tx.may("tax_id")
    if access is Access.HIDDEN:
        return None
    try:
        parts = await customers.requisites(tx, customer_id, subject_id)
    except Damaged:
        return None
    if parts is None:
        return None
    if access is Access.MASKED:
        parts.inn = masks.mask_tax_id(parts.inn)
        parts.bank_account = masks.mask_tax_id(parts.bank_account)
    return Personal(parts)


async def rows_by_ids(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, tuple[Any, ...]]:
    """Visible, live clients among these ids, as columns that `brief` takes."""
    if not ids:
        return {}
    scope, args = visible(tx, "c.owner_id")
    rows = await fetch(
        "SELECT c.id, c.number, c.kind, c.state, c.subject_id, c.person, u.number "
        "FROM customer c LEFT JOIN users u ON u.id = c.owner_id "
        f"WHERE c.id IN {{}} AND c.state = 'live' AND {scope}",
        any_of(ids),
        *args,
    )
    tx.vault.preload([row[4] for row in rows])
    return {row[0]: row for row in rows}
