"""What goes wrong, as `application/problem+json` (RFC 9457): code, sentence, path of the field."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from appliance.errors import Conflict, HouseError, Invalid
from appliance.http.errors import STATUSES

MEDIA_TYPE: Final = "application/problem+json"
Sentences = Callable[[str, Mapping[str, str | int], str], tuple[str, str]]
"""Code, its params and a language → what went wrong, and what to do about it (may be empty)."""

_AT: Final = re.compile(r" - at `(?:key in )?\$?(?P<path>[^`]*)`$")
_NAME: Final = re.compile(r"(?:field|field:?) `(?P<name>[^`]+)`")
_EXPECTED: Final = re.compile(r"^Expected `(?P<kind>[^`]+)`")


class FieldProblem(NamedTuple):
    """One field: `lines[].price_kopecks`, what is wrong with it, in code and words."""

    path: str
    code: str
    params: Mapping[str, str | int]


class Refused(HouseError):
    """A request that never reached an action.

    Attributes:
        status: of the answer.
        problems: fields that do not fit.
    """

    default_code = "bad_request"

    def __init__(
        self, code: str, status: int = 400, problems: tuple[FieldProblem, ...] = ()
    ) -> None:
        super().__init__(code)
        self.status = status
        self.problems = problems


def of_decoding(error: msgspec.DecodeError) -> Refused:
    """What the decoder said, without the values that it may quote."""
    text = str(error)
    if not isinstance(error, msgspec.ValidationError):
        return Refused("json_malformed")
    found = _AT.search(text)
    path = "" if found is None else found["path"].replace("[...]", "[]").lstrip(".")
    said = text if found is None else text[: found.start()]
    return Refused("fields_wrong", 422, (_field(path, said),))


def _field(path: str, said: str) -> FieldProblem:
    named = _NAME.search(said)
    if named is not None and said.startswith("Object "):
        code = "field_missing" if "required" in said else "field_not_known"
        return FieldProblem(f"{path}.{named['name']}".lstrip("."), code, {})
    if ">=" in said or "<=" in said or "out of range" in said:
        return FieldProblem(path, "number_range", {})
    if "length" in said:
        return FieldProblem(path, "text_long", {})
    if "regex" in said:
        return FieldProblem(path, "text_nul", {})
    expected = _EXPECTED.match(said)
    if expected is not None:
        return FieldProblem(path, "field_type", {"expected": expected["kind"]})
    return FieldProblem(path, "field_value", {})


def status_of(error: HouseError) -> int:
    """The status of an answer."""
    if isinstance(error, Refused):
        return error.status
    if isinstance(error, Conflict) and error.code.endswith(("_changed", "version_conflict")):
        return 412  # RFC 9110, section 13.1.1: `If-Match` no longer holds
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def body_of(
    error: HouseError, sentence: Sentences, language: str, event: str
) -> tuple[int, dict[str, Any]]:
    """Status and body of the answer.

    Args:
        error: what was refused.
        sentence: the catalogue.
        language: `ru` or `en`.
        event: the request's number, to be read out.
    """
    status = status_of(error)
    title, hint = sentence(error.code, error.params, language)
    body: dict[str, Any] = {
        "type": f"/api/v1/reference#{error.code}",
        "title": title,
        "status": status,
        "code": error.code,
        "event": event,
    }
    if hint:
        body["detail"] = hint
    if error.params:
        body["params"] = dict(error.params)
    fields: tuple[FieldProblem, ...] = ()
    if isinstance(error, Refused):
        fields = error.problems
    elif isinstance(error, Invalid):
        fields = tuple(FieldProblem(path, code, {}) for path, code in error.fields.items())
    if fields:
        body["errors"] = [
            {
                "path": one.path,
                "code": one.code,
                "detail": sentence(one.code, one.params, language)[0],
            }
            for one in fields
        ]
    return status, body


def language_of(accepted: str) -> str:
    """The reader's language by `Accept-Language`: English where it is named before Russian."""
    known = [one.partition(";")[0].strip().lower()[:2] for one in accepted.split(",")]
    return next((one for one in known if one in {"ru", "en"}), "ru")
