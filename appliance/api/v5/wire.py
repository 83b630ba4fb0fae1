"""The wire: query strings, three encodings of bodies, scalars as clients spell them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus

import msgspec
from litestar.types import Receive, Scope
from multipart import (
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,  # pyright: ignore[reportUnknownVariableType]  its arguments have no types
)

from appliance.api.v5.errors import PARAMETERS, Refused
from appliance.http.origin import header

BODY_LIMIT: Final = 34 * 1024 * 1024
"""32 MB of orders and what a form adds to them."""
MOST_FIELDS: Final = 5000
MOST_DEPTH: Final = 5
NONE: Final = frozenset({"None", "null"})
"""How clients spell an argument that was left out."""
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off", ""})
_BRACKETS: Final = re.compile(r"\[([^\[\]]*)\]")
_KEY: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_INTEGER: Final = re.compile(r"[+-]?\d{1,18}", re.ASCII)

Nested = dict[str, Any]
Form = dict[str, str]


# --- query strings ---


def parse_query(raw: bytes) -> Nested:
    """Bracketed parameters as nested maps and lists; those that say `None` are left out.

    Lists come as `a[0]=1&a[1]=2` (PHP) or `a[]=1&a[]=2` (Python); a map whose keys are all
    numbers is a list.
    """
    return nest(_pairs(raw)) if raw else {}


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw.decode("latin-1"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Refused(PARAMETERS, errors=["Too many parameters."]) from None


def clean(text: str) -> str:
    """A text that a database may be asked for: no database takes NUL in one."""
    return text.replace("\x00", "") if "\x00" in text else text


def nest(pairs: Iterable[tuple[str, str]]) -> Nested:
    """Pairs of bracketed names and values as nested maps and lists."""
    tree: Nested = {}
    for name, sent in pairs:
        if sent in NONE:
            continue
        value = clean(sent)
        found = _KEY.fullmatch(name)
        if found is None or "[" not in name:
            tree[name] = value
            continue
        keys = [found[1], *_BRACKETS.findall(found[2])]
        if len(keys) > MOST_DEPTH:
            raise Refused(PARAMETERS, errors=["Parameters are nested too deeply."])
        _put(tree, keys, value)
    return {name: _settled(value) for name, value in tree.items()}


def _put(tree: Nested, keys: Sequence[str], value: str) -> None:
    here = tree
    for key in keys[:-1]:
        name = key or str(len(here))
        if not isinstance(here.get(name), dict):
            here[name] = Nested()
        here = here[name]
    here[keys[-1] or str(len(here))] = value


def _settled(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner: Nested = {name: _settled(one) for name, one in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


# --- bodies ---


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """The whole body.

    Raises:
        Refused: 413; or the client went away before the end.
    """
    length = header(scope, b"content-length")
    if length.isdigit() and int(length) > BODY_LIMIT:
        raise Refused("Request body is too large.", status=413)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused("Request body is incomplete.")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > BODY_LIMIT:
            raise Refused("Request body is too large.", status=413)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def parse_form(content_type: str, body: bytes) -> Form:
    """Fields of a body, urlencoded or multipart; the same fields give the same answer in both.

    Raises:
        Refused: a multipart body that is not whole, or not one at all.
    """
    if not body:
        return {}
    if content_type.lstrip().lower().startswith("multipart/form-data"):
        options: dict[str, str] = parse_options_header(content_type)[1]
        pairs = _multipart(options.get("boundary", ""), body)
    else:
        pairs = _urlencoded(body)
    return {name: clean(value) for name, value in pairs if value not in NONE}


def _urlencoded(body: bytes) -> list[tuple[str, str]]:
    # What is asked of the parser of the standard library, in a third of its time.
    try:
        text = body.decode("latin-1")
        parts = text.split("&", MOST_FIELDS)
        return [
            (unquote_plus(name, errors="strict"), unquote_plus(value, errors="strict"))
            for name, _, value in (part.partition("=") for part in parts if part)
        ]
    except UnicodeDecodeError:
        raise Refused(PARAMETERS, errors=["The body is not in UTF-8."]) from None


def _multipart(boundary: str, body: bytes) -> list[tuple[str, str]]:
    fields: list[tuple[str, str]] = []
    name, chunks = "", list[bytes]()
    try:
        parser = PushMultipartParser(boundary, max_segment_count=MOST_FIELDS, strict=True)
        with parser:
            for event in parser.parse(body):
                if isinstance(event, MultipartSegment):
                    name, chunks = event.name or "", []
                elif event is None:
                    fields.append((name, b"".join(chunks).decode()))
                else:
                    chunks.append(bytes(event))
    except (MultipartError, UnicodeDecodeError):
        raise Refused(PARAMETERS, errors=["The multipart body is broken."]) from None
    return fields


# --- fields that hold JSON ---


def _json(form: Form, names: Sequence[str]) -> Any:
    name = next((one for one in names if one in form), None)
    if name is None:
        raise Refused(f"Parameter '{names[0]}' is missing")
    try:
        return msgspec.json.decode(form[name])
    except (msgspec.DecodeError, RecursionError):
        raise Refused(PARAMETERS, errors=[f"{name}: this is not JSON."]) from None


def json_map(form: Form, *names: str) -> dict[str, Any]:
    """A field with a JSON object; `[]` is an empty one, as PHP writes it.

    Raises:
        Refused: absent, not JSON, or something else.
    """
    value = _json(form, names)
    if value == []:
        return {}
    if not isinstance(value, dict):
        raise Refused(PARAMETERS, errors=[f"{names[0]}: an object is expected."])
    return value  # pyright: ignore[reportUnknownVariableType]  JSON has text keys


def json_list(form: Form, *names: str) -> list[dict[str, Any]]:
    """A field with a JSON list of objects; a map of them, as PHP writes sparse lists, is one too.

    Raises:
        Refused: absent, not JSON, or something else.
    """
    value = _json(form, names)
    if isinstance(value, dict):
        value = list(value.values())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):  # pyright: ignore[reportUnknownVariableType]
        raise Refused(PARAMETERS, errors=[f"{names[0]}: a list of objects is expected."])
    return value  # pyright: ignore[reportUnknownVariableType]


# --- scalars of parameters ---


def text_of(given: Mapping[str, Any], name: str, default: str = "") -> str:
    """A scalar parameter as text."""
    value = given.get(name, default)
    return value.strip() if isinstance(value, str) else default


def integer_of(given: Mapping[str, Any], name: str) -> int | None:
    """A whole number; None when absent or empty.

    Raises:
        Refused: something else.
    """
    value = given.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or _INTEGER.fullmatch(value.strip()) is None:
        raise Refused(PARAMETERS, errors=[f"{name}: an integer is expected."])
    return int(value)


def flag_of(given: Mapping[str, Any], name: str) -> bool | None:
    """A boolean as clients spell it (`1`, `0`, `true`, `False`…); None when absent.

    Raises:
        Refused: something else.
    """
    value = given.get(name)
    if value is None:
        return None
    spelled = value.strip().lower() if isinstance(value, str) else "?"
    if spelled in _TRUE:
        return True
    if spelled in _FALSE:
        return False
    raise Refused(PARAMETERS, errors=[f"{name}: a boolean is expected."])


def texts_of(given: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of scalars; one scalar is a list of one.

    Raises:
        Refused: a map, or a list of them.
    """
    value = given.get(name)
    if value is None or value == "":
        return ()
    many: list[Any] = value if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownVariableType]
    if not all(isinstance(one, str) for one in many):
        raise Refused(PARAMETERS, errors=[f"{name}: a list is expected."])
    return tuple(one.strip() for one in many)


def integers_of(given: Mapping[str, Any], name: str) -> tuple[int, ...]:
    """A list of whole numbers.

    Raises:
        Refused: something else.
    """
    texts = texts_of(given, name)
    if not all(_INTEGER.fullmatch(one) for one in texts):
        raise Refused(PARAMETERS, errors=[f"{name}: integers are expected."])
    return tuple(int(one) for one in texts)
