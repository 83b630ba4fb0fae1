"""Phones, e-mails and messengers of a client: each a cell of its own."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from appliance.domain import emails, masks, phones
from appliance.domain.customers import (
    AddressParts,
    ContactDraft,
    ContactKind,
    ContactValue,
    ContactView,
)
from appliance.domain.grants import Access
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.errors import Damaged, Destroyed
from appliance.storage.statements import any_of, execute, fetch, fetch_one, fetch_value, insert_many
from appliance.storage.tables import ContactRow
from appliance.storage.tx import Tx
from appliance.storage.visible import visible_client
from appliance.vault.blind import BlindField
from appliance.vault.vault import Vault


class Read(NamedTuple):
    """A contact as typed and as read; `normal` is empty where it could not be read."""

    kind: ContactKind
    typed: str
    normal: str
    tail: str

    @property
    def readable(self) -> bool:
        return bool(self.normal) or self.kind is ContactKind.MESSENGER


async def country_of(shop: str, address: AddressParts | None = None) -> str:
    """Where a client's phones without a plus are of: his own country, else his shop's."""
    own = "" if address is None else address.country_iso.strip().upper()
    if len(own) == 2:
        return own
    return await fetch_value("SELECT country FROM shop WHERE code = {}", shop) or "RU"


def read(draft: ContactDraft, country: str = "RU") -> Read:
    """Normalise one incoming contact; an unreadable phone is kept as typed."""
    typed = draft.value.reveal().strip()
    match draft.kind:
        case ContactKind.PHONE:
            phone = phones.normalise(typed, country)
            if phone is None:
                return Read(draft.kind, typed, "", phones.tail_of(typed))
            return Read(draft.kind, typed, phone.e164, phone.tail)
        case ContactKind.EMAIL:
            return Read(draft.kind, typed, emails.normalise(typed) or "", "")
        case _:
            return Read(draft.kind, typed, typed, "")


def read_all(drafts: Sequence[ContactDraft], country: str = "RU") -> list[Read]:
    """Normalise a list: blanks are left out, and of equal spellings all but the first."""
    every = (read(draft, country) for draft in drafts)
    return list({(one.kind, one.typed): one for one in every if one.typed}.values())


def index_of(vault: Vault, contact: Read) -> bytes | None:
    """Blind index of the normal form; None for what could not be read."""
    if not contact.normal:
        return None
    field = BlindField.EMAIL if contact.kind is ContactKind.EMAIL else BlindField.PHONE
    return vault.blind(field, contact.normal)


def tail_of(vault: Vault, contact: Read) -> bytes | None:
    """Blind index of a phone's last ten digits."""
    return vault.blind(BlindField.PHONE_TAIL, contact.tail) if contact.tail else None


def indexes_of(vault: Vault, contact: Read) -> tuple[bytes, ...]:
    """What to ask for: `index_of` under every key there is; empty for what could not be read."""
    if not contact.normal:
        return ()
    field = BlindField.EMAIL if contact.kind is ContactKind.EMAIL else BlindField.PHONE
    return vault.blinds(field, contact.normal)


def tails_of(vault: Vault, contact: Read) -> tuple[bytes, ...]:
    """The same for `tail_of`."""
    return vault.blinds(BlindField.PHONE_TAIL, contact.tail) if contact.tail else ()


async def add(
    tx: Tx, customer_id: UUID, subject_id: UUID, contacts: Sequence[Read], start: int = 0
) -> None:
    """Store contacts in their order."""
    rows: list[dict[str, object]] = []
    for offset, contact in enumerate(contacts):
        row_id = uuid7()
        value = ContactValue(typed=contact.typed, normal=contact.normal)
        rows.append(
            {
                "id": row_id,
                "customer_id": customer_id,
                "subject_id": subject_id,
                "kind": contact.kind.value,
                "position": start + offset,
                "readable": contact.readable,
                "value": tx.seal("contact", "value", row_id, subject_id, value, contact.kind.value),
                "value_index": index_of(tx.vault, contact),
                "tail_index": tail_of(tx.vault, contact),
            }
        )
    await insert_many(ContactRow, rows)


