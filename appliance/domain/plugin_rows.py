"""Rows that plugins keep in the box: what a declared table takes, and keys that sort as values.

>>> shape = Shape(columns={"sku": "text", "left": "integer"}, key=("sku",))
>>> key_of(shape, ("a",)) < key_of(shape, ("b",))
True
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from appliance.errors import Invalid

Value = str | int | bool | None

LONGEST_KEY: Final = 900
"""Bytes: what an index of either database takes with ease."""
LONGEST_ROW: Final = 64 << 10
"""Bytes of a row's plain values, and of its personal ones."""
SMALLEST, LARGEST = -(1 << 63), (1 << 63) - 1

_TEXT, _NUMBER = b"\x02", b"\x03"


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """A table as its manifest declares it: column → kind, and which columns are the key."""

    columns: Mapping[str, str]
    key: tuple[str, ...]

    @property
    def plain(self) -> frozenset[str]:
        """Columns that are kept in the clear."""
        return frozenset(name for name, kind in self.columns.items() if kind != "personal")

    @property
    def personal(self) -> frozenset[str]:
        """Columns that are sealed."""
        return frozenset(name for name, kind in self.columns.items() if kind == "personal")


def changed(was: Mapping[str, Shape], became: Mapping[str, Shape]) -> tuple[str, ...]:
    """Tables whose rows a new version could not read: another key, or another kind of a column.

    A column more, a column less and a table more or less are no trouble.
    """
    return tuple(
        name
        for name in sorted(was.keys() & became.keys())
        if was[name].key != became[name].key
        or any(
            became[name].columns.get(column, kind) != kind
            for column, kind in was[name].columns.items()
        )
    )


def key_of(shape: Shape, values: Sequence[Value], *, whole: bool = True) -> bytes:
    """Bytes that sort as the values do; those of a key cut short begin all keys that begin so.

    Raises:
        Invalid: `row_key`: too many or too few values, of another kind, or too long.
    """
    if len(values) > len(shape.key) or (whole and len(values) != len(shape.key)):
        raise Invalid("row_key", fields={"key": "row_key"})
    parts: list[bytes] = []
    for name, value in zip(shape.key, values, strict=False):
        known = checked(name, shape.columns[name], value)
        if isinstance(known, str):
            parts.append(_TEXT + known.encode().replace(b"\0", b"\0\xff") + b"\0")
        elif known is None:
            raise Invalid("row_key", fields={name: "row_key"})
        else:
            parts.append(_NUMBER + (int(known) - SMALLEST).to_bytes(8, "big"))
    key = b"".join(parts)
    if len(key) > LONGEST_KEY:
        raise Invalid("row_key", fields={"key": "row_key"})
    return key


def checked(name: str, kind: str, value: Value) -> Value:
    """A value as it is kept.

    Raises:
        Invalid: `row_value` at the column: of another kind than declared.
    """
    good = Invalid("row_value", fields={name: "row_value"})
    if value is None:
        return None
    match kind:
        case "text" if isinstance(value, str):
            return value
        case "flag" if isinstance(value, bool):
            return value
        case "time" if isinstance(value, str):
            return _moment(value, good)
        case "integer" | "money" if isinstance(value, int) and not isinstance(value, bool):
            if SMALLEST <= value <= LARGEST:
                return value
        case _:
            pass
    raise good


def _moment(text: str, otherwise: Invalid) -> str:
    """UTC, always with as many digits, so that texts sort as moments do."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise otherwise from None
    if moment.tzinfo is None:
        raise otherwise
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def plain_of(shape: Shape, values: Mapping[str, Value]) -> dict[str, Value]:
    """A row's values as they are kept.

    Raises:
        Invalid: `row_column`: the manifest has no such column; `row_value`.
    """
    unknown = set(values) - shape.plain
    if unknown:
        raise Invalid("row_column", fields=dict.fromkeys(sorted(unknown), "row_column"))
    return {name: checked(name, shape.columns[name], value) for name, value in values.items()}


def personal_of(shape: Shape, values: Mapping[str, str]) -> dict[str, str]:
    """A row's personal values.

    Raises:
        Invalid: `row_column`.
    """
    unknown = set(values) - shape.personal
    if unknown:
        raise Invalid("row_column", fields=dict.fromkeys(sorted(unknown), "row_column"))
    return dict(values)
