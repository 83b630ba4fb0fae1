"""Payments as acquirers' plugins see them: what they are asked for, and what they report.

The id of an attempt, a refund or a receipt is the key under which it is made at the other side
once, however often it is asked for. Whom a receipt goes to is asked for by `core.order`, so that
the hand-over is written down. Money is kopecks, quantities thousandths, times aware UTC.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from appliance.domain.personal import Personal
from appliance.domain.receipts import ReceiptLine

MOST_OPEN: Final = 200

State = Literal[
    "created",
    "pending",
    "authorized",
    "paid",
    "partly_refunded",
    "refunded",
    "cancelled",
    "expired",
    "failed",
]
"""Neutral states; `domain.paying.AttemptState` says what each means."""


class _Message(msgspec.Struct, frozen=True):
    """Unknown fields are ignored: a newer box may say more."""


class Done(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """An answer that says only that it was taken."""


class IdAsked(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """One record by id, or an attempt by the acquirer's own."""

    id: UUID | None = None
    vendor_id: str = ""


class OpenAsked(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """What the acquirer still has to do with: attempts behind a number, all refunds, receipts."""

    after: int = 0
    limit: int = 100


class Payment(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """An attempt as it is wanted now.

    Attributes:
        wished: `create`, `capture`, `cancel`, or empty: nothing is to be done. A wish that comes
            late must look at it first.
        lines: of the fiscal receipt; they add up to `amount`. Empty: the box makes none here.
        return_url: where the buyer comes back to; empty: the plugin's own setting says.
    """

    id: UUID
    number: int
    order_id: UUID
    order_number: str
    customer_id: UUID
    shop: str = ""
    account: str = ""
    state: str
    wished: str = ""
    amount: int
    paid: int = 0
    refunded: int = 0
    two_stage: bool = False
    vendor_id: str = ""
    lines: tuple[ReceiptLine, ...] = ()
    return_url: str = ""


class Refund(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """A refund as it is wanted now; `payment` is what it is of."""

    id: UUID
    state: str
    amount: int
    vendor_id: str = ""
    lines: tuple[ReceiptLine, ...] = ()
    payment: Payment


class Receipt(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """The second receipt: what was prepaid is handed over."""

    id: UUID
    state: str
    total: int
    vendor_id: str = ""
    lines: tuple[ReceiptLine, ...] = ()
    payment: Payment


class Found(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """What was found."""

    payments: tuple[Payment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    receipts: tuple[Receipt, ...] = ()


class PaymentReport(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """How a payment stands over there. None leaves a field alone; repeating changes nothing.

    Attributes:
        done: the deed that is done with: `create`, `capture`, `cancel`.
        state: None: nobody knows the acquirer's word `raw`: the attempt stays where it is.
        paid, refunded: in all, as the acquirer counts.
        way: code of the box's way to pay: `bank-card`, `sbp`, `e-money`.
        reason: a code of the plugin's texts: why it failed.
        receipt: `waiting`, `done` or `failed`, as the acquirer says of the payment's receipt.
        payer: who paid: `payer_name`, `payer_card` (a mask).
    """

    id: UUID
    done: str = ""
    state: State | None = None
    raw: str = ""
    account: str = ""
    vendor_id: str = ""
    url: str | None = None
    expires_at: datetime | None = None
    capture_by: datetime | None = None
    paid: int | None = None
    refunded: int | None = None
    way: str = ""
    reason: str = ""
    test: bool = False
    receipt: str = ""
    payer: Personal[dict[str, str]] | None = None


class RefundReport(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """How a refund stands: `pending`, `done`, `failed`."""

    id: UUID
    state: Literal["pending", "done", "failed"]
    vendor_id: str = ""
    reason: str = ""
    receipt: str = ""


class ReceiptReport(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """How a receipt stands; `told`: number of the fiscal document."""

    id: UUID
    state: Literal["waiting", "done", "failed"]
    vendor_id: str = ""
    told: str = ""
    reason: str = ""


class Pays:
    """`core.pays`: questions of this subject."""

    def __init__(self, call: Callable[[str, msgspec.Struct], Awaitable[Any]]) -> None:
        self._call = call

    async def payment(
        self, payment_id: UUID | None = None, *, vendor_id: str = ""
    ) -> Payment | None:
        """One attempt of the plugin's, as it is wanted now; None: there is none."""
        found: Found = await self._call("pays_payment", IdAsked(id=payment_id, vendor_id=vendor_id))
        return found.payments[0] if found.payments else None

    async def refund(self, refund_id: UUID) -> Refund | None:
        """One refund; None: there is none."""
        found: Found = await self._call("pays_refund", IdAsked(id=refund_id))
        return found.refunds[0] if found.refunds else None

    async def receipt(self, receipt_id: UUID) -> Receipt | None:
        """One receipt of hand-over; None: there is none."""
        found: Found = await self._call("pays_receipt", IdAsked(id=receipt_id))
        return found.receipts[0] if found.receipts else None

    async def open(self, after: int = 0, limit: int = 100) -> Found:
        """What is not at its end; ask again from the last payment's number."""
        return await self._call("pays_open", OpenAsked(after=after, limit=limit))

    async def report(self, report: PaymentReport) -> None:
        """Say how a payment stands, as it was read from the acquirer."""
        await self._call("pays_report", report)

    async def report_refund(self, report: RefundReport) -> None:
        """Say how a refund stands."""
        await self._call("pays_report_refund", report)

    async def report_receipt(self, report: ReceiptReport) -> None:
        """Say how a receipt stands."""
        await self._call("pays_report_receipt", report)
