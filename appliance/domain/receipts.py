"""Fiscal receipts (54-FZ): lines that add up to the kopeck, and how far each receipt came."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

LONGEST_NAME: Final = 128
"""Characters of a line's name (tag 1030 of the fiscal format)."""
_WHOLE: Final = 1000


class ReceiptKind(StrEnum):
    """What a receipt is of."""

    PAYMENT = "payment"
    REFUND = "refund"
    HAND_OVER = "hand_over"  # the second one: what was prepaid is handed over


class Mode(StrEnum):
    """How the line is paid (tag 1214)."""

    FULL_PREPAYMENT = "full_prepayment"
    PARTIAL_PREPAYMENT = "partial_prepayment"
    FULL_PAYMENT = "full_payment"


class Subject(StrEnum):
    """What the line is (tag 1212)."""

    COMMODITY = "commodity"
    SERVICE = "service"


class ReceiptState(StrEnum):
    """How far a receipt came."""

    WAITING = "waiting"  # the plugin has it, or will
    DONE = "done"
    FAILED = "failed"  # refused: an alarm with legal weight


class Bare(NamedTuple):
    """A payment that has no receipt."""

    payment_id: UUID
    number: int
    order_id: UUID
    order_number: int
    shown_number: str
    kind: str
    amount: int
    paid_at: datetime
    failed: bool


class ReceiptLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line: `price` is of one unit; price times quantity is exact.

    Attributes:
        vat: hundredths of a percent; None: without VAT.
        mark: marking code of the one piece that the line is, raw: with the separators (0x1D) its
            label holds; empty: the goods bear none, or their codes do not leave by this receipt.
    """

    name: str
    quantity_milli: int
    price: int
    vat: int | None = None
    subject: Subject = Subject.COMMODITY
    mode: Mode = Mode.FULL_PAYMENT
    mark: str = ""

    @property
    def total(self) -> int:
        """Kopecks of the line."""
        return self.price * self.quantity_milli // _WHOLE


class Sold(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an order as it was sold: `total` is what it costs after every discount.

    Attributes:
        marks: marking codes of its pieces, as far as they are known.
    """

    name: str
    quantity_milli: int
    total: int
    vat: int | None = None
    subject: Subject = Subject.COMMODITY
    marks: tuple[str, ...] = ()


class ReceiptView(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt.

    Attributes:
        told: number of the fiscal document, typed in or from the plugin.
        plugin: that makes it; empty: an own till's, typed in.
    """

    id: UUID
    order_id: UUID
    payment_id: UUID | None
    kind: ReceiptKind
    state: ReceiptState
    total: int
    told: str
    plugin: str
    reason: str
    made_by: int
    at: datetime
    vendor_id: str = ""


def lines_for(sold: Sequence[Sold], amount: int, mode: Mode) -> tuple[ReceiptLine, ...]:
    """Lines of a receipt over so much of what was sold; together they are `amount` exactly.

    Where the amount is not what the lines cost (a part, an overpaid order), each line takes its
    share; what is left over by rounding goes to the largest remainders. A line whose sum does not
    divide by its pieces is split in two. Codes of marked pieces go out of circulation when all is
    handed over and paid: each is then a line of its own (tag 1163); of a part nobody can say which
    pieces it is for.
    """
    whole = sum(one.total for one in sold)
    if not sold or whole <= 0 or amount <= 0:
        return ()
    shares = [amount * one.total // whole for one in sold]
    rests = sorted(range(len(sold)), key=lambda at: (-(amount * sold[at].total % whole), at))
    for at in rests[: amount - sum(shares)]:
        shares[at] += 1
    found: list[ReceiptLine] = []
    leaves = amount == whole and mode is Mode.FULL_PAYMENT
    for one, share in zip(sold, shares, strict=True):
        lines = _split(one, share, mode)
        found += _marked(lines, one.marks) if leaves and one.marks else lines
    return tuple(found)


def _marked(lines: Sequence[ReceiptLine], marks: Sequence[str]) -> list[ReceiptLine]:
    """The same lines with a line for each piece whose code is known, and the rest as it was."""
    left = list(marks)
    found: list[ReceiptLine] = []
    for one in lines:
        pieces = one.quantity_milli // _WHOLE
        for _ in range(min(pieces, len(left))):
            found.append(msgspec.structs.replace(one, quantity_milli=_WHOLE, mark=left.pop(0)))
            pieces -= 1
        if pieces:
            found.append(msgspec.structs.replace(one, quantity_milli=pieces * _WHOLE))
    return found


def _split(one: Sold, share: int, mode: Mode) -> list[ReceiptLine]:
    """A line's sum as pieces: 100 kopecks for three are two of 33 and one of 34."""
    if share <= 0:
        return []

    def line(milli: int, price: int, name: str = one.name) -> ReceiptLine:
        return ReceiptLine(
            name=name[:LONGEST_NAME],
            quantity_milli=milli,
            price=price,
            vat=one.vat,
            subject=one.subject,
            mode=mode,
        )

    pieces, part = divmod(one.quantity_milli, _WHOLE)
    if part or pieces <= 0:
        # 1,234 kg have no price that is exact: sold as one portion.
        return [line(_WHOLE, share)]
    price, dearer = divmod(share, pieces)
    if not price:  # less than a kopeck a piece
        return [line(_WHOLE, share)]
    cheap = [line((pieces - dearer) * _WHOLE, price)] if pieces > dearer else []
    return cheap + ([line(dearer * _WHOLE, price + 1)] if dearer else [])


def mode_of(*, whole: bool, delivered: bool) -> Mode:
    """How money is taken: before the goods are handed over, or with them."""
    if delivered:
        return Mode.FULL_PAYMENT
    return Mode.FULL_PREPAYMENT if whole else Mode.PARTIAL_PREPAYMENT
