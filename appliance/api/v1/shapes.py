"""Shapes on the wire, made from the domain's own types.

An action's parameters and its answer are typed; from each type two twins are made once: `Taken`
decodes what a program sends (unknown fields refused, numbers that every JSON reader keeps whole,
no NUL in texts) and turns it into the domain's value; `Given` describes what it gets back.
"""

import enum
import inspect
import types
import typing
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Annotated, Any, Final, NamedTuple, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Meta, UnsetType

from appliance.api.v1.money import wire_name
from appliance.api.v1.records import fields_of, is_numeric, is_record
from appliance.domain.personal import Personal
from appliance.errors import Invalid

MOST: Final = 2**53 - 1
"""The largest whole number that every reader of JSON keeps as it is (RFC 8259, section 6)."""
_INTEGER: Final = Annotated[int, Meta(ge=-MOST, le=MOST)]
_TEXT: Final = Annotated[str, Meta(pattern="^[^\\u0000]*$", max_length=1_000_000)]
_TIME: Final = Annotated[datetime, Meta(tz=True)]
_BYTES: Final = Annotated[bytes, Meta(description="base64")]

Make = Callable[[Any], Any]


class Taken(NamedTuple):
    """How a value of the domain comes in.

    Attributes:
        wire: type to decode into.
        make: turns what was decoded into the domain's value; None: it is that already.
    """

    wire: Any
    make: Make | None = None


_PLAIN: Final[dict[Any, Any]] = {
    int: _INTEGER,
    str: _TEXT,
    bool: bool,
    float: float,
    bytes: _BYTES,
    datetime: _TIME,
    date: date,
    time: time,
    timedelta: timedelta,
    UUID: UUID,
    type(None): None,
}


# --- in ---


def taken(annotation: Any) -> Taken:  # noqa: PLR0911  one answer for each kind of type
    """How values of this annotation come in.

    Raises:
        TypeError: a type that no program could send.
    """
    if annotation in _PLAIN:
        return Taken(_PLAIN[annotation])
    if annotation in (Any, object):
        return Taken(Any, _loose)
    if annotation is ZoneInfo:
        return Taken(_TEXT, _zone)
    origin = typing.get_origin(annotation)
    if origin is None:
        return _taken_class(annotation)
    if origin is Annotated:
        return taken(typing.get_args(annotation)[0])
    if origin is Personal:
        return _wrapped(taken(typing.get_args(annotation)[0]))
    if origin in (typing.Union, types.UnionType):
        return _taken_union(typing.get_args(annotation))
    return _taken_many(origin, typing.get_args(annotation))


def _loose(value: Any) -> Any:
    """Anything JSON, with the same bounds as typed values.

    Raises:
        Invalid: a number too large or a NUL.
    """
    if isinstance(value, str):
        if "\x00" in value:
            raise Invalid("text_nul")
        return value
    if isinstance(value, dict):
        inner = cast("dict[str, Any]", value)
        return {_loose(name): _loose(one) for name, one in inner.items()}
    if isinstance(value, list):
        return [_loose(one) for one in cast("list[Any]", value)]
    if isinstance(value, int) and not -MOST <= value <= MOST:
        raise Invalid("number_range")
    return value


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        raise Invalid("zone_unknown") from None


def _wrapped(inner: Taken) -> Taken:
    make = inner.make
    if make is None:
        return Taken(inner.wire, Personal)

    def wrap(value: Any) -> Any:
        return Personal(make(value))

    return Taken(inner.wire, wrap)


def _taken_class(kind: Any) -> Taken:
    if is_record(kind):
        return _taken_record(kind, "")
    if isinstance(kind, type) and issubclass(kind, enum.IntEnum):
        known = {one.name.lower(): one for one in kind}
        return Taken(typing.Literal[tuple(known)], known.__getitem__)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return Taken(kind)
    if isinstance(kind, type) and issubclass(kind, (dict, list, tuple)):
        return Taken(Any, _loose)
    raise TypeError(f"{kind} cannot come in")


