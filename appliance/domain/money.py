"""Money of an order: how it is to be paid, how far a payment came, and the internal account."""

from enum import StrEnum

import msgspec


class Stage(StrEnum):
    """How far one payment came."""

    ISSUED = "issued"  # an invoice or a link was sent
    WAITING = "waiting"
    PAID = "paid"
    FAILED = "failed"
    REFUNDED = "refunded"


class Scheme(StrEnum):
    """When an order is to be paid; an order without one has none agreed."""

    PREPAY = "prepay"
    PART = "part"
    RECEIPT = "receipt"


INTERNAL = "internal-account"
"""Code of the way to pay from the client's own account."""


class Entry(StrEnum):
    """Why an internal account moved."""

    TOP_UP = "top_up"
    SPEND = "spend"
    REFUND = "refund"


class Payer(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Blob of `payment.payer`: who really paid, as the bank or the till tells.

    Attributes:
        card: the mask of a card, never its number.
        account: that the money came from.
        reference: of the payment itself: number of a bank's document, id at an acquirer.
        purpose: what the payer wrote.
    """

    v: int = 1
    name: str = ""
    inn: str = ""
    card: str = ""
    account: str = ""
    reference: str = ""
    purpose: str = ""


_ISSUED = frozenset({"invoice", "payment-start"})
_FAILED = frozenset({"fail", "canceled"})


def stage_of(status: str, amount: int, refunded: int, *, complete: bool) -> Stage:
    """How far a payment came.

    Args:
        status: its code.
        amount: kopecks; a refund is negative.
        refunded: what was given back of it.
        complete: money in this state counts as received or given back.
    """
    if complete:
        gone = amount < 0 or (refunded >= amount > 0) or status == "refunded"
        return Stage.REFUNDED if gone else Stage.PAID
    if status in _FAILED:
        return Stage.FAILED
    return Stage.ISSUED if status in _ISSUED else Stage.WAITING


def card_mask(typed: str) -> str:
    """The last four digits of a card and nothing else of it; empty where there are fewer.

    >>> card_mask("4276 1234 5678 9012")
    '•••• 9012'
    """
    digits = [one for one in typed if one.isdigit()]
    return f"•••• {''.join(digits[-4:])}" if len(digits) >= 4 else ""
