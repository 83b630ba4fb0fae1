"""Fields that an administrator made and tabs of cards, as rows. Readers ask `references.lists`."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from appliance.domain.card_tabs import Card, known, order_of
from appliance.domain.fields import CustomField, FieldType, Option, Owner, kept
from appliance.storage.statements import fetch, fetch_value, insert, update_row, upsert
from appliance.storage.tables import CardTabRow, CustomFieldRow
from appliance.storage.tx import Tx

_COLUMNS: Final = (
    "id, owner, code, name, type, hint, options, required, default_value, personal, access, "
    "exact, in_list, in_filter, position, active, basis, keep_months"
)


async def read_all() -> dict[Owner, dict[str, CustomField]]:
    """Every field by its owner and code, in order of position."""
    found: dict[Owner, dict[str, CustomField]] = {owner: {} for owner in Owner}
    for row in await fetch(f"SELECT {_COLUMNS} FROM custom_field ORDER BY position, created_at"):
        one = _field(row)
        found[one.owner][one.code] = one
    return found


def _field(row: Sequence[Any]) -> CustomField:
    one = CustomField(
        id=row[0],
        owner=Owner(row[1]),
        code=row[2],
        name=row[3],
        type=FieldType(row[4]),
        hint=row[5],
        options=msgspec.json.decode(row[6], type=tuple[Option, ...]),
        required=bool(row[7]),
        personal=bool(row[9]),
        access=row[10],
        exact=bool(row[11]),
        in_list=bool(row[12]),
        in_filter=bool(row[13]),
        position=row[14],
        active=bool(row[15]),
        basis=row[16],
        keep_months=row[17],
    )
    default = kept(one, msgspec.json.decode(row[8]))
    return one if default is None else msgspec.structs.replace(one, default=default)


async def put(tx: Tx, field: CustomField, *, fresh: bool) -> None:
    """Store a field; what it is and where its values lie never changes."""
    values: dict[str, Any] = {
        "name": field.name,
        "hint": field.hint,
        "options": msgspec.json.encode(field.options).decode(),
        "required": field.required,
        "default_value": msgspec.json.encode(field.default).decode(),
        "access": field.access,
        "in_list": field.in_list,
        "in_filter": field.in_filter,
        "position": field.position,
        "active": field.active,
        "basis": field.basis,
        "keep_months": field.keep_months,
    }
    if not fresh:
        await update_row(CustomFieldRow, field.id, **values)
        return
    await insert(
        CustomFieldRow,
        id=field.id,
        owner=field.owner.value,
        code=field.code,
        type=field.type.value,
        personal=field.personal,
        exact=field.exact,
        created_at=tx.now,
        **values,
    )


async def read_tabs() -> dict[tuple[str, Card], tuple[str, ...]]:
    """Tabs of cards that were set, by role and card."""
    rows = await fetch("SELECT role, card, tabs FROM card_tab")
    cards = {one.value for one in Card}
    return {
        (role, Card(card)): known(Card(card), tabs.split(","))
        for role, card, tabs in rows
        if card in cards
    }


async def put_tabs(role: str, card: Card, tabs: Sequence[str]) -> None:
    """Set the tabs of a card for a role."""
    await upsert(CardTabRow, ["role", "card"], role=role, card=card.value, tabs=",".join(tabs))


async def tabs_for(
    tx: Tx, chosen: dict[tuple[str, Card], tuple[str, ...]], card: Card
) -> tuple[str, ...]:
    """Tabs of a card as the actor's roles have them; no statement where nobody set any."""
    if not chosen:
        return order_of(card, (), chosen)
    listed = await fetch_value("SELECT roles FROM users WHERE id = {}", tx.actor.id) or ""
    return order_of(card, [one for one in listed.split(",") if one], chosen)