async def stored(
    tx: Tx, customer_id: UUID, subject_id: UUID, kinds: Sequence[ContactKind]
) -> list[tuple[UUID, Read]]:
    """Open the contacts of some kinds, in order."""
    rows = await fetch(
        "SELECT id, kind, value FROM contact WHERE customer_id = {} AND kind IN {} "
        "AND value IS NOT NULL ORDER BY kind, position",
        customer_id,
        any_of([kind.value for kind in kinds]),
    )
    found: list[tuple[UUID, Read]] = []
    for row_id, kind, cell in rows:
        value = tx.open("contact", "value", row_id, subject_id, cell, ContactValue, kind)
        found.append((row_id, Read(ContactKind(kind), value.typed, value.normal, "")))
    return found


async def remove(ids: Sequence[UUID]) -> None:
    """Delete contacts that an edit dropped."""
    await execute("DELETE FROM contact WHERE id IN {}", any_of(ids))


def _access(tx: Tx, kind: str) -> Access:
    return tx.may("email" if kind == ContactKind.EMAIL else "phone")


async def contact_views(tx: Tx, customer_id: UUID, subject_id: UUID) -> tuple[ContactView, ...]:
    """Contacts of one client as the actor may see them."""
    return (await views_of(tx, [customer_id])).get(customer_id, ())


async def views_of(tx: Tx, customer_ids: Sequence[UUID]) -> dict[UUID, tuple[ContactView, ...]]:
    """Contacts of many clients in one statement; hidden kinds are not decrypted."""
    rows = await fetch(
        "SELECT customer_id, subject_id, id, kind, readable, value FROM contact "
        "WHERE customer_id IN {} AND value IS NOT NULL ORDER BY customer_id, kind DESC, position",
        any_of(customer_ids),
    )
    found: dict[UUID, list[ContactView]] = {}
    for customer_id, subject_id, row_id, kind, readable, cell in rows:
        view = _view(tx, subject_id, row_id, kind, bool(readable), cell)
        found.setdefault(customer_id, []).append(view)
    return {customer_id: tuple(views) for customer_id, views in found.items()}


def _view(
    tx: Tx, subject_id: UUID, row_id: UUID, kind: str, readable: bool, cell: bytes
) -> ContactView:
    access = _access(tx, kind)
    hidden = ContactView(
        id=row_id, kind=ContactKind(kind), shown=None, full=None, readable=readable
    )
    if access is Access.HIDDEN:
        return hidden
    try:
        value = tx.open("contact", "value", row_id, subject_id, cell, ContactValue, kind)
    except (Damaged, Destroyed):
        return hidden
    return ContactView(
        id=row_id,
        kind=ContactKind(kind),
        shown=Personal(_shown(kind, value, access)),
        full=Personal(value.typed) if access is Access.VISIBLE else None,
        readable=readable,
    )


def _shown(kind: str, value: ContactValue, access: Access) -> str:
    if access is Access.VISIBLE:
        return value.normal or value.typed
    if kind == ContactKind.EMAIL:
        return masks.mask_email(value.normal or value.typed)
    return masks.mask_phone(value.typed, value.normal)


async def find_visible(tx: Tx, contact_id: UUID) -> tuple[UUID, str, bytes, UUID, UUID] | None:
    """A contact of a live client whom the grant reaches: (id, kind, cell, client, subject)."""
    scope, args = visible_client(tx)
    row = await fetch_one(
        "SELECT k.id, k.kind, k.value, c.id, c.subject_id FROM contact k "
        "JOIN customer c ON c.id = k.customer_id "
        f"WHERE k.id = {{}} AND k.value IS NOT NULL AND c.state = 'live' AND {scope}",
        contact_id,
        *args,
    )
    return None if row is None else (row[0], row[1], row[2], row[3], row[4])
