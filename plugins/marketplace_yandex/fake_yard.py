"""Hand-overs, returns and goods at the fake Yandex Market."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from appliance.plugin_api.fakes import FakeReply, said
from plugins.marketplace_yandex.fake_shop import (
    BUSINESS,
    CUT_OFF,
    OK,
    PDF,
    WAREHOUSE,
    Refused,
    Shop,
)

Asked = dict[str, Any]


class Yard(Shop):
    """What carts and shelves answer."""

    # --- handing over ---

    def _shipments(self, asked: Asked, args: Mapping[str, str], campaign: int) -> FakeReply:
        first, last = (_day(asked[name]) for name in ("dateFrom", "dateTo"))
        wanted = set(asked.get("orderIds") or ())
        found = [
            _hand_over(one)
            for one in self.shipments.values()
            if one["key"][0] == campaign
            and first <= date.fromisoformat(one["key"][1]) <= last
            and (not wanted or wanted & set(one["orderIds"]))
        ]
        return said({**OK, "result": {"shipments": found, "paging": {}}})

    def _hand(self, campaign: int, number: int) -> dict[str, Any]:
        one = self.shipments.get(number)
        if one is None or one["key"][0] != campaign:
            raise Refused(404, "NOT_FOUND", f"Shipment {number} not found")
        return one

    def _is_past_cut_off(self, one: Mapping[str, Any]) -> bool:
        return bool(self.clock() >= one["began"] + CUT_OFF)

    def _shipment(
        self, asked: Asked, args: Mapping[str, str], campaign: int, number: int
    ) -> FakeReply:
        one = self._hand(campaign, number)
        actions = ["CONFIRM"] if self._is_past_cut_off(one) else []
        if one["confirmed"]:
            actions = ["DOWNLOAD_ACT", "DOWNLOAD_TRANSPORTATION_WAYBILL"]
        return said({**OK, "result": {**_hand_over(one), "availableActions": actions}})

    def _confirm(
        self, asked: Asked, args: Mapping[str, str], campaign: int, number: int
    ) -> FakeReply:
        one = self._hand(campaign, number)
        if not self._is_past_cut_off(one):
            text = "Cutoff time for shipments has not been reached yet"
            raise Refused(400, "BAD_REQUEST", text)
        one["confirmed"] = self.clock()
        return said(OK)

    def _act(self, asked: Asked, args: Mapping[str, str], campaign: int, number: int) -> FakeReply:
        if not self._hand(campaign, number)["confirmed"]:
            raise Refused(400, "BAD_REQUEST", "the shipment is not confirmed")
        return pdf()

    def _returns(self, asked: Asked, args: Mapping[str, str], campaign: int) -> FakeReply:
        wanted = {int(one) for one in args.get("orderIds", "").split(",") if one}
        since = args.get("fromDate", "")
        found = [
            {key: value for key, value in one.items() if key != "campaign"}
            for one in self.returns
            if one["campaign"] == campaign
            and (not wanted or one["orderId"] in wanted)
            and one["updateDate"][:10] >= since
        ]
        return said({**OK, "result": {"returns": found, "paging": {}}})

    # --- goods ---

    def _offers(self, asked: Asked, args: Mapping[str, str], business: int) -> FakeReply:
        mine(business)
        start, limit = int(args.get("pageToken") or 0), int(args.get("limit", 50))
        page = list(self.offers.items())[start : start + limit]
        ahead = start + limit < len(self.offers)
        mappings = [
            {"offer": {"offerId": article, "name": name}, "mapping": {"marketSku": card}}
            for article, (card, name) in page
        ]
        paging = {"nextPageToken": str(start + limit)} if ahead else {}
        return said({**OK, "result": {"offerMappings": mappings, "paging": paging}})

    def _stocks(self, asked: Asked, args: Mapping[str, str], business: int) -> FakeReply:
        mine(business)
        rows = asked["skuItems"]
        if any(row["partnerWarehouseId"] != WAREHOUSE for row in rows):
            raise Refused(400, "BAD_REQUEST", "warehouse is unknown")
        return self._take([(row["sku"], row["count"], row["updatedAt"]) for row in rows])

    def _group_stocks(self, asked: Asked, args: Mapping[str, str], campaign: int) -> FakeReply:
        rows = [(row["sku"], row["items"][0]) for row in asked["skus"]]
        return self._take([(sku, one["count"], one["updatedAt"]) for sku, one in rows])

    def _take(self, rows: list[tuple[str, int, str]]) -> FakeReply:
        """All or none; an older figure than the one that is here changes nothing."""
        if not 1 <= len(rows) <= 2000 or len({row[0] for row in rows}) < len(rows):
            raise Refused(400, "BAD_REQUEST", "1 to 2000 different SKUs")
        strange = [row[0] for row in rows if row[0] not in self.offers]
        if strange or any(row[1] < 0 for row in rows):
            raise Refused(400, "UNKNOWN_SKU" if strange else "BAD_REQUEST", "wrong rows")
        for article, pieces, text in rows:
            at = datetime.fromisoformat(text)
            if at >= self.figures_at.get(article, at):
                self.figures_at[article] = at
                self.stock[article] = pieces
                self.told.append((article, pieces, self.clock()))
        return said(OK)

    def _prices(self, asked: Asked, args: Mapping[str, str], business: int) -> FakeReply:
        mine(business)
        rows = asked["offers"]
        if not 1 <= len(rows) <= 500:
            raise Refused(400, "BAD_REQUEST", "1 to 500 offers")
        for row in rows:
            if row["offerId"] not in self.offers:
                raise Refused(400, "UNKNOWN_SKU", "offer is unknown")
            if row["price"]["value"] <= 0 or row["price"]["currencyId"] != "RUR":
                raise Refused(400, "INVALID_PRICE", "price must be above zero, in RUR")
        for row in rows:
            self.prices[row["offerId"]] = row["price"]["value"]
        return said(OK)

    def _held(self, asked: Asked, args: Mapping[str, str], business: int) -> FakeReply:
        mine(business)
        offers = [{"offerId": one} for one in sorted(self.held)]
        return said({**OK, "result": {"offers": offers, "paging": {}}})


def mine(business: int) -> None:
    """Raises: Refused: the key is of another cabinet."""
    if business != BUSINESS:
        raise Refused(403, "FORBIDDEN", "no access to the cabinet")


def _day(text: str) -> date:
    return datetime.strptime(text, "%d-%m-%Y").date()  # noqa: DTZ007 - a day of Moscow's


def pdf() -> FakeReply:
    """A file."""
    return FakeReply(headers={"content-type": "application/pdf"}, body=PDF)


def _hand_over(one: Mapping[str, Any]) -> dict[str, Any]:
    day = f"{one['key'][1]}T10:00:00+03:00"
    return {
        "id": one["id"],
        "planIntervalFrom": day,
        "planIntervalTo": day,
        "shipmentType": "IMPORT",
        "orderIds": one["orderIds"],
        "draftCount": len(one["orderIds"]),
        "plannedCount": len(one["orderIds"]),
        "factCount": 0,
        "signature": {"signed": False},
    }
