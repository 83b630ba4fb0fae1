"""The description of the door, OpenAPI 3.1: from the same table that answers."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

import msgspec

from appliance import __version__
from appliance.api.v1 import problems, streams
from appliance.api.v1.examples import Examples
from appliance.api.v1.operation import Compiled
from appliance.api.v1.shapes import given_record
from appliance.api.v1.table import OPERATIONS

_REF: Final = "#/components/schemas/{name}"
Json = dict[str, Any]

ABOUT: Final = """\
What people can do in the box, programs can do with a key (`Authorization: Bearer …`).

* Money is whole kopecks and its fields end in `_kopecks`; quantities are thousandths and end in
  `_milli`; times are UTC (RFC 3339).
* Unknown fields are refused with their path. Errors are `application/problem+json` (RFC 9457) in
  Russian or English by `Accept-Language`; `code` never changes.
* `Idempotency-Key` on a change: repeated within 24 hours it is done once and answered the same.
* `ETag` of what was read, given back as `If-Match`, keeps others' changes: 412 when it is stale.
* Lists go on by `cursor` = `next_cursor` of the answer before.
* What a key may not see is `null` or absent; what it may not do is 403.
"""

PROBLEM: Final[Json] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "event"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "What went wrong, in the reader's language."},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; for programs."},
        "event": {"type": "string", "description": "Number of the request, to be read out."},
        "detail": {"type": "string", "description": "What to do about it."},
        "params": {"type": "object"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "code", "detail"],
                "properties": {
                    "path": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}

_PROBLEMS: Final = {
    "400": "The request cannot be read.",
    "401": "No key, or one that is unknown, revoked or expired.",
    "403": "The key may not do this.",
    "404": "No such thing, or not for this key.",
    "409": "It cannot be done as things stand, or the idempotency key was another request's.",
    "412": "It was changed since the version in `If-Match`.",
    "413": "The body is larger than 32 MiB.",
    "415": "The body is not JSON.",
    "422": "Fields do not fit; `errors` says which.",
    "410": "The person's data were destroyed.",
    "429": "The key's people of the day are used up.",
    "503": "The box is locked or its disk refuses; come again.",
}


_PROBLEM_BODY: Final[Json] = {
    problems.MEDIA_TYPE: {"schema": {"$ref": _REF.format(name="Problem")}}
}
_REFUSALS: Final[Json] = {
    code: {"$ref": f"#/components/responses/Refused{code}"} for code in _PROBLEMS
}


def schemas_of(types: Iterable[Any]) -> tuple[list[Json], Json]:
    """JSON schemas of types and the components they refer to."""
    made, components = msgspec.json.schema_components(list(types), ref_template=_REF)
    return list(made), components


@cache
def describe() -> Json:
    """The whole description, without the address of the box."""
    made = [Compiled(one) for one in OPERATIONS]
    types: list[Any] = []
    for one in made:
        types += [one.answer, *(p.wire for p in one.query.parameters)]
        types += [one.path[one.parameter(name)].wire for name in one.path_names]
        if one.body is not None:
            types.append(one.body.wire)
    types += [given_record(flow.kind) for flow in streams.FLOWS.values()]
    schemas, components = schemas_of(types)
    components["Problem"] = PROBLEM
    examples = Examples(components)
    left = iter(schemas)
    paths: dict[str, Json] = {}
    for one in made:
        item = paths.setdefault(one.operation.path, {})
        item[one.operation.method.lower()] = _operation(one, left, examples)
    for path, flow in streams.FLOWS.items():
        paths[path] = {"get": _flow(path, flow.covers, next(left), examples)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Korobka", "version": __version__, "description": ABOUT},
        "servers": [{"url": "/api/v1"}],
        "security": [{"key": []}],
        "tags": [{"name": name} for name in dict.fromkeys(one.operation.group for one in made)],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {
                f"Refused{code}": {"description": text, "content": _PROBLEM_BODY}
                for code, text in _PROBLEMS.items()
            },
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(one: Compiled, left: Any, examples: Examples) -> Json:
    answer = next(left)
    query = [_parameter("query", p.name, next(left), p.required) for p in one.query.parameters]
    path = [_parameter("path", name, next(left), True) for name in one.path_names]
    parameters = [*path, *query, *_headers(one)]
    summary, about = told(one.doc)
    described: Json = {
        "operationId": one.operation.name,
        "tags": [one.operation.group],
        "summary": summary,
        "parameters": parameters,
        "responses": _responses(one, answer, examples),
    }
    if about:
        described["description"] = about
    if one.body is not None:
        schema = next(left)
        content = {"schema": schema, "example": examples.of(schema)}
        required = bool(schema.get("required", True)) if "$ref" not in schema else True
        described["requestBody"] = {"required": required, "content": {"application/json": content}}
    return described


def told(doc: str) -> tuple[str, str]:
    """A docstring as summary and description; arguments that are not on the wire are left out."""
    summary, _, rest = doc.partition("\n")
    rest = re.sub(r"(?ms)^Args:\n( +.*\n?)+", "", rest)
    rest = rest.replace("Raises:", "Refuses:").strip()
    return summary.strip(), rest


def _parameter(place: str, name: str, schema: Json, required: bool) -> Json:
    return {"name": name, "in": place, "required": required, "schema": schema}


def _headers(one: Compiled) -> list[Json]:
    found: list[Json] = []
    text: Json = {"type": "string", "maxLength": 255, "pattern": "^[!-~]+$"}
    if one.operation.method != "GET" and one.keeps_answer:
        found.append(_parameter("header", "Idempotency-Key", text, required=False))
    if one.version:
        version: Json = {"type": "string", "pattern": '^"[0-9]{1,15}"$'}
        found.append(_parameter("header", "If-Match", version, required=False))
    return found


def _responses(one: Compiled, answer: Json, examples: Examples) -> Json:
    wrapped = _wrapped(one, answer)
    status = "201" if one.operation.made else "200"
    responses: Json = {}
    if wrapped is None:
        responses["204"] = {"description": "Done."}
    else:
        content = {"schema": wrapped, "example": examples.of(wrapped)}
        responses[status] = {"description": "Done.", "content": {"application/json": content}}
        if one.may_be_nothing:
            responses["204"] = {"description": "There is nothing."}
    return responses | _REFUSALS


def _wrapped(one: Compiled, answer: Json) -> Json | None:
    if one.result is None or one.result is type(None):
        return None
    shape = one.answer_shape
    if shape == "record" and one.operation.following:
        cursor = {"type": "object", "properties": {"next_cursor": {"type": ["string", "null"]}}}
        return {"allOf": [answer, cursor]}
    if shape in {"record", "map"}:
        return answer
    name = "items" if shape == "row" else one.scalar
    return {"type": "object", "required": [name], "properties": {name: answer}}


def _flow(path: str, covers: str, line: Json, examples: Examples) -> Json:
    noun = path.strip("/").partition(".")[0]
    text: Json = {"type": "string"}
    content = {"schema": line, "example": examples.of(line)}
    return {
        "operationId": f"stream_{noun}",
        "tags": ["bulk export"],
        "summary": f"All {noun}, one JSON object on a line; the last line says `end`.",
        "description": streams.__doc__ or covers,
        "parameters": [_parameter("query", "cursor", text, required=False)],
        "responses": {
            "200": {"description": "Lines.", "content": {streams.MEDIA_TYPE: content}},
            **_REFUSALS,
        },
    }


def encoded() -> bytes:
    """The description as it is served."""
    return msgspec.json.encode(describe())


def by_group() -> Mapping[str, list[tuple[str, str, Json]]]:
    """Operations by heading: (method, path, description)."""
    found: dict[str, list[tuple[str, str, Json]]] = {}
    for path, item in describe()["paths"].items():
        for method, one in item.items():
            found.setdefault(one["tags"][0], []).append((method.upper(), path, one))
    return found
