"""One operation: an action, the place where it is found, and the shapes of both directions.

An operation names the action (or a function that calls one) and the address; the rest is read
from the function's signature:

* a parameter named in the path comes from the path;
* `version` and `seen` come from `If-Match`; `after` is the `cursor`;
* of GET and DELETE the rest are query parameters, fields of a record among them one by one;
* otherwise the rest is the body: the one record itself, or an object of the parameters.

What a person typed to search for never stands in an address (addresses are logged on the way), so
fields that hold such texts are absent from the query; `POST …/search` takes them in its body.
"""

import inspect
import re
import typing
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, cast

import msgspec
from msgspec import UNSET, UnsetType

from appliance.actions._gate import ACTIONS
from appliance.api.v1 import problems, records, shapes
from appliance.api.v1.money import wire_name
from appliance.api.v1.problems import FieldProblem, Refused
from appliance.api.v1.queries import CALLED, Query, bounded
from appliance.api.v1.shapes import Make, Taken
from appliance.domain.access import Actor

Run = Callable[..., Awaitable[Any]]

VERSIONS: Final = frozenset({"version", "seen"})
_NO_BODY: Final = frozenset({"GET", "DELETE"})


class Supplied(NamedTuple):
    """What the box itself knows and no program has to say."""

    zone: Any
    today: Any
    now: Any
    day_ends: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One line of the table.

    Attributes:
        run: the action, or a thin function over one.
        method, path: where; `{name}` in the path is a parameter.
        covers: actions that this operation stands for; by itself those of `run`.
        gives: how a bare answer is called (`number`, `version`); records keep their own names.
        following: where in the answer the next page's cursor is, as `page.after`.
        group: heading of the reference.
        names: what the path calls a parameter, where that differs: `{"number": "order_number"}`.
        fixed: parameters that this operation sets itself.
        made: 201 rather than 200.
        once: False where the answer cannot be kept for a repeated request: a secret shown once,
            or several deeds under one request.
        choices: what a parameter of the path may be, where its type says only that it is a text.
    """

    run: Run
    method: str
    path: str
    group: str
    covers: tuple[str, ...] = ()
    gives: str = ""
    following: str = ""
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    fixed: Mapping[str, Any] = field(default_factory=dict[str, Any])
    made: bool = False
    once: bool = True
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    about: str = ""

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of the actions behind it."""
        return self.covers or (action_name(self.run),)

    @property
    def name(self) -> str:
        """Unique among operations, for programs that are made from the description."""
        words = re.sub(r"[^a-z_]+", "_", self.path.replace("{", "by_")).strip("_")
        return f"{self.method.lower()}_{words}"

    @property
    def title(self) -> str:
        """The same as names of types are written."""
        return "".join(part.capitalize() for part in self.name.split("_"))


def action_name(run: Run) -> str:
    """`orders.place`, as the matrix calls it."""
    return f"{run.__module__.rpartition('.')[2]}.{run.__name__}"


def group(name: str) -> "_Maker":
    """Lines of one heading: `op("GET", "/orders", orders.list_page)`."""

    def make(method: str, path: str, run: Run, **more: Any) -> Operation:
        return Operation(run=run, method=method, path=path, group=name, **more)

    return make


_Maker = Callable[..., Operation]


class Asked(NamedTuple):
    """A request, taken apart.

    Attributes:
        names: values of the path, decoded once.
        query: the query string.
        body: the bytes of the body.
        if_match: the header, empty when absent.
    """

    names: Sequence[str]
    query: bytes
    body: bytes
    if_match: str
    supplied: Supplied


