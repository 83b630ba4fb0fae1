"""Money, quantities and times: the box's units and the wire's, both ways.

The wire has roubles and pieces as numbers or texts, and times without a zone, meant in the box's
own zone.
"""

import re
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

_DECIMAL: Final = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{0,30})?", re.ASCII)
_SPACES: Final = re.compile(r"[\s\u00a0\u202f]")
_ONE: Final = Decimal(1)


def scaled(value: Any, factor: int) -> int | None:
    """A decimal as an integer of `1/factor`; further digits are rounded, half up.

    Args:
        value: a JSON number, or a text with a dot or a comma («501.0000», «4 590,5»).
        factor: 100 for kopecks, 1000 for thousandths.

    Returns:
        None for what is no decimal: two separators, letters, something else.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value * factor if abs(value) < 10**16 else None
    if isinstance(value, float):
        if value != value or abs(value) >= 1e15:  # noqa: PLR0124  the one value that is not itself
            return None
        decimal = Decimal(repr(value))
    elif isinstance(value, str):
        plain = _SPACES.sub("", value)
        if _DECIMAL.fullmatch(plain) is None:
            return None
        decimal = Decimal(plain.replace(",", "."))
    else:
        return None
    return int((decimal * factor).quantize(_ONE, ROUND_HALF_UP))


def roubles(kopecks: int) -> int | float:
    """An amount as a JSON number: whole roubles without a point."""
    whole, rest = divmod(kopecks, 100)
    return whole if rest == 0 else kopecks / 100


def pieces(milli: int) -> int | float:
    """A quantity as a JSON number."""
    whole, rest = divmod(milli, 1000)
    return whole if rest == 0 else milli / 1000


def moment(text: str, zone: ZoneInfo) -> datetime | None:
    """A time in the box's zone as an aware one; None for what is none."""
    try:
        read = datetime.fromisoformat(text.strip())
        aware = read if read.tzinfo is not None else read.replace(tzinfo=zone)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def day(text: str) -> date | None:
    """A day, with or without a time of day; None for what is none."""
    try:
        return datetime.fromisoformat(text.strip()).date()
    except ValueError:
        return None


def shown(at: datetime, zone: ZoneInfo) -> str:
    """A time as the wire has it."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
