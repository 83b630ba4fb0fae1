"""A fulfilment operator in memory: obeys our own contract, for tests and as a reference.

`python -m plugins.fulfillment_http.serving` puts it behind an address.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote
from uuid import NAMESPACE_URL, uuid5

import msgspec

from appliance.plugin_api import fakes
from appliance.plugin_api.fakes import Deed, FakePush, FakeReply, FakeRequest, Field, Shown, now
from plugins.fulfillment_http import contract as c
from plugins.fulfillment_http.signing import signed
from plugins.fulfillment_http.stockroom import Order, Refusal, Stockroom

PAGE: Final = 100
_BEFORE_PICKING: Final = ("accepted", "reserved", "shortage")


_ORDER: Final = (Field(name="order", title="Number of the order"),)


class Fake(fakes.Fake):
    """One account at an operator.

    Attributes:
        room: goods and orders.
        labels: number of an order → kind and bytes.
        skus: goods that were told of; an order naming another is refused.
    """

    title = "Fulfilment operator"
    deeds = (
        Deed(name="pick", title="Pick", fields=_ORDER),
        Deed(name="pack", title="Pack", fields=_ORDER),
        Deed(
            name="ship",
            title="Ship",
            fields=(*_ORDER, Field(name="tracking", title="Track", default="TRACK-1")),
        ),
        Deed(name="shortage", title="Say that goods are missing", fields=_ORDER),
        Deed(name="return_arrive", title="Take a returned parcel in", fields=_ORDER),
        Deed(name="return_check", title="Check a return", fields=_ORDER),
        Deed(
            name="count",
            title="Count a good",
            fields=(
                Field(name="sku", title="Article"),
                Field(name="pieces", title="Pieces", default="10"),
            ),
        ),
    )

    def __init__(
        self,
        key: str = "fake-key-0123456789",
        secret: str = "fake-secret-0123456789",  # noqa: S107 - of a fake
        clock: Callable[[], datetime] = now,
    ) -> None:
        super().__init__(clock)
        self.key, self.secret = key, secret
        self.room = Stockroom(clock, self._happened)
        self.skus: dict[str, c.SkuGiven] = {}
        self.labels: dict[str, tuple[str, bytes]] = {}
        self._keys: dict[str, tuple[bytes, str]] = {}

    @property
    def is_well(self) -> bool:
        """Whether it suffers from nothing now."""
        return not self.trouble and not self._failing

    def settings(self) -> Mapping[str, str]:
        return {"key": self.key, "secret": self.secret}

    def state(self) -> tuple[Shown, ...]:
        orders = tuple(
            (number, one.status, one.tracking) for number, one in self.room.orders.items()
        )
        stock = tuple(
            (one.sku, str(one.on_hand), str(one.reserved), str(one.available))
            for one in self.room.stock(None)
        )
        return (
            Shown(title="Orders", columns=("number", "status", "track"), rows=orders),
            Shown(title="Stock", columns=("sku", "on hand", "reserved", "available"), rows=stock),
        )

    def answer(self, request: FakeRequest) -> FakeReply:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return _refuse(401, "unauthorized")
        parts = [unquote(one) for one in request.path.strip("/").split("/")]
        try:
            return self._route(request, parts)
        except Refusal as refused:
            return _reply(refused.status, refused.trouble)
        except (msgspec.DecodeError, ValueError):
            return _refuse(422, "invalid")

    def _route(self, request: FakeRequest, parts: list[str]) -> FakeReply:
        query = request.args
        lists = {"orders": self._orders, "stock": self._stock, "events": self._events}
        if parts[0] == "sandbox":
            return self._sandbox(request, parts[1:])
        if request.method == "GET" and len(parts) == 1 and parts[0] in lists:
            return _reply(200, lists[parts[0]](query))
        if request.method == "PUT" and len(parts) == 2 and parts[0] == "skus":
            self.skus[parts[1]] = msgspec.json.decode(request.body, type=c.SkuGiven)
            return FakeReply(status=200)
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
                return _reply(200, self.act(deed, number, said).told())
            case "PUT", ["stock", sku]:
                told = msgspec.json.decode(request.body, type=c.SandboxStock)
                self.room.count(told.warehouse, sku, c.milli(told.on_hand))
                return FakeReply(status=204)
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
        return FakeReply(status=204)

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

    def signed_push(self, event: c.Event) -> FakePush:
        """An event as it is pushed to the shop, signed now."""
        body = msgspec.json.encode(event)
        moment = str(int(self.clock().timestamp()))
        headers = {"x-timestamp": moment, "x-signature": signed(self.secret, moment, body)}
        headers["content-type"] = "application/json"
        return FakePush(path="/x/fulfillment_http/events", headers=headers, body=body)

    def _happened(self, event: c.Event) -> None:
        self.push(self.signed_push(event))

    def act(self, deed: str, number: str, said: c.SandboxDeed | None = None) -> Order:
        """What people at the warehouse do; the event goes into the log and out as a push."""
        order = self.room.order(number)
        self.room.move(order, deed, said or c.SandboxDeed())
        return order

    # --- buttons of the panel ---

    def do_pick(self, order: str) -> None:
        """It is being picked."""
        self.act("pick", order)

    def do_pack(self, order: str) -> None:
        """It is packed."""
        self.act("pack", order)

    def do_ship(self, order: str, tracking: str) -> None:
        """All that is left of it leaves."""
        self.act("ship", order, c.SandboxDeed(tracking=tracking))

    def do_shortage(self, order: str) -> None:
        """One piece of its first line is missing."""
        line = self.room.order(order).given.lines[0]
        short = c.LineTold(line=line.line, sku=line.sku, short=1)
        self.act("shortage", order, c.SandboxDeed(lines=(short,), reason="not_on_shelf"))

    def do_return_arrive(self, order: str) -> None:
        """It came back."""
        self.act("return_arrive", order)

    def do_return_check(self, order: str) -> None:
        """What came back was looked at and is good."""
        self.act("return_check", order)

    def do_count(self, sku: str, pieces: str) -> None:
        """So many pieces lie there."""
        self.room.count("", sku, c.milli(float(pieces)))


def _page(found: list[Any], cursor: str) -> tuple[list[Any], str]:
    start = int(cursor) if cursor.isdecimal() else 0
    end = start + PAGE
    return found[start:end], str(end) if end < len(found) else ""


def _moment(text: str | None) -> datetime | None:
    return None if not text else datetime.fromisoformat(text)


def _reply(status: int, body: msgspec.Struct) -> FakeReply:
    headers = {"content-type": "application/json"}
    return FakeReply(status=status, headers=headers, body=msgspec.json.encode(body))


def _refuse(status: int, code: str, where: str = "") -> FakeReply:
    return _reply(status, c.Trouble(code=code, field=where))
