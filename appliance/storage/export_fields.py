"""Fields that an administrator made, as columns of a table that is taken out."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from appliance.domain.fields import CustomField, FieldType, FieldValue, Owner, Value, shown
from appliance.storage.references import Lists

UTC = ZoneInfo("UTC")


def of(lists: Lists, *owners: Owner) -> list[CustomField]:
    """Fields in use; one of the same code stands in one column, whosever it is."""
    found: dict[str, CustomField] = {}
    for owner in owners:
        for one in lists.fields[owner].values():
            if one.active:
                found.setdefault(one.code, one)
    return list(found.values())


def cells(made: Sequence[CustomField], values: Sequence[FieldValue]) -> list[str | int | float]:
    """Values of one record; what the maker's right masks stays masked, what it hides is empty."""
    known = {one.field.code: one for one in values}
    return [_cell(known.get(one.code)) for one in made]


def _cell(one: FieldValue | None) -> str | int | float:
    if one is None:
        return ""
    if one.mask is not None:
        return one.mask.reveal()
    return _plain(one.field, one.plain)


def _plain(field: CustomField, value: Value | None) -> str | int | float:
    """Numbers as numbers, moments as ISO with their zone, the rest in words."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value / (100 if field.type is FieldType.MONEY else 1000)
    if field.type is FieldType.MOMENT and isinstance(value, str):
        return value
    return shown(field, value, UTC)
