"""How many parts a text message is cut into: that is what is paid for.

GSM 03.38: the alphabet of seven bits takes 160 signs in one message and 153 in each part of a
longer one, any other text (UCS-2) 70 and 67. Signs outside of the basic plane, emoji above all,
take two places.
"""

from typing import Final

import msgspec

BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED: Final = frozenset("\f^{}\\[~]|€")
"""Signs of the seven-bit alphabet that take two places."""

MOST_PARTS: Final = 10
"""What operators put together again; services refuse more."""


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A text as it is charged.

    Attributes:
        units: places it takes.
        parts: messages it is sent in.
        left: places left in the last of them.
        is_plain: of the seven-bit alphabet.
    """

    units: int
    parts: int
    left: int
    is_plain: bool


def measure(text: str) -> Measure:
    """How a text is charged.

    >>> measure("a" * 160).parts, measure("a" * 161).parts, measure("€" * 81).parts
    (1, 2, 2)
    >>> measure("ж" * 70).parts, measure("ж" * 71).parts, measure("ж" * 69 + "😀").parts
    (1, 2, 2)
    >>> measure("")
    Measure(units=0, parts=0, left=160, is_plain=True)
    """
    is_plain = all(one in BASIC or one in EXTENDED for one in text)
    if is_plain:
        units = len(text) + sum(one in EXTENDED for one in text)
        whole, each = 160, 153
    else:
        units = len(text.encode("utf-16-le")) // 2
        whole, each = 70, 67
    if units <= whole:
        return Measure(units=units, parts=1 if units else 0, left=whole - units, is_plain=is_plain)
    parts = -(-units // each)
    return Measure(units=units, parts=parts, left=parts * each - units, is_plain=is_plain)
