"""Yandex Market in memory: keys, limits of each operation, 420, checks of codes, cut-offs."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from appliance.plugin_api.fakes import FakeReply, FakeRequest, said
from plugins.marketplace_yandex import limits
from plugins.marketplace_yandex.fake_shop import (
    API_KEY,
    BUSINESS,
    CAMPAIGN,
    CHECK_SECONDS,
    OK,
    OTHER_CAMPAIGN,
    WAREHOUSE,
    Refused,
)
from plugins.marketplace_yandex.fake_yard import Asked, Yard, mine, pdf
from plugins.marketplace_yandex.limits import Operation
from plugins.marketplace_yandex.mapping import MOSCOW

CODE: Final = re.compile(r"01\d{14}21.{6,}")
"""A code of «Честный знак»: the good's number and a serial one."""


def error(status: int, code: str, message: str = "") -> FakeReply:
    """As Yandex writes it."""
    return said({"status": "ERROR", "errors": [{"code": code, "message": message}]}, status)


class Fake(Yard):
    """One cabinet, as its interface answers."""

    def answer(self, request: FakeRequest) -> FakeReply:
        """Check the key, find the operation, keep its limit, then answer."""
        if request.headers.get("api-key") != API_KEY:
            return error(401, "UNAUTHORIZED", "Api-Key is invalid")
        for what, pattern, run in _ROUTES:
            found = pattern.fullmatch(request.path)
            if found is None or request.method != what.method:
                continue
            return self._answered(request, what, run, found.groups())
        return error(404, "NOT_FOUND", "no such operation")

    def _answered(
        self, request: FakeRequest, what: Operation, run: str, parts: tuple[str, ...]
    ) -> FakeReply:
        try:
            asked: Asked = request.json(Asked | None) or {}
            if self._is_over(what, asked):
                return self.too_many(request)
            answer: Callable[..., FakeReply] = getattr(self, run)
            return answer(asked, request.args, *map(int, parts))
        except Refused as refused:
            return error(refused.status, refused.code, str(refused))
        except (KeyError, TypeError, ValueError, msgspec.DecodeError) as wrong:
            return error(400, "BAD_REQUEST", f"{type(wrong).__name__} {wrong}")

    def _is_over(self, what: Operation, asked: Asked) -> bool:
        if self.crowd:
            return True
        cost = len(asked.get("skus") or asked.get("offers") or ()) if what.goods else 1
        at, kept = self.clock(), self.limits[what.name]
        return any(kept.wait(API_KEY, at) for _ in range(cost))

    def too_many(self, request: FakeRequest) -> FakeReply:
        """Yandex says 420, and seldom for how long."""
        del request
        reply = error(420, "LIMIT_EXCEEDED", "Hit rate limit of the operation")
        named = {"retry-after": str(self.pause)} if self.pause else {}
        return msgspec.structs.replace(reply, headers={**reply.headers, **named})

    # --- the cabinet ---

    def _campaigns(self, asked: Asked, args: Mapping[str, str]) -> FakeReply:
        shops = [
            {
                "id": number,
                "domain": f"Лавка {place}",
                "business": {"id": BUSINESS, "name": "Лавка"},
                "placementType": "FBS",
                "apiAvailability": "AVAILABLE",
            }
            for place, number in enumerate((CAMPAIGN, OTHER_CAMPAIGN), 1)
        ]
        return said({"campaigns": shops, "paging": {}})

    def _token(self, asked: Asked, args: Mapping[str, str]) -> FakeReply:
        key = {"name": "Коробка", "authScopes": self.scopes}
        return said({**OK, "result": {"apiKey": key}})

    def _warehouses(self, asked: Asked, args: Mapping[str, str], business: int) -> FakeReply:
        mine(business)
        models = [{"placementType": "FBS", "apiAvailability": "AVAILABLE"}]
        known = [{"id": WAREHOUSE, "name": "Склад на Ткацкой", "models": models}]
        wanted = asked.get("warehouseIds") or [WAREHOUSE]
        found = [one for one in known if one["id"] in wanted]
        return said({**OK, "result": {"warehouses": found, "paging": {}}})

    # --- orders ---

    def _orders(self, asked: Asked, args: Mapping[str, str], business: int) -> FakeReply:
        mine(business)
        limit = int(args.get("limit", 50))
        if not 1 <= limit <= 50 or len(asked.get("orderIds") or ()) > 50:
            raise Refused(400, "BAD_REQUEST", "limit must be between 1 and 50")
        found = [one for one in self.orders.values() if self._matches(one, asked)]
        start = int(args.get("pageToken") or 0)
        page = found[start : start + limit]
        ahead = start + limit < len(found)
        return said(
            {
                "orders": [
                    {key: value for key, value in one.items() if key != "updated"} for one in page
                ],
                "paging": {"nextPageToken": str(start + limit)} if ahead else {},
            }
        )

    def _matches(self, one: Mapping[str, Any], asked: Asked) -> bool:
        fields = {
            "orderIds": "orderId", "campaignIds": "campaignId", "statuses": "status",
            "substatuses": "substatus", "programTypes": "programType",
        }  # fmt: skip
        for name, field in fields.items():
            if asked.get(name) is not None and one[field] not in asked[name]:
                return False
        if "fake" in asked and one["fake"] != asked["fake"]:
            return False
        dates: Asked = asked.get("dates") or {}
        if "updateDateFrom" in dates:
            return bool(one["updated"] >= datetime.fromisoformat(dates["updateDateFrom"]))
        if asked.get("orderIds") is not None:
            return True
        # Without dates Yandex looks at orders of the last thirty days.
        born = datetime.fromisoformat(one["creationDate"])
        return born >= self.clock() - timedelta(days=30)

    def _one(self, campaign: int, number: int) -> dict[str, Any]:
        one = self.orders.get(number)
        if one is None or one["campaignId"] != campaign:
            raise Refused(404, "NOT_FOUND", f"Order {number} not found")
        return one

    def _status(
        self, asked: Asked, args: Mapping[str, str], campaign: int, number: int
    ) -> FakeReply:
        one, wanted = self._one(campaign, number), asked["order"]
        goal = (wanted["status"], wanted.get("substatus", ""))
        if one["status"] != "PROCESSING" or one["substatus"] == "SHIPPED":
            raise Refused(400, "STATUS_NOT_ALLOWED", f"status {goal[0]} is not allowed")
        if goal == ("PROCESSING", "READY_TO_SHIP"):
            self._may_go(one)
        elif goal != ("CANCELLED", "SHOP_FAILED"):
            raise Refused(400, "STATUS_NOT_ALLOWED", f"substatus {goal[1]} is not allowed")
        self.move(number, *goal)
        return said({"order": _old_order(one)})

    def _may_go(self, one: Mapping[str, Any]) -> None:
        needs = any(
            kind in ("CIS", "UIN")
            for line in one["items"]
            for kind in line.get("requiredInstanceTypes", ())
        )
        if one["orderId"] not in self.packed:
            raise Refused(400, "BOXES_NOT_SET", "boxes are not set")
        told = self.checks.get(one["orderId"])
        is_checked = told is not None and self._is_checked(told[0])
        if needs and not (told and told[1] and is_checked):
            raise Refused(400, "IDENTIFIERS_NOT_VALID", "identifiers are not checked")

    def _is_checked(self, since: datetime) -> bool:
        return self.clock() - since >= timedelta(seconds=CHECK_SECONDS)

    def _boxes(
        self, asked: Asked, args: Mapping[str, str], campaign: int, number: int
    ) -> FakeReply:
        one = self._one(campaign, number)
        if (one["status"], one["substatus"]) != ("PROCESSING", "STARTED"):
            raise Refused(400, "ORDER_IN_WRONG_STATUS", "the layout cannot be changed any more")
        packed: dict[int, int] = {}
        codes: list[str] = []
        for item in (x for box in asked["boxes"] for x in box["items"]):
            packed[item["id"]] = packed.get(item["id"], 0) + item["fullCount"]
            codes += [code for piece in item.get("instances") or () for code in piece.values()]
        if packed != {x["id"]: x["count"] for x in one["items"]}:
            raise Refused(400, "BOXES_LAYOUT_MISMATCH", "items of boxes and of the order differ")
        self.packed[number] = asked["boxes"]
        if codes:
            is_good = all(CODE.fullmatch(code) or len(code) == 16 for code in codes)
            self.checks[number] = (self.clock(), is_good)
            self.codes[number] = codes
        boxes = [{**box, "boxId": number * 100 + at} for at, box in enumerate(asked["boxes"])]
        return said({**OK, "result": {"boxes": boxes}})

    def _codes(
        self, asked: Asked, args: Mapping[str, str], campaign: int, number: int
    ) -> FakeReply:
        one = self._one(campaign, number)
        told = self.checks.get(number)
        if told is None:
            return said({**OK, "result": {"items": []}})
        state = "IN_PROGRESS"
        if self._is_checked(told[0]):
            state = "OK" if told[1] else "FAILED"
        codes = [{"value": code, "status": state} for code in self.codes[number]]
        return said({**OK, "result": {"items": [{"id": one["items"][0]["id"], "cis": codes}]}})

    def _label(
        self, asked: Asked, args: Mapping[str, str], campaign: int, number: int
    ) -> FakeReply:
        one = self._one(campaign, number)
        if (one["status"], one["substatus"]) != ("PROCESSING", "READY_TO_SHIP"):
            raise Refused(400, "ORDER_IN_WRONG_STATUS", "labels are not ready")
        return pdf()


