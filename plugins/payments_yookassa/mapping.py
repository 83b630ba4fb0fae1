"""What YooKassa's words mean to the box: data, so that a new word is a new line."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple, cast

from appliance.domain.receipts import Mode, ReceiptLine, Subject
from appliance.plugin_api.pays import State

STATES: Final[Mapping[str, State]] = {
    "pending": "pending",
    "waiting_for_capture": "authorized",
    "succeeded": "paid",
}
CANCELLED: Final[Mapping[str, State]] = {
    "expired_on_confirmation": "expired",
    "expired_on_capture": "cancelled",
    "canceled_by_merchant": "cancelled",
}
"""Reason of a payment that was cancelled → state; any other one is a failure."""
WAYS: Final[Mapping[str, str]] = {
    "bank_card": "bank-card",
    "sbp": "sbp",
    "sberbank": "bank-card",
    "tinkoff_bank": "bank-card",
    "yoo_money": "e-money",
    "sber_loan": "credit",
    "sber_bnpl": "credit",
    "b2b_sberbank": "bank-transfer",
    "cash": "cash",
}
"""Method of payment → code of the box's list."""
RECEIPTS: Final[Mapping[str, str]] = {
    "pending": "waiting",
    "succeeded": "done",
    "canceled": "failed",
}
REFUNDS: Final[Mapping[str, str]] = {
    "pending": "pending",
    "succeeded": "done",
    "canceled": "failed",
}


class Vat(NamedTuple):
    """A code of YooKassa's for a rate; `since`: from which day the rate may stand on a receipt."""

    percent: int | None
    plain: int
    calculated: int
    since: date = date(2019, 1, 1)


VATS: Final = (
    Vat(None, 1, 1),
    Vat(0, 2, 2),
    Vat(1000, 3, 5),
    Vat(2000, 4, 6),
    Vat(500, 7, 9, date(2025, 1, 1)),
    Vat(700, 8, 10, date(2025, 1, 1)),
    Vat(2200, 11, 12, date(2026, 1, 1)),
)
"""Rates in hundredths of a percent; `calculated` is the twin (22/122) of money that is prepaid."""


def vat_code(percent: int | None, mode: Mode, day: date) -> int | None:
    """YooKassa's code; None: it knows no such rate on that day.

    >>> vat_code(2200, Mode.FULL_PAYMENT, date(2026, 5, 1))
    11
    >>> vat_code(2200, Mode.FULL_PREPAYMENT, date(2026, 5, 1))
    12
    >>> vat_code(2200, Mode.FULL_PAYMENT, date(2025, 5, 1)) is None
    True
    """
    for one in VATS:
        if one.percent == percent and one.since <= day:
            return one.plain if mode is Mode.FULL_PAYMENT else one.calculated
    return None


def state_of(payment: Mapping[str, Any]) -> tuple[State | None, str]:
    """State and reason of a payment; None: a word that nobody knows."""
    status = str(payment.get("status", ""))
    if status != "canceled":
        return STATES.get(status), ""
    reason = str(part_of(payment.get("cancellation_details")).get("reason", ""))
    return CANCELLED.get(reason, "failed"), reason


def part_of(value: Any) -> Mapping[str, Any]:
    """An object inside an answer; empty where there is none, or something else."""
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def money(kopecks: int) -> dict[str, str]:
    """A sum as it stands on the wire: never a float.

    >>> money(459_005)
    {'value': '4590.05', 'currency': 'RUB'}
    """
    return {"value": f"{kopecks // 100}.{kopecks % 100:02}", "currency": "RUB"}


def kopecks_of(amount: Any) -> int | None:
    """A sum off the wire; None: none of roubles.

    >>> kopecks_of({"value": "4590.05", "currency": "RUB"}), kopecks_of({"value": "1"})
    (459005, None)
    """
    given = part_of(amount)
    whole, _, rest = str(given.get("value", "")).partition(".")
    if given.get("currency") != "RUB" or not whole.isdecimal() or len(rest) > 2:
        return None
    if rest and not rest.isdecimal():
        return None
    return int(whole) * 100 + int(rest.ljust(2, "0") or "0")


LONGEST_MARK: Final = 200
"""Characters of a marking code in the format GS1.M, by the description."""


def items(lines: Sequence[ReceiptLine], day: date) -> list[dict[str, Any]] | None:
    """Lines of a receipt; None: a rate that YooKassa has no code for."""
    found: list[dict[str, Any]] = []
    for one in lines:
        code = vat_code(one.vat, one.mode, day)
        if code is None:
            return None
        item: dict[str, Any] = {
            "description": one.name[:128],
            "quantity": one.quantity_milli // 1000,
            "amount": money(one.price),
            "vat_code": code,
            "payment_subject": "service" if one.subject is Subject.SERVICE else "commodity",
            "payment_mode": one.mode.value,
            "measure": "piece",
        }
        if one.mark:
            # A code as its label holds it, separators and all (tags 1163, 1305 and 2102).
            marked = {"gs_1m": one.mark[:LONGEST_MARK]}
            item |= {"payment_subject": "marked", "mark_mode": "0", "mark_code_info": marked}
        found.append(item)
    return found
