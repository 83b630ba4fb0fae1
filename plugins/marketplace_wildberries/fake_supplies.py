"""Supplies and codes of the fake Wildberries."""

import base64
from datetime import timedelta
from typing import Any, Final

from appliance.plugin_api.fakes import FakeReply, FakeRequest, said
from plugins.marketplace_wildberries.fake_shop import CHECK_SECONDS, Refused, Shop, iso

PNG: Final = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
    )
).decode()
"""One white point."""
GOOD: Final = {"sgtin": "sgtinIntroduced", "uin": "uinMaySell", "imei": "imeiMaySell"}
BAD: Final = {
    "sgtin": "sgtinInvalidFormat", "uin": "uinInvalidFormat", "imei": "imeiInvalidFormat",
}  # fmt: skip
OPEN: Final = ("required", "pending", *BAD.values())
MOST: Final = 100


def details(fake: Shop, one: dict[str, Any]) -> list[dict[str, Any]]:
    """Codes of an order and how their check went: some are looked at for a while."""
    found: list[dict[str, Any]] = []
    for key in (*one["requiredMeta"], *one["optionalMeta"]):
        held = one["_meta"].get(key)
        if held is None:
            decision = "required" if key in one["requiredMeta"] else "optional"
            found.append({"key": key, "value": None, "decision": decision})
            continue
        value, at = held
        if key not in GOOD:
            decision = "filled"
        elif fake.clock() - at < timedelta(seconds=CHECK_SECONDS):
            decision = "pending"
        else:
            decision = (GOOD if str(value).startswith(("01", "35", "12")) else BAD)[key]
        found.append({"key": key, "value": value, "decision": decision})
    return found


def make(fake: Shop, request: FakeRequest) -> FakeReply:
    """A new supply."""
    name = request.json(dict[str, Any])["name"]
    if not 1 <= len(name) <= 128:
        raise Refused(400, "IncorrectRequestBody")
    number = f"WB-GI-{92_937_001 + len(fake.supplies)}"
    fake.supplies[number] = {
        "id": number,
        "name": name,
        "done": False,
        "createdAt": iso(fake.clock()),
        "closedAt": None,
        "scanDt": None,
        "cargoType": 0,
        "crossBorderType": None,
        "isB2b": None,
        "isPickupPointShipmentAllowed": False,
        "destinationOfficeId": None,
        "recommendedWhId": 0,
    }
    return said({"id": number}, 201)


def listed(fake: Shop, request: FakeRequest) -> FakeReply:
    """A page of supplies."""
    args = request.args
    limit, start = int(args["limit"]), int(args["next"])
    page = list(fake.supplies.values())[start : start + limit]
    return said({"next": start + len(page), "supplies": page})


def _supply(fake: Shop, number: str) -> dict[str, Any]:
    if number not in fake.supplies:
        raise Refused(404, "NotFound")
    return fake.supplies[number]


def _in(fake: Shop, number: str) -> list[dict[str, Any]]:
    return [one for one in fake.orders.values() if one["_supply"] == number]


def one(fake: Shop, request: FakeRequest, number: str) -> FakeReply:
    """One supply."""
    del request
    return said(_supply(fake, number))


def add(fake: Shop, request: FakeRequest, number: str) -> FakeReply:
    """Put orders into it: of one warehouse, one freight, one side of the border."""
    supply, ids = _supply(fake, number), request.json(dict[str, Any])["orders"]
    if not 1 <= len(ids) <= MOST:
        raise Refused(400, "IncorrectParameter")
    given = [fake.one(x) for x in ids]
    kinds = {
        (x["warehouseId"], x["cargoType"], x["crossBorderType"])
        for x in (*given, *_in(fake, number))
    }
    may = all(
        x["_wb"] == "waiting" and (x["_supplier"] in ("new", "confirm") or x["id"] in fake.again)
        for x in given
    )
    if supply["done"] or len(kinds) > 1 or not may:
        raise Refused(409, "FailedToAddSupplyOrder")
    for x in given:
        fake.again.discard(x["id"])
        x.update(_supplier="confirm", _supply=number)
    supply.update(cargoType=given[0]["cargoType"], crossBorderType=given[0]["crossBorderType"])
    return FakeReply(status=204)


def orders_of(fake: Shop, request: FakeRequest, number: str) -> FakeReply:
    """Orders in it."""
    del request
    _supply(fake, number)
    return said({"orderIds": [x["id"] for x in _in(fake, number)]})


def deliver(fake: Shop, request: FakeRequest, number: str) -> FakeReply:
    """Hand it over, if the codes of all its orders hold."""
    del request
    supply, held = _supply(fake, number), _in(fake, number)
    if not held:
        raise Refused(409, "SupplyHasZeroOrders")
    bad: list[dict[str, Any]] = []
    for x in held:
        wrong = [
            {**d, "value": d["value"] or ""} for d in details(fake, x) if d["decision"] in OPEN
        ]
        if wrong:
            bad.append({"id": x["id"], "metaDetails": wrong})
    if bad:
        raise Refused(409, "MetaValidationFail", {"orders": bad})
    supply.update(done=True, closedAt=iso(fake.clock()))
    for x in held:
        x["_supplier"] = "complete"
    return FakeReply(status=204)


def barcode(fake: Shop, request: FakeRequest, number: str) -> FakeReply:
    """Its QR code, once it was handed over."""
    if request.args["type"] not in ("svg", "zplv", "zplh", "png"):
        raise Refused(400, "IncorrectParameter")
    if not _supply(fake, number)["done"]:
        raise Refused(409, "SupplyNotClosed")
    return said({"barcode": number, "file": PNG})
