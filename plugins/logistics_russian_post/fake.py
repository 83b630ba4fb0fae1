"""The Post in memory: refuses by position under 200, knows no key twice, is asked for the way."""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from appliance.plugin_api.fakes import (
    Deed,
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
from plugins.logistics_russian_post.fake_tracking import answered, fault

TOKEN, LOGIN, PASSWORD = "token-of-trial", "shop@example.ru", "password-of-trial"
TRACK_LOGIN, TRACK_PASSWORD = "track-of-trial", "track-password"
OPERATOR: Final = "101000"
TOWNS: Final = {
    "Тверь": ("Тверская обл", ("170000", "170001", "170100")),
    "Москва": ("г Москва", ("101000", "109012")),
    "Санкт-Петербург": ("г Санкт-Петербург", ("190000",)),
}
PRICES: Final = {
    "POSTAL_PARCEL": (30000, 5, 8),
    "ONLINE_PARCEL": (24000, 4, 7),
    "PARCEL_CLASS_1": (42000, 2, 4),
    "ONLINE_COURIER": (45000, 3, 5),
    "EMS": (90000, 1, 3),
}
"""Kopecks up to a kilogram without VAT, least and most days."""
VAT: Final = 22
HEAVIEST: Final = 20_000
WAY: Final = ((1, 2), (8, 4), (8, 2), (2, 1))
FREE: Final = 100
_BARCODE: Final = re.compile(rb"Barcode>([^<]*)<")
_LOGIN: Final = re.compile(rb"login>([^<]*)<")
_PASSWORD: Final = re.compile(rb"password>([^<]*)<")


class Order(msgspec.Struct, kw_only=True):
    """An order of the backlog, or a parcel once it is in a batch."""

    id: int
    asked: dict[str, Any]
    barcode: str
    batch: str = ""
    way: list[tuple[int, int, datetime, str]] = []

    def shown(self, status: str) -> dict[str, Any]:
        """As the Post tells it."""
        cost = price(self.asked["mail-type"], self.asked["mass"])
        given = {"batch-name": self.batch, "batch-status": status} if self.batch else {}
        return {**self.asked, "id": self.id, "barcode": self.barcode, "total-rate-wo-vat": cost,
                "total-vat": cost * VAT // 100, "version": 1, **given}  # fmt: skip


def price(kind: str, grams: int) -> int:
    """Kopecks without VAT."""
    return PRICES[kind][0] + max(-(-grams // 1000) - 1, 0) * 5000


class Fake(Base):
    """The Post.

    Attributes:
        orders: by id.
        batches: name → state.
        refuse_with: code by which the next orders are refused, each at its position under 200.
        asked_today: questions about the way that were answered today.
    """

    title = "Почта России"
    deeds = (
        Deed(
            name="move",
            title="Передвинуть посылку",
            fields=(
                Field(name="barcode", title="Трек-номер"),
                Field(name="operation", title="Операция: вид.атрибут, пусто: следующая"),
            ),
        ),
        Deed(
            name="give_back",
            title="Истёк срок хранения: возврат",
            fields=(Field(name="barcode", title="Трек-номер"),),
        ),
    )

    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        super().__init__(clock)
        self.orders: dict[int, Order] = {}
        self.batches: dict[str, str] = {}
        self.refuse_with = ""
        self.asked_today = 0
        self.most_a_day = FREE
        self._day = ""
        self._limit = Limit(20, 1.0)
        self._ticks = 0

    def settings(self) -> Mapping[str, str]:
        """What is typed into the account's form."""
        return {"token": TOKEN, "login": LOGIN, "password": PASSWORD, "postoffice": OPERATOR,
                "tracking_address": "", "tracking_login": TRACK_LOGIN,
                "tracking_password": TRACK_PASSWORD}  # fmt: skip

    def state(self) -> Sequence[Shown]:
        """Orders and batches, newest last."""
        rows = tuple(
            (one.barcode, one.asked["order-num"], one.batch or "—",
             "{}.{}".format(*one.way[-1][:2]) if one.way else "—")
            for one in self.orders.values()
        )  # fmt: skip
        return (
            Shown(title="Отправления", columns=("ШПИ", "Номер магазина", "Партия", "Операция"),
                  rows=rows),
            Shown(title="Партии", columns=("Партия", "Состояние"),
                  rows=tuple(self.batches.items())),
        )  # fmt: skip

    def error_in_200(self, request: FakeRequest) -> FakeReply:
        """Good by its status, a refusal by its position."""
        return said({"errors": [_position(0, "UNDEFINED")]})

    # --- what the Post answers ---

    def answer(self, request: FakeRequest) -> FakeReply:
        """Answer one request."""
        if request.path == "/rtm34":
            return self._history(request)
        person = b64encode(f"{LOGIN}:{PASSWORD}".encode()).decode()
        if (
            request.headers.get("authorization") != f"AccessToken {TOKEN}"
            or request.headers.get("x-user-authorization") != f"Basic {person}"
        ):
            return said({"code": "1011", "desc": "Неверный токен или логин"}, 401)
        if wait := self._limit.wait(TOKEN, self.clock()):
            return FakeReply(status=429, headers={"retry-after": str(int(wait) + 1)})
        for start, run in (
            ("/1.0/tariff", self._tariff),
            ("/1.0/clean/", self._clean),
            ("/1.0/user/backlog", self._place),
            ("/1.0/user/shipment", self._batch),
            ("/1.0/backlog", self._backlog),
            ("/1.0/shipment", self._shipment),
            ("/1.0/batch/", self._checkin),
            ("/1.0/forms/", self._forms),
            ("/1.0/user-shipping-points", self._own_points),
            ("/1.0/settings/limit", self._quota),
            ("/postoffice/1.0/", self._offices),
        ):
            if request.path.startswith(start):
                return run(request, request.path.removeprefix(start).strip("/"))
        return _wrong("1001", 404)

    def _tariff(self, request: FakeRequest, rest: str) -> FakeReply:
        asked: dict[str, Any] = request.json()
        if not _known(asked["index-to"]):
            return _wrong("ILLEGAL_INDEX_TO", 400)
        if asked["mass"] > HEAVIEST:
            return _wrong("ILLEGAL_MASS_EXCESS", 400)
        kind = asked["mail-type"]
        cost = price(kind, asked["mass"]) + asked.get("declared-value", 0) * 3 // 100
        return said({"total-rate": cost, "total-vat": cost * VAT // 100, "payment-method":
                     "CASHLESS", "ground-rate": {"rate": cost, "vat": cost * VAT // 100},
                     "delivery-time": {"min-days": PRICES[kind][1],
                                       "max-days": PRICES[kind][2]}})  # fmt: skip

    def _clean(self, request: FakeRequest, rest: str) -> FakeReply:
        clean = _address if rest == "address" else _person
        return said([clean(one) for one in request.json()])

    def _place(self, request: FakeRequest, rest: str) -> FakeReply:
        ids: list[int] = []
        errors: list[dict[str, Any]] = []
        for position, asked in enumerate(request.json()):
            wrong = self.refuse_with or _refusal(asked)
            if wrong:
                errors.append(_position(position, wrong))
                continue
            number = 2_319_000_000 + len(self.orders)
            self.orders[number] = Order(
                id=number, asked=asked, barcode=f"80{len(self.orders) + 1:012d}"
            )
            ids.append(number)
        return said({"result-ids": ids, **({"errors": errors} if errors else {})})

    def _found(self, request: FakeRequest, rest: str, *, batched: bool) -> FakeReply:
        here = [one for one in self.orders.values() if bool(one.batch) == batched]
        if rest == "search":
            query = request.args.get("query", "")
            same = [one for one in here if query in (*_names(one),) or query in _names(one)[0]]
            return said([self._shown(one) for one in same])
        one = next((one for one in here if str(one.id) == rest), None)
        return _wrong("NOT_FOUND", 404) if one is None else said(self._shown(one))

    def _shown(self, one: Order) -> dict[str, Any]:
        return one.shown(self.batches.get(one.batch, ""))

    def _backlog(self, request: FakeRequest, rest: str) -> FakeReply:
        if request.method == "DELETE":
            return self._delete(request.json(), batched=False)
        return self._found(request, rest, batched=False)

    def _shipment(self, request: FakeRequest, rest: str) -> FakeReply:
        if request.method == "DELETE":
            return self._delete(request.json(), batched=True)
        return self._found(request, rest, batched=True)

    def _delete(self, ids: list[int], *, batched: bool) -> FakeReply:
        gone: list[int] = []
        errors: list[dict[str, Any]] = []
        for position, number in enumerate(ids):
            one = self.orders.get(number)
            if one is None or bool(one.batch) != batched:
                errors.append({"error-code": "NOT_FOUND", "position": position})
            elif self.batches.get(one.batch) == "SENT":
                errors.append({"error-code": "ALL_SHIPMENTS_SENT", "position": position})
            else:
                del self.orders[number]
                gone.append(number)
        return said({"result-ids": gone, **({"errors": errors} if errors else {})})

    def _batch(self, request: FakeRequest, rest: str) -> FakeReply:
        free = [self.orders[one] for one in request.json() if one in self.orders]
        free = [one for one in free if not one.batch]
        errors = [
            {"error-code": "NOT_FOUND", "position": position}
            for position, one in enumerate(request.json())
            if one not in {each.id for each in free}
        ]
        made: list[dict[str, Any]] = []
        if free:
            name = str(100 + len(self.batches))
            self.batches[name] = "CREATED"
            for one in free:
                one.batch = name
            made.append({"batch-name": name, "batch-status": "CREATED", "shipment-count": len(free),
                         "postoffice-code": OPERATOR, "payment-method": "CASHLESS"})  # fmt: skip
        return said({"result-ids": [one.id for one in free], "batches": made,
                     **({"errors": errors} if errors else {})})  # fmt: skip

    def _checkin(self, request: FakeRequest, rest: str) -> FakeReply:
        name, _, deed = rest.partition("/")
        if name not in self.batches:
            return _wrong("NOT_FOUND", 404)
        if deed != "checkin":
            return said({"batch-name": name, "batch-status": self.batches[name]})
        self.batches[name] = "SENT"
        return said({"f103-sent": True})

    def _forms(self, request: FakeRequest, rest: str) -> FakeReply:
        *_, which, form = rest.split("/")
        if form == "f103pdf":
            is_there = self.batches.get(which) == "SENT"
        else:
            one = self.orders.get(int(which))
            is_there = one is not None and bool(one.batch) == (form == "f7pdf")
        if not is_there:
            return _wrong("NOT_FOUND", 404)
        body = f"%PDF-1.4\n% {form}\n".encode()
        return FakeReply(headers={"content-type": "application/pdf"}, body=body)

    def _own_points(self, request: FakeRequest, rest: str) -> FakeReply:
        return said([{"operator-postcode": OPERATOR, "enabled": True,
                      "available-mail-types": list(PRICES)}])  # fmt: skip

    def _quota(self, request: FakeRequest, rest: str) -> FakeReply:
        return said({"allowed-count": 5000, "current-count": len(self.requests)})

    def _offices(self, request: FakeRequest, rest: str) -> FakeReply:
        if rest == "by-address":
            place, most = request.args.get("address", ""), int(request.args.get("top", 3))
            found = next((codes for town, (_, codes) in TOWNS.items()
                          if town.casefold() in place.casefold()), ())  # fmt: skip
            return said({"is-matched": bool(found), "postoffices": list(found[:most])})
        town = _known(rest)
        if town is None:
            return _wrong("NOT_FOUND", 404)
        day = {"begin-worktime": "10:00:00.000", "end-worktime": "19:00:00.000"}
        return said({"postal-code": rest, "settlement": town[0], "region": town[1],
                     "address-source": f"{town[0]}, ул. Почтовая, {int(rest) % 90}",
                     "is-closed": False, "is-temporary-closed": False, "type-code": "ГОПС",
                     "working-hours": [day] * 5 + [{"weekday-id": 6}] * 2})  # fmt: skip

    # --- the way ---

    def _history(self, request: FakeRequest) -> FakeReply:
        given = tuple(one.search(request.body) for one in (_LOGIN, _PASSWORD, _BARCODE))
        login, password, barcode = (one[1].decode() if one else "" for one in given)
        if (login, password) != (TRACK_LOGIN, TRACK_PASSWORD):
            return fault("AuthorizationFaultReason", "Неправильный логин или пароль")
        today = self.clock().date().isoformat()
        self.asked_today = self.asked_today + 1 if today == self._day else 1
        self._day = today
        if self.asked_today > self.most_a_day:
            return fault("AuthorizationFaultReason", "Превышен лимит запросов за сутки")
        one = next((one for one in self.orders.values() if one.barcode == barcode), None)
        if one is None:
            return fault("OperationHistoryFaultReason", "Отправление не найдено")
        return answered(barcode, one.way)

    # --- what people do there ---

    def _numbered(self, barcode: str) -> Order:
        return next(one for one in self.orders.values() if one.barcode == barcode)

    def do_move(self, barcode: str, operation: str) -> None:
        """Move a parcel on; without an operation, to the next one of the usual way."""
        one = self._numbered(barcode)
        passed = {each[:2] for each in one.way}
        following = next((each for each in WAY if each not in passed), (2, 1))
        kind, _, attribute = operation.partition(".")
        step = (int(kind), int(attribute or 0)) if kind else following
        # Each behind the one before, also where a test's clock stands.
        self._ticks += 1
        at = self.clock() + timedelta(seconds=self._ticks)
        one.way = [*one.way, (step[0], step[1], at, str(one.asked["index-to"]))]

    def do_give_back(self, barcode: str) -> None:
        """Nobody came for it: it goes back."""
        self.do_move(barcode, "3.1")


def _known(index: str) -> tuple[str, str] | None:
    """Town and region of a postcode: every one begins with 1 to 6, few towns have a name here."""
    text = str(index)
    found = ((town, region) for town, (region, codes) in TOWNS.items() if text in codes)
    is_one = re.fullmatch(r"[1-6]\d{5}", text) is not None
    return next(found, (f"Посёлок {text[:3]}", "Дальняя обл") if is_one else None)


def _names(one: Order) -> tuple[str, str]:
    return one.asked["order-num"], one.barcode


def _address(asked: dict[str, Any]) -> dict[str, Any]:
    """Understood where it names a town and a house, or waits at an office."""
    text = asked["original-address"]
    index = next(iter(re.findall(r"\b\d{6}\b", text)), "")
    town = next((one for one in TOWNS if one.casefold() in text.casefold()), "")
    if index and not town:
        town = next((one for one in re.findall(r"[А-Яа-яЁё-]{3,}", text)), "")
    waits = "до востребования" in text
    house = re.search(r",\s*(?:д\.?\s*)?(\d+\w*)\s*(?:,|$)", text)
    good = bool(town) and (waits or house is not None)
    made: dict[str, Any] = {"id": asked["id"], "original-address": text,
                            "address-type": "DEMAND" if waits else "DEFAULT",
                            "quality-code": "ON_DEMAND" if waits else "GOOD",
                            "validation-code": "VALIDATED"}  # fmt: skip
    if not good:
        return made | {"quality-code": "UNDEF_01", "validation-code": "NOT_VALIDATED_HAS_NO_PLACE"}
    region, codes = TOWNS.get(town, ("Дальняя обл", ("",)))
    made |= {"index": index or codes[0], "region": region, "place": f"г {town}"}
    return made if waits or house is None else made | {"street": "ул Садовая", "house": house[1]}


def _person(asked: dict[str, Any]) -> dict[str, Any]:
    surname, name, middle, *_ = [*asked["original-fio"].split(), "", "", ""]
    return {"id": asked["id"], "original-fio": asked["original-fio"], "surname": surname,
            "name": name, "middle-name": middle, "quality-code": "EDITED"}  # fmt: skip


def _refusal(asked: dict[str, Any]) -> str:
    if _known(str(asked["index-to"])) is None:
        return "ILLEGAL_INDEX_TO"
    if asked["postoffice-code"] != OPERATOR:
        return "ILLEGAL_POSTCODE"
    return "ILLEGAL_MASS_EXCESS" if asked["mass"] > HEAVIEST else ""


def _position(position: int, code: str) -> dict[str, Any]:
    return {"position": position, "error-codes": [{"code": code, "description": "refused"}]}


def _wrong(code: str, status: int) -> FakeReply:
    return said({"code": code, "desc": "refused", "sub-code": code}, status)
