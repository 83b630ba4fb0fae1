"""The square code of an invoice that a bank's app reads (GOST R 56042-2014), as a text."""

from collections.abc import Sequence
from typing import Final

HEAD: Final = "ST00012"
"""Standard, version 0001, encoding 2: UTF-8 (5.2)."""
_MARK: Final = "|"
LONGEST_PURPOSE: Final = 210
"""Characters of `Purpose`, as in a payment order (table 2)."""


def payment_text(
    *,
    name: str,
    account: str,
    bank: str,
    bik: str,
    corr_account: str,
    kopecks: int,
    purpose: str,
    inn: str = "",
    kpp: str = "",
) -> str:
    """Head, the five required fields in the order of table 1, then those we know of table 2.

    The separator cannot stand inside a value; it is left out of it.

    >>> payment_text(name="ИП", account="4", bank="Б", bik="0", corr_account="3",
    ...     kopecks=459_000, purpose="Оплата")
    'ST00012|Name=ИП|PersonalAcc=4|BankName=Б|BIC=0|CorrespAcc=3|Sum=459000|Purpose=Оплата'
    """
    fields: Sequence[tuple[str, str]] = (
        ("Name", name[:160]),
        ("PersonalAcc", account),
        ("BankName", bank[:45]),
        ("BIC", bik),
        # A treasury's account has no correspondent one: the field is required, and is then 0.
        ("CorrespAcc", corr_account or "0"),
        ("Sum", str(kopecks) if kopecks > 0 else ""),
        ("Purpose", purpose[:LONGEST_PURPOSE]),
        ("PayeeINN", inn),
        ("KPP", kpp),
    )
    told = [f"{key}={value.replace(_MARK, ' ').strip()}" for key, value in fields if value]
    return _MARK.join([HEAD, *told])
