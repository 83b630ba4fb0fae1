"""Values of the fields that an administrator made: read by right, written with their trace."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from piccolo.table import Table

from appliance.domain.fields import (
    HISTORY,
    CustomField,
    FieldType,
    FieldValue,
    Given,
    Owner,
    Value,
    as_text,
    kept,
    mask,
    read,
)
from appliance.domain.grants import Access
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.errors import Damaged, Denied, Destroyed, Invalid
from appliance.storage import references
from appliance.storage.feed import Change
from appliance.storage.references import Lists
from appliance.storage.statements import any_of, execute, fetch, insert, insert_many
from appliance.storage.tables import CustomCellRow, CustomTokenRow, CustomValueRow
from appliance.storage.tx import Tx
from appliance.vault.blind import BlindField

_VALUES: Final = (
    "SELECT entity_id, home_id, field_id, text_value, long_value, number_value, at_value "
    "FROM custom_value WHERE entity_id IN {} ORDER BY id"
)
_CELLS: Final = (
    "SELECT id, entity_id, home_id, subject_id, personal FROM custom_cell "
    "WHERE entity_id IN {} AND personal IS NOT NULL ORDER BY id"
)
NOBODY_SEES: Final = "custom"
"""Stands for no field of a grant: hidden from everybody."""
FAMILIES: Final = {"customer": (Owner.CUSTOMER, Owner.COMPANY)}
"""Entity of the change feed → owners of its fields, where it is not one of the same name."""


class CustomCell(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Blob of `custom_cell.personal`: id of a field (hex) → value as it is kept."""

    v: int = 1
    values: dict[str, Any] = {}


class Record(NamedTuple):
    """A record that has fields; `subject` is None where nobody's key stands behind it."""

    owner: Owner
    id: UUID
    subject: UUID | None = None


def owner_of(kind: str) -> Owner:
    """Whose fields a client has."""
    return Owner.COMPANY if kind == "company" else Owner.CUSTOMER


def of_history(lists: Lists | None, entity: str, name: str) -> CustomField | None:
    """The field behind a name of the change feed."""
    if lists is None or not name.startswith(HISTORY):
        return None
    code = name.removeprefix(HISTORY)
    for owner in FAMILIES.get(entity, (entity,)):
        found = lists.fields.get(Owner(owner), {}).get(code) if owner in set(Owner) else None
        if found is not None:
            return found
    return None


def granted(entity: str, name: str) -> str:
    """Which personal field of a grant decides whether a change of such a field may be read."""
    found = of_history(references.remembered(), entity, name)
    return NOBODY_SEES if found is None else found.access


# --- reading ---


async def of_records(
    tx: Tx, lists: Lists, owner: Owner, ids: Sequence[UUID], *, listed: bool = False
) -> dict[UUID, tuple[FieldValue, ...]]:
    """Fields of these records, empty ones too; the caller has asked for the records.

    Args:
        tx: of the actor.
        lists: definitions.
        owner: what the records are.
        ids: of the records.
        listed: only fields that stand in lists.
    """
    wanted = [f for f in lists.fields[owner].values() if f.active and (f.in_list or not listed)]
    if not wanted or not ids:
        return {}
    plain = await _plain_values(wanted, ids) if any(not f.personal for f in wanted) else {}
    seen = {f.access for f in wanted if f.personal and tx.may(f.access) is not Access.HIDDEN}
    cells = await _personal_values(tx, ids, seen) if seen else {}
    return {
        one: tuple(_seen(tx, f, plain.get((one, f.id)), cells.get(one, {})) for f in wanted)
        for one in ids
    }


async def of_record(tx: Tx, lists: Lists, owner: Owner, record_id: UUID) -> tuple[FieldValue, ...]:
    """Fields of one record."""
    return (await of_records(tx, lists, owner, [record_id])).get(record_id, ())


def of_nothing(tx: Tx, lists: Lists, owner: Owner) -> tuple[FieldValue, ...]:
    """Fields of a record that is still to be made, with what it starts with."""
    return tuple(
        _seen(tx, f, f.default, {f.id.hex: f.default})
        for f in lists.fields[owner].values()
        if f.active
    )


def _seen(tx: Tx, field: CustomField, value: Value | None, cell: Mapping[str, Any]) -> FieldValue:
    if not field.personal:
        return FieldValue(field=field, value=value)
    access = tx.may(field.access)
    found = None if access is Access.HIDDEN else kept(field, cell.get(field.id.hex))
    if found is None:
        return FieldValue(field=field, access=access)
    if access is Access.MASKED:
        return FieldValue(field=field, mask=Personal(mask(field, found)), access=access)
    return FieldValue(field=field, value=Personal(found), access=access)


