"""What the plugin does at YooKassa, and what it tells the box of it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from appliance.domain.personal import Personal
from appliance.domain.receipts import ReceiptLine
from appliance.plugin_api.calls import utc_now
from appliance.plugin_api.core import Core
from appliance.plugin_api.outcomes import Permanent
from appliance.plugin_api.pays import (
    Payment,
    PaymentReport,
    Receipt,
    ReceiptReport,
    Refund,
    RefundReport,
)
from plugins.payments_yookassa.client import Body, Refused, Shop
from plugins.payments_yookassa.hearing import OWN, own_id
from plugins.payments_yookassa.mapping import (
    RECEIPTS,
    REFUNDS,
    WAYS,
    items,
    kopecks_of,
    money,
    part_of,
    state_of,
)

__all__ = ["kopecks_of"]

MOST_LINES: Final = {"yookassa": 80, "register": 100}
BEFORE: Final = timedelta(days=2)
"""How far back a payment is looked for before it is made again."""
STATES: Final = frozenset({"pending", "done", "failed"})
_told: Final[set[tuple[UUID, str]]] = set()
"""What the journal was told of payments that every look meets anew."""


async def pay(core: Core, shop: Shop, payment: Payment, deed: str) -> None:
    """Make a link, take held money, or let it go back."""
    try:
        if deed == "create":
            await _create(core, shop, payment)
        elif deed == "capture":
            said = await shop.capture(core, payment.vendor_id, payment.id)
            await tell(core, shop, payment, said, done=deed)
        elif deed == "cancel":
            said = await shop.cancel(core, payment.vendor_id, payment.id)
            await tell(core, shop, payment, said, done=deed)
    except Refused as error:
        if deed == "create":
            await _failed(core, shop, payment, "refused", error.parameter)
            return
        # It may have been done already, or its time is over: what it is now decides.
        said = await shop.payment(core, payment.vendor_id)
        if said is None:
            raise Permanent("payment_unknown") from None
        await tell(core, shop, payment, said, done=deed)


async def _create(core: Core, shop: Shop, payment: Payment) -> None:
    if core.attempt > 1 and (known := await _made_before(core, shop, payment)) is not None:
        await tell(core, shop, payment, known, done="create")
        return
    body: dict[str, Any] = {
        "amount": money(payment.amount),
        "capture": not payment.two_stage,
        "confirmation": {
            "type": "redirect",
            "return_url": payment.return_url or str(shop.account.settings["return_url"]),
        },
        "description": f"Оплата заказа № {payment.order_number}"[:128],
        "metadata": {OWN: str(payment.id)},
    }
    told = await _receipt(core, shop, payment, payment.lines)
    if isinstance(told, str):
        await _failed(core, shop, payment, told)
        return
    if told is not None:
        body["receipt"] = told
    said = await shop.create(core, payment.id, body)
    await tell(core, shop, payment, said, done="create")


async def _made_before(core: Core, shop: Shop, payment: Payment) -> Body | None:
    """The payment, where an earlier try made it and its answer was lost.

    The key of idempotence is kept for a day only; the list is kept for ever.
    """
    since = (utc_now() - BEFORE).isoformat(timespec="seconds").replace("+00:00", "Z")
    for one in await shop.payments(core, since):
        if own_id(one) == payment.id:
            return one
    return None


async def _failed(
    core: Core, shop: Shop, payment: Payment, reason: str, parameter: str = ""
) -> None:
    await core.journal(
        "payment_refused", direction="out", state="bad", account=shop.account.code,
        order=payment.order_number, parameter=parameter[:64] or "—",
    )  # fmt: skip
    await core.pays.report(
        PaymentReport(
            id=payment.id,
            done="create",
            state="failed",
            reason=reason,
            account=shop.account.code,
        )
    )


async def _receipt(
    core: Core, shop: Shop, payment: Payment, lines: Sequence[ReceiptLine]
) -> dict[str, Any] | str | None:
    """The receipt of a payment; None: none is made here; a code: why there can be none."""
    by = str(shop.account.settings.get("receipts") or "none")
    if by == "none":
        return None
    made = items(lines, utc_now().date())
    if made is None:
        return "vat_unknown"
    if not made or len(made) > MOST_LINES.get(by, 0):
        return "receipt_lines"
    customer = await _customer(core, payment, by)
    if not customer:
        return "receipt_contact"
    told: dict[str, Any] = {"customer": customer, "items": made}
    system = int(str(shop.account.settings.get("tax_system") or "0"))
    if system and by == "register":
        told["tax_system_code"] = system
    return told


async def _customer(core: Core, payment: Payment, by: str) -> dict[str, str]:
    """How the buyer gets the receipt: the e-mail; to an own register the phone will do."""
    order = await core.order(
        payment.order_id, fields=("customer.email", "customer.phone"), purpose="payment"
    )
    if order is None:
        return {}
    if order.email is not None and order.email.reveal():
        return {"email": order.email.reveal()}
    if by == "register" and order.phone is not None:
        digits = "".join(sign for sign in order.phone.reveal() if sign.isdigit())
        if digits:
            return {"phone": f"7{digits[1:]}" if digits.startswith("8") else digits}
    return {}


async def look_at(core: Core, shop: Shop, payment: Payment, vendor_id: str) -> None:
    """Read a payment anew and tell the box what it is now."""
    said = await shop.payment(core, vendor_id)
    if said is None:
        await core.journal(
            "payment_unknown", direction="in", state="warn", account=shop.account.code
        )
        return
    await tell(core, shop, payment, said)


async def tell(core: Core, shop: Shop, payment: Payment, said: Body, *, done: str = "") -> None:
    """Tell the box how a payment stands, if it is the one that was asked for."""
    amount, state, reason = kopecks_of(said.get("amount")), *state_of(said)
    account_id = str(part_of(said.get("recipient")).get("account_id", shop.shop_id))
    if own_id(said) != payment.id or account_id != shop.shop_id:
        if _is_news(payment, "mismatch"):
            await core.journal(
                "payment_mismatch", direction="in", state="bad", account=shop.account.code,
                order=payment.order_number,
            )  # fmt: skip
        return
    if state == "paid" and (amount is None or amount > payment.amount):
        if _is_news(payment, "mismatch"):
            await core.journal(
                "payment_mismatch", direction="in", state="bad", account=shop.account.code,
                order=payment.order_number,
            )  # fmt: skip
        return
    raw = str(said.get("status", ""))[:64]
    if state is None and _is_news(payment, raw):
        await core.journal(
            "status_unknown", direction="in", state="warn", account=shop.account.code, status=raw
        )
    url = part_of(said.get("confirmation")).get("confirmation_url")
    await core.pays.report(
        PaymentReport(
            id=payment.id,
            done=done,
            state=state,
            raw=raw,
            account=shop.account.code,
            vendor_id=str(said.get("id", ""))[:64],
            url=None if url is None else str(url),
            capture_by=_moment(said.get("expires_at")) if state == "authorized" else None,
            paid=amount if state == "paid" else None,
            refunded=kopecks_of(said.get("refunded_amount")),
            way=WAYS.get(str(part_of(said.get("payment_method")).get("type", "")), ""),
            reason=reason[:64],
            test=bool(said.get("test")),
            receipt=RECEIPTS.get(str(said.get("receipt_registration", "")), ""),
            payer=_payer(said),
        )
    )


def _is_news(payment: Payment, what: str) -> bool:
    """Whether this is said of a payment for the first time since the plugin began."""
    is_news = (payment.id, what) not in _told
    _told.add((payment.id, what))
    return is_news


def _payer(said: Body) -> Personal[dict[str, str]] | None:
    """A mask of the card and nothing else of it."""
    card = part_of(part_of(said.get("payment_method")).get("card"))
    last = str(card.get("last4", ""))
    return Personal({"payer_card": last}) if last else None


def _moment(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# --- refunds ---


async def give_back(core: Core, shop: Shop, refund: Refund) -> None:
    """Give money back."""
    body: dict[str, Any] = {
        "payment_id": refund.payment.vendor_id,
        "amount": money(refund.amount),
        "description": f"Возврат по заказу № {refund.payment.order_number}"[:250],
        "metadata": {OWN: str(refund.id)},
    }
    told = await _receipt(core, shop, refund.payment, refund.lines)
    if isinstance(told, dict):
        body["receipt"] = told
    try:
        said = await shop.refund(core, refund.id, body)
    except Refused as error:
        await core.journal(
            "refund_refused", direction="out", state="bad", account=shop.account.code,
            order=refund.payment.order_number, parameter=error.parameter[:64] or "—",
        )  # fmt: skip
        await core.pays.report_refund(RefundReport(id=refund.id, state="failed", reason="refused"))
        return
    await _tell_refund(core, refund, said)


async def follow_refund(core: Core, shop: Shop, refund: Refund) -> None:
    """Read a refund anew: YooKassa sends no word of one that it refuses."""
    if not refund.vendor_id:
        return
    said = await shop.read_refund(core, refund.vendor_id)
    if said is not None:
        await _tell_refund(core, refund, said)


async def look_at_refund(core: Core, shop: Shop, payment: Payment, vendor_id: str) -> None:
    """Read a refund that a notification speaks of; one made in the cabinet is the payment's."""
    said = await shop.read_refund(core, vendor_id)
    if said is None or said.get("payment_id") != payment.vendor_id:
        await core.journal(
            "payment_unknown", direction="in", state="warn", account=shop.account.code
        )
        return
    own = own_id(said)
    refund = None if own is None else await core.pays.refund(own)
    if refund is not None:
        await _tell_refund(core, refund, said)
    else:
        await look_at(core, shop, payment, payment.vendor_id)


