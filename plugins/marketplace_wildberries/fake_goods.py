"""Cards, stock and prices of the fake Wildberries."""

from datetime import timedelta
from typing import Any, Final

from appliance.plugin_api.fakes import FakeReply, FakeRequest, said
from plugins.marketplace_wildberries.fake_shop import (
    CHECK_SECONDS,
    WAREHOUSE,
    Refused,
    Shop,
    iso,
)

MOST: Final = 1000
MOST_STOCK: Final = 100_000
CARDS: Final = 100
QUARANTINE: Final = (
    "The new price is several times lower than the current price. "
    "Item has been moved to Price Quarantine"
)


def houses(fake: Shop, request: FakeRequest) -> FakeReply:
    """The seller's warehouses."""
    del request
    one = {
        "id": WAREHOUSE,
        "name": "Склад на Ткацкой",
        "officeId": 123,
        "cargoType": 1,
        "deliveryType": 1,
        "isDeleting": False,
        "isProcessing": fake.busy,
    }
    return said([one])


def put_stock(fake: Shop, request: FakeRequest, house: str) -> FakeReply:
    """Take figures: names of fields are not checked, one bad figure refuses the whole."""
    rows = request.json(dict[str, Any])["stocks"]
    if int(house) != WAREHOUSE:
        raise Refused(404, "NotFound")
    if fake.blocked:
        raise Refused(406, "StatusNotAcceptable")
    if fake.busy:
        raise Refused(409, "StoreIsProcessing", listed=True)
    if not 1 <= len(rows) <= MOST:
        raise Refused(400, "IncorrectRequest")
    field = "sku" if fake.old_names else "chrtId"
    named = [row for row in rows if field in row and "amount" in row]
    sizes = {chrt for _, _, one in fake.cards.values() for chrt in one}
    for code, bad in (
        ("NotFound", [row for row in named if row[field] not in sizes]),
        ("UploadDataLimit", [row for row in named if row["amount"] > MOST_STOCK]),
        ("IncorrectRequest", [row for row in named if row["amount"] < 0]),
    ):
        if bad:
            data = [{"chrtId": row[field], "amount": row["amount"], "sku": ""} for row in bad]
            raise Refused(409, code, data, listed=True)
    for row in named:
        fake.stock[row[field]] = row["amount"]
        fake.told.append((row[field], row["amount"], fake.clock()))
    return FakeReply(status=204)


def stock(fake: Shop, request: FakeRequest, house: str) -> FakeReply:
    """Figures as they lie here."""
    if int(house) != WAREHOUSE:
        raise Refused(404, "NotFound")
    sizes = request.json(dict[str, Any])["chrtIds"]
    if len(sizes) > MOST:
        raise Refused(400, "IncorrectRequest")
    rows = [{"chrtId": one, "amount": fake.stock[one]} for one in sizes if one in fake.stock]
    return said({"stocks": rows})


# --- prices ---


def upload(fake: Shop, request: FakeRequest) -> FakeReply:
    """Take prices to be worked at; the same again is the same upload."""
    rows = request.json(dict[str, Any])["data"]
    if not 1 <= len(rows) <= MOST:
        raise Refused(400, "IncorrectRequest")
    for number, one in fake.uploads.items():
        if one["rows"] == rows:
            data = {"id": number, "alreadyExists": True}
            return said(
                {"data": data, "error": False, "errorText": "This task already exists"}, 208
            )
    number = 395_643_001 + len(fake.uploads)
    fake.uploads[number] = {"rows": rows, "at": fake.clock(), "said": None}
    return said({"data": {"id": number, "alreadyExists": False}, "error": False, "errorText": ""})


def _worked(fake: Shop, number: int) -> dict[str, Any] | None:
    """An upload once it was worked at: 20 s later."""
    one = fake.uploads.get(number)
    if one is None or fake.clock() - one["at"] < timedelta(seconds=CHECK_SECONDS):
        return None
    if one["said"] is None:
        one["said"] = [_priced(fake, row) for row in one["rows"]]
    return one


def _priced(fake: Shop, row: dict[str, Any]) -> dict[str, Any]:
    nm, price = row["nmID"], row["price"]
    was, error = fake.prices.get(nm), ""
    if nm not in fake.cards or price <= 0:
        error = "Invalid nmID or price"
    elif was is not None and price * 3 <= was:
        error = QUARANTINE
    else:
        fake.prices[nm] = price
    return {
        "nmID": nm,
        "vendorCode": fake.cards[nm][0] if nm in fake.cards else "",
        "sizeID": None,
        "techSizeName": "",
        "price": price,
        "currencyIsoCode4217": "RUB",
        "discount": row.get("discount", 0),
        "clubDiscount": None,
        "status": 3 if error else 2,
        "errorText": error or None,
    }


def task(fake: Shop, request: FakeRequest) -> FakeReply:
    """How far an upload is; nothing while it is worked at."""
    number = int(request.args["uploadID"])
    one = _worked(fake, number)
    if one is None:
        return said({"data": None, "error": False, "errorText": ""})
    good = sum(1 for x in one["said"] if x["status"] == 2)
    status = 3 if good == len(one["said"]) else 5 if good else 6
    data = {
        "uploadID": number,
        "status": status,
        "uploadDate": iso(one["at"]),
        "activationDate": iso(one["at"]),
        "overAllGoodsNumber": len(one["said"]),
        "successGoodsNumber": good,
    }
    return said({"data": data, "error": False, "errorText": ""})


def task_goods(fake: Shop, request: FakeRequest) -> FakeReply:
    """What became of each card of an upload."""
    args = request.args
    one = _worked(fake, int(args["uploadID"]))
    start, limit = int(args.get("offset") or 0), int(args["limit"])
    goods = one["said"][start : start + limit] if one else None
    return said({"data": {"uploadID": int(args["uploadID"]), "historyGoods": goods}})


# --- cards ---


def cards(fake: Shop, request: FakeRequest) -> FakeReply:
    """A page of the catalogue."""
    asked = request.json(dict[str, Any])["settings"]
    cursor: dict[str, Any] = asked.get("cursor", {})
    limit, after = int(cursor.get("limit") or 10), int(cursor.get("nmID") or 0)
    if limit > CARDS:
        raise Refused(400, "IncorrectRequest")
    at = iso(fake.clock())
    wanted = str(asked.get("filter", {}).get("textSearch", ""))
    page = [
        (nm, one) for nm, one in fake.cards.items()
        if nm > after and wanted in ("", str(nm), one[0])
    ][:limit]  # fmt: skip
    rows: list[dict[str, Any]] = [
        {
            "nmID": nm,
            "imtID": nm,
            "vendorCode": article,
            "title": title,
            "needKiz": False,
            "sizes": [
                {"chrtID": chrt, "techSize": size, "wbSize": "", "skus": [barcode]}
                for chrt, (size, barcode) in sizes.items()
            ],
            "createdAt": at,
            "updatedAt": at,
        }
        for nm, (article, title, sizes) in page
    ]
    last = page[-1][0] if page else after
    return said({"cards": rows, "cursor": {"updatedAt": at, "nmID": last, "total": len(page)}})
