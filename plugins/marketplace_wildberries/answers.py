"""What WB's answers have in common: refusals, troubles inside of a 200, files as text."""

import base64
import binascii
from typing import Any

import msgspec

from appliance.plugin_api.outcomes import Permanent, Retry
from plugins.marketplace_wildberries import shapes


class Refusal(Permanent):
    """WB refuses this very request; a job that does not know better ends with it.

    Attributes:
        word: of the refusal, as `StatusMismatch`; empty where it names none.
        data: what it says besides, as JSON.
    """

    def __init__(self, word: str, status: int, data: Any = None) -> None:
        super().__init__(f"wb_{(word or str(status)).lower()}")
        self.word = word
        self.status = status
        self.data = data


def bytes_of(text: str) -> bytes:
    """A file of an answer; raises: Retry: `file_unreadable`."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Retry("file_unreadable") from None


def word_of(data: Any) -> str:
    """The code of a refusal; stock refuses by a list of them."""
    for kind in (shapes.Problem, list[shapes.Problem]):
        try:
            found = msgspec.convert(data, kind)
        except msgspec.ValidationError:
            continue
        if isinstance(found, shapes.Problem):
            return found.code
        return found[0].code if found else ""
    return ""


def is_problem(data: Any) -> bool:
    """Whether an answer of 200 says that it failed."""
    if not isinstance(data, dict):
        return False
    found: dict[str, Any] = data  # pyright: ignore[reportUnknownVariableType]  # JSON
    if found.get("error") is True:
        return True
    return "code" in found and set(found) <= {"code", "message", "data"}
