"""YooKassa in memory: keys, idempotence, two stages, refunds, receipts, notifications."""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import msgspec

from appliance.plugin_api.fakes import (
    Deed,
    FakePush,
    FakeReply,
    FakeRequest,
    Field,
    Shown,
    now,
    said,
)
from appliance.plugin_api.fakes import (
    Fake as Base,
)

BASE: Final = "/v3"
PUSH: Final = "/x/payments_yookassa/push"
HELD_DAYS: Final = 6
TERM: Final = timedelta(hours=1)
_METHODS: Final = ("bank_card", "sbp", "yoo_money")


class Fake(Base):
    """A shop at YooKassa.

    Attributes:
        pending_reads: how often a receipt, or a payment that was paid, still reads as pending.
        receipt_fails: receipts are refused by the register.
        refund_fails: refunds are refused by the payer's bank.
        early: the notification of a payment comes before the answer that made it.
    """

    title = "ЮKassa"
    deeds = (
        Deed(
            name="pay",
            title="Оплатить",
            fields=(
                Field(name="payment", title="Платёж"),
                Field(name="method", title="Способ", default="bank_card", choices=_METHODS),
            ),
        ),
        Deed(
            name="refuse",
            title="Отказать",
            fields=(
                Field(name="payment", title="Платёж"),
                Field(name="reason", title="Причина", default="insufficient_funds"),
            ),
        ),
        Deed(name="expire", title="Истёк срок", fields=(Field(name="payment", title="Платёж"),)),
        Deed(
            name="refund",
            title="Вернуть в кабинете",
            fields=(
                Field(name="payment", title="Платёж"),
                Field(name="value", title="Сумма", default="1.00"),
            ),
        ),
    )

    def __init__(
        self, clock: Callable[[], datetime] = now, shop_id: str = "100500", secret: str = ""
    ) -> None:
        super().__init__(clock)
        self.shop_id, self.secret = shop_id, secret or "test_invented"
        self.payments: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.receipts: dict[str, dict[str, Any]] = {}
        self.pending_reads = 0
        self.receipt_fails = False
        self.refund_fails = False
        self.early = False
        self._keys: dict[str, tuple[bytes, FakeReply]] = {}

    def settings(self) -> Mapping[str, str]:
        return {
            "shop_id": self.shop_id,
            "secret": self.secret,
            "return_url": "https://shop.example.ru/thanks",
            "receipts": "register",
        }

    def state(self) -> Sequence[Shown]:
        return (
            Shown(
                title="Платежи",
                columns=("id", "сумма", "состояние", "возвращено", "ссылка"),
                rows=tuple(
                    (
                        one["id"], one["amount"]["value"], one["status"],
                        one.get("refunded_amount", {}).get("value", ""),
                        one.get("confirmation", {}).get("confirmation_url", ""),
                    )
                    for one in self.payments.values()
                ),
            ),
            Shown(
                title="Возвраты",
                columns=("id", "платёж", "сумма", "состояние"),
                rows=tuple(
                    (one["id"], one["payment_id"], one["amount"]["value"], one["status"])
                    for one in self.refunds.values()
                ),
            ),
        )  # fmt: skip

    def error_in_200(self, request: FakeRequest) -> FakeReply:
        return said(_error("internal_server_error", "Try later"))

    # --- the interface ---

    def answer(self, request: FakeRequest) -> FakeReply:
        """Answer one request as YooKassa does."""
        key = b64encode(f"{self.shop_id}:{self.secret}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {key}":
            return said(_error("invalid_credentials", "Basic authentication failed"), 401)
        parts = request.path.removeprefix(BASE).strip("/").split("/")
        if request.method == "GET":
            return self._read(parts, request)
        once = request.headers.get("idempotence-key", "")
        if not 0 < len(once) <= 64:
            return _wrong("Idempotence-Key")
        known = self._keys.get(once)
        if known is not None:
            return known[1] if known[0] == request.body else _wrong("Idempotence-Key")
        reply = self._do(parts, request)
        if reply.status == 200:
            self._keys[once] = (request.body, reply)
        return reply

    def _read(self, parts: Sequence[str], request: FakeRequest) -> FakeReply:
        match parts:
            case ["me"]:
                return said({"account_id": self.shop_id, "status": "enabled", "test": True})
            case ["payments"]:
                since = request.args.get("created_at.gte", "")
                found = [one for one in self.payments.values() if one["created_at"] >= since]
                return _page(found[::-1], request)
            case ["payments" | "refunds" | "receipts" as kind, name]:
                known: dict[str, dict[str, Any]] = getattr(self, kind)
                if name not in known:
                    return said(_error("not_found", "There is none"), 404)
                if kind == "receipts":
                    self._register(known[name])
                return said(known[name])
            case _:
                return said(_error("not_found", "There is none"), 404)

    def _do(self, parts: Sequence[str], request: FakeRequest) -> FakeReply:
        body: dict[str, Any] = request.json(dict[str, Any]) if request.body else {}
        match parts:
            case ["payments"]:
                return self._create(body)
            case ["payments", name, "capture"]:
                return self._capture(name, body)
            case ["payments", name, "cancel"]:
                return self._cancel(name)
            case ["refunds"]:
                return self._refund(body)
            case ["receipts"]:
                return self._receipt(body)
            case _:
                return said(_error("not_found", "There is none"), 404)

    def _create(self, body: dict[str, Any]) -> FakeReply:
        amount = body.get("amount", {})
        if amount.get("currency") != "RUB" or _kopecks(amount) <= 0:
            return _wrong("amount")
        if "receipt" in body and not _adds_up(body["receipt"], _kopecks(amount)):
            return _wrong("receipt.items")
        name = str(uuid4())
        payment: dict[str, Any] = {
            "id": name,
            "status": "pending",
            "paid": False,
            "refundable": False,
            "test": True,
            "amount": amount,
            "created_at": self._moment(),
            "recipient": {"account_id": self.shop_id, "gateway_id": "1"},
            "metadata": body.get("metadata", {}),
            "confirmation": {
                "type": "redirect",
                "confirmation_url": f"https://yoomoney.ru/checkout/payments/v2?orderId={name}",
            },
        }
        self.payments[name] = payment
        self._two_stage(name, held=not body.get("capture", False), receipt="receipt" in body)
        if self.early:
            self.do_pay(name)
        return said(payment if not self.early else {**payment, "status": "pending"})

    def _two_stage(self, name: str, *, held: bool, receipt: bool) -> None:
        self._held = getattr(self, "_held", {}) | {name: (held, receipt)}

    def _capture(self, name: str, body: dict[str, Any]) -> FakeReply:
        payment = self.payments.get(name)
        if payment is None or payment["status"] != "waiting_for_capture":
            return _wrong("payment_id")
        if "amount" in body:
            payment["amount"] = body["amount"]
        self._succeed(payment)
        return said(payment)

    def _cancel(self, name: str) -> FakeReply:
        payment = self.payments.get(name)
        if payment is None or payment["status"] != "waiting_for_capture":
            return _wrong("payment_id")
        self._end(payment, "canceled_by_merchant", "merchant")
        return said(payment)

    def _refund(self, body: dict[str, Any]) -> FakeReply:
        payment = self.payments.get(str(body.get("payment_id", "")))
        if payment is None or payment["status"] != "succeeded":
            return _wrong("payment_id")
        left = _kopecks(payment["amount"]) - _kopecks(payment.get("refunded_amount", {}))
        if not 0 < _kopecks(body.get("amount", {})) <= left:
            return _wrong("amount")
        refund: dict[str, Any] = {
            "id": str(uuid4()),
            "payment_id": payment["id"],
            "status": "pending",
            "created_at": self._moment(),
            "amount": body["amount"],
            "metadata": body.get("metadata", {}),
        }
        self.refunds[refund["id"]] = refund
        if self.refund_fails:
            refund |= {
                "status": "canceled",
                "cancellation_details": {"party": "yoo_money", "reason": "insufficient_funds"},
            }
        else:
            self._go_back(payment, refund)
        return said(refund)

    def _go_back(self, payment: dict[str, Any], refund: dict[str, Any]) -> None:
        refund["status"] = "succeeded"
        whole = _kopecks(payment.get("refunded_amount", {})) + _kopecks(refund["amount"])
        payment["refunded_amount"] = _amount(whole)
        payment["refundable"] = whole < _kopecks(payment["amount"])
        self._tell("refund.succeeded", refund)

    def _receipt(self, body: dict[str, Any]) -> FakeReply:
        if body.get("payment_id") not in self.payments:
            return _wrong("payment_id")
        total = sum(_kopecks(one["amount"]) for one in body.get("settlements", ()))
        if not _adds_up(body, total):
            return _wrong("items")
        receipt: dict[str, Any] = {
            "id": f"rt-{uuid4()}",
            "type": body["type"],
            "payment_id": body["payment_id"],
            "status": "pending",
            "items": body["items"],
        }
        self.receipts[receipt["id"]] = receipt
        return said(receipt)

    def _register(self, receipt: dict[str, Any]) -> None:
        if self.pending_reads:
            self.pending_reads -= 1
        elif self.receipt_fails:
            receipt["status"] = "canceled"
        else:
            number = str(1000 + len(self.receipts))
            receipt |= {"status": "succeeded", "fiscal_document_number": number}

    # --- what buyers and banks do ---

    def do_pay(self, payment: str, method: str = "bank_card") -> None:
        """The buyer pays."""
        found = self.payments[payment]
        method_of: dict[str, Any] = {
            "type": method,
            "id": payment,
            "saved": False,
            "status": "inactive",
        }
        if method == "bank_card":
            method_of["card"] = {
                "first6": "220000", "last4": "4477", "expiry_year": "2030",
                "expiry_month": "12", "card_type": "Mir",
            }  # fmt: skip
        found["payment_method"] = method_of
        if self._held[payment][0]:
            ends = self.clock() + timedelta(days=HELD_DAYS)
            found |= {"status": "waiting_for_capture", "paid": True}
            found["expires_at"] = _iso(ends)
            self._tell("payment.waiting_for_capture", found)
        else:
            self._succeed(found)

    def do_refuse(self, payment: str, reason: str = "insufficient_funds") -> None:
        """The buyer's bank refuses."""
        self._end(self.payments[payment], reason, "payment_network")

    def do_expire(self, payment: str) -> None:
        """Nobody paid, or nobody took the money, in time."""
        held = self.payments[payment]["status"] == "waiting_for_capture"
        reason = "expired_on_capture" if held else "expired_on_confirmation"
        self._end(self.payments[payment], reason, "yoo_money")

    def do_refund(self, payment: str, value: str = "1.00") -> None:
        """Somebody gives money back in the cabinet."""
        refund: dict[str, Any] = {
            "id": str(uuid4()),
            "payment_id": payment,
            "status": "pending",
            "created_at": self._moment(),
            "amount": {"value": value, "currency": "RUB"},
        }
        self.refunds[refund["id"]] = refund
        self._go_back(self.payments[payment], refund)

    def _succeed(self, payment: dict[str, Any]) -> None:
        payment |= {
            "status": "succeeded",
            "paid": True,
            "refundable": True,
            "captured_at": self._moment(),
            "refunded_amount": _amount(0),
        }
        payment.pop("expires_at", None)
        if self._held[payment["id"]][1]:
            payment["receipt_registration"] = "canceled" if self.receipt_fails else "succeeded"
        self._tell("payment.succeeded", payment)

    def _end(self, payment: dict[str, Any], reason: str, party: str) -> None:
        payment |= {
            "status": "canceled",
            "paid": False,
            "cancellation_details": {"party": party, "reason": reason},
        }
        self._tell("payment.canceled", payment)

    def _tell(self, event: str, thing: dict[str, Any]) -> None:
        body = msgspec.json.encode({"type": "notification", "event": event, "object": thing})
        self.push(FakePush(path=PUSH, headers={"content-type": "application/json"}, body=body))

    def _moment(self) -> str:
        return _iso(self.clock())


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _kopecks(amount: Mapping[str, Any]) -> int:
    whole, _, rest = str(amount.get("value", "0")).partition(".")
    return int(whole or 0) * 100 + int(rest.ljust(2, "0")[:2] or 0)


def _amount(kopecks: int) -> dict[str, str]:
    return {"value": f"{kopecks // 100}.{kopecks % 100:02}", "currency": "RUB"}


def _adds_up(receipt: Mapping[str, Any], wanted: int) -> bool:
    items: Sequence[Mapping[str, Any]] = receipt.get("items", ())
    total = sum(int(one["quantity"]) * _kopecks(one["amount"]) for one in items)
    return bool(items) and total == wanted and bool(receipt.get("customer"))


def _error(code: str, description: str, **more: str) -> dict[str, str]:
    return {"type": "error", "id": str(uuid4()), "code": code, "description": description, **more}


def _wrong(parameter: str) -> FakeReply:
    return said(_error("invalid_request", "Something is wrong", parameter=parameter), 400)


def _page(found: Sequence[Mapping[str, Any]], request: FakeRequest) -> FakeReply:
    """So many of a list as are asked for, 10 where nobody says; the next begin at the cursor."""
    limit, first = int(request.args.get("limit") or 10), int(request.args.get("cursor") or 0)
    if not 1 <= limit <= 100:
        return _wrong("limit")
    after = first + limit
    more = {"next_cursor": str(after)} if after < len(found) else {}
    return said({"type": "list", "items": found[first:after], **more})
