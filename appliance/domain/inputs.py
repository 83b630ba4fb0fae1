"""How typed text becomes numbers, money, dates and order numbers.

Accepts what people type (comma or dot, spaces, a rouble sign, «завтра», «+3») and refuses what
could be read in two ways. Errors name no value: the text may be about a person.
"""

import re
from datetime import date, timedelta

from appliance.errors import Invalid

MAX_KOPECKS = 10**13  # 100 billion roubles: more is a slip of the hand
MAX_ORDER_DIGITS = 11

_SPACES = re.compile(r"[\s\u00a0\u202f\u2009']")
_AMOUNT = re.compile(r"([+-]?)(\d{1,15})(?:[.,](\d+))?", re.ASCII)
_RELATIVE = {
    "сегодня": 0, "завтра": 1, "послезавтра": 2, "вчера": -1,
    "today": 0, "tomorrow": 1, "yesterday": -1,
}  # fmt: skip
_WEEKDAYS = {
    "пн": 0, "вт": 1, "ср": 2, "чт": 3, "пт": 4, "сб": 5, "вс": 6,
    "mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6,
}  # fmt: skip
_ORDER = re.compile(r"(?:№|#|N)?(\d{1,11})", re.ASCII)
_DATE = re.compile(r"(\d{1,2})[./-](\d{1,2})(?:[./-](\d{2}|\d{4}))?", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_SOLID = re.compile(r"(\d{2})(\d{2})(\d{2}|\d{4})?", re.ASCII)


def _scaled(text: str, digits: int, unreadable: str, precision: str) -> int:
    """Read a decimal as an integer scaled by 10**digits.

    Further digits are refused even when they are zeros: «12,500» may be meant as thousands.
    """
    plain = _SPACES.sub("", text).replace("\u2212", "-")
    found = _AMOUNT.fullmatch(plain)
    if found is None:
        raise Invalid(unreadable)
    sign, whole, rest = found[1], found[2], found[3] or ""
    if len(rest) > digits:
        raise Invalid(precision)
    value = int(whole) * 10**digits + int(rest.ljust(digits, "0") or "0")
    return -value if sign == "-" else value


def money(text: str) -> int:
    """Read an amount of roubles: «4 590», «4590,5», «4590.50 ₽».

    Args:
        text: what was typed; two commas, or a comma and a dot together, are refused.

    Returns:
        Kopecks.

    Raises:
        Invalid: `money_unreadable`, `money_precision` (more than two digits after the
            comma) or `money_too_large`.
    """
    stripped = text.strip().removesuffix("₽").removesuffix("руб.").removesuffix("р.")
    kopecks = _scaled(stripped, 2, "money_unreadable", "money_precision")
    if abs(kopecks) > MAX_KOPECKS:
        raise Invalid("money_too_large")
    return kopecks


def quantity(text: str) -> int:
    """Read a quantity: «2», «0,5», «1.25».

    Returns:
        Thousandths.

    Raises:
        Invalid: `quantity_unreadable`, `quantity_precision`.
    """
    return _scaled(text, 3, "quantity_unreadable", "quantity_precision")


def percent(text: str) -> int:
    """Read a percentage: «12,5», «12.5 %».

    Returns:
        Hundredths of a percent.

    Raises:
        Invalid: `percent_unreadable`, `percent_precision`.
    """
    return _scaled(text.strip().removesuffix("%"), 2, "percent_unreadable", "percent_precision")


def order_number(text: str) -> int:
    """Read an order number: «10-4821», «№ 10-4821», «#104821».

    Returns:
        The stored number, at most 11 digits.

    Raises:
        Invalid: `order_number_unreadable`.
    """
    found = _ORDER.fullmatch(_SPACES.sub("", text).replace("-", ""))
    if found is None or int(found[1]) == 0:
        raise Invalid("order_number_unreadable")
    return int(found[1])


def day(text: str, today: date) -> date:
    """Read a date: «21.11», «211126», «21/11/26», «завтра», «пт», «+3», «2026-11-21».

    Args:
        text: what was typed.
        today: in the box's zone; a date without a year belongs to this year, a weekday is the
            next one (today's own name means a week from now).

    Raises:
        Invalid: `date_unreadable`.
    """
    plain = text.strip().lower().removesuffix(".")
    if plain in _RELATIVE:
        return _shifted(today, _RELATIVE[plain])
    if plain in _WEEKDAYS:
        return today + timedelta(days=(_WEEKDAYS[plain] - today.weekday() - 1) % 7 + 1)
    if re.fullmatch(r"[+-][0-9]{1,4}", plain):
        return _shifted(today, int(plain))
    iso = _ISO.fullmatch(plain)
    if iso:
        return _made(int(iso[1]), int(iso[2]), int(iso[3]))
    found = _DATE.fullmatch(plain) or _SOLID.fullmatch(plain)
    if found is None:
        raise Invalid("date_unreadable")
    year = today.year if not found[3] else int(found[3]) + (2000 if len(found[3]) == 2 else 0)
    return _made(year, int(found[2]), int(found[1]))


def _shifted(today: date, days: int) -> date:
    try:
        return today + timedelta(days=days)
    except OverflowError as problem:
        raise Invalid("date_unreadable") from problem


def _made(year: int, month: int, day_of_month: int) -> date:
    try:
        return date(year, month, day_of_month)
    except ValueError as problem:
        raise Invalid("date_unreadable") from problem
