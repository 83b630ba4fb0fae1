"""A fulfilment operator in memory: obeys our own contract, for tests and as a reference.

`python -m plugins.fulfillment_http.serving` puts it behind an address.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs, unquote
from uuid import NAMESPACE_URL, uuid5

import msgspec

from plugins.fulfillment_http import contract as c
from plugins.fulfillment_http.signing import signed
from plugins.fulfillment_http.stockroom import Order, Refusal, Stockroom

PAGE: Final = 100
_BEFORE_PICKING: Final = ("accepted", "reserved", "shortage")


@dataclass(frozen=True)
class FakeRequest:
    """A request; names of headers are in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""


@dataclass(frozen=True)
class FakeReply:
    """An answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""


def _now() -> datetime:
    return datetime.now(UTC)


class Operator:
    """One account at an operator.

    Attributes:
        room: goods and orders.
        labels: number of an order → kind and bytes.
        skus: goods that were told of; an order naming another is refused.
        trouble: what is wrong with every answer to come: `down` (no answer), `slow`, `html`,
            `too_many` (429, a pause named), `garbled`, `error_in_200`; empty: nothing.
        requests: method and path of each request.
    """

    def __init__(self, key: str, secret: str, clock: Callable[[], datetime] = _now) -> None:
        self.key, self.secret, self.clock = key, secret, clock
        self.room = Stockroom(clock)
        self.skus: dict[str, c.SkuGiven] = {}
        self.labels: dict[str, tuple[str, bytes]] = {}
        self.trouble = ""
        self.requests: list[tuple[str, str]] = []
        self._keys: dict[str, tuple[bytes, str]] = {}

    def answer(self, request: FakeRequest) -> FakeReply:
        """Answer one request; `ConnectionError` when the operator is down."""
        self.requests.append((request.method, request.path))
        if self.trouble:
            broken = self._broken()
            if broken is not None:
                return broken
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return _refuse(401, "unauthorized")
        parts = [unquote(one) for one in request.path.strip("/").split("/")]
        try:
            return self._route(request, parts)
        except Refusal as refused:
            return _reply(refused.status, refused.trouble)
        except (msgspec.DecodeError, ValueError):
            return _refuse(422, "invalid")

    def _broken(self) -> FakeReply | None:
        if self.trouble in {"down", "slow"}:
            raise ConnectionError(self.trouble)
        html = b"<html><body>502 Bad Gateway</body></html>"
        return {
            "html": FakeReply(200, {"content-type": "text/html"}, html),
            "too_many": FakeReply(429, {"retry-after": "600"}, b'{"code":"too_many_requests"}'),
            "garbled": FakeReply(200, {"content-type": "application/json"}, b'{"events": [{'),
            "error_in_200": FakeReply(
                200, {"content-type": "application/json"}, b'{"code":"internal","message":"x"}'
            ),
            "broken": FakeReply(503, {}, b""),
        }.get(self.trouble)

    def _route(self, request: FakeRequest, parts: list[str]) -> FakeReply:
        query = {name: values[0] for name, values in parse_qs(request.query).items()}
        lists = {"orders": self._orders, "stock": self._stock, "events": self._events}
        if parts[0] == "sandbox":
            return self._sandbox(request, parts[1:])
        if request.method == "GET" and len(parts) == 1 and parts[0] in lists:
            return _reply(200, lists[parts[0]](query))
        if request.method == "PUT" and len(parts) == 2 and parts[0] == "skus":
            self.skus[parts[1]] = msgspec.json.decode(request.body, type=c.SkuGiven)
            return FakeReply(200)
        if parts[0] == "orders":
            return self._on_order(request, parts[1:])
        return _refuse(404, "not_found")

    def _on_order(self, request: FakeRequest, parts: list[str]) -> FakeReply:
        match request.method, parts:
            case "POST", []:
                return self._create(request)
            case "GET", [number]:
                return _reply(200, self.room.order(number).told())
            case "PATCH", [number]:
                return self._change(number, request.body)
            case "POST", [number, "cancel"]:
                return _reply(200, self._cancel(number))
            case "PUT", [number, "label"]:
                return self._label(number, request)
            case _:
                return _refuse(404, "not_found")

    def _sandbox(self, request: FakeRequest, parts: list[str]) -> FakeReply:
        match request.method, parts:
            case "POST", ["orders", number, deed]:
                said = msgspec.json.decode(request.body or b"{}", type=c.SandboxDeed)
                return _reply(200, self.do(deed, number, said).told())
            case "PUT", ["stock", sku]:
                told = msgspec.json.decode(request.body, type=c.SandboxStock)
                self.room.count(told.warehouse, sku, c.milli(told.on_hand))
                return FakeReply(204)
            case _:
                return _refuse(404, "not_found")

    def _create(self, request: FakeRequest) -> FakeReply:
        key = request.headers.get("idempotency-key", "")
        if not 8 <= len(key) <= 64:
            return _refuse(422, "invalid", "Idempotency-Key")
        known = self._keys.get(key)
        if known is not None:
            body, number = known
            if body != request.body:
                return _refuse(409, "key_reused")
            return _reply(200, self.room.order(number).told())
        given = msgspec.json.decode(request.body, type=c.OrderGiven)
        if given.order_no in self.room.orders:
            return _refuse(409, "key_reused", "order_no")
        for line in given.lines:
            if line.sku not in self.skus:
                return _reply(422, c.Trouble(code="sku_unknown", field=line.sku))
        order = self.room.take(given, str(uuid5(NAMESPACE_URL, f"fulfilment/{key}")))
        self._keys[key] = (request.body, given.order_no)
        return _reply(201, order.told())

    def _change(self, number: str, body: bytes) -> FakeReply:
        order = self.room.order(number)
        change = msgspec.json.decode(body, type=c.OrderChange)
        if order.status not in _BEFORE_PICKING:
            return _reply(409, c.Trouble(code="too_late", status=order.status))
        self.room.change(order, change)
        return _reply(200, order.told())

    def _cancel(self, number: str) -> c.CancelTold:
        order = self.room.order(number)
        done = order.status == "cancelled" or self.room.cancel(order)
        return c.CancelTold(result="cancelled" if done else "too_late", status=order.status)

    def _label(self, number: str, request: FakeRequest) -> FakeReply:
        order = self.room.order(number)
        kind = request.headers.get("content-type", "")
        if kind not in {"application/pdf", "application/zpl"} or not request.body:
            return _refuse(422, "invalid", "Content-Type")
        if order.status in {"shipped", "delivered", "cancelled"}:
            return _reply(409, c.Trouble(code="too_late", status=order.status))
        self.labels[number] = (kind, request.body)
        return FakeReply(204)

    def _orders(self, query: Mapping[str, str]) -> c.OrdersTold:
        found = self.room.changed(_moment(query.get("changed_since")))
        rows, cursor = _page(found, query.get("cursor", ""))
        return c.OrdersTold(orders=tuple(one.told() for one in rows), next_cursor=cursor)

    def _stock(self, query: Mapping[str, str]) -> c.StockTold:
        found = self.room.stock(_moment(query.get("changed_since")))
        rows, cursor = _page(found, query.get("cursor", ""))
        return c.StockTold(as_of=self.clock(), rows=tuple(rows), next_cursor=cursor)

    def _events(self, query: Mapping[str, str]) -> c.EventsTold:
        after, limit = int(query.get("after") or 0), int(query.get("limit") or PAGE)
        log = self.room.events
        return c.EventsTold(events=tuple(log[after : after + limit]), last=len(log))

    def push(self, event: c.Event) -> FakeRequest:
        """An event as it is pushed to the shop, signed now."""
        body = msgspec.json.encode(event)
        moment = str(int(self.clock().timestamp()))
        headers = {"x-timestamp": moment, "x-signature": signed(self.secret, moment, body)}
        return FakeRequest("POST", "/", "", {"content-type": "application/json"} | headers, body)

    def do(self, deed: str, number: str, said: c.SandboxDeed | None = None) -> Order:
        """What people at the warehouse do; the event goes into the log and out as a push."""
        order = self.room.order(number)
        self.room.move(order, deed, said or c.SandboxDeed())
        return order


def _page(found: list[Any], cursor: str) -> tuple[list[Any], str]:
    start = int(cursor) if cursor.isdecimal() else 0
    end = start + PAGE
    return found[start:end], str(end) if end < len(found) else ""


def _moment(text: str | None) -> datetime | None:
    return None if not text else datetime.fromisoformat(text)


def _reply(status: int, body: msgspec.Struct) -> FakeReply:
    return FakeReply(status, {"content-type": "application/json"}, msgspec.json.encode(body))


def _refuse(status: int, code: str, where: str = "") -> FakeReply:
    return _reply(status, c.Trouble(code=code, field=where))