class Compiled:
    """An operation whose shapes are made."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        signature = inspect.signature(inspect.unwrap(operation.run))
        hints = typing.get_type_hints(inspect.unwrap(operation.run), include_extras=True)
        self.doc = operation.about or inspect.getdoc(inspect.unwrap(operation.run)) or ""
        self.result = hints["return"]
        self.answer = shapes.given(self.result)
        parameters = list(signature.parameters.values())[1:]  # the actor or transaction
        self.path_names = _names_in(operation.path)
        known = {operation.names.get(name, name): name for name in self.path_names}
        self.path: dict[str, Taken] = {}
        self.version = ""
        self.supplied: list[tuple[str, bool]] = []
        rest: list[inspect.Parameter] = []
        for one in parameters:
            if one.name in operation.fixed:
                continue
            if one.name in known:
                self.path[one.name] = _of_choice(operation, one.name, hints[one.name])
            elif one.name in VERSIONS and one.default is not _EMPTY:
                self.version = one.name
            elif one.name in Supplied._fields:
                self.supplied.append((one.name, hints[one.name] is str))
            else:
                rest.append(one)
        self._single = ""
        owner = operation.actions[0]
        if operation.method in _NO_BODY:
            self.body: Taken | None = None
            self.query = Query(owner, rest, hints)
        else:
            self.query = Query(owner, [], hints)
            self.body, self._single = _body(operation, rest, hints)

    async def call(self, actor: Actor, asked: Asked) -> Any:
        """Decode, call, and give the answer of the action.

        Raises:
            Refused: the request does not fit; HouseError: whatever the action refuses.
        """
        given: dict[str, Any] = dict(self.operation.fixed)
        for name, text in zip(self.path_names, asked.names, strict=True):
            parameter = self.parameter(name)
            given[parameter] = _of_path(name, self.path[parameter], text)
        if self.version and asked.if_match:
            given[self.version] = version_of(asked.if_match)
        for name, as_text in self.supplied:
            value = getattr(asked.supplied, name)
            given[name] = str(value) if as_text else value
        if self.operation.method in _NO_BODY:
            given |= self.query.read(asked.query)
        elif self.body is not None:
            given |= self._read_body(asked.body)
        return await self.operation.run(actor, **given)

    def wrapped(self, result: Any) -> Any:
        """The body of an answer: records as they are, lists as `items`, bare values by name.

        None: there is nothing to say (204).
        """
        if result is None:
            return None
        if records.is_record(type(result)):
            if not self.operation.following:
                return result
            body = shapes.shown(result)
            body["next_cursor"] = _cursor(result, self.operation.following)
            return body
        if isinstance(result, Mapping):
            return cast("Mapping[Any, Any]", result)
        if isinstance(result, (list, tuple)) and not self.operation.gives:
            return {"items": cast("Sequence[Any]", result)}
        return {self.scalar: cast("Any", result)}

    def parameter(self, name: str) -> str:
        """The action's parameter that a name in the path means."""
        return self.operation.names.get(name, name)

    @property
    def keeps_answer(self) -> bool:
        """Whether an idempotency key may be given: nothing about a person is kept for it.

        What only reads may be given one, too; there is nothing to be done twice.
        """
        reads = all(ACTIONS[name].reads for name in self.operation.actions if name in ACTIONS)
        return reads or (self.operation.once and not records.has_personal(self.result))

    @property
    def may_be_nothing(self) -> bool:
        """Whether the answer may be empty (204)."""
        return type(None) in typing.get_args(self.result)

    @property
    def answer_shape(self) -> str:
        """`record`, `map`, `row` (under `items`) or `bare` (under a name)."""
        real = [one for one in typing.get_args(self.result) if one is not type(None)]
        is_optional = len(real) < len(typing.get_args(self.result))
        kind = real[0] if is_optional and len(real) == 1 else self.result
        if records.is_record(kind):
            return "record"
        origin: Any = typing.get_origin(kind)
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return "map"
        is_row = isinstance(origin, type) and issubclass(origin, Sequence)
        return "row" if is_row and not self.operation.gives else "bare"

    @property
    def scalar(self) -> str:
        """How a bare value is called."""
        if self.operation.gives:
            return self.operation.gives
        text = str(self.result)
        return next((name for kind, name in _SCALARS if kind in text), "value")

    def version_in(self, result: Any) -> int | None:
        """The version of what was shown or changed, for `ETag`."""
        if self.operation.gives == "version" and isinstance(result, int):
            return result
        found = getattr(result, "version", None)
        return found if isinstance(found, int) else None

    def _read_body(self, body: bytes) -> dict[str, Any]:
        assert self.body is not None  # noqa: S101  asked before
        if not body and not self._single:
            body = b"{}"
        try:
            value = msgspec.json.decode(body, type=self.body.wire)
        except msgspec.DecodeError as error:
            raise problems.of_decoding(error) from None
        except (RecursionError, UnicodeDecodeError):
            raise Refused("json_malformed") from None
        make = self.body.make
        made = value if make is None else make(value)
        return {self._single: made} if self._single else made


