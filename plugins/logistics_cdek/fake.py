"""CDEK in memory: takes requests before it reads them, replaces offices, prints after a while."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid5

import msgspec

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
from appliance.plugin_api.fakes import (
    Fake as Base,
)
from plugins.logistics_cdek.fake_places import NAMESPACE, OFFICES, TARIFFS, TOWNS

CLIENT, SECRET = "shop-of-trial", "secret-of-trial"
WAY: Final = (
    "RECEIVED_AT_SHIPMENT_WAREHOUSE", "SENT_TO_RECIPIENT_CITY", "ACCEPTED_IN_RECIPIENT_CITY",
    "ACCEPTED_AT_PICK_UP_POINT", "DELIVERED",
)  # fmt: skip
READY_AFTER: Final = 2
"""Looks after which a form is printed."""
LIFE: Final = timedelta(hours=1)


class Order(msgspec.Struct, kw_only=True):
    """An order as CDEK has it."""

    uuid: str
    asked: dict[str, Any]
    at: datetime
    number: str = ""
    refusal: str = ""
    looks: int = 0
    is_return: bool = False
    direct: str = ""
    point: str = ""
    statuses: list[dict[str, Any]] = []


class Fake(Base):
    """CDEK.

    Attributes:
        orders: by uuid.
        closed: offices that are shut: another of the town takes their place, without a word.
        refuse_with: code by which the next requests turn out to be invalid.
        slow_looks: looks at an order before it has a number.
    """

    title = "СДЭК"
    deeds = (
        Deed(
            name="move",
            title="Передвинуть посылку",
            fields=(Field(name="number", title="Номер СДЭК"), Field(name="code", title="Статус")),
        ),
        Deed(
            name="give_back",
            title="Покупатель отказался: возврат",
            fields=(Field(name="number", title="Номер СДЭК"),),
        ),
        Deed(name="close", title="Закрыть пункт", fields=(Field(name="code", title="Код пункта"),)),
    )

    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        super().__init__(clock)
        self.orders: dict[str, Order] = {}
        self.closed: set[str] = set()
        self.refuse_with = ""
        self.slow_looks = 1
        self.intakes: dict[str, dict[str, Any]] = {}
        self.subscriptions: dict[str, dict[str, str]] = {}
        self._tokens: dict[str, datetime] = {}
        self._prints: dict[str, tuple[datetime, int]] = {}
        self._limit = Limit(200, 1.0)
        self._ticks = 0

    def settings(self) -> Mapping[str, str]:
        """What is typed into the account's form."""
        return {"client_id": CLIENT, "client_secret": SECRET, "from_city": "Москва",
                "shipment_point": "MSK5"}  # fmt: skip

    def state(self) -> Sequence[Shown]:
        """Orders, newest last."""
        rows = tuple(
            (one.number or "—", str(one.asked.get("number", "")), one.statuses[-1]["code"])
            for one in self.orders.values()
        )
        return (Shown(title="Заказы", columns=("СДЭК", "Номер магазина", "Статус"), rows=rows),)

    def error_in_200(self, request: FakeRequest) -> FakeReply:
        """Good by its status, a refusal by its body."""
        return said({"requests": [self._request("CREATE", "INVALID", "v2_internal_error")]})

    # --- what CDEK answers ---

    def answer(self, request: FakeRequest) -> FakeReply:
        """Answer one request."""
        if request.path == "/v2/oauth/token":
            return self._token(request)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.get(token, self.clock()) <= self.clock():
            return _wrong("v2_token_expired", 401)
        if wait := self._limit.wait(CLIENT, self.clock()):
            return FakeReply(status=429, headers={"retry-after": str(int(wait) + 1)})
        for start, run in (
            ("/v2/orders", self._orders),
            ("/v2/print/barcodes", self._print),
            ("/v2/print/orders", self._print),
            ("/v2/intakes", self._intakes),
            ("/v2/calculator/alltariffs", self._contract),
            ("/v2/webhooks", self._webhooks),
            ("/v2/location/cities", self._cities),
            ("/v2/deliverypoints", self._offices),
            ("/v2/calculator/tarifflist", self._quote),
        ):
            if request.path.startswith(start):
                return run(request, request.method, request.path.removeprefix(start).strip("/"))
        return _wrong("v2_entity_not_found", 404)

    def _token(self, request: FakeRequest) -> FakeReply:
        form = request.form
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return said({"error": "invalid_client", "error_description": "Bad credentials"}, 401)
        token = str(uuid5(NAMESPACE, f"token-{len(self._tokens)}"))
        self._tokens[token] = self.clock() + timedelta(seconds=3600)
        return said({"access_token": token, "token_type": "bearer", "expires_in": 3600,
                     "scope": "order:all", "jti": "1"})  # fmt: skip

    def expire(self) -> None:
        """Every token that was given is over before its time."""
        self._tokens = dict.fromkeys(self._tokens, self.clock())

    def _cities(self, request: FakeRequest, method: str, rest: str) -> FakeReply:
        wanted = request.args
        found = [
            {"code": code, "city_uuid": str(uuid5(NAMESPACE, name)), "city": name,
             "country_code": "RU", "country": "Россия", "region": name, "payment_limit": -1.0}
            for code, (name, index) in TOWNS.items()
            if wanted.get("city", name).casefold() == name.casefold()
            and wanted.get("postal_code", index)[:3] == index[:3]
        ]  # fmt: skip
        return said(found)

    def _offices(self, request: FakeRequest, method: str, rest: str) -> FakeReply:
        wanted = request.args
        if wanted.get("code"):
            return said([one for one in OFFICES if one["code"] == wanted["code"]])
        size, page = int(wanted.get("size", 5000)), int(wanted.get("page", 0))
        found = [
            one
            for one in OFFICES
            if str(one["location"]["city_code"]) == wanted.get("city_code")
            and one["code"] not in self.closed
        ]
        return said(found[page * size : (page + 1) * size])

    def _quote(self, request: FakeRequest, method: str, rest: str) -> FakeReply:
        asked: dict[str, Any] = request.json()
        if asked["to_location"].get("code") not in TOWNS:
            return _wrong("v2_recipient_location_not_recognized", 400)
        grams = sum(one["weight"] for one in asked["packages"])
        found = [
            {"tariff_code": code, "tariff_name": name, "tariff_description": name,
             "delivery_mode": mode, "delivery_sum": roubles + grams // 1000 * 20.0,
             "period_min": least, "period_max": most}
            for code, name, mode, roubles, least, most in TARIFFS
        ]  # fmt: skip
        return said({"tariff_codes": found})

    def _orders(self, request: FakeRequest, method: str, rest: str) -> FakeReply:
        if method == "POST" and not rest:
            return self._place(request.json())
        if method == "GET" and not rest:
            wanted = request.args.get("im_number", "")
            same = [one for one in self.orders.values() if one.asked.get("number") == wanted]
            return self._shown(same[-1]) if same else _wrong("v2_entity_not_found_im_number", 400)
        uuid, _, deed = rest.partition("/")
        order = self.orders.get(uuid)
        if order is None:
            return _wrong("v2_entity_not_found", 404)
        return self._shown(order) if method == "GET" else self._undo(order, method, deed)

    def _undo(self, order: Order, method: str, deed: str) -> FakeReply:
        is_new = order.statuses[-1]["code"] in {"ACCEPTED", "CREATED"}
        if method == "DELETE" and is_new:
            self._step(order, "REMOVED")
            return self._taken(order, "DELETE")
        if deed == "refusal":
            self._step(order, "NOT_DELIVERED", "11")
            return self._taken(order, "REFUSAL")
        return _wrong("v2_entity_has_final_status", 400)

    def _place(self, asked: dict[str, Any]) -> FakeReply:
        number = asked.get("number", "")
        over = {"DELIVERED", "NOT_DELIVERED", "INVALID", "REMOVED"}
        if any(
            one.asked.get("number") == number and one.statuses[-1]["code"] not in over
            for one in self.orders.values()
        ):
            wrong = "error_validate_im_dep_number_has_already_had_integration"
            return said({"requests": [self._request("CREATE", "INVALID", wrong)]}, 400)
        uuid = str(uuid5(NAMESPACE, f"order-{len(self.orders)}"))
        order = Order(uuid=uuid, asked=asked, at=self.clock(), refusal=self.refuse_with)
        self.orders[uuid] = order
        self._step(order, "ACCEPTED")
        return self._taken(order, "CREATE")

    def _read(self, order: Order) -> None:
        """What CDEK does some time after it said 202."""
        order.looks += 1
        if order.number or order.looks <= self.slow_looks or (order.refusal and order.looks > 90):
            return
        if order.refusal:
            if order.statuses[-1]["code"] != "INVALID":
                self._step(order, "INVALID")
            return
        if order.statuses[-1]["code"] != "ACCEPTED":
            return
        # By its place among all: several may wait for their numbers at once.
        order.number = str(1_100_000_001 + [*self.orders].index(order.uuid))
        order.point = self._office_for(order.asked.get("delivery_point", ""))
        self._step(order, "CREATED")

    def _office_for(self, code: str) -> str:
        if code not in self.closed:
            return code
        town = next(one["location"]["city_code"] for one in OFFICES if one["code"] == code)
        return next(
            (
                one["code"]
                for one in OFFICES
                if one["location"]["city_code"] == town and one["code"] not in self.closed
            ),
            code,
        )

    def _shown(self, order: Order) -> FakeReply:
        self._read(order)
        refused = order.refusal if order.statuses[-1]["code"] == "INVALID" else ""
        made = "INVALID" if refused else "SUCCESSFUL" if order.number else "ACCEPTED"
        place = {"code": 245, "city": "Тверь", "country_code": "RU"}
        person = {"name": "•", "phones": [{"number": "+70000000000"}]}
        entity: dict[str, Any] = {
            "uuid": order.uuid, "type": 1, "is_return": order.is_return, "is_reverse": False,
            "is_client_return": False, "number": order.asked.get("number", ""),
            "tariff_code": order.asked.get("tariff_code", 136), "sender": person,
            "recipient": person, "from_location": place, "to_location": place,
            "packages": [{"number": "1", "weight": 100}], "statuses": order.statuses[::-1],
        }  # fmt: skip
        if order.number:
            entity["cdek_number"] = order.number
            entity["delivery_detail"] = {"delivery_sum": 231.5, "total_sum": 243.5}
        if order.point:
            entity["delivery_point"] = order.point
        related = [
            {"uuid": one.uuid, "type": "return_order", "cdek_number": one.number}
            for one in self.orders.values()
            if one.direct == order.uuid
        ]
        if order.direct:
            related.append({"uuid": order.direct, "type": "direct_order", "cdek_number": ""})
        asked = self._request("CREATE", made, refused)
        return said({"entity": entity, "requests": [asked], "related_entities": related})

    def _taken(self, order: Order, kind: str) -> FakeReply:
        asked = [self._request(kind, "ACCEPTED")]
        return said({"entity": {"uuid": order.uuid}, "requests": asked}, 202)

    def _request(self, kind: str, state: str, wrong: str = "") -> dict[str, Any]:
        made: dict[str, Any] = {"request_uuid": str(uuid5(NAMESPACE, kind)), "type": kind,
                                "date_time": self._time(), "state": state}  # fmt: skip
        return made | ({"errors": [{"code": wrong, "message": "refused"}]} if wrong else {})

    def _time(self, at: datetime | None = None) -> str:
        return (at or self.clock()).strftime("%Y-%m-%dT%H:%M:%S%z")

    def _step(self, order: Order, code: str, reason: str = "") -> None:
        # Each behind the one before, also where a test's clock stands.
        self._ticks += 1
        at = self.clock() + timedelta(seconds=self._ticks)
        order.statuses = [
            *order.statuses,
            {"code": code, "name": code, "date_time": self._time(at), "city": "Тверь",
             "reason_code": reason, "deleted": False},
        ]  # fmt: skip
        self._tell(order, code)

    # --- forms and notices ---

    def _print(self, request: FakeRequest, method: str, rest: str) -> FakeReply:
        if method == "POST":
            uuid = str(uuid5(NAMESPACE, f"print-{len(self._prints)}"))
            known = {one.get("order_uuid") for one in request.json()["orders"]}
            if not known <= self.orders.keys():
                return _wrong("v2_entity_not_found", 400)
            self._prints[uuid] = (self.clock(), 0)
            asked = [self._request("CREATE", "ACCEPTED")]
            return said({"entity": {"uuid": uuid}, "requests": asked}, 202)
        uuid = rest.removesuffix(".pdf")
        if uuid not in self._prints:
            return _wrong("v2_entity_not_found", 404)
        began, looks = self._prints[uuid]
        is_over = self.clock() - began > LIFE
        if rest.endswith(".pdf"):
            if is_over or looks < READY_AFTER:
                return _wrong("v2_entity_not_found", 404)
            body = b"%PDF-1.4\n% label of a parcel\n"
            return FakeReply(headers={"content-type": "application/pdf"}, body=body)
        self._prints[uuid] = (began, looks + 1)
        code = "REMOVED" if is_over else "READY" if looks + 1 >= READY_AFTER else "PROCESSING"
        made: dict[str, Any] = {
            "uuid": uuid, "orders": [], "copy_count": 1, "format": "A6",
            "statuses": [{"code": code, "name": code, "date_time": self._time()}],
        }  # fmt: skip
        asked = [self._request("CREATE", "SUCCESSFUL")]
        return said({"entity": made, "requests": asked, "related_entities": []})

    def _intakes(self, request: FakeRequest, method: str, rest: str) -> FakeReply:
        if method == "POST":
            asked = request.json()
            if not {"order_uuid", "cdek_number"} & asked.keys() and not asked.get("name"):
                return _wrong("v2_field_is_empty", 400)
            uuid = str(uuid5(NAMESPACE, f"intake-{len(self.intakes)}"))
            self.intakes[uuid] = {**asked, "state": "ACCEPTED"}
            made = [self._request("CREATE", "ACCEPTED")]
            return said({"entity": {"uuid": uuid}, "requests": made}, 202)
        known = self.intakes.get(rest)
        if known is None:
            return _wrong("v2_entity_not_found", 400)
        status = {"code": known["state"], "name": known["state"], "date_time": self._time()}
        place = {"address": "•", "code": 44}
        when = ("intake_date", "intake_time_from", "intake_time_to")
        entity = {"uuid": rest, "from_location": place, "statuses": [status],
                  **{name: known[name] for name in when}}  # fmt: skip
        return said({"entity": entity, "requests": [self._request("CREATE", "SUCCESSFUL")]})

    def _contract(self, request: FakeRequest, method: str, rest: str) -> FakeReply:
        return said({"tariff_codes": [
            {"tariff_name": name, "weight_min": 0.0, "weight_max": 30.0, "delivery_modes": [
                {"delivery_mode": str(mode), "delivery_mode_name": name, "tariff_code": code}]}
            for code, name, mode, *_ in TARIFFS
        ]})  # fmt: skip

    def _webhooks(self, request: FakeRequest, method: str, rest: str) -> FakeReply:
        if method == "GET":
            return said([{"uuid": key, **one} for key, one in self.subscriptions.items()])
        if method == "DELETE":
            self.subscriptions.pop(rest, None)
            return said({"entity": {"uuid": rest}, "requests": []})
        if len(self.subscriptions) >= 2:
            return said({"requests": [{"state": "INVALID"}]}, 400)
        uuid = str(uuid5(NAMESPACE, f"hook-{len(self.requests)}"))
        asked = request.json()
        self.subscriptions[uuid] = {"type": asked["type"], "url": asked["url"]}
        return said({"entity": {"uuid": uuid}, "requests": []})

    def _tell(self, order: Order, code: str) -> None:
        body = {
            "type": "ORDER_STATUS", "date_time": self._time(), "uuid": order.uuid,
            "attributes": {
                "is_return": order.is_return, "cdek_number": order.number, "code": code,
                "status_date_time": self._time(),
                "related_entities": [{"type": "direct_order", "uuid": order.direct}]
                if order.direct else [],
            },
        }  # fmt: skip
        for one in self.subscriptions.values():
            path = "/" + one["url"].partition("://")[2].partition("/")[2]
            self.push(FakePush(path=path, body=msgspec.json.encode(body),
                               headers={"content-type": "application/json"}))  # fmt: skip

    # --- what people do there ---

    def _numbered(self, number: str) -> Order:
        return next(one for one in self.orders.values() if one.number == number)

    def do_move(self, number: str, code: str) -> None:
        """Move a parcel on; without a status, to the next one of the usual way."""
        order = self._numbered(number)
        passed = {one["code"] for one in order.statuses}
        self._step(order, code or next((one for one in WAY if one not in passed), "DELIVERED"))

    def do_give_back(self, number: str) -> None:
        """The buyer refuses it: a return order is made."""
        order = self._numbered(number)
        self._step(order, "NOT_DELIVERED", "11")
        uuid = str(uuid5(NAMESPACE, f"return-{order.uuid}"))
        back = Order(uuid=uuid, asked={"number": ""}, at=self.clock(), number=f"{number}9",
                     is_return=True, direct=order.uuid)  # fmt: skip
        self.orders[uuid] = back
        self._step(back, "CREATED")

    def do_close(self, code: str) -> None:
        """Shut an office."""
        self.closed.add(code)


def _wrong(code: str, status: int) -> FakeReply:
    return said({"errors": [{"code": code, "message": "refused"}]}, status)
