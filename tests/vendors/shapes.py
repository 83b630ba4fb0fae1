"""Contracts of vendors that publish no description: structs written from their documentation.

A test names, per operation, what may be sent and what may be answered; unknown fields are refused
where the struct says `forbid_unknown_fields`, which those of requests must.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec

from tests.vendors.contract import FORM, JSON, UNDESCRIBED


class Operation(NamedTuple):
    """One operation: types as msgspec takes them.

    Attributes:
        asked: of the body; None: it takes none. `bytes`: anything.
        answers: status → type; `bytes`: a file.
        query: names it knows, those it must have with a `!` at the end.
    """

    asked: Any = None
    answers: Mapping[int, Any] = {}
    query: tuple[str, ...] = ()


class Shapes:
    """Operations by `METHOD /path/{with}/places`; a contract as `Description` is."""

    def __init__(self, name: str, operations: Mapping[str, Operation]) -> None:
        self._name = name
        self._routes = sorted(
            ((_pattern(key), key, one) for key, one in operations.items()),
            key=lambda one: one[1].count("{"),
        )

    def check_request(
        self, method: str, path: str, body: bytes = b"", query: str = "", kind: str = JSON
    ) -> None:
        """Raises: AssertionError: the vendor's documentation names nothing of the kind."""
        key, one = self._operation(method, path)
        names = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
        known = {each.removesuffix("!") for each in one.query}
        assert names <= known, f"{self._name}: {key} knows no query {sorted(names - known)}"
        must = {each.removesuffix("!") for each in one.query if each.endswith("!")}
        assert must <= names, f"{self._name}: {key} misses {sorted(must - names)}"
        if one.asked is None:
            assert not body, f"{self._name}: {key} takes no body"
        elif one.asked is not bytes:
            self._hold(f"{key} body", one.asked, body, kind)

    def check_answer(
        self, method: str, path: str, status: int, body: bytes, kind: str = JSON
    ) -> None:
        """Raises: AssertionError: the vendor's documentation names no such answer."""
        key, one = self._operation(method, path)
        if status not in one.answers:
            assert status >= 500 or status in UNDESCRIBED, f"{self._name}: {key}: {status}"
            return
        if one.answers[status] not in {bytes, None}:
            self._hold(f"{key} {status}", one.answers[status], body, kind)

    def _operation(self, method: str, path: str) -> tuple[str, Operation]:
        for pattern, key, one in self._routes:
            if pattern.fullmatch(f"{method} {path}"):
                return key, one
        raise AssertionError(f"{self._name}: there is no {method} {path}")

    def _hold(self, place: str, wanted: Any, body: bytes, kind: str) -> None:
        try:
            if kind.startswith(FORM):
                msgspec.convert(dict(parse_qsl(body.decode())), wanted, strict=False)
            else:
                msgspec.json.decode(body, type=wanted)
        except msgspec.MsgspecError as error:
            raise AssertionError(f"{self._name}: {place}: {error}") from None


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(map(re.escape, re.split(r"\{[^}]*\}", template))))
