"""Addresses and legal entities of companies; the main one of a kind is what the card shows."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from appliance.domain.corporate import (
    MOST_PARTS,
    Part,
    PartContent,
    PartDraft,
    PartKind,
    PersonTie,
    number_of,
)
from appliance.domain.customers import AddressParts, CustomerChange, RequisitesParts
from appliance.domain.grants import Access
from appliance.domain.ids import uuid7
from appliance.domain.orders import UNSET, CustomerRef
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Damaged, Destroyed, Invalid, NotFound
from appliance.storage import addresses, customer_edits, customers
from appliance.storage.customers import Known
from appliance.storage.feed import Change
from appliance.storage.statements import any_of, fetch, insert, update_row
from appliance.storage.tables import CorporatePartRow
from appliance.storage.tx import Tx

_PARTS = (
    "SELECT id, number, customer_id, subject_id, kind, external_id, is_main, content, created_at "
    "FROM corporate_part WHERE customer_id IN {} ORDER BY number"
)
_EARLY = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands where nobody wrote down when: what a card had before a shop named it."""
FIELDS: Mapping[PartKind, str] = {PartKind.ADDRESS: "address", PartKind.COMPANY: "tax_id"}
"""Which personal field of a grant decides whether a part may be read."""

Cards = Mapping[PartKind, Mapping[UUID, Any]]


async def parts_of(tx: Tx, companies: Sequence[Known]) -> dict[UUID, tuple[Part, ...]]:
    """Parts of companies as the actor may see them, the main one of each kind first.

    Statements do not grow with the number of companies.
    """
    ids = [one.id for one in companies]
    cards: Cards = {
        PartKind.ADDRESS: await addresses.of_owners(tx, ids),
        PartKind.COMPANY: await _requisites(tx, ids),
    }
    stored: dict[tuple[UUID, str], list[Part]] = {}
    for row in await fetch(_PARTS, any_of(ids)):
        part = _part(tx, row)
        if part is not None:
            stored.setdefault((row[2], row[4]), []).append(part)
    return {
        one.id: tuple(
            part
            for kind in PartKind
            for part in _with_card(
                one, kind, stored.get((one.id, kind.value), []), cards[kind].get(one.id)
            )
        )
        for one in companies
    }


async def _requisites(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, RequisitesParts]:
    if tx.may("tax_id") is not Access.VISIBLE:
        return {}
    return await customers.requisites_of(tx, ids)


def _part(tx: Tx, row: Sequence[Any]) -> Part | None:
    row_id, number, _, subject_id, kind, external_id, is_main, cell, created_at = row
    if tx.may(FIELDS[PartKind(kind)]) is not Access.VISIBLE or cell is None:
        return None
    try:
        content = _open(tx, row_id, subject_id, cell, PartKind(kind))
    except (Damaged, Destroyed):
        return None
    return Part(
        number=number,
        kind=PartKind(kind),
        external_id=external_id,
        is_main=bool(is_main),
        content=Personal(content),
        created_at=created_at,
        stored=row_id,
    )


def _open(tx: Tx, row_id: UUID, subject_id: UUID, cell: bytes, kind: PartKind) -> PartContent:
    return tx.open("corporate_part", "content", row_id, subject_id, cell, PartContent, FIELDS[kind])


def _with_card(known: Known, kind: PartKind, parts: list[Part], card: Any) -> list[Part]:
    """The parts, of which the main one says what the card says today."""
    main = next((one for one in parts if one.is_main), None)
    filled = card is not None and card != AddressParts() and card != RequisitesParts()
    if main is None:
        if card is None or not filled:
            return parts
        own = Part(
            number=known.number,
            kind=kind,
            external_id=None,
            is_main=True,
            content=Personal(_content_of(kind, card)),
            created_at=parts[0].created_at if parts else _EARLY,
        )
        return [own, *parts]
    content = main.content.reveal()
    if filled:
        content = msgspec.structs.replace(content, **{_CELL[kind]: card})
    shown = msgspec.structs.replace(main, content=Personal(content))
    others = [msgspec.structs.replace(one, is_main=False) for one in parts if one is not main]
    return [shown, *others]


