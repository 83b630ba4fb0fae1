"""What SMSC's words mean to the box: data, so that a new word is a new line."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from hashlib import md5, sha1
from hmac import compare_digest
from typing import Any, Final, NamedTuple

from appliance.plugin_api.client_messages import State


class Meaning(NamedTuple):
    """State and reason of one of SMSC's words."""

    state: State
    reason: str = ""


NOT_FOUND: Final = -3

STATUSES: Final[Mapping[int, Meaning]] = {
    NOT_FOUND: Meaning("unknown", "lost"),
    -2: Meaning("failed", "refused"),
    -1: Meaning("sent"),
    0: Meaning("sent"),
    1: Meaning("delivered"),
    2: Meaning("read"),
    3: Meaning("expired"),
    4: Meaning("read"),  # a link in it was opened
    20: Meaning("failed", "unreachable"),
    22: Meaning("failed", "number_wrong"),
    23: Meaning("failed", "blocked"),
    24: Meaning("failed", "no_money"),
    25: Meaning("failed", "unreachable"),
}
"""Status of a message → what it means."""

REFUSALS: Final[Mapping[int, str]] = {
    1: "refused",
    5: "refused",
    6: "text_refused",
    7: "number_wrong",
    8: "blocked",
}
"""Code of an error that is about this very message → reason."""

WRONG_KEY: Final = 2
NO_MONEY: Final = 3
BLOCKED: Final = 4
TOO_OFTEN: Final = 9


def kopecks_of(value: Any) -> int | None:
    """A sum off the wire, a number or a text; None: it is none.

    >>> kopecks_of("3.8"), kopecks_of(12), kopecks_of("1,50"), kopecks_of("много")
    (380, 1200, 150, None)
    """
    if isinstance(value, bool) or value is None:
        return None
    try:
        found = Decimal(str(value).replace(",", ".").strip()) * 100
    except InvalidOperation:
        return None
    return int(found.to_integral_value()) if found.is_finite() else None


def whole_of(value: Any) -> int | None:
    """A whole number off the wire, a number or a text; None: it is none.

    >>> whole_of("-3"), whole_of(1), whole_of(""), whole_of([])
    (-3, 1, None, None)
    """
    try:
        return None if isinstance(value, bool) else int(str(value))
    except ValueError:
        return None


def is_signed(form: Mapping[str, str], secret: str) -> bool | None:
    """Whether a callback bears the signature of the secret word; None: it bears none at all."""
    said = ":".join((form.get("id", ""), form.get("phone", ""), form.get("status", ""), secret))
    # The service signs so; what the callback says is read anew, whatever it bears.
    for name, made in (("sha1", sha1), ("md5", md5)):
        if name in form:
            wanted = made(said.encode(), usedforsecurity=False).hexdigest()
            return compare_digest(wanted, form[name].lower())
    return None
