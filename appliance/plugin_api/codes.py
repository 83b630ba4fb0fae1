"""What may be said where people must not be named: codes and small numbers.

Both sides use it: the plugin's so that its author sees what will arrive, the host's because it
believes nothing that a plugin says.
"""

import re
from collections.abc import Mapping
from typing import Final

WITHHELD: Final = "text_withheld"
"""Stands where a text was: it may have named somebody."""

_CODE: Final = re.compile(r"[a-z][a-z0-9_.]{0,63}")
_MANY_DIGITS: Final = re.compile(r"[0-9]{6}")
"""A phone, a card or a tax number; six digits in a row are none of ours."""

_BIGGEST: Final = 999_999_999
_MOST: Final = 8


def code_of(text: str, otherwise: str = WITHHELD) -> str:
    """The text as a code, spaces as underscores; `otherwise` where it can be none.

    >>> code_of("gateway answered 502")
    'gateway_answered_502'
    >>> code_of("Анна Орлова"), code_of("tel 79161234567")
    ('text_withheld', 'text_withheld')
    """
    code = text.strip().replace(" ", "_")
    return code if _CODE.fullmatch(code) and not _MANY_DIGITS.search(code) else otherwise


def code_of_error(error: BaseException) -> str:
    """What an exception says if that is a code, else the name of its class."""
    return code_of(str(error), code_of(_snake(type(error).__name__), "error"))


def small_numbers(numbers: Mapping[str, int]) -> dict[str, int]:
    """At most eight numbers under names that are codes, none so long that it could be a phone."""
    kept = list(numbers.items())[:_MOST]
    return {code_of(key): max(-_BIGGEST, min(value, _BIGGEST)) for key, value in kept}


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
