"""Postal addresses of clients and deliveries: one sealed blob each."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from uuid import UUID

import msgspec

from appliance.domain.customers import AddressParts
from appliance.domain.grants import Access
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.errors import Damaged, Destroyed
from appliance.storage.statements import any_of, execute, fetch, fetch_one, insert, update_row
from appliance.storage.tables import AddressRow
from appliance.storage.tx import Tx

NAMES = frozenset(AddressParts.__struct_fields__) - {"v"}


async def set_address(
    tx: Tx, owner_id: UUID, subject_id: UUID, kind: str, parts: AddressParts
) -> None:
    """Store the address of a client or an order, in place of the one it had."""
    known = await fetch_one("SELECT id FROM address WHERE owner_id = {}", owner_id)
    row_id = uuid7() if known is None else known[0]
    cell = tx.seal("address", "parts", row_id, subject_id, parts, "address")
    if known is None:
        await insert(
            AddressRow, id=row_id, owner_id=owner_id, subject_id=subject_id, kind=kind, parts=cell
        )
    else:
        await update_row(AddressRow, row_id, subject_id=subject_id, parts=cell)


async def merge_address(
    tx: Tx, owner_id: UUID, subject_id: UUID, kind: str, given: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    """Take over the parts given, leave the others; return (part, old, new) of what changed."""
    old = await stored(tx, owner_id, subject_id)
    parts = old or AddressParts()
    changed = [
        (name, getattr(parts, name), value)
        for name, value in given.items()
        if name in NAMES and getattr(parts, name) != value
    ]
    if changed or old is None:
        taken = {name: new for name, _, new in changed}
        await set_address(tx, owner_id, subject_id, kind, msgspec.structs.replace(parts, **taken))
    return changed


async def stored(tx: Tx, owner_id: UUID, subject_id: UUID) -> AddressParts | None:
    """Open the address of a client or an order whatever the grant: for writing only."""
    row = await fetch_one(
        "SELECT id, parts FROM address WHERE owner_id = {} AND parts IS NOT NULL", owner_id
    )
    if row is None:
        return None
    return tx.open("address", "parts", row[0], subject_id, row[1], AddressParts, "address")


async def of_owners(tx: Tx, owner_ids: Sequence[UUID]) -> dict[UUID, AddressParts]:
    """Addresses of many clients or orders; none where the grant hides them."""
    if tx.may("address") is not Access.VISIBLE:
        return {}
    found: dict[UUID, AddressParts] = {}
    for owner_id, row_id, subject_id, cell in await fetch(
        "SELECT owner_id, id, subject_id, parts FROM address "
        "WHERE owner_id IN {} AND parts IS NOT NULL",
        any_of(owner_ids),
    ):
        with suppress(Damaged, Destroyed):
            found[owner_id] = tx.open(
                "address", "parts", row_id, subject_id, cell, AddressParts, "address"
            )
    return found


async def address_of(tx: Tx, owner_id: UUID) -> Personal[AddressParts] | None:
    """The address as the actor may see it: None when hidden, empty parts when there is none."""
    if tx.may("address") is not Access.VISIBLE:
        return None
    found = await of_owners(tx, [owner_id])
    return Personal(found.get(owner_id, AddressParts()))


async def remove(owner_id: UUID) -> None:
    """Delete the address of a client or an order."""
    await execute("DELETE FROM address WHERE owner_id = {}", owner_id)


async def has_any(owner_id: UUID) -> bool:
    """Whether an address is kept of an order or a client; nobody is opened to tell."""
    row = await fetch_one("SELECT 1 FROM address WHERE owner_id = {}", owner_id)
    return row is not None
