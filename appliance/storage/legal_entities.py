"""Our own legal entities: requisites and pictures under the house's secret, numbers of papers."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from appliance.domain.ids import uuid7
from appliance.domain.papers import EntityDraft, OwnEntity, OwnRequisites, PaperKind, PictureRole
from appliance.errors import NotFound
from appliance.storage import counters
from appliance.storage.statements import execute, fetch, fetch_value, insert, update_row, upsert
from appliance.storage.tables import (
    LegalEntityPictureRow,
    LegalEntityPlaceRow,
    LegalEntityRow,
)
from appliance.storage.tx import Tx

LABEL = "legal_entity.parts"
PICTURE = "legal_entity_picture.content"

_decoder = msgspec.msgpack.Decoder(OwnRequisites)


async def list_all(tx: Tx) -> list[OwnEntity]:
    """All entities, by number; the one that stands in for others is marked."""
    rows = await fetch(
        "SELECT id, number, parts, vat, is_default, active FROM legal_entity ORDER BY number"
    )
    places: dict[UUID, list[str]] = {}
    for place, entity_id in await fetch(
        "SELECT place, entity_id FROM legal_entity_place ORDER BY place"
    ):
        places.setdefault(entity_id, []).append(place)
    pictures: dict[UUID, list[PictureRole]] = {}
    for entity_id, role in await fetch("SELECT entity_id, role FROM legal_entity_picture"):
        pictures.setdefault(entity_id, []).append(PictureRole(role))
    return [
        OwnEntity(
            id=row_id,
            number=number,
            parts=_decoder.decode(tx.vault.open_secret(LABEL, row_id, cell)),
            vat=vat,
            is_default=bool(is_default),
            active=bool(active),
            places=tuple(places.get(row_id, ())),
            pictures=tuple(pictures.get(row_id, ())),
        )
        for row_id, number, cell, vat, is_default, active in rows
    ]


async def numbered(tx: Tx, number: int) -> OwnEntity:
    """One entity.

    Raises:
        NotFound: `entity_not_found`.
    """
    found = next((one for one in await list_all(tx) if one.number == number), None)
    if found is None:
        raise NotFound("entity_not_found")
    return found


def chosen(entities: Sequence[OwnEntity], places: Sequence[str]) -> OwnEntity | None:
    """Under whose name an order goes: the first place that says so, else the usual one."""
    live = [one for one in entities if one.active]
    for place in places:
        for one in live:
            if place in one.places:
                return one
    return next((one for one in live if one.is_default), live[0] if live else None)


async def put(tx: Tx, draft: EntityDraft, known: OwnEntity | None) -> int:
    """Add an entity, or change one; return its number."""
    row_id = uuid7() if known is None else known.id
    number = await counters.draw("legal_entity") if known is None else known.number
    first = await fetch_value("SELECT 1 FROM legal_entity LIMIT 1") is None
    values: dict[str, Any] = {
        "parts": tx.vault.seal_secret(LABEL, row_id, msgspec.msgpack.encode(draft.parts)),
        "vat": draft.vat,
        "is_default": draft.is_default or first,
        "active": draft.active,
    }
    if known is None:
        await insert(LegalEntityRow, id=row_id, number=number, created_at=tx.now, **values)
    else:
        await update_row(LegalEntityRow, row_id, **values)
    if values["is_default"]:
        await execute(
            "UPDATE legal_entity SET is_default = {} WHERE id <> {} AND is_default = {}",
            False,
            row_id,
            True,
        )
    await execute("DELETE FROM legal_entity_place WHERE entity_id = {}", row_id)
    for place in dict.fromkeys(draft.places):
        await upsert(LegalEntityPlaceRow, ["place"], place=place, entity_id=row_id)
    return number


async def set_picture(tx: Tx, entity: OwnEntity, role: PictureRole, content: bytes | None) -> None:
    """Keep a checked picture; None takes it away."""
    await execute(
        "DELETE FROM legal_entity_picture WHERE entity_id = {} AND role = {}",
        entity.id,
        role.value,
    )
    if content is not None:
        row_id = uuid7()
        cell = tx.vault.seal_secret(PICTURE, row_id, content)
        await insert(
            LegalEntityPictureRow, id=row_id, entity_id=entity.id, role=role.value, content=cell
        )


async def pictures(tx: Tx, entity_id: UUID) -> dict[str, bytes]:
    """All pictures of an entity, by their role."""
    rows = await fetch(
        "SELECT id, role, content FROM legal_entity_picture WHERE entity_id = {}", entity_id
    )
    return {role: tx.vault.open_secret(PICTURE, row_id, cell) for row_id, role, cell in rows}


def _counter(number: int, kind: PaperKind) -> str:
    return f"paper:{number}:{kind.value}"


async def draw_number(entity: OwnEntity, kind: PaperKind) -> int:
    """The next number of a kind of paper; never given twice."""
    return await counters.draw(_counter(entity.number, kind))


async def last_numbers(number: int, kinds: Sequence[PaperKind]) -> dict[str, int]:
    """The last number given, by kind; 0 for none."""
    return {kind.value: await counters.kept(_counter(number, kind)) for kind in kinds}


async def go_on_from(number: int, wanted: Mapping[str, int]) -> None:
    """Have a kind's next number be this one; what was given already is never given again."""
    for name, first in wanted.items():
        kind = PaperKind(name)
        last = await counters.kept(_counter(number, kind))
        if first - 1 > last:
            await counters.draw(_counter(number, kind), first - 1 - last)
