"""Holds every request of a plugin, and every answer of its fake, against the vendor's description.

`description(NAME)` reads one; `checked(transport, …)` lets a test's whole traffic pass through it.
Descriptions under a free licence lie in `tests/data/vendors`; the others in the folder that
`KOROBKA_VENDOR_SPECS` names, and tests of those stand under `if there():`, so that they are
not collected where it is not set, and the run says so. Vendors without one: `tests.vendors.shapes`.
"""

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import parse_qsl

import httpx
import jsonschema_rs
import yaml

from tests.vendors.normalising import Normal, assembled, of_vendor

VARIABLE: Final = "KOROBKA_VENDOR_SPECS"
HERE: Final = Path(__file__).parents[1] / "data" / "vendors"
FREE: Final = frozenset({"moysklad.json", "yandex-market.json", "yandex-market-notification.json"})
UNDESCRIBED: Final = frozenset({401, 403, 404, 405, 408, 409, 412, 415, 420, 429})
"""Statuses that vendors answer with and seldom describe; nor are any of 500 and above."""
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
METHODS: Final = ("get", "put", "post", "delete", "patch")


class Contract(Protocol):
    """What traffic is held against."""

    def check_request(
        self, method: str, path: str, body: bytes = b"", query: str = "", kind: str = JSON
    ) -> None:
        """Raises: AssertionError: with the place that differs."""
        ...

    def check_answer(
        self, method: str, path: str, status: int, body: bytes, kind: str = JSON
    ) -> None:
        """Raises: AssertionError: with the place that differs."""
        ...


def there() -> bool:
    """Whether the descriptions without a free licence can be read."""
    return bool(os.environ.get(VARIABLE))


class _Route(NamedTuple):
    pattern: re.Pattern[str]
    template: str
    operations: Mapping[str, Any]


class Description:
    """A vendor's OpenAPI file, with the normalisations that its files are known to need."""

    def __init__(self, name: str, document: Mapping[str, Any], base: str = "") -> None:
        self.name = name
        self._document = document
        self._normal: Normal = of_vendor(name)
        self._base = base.rstrip("/")
        routes = [
            _Route(_pattern(path), path, {one: item[one] for one in METHODS if one in item} | {
                "parameters": item.get("parameters", [])})
            for path, item in document["paths"].items()
        ]  # fmt: skip
        # What is spelled out goes before what is a placeholder: /orders/new before /orders/{id}.
        self._routes = sorted(routes, key=lambda one: one.template.count("{"))

    def check_request(
        self, method: str, path: str, body: bytes = b"", query: str = "", kind: str = JSON
    ) -> None:
        """Raises: AssertionError: the operation, its query or its body is not the vendor's."""
        route, operation = self._operation(method, path)
        self._check_query(route, operation, query)
        wanted = self._resolved(operation.get("requestBody"))
        if wanted is None:
            assert not body, f"{self.name}: {method} {route.template} takes no body"
            return
        if not body:
            assert not wanted.get("required"), f"{self.name}: {method} {route.template}: no body"
            return
        schema = _of_kind(wanted["content"], kind)
        assert schema is not None, f"{self.name}: {method} {route.template} takes no {kind}"
        value = dict(parse_qsl(body.decode())) if kind.startswith(FORM) else json.loads(body)
        self._hold(schema, value, f"{method} {route.template} body", closed=True)

    def check_answer(
        self, method: str, path: str, status: int, body: bytes, kind: str = JSON
    ) -> None:
        """Raises: AssertionError: the vendor answers nothing of the kind."""
        route, operation = self._operation(method, path)
        said = operation["responses"]
        found = said.get(str(status)) or said.get(f"{status // 100}XX") or said.get("default")
        if found is None or (status >= 400 and status in UNDESCRIBED and str(status) not in said):
            assert status >= 500 or status in UNDESCRIBED, (
                f"{self.name}: {method} {route.template} never answers {status}"
            )
            return
        content = (self._resolved(found) or {}).get("content") or {}
        if not content:
            return
        schema = _of_kind(content, kind)
        assert schema is not None, (
            f"{self.name}: {method} {route.template} {status}: {kind}, not of {sorted(content)}"
        )
        if kind.startswith(JSON):
            self._hold(schema, json.loads(body), f"{method} {route.template} {status}")

    def held(self) -> int:
        """Make every schema of the file a validator; how many there are.

        Raises:
            jsonschema_rs.ValidationError: one is none, even mended.
        """
        count = 0
        for route in self._routes:
            for method in METHODS:
                operation = route.operations.get(method) or {}
                parts = (operation.get("requestBody"), *operation.get("responses", {}).values())
                for place, part in enumerate(parts):
                    for one in ((self._resolved(part) or {}).get("content") or {}).values():
                        text = json.dumps(one.get("schema", {}), sort_keys=True)
                        self._validator(text, closed=place == 0)
                        count += 1
        return count

    def _operation(self, method: str, path: str) -> tuple[_Route, Mapping[str, Any]]:
        assert path.startswith(self._base), f"{self.name}: {path} is not under {self._base}"
        short = path[len(self._base) :]
        for route in self._routes:
            if route.pattern.fullmatch(short) and method.lower() in route.operations:
                return route, route.operations[method.lower()]
        raise AssertionError(f"{self.name}: there is no {method} {short}")

    def _check_query(self, route: _Route, operation: Mapping[str, Any], query: str) -> None:
        known = {
            one["name"].removesuffix("[]"): one
            for one in map(
                self._resolved,
                (*route.operations["parameters"], *operation.get("parameters", ())),
            )
            if one is not None and one["in"] == "query"
        }
        given = parse_qsl(query, keep_blank_values=True)
        names = {name.removesuffix("[]") for name, _ in given}
        strange = names - known.keys()
        assert not strange, f"{self.name}: {route.template} knows no query {sorted(strange)}"
        wanted = {name for name, one in known.items() if one.get("required")}
        assert wanted <= names, f"{self.name}: {route.template} misses {sorted(wanted - names)}"
        for name, text in given:
            schema = self._resolved(known[name.removesuffix("[]")].get("schema")) or {}
            if schema.get("type") == "array":
                schema = schema.get("items", {})
            value = _typed(text, self._resolved(schema) or {})
            self._hold(schema, value, f"{route.template} query {name}")

    def _resolved(self, part: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        while part is not None and "$ref" in part:
            found: Any = self._document
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            part = found
        return part

    def _hold(
        self, schema: Mapping[str, Any], value: object, place: str, *, closed: bool = False
    ) -> None:
        validator = self._validator(json.dumps(schema, sort_keys=True), closed=closed)
        found = [
            f"{'/'.join(map(str, one.instance_path)) or '(whole)'}: {one.message[:200]}"
            for one in validator.iter_errors(value)
        ]
        assert not found, f"{self.name}: {place}: " + "; ".join(found[:5])

    @cache  # noqa: B019  descriptions live as long as the run
    def _validator(self, schema: str, *, closed: bool) -> Any:
        whole = assembled(self._document, json.loads(schema), self._normal, closed=closed)
        return jsonschema_rs.Draft202012Validator(whole)


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]*\}", template)
    return re.compile("[^/]+".join(map(re.escape, parts)))


