"""Wildberries in memory: a token, buckets in which a refusal counts as ten, writes that say 204."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from appliance.plugin_api.fakes import FakeReply, FakeRequest, said
from plugins.marketplace_wildberries import fake_goods, fake_supplies
from plugins.marketplace_wildberries.fake_shop import Refused, Shop, iso

DAYS: Final = 30
MOST: Final = 1000


class Fake(Shop):
    """One cabinet with one warehouse, as its interface answers."""

    def answer(self, request: FakeRequest) -> FakeReply:
        """Check the token and the limits, then answer."""
        found = _route(request)
        if found is None:
            return said({"code": "NotFound", "message": "path not found", "data": None}, 404)
        family, run, groups = found
        if request.headers.get("authorization") != self.token or self.clock() >= self.token_ends:
            return self.problem(request, 401, "unauthorized")  # it has no seller to charge
        if family == "report" and self.no_reports:
            return self.problem(request, 401, "token scope not allowed")
        bucket = self.bucket(family, request.headers.get("host", ""))
        wait = bucket.wait(self.clock())
        if wait:
            named = {"x_ratelimit_retry": f"{int(wait) + 1}"}
            return self.problem(request, 429, "too many requests", **named)
        reply = self._answered(request, run, groups)
        if 400 <= reply.status < 500:
            bucket.charge(9)
        return reply

    def _answered(self, request: FakeRequest, run: "Run", groups: tuple[str, ...]) -> FakeReply:
        try:
            return run(self, request, *groups)
        except Refused as refused:
            return said(refused.body, refused.status)
        except (KeyError, TypeError, ValueError, msgspec.DecodeError):
            return said(
                {"code": "IncorrectRequestBody", "message": "Некорректное тело", "data": None}, 400
            )


Run = Callable[..., FakeReply]


# --- orders ---


def _ping(fake: Fake, request: FakeRequest) -> FakeReply:
    del request
    return said({"TS": iso(fake.clock()), "Status": "OK"})


def _new(fake: Fake, request: FakeRequest) -> FakeReply:
    del request
    fresh = [
        one for one in fake.orders.values()
        if one["_supplier"] == "new" and one["_wb"] == "waiting"
    ]  # fmt: skip
    return said({"orders": [_shown(one) for one in fresh]})


def _shown(one: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in one.items() if not key.startswith("_")}


def _listed(fake: Fake, request: FakeRequest) -> FakeReply:
    args = request.args
    limit, after = int(args["limit"]), int(args["next"])
    until = int(args.get("dateTo") or fake.clock().timestamp() + 1)
    since = int(args.get("dateFrom") or until - DAYS * 86_400)
    if not 1 <= limit <= MOST or until - since > DAYS * 86_400 + 1:
        raise Refused(400, "IncorrectParameter")
    found = [
        one for one in fake.orders.values()
        if since <= one["_at"].timestamp() <= until and one["id"] > after
    ][:limit]  # fmt: skip
    hidden = {"requiredMeta", "optionalMeta"}
    shown = [
        {**{key: x for key, x in _shown(one).items() if key not in hidden},
         **({"supplyId": one["_supply"]} if one["_supply"] else {})}
        for one in found
    ]  # fmt: skip
    return said({"next": found[-1]["id"] if found else 0, "orders": shown})


def _statuses(fake: Fake, request: FakeRequest) -> FakeReply:
    ids = request.json(dict[str, Any])["orders"]
    if not 1 <= len(ids) <= MOST:
        raise Refused(400, "IncorrectRequest")
    found = [fake.orders[one] for one in ids if one in fake.orders]
    rows = [
        {
            "id": one["id"],
            "supplierStatus": one["_supplier"],
            "wbStatus": one["_wb"],
            "isCancellable": fake.is_cancellable(one),
        }
        for one in found
    ]
    return said({"orders": rows})


def _cancel(fake: Fake, request: FakeRequest, number: str) -> FakeReply:
    del request
    one = fake.one(number)
    if not fake.is_cancellable(one):
        raise Refused(409, "StatusMismatch")
    one["_supply"] = ""
    fake.move(one["id"], "canceled", "cancel")
    return FakeReply(status=204)


def _stickers(fake: Fake, request: FakeRequest) -> FakeReply:
    args, ids = request.args, request.json(dict[str, Any])["orders"]
    sizes = {("58", "40"), ("40", "30")}
    kinds = ("svg", "zplv", "zplh", "png")
    if args["type"] not in kinds or (args["width"], args["height"]) not in sizes:
        raise Refused(400, "IncorrectParameter")
    if not 1 <= len(ids) <= 100:
        raise Refused(400, "IncorrectRequest")
    found = [fake.one(one) for one in ids]
    if any(
        "customsDeclaration" in one["requiredMeta"] and "customsDeclaration" not in one["_meta"]
        for one in found
    ):
        raise Refused(409, "CustomsDeclarationIsRequired")
    stickers = [
        {
            "orderId": one["id"],
            "partA": str(one["id"])[:5],
            "partB": str(one["id"])[5:],
            "barcode": f"!u{one['id']}",
            "file": fake_supplies.PNG,
        }
        for one in found
        if one["_supplier"] in ("confirm", "complete")
    ]
    return said({"stickers": stickers})


# --- codes ---


def _meta(fake: Fake, request: FakeRequest) -> FakeReply:
    ids = request.json(dict[str, Any])["orders"]
    if len(ids) > 100:
        raise Refused(400, "BadRequest")
    rows = [{"id": one, "metaDetails": fake_supplies.details(fake, fake.one(one))} for one in ids]
    return said({"orders": rows})


_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "sgtin": ("sgtin", "sgtins"),
    "uin": ("uin", "uin"),
    "imei": ("imei", "imei"),
    "gtin": ("gtin", "gtin"),
    "expiration": ("expiration", "expiration"),
    "customs-declaration": ("customsDeclaration", "customsDeclaration"),
}


def _meta_put(fake: Fake, request: FakeRequest, number: str, name: str) -> FakeReply:
    key, field = _FIELDS[name]
    told: list[str] | str = request.json(dict[str, Any])[field]
    one = fake.one(number)
    if key not in (*one["requiredMeta"], *one["optionalMeta"]):
        raise Refused(409, "MetaKeyNotRequired")
    if one["_supplier"] != "confirm":
        raise Refused(409, "FailedToUpdateMeta")
    value = told[0] if isinstance(told, list) else told
    one["_meta"][key] = (value, fake.clock())
    return FakeReply(status=204)


def _meta_drop(fake: Fake, request: FakeRequest, number: str) -> FakeReply:
    key = request.args["key"]
    if key == "expiration" or fake.one(number)["_meta"].pop(key, None) is None:
        raise Refused(409, "FailedToUpdateMeta")
    return FakeReply(status=204)


def _reshipment(fake: Fake, request: FakeRequest) -> FakeReply:
    del request
    rows = [{"supplyID": fake.orders[one]["_supply"], "orderID": one} for one in sorted(fake.again)]
    return said({"orders": rows})


def _returns(fake: Fake, request: FakeRequest) -> FakeReply:
    args = request.args
    if args["status"] not in ("active", "archive"):
        raise Refused(400, "IncorrectParameter")
    start, limit = int(args["offset"]), int(args["limit"])
    return said({"report": fake.returns[start : start + limit]})


_S: Final = r"/api/v3/supplies/(WB-GI-\d+)"
_M: Final = "/api/marketplace/v3"
_ROUTES: Final[tuple[tuple[str, str, str, Run], ...]] = (
    ("GET", "/ping", "ping", _ping),
    ("GET", "/api/v3/orders/new", "orders", _new),
    ("GET", "/api/v3/orders", "orders", _listed),
    ("POST", "/api/v3/orders/status", "orders", _statuses),
    ("PATCH", r"/api/v3/orders/(\d+)/cancel", "cancel", _cancel),
    ("POST", "/api/v3/orders/stickers", "orders", _stickers),
    ("POST", f"{_M}/orders/meta", "meta", _meta),
    ("PUT", r"/api/v3/orders/(\d+)/meta/(sgtin|uin|imei|gtin|expiration)", "codes", _meta_put),
    ("DELETE", r"/api/v3/orders/(\d+)/meta", "meta", _meta_drop),
    ("PUT", rf"{_M}/orders/(\d+)/meta/(customs-declaration)", "codes", _meta_put),
    ("GET", "/api/v3/supplies/orders/reshipment", "orders", _reshipment),
    ("GET", "/api/analytics/v1/goods-return", "report", _returns),
    ("POST", "/api/v3/supplies", "orders", fake_supplies.make),
    ("GET", "/api/v3/supplies", "orders", fake_supplies.listed),
    ("GET", _S, "orders", fake_supplies.one),
    ("PATCH", rf"{_M}/supplies/(WB-GI-\d+)/orders", "orders", fake_supplies.add),
    ("GET", rf"{_M}/supplies/(WB-GI-\d+)/order-ids", "orders", fake_supplies.orders_of),
    ("PATCH", f"{_S}/deliver", "orders", fake_supplies.deliver),
    ("GET", f"{_S}/barcode", "orders", fake_supplies.barcode),
    ("GET", "/api/v3/warehouses", "houses", fake_goods.houses),
    ("PUT", r"/api/v3/stocks/(\d+)", "stock", fake_goods.put_stock),
    ("POST", r"/api/v3/stocks/(\d+)", "stock", fake_goods.stock),
    ("POST", "/api/v2/upload/task", "prices", fake_goods.upload),
    ("GET", "/api/v2/history/tasks", "prices", fake_goods.task),
    ("GET", "/api/v2/history/goods/task", "prices", fake_goods.task_goods),
    ("POST", "/content/v2/get/cards/list", "cards", fake_goods.cards),
)
"""Method, path, bucket, what answers."""


def _route(request: FakeRequest) -> tuple[str, Run, tuple[str, ...]] | None:
    for method, pattern, family, run in _ROUTES:
        found = re.fullmatch(pattern, request.path)
        if found and method == request.method:
            return family, run, found.groups()
    return None