def _old_order(one: Mapping[str, Any]) -> dict[str, Any]:
    """An order of the older model, with dates as that one writes them."""
    born = datetime.fromisoformat(one["creationDate"]).astimezone(MOSCOW)
    sums = [x["prices"]["payment"]["value"] for x in one["items"]]
    return {
        "id": one["orderId"],
        "status": one["status"],
        "substatus": one["substatus"],
        "creationDate": born.strftime("%d-%m-%Y %H:%M:%S"),
        "currency": "RUR",
        "itemsTotal": sum(sums),
        "deliveryTotal": 0,
        "buyerItemsTotalBeforeDiscount": sum(sums),
        "paymentType": "PREPAID",
        "paymentMethod": "YANDEX",
        "fake": one["fake"],
        "taxSystem": "USN",
        "items": [
            {
                "id": x["id"],
                "offerId": x["offerId"],
                "offerName": x["offerName"],
                "price": amount / x["count"],
                "buyerPrice": amount / x["count"],
                "buyerPriceBeforeDiscount": amount / x["count"],
                "count": x["count"],
            }
            for x, amount in zip(one["items"], sums, strict=True)
        ],
        "delivery": {
            "type": "PICKUP",
            "serviceName": "Доставка Маркета",
            "deliveryPartnerType": "YANDEX_MARKET",
            "deliveryServiceId": 1_005_372,
            "dates": {"fromDate": born.strftime("%d-%m-%Y")},
        },
        "buyer": {"type": "PERSON"},
    }