def _of_kind(content: Mapping[str, Any], kind: str) -> Mapping[str, Any] | None:
    short = kind.partition(";")[0].strip()
    for name, one in content.items():
        if name.partition(";")[0].strip() in {short, "*/*"}:
            return one.get("schema", {})
    return None


def _typed(text: str, schema: Mapping[str, Any]) -> object:
    # CDEK's exporter drops the type of numbers and keeps their format.
    formats = {"int32": "integer", "int64": "integer", "float": "number", "double": "number"}
    kind = schema.get("type") or formats.get(str(schema.get("format")))
    if kind in {"integer", "number"}:
        try:
            return int(text) if kind == "integer" else float(text)
        except ValueError:
            return text
    return {"true": True, "false": False}.get(text, text) if kind == "boolean" else text


@cache
def description(name: str, base: str = "") -> Description:
    """A vendor's description by the name of its file.

    Args:
        name: of the file.
        base: what stands before its paths in the addresses that are asked for.

    Raises:
        FileNotFoundError: it is not free, and `KOROBKA_VENDOR_SPECS` names no folder with it.
    """
    folder = HERE if name in FREE else Path(os.environ.get(VARIABLE, "/nowhere"))
    text = (folder / name).read_text("utf-8")
    if name.endswith(".json"):
        return Description(name, json.loads(text), base)
    fast = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return Description(name, yaml.load(text, fast), base)  # noqa: S506  a safe loader, both of them


class Several:
    """Descriptions of one vendor in several files: the first that knows a path answers for it."""

    def __init__(self, parts: Iterable[Contract]) -> None:
        self._parts: Sequence[Contract] = tuple(parts)

    def check_request(
        self, method: str, path: str, body: bytes = b"", query: str = "", kind: str = JSON
    ) -> None:
        """Raises: AssertionError: no part takes it; each says why."""
        self._any(lambda one: one.check_request(method, path, body, query, kind))

    def check_answer(
        self, method: str, path: str, status: int, body: bytes, kind: str = JSON
    ) -> None:
        """Raises: AssertionError: no part takes it; each says why."""
        self._any(lambda one: one.check_answer(method, path, status, body, kind))

    def _any(self, check: Any) -> None:
        refused: list[str] = []
        for one in self._parts:
            try:
                return check(one)
            except AssertionError as error:
                refused.append(str(error))
        # Who knows the path says what is wrong; the others only that there is no such path.
        telling = [one for one in refused if ": there is no " not in one]
        raise AssertionError("; ".join(telling or refused))


class Checked(httpx.AsyncBaseTransport):
    """A transport whose traffic is held against a contract, both ways.

    Attributes:
        trouble: set it while the fake misbehaves on purpose: answers go unchecked then, requests
            never do.
        seen: (method, path) of what passed.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, contract: Contract) -> None:
        self._inner = inner
        self._contract = contract
        self.trouble = False
        self.seen: list[tuple[str, str]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Check, ask, check."""
        method, path = request.method, request.url.path
        kind = request.headers.get("content-type", JSON)
        body = await request.aread()
        self._contract.check_request(method, path, body, request.url.query.decode(), kind)
        answer = await self._inner.handle_async_request(request)
        self.seen.append((method, path))
        said = await answer.aread()
        if not self.trouble and answer.status_code < 500:
            kind = answer.headers.get("content-type", JSON)
            self._contract.check_answer(method, path, answer.status_code, said, kind)
        return answer


def checked(inner: httpx.AsyncBaseTransport, contract: Contract) -> Checked:
    """Let a test's traffic pass through a contract."""
    return Checked(inner, contract)
