"""Ozon Seller in memory: keys, limits, late labels, split postings, refusals inside of a 200."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import msgspec

from appliance.plugin_api.fakes import FakeReply, FakeRequest, said
from plugins.marketplace_ozon.fake_shop import (
    API_KEY,
    CLIENT_ID,
    LABEL_SECONDS,
    METHOD,
    OPEN,
    PAIR_SECONDS,
    PDF,
    REASONS,
    Shop,
    iso,
    moment_of,
)

Asked = Mapping[str, Any]


class Refused(Exception):
    """A refusal of Ozon's with its status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Fake(Shop):
    """One cabinet with one warehouse, as its interface answers."""

    def answer(self, request: FakeRequest) -> FakeReply:
        """Check the key and the limits, then answer."""
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        run = _ROUTES.get(request.path)
        if request.method != "POST" or run is None:
            return said({"code": 5, "message": "not found"}, 404)
        try:
            return getattr(self, run)(request.json(dict[str, Any] | None) or {})
        except Refused as refused:
            code, status, text = 9, refused.status, str(refused)
        except (KeyError, TypeError, ValueError, msgspec.DecodeError) as error:
            code, status, text = 3, 400, f"invalid argument: {error}"
        return said({"code": code, "message": text, "details": []}, status)

    def _refusal(self, request: FakeRequest) -> FakeReply | None:
        """Ask for the key, and keep the limit of all requests."""
        at = self.clock()
        told = (request.headers.get("client-id"), request.headers.get("api-key"))
        if told != (CLIENT_ID, API_KEY) or at >= self.key_ends:
            return said({"code": 16, "message": "Client-Id or Api-Key is invalid"}, 401)
        if self.all_kept.wait(CLIENT_ID, at):
            return said({"code": 8, "message": "You have reached request rate limit"}, 429)
        return None

    def _roles(self, asked: Asked) -> FakeReply:
        del asked
        roles = [{"name": "Admin", "methods": sorted(_ROUTES)}]
        return said({"expires_at": iso(self.key_ends), "roles": roles})

    def _unfulfilled(self, asked: Asked) -> FakeReply:
        wanted = asked["filter"]
        ranges = [name for name in ("cutoff", "delivering_date") if f"{name}_from" in wanted]
        if len(ranges) != 1:
            raise Refused(400, "exactly one of cutoff, delivering_date must be given")
        first, last = moment_of(wanted[f"{ranges[0]}_from"]), moment_of(wanted[f"{ranges[0]}_to"])
        found = [
            one
            for one in self.postings.values()
            if one["status"] in OPEN and first <= moment_of(one["shipment_date"]) <= last
        ]
        return self._page(asked, found, count=True)

    def _list(self, asked: Asked) -> FakeReply:
        first, last = moment_of(asked["filter"]["since"]), moment_of(asked["filter"]["to"])
        found = [
            one
            for one in self.postings.values()
            if first <= moment_of(one["in_process_at"]) <= last + timedelta(seconds=1)
        ]
        return self._page(asked, found)

    def _page(self, asked: Asked, found: list[dict[str, Any]], *, count: bool = False) -> FakeReply:
        changed = asked["filter"].get("last_changed_status_date")
        if changed:
            first, last = moment_of(changed["from"]), moment_of(changed["to"])
            found = [
                one for one in found if first <= one["changed_at"] < last + timedelta(seconds=1)
            ]
        limit = int(asked["limit"])
        if not 1 <= limit <= 100:
            raise Refused(400, "limit must be between 1 and 100")
        start = int(asked.get("cursor") or 0)
        page = found[start : start + limit]
        ahead = start + limit < len(found)
        data: dict[str, Any] = {
            "postings": [_shown(one) for one in page],
            "cursor": str(start + limit) if ahead else "",
            "has_next": ahead,
        }
        if count:
            data["count"] = len(found)
        return said(data)

    def _one(self, number: str) -> dict[str, Any]:
        if number not in self.postings:
            raise Refused(404, "POSTING_NOT_FOUND")
        return self.postings[number]

    def _get(self, asked: Asked) -> FakeReply:
        one = _shown(self._one(asked["posting_number"]))
        # Version 3 writes prices as strings.
        products = [{**x, "price": x["price"]["amount"]} for x in one["products"]]
        return said({"result": {**one, "products": products}})

    def _ship(self, asked: Asked) -> FakeReply:
        number = asked["posting_number"]
        one = self._one(number)
        self._check_packing(one, asked["packages"])
        if self.ship_fails:
            self.ship_fails -= 1
            self.move(number, "awaiting_packaging", "ship_failed")
            return said({"result": [number]})
        numbers = [number]
        parcels = max(len(asked["packages"]), 2 if self.splits else 1)
        while len(numbers) < parcels and sum(x["quantity"] for x in one["products"]) > 1:
            numbers.append(self._split(one))
        for each in numbers:
            self.move(each, "awaiting_deliver", "posting_awaiting_passport_data")
        return said({"result": numbers})

    def _check_packing(self, one: dict[str, Any], packages: list[Any]) -> None:
        if one["status"] == "cancelled":
            raise Refused(409, "POSTING_ALREADY_CANCELLED")
        if one["status"] != "awaiting_packaging":
            raise Refused(409, "POSTING_ALREADY_SHIPPED")
        packed: dict[int, int] = {}
        for x in (x for package in packages for x in package["products"]):
            packed[x["product_id"]] = packed.get(x["product_id"], 0) + x["quantity"]
        if packed != {x["sku"]: x["quantity"] for x in one["products"]}:
            raise Refused(400, "HAS_INCORRECT_PRODUCT_QUANTITY")
        needed = one["requirements"]["products_requiring_mandatory_mark"]
        if needed and one["posting_number"] not in self.marked_kept:
            raise Refused(400, "EXEMPLAR_INFO_NOT_FILLED_COMPLETELY")

    def _split(self, one: dict[str, Any]) -> str:
        """One piece of the last line goes in a parcel of its own."""
        line = one["products"][-1]
        basket = one["order_number"]
        part = sum(1 for x in self.postings.values() if x["order_number"] == basket) + 1
        number = f"{basket}-{part}"
        self.add(
            number, basket, [(line["offer_id"], 1, line["price"]["amount"])],
            parent=one["posting_number"],
        )  # fmt: skip
        if line["quantity"] > 1:
            line["quantity"] -= 1
        else:
            one["products"].remove(line)
        return number

    def _label(self, asked: Asked) -> FakeReply:
        numbers = asked["posting_number"]
        if len(numbers) > 20:
            raise Refused(400, "too many postings")
        for number in numbers:
            one = self._one(number)
            ready = one["packed_at"] and self.clock() - one["packed_at"] >= timedelta(
                seconds=LABEL_SECONDS
            )
            if one["status"] != "awaiting_deliver" or not ready:
                raise Refused(400, "The next postings aren't ready")
        return FakeReply(headers={"content-type": "application/pdf"}, body=PDF)

    def _reasons(self, asked: Asked) -> FakeReply:
        reasons = [{"id": code, "title": title, "type_id": "seller"} for code, title in REASONS]
        return said(
            {
                "result": [
                    {"posting_number": self._one(number)["posting_number"], "reasons": reasons}
                    for number in asked["related_posting_numbers"]
                ]
            }
        )

    def _cancel(self, asked: Asked) -> FakeReply:
        one = self._one(asked["posting_number"])
        if one["status"] == "cancelled":
            raise Refused(409, "POSTING_ALREADY_CANCELLED")
        if one["status"] not in OPEN:
            raise Refused(409, "TRANSITION_IS_NOT_POSSIBLE")
        known = dict(REASONS)
        reason = asked["cancel_reason_id"]
        if reason not in known:
            raise Refused(400, "INVALID_CANCEL_REASON")
        if reason == 402 and not asked.get("cancel_reason_message"):
            raise Refused(400, "CANCEL_REASON_MESSAGE_REQUIRED")
        one["cancellation"] = {
            **one["cancellation"],
            "cancel_reason_id": reason,
            "cancel_reason": known[reason],
            "cancellation_initiator": "Продавец",
            "affect_cancellation_rating": True,
        }
        self.move(one["posting_number"], "cancelled", "posting_canceled")
        return said({"result": True})

    def _stocks_put(self, asked: Asked) -> FakeReply:
        at = self.clock()
        if self.stocks_kept.wait(CLIENT_ID, at):
            return said({"code": 8, "message": "You have reached request rate limit"}, 429)
        rows = asked["stocks"]
        if len(rows) > 100:
            raise Refused(400, "too many stocks")
        result: list[dict[str, Any]] = []
        for row in rows:
            article = row["offer_id"]
            errors: list[dict[str, str]] = []
            last = self.pairs_kept.get(article)
            if article not in self.offers or self.offers[article][0] != row["product_id"]:
                errors = [{"code": "SKU_STOCK_NOT_FOUND", "message": "product is not found"}]
            elif row["stock"] < 0:
                errors = [{"code": "INVALID_ARGUMENT", "message": "stock is negative"}]
            elif last is not None and at - last < timedelta(seconds=PAIR_SECONDS):
                errors = [{"code": "TOO_MANY_REQUESTS", "message": "once in 30 s"}]
            else:
                self.pairs_kept[article] = at
                self.stock[article] = row["stock"]
                self.told.append((article, row["stock"], at))
            result.append(
                {
                    "offer_id": article,
                    "product_id": row["product_id"],
                    "warehouse_id": row["warehouse_id"],
                    "updated": not errors,
                    "errors": errors,
                }
            )
        return said({"result": result})

    def _prices_put(self, asked: Asked) -> FakeReply:
        rows = asked["prices"]
        if len(rows) > 1000:
            raise Refused(400, "too many prices")
        result: list[dict[str, Any]] = []
        for row in rows:
            article = row["offer_id"]
            errors: list[dict[str, str]] = []
            if article not in self.offers:
                errors = [{"code": "NOT_FOUND", "message": "product is not found"}]
            elif float(row["price"]) <= 0:
                errors = [{"code": "INVALID_PRICE", "message": "price must be above zero"}]
            else:
                self.prices[article] = row["price"]
            product = self.offers.get(article, (0, 0, ""))[0]
            result.append(
                {
                    "offer_id": article,
                    "product_id": product,
                    "updated": not errors,
                    "errors": errors,
                }
            )
        return said({"result": result})

    def _goods(self, asked: Asked) -> FakeReply:
        start, limit = int(asked.get("last_id") or 0), int(asked.get("limit") or 100)
        page = list(self.offers.items())[start : start + limit]
        items: list[dict[str, Any]] = [
            {"offer_id": article, "product_id": product, "sku": sku, "archived": False,
             "is_discounted": False, "has_fbs_stocks": True, "has_fbo_stocks": False, "quants": []}
            for article, (product, sku, _) in page
        ]  # fmt: skip
        ahead = start + limit < len(self.offers)
        last = str(start + limit) if ahead else ""
        return said({"result": {"items": items, "total": len(self.offers), "last_id": last}})

    def _returns(self, asked: Asked) -> FakeReply:
        after = int(asked.get("last_id") or 0)
        wanted = asked["filter"].get("posting_numbers")
        if wanted is not None and len(wanted) > 50:
            raise Refused(400, "TOO_MANY_POSTINGS")
        found = [
            one
            for one in self.returns
            if one["id"] > after and (wanted is None or one["posting_number"] in wanted)
        ]
        limit = int(asked["limit"])
        return said({"returns": found[:limit], "has_next": len(found) > limit})

    def _carriage(self, asked: Asked) -> FakeReply:
        if asked["delivery_method_id"] != METHOD:
            raise Refused(404, "DELIVERY_METHOD_NOT_FOUND")
        number = 70_000 + len(self.carriages)
        self.carriages[number] = None
        return said({"carriage_id": number})

    def _approve(self, asked: Asked) -> FakeReply:
        number = asked["carriage_id"]
        if number not in self.carriages:
            raise Refused(404, "CARRIAGE_NOT_FOUND")
        self.carriages[number] = self.clock()
        return said({})

    def _act_status(self, asked: Asked) -> FakeReply:
        begun = self.carriages[asked["id"]]
        ready = begun is not None and self.clock() - begun >= timedelta(seconds=LABEL_SECONDS)
        return said({"result": {"status": "ready" if ready else "in_process"}})

    def _act(self, asked: Asked) -> FakeReply:
        if self.carriages.get(asked["id"]) is None:
            raise Refused(400, "CARRIAGE_NOT_APPROVED")
        return FakeReply(headers={"content-type": "application/pdf"}, body=PDF)

    def _exemplars(self, asked: Asked) -> FakeReply:
        one = self._one(asked["posting_number"])
        products: list[dict[str, Any]] = [
            {
                "product_id": x["sku"],
                "quantity": x["quantity"],
                "is_mandatory_mark_needed": True,
                "exemplars": [
                    {"exemplar_id": x["sku"] * 10 + piece, "marks": []}
                    for piece in range(x["quantity"])
                ],
            }
            for x in one["products"]
        ]
        return said({"posting_number": one["posting_number"], "products": products})

    def _exemplars_set(self, asked: Asked) -> FakeReply:
        one = self._one(asked["posting_number"])
        codes = [
            mark["mark"]
            for product in asked["products"]
            for piece in product["exemplars"]
            for mark in piece.get("marks", ())
        ]
        pieces = sum(x["quantity"] for x in one["products"])
        if len(codes) == pieces and all(code.startswith("01") for code in codes):
            self.marked_kept.add(one["posting_number"])
        else:
            self.marked_kept.discard(one["posting_number"])
        return FakeReply()

    def _exemplars_status(self, asked: Asked) -> FakeReply:
        number = self._one(asked["posting_number"])["posting_number"]
        status = "ship_available" if number in self.marked_kept else "ship_not_available"
        return said({"posting_number": number, "status": status, "products": []})