async def _plain_values(
    wanted: Iterable[CustomField], ids: Sequence[UUID]
) -> dict[tuple[UUID, UUID], Value]:
    """(record, field) → value; a record's own goes before one that a merge brought."""
    known = {one.id: one for one in wanted if not one.personal}
    own: dict[tuple[UUID, UUID], list[Any]] = {}
    brought: dict[tuple[UUID, UUID], list[Any]] = {}
    for entity, home, field_id, *columns in await fetch(_VALUES, any_of(ids)):
        if field_id not in known:
            continue
        into = own if entity == home else brought
        into.setdefault((entity, field_id), []).append(_of_columns(columns))
    found: dict[tuple[UUID, UUID], Value] = {}
    for key, many in {**brought, **own}.items():
        field = known[key[1]]
        value = kept(field, many if field.type is FieldType.CHOICES else many[0])
        if value is not None:
            found[key] = value
    return found


def _of_columns(columns: Sequence[Any]) -> Any:
    text, long, number, at = columns
    if at is not None:
        return at.isoformat()
    return next((one for one in (text, long, number) if one is not None), None)


async def _personal_values(
    tx: Tx, ids: Sequence[UUID], access: Iterable[str], *, strict: bool = False
) -> dict[UUID, dict[str, Any]]:
    """Record → its cells' values, its own last; `strict` for writing: nothing may be lost."""
    rows = await fetch(_CELLS, any_of(ids))
    tx.vault.preload({row[3] for row in rows})
    found: dict[UUID, dict[str, Any]] = {}
    for row_id, entity, _home, subject, cell in sorted(rows, key=lambda row: row[1] == row[2]):
        try:
            blob = tx.open(
                "custom_cell", "personal", row_id, subject, cell, CustomCell, *sorted(access)
            )
        except (Damaged, Destroyed):
            if strict:
                raise
            continue
        found.setdefault(entity, {}).update(blob.values)
    return found


# --- writing ---


async def change(tx: Tx, lists: Lists, record: Record, given: Personal[Given]) -> list[Change]:
    """Store values; return the entries of what really changed.

    Raises:
        Invalid: `invalid` with every wrong field at once, by `custom_` and its code.
        Denied: `field_hidden`: a personal field that the actor does not see in full was sent.
    """
    values = checked(tx, lists, record.owner, given.reveal())
    if not values:
        return []
    plain = {f: v for f, v in values.items() if not f.personal}
    sealed = {f: v for f, v in values.items() if f.personal}
    return [
        *(await _change_plain(record, plain) if plain else ()),
        *(await _change_sealed(tx, record, sealed) if sealed else ()),
    ]


async def begin(tx: Tx, lists: Lists, record: Record, given: Personal[Given] | None) -> None:
    """Store the values of a new record, with what its fields start with; no entries.

    Raises:
        Invalid, Denied: see `change`.
    """
    for table, rows in new_rows(tx, lists, record, given).items():
        await insert_many(table, rows)


def new_rows(
    tx: Tx, lists: Lists, record: Record, given: Personal[Given] | None
) -> dict[type[Table], list[dict[str, Any]]]:
    """The same as rows by table, to be written by the caller.

    Raises:
        Invalid, Denied: see `change`.
    """
    fields = lists.fields[record.owner]
    if not fields:
        return {}
    told = Given(values={}) if given is None else given.reveal()
    values = checked(tx, lists, record.owner, told)
    values |= {
        f: f.default
        for f in fields.values()
        if f.active
        and f.default is not None
        and f.code not in told.values
        and (record.subject is not None or not f.personal)
    }
    rows: dict[type[Table], list[dict[str, Any]]] = {}
    for field, value in values.items():
        if not field.personal and value is not None:
            rows.setdefault(CustomValueRow, []).extend(_rows(record, field, value))
    sealed = {f: v for f, v in values.items() if f.personal and v is not None}
    if not sealed:
        return rows
    if record.subject is None:
        raise Invalid("field_without_person")
    blob = CustomCell(values={field.id.hex: value for field, value in sealed.items()})
    rows[CustomCellRow] = [_cell(tx, record, record.subject, blob)]
    found = [
        _token(tx, record, record.subject, field, value)
        for field, value in sealed.items()
        if field.exact
    ]
    return rows | ({CustomTokenRow: found} if found else {})


def checked(tx: Tx, lists: Lists, owner: Owner, given: Given) -> dict[CustomField, Value | None]:
    """Read what was given; see `change` for what it raises."""
    wrong: dict[str, str] = {}
    found: dict[CustomField, Value | None] = {}
    for field in lists.fields[owner].values():
        asked = given.whole and field.required and field.active
        if field.code not in given.values:
            continue
        if field.personal and tx.may(field.access) is not Access.VISIBLE:
            raise Denied("field_hidden", field=field.history)
        try:
            found[field] = read(field, given.values[field.code], given)
        except Invalid as error:
            wrong[field.history] = error.code
            continue
        if asked and found[field] is None:
            wrong[field.history] = "field_required"
    if wrong:
        raise Invalid("invalid", fields=wrong)
    return found