_CELL = {PartKind.ADDRESS: "address", PartKind.COMPANY: "requisites"}


def _content_of(kind: PartKind, card: AddressParts | RequisitesParts) -> PartContent:
    if isinstance(card, RequisitesParts):
        return PartContent(name=card.legal_name, requisites=card)
    return PartContent(address=card)


async def find(tx: Tx, known: Known, kind: PartKind, ref: CustomerRef) -> Part:
    """One part by its number or by the shop's id.

    Raises:
        NotFound: `corporate_part_not_found`.
    """
    for one in (await parts_of(tx, [known]))[known.id]:
        mine = one.number == ref.number if ref.external_id is None else False
        if one.kind is kind and (mine or (ref.external_id and one.external_id == ref.external_id)):
            return one
    raise NotFound("corporate_part_not_found")


# --- writing ---


async def put(tx: Tx, known: Known, kind: PartKind, draft: PartDraft) -> Part:
    """Add a part that is sent again and again, or change the one it is.

    It is the one with its external id; without one, the one that says all of it already.

    Raises:
        Invalid: `corporate_parts_many`.
    """
    for one in (await parts_of(tx, [known]))[known.id]:
        if one.kind is not kind:
            continue
        if draft.external_id is not None:
            fits = one.external_id == draft.external_id
        else:
            content = one.content.reveal()
            fits = await _merged(tx, known, content, kind, draft) == content
        if fits:
            return await edit(tx, known, one, draft)
    return await add(tx, known, kind, draft)


async def add(tx: Tx, known: Known, kind: PartKind, draft: PartDraft) -> Part:
    """Add a part; the first of its kind is the main one and stands on the card.

    Raises:
        Conflict: `external_id_taken`: this company has a part with it.
        Invalid: `corporate_parts_many`.
    """
    there = [one for one in (await parts_of(tx, [known]))[known.id] if one.kind is kind]
    if len(there) >= MOST_PARTS:
        raise Invalid("corporate_parts_many")
    _check_free(there, draft, None)
    main = next((one for one in there if one.is_main), None)
    row_id = uuid7()
    is_main = main is None or draft.is_main is True
    content = await _merged(tx, known, PartContent(), kind, draft)
    if is_main and main is not None:
        await _put_aside(tx, known, main)
    part = Part(
        number=number_of(row_id),
        kind=kind,
        external_id=draft.external_id,
        is_main=is_main,
        content=Personal(content),
        created_at=tx.now,
        stored=row_id,
    )
    await _store(tx, known, part, fresh=True)
    await _tell(tx, known, part, new=True)
    if is_main:
        await _to_card(tx, known, part)
    return part


async def edit(tx: Tx, known: Known, part: Part, draft: PartDraft) -> Part:
    """Change a part; what the draft leaves out stays.

    Raises:
        Conflict: `external_id_taken`.
    """
    there = [one for one in (await parts_of(tx, [known]))[known.id] if one.kind is part.kind]
    _check_free(there, draft, part.number)
    main = next((one for one in there if one.is_main), None)
    is_main = part.is_main or draft.is_main is True
    content = await _merged(tx, known, part.content.reveal(), part.kind, draft)
    if is_main and main is not None and main.number != part.number:
        await _put_aside(tx, known, main)
    changed = msgspec.structs.replace(
        part,
        external_id=draft.external_id or part.external_id,
        is_main=is_main,
        content=Personal(content),
    )
    if changed == part:
        return part
    await _store(tx, known, changed)
    await _tell(tx, known, changed, new=False)
    if is_main:
        await _to_card(tx, known, changed)
    return changed


def _check_free(there: Sequence[Part], draft: PartDraft, own: int | None) -> None:
    if draft.external_id is None:
        return
    if any(one.external_id == draft.external_id and one.number != own for one in there):
        raise Conflict("external_id_taken", field="externalId")