_SCALARS: Final = (("int", "number"), ("UUID", "id"), ("bool", "done"), ("bytes", "content"))


def _cursor(result: Any, way: str) -> str | None:
    """The cursor of the next page, out of the depth of an answer."""
    for step in way.split("."):
        result = getattr(result, step, None)
    return None if result is None else str(result)


def _of_choice(operation: Operation, name: str, annotation: Any) -> Taken:
    choices = operation.choices.get(name)
    if choices is None:
        return bounded(name, shapes.taken(annotation))
    return Taken(typing.Literal[choices])


def version_of(text: str) -> int:
    """The version that `If-Match` names.

    Raises:
        Refused: not a version of ours.
    """
    plain = text.strip().removeprefix("W/").strip('"')
    if not plain.isdecimal() or len(plain) > 15:
        raise Refused("if_match_wrong", 400)
    return int(plain)


def _names_in(path: str) -> tuple[str, ...]:
    return tuple(part[1:-1] for part in path.split("/") if part.startswith("{"))


def _of_path(name: str, taken: Taken, text: str) -> Any:
    try:
        value = msgspec.convert(text, taken.wire, strict=False)
    except msgspec.ValidationError as error:
        said = problems.of_decoding(error).problems[0]
        raise Refused("fields_wrong", 422, (FieldProblem(name, said.code, said.params),)) from None
    return value if taken.make is None else taken.make(value)


# --- bodies ---


def _body(
    operation: Operation, rest: Sequence[inspect.Parameter], hints: Mapping[str, Any]
) -> tuple[Taken | None, str]:
    """The shape of a body, and the parameter that it is whole; empty: an object of parameters."""
    if not rest:
        return None, ""
    if len(rest) == 1 and _is_record(hints[rest[0].name]) and rest[0].default is _EMPTY:
        return shapes.taken(hints[rest[0].name]), rest[0].name
    owner = operation.actions[0]
    fields: list[tuple[str, Any, Any]] = []
    makes: dict[str, tuple[str, Make | None]] = {}
    for one in rest:
        annotation = hints[one.name]
        inner = bounded(one.name, shapes.taken(annotation))
        name = CALLED.get(one.name, one.name)
        wire = wire_name(owner, name, numeric=records.is_numeric(annotation))
        makes[wire] = (one.name, inner.make)
        if one.default is _EMPTY:
            fields.append((wire, inner.wire, msgspec.NODEFAULT))
        else:
            fields.append((wire, inner.wire | UnsetType, UNSET))
    twin = msgspec.defstruct(
        f"{operation.title}Body", fields, kw_only=True, forbid_unknown_fields=True
    )

    def make(value: Any) -> dict[str, Any]:
        return {
            name: one if inner is None or one is None else inner(one)
            for wire, (name, inner) in makes.items()
            if (one := getattr(value, wire)) is not UNSET
        }

    return Taken(twin, make), ""


_EMPTY: Final = inspect.Parameter.empty


def _is_record(annotation: Any) -> bool:
    inner = typing.get_args(annotation)
    return records.is_record(annotation) or bool(
        str(typing.get_origin(annotation)).endswith("Personal'>") and records.is_record(inner[0])
    )
