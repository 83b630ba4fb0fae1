"""Telephone numbers: one normal form, so that two spellings meet in one client."""

import re
import unicodedata
from typing import NamedTuple

import phonenumbers

TAIL_DIGITS = 10  # what shops compare by: the national number without 8, +7 or 0

_EXTENSION = re.compile(
    r"(?:,\s*)?(?:добавочный|доб|внутренний|внутр|вн|;ext=|ext|x|#)\.?\s*([0-9]{1,6})\s*$",
    re.IGNORECASE,
)
_ALLOWED = re.compile(r"[0-9\s()+\-‐‑–—./]*")


class Phone(NamedTuple):
    """A number that could be read.

    Attributes:
        e164: `+79120001234`.
        tail: its last ten digits (fewer for short numbers), for matching spellings.
        extension: digits after «доб.», may be empty.
    """

    e164: str
    tail: str
    extension: str = ""


def digits_of(text: str) -> str:
    """Only the ASCII digits of a text."""
    return "".join(c for c in text if "0" <= c <= "9")


def _parse(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normalise(typed: str, region: str = "RU") -> Phone | None:
    """Read a number as typed by a person or a shop; None if it cannot be read.

    A number without a plus is read as of `region` first, then as international: a country is
    guessed only where the digits leave one reading.

    >>> normalise("8 (912) 000-12-34").e164
    '+79120001234'
    >>> normalise("9120001234").e164 == normalise("+7 912 000 12 34").e164
    True
    >>> normalise("380981234567").tail == normalise("098 123-45-67", "UA").tail
    True
    >>> normalise("8 800 555-35-35").e164
    '+78005553535'
    >>> normalise("+8 912 000-12-34") == normalise("8 912 000-12-34")
    True
    >>> normalise("00 380 98 123-45-67").e164
    '+380981234567'
    >>> normalise("восемь девятьсот") is None
    True
    """
    extension = ""
    body = unicodedata.normalize("NFKC", typed).strip()  # wide digits are digits, others are not
    if found := _EXTENSION.search(body):
        extension, body = found.group(1), body[: found.start()]
    if not _ALLOWED.fullmatch(body):
        return None
    digits = digits_of(body)
    if not 5 <= len(digits) <= 15:  # E.164: at most 15
        return None
    plus = body.lstrip().startswith("+")
    e164 = _parse(("+" if plus else "") + digits, region) or _parse("+" + digits, region)
    if not e164 and plus and digits.startswith("8"):
        e164 = _parse(digits, region)  # «+8 912…»: the way out of the city with a plus before it
    if not e164 and digits.startswith("00"):
        e164 = _parse("+" + digits[2:], region)  # as abroad: 00 and the country
    if not e164:
        return None
    return Phone(e164, digits_of(e164)[-TAIL_DIGITS:], extension)


def sms_trouble(e164: str) -> str:
    """Why no text message can reach a number, as a code; empty: it can.

    Services take money for such a message all the same, so it is refused before.

    >>> sms_trouble("+79120001234"), sms_trouble("+78005553535"), sms_trouble("+74822321234")
    ('', 'phone_free', 'phone_landline')
    """
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return "phone_unreadable"
    kind = phonenumbers.number_type(number)
    if kind in (
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    ):
        return ""
    if kind == phonenumbers.PhoneNumberType.TOLL_FREE:
        return "phone_free"
    return "phone_landline"


def tail_of(typed: str) -> str:
    """The last ten digits of anything that has at least ten; else empty.

    Lets a number that could not be read still meet its twin.
    """
    digits = digits_of(typed)
    return digits[-TAIL_DIGITS:] if len(digits) >= TAIL_DIGITS else ""