async def _merged(
    tx: Tx, known: Known, content: PartContent, kind: PartKind, draft: PartDraft
) -> PartContent:
    given = dict(draft.fields.reveal())
    if kind is PartKind.ADDRESS:
        parts = content.address or AddressParts()
        content = msgspec.structs.replace(content, address=msgspec.structs.replace(parts, **given))
    else:
        legal = content.requisites or RequisitesParts(contragent_type="legal-entity")
        legal = msgspec.structs.replace(legal, **given)
        content = msgspec.structs.replace(content, requisites=legal)
    if draft.name is not UNSET:
        content = msgspec.structs.replace(content, name=draft.name.reveal())
    if draft.brand is not UNSET:
        content = msgspec.structs.replace(content, brand=draft.brand.reveal())
    if draft.address is not None:
        with suppress(NotFound):  # an address that nobody knows loses no company
            place = await find(tx, known, PartKind.ADDRESS, draft.address)
            content = msgspec.structs.replace(content, address_number=place.number)
    return content


async def _put_aside(tx: Tx, known: Known, main: Part) -> None:
    """What the card showed becomes one of the others, with what it says today."""
    await _store(tx, known, msgspec.structs.replace(main, is_main=False))


async def _store(tx: Tx, known: Known, part: Part, *, fresh: bool = False) -> None:
    row_id = part.stored or uuid7()
    blob = part.content.reveal()
    columns: dict[str, Any] = {
        "external_id": part.external_id,
        "is_main": part.is_main,
        "content": tx.seal(
            "corporate_part", "content", row_id, known.subject_id, blob, FIELDS[part.kind]
        ),
    }
    if part.stored is not None and not fresh:
        await update_row(CorporatePartRow, row_id, **columns)
        return
    await insert(
        CorporatePartRow,
        id=row_id,
        number=part.number,
        customer_id=known.id,
        subject_id=known.subject_id,
        kind=part.kind.value,
        created_at=tx.now,
        **columns,
    )


async def _to_card(tx: Tx, known: Known, part: Part) -> None:
    content = part.content.reveal()
    if part.kind is PartKind.ADDRESS:
        whole = msgspec.structs.asdict(content.address or AddressParts())
        change = CustomerChange(address=Personal(_texts(whole)))
    else:
        whole = msgspec.structs.asdict(content.requisites or RequisitesParts())
        change = CustomerChange(requisites=Personal(_texts(whole)))
    await customer_edits.apply(tx, known, change)


def _texts(whole: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in whole.items() if name != "v"}


async def _tell(tx: Tx, known: Known, part: Part, *, new: bool) -> None:
    """Leave a trace: which part, never what it says."""
    entry = Change(
        field=f"corporate_{part.kind.value}",
        old=None if new else {"id": part.number},
        new={"id": part.number},
    )
    await customer_edits.touch(tx, known, [entry])


# --- people ---


async def people_of(companies: Sequence[UUID]) -> dict[UUID, tuple[PersonTie, ...]]:
    """Who speaks for companies, the main one first; numbers and ids only."""
    found: dict[UUID, list[PersonTie]] = {}
    for company_id, number, external_id, shop, is_main in await fetch(
        "SELECT k.company_id, c.number, c.external_id, c.shop, k.is_main FROM company_contact k "
        "JOIN customer c ON c.id = k.customer_id WHERE k.company_id IN {} AND c.state = 'live' "
        "ORDER BY k.is_main DESC, k.id",
        any_of(companies),
    ):
        tie = PersonTie(number=number, external_id=external_id, shop=shop, is_main=bool(is_main))
        found.setdefault(company_id, []).append(tie)
    return {company: tuple(ties) for company, ties in found.items()}


async def speakers(numbers: Sequence[int]) -> frozenset[int]:
    """Those of the clients who speak for a company."""
    if not numbers:
        return frozenset()
    rows = await fetch(
        "SELECT DISTINCT c.number FROM company_contact k JOIN customer c ON c.id = k.customer_id "
        "WHERE c.number IN {}",
        any_of(numbers),
    )
    return frozenset(row[0] for row in rows)
