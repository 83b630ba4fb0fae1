"""Numbers, days, yes and no as 1C bases spell them; the unreadable is None, never a guess."""

import re
from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

MOST = Decimal(10) ** 13
"""Larger figures are a mistake of the file: ten trillion roubles."""

YES = frozenset({"true", "1", "да", "истина", "yes"})
NO = frozenset({"false", "0", "нет", "ложь", "no"})

CURRENCIES = {
    "руб": "RUB",
    "руб.": "RUB",
    "рубль": "RUB",
    "р": "RUB",
    "р.": "RUB",
    "rub": "RUB",
    "rur": "RUB",
    "643": "RUB",
    "810": "RUB",
    "usd": "USD",
    "840": "USD",
    "eur": "EUR",
    "978": "EUR",
    "грн": "UAH",
    "uah": "UAH",
    "980": "UAH",
    "kzt": "KZT",
    "398": "KZT",
    "тенге": "KZT",
    "byn": "BYN",
    "933": "BYN",
}
"""Spellings seen in real files (reference 8.5)."""

_PLAIN = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,10})?")
_BLANKS = str.maketrans("", "", " \u00a0\u202f\u2009")
_GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
NO_CHARACTERISTIC = "00000000-0000-0000-0000-000000000000"


def number(text: str) -> Decimal | None:
    """A figure; a comma and blanks between thousands are taken as well."""
    text = text.strip()
    if not _PLAIN.fullmatch(text):
        text = text.translate(_BLANKS).replace(",", ".")
        if not _PLAIN.fullmatch(text):
            return None
    try:
        made = Decimal(text)
    except InvalidOperation:  # pragma: no cover - the pattern lets nothing of the kind through
        return None
    return made if abs(made) <= MOST else None


def kopecks(text: str) -> int | None:
    """A sum in kopecks, halves away from zero."""
    return _scaled(text, 100)


def milli(text: str) -> int | None:
    """A quantity in thousandths; a fourth decimal is rounded."""
    return _scaled(text, 1000)


def grams(text: str) -> int | None:
    """A weight, which 1C gives in kilograms."""
    return _scaled(text, 1000)


def _scaled(text: str, scale: int) -> int | None:
    found = number(text)
    if found is None:
        return None
    return int((found * scale).to_integral_value(ROUND_HALF_UP))


def truth(text: str) -> bool | None:
    """Yes, no, or None for an empty or unknown word."""
    word = text.strip().casefold()
    if word in YES:
        return True
    return False if word in NO else None


def currency(text: str) -> str:
    """The three-letter code; an unknown spelling is kept as it came."""
    clean = text.strip()
    return CURRENCIES.get(clean.casefold(), clean)


def day(text: str) -> date | None:
    """A day out of `yyyy-MM-dd`, with or without a time behind it, or of `dd.MM.yyyy`."""
    head = text.strip()[:10]
    try:
        if head[2:3] == ".":
            return date(int(head[6:10]), int(head[3:5]), int(head[0:2]))
        return date.fromisoformat(head)
    except ValueError:
        return None


def clock(text: str) -> time | None:
    """A time of day; hours may have one digit, fractions and zones are passed over."""
    head = text.strip().rpartition("T")[2].partition(".")[0].partition("+")[0]
    parts = head.split(":")
    if len(parts) not in (2, 3) or not all(one.isdigit() and len(one) <= 2 for one in parts):
        return None
    hours, minutes, seconds = (*map(int, parts), 0)[:3]
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    return time(hours, minutes, seconds)


def key(text: str) -> str:
    """What two spellings of one id have in common: GUIDs are the same in either case."""
    clean = text.strip()
    parts = clean.split("#")
    return "#".join(one.lower() if _GUID.fullmatch(one) else one for one in parts)


def characteristic(text: str) -> str:
    """An id of a characteristic; that of nulls means there is none."""
    clean = text.strip()
    return "" if clean == NO_CHARACTERISTIC else clean
