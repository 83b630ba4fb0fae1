"""Fields that an administrator made, as columns and conditions of lists."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from appliance.domain.desk import Codes
from appliance.domain.fields import CHOSEN, HISTORY, CustomField, FieldType, Owner

Translate = Callable[[str], str]
Given = tuple[tuple[str, str], ...]
"""(code, value as typed)."""
LONGEST: Final = 255
MOST: Final = 12


def made(codes: Codes, *owners: Owner) -> list[CustomField]:
    """Fields in use; a code that two owners have counts once."""
    found: dict[str, CustomField] = {}
    for owner in owners:
        for one in codes.fields.get(owner, {}).values():
            if one.active:
                found.setdefault(one.code, one)
    return list(found.values())


def filterable(fields: Sequence[CustomField]) -> list[CustomField]:
    """Those that stand among the conditions. A personal one never stands in an address."""
    return [one for one in fields if one.in_filter and not one.personal]


def listed(fields: Sequence[CustomField]) -> dict[str, CustomField]:
    """Those that can be a column, by the column's code."""
    return {one.history: one for one in fields if one.in_list}


def read(query: Mapping[str, str]) -> Given:
    """What an address asks of such fields."""
    found = [
        (name.removeprefix(HISTORY), value.strip()[:LONGEST])
        for name, value in query.items()
        if name.startswith(HISTORY) and value.strip()
    ]
    return tuple(sorted(found)[:MOST])


def pairs(given: Given) -> dict[str, str]:
    """The same for an address."""
    return {f"{HISTORY}{code}": value for code, value in given}


def shown(field: CustomField, value: str, _: Translate) -> str:
    """A value of a condition in words."""
    if field.type is FieldType.FLAG:
        return _("да") if value == "1" else _("нет")
    return next((one.name for one in field.options if one.code == value), value)


def named(fields: Sequence[CustomField], code: str, value: str, _: Translate) -> tuple[str, str]:
    """A condition in words: the field's name, and the value."""
    field = next((one for one in fields if one.code == code), None)
    return (code, value) if field is None else (field.name, shown(field, value, _))


def inputs(fields: Sequence[CustomField], given: Given, _: Translate) -> list[dict[str, Any]]:
    """Inputs of the window of conditions."""
    known = dict(given)
    return [_input(one, known.get(one.code, ""), _) for one in filterable(fields)]


def _input(field: CustomField, value: str, _: Translate) -> dict[str, Any]:
    options: list[tuple[str, str]] = []
    if field.type is FieldType.FLAG:
        options = [("", _("всё равно")), ("1", _("да")), ("0", _("нет"))]
    elif field.type in CHOSEN:
        options = [("", _("всё равно")), *((one.code, one.name) for one in field.options)]
    return {"name": field.history, "label": field.name, "options": options, "value": value}