async def _tell_refund(core: Core, refund: Refund, said: Body) -> None:
    state = REFUNDS.get(str(said.get("status", "")), "")
    if state not in STATES or kopecks_of(said.get("amount")) != refund.amount:
        raw = str(said.get("status", ""))[:64]
        await core.journal("status_unknown", direction="in", state="warn", status=raw or "—")
        return
    await core.pays.report_refund(
        RefundReport(
            id=refund.id,
            state=state,  # pyright: ignore[reportArgumentType] - one of the three, just seen
            vendor_id=str(said.get("id", ""))[:64],
            reason=str(part_of(said.get("cancellation_details")).get("reason", ""))[:64],
            receipt=RECEIPTS.get(str(said.get("receipt_registration", "")), ""),
        )
    )


# --- second receipts ---


async def hand_over(core: Core, shop: Shop, receipt: Receipt) -> None:
    """Make the receipt of what was prepaid and is handed over now."""
    told = await _receipt(core, shop, receipt.payment, receipt.lines)
    if not isinstance(told, dict):
        reason = told or "receipts_off"
        await core.pays.report_receipt(ReceiptReport(id=receipt.id, state="failed", reason=reason))
        return
    body: dict[str, Any] = {
        "type": "payment",
        "payment_id": receipt.payment.vendor_id,
        "send": True,
        "settlements": [{"type": "prepayment", "amount": money(receipt.total)}],
        **told,
    }
    try:
        said = await shop.receipt(core, receipt.id, body)
    except Refused as error:
        await core.pays.report_receipt(
            ReceiptReport(id=receipt.id, state="failed", reason=f"refused_{error.parameter}"[:64])
        )
        return
    await _tell_receipt(core, receipt, said)


async def follow_receipt(core: Core, shop: Shop, receipt: Receipt) -> None:
    """Read a receipt anew."""
    if not receipt.vendor_id:
        return
    said = await shop.read_receipt(core, receipt.vendor_id)
    if said is not None:
        await _tell_receipt(core, receipt, said)


async def _tell_receipt(core: Core, receipt: Receipt, said: Body) -> None:
    raw = str(said.get("status", ""))[:64]
    state = RECEIPTS.get(raw, "")
    if not state:
        await core.journal("status_unknown", direction="in", state="warn", status=raw or "—")
        return
    await core.pays.report_receipt(
        ReceiptReport(
            id=receipt.id,
            state=state,  # pyright: ignore[reportArgumentType] - of the table
            vendor_id=str(said.get("id", ""))[:64],
            told=str(said.get("fiscal_document_number") or "")[:64],
        )
    )