def _told(kind: type[Any]) -> str:
    """What the reference says of a record: its docstring, without what only the house reads."""
    return (inspect.getdoc(kind) or "").partition("Raises:")[0].strip()


@cache
def _taken_record(kind: type[Any], tag: str) -> Taken:
    makes: dict[str, tuple[str, Make | None]] = {}
    fields: list[tuple[str, Any, Any]] = []
    for name, (annotation, optional) in fields_of(kind).items():
        inner = taken(annotation)
        wire = wire_name(kind.__name__, name, numeric=is_numeric(annotation))
        makes[wire] = (name, inner.make)
        if optional:
            fields.append((wire, inner.wire | UnsetType, UNSET))
        else:
            fields.append((wire, inner.wire, msgspec.NODEFAULT))
    twin = msgspec.defstruct(
        f"{kind.__name__}{'Choice' if tag else ''}Input",
        fields,
        kw_only=True,
        forbid_unknown_fields=True,
        frozen=True,
        tag=tag or None,
        tag_field="kind" if tag else None,
        module=kind.__module__,
        namespace={"__doc__": _told(kind)},
    )

    def make(value: Any) -> Any:
        given: dict[str, Any] = {}
        for wire, (name, inner) in makes.items():
            one = getattr(value, wire)
            if one is not UNSET:
                given[name] = one if inner is None or one is None else inner(one)
        return kind(**given)

    return Taken(twin, make)


def _taken_union(members: tuple[Any, ...]) -> Taken:
    real = [one for one in members if one is not UnsetType]
    records = [one for one in real if is_record(one)]
    if len(records) > 1:
        pairs = [_taken_record(one, tag_of(one)) for one in records]
        by_twin = {one.wire: one.make for one in pairs}
        wire: Any = by_twin_union(by_twin, optional=type(None) in real)

        def chosen(value: Any) -> Any:
            make = by_twin.get(type(value))
            return value if make is None else make(value)

        return Taken(wire, chosen)
    inner = [taken(one) for one in real]
    makers = [one for one in inner if one.make is not None]
    wire = typing.Union[tuple(one.wire for one in inner)]  # noqa: UP007  made of a list
    if not makers:
        return Taken(wire)
    if len([one for one in real if one is not type(None)]) == 1:
        return Taken(wire, makers[0].make)
    return Taken(Any, _loose)


def by_twin_union(twins: Collection[Any], *, optional: bool) -> Any:
    """One of several records, told apart by their field `kind`."""
    wire: Any = typing.Union[tuple(twins)]  # noqa: UP007  made of a list
    return wire | None if optional else wire


def tag_of(kind: type[Any]) -> str:
    """How a record is told from others in its place: `OrderFilter` is `order_filter`."""
    text = "".join(f"_{one.lower()}" if one.isupper() else one for one in kind.__name__)
    return text.lstrip("_")


def _taken_many(origin: Any, arguments: tuple[Any, ...]) -> Taken:
    if isinstance(origin, type) and issubclass(origin, Mapping):
        key, value = (taken(one) for one in arguments)
        make = value.make
        if make is None:
            return Taken(dict[key.wire, value.wire])

        def each(known: Mapping[Any, Any]) -> dict[Any, Any]:
            return {name: make(one) for name, one in known.items()}

        return Taken(dict[key.wire, value.wire], each)
    if origin is tuple and not (len(arguments) == 2 and arguments[1] is Ellipsis):
        parts = [taken(one) for one in arguments]
        makes = [one.make for one in parts]

        def both(row: Sequence[Any]) -> tuple[Any, ...]:
            pairs = zip(makes, row, strict=True)
            return tuple(one if make is None else make(one) for make, one in pairs)

        return Taken(tuple[tuple(one.wire for one in parts)], both)
    if isinstance(origin, type) and issubclass(origin, Collection):
        return _taken_row(cast("type[Any]", origin), taken(arguments[0]))
    raise TypeError(f"{origin} cannot come in")