def _route(what: Operation, template: str, run: str) -> tuple[Operation, re.Pattern[str], str]:
    return what, re.compile(template.replace("{}", r"(\d+)")), run


_SHOP: Final = "/v2/campaigns/{}"
_HAND: Final = f"{_SHOP}/first-mile/shipments"
_ROUTES: Final = (
    _route(limits.CAMPAIGNS, "/v2/campaigns", "_campaigns"),
    _route(limits.TOKEN, "/v2/auth/token", "_token"),
    _route(limits.WAREHOUSES, "/v3/businesses/{}/warehouses", "_warehouses"),
    _route(limits.ORDERS, "/v1/businesses/{}/orders", "_orders"),
    _route(limits.STATUS, f"{_SHOP}/orders/{{}}/status", "_status"),
    _route(limits.BOXES, f"{_SHOP}/orders/{{}}/boxes", "_boxes"),
    _route(limits.CODES, f"{_SHOP}/orders/{{}}/identifiers/status", "_codes"),
    _route(limits.LABELS, f"{_SHOP}/orders/{{}}/delivery/labels", "_label"),
    _route(limits.SHIPMENTS, _HAND, "_shipments"),
    _route(limits.SHIPMENT, f"{_HAND}/{{}}", "_shipment"),
    _route(limits.CONFIRM, f"{_HAND}/{{}}/confirm", "_confirm"),
    _route(limits.ACT, f"{_HAND}/{{}}/act", "_act"),
    _route(limits.RETURNS, f"{_SHOP}/returns", "_returns"),
    _route(limits.OFFERS, "/v2/businesses/{}/offer-mappings", "_offers"),
    _route(limits.STOCKS, "/v3/businesses/{}/offers/stocks/update", "_stocks"),
    _route(limits.GROUP_STOCKS, f"{_SHOP}/offers/stocks", "_group_stocks"),
    _route(limits.PRICES, "/v2/businesses/{}/offer-prices/updates", "_prices"),
    _route(limits.HELD, "/v2/businesses/{}/price-quarantine", "_held"),
)
"""Operation, address, and the method that answers it."""
