"""МойСклад in memory, as far as the box speaks with it: JSON API 1.2 of July 2026.

It refuses a request without gzip (415), one without a token (401), one over the limit (429 with a
pause in milliseconds); the same `syncId` makes no second record; `expand` above a hundred rows is
silently left out; its times stand in Moscow time without a mark.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

import msgspec

from appliance.plugin_api import fakes
from appliance.plugin_api.fakes import (
    Deed,
    FakePush,
    FakeReply,
    FakeRequest,
    Field,
    Limit,
    Shown,
    now,
    said,
)
from plugins.warehouse_moysklad.filtering import chosen
from plugins.warehouse_moysklad.sides import MOSCOW, ident_of

ROOT: Final = "/api/remap/1.2/"
ACCOUNT: Final = "84e60e93-f504-11e5-8a84-bae500000008"
A_WINDOW: Final = 11
"""Requests of one user in 3 s, at 4 units each."""
STATES: Final = (
    ("Новый", "Regular"),
    ("Собирается", "Regular"),
    ("Упакован", "Regular"),
    ("Отгружен", "Regular"),
    ("Доставлен", "Successful"),
    ("Отменён", "Unsuccessful"),
)
_ORDER: Final = Field(name="order", title="Number of the order")
_STATE_CHOICES: Final = tuple(name for name, _ in STATES)
Record = dict[str, Any]


class Fake(fakes.Fake):
    """One account.

    Attributes:
        kept: type of a record → id → record.
        stock: id of a good → physical pieces.
        returned: id of a good → when some of it came back last.
        counting: goods that are counted anew just now: their rows say null.
    """

    title = "МойСклад"
    deeds = (
        Deed(
            name="state",
            title="Set a status",
            fields=(_ORDER, Field(name="state", title="Status", choices=_STATE_CHOICES)),
        ),
        Deed(
            name="ship",
            title="Ship",
            fields=(_ORDER, Field(name="track", title="Track", default="TRACK-1")),
        ),
        Deed(name="take_back", title="Enter a return", fields=(_ORDER,)),
        Deed(
            name="count",
            title="Count a good",
            fields=(Field(name="article", title="Article"), Field(name="pieces", title="Pieces")),
        ),
    )

    def __init__(
        self,
        token: str = "fake-token-0123456789",  # noqa: S107 - of a fake
        clock: Callable[[], datetime] = now,
        base: str = "https://api.moysklad.ru/api/remap/1.2",
    ) -> None:
        super().__init__(clock)
        self.token, self.base = token, base
        self.kept: dict[str, dict[str, Record]] = {}
        self.stock: dict[str, float] = {}
        self.counting: set[str] = set()
        self.returned: dict[str, str] = {}
        self._limit = Limit(A_WINDOW, 3.0)
        self._count = 0
        self.store = self.add("store", name="Основной склад")["id"]
        self.add("organization", name="ООО «Тёплый дом»")
        self.states = {
            name: self.add("state", name=name, color=1, stateType=kind, entityType="customerorder")
            for name, kind in STATES
        }

    def settings(self) -> Mapping[str, str]:
        return {"token": self.token}

    def state(self) -> tuple[Shown, ...]:
        orders = tuple(
            (str(one.get("name")), self._state_name(one), str(one.get("shippedSum", 0)))
            for one in self.kept.get("customerorder", {}).values()
        )
        goods = tuple(
            (str(self.kept["product"][ident].get("article")), str(free), str(self.free(ident)))
            for ident, free in self.stock.items()
        )
        return (
            Shown(title="Orders", columns=("number", "status", "shipped"), rows=orders),
            Shown(title="Goods", columns=("article", "stock", "free"), rows=goods),
        )

    def error_in_200(self, request: FakeRequest) -> FakeReply:
        return said({"errors": [{"error": "Внутренняя ошибка", "code": 1000}]})

    # --- what lies there ---

    def add(self, kind: str, **fields: Any) -> Record:
        """Make a record; its `id` and times are made here."""
        self._count += 1
        ident = str(uuid5(NAMESPACE_URL, f"moysklad/{kind}/{self._count}"))
        record = {"id": ident, "accountId": ACCOUNT, **fields}
        self.kept.setdefault(kind, {})[ident] = record
        if kind in {"customerorder", "demand", "salesreturn", "counterparty", "organization"}:
            record["created"] = self.moment()
        return self._touched(kind, record)

    def good(self, article: str, pieces: float, kind: str = "product") -> str:
        """A good with its stock; its id."""
        ident = str(self.add(kind, name=f"Товар {article}", article=article)["id"])
        self.stock[ident] = pieces
        return ident

    def moment(self) -> str:
        """Now, as it writes it."""
        return self.clock().astimezone(MOSCOW).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]

    def _touched(self, kind: str, record: Record) -> Record:
        if kind not in {"state", "webhook"}:
            record["updated"] = self.moment()
        return record

    def free(self, ident: str) -> float:
        """Physical less what is held for orders."""
        held = sum(
            max(float(one.get("reserve") or 0) - float(one.get("shipped") or 0), 0)
            for order in self.kept.get("customerorder", {}).values()
            if order.get("applicable", True)
            for one in order["positions"]
            if ident_of(one["assortment"]) == ident
        )
        return self.stock.get(ident, 0) - held

    def _state_name(self, order: Record) -> str:
        ident = ident_of(order.get("state"))
        return next((name for name, one in self.states.items() if one["id"] == ident), "")

    # --- answering ---

    def answer(self, request: FakeRequest) -> FakeReply:
        refused = self._refused(request)
        if refused is not None:
            return refused
        parts = request.path.removeprefix(ROOT).strip("/").split("/")
        if parts[:4] == ["report", "stock", "bystore", "current"]:
            return self._stock(request)
        if parts[:3] == ["entity", "customerorder", "metadata"]:
            states = [self._shown("state", one, set()) for one in self.states.values()]
            return said({"states": states, "createShared": False})
        if len(parts) == 2:
            make = request.method == "POST"
            return self._make(parts[1], request.json()) if make else self._list(parts[1], request)
        return self._one(request, parts[1], parts[-1])

    def _one(self, request: FakeRequest, kind: str, ident: str) -> FakeReply:
        record = self.kept.get(kind, {}).get(ident)
        if record is None:
            return refusal(404, 1021, "Объект не найден")
        if request.method == "PUT":
            return self._change(kind, record, request.json())
        return said(self._shown(kind, record, set()))

    def _refused(self, request: FakeRequest) -> FakeReply | None:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return refusal(401, 1056, "Ошибка аутентификации")
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return refusal(415, 1062, "Нужен Accept-Encoding: gzip")
        wait = self._limit.wait(self.token, self.clock())
        if not wait:
            return None
        reply = refusal(429, 1049, "Слишком много запросов")
        return msgspec.structs.replace(
            reply, headers={**reply.headers, "x-lognex-retry-after": str(int(wait * 1000) + 1)}
        )

    def _list(self, kind: str, request: FakeRequest) -> FakeReply:
        args = request.args
        kinds = ("product", "variant", "bundle") if kind == "assortment" else (kind,)
        pool = [(one, row) for one in kinds for row in self.kept.get(one, {}).values()]
        found = [(one, row) for one, row in pool if chosen(row, args.get("filter", ""))]
        if args.get("order", "").startswith("updated"):
            found.sort(key=lambda each: str(each[1].get("updated")))
        limit, offset = min(int(args.get("limit", 1000)), 1000), int(args.get("offset", 0))
        expand = set(args.get("expand", "").split(",")) if limit <= 100 else set[str]()
        rows = [self._shown(one, row, expand) for one, row in found[offset : offset + limit]]
        href = f"{self.base}/entity/{kind}"
        head = {"href": href, "type": kind, "mediaType": "application/json"}
        meta = {**head, "size": len(found), "limit": limit, "offset": offset}
        return said({"context": {}, "meta": meta, "rows": rows})

    def _shown(self, kind: str, record: Record, expand: set[str]) -> Record:
        """A record as it is answered: references with their address, what was asked for inside."""
        path = f"customerorder/metadata/states/{record['id']}" if kind == "state" else ""
        href = f"{self.base}/entity/{path or kind + '/' + record['id']}"
        shown = {"meta": {"href": href, "type": kind, "mediaType": "application/json"}, **record}
        shown.pop("syncId", None)
        positions = record.get("positions")
        if positions is not None:
            listed = {"href": f"{href}/positions", "type": f"{kind}position"}
            meta = {**listed, "mediaType": "application/json", "size": len(positions)}
            shown["positions"] = {"meta": {**meta, "limit": 1000, "offset": 0}}
            if "positions" in expand:
                shown["positions"]["rows"] = positions
        for name in ("state", "customerOrder"):
            other = "state" if name == "state" else "customerorder"
            ident = ident_of(record.get(name))
            if name in expand and ident in self.kept.get(other, {}):
                shown[name] = self._shown(other, self.kept[other][ident], set())
        return shown

    def _make(self, kind: str, body: Any) -> FakeReply:
        sync = body.get("syncId")
        same = (one for one in self.kept.get(kind, {}).values() if one.get("syncId") == sync)
        known = next(same, None) if sync else None
        if known is not None:
            return said(self._shown(kind, known, set()))
        needs = {"customerorder": ("organization", "agent"), "demand": ("organization", "agent")}
        missing = [name for name in needs.get(kind, ()) if not body.get(name)]
        if missing:
            return refusal(412, 3000, f"Не заполнено поле {missing[0]}")
        fields: Record = dict(body)
        if kind == "customerorder":
            fields = {"applicable": True, "positions": list[Record](), **fields}
            fields |= {"sum": 0.0, "payedSum": 0.0, "shippedSum": 0.0, "reservedSum": 0.0}
            fields.setdefault("state", self._state("Новый"))
        record = self.add(kind, **fields)
        if kind == "webhook":
            record.setdefault("enabled", True)
        return said(self._shown(kind, self._summed(kind, record), set()))

    def _change(self, kind: str, record: Record, body: Any) -> FakeReply:
        if kind == "customerorder" and "positions" in body:
            record["positions"] = []
        record.update({name: value for name, value in body.items() if name != "syncId"})
        self._summed(kind, self._touched(kind, record))
        return said(self._shown(kind, record, set()))

    def _summed(self, kind: str, record: Record) -> Record:
        if kind == "customerorder":
            lines: list[Record] = record["positions"]
            for one in lines:
                one.setdefault("shipped", 0.0)
            record["sum"] = sum(float(one["quantity"]) * float(one["price"]) for one in lines)
            held = lines if record.get("applicable", True) else lines[:0]
            record["reservedSum"] = sum(float(one.get("reserve") or 0) for one in held)
        return record

    def _state(self, name: str) -> Record:
        return {"meta": self._shown("state", self.states[name], set())["meta"]}

    def _stock(self, request: FakeRequest) -> FakeReply:
        kind = request.args.get("stockType", "stock")
        since = request.args.get("changedSince")
        rows = [
            {
                "assortmentId": ident,
                "storeId": self.store,
                kind: None if ident in self.counting else self.free(ident),
            }
            for ident in self.stock
            if since is None or self._changed(ident) >= since
        ]
        return said(rows)

    def _changed(self, ident: str) -> str:
        told = [str(one.get("updated")) for one in self._about(ident)]
        return max([*told, self.returned.get(ident, "")])

    def _about(self, ident: str) -> list[Record]:
        goods = [pool[ident] for pool in self.kept.values() if ident in pool]
        orders = [
            one
            for one in self.kept.get("customerorder", {}).values()
            if any(ident_of(line["assortment"]) == ident for line in one["positions"])
        ]
        return goods + orders

    # --- what people do there ---

    def order(self, number: str) -> Record:
        """By the number people see."""
        orders = self.kept.get("customerorder", {}).values()
        return next(one for one in orders if one.get("name") == number)

    def do_state(self, order: str, state: str) -> None:
        """Somebody sets a status."""
        record = self.order(order)
        record["state"] = self._state(state)
        self._happened("customerorder", "UPDATE", self._touched("customerorder", record))

    def do_ship(self, order: str, track: str) -> None:
        """All that is left is shipped."""
        self.ship(order, track)

    def ship(
        self, order: str, track: str = "", pieces: float = 0, codes: tuple[str, ...] = ()
    ) -> Record:
        """Ship so many pieces of every line; 0: all that is left."""
        record = self.order(order)
        lines: list[Record] = []
        for one in record["positions"]:
            left = float(one["quantity"]) - float(one["shipped"])
            gone = min(pieces or left, left)
            one["shipped"] += gone
            ident = ident_of(one["assortment"])
            self.stock[ident] = self.stock.get(ident, 0) - gone
            line = {"assortment": one["assortment"], "quantity": gone, "price": one["price"]}
            if codes:
                line["trackingCodes"] = [{"cis": code, "type": "trackingcode"} for code in codes]
            lines.append(line)
            record["shippedSum"] += gone * float(one["price"])
        self._touched("customerorder", record)
        demand = self.add(
            "demand",
            name=f"{order}-1",
            applicable=True,
            organization=record["organization"],
            agent=record["agent"],
            customerOrder={"meta": self._shown("customerorder", record, set())["meta"]},
            shippingDocumentNumber=track,
            positions=lines,
        )
        self._happened("demand", "CREATE", demand)
        return demand

    def do_take_back(self, order: str) -> None:
        """The last shipment of an order comes back whole."""
        ident = self.order(order)["id"]
        demands = self.kept.get("demand", {}).values()
        demand = [one for one in demands if ident_of(one["customerOrder"]) == ident][-1]
        for one in demand["positions"]:
            good = ident_of(one["assortment"])
            self.stock[good] += one["quantity"]
            self.returned[good] = self.moment()
        lines = [{**one} for one in demand["positions"]]
        for one in lines:
            one.pop("trackingCodes", None)
        back = self.add(
            "salesreturn",
            name=f"{order}-R",
            applicable=True,
            organization=demand["organization"],
            agent=demand["agent"],
            demand={"meta": self._shown("demand", demand, set())["meta"]},
            positions=lines,
        )
        self._happened("salesreturn", "CREATE", back)

    def do_count(self, article: str, pieces: str) -> None:
        """A good is counted."""
        products = self.kept.get("product", {}).values()
        good = next(one for one in products if one.get("article") == article)
        self._touched("product", good)
        self.stock[good["id"]] = float(pieces)

    def _happened(self, kind: str, action: str, record: Record) -> None:
        """Push to whoever ordered it: references alone, no data."""
        for one in self.kept.get("webhook", {}).values():
            if (one["entityType"], one["action"]) != (kind, action) or not one.get("enabled"):
                continue
            self._count += 1
            meta = {"type": kind, "href": f"{self.base}/entity/{kind}/{record['id']}"}
            event = {"meta": meta, "action": action, "accountId": ACCOUNT}
            path = "/" + str(one["url"]).split("://", 1)[-1].partition("/")[2]
            ident = uuid5(NAMESPACE_URL, f"moysklad/push/{self._count}")
            body = msgspec.json.encode({"events": [event]})
            self.push(FakePush(path=f"{path}?requestId={ident}", body=body))


def refusal(status: int, code: int, text: str) -> FakeReply:
    """How it refuses."""
    return said({"errors": [{"error": text, "code": code}]}, status)