def _shown(one: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in one.items() if key not in ("changed_at", "packed_at")}


_ROUTES: Final[Mapping[str, str]] = {
    "/v1/roles": "_roles",
    "/v4/posting/fbs/unfulfilled/list": "_unfulfilled",
    "/v4/posting/fbs/list": "_list",
    "/v3/posting/fbs/get": "_get",
    "/v4/posting/fbs/ship": "_ship",
    "/v2/posting/fbs/package-label": "_label",
    "/v1/posting/fbs/cancel-reason": "_reasons",
    "/v2/posting/fbs/cancel": "_cancel",
    "/v1/carriage/create": "_carriage",
    "/v1/carriage/approve": "_approve",
    "/v2/posting/fbs/act/check-status": "_act_status",
    "/v2/posting/fbs/act/get-pdf": "_act",
    "/v2/products/stocks": "_stocks_put",
    "/v1/product/import/prices": "_prices_put",
    "/v3/product/list": "_goods",
    "/v1/returns/list": "_returns",
    "/v6/fbs/posting/product/exemplar/create-or-get": "_exemplars",
    "/v6/fbs/posting/product/exemplar/set": "_exemplars_set",
    "/v5/fbs/posting/product/exemplar/status": "_exemplars_status",
}
"""Path → the method that answers it."""
