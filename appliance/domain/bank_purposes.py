"""What the purpose of a bank payment names: bills and orders of ours."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from appliance.domain.bank_files import day_of

_NUMBER: Final = r"[0-9A-Za-zА-Яа-яЁё][0-9A-Za-zА-Яа-яЁё/_-]*"
# «счёт 15», «сч.№ ТД-15», «по счетам №№ 15, 16»; счёт-фактура is another paper.
_BILL: Final = re.compile(
    r"\bсч(?:[её]т\w*|\.)?\s*(?!-?\s*фактур|/\s*ф|-\s*ф)(?:-?\s*(?:оферт|договор)\w*\s*)?"
    r"(?:на\s+оплату\s*)?(?:№+|N[оo°]?\.?|#)?\s*"
    rf"(?P<first>{_NUMBER})(?P<rest>(?:\s*(?:,|;|\bи\b)\s*(?:№|N)?\s*{_NUMBER}(?![.\d]))*)",
    re.IGNORECASE,
)
_ORDER: Final = re.compile(
    rf"\bзак(?:аз\w*|\.)\s*(?:№+|N[оo°]?\.?|#)?\s*(?P<first>{_NUMBER})", re.IGNORECASE
)
_DAY: Final = re.compile(r"\s*(?:г\.?\s*)?от\s*(\d{2}\.\d{2}\.\d{4})")
_PIECE: Final = re.compile(_NUMBER)
_MOST: Final = 20


class Named(NamedTuple):
    """What a purpose names.

    Attributes:
        bills: numbers of bills as typed, without doubles.
        day: of the bill, where one bill is named with its day.
        orders: numbers of orders as typed.
    """

    bills: tuple[str, ...]
    day: date | None
    orders: tuple[str, ...]


def named_in(purpose: str) -> Named:
    """Read a purpose.

    >>> named_in("Оплата по счёту № ТД-15 от 01.10.2026, в т.ч. НДС 22 %").bills
    ('ТД-15',)
    >>> named_in("Оплата по счетам №№ 15, 16 и 17").bills
    ('15', '16', '17')
    >>> named_in("Оплата по сч/ф 8, счет-фактура 9. Перевод на счет 40702810638000000000").bills
    ()
    >>> named_in("За заказ №1044").orders
    ('1044',)
    """
    bills: list[str] = []
    days: list[date] = []
    for found in _BILL.finditer(purpose):
        bills += _numbers((found["first"], *_PIECE.findall(found["rest"])))
        day = _DAY.match(purpose, found.end())
        if day is not None and (read := day_of(day[1])) is not None:
            days.append(read)
    unlike = tuple(dict.fromkeys(bills))[:_MOST]
    orders = _numbers([found["first"] for found in _ORDER.finditer(purpose)])
    return Named(
        unlike,
        days[0] if len(unlike) == 1 and len(days) == 1 else None,
        tuple(dict.fromkeys(orders))[:_MOST],
    )


def _numbers(pieces: Sequence[str]) -> list[str]:
    """Those that look like a number of ours: a digit in it, and no bank account."""
    return [
        bare
        for one in pieces
        if (bare := one.strip("-_/"))
        and any(sign.isdigit() for sign in bare)
        and len(bare) <= 32
        and not (bare.isdigit() and len(bare) >= 16)
    ]


def spellings(typed: str, prefixes: Sequence[str]) -> tuple[str, ...]:
    """How a bill's number may stand with us: as typed, in capitals, behind one of our prefixes.

    >>> spellings("тд-15", ("ТД-",)), spellings("15", ("ТД-", ""))
    (('тд-15', 'ТД-15'), ('15', 'ТД-15'))
    """
    found = [typed, typed.upper()]
    if typed.isdigit():
        found += [prefix + typed for prefix in prefixes]
    return tuple(dict.fromkeys(found))
