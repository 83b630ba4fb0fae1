"""Query strings: parameters of an action, fields of one record among them, one by one."""

import enum
import inspect
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, NamedTuple
from urllib.parse import parse_qsl

import msgspec
from msgspec import UNSET, Meta, UnsetType

from appliance.api.v1 import problems, records, shapes
from appliance.api.v1.money import wire_name
from appliance.api.v1.problems import FieldProblem, Refused
from appliance.api.v1.shapes import Make, Taken

CURSOR: Final = "cursor"
CALLED: Final[Mapping[str, str]] = {"after": CURSOR, "asked": "filter"}
"""Parameters that programs know by another name."""
_BOUNDS: Final[Mapping[str, Any]] = {
    "limit": Annotated[int, Meta(ge=1, le=200)],
    "page": Annotated[int, Meta(ge=1, le=1_000_000)],
    "since": Annotated[int, Meta(ge=0, le=shapes.MOST)],
    "year": Annotated[int, Meta(ge=1990, le=2200)],
}
SEARCHED: Final = frozenset({"text", "wanted", "name"})
"""Fields that hold what somebody typed about a person."""


class Parameter(NamedTuple):
    """A parameter of the path or the query, for the description."""

    name: str
    wire: Any
    required: bool


def bounded(name: str, taken: Taken) -> Taken:
    """How a parameter comes in, with the bounds that all of its name have."""
    is_number = _bare(taken.wire) is int
    return Taken(_BOUNDS[name], taken.make) if is_number and name in _BOUNDS else taken


class Query:
    """Parameters of a query string, some of them fields of one record."""

    def __init__(
        self, owner: str, rest: Sequence[inspect.Parameter], hints: Mapping[str, Any]
    ) -> None:
        self.parameters: list[Parameter] = []
        self._makes: dict[str, tuple[str, str, Make | None]] = {}
        self._records: dict[str, type[Any]] = {}
        self._lists: set[str] = set()
        for one in rest:
            annotation = hints[one.name]
            if records.is_record(annotation):
                self._records[one.name] = annotation
                for name, (inner, optional) in records.fields_of(annotation).items():
                    self._add(annotation.__name__, one.name, name, inner, not optional)
            else:
                self._add(owner, "", one.name, annotation, one.default is inspect.Parameter.empty)
        fields = [
            (one.name, one.wire, msgspec.NODEFAULT)
            if one.required
            else (one.name, one.wire | UnsetType, UNSET)
            for one in self.parameters
        ]
        self._twin = msgspec.defstruct("Query", fields, kw_only=True, forbid_unknown_fields=True)

    def _add(self, owner: str, record: str, name: str, annotation: Any, required: bool) -> None:
        inner = bounded(name, shapes.taken(annotation))
        if name in SEARCHED or records.has_personal(annotation) or not _is_plain(inner.wire):
            if required:
                raise TypeError(f"{owner}.{name} must be told and cannot stand in an address")
            return
        known = CURSOR if name == "after" and not record else name
        wire = wire_name(owner, known, numeric=records.is_numeric(annotation))
        self.parameters.append(Parameter(wire, inner.wire, required))
        self._makes[wire] = (record, name, inner.make)
        if typing.get_origin(_bare(inner.wire)) is list:
            self._lists.add(wire)

    def read(self, raw: bytes) -> dict[str, Any]:
        """Parameters of the action.

        Raises:
            Refused: unknown or unfit parameters.
        """
        try:
            pairs = parse_qsl(
                raw.decode("ascii"), keep_blank_values=True, max_num_fields=500, errors="strict"
            )
        except ValueError:
            raise Refused("query_malformed") from None
        sent: dict[str, Any] = {}
        for name, text in pairs:
            if name in self._lists:
                sent.setdefault(name, []).append(text)
            elif name in sent:
                problem = FieldProblem(name, "field_twice", {})
                raise Refused("fields_wrong", 422, (problem,))
            else:
                sent[name] = text
        try:
            value = msgspec.convert(sent, self._twin, strict=False)
        except msgspec.ValidationError as error:
            raise problems.of_decoding(error) from None
        return self._made(value)

    def _made(self, value: Any) -> dict[str, Any]:
        given: dict[str, Any] = {}
        inside: dict[str, dict[str, Any]] = {name: {} for name in self._records}
        for wire, (record, name, make) in self._makes.items():
            one = getattr(value, wire)
            if one is UNSET:
                continue
            target = inside[record] if record else given
            target[name] = one if make is None or one is None else make(one)
        for name, kind in self._records.items():
            given[name] = kind(**inside[name])
        return given


def _bare(wire: Any) -> Any:
    """Without None and bounds."""
    if typing.get_origin(wire) is Annotated:
        return _bare(typing.get_args(wire)[0])
    if typing.get_origin(wire) in (typing.Union, types.UnionType):
        real = [one for one in typing.get_args(wire) if one not in (None, type(None), UnsetType)]
        return _bare(real[0]) if len(real) == 1 else Any
    return wire


def _is_plain(wire: Any) -> bool:
    """Whether a value fits into a query string: a scalar, or a list of scalars."""
    bare = _bare(wire)
    if typing.get_origin(bare) is list:
        inner = _bare(typing.get_args(bare)[0])
        return typing.get_origin(inner) is not list and _is_plain(inner)
    if typing.get_origin(bare) is typing.Literal:
        return True
    if not isinstance(bare, type):
        return False
    scalars = (int, str, bool, enum.Enum)
    return issubclass(bare, scalars) or bare.__module__ in {"uuid", "datetime"}