def _taken_row(origin: type[Any], inner: Taken) -> Taken:
    make = inner.make
    hold: Make = tuple
    if issubclass(origin, list):
        hold = list
    elif issubclass(origin, (set, frozenset)):
        hold = frozenset
    wire: Any = list[inner.wire]
    if make is None:
        return Taken(wire, hold)

    def fill(row: Sequence[Any]) -> Any:
        return hold(make(one) for one in row)

    return Taken(wire, fill)


# --- out ---


def given(annotation: Any) -> Any:  # noqa: C901, PLR0911  one answer for each kind of type
    """The type of what a program gets for a value of this annotation: for its description."""
    if annotation in (Any, object):
        return Any
    if annotation in _PLAIN:
        return int if annotation is int else str if annotation is str else annotation
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin is None:
        return _given_class(annotation)
    if origin is Annotated or origin is Personal:
        return given(arguments[0])
    if origin in (typing.Union, types.UnionType):
        real = [one for one in arguments if one is not UnsetType]
        if len([one for one in real if is_record(one)]) > 1:
            return Any
        inner = [given(one) for one in real]
        return Any if Any in inner else typing.Union[tuple(inner)]  # noqa: UP007  made of a list
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return dict[given(arguments[0]), given(arguments[1])]
    if origin is tuple and not (len(arguments) == 2 and arguments[1] is Ellipsis):
        return tuple[tuple(given(one) for one in arguments)]
    return list[given(arguments[0])]


def _given_class(kind: Any) -> Any:
    if is_record(kind):
        return given_record(kind)
    if isinstance(kind, type) and issubclass(kind, enum.IntEnum):
        return typing.Literal[tuple(one.name.lower() for one in kind)]
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind
    if kind is ZoneInfo:
        return str
    return Any


@cache
def given_record(kind: type[Any]) -> Any:
    """The twin of a record going out: every field is there."""
    fields: list[tuple[str, Any]] = [
        (wire_name(kind.__name__, name, numeric=is_numeric(annotation)), given(annotation))
        for name, (annotation, _) in fields_of(kind).items()
    ]
    return msgspec.defstruct(
        kind.__name__,
        fields,
        kw_only=True,
        module=kind.__module__,
        namespace={"__doc__": _told(kind)},
    )


@cache
def _names(kind: type[Any]) -> tuple[tuple[str, str], ...]:
    """(Name on the wire, name in the domain) of each field."""
    return tuple(
        (wire_name(kind.__name__, name, numeric=is_numeric(annotation)), name)
        for name, (annotation, _) in fields_of(kind).items()
    )


_AS_THEY_ARE: Final = (str, int, float, bool, type(None), UUID, datetime, date, bytes)


def shown(value: Any) -> Any:  # noqa: C901, PLR0911  one answer for each kind of value
    """A value of the domain as JSON knows it; wrapped values come out of their wrapper here.

    What the caller's grant hides was never opened, so there is nothing to hide here.
    """
    kind = cast("type[Any]", type(value))
    if kind in _AS_THEY_ARE:
        return value
    if isinstance(value, Personal):
        return shown(cast("Personal[Any]", value).reveal())
    if isinstance(value, enum.IntEnum):
        return value.name.lower()
    if isinstance(value, enum.Enum):
        return value.value
    if is_record(kind):
        return {
            wire: shown(one)
            for wire, name in _names(kind)
            if (one := getattr(value, name)) is not UNSET
        }
    if isinstance(value, Mapping):
        known = cast("Mapping[Any, Any]", value)
        return {_key(name): shown(one) for name, one in known.items()}
    if isinstance(value, (Sequence, frozenset, set)):
        return [shown(one) for one in cast("Collection[Any]", value)]
    if isinstance(value, ZoneInfo):
        return value.key
    return value


def _key(name: Any) -> str:
    if isinstance(name, enum.Enum):
        return str(name.value)
    return str(name)