async def _change_plain(record: Record, values: Mapping[CustomField, Value | None]) -> list[Change]:
    have = await _plain_values(values, [record.id])
    entries: list[Change] = []
    rows: list[dict[str, Any]] = []
    for field, new in values.items():
        old = have.get((record.id, field.id))
        if old == new:
            continue
        await execute(
            "DELETE FROM custom_value WHERE entity_id = {} AND field_id = {} "
            "AND (home_id = {} OR {} = 1)",  # what a merge brought gives way only to nothing
            record.id,
            field.id,
            record.id,
            int(new is None),
        )
        rows += _rows(record, field, new)
        entries.append(Change(field=field.history, old=old, new=new))
    await insert_many(CustomValueRow, rows)
    return entries


def _rows(record: Record, field: CustomField, value: Value | None) -> list[dict[str, Any]]:
    many: tuple[Any, ...] = () if value is None else value if isinstance(value, tuple) else (value,)
    return [
        {
            "id": uuid7(),
            "owner": record.owner.value,
            "entity_id": record.id,
            "home_id": record.id,
            "field_id": field.id,
            **columns_of(field, one),
        }
        for one in many
    ]


def columns_of(field: CustomField, one: Any) -> dict[str, Any]:
    """Where one plain value stands in its row."""
    kind = field.type
    return {
        "text_value": one if isinstance(one, str) and kind not in _ELSEWHERE else None,
        "long_value": one if kind is FieldType.TEXT else None,
        "number_value": int(one) if isinstance(one, int) else None,
        "at_value": datetime.fromisoformat(str(one)) if kind is FieldType.MOMENT else None,
    }


_ELSEWHERE: Final = frozenset({FieldType.TEXT, FieldType.MOMENT})


async def _change_sealed(
    tx: Tx, record: Record, values: Mapping[CustomField, Value | None]
) -> list[Change]:
    if record.subject is None:
        raise Invalid("field_without_person")
    access = {f.access for f in values}
    have = (await _personal_values(tx, [record.id], access, strict=True)).get(record.id, {})
    entries: list[Change] = []
    for field, new in values.items():
        old = kept(field, have.get(field.id.hex))
        if old == new:
            continue
        have[field.id.hex] = new  # None stays: a merge may have brought a value
        if field.exact:
            await _set_token(tx, record, record.subject, field, new)
        entries.append(
            Change(field=field.history, old=as_text(old), new=as_text(new), personal=True)
        )
    if entries:
        await _set_cell(tx, record, record.subject, CustomCell(values=have))
    return entries


async def _set_cell(tx: Tx, record: Record, subject: UUID, blob: CustomCell) -> None:
    """The record's own cell; those that merges brought stay, for the way back."""
    await execute(
        "DELETE FROM custom_cell WHERE entity_id = {} AND home_id = {}", record.id, record.id
    )
    await insert(CustomCellRow, **_cell(tx, record, subject, blob))


def _cell(tx: Tx, record: Record, subject: UUID, blob: CustomCell) -> dict[str, Any]:
    row_id = uuid7()
    return {
        "id": row_id,
        "owner": record.owner.value,
        "entity_id": record.id,
        "home_id": record.id,
        "subject_id": subject,
        "personal": tx.seal("custom_cell", "personal", row_id, subject, blob, "custom"),
    }


def token(tx: Tx, field: CustomField, value: Value) -> bytes:
    """What a personal value is found by."""
    return tx.vault.blind(BlindField.CUSTOM, _spelt(field, value))


def tokens(tx: Tx, field: CustomField, value: Value) -> tuple[bytes, ...]:
    """The same under every key there is: what to ask for."""
    return tx.vault.blinds(BlindField.CUSTOM, _spelt(field, value))


def _spelt(field: CustomField, value: Value) -> str:
    return f"{field.id.hex}|{(as_text(value) or '').casefold()}"


async def _set_token(
    tx: Tx, record: Record, subject: UUID, field: CustomField, value: Value | None
) -> None:
    await execute(
        "DELETE FROM custom_token WHERE entity_id = {} AND field_id = {}", record.id, field.id
    )
    if value is None:
        return
    await insert(CustomTokenRow, **_token(tx, record, subject, field, value))


def _token(
    tx: Tx, record: Record, subject: UUID, field: CustomField, value: Value
) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "entity_id": record.id,
        "home_id": record.id,
        "subject_id": subject,
        "field_id": field.id,
        "value_index": token(tx, field, value),
    }


def matching(tx: Tx, field: CustomField, value: Value) -> tuple[str, list[object]]:
    """Condition on an id: records whose field has this value (one of them, for several)."""
    if field.personal:
        if not field.exact or tx.may(field.access) is Access.HIDDEN:
            return "IN (SELECT entity_id FROM custom_token WHERE 1 = 0)", []
        return (
            "IN (SELECT entity_id FROM custom_token WHERE field_id = {} AND value_index IN {})",
            [field.id, any_of(tokens(tx, field, value))],
        )
    one = value[0] if isinstance(value, tuple) else value
    columns = columns_of(field, one)
    name = next(name for name, given in columns.items() if given is not None)
    return (
        f"IN (SELECT entity_id FROM custom_value WHERE field_id = {{}} AND {name} = {{}})",
        [field.id, columns[name]],
    )
