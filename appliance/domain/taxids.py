"""Numbers of Russian registers and banks, with their check digits.

INN: ten digits of a company, twelve of a person (order MMV-7-6/435@). KPP: nine signs (the same).
OGRN: thirteen digits, OGRNIP fifteen (order 165n of 30.10.2017). BIK: nine digits (5187-U). The key
of an account is the Bank of Russia's of 08.09.1997 (order 515).
"""

import re

from appliance.domain.phones import digits_of

_KPP = re.compile(r"(?!00)[0-9]{4}[0-9A-Z]{2}[0-9]{3}", re.ASCII)
_BIK = re.compile(r"0[0124][0-9]{7}", re.ASCII)
_KEY = (7, 1, 3)
_CENTRAL = ("000", "001", "002")
"""Endings of a BIK whose accounts lie at the Bank of Russia itself."""
_WEIGHTS_10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_WEIGHTS_11 = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_WEIGHTS_12 = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)


def _check(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=False)) % 11 % 10


def normalise_inn(typed: str) -> str | None:
    """Digits of a correct INN, or None.

    >>> normalise_inn("7707083893")
    '7707083893'
    >>> normalise_inn("7707083894") is None
    True
    """
    digits = digits_of(typed)
    if len(digits) != len(typed.strip()) or digits.startswith("00"):
        return None  # no region has the code 00; zeros would pass every check
    if len(digits) == 10:
        right = int(digits[9]) == _check(digits, _WEIGHTS_10)
    elif len(digits) == 12:
        right = int(digits[10]) == _check(digits, _WEIGHTS_11) and int(digits[11]) == _check(
            digits, _WEIGHTS_12
        )
    else:
        right = False
    return digits if right else None


def normalise_kpp(typed: str) -> str | None:
    """The nine signs of a KPP, or None.

    >>> normalise_kpp("773601001")
    '773601001'
    >>> normalise_kpp("77360100") is None
    True
    """
    text = typed.strip().upper()
    return text if _KPP.fullmatch(text) else None


def normalise_ogrn(typed: str) -> str | None:
    """Digits of a correct OGRN (13) or OGRNIP (15), or None.

    >>> normalise_ogrn("1027700132195")
    '1027700132195'
    >>> normalise_ogrn("1027700132196") is None
    True
    """
    digits = digits_of(typed)
    if len(digits) != len(typed.strip()) or len(digits) not in (13, 15):
        return None
    right = int(digits[:-1]) % (len(digits) - 2) % 10  # 11 for an OGRN, 13 for an OGRNIP
    return digits if int(digits[-1]) == right and digits[0] != "0" else None


def normalise_bik(typed: str) -> str | None:
    """Digits of a BIK, or None.

    >>> normalise_bik("044525225")
    '044525225'
    >>> normalise_bik("944525225") is None
    True
    """
    text = typed.strip()
    return text if _BIK.fullmatch(text) else None


def _key_fits(text: str) -> bool:
    return sum(int(d) * _KEY[at % 3] % 10 for at, d in enumerate(text)) % 10 == 0


def normalise_account(typed: str, bik: str, *, correspondent: bool = False) -> str | None:
    """Digits of an account whose key fits its bank, or None.

    Args:
        typed: twenty digits; spaces between them are left out.
        bik: of the bank; without a correct one the key cannot be checked and is let through.
        correspondent: the bank's own account with the Bank of Russia.

    >>> normalise_account("30101810400000000225", "044525225", correspondent=True)
    '30101810400000000225'
    >>> normalise_account("30101810400000000226", "044525225", correspondent=True) is None
    True
    """
    digits = "".join(typed.split())
    if len(digits) != 20 or digits_of(digits) != digits:
        return None
    bank = normalise_bik(bik)
    if bank is None:
        return digits
    central = correspondent or bank[6:] in _CENTRAL or bank[:2] == "01"
    ahead = "0" + bank[4:6] if central else bank[6:]
    return digits if _key_fits(ahead + digits) else None
