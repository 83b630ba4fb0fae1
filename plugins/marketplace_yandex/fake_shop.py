"""What lies and happens at the fake Yandex Market: orders, figures, and the panel's buttons."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from appliance.plugin_api.fakes import (
    Deed,
    Fake,
    FakePush,
    FakeReply,
    FakeRequest,
    Field,
    Limit,
    Shown,
    now,
    said,
)
from plugins.marketplace_yandex.limits import ALL
from plugins.marketplace_yandex.mapping import MOSCOW

API_KEY: Final = "ACMA:fake-market-key:1"
BUSINESS: Final = 880_011
CAMPAIGN: Final = 2_100_417
OTHER_CAMPAIGN: Final = 2_100_418
WAREHOUSE: Final = 55_021
PUSH_KEY: Final = "push-of-the-fake"
PDF: Final = b"%PDF-1.4\n%fake label\n"
CHECK_SECONDS: Final = 20
"""So long the codes of pieces are being checked."""
CUT_OFF: Final = timedelta(hours=6)
"""After it is begun, a hand-over may be confirmed so much later."""
STATUSES: Final = ("PROCESSING", "DELIVERY", "PICKUP", "DELIVERED", "RETURNED")


OK: Final = {"status": "OK"}


class Refused(Exception):
    """A refusal of Yandex's."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.status = status
        self.code = code


def iso(moment: datetime) -> str:
    """A moment as Yandex writes it: Moscow's."""
    return moment.astimezone(MOSCOW).isoformat(timespec="seconds")


def roubles(value: float) -> dict[str, Any]:
    """An amount."""
    return {"value": value, "currencyId": "RUR"}


class Shop(Fake):
    """One cabinet with two shops and a warehouse.

    Attributes:
        orders: by id, as Yandex writes them, with `updated` of our own.
        offers: article → (id of the card, name).
        stock, prices: what was told last, by article; `told`: (article, stock, moment).
        held: articles whose price is held back.
        returns: what travels back.
        shipments: hand-overs by id, with `began` and `confirmed` of our own.
        checks: order → (moment of the codes, whether they are good).
        packed, codes: boxes and codes of an order, as they were told.
        crowd: refuse as if too many requests were under way at once.
    """

    title = "Яндекс Маркет"
    deeds = (
        Deed(
            name="order",
            title="Оформить заказ",
            fields=(
                Field(name="article", title="Артикул", default="A-1"),
                Field(name="pieces", title="Штук", default="1"),
                Field(name="price", title="Цена за штуку, ₽", default="1990"),
                Field(name="marked", title="Маркировка", default="", choices=("", "CIS", "UIN")),
            ),
        ),
        Deed(
            name="move",
            title="Передвинуть заказ",
            fields=(
                Field(name="number", title="Номер заказа"),
                Field(name="status", title="Статус", default="DELIVERY", choices=STATUSES),
                Field(name="substatus", title="Этап", default="DELIVERY_SERVICE_RECEIVED"),
            ),
        ),
        Deed(
            name="cancel",
            title="Отменить за покупателя",
            fields=(Field(name="number", title="Номер заказа"),),
        ),
        Deed(
            name="bring_back",
            title="Вернуть продавцу",
            fields=(
                Field(name="number", title="Номер заказа"),
                Field(name="article", title="Только артикул"),
                Field(name="pieces", title="Штук"),
            ),
        ),
        Deed(name="cut_off", title="Час закрытия отгрузок прошёл"),
        Deed(
            name="hold_price",
            title="Отправить цену в карантин",
            fields=(Field(name="article", title="Артикул", default="A-1"),),
        ),
    )

    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        super().__init__(clock)
        self.orders: dict[int, dict[str, Any]] = {}
        self.offers: dict[str, tuple[int, str]] = {}
        self.stock: dict[str, int] = {}
        self.prices: dict[str, float] = {}
        self.told: list[tuple[str, int, datetime]] = []
        self.held: set[str] = set()
        self.packed: dict[int, list[Any]] = {}
        self.codes: dict[int, list[str]] = {}
        self.figures_at: dict[str, datetime] = {}
        self.returns: list[dict[str, Any]] = []
        self.shipments: dict[int, dict[str, Any]] = {}
        self.checks: dict[int, tuple[datetime, bool]] = {}
        self.scopes: list[str] = ["ALL_METHODS"]
        self.limits = {one.name: Limit(one.amount, one.seconds) for one in ALL}
        self.crowd = False

    def settings(self) -> Mapping[str, str]:
        """What is typed into the plugin's form."""
        return {"api_key": API_KEY, "warehouse": str(WAREHOUSE), "push_key": PUSH_KEY}

    def error_in_200(self, request: FakeRequest) -> FakeReply:
        """Yandex says 200 and that it is an error."""
        return said({"status": "ERROR", "errors": [{"code": "INTERNAL", "message": "failed"}]})

    def state(self) -> Sequence[Shown]:
        """What lies there."""
        rows = [
            (
                one["orderId"], one["status"], one["substatus"], one["campaignId"],
                ", ".join(f"{x['offerId']} × {x['count']}" for x in one["items"]),
            )
            for one in self.orders.values()
        ]  # fmt: skip
        figures = [
            (article, self.stock.get(article, ""), self.prices.get(article, ""),
             "карантин" if article in self.held else "")
            for article in self.offers
        ]  # fmt: skip
        hand_overs = [
            (number, "подтверждена" if one["confirmed"] else "", len(one["orderIds"]))
            for number, one in self.shipments.items()
        ]
        return (
            Shown(
                title="Заказы",
                columns=("Номер", "Статус", "Этап", "Магазин", "Товары"),
                rows=tuple(rows),
            ),
            Shown(
                title="Товары",
                columns=("Артикул", "Остаток", "Цена", ""),
                rows=tuple((a, b, str(c), d) for a, b, c, d in figures),
            ),
            Shown(title="Отгрузки", columns=("Номер", "", "Заказов"), rows=tuple(hand_overs)),
        )

    # --- what happens at Yandex ---

    def offer(self, article: str, name: str = "") -> int:
        """Put a good into the catalogue; the id of its card."""
        if article not in self.offers:
            self.offers[article] = (100_500_000 + len(self.offers), name or article)
        return self.offers[article][0]

    def place(
        self,
        *lines: tuple[str, int, float],
        marked: str = "",
        campaign: int = CAMPAIGN,
        program: str = "FBS",
        fake: bool = False,
    ) -> int:
        """Somebody buys (article, pieces, price of a piece); the number of the order."""
        at = self.clock()
        number = 41_000_000 + len(self.orders) + 1
        for article, _, _ in lines:
            self.offer(article)
        day = (at + timedelta(days=1)).astimezone(MOSCOW).date().isoformat()
        self.orders[number] = {
            "orderId": number,
            "campaignId": campaign,
            "programType": program,
            "status": "PROCESSING",
            "substatus": "STARTED",
            "creationDate": iso(at),
            "updateDate": iso(at),
            "paymentType": "PREPAID",
            "paymentMethod": "YANDEX",
            "fake": fake,
            "items": [
                {
                    "id": number * 10 + place,
                    "offerId": article,
                    "offerName": self.offers[article][1],
                    "count": pieces,
                    "prices": {
                        "payment": roubles(price * pieces),
                        "subsidy": roubles(0),
                        "cashback": roubles(0),
                    },
                    **({"requiredInstanceTypes": [marked]} if marked else {}),
                }
                for place, (article, pieces, price) in enumerate(lines)
            ],
            "delivery": {
                "type": "PICKUP",
                "serviceName": "Доставка Маркета",
                "deliveryServiceId": 1_005_372,
                "deliveryPartnerType": "YANDEX_MARKET",
                "dates": {"fromDate": day},
                "shipment": {"id": None, "shipmentDate": day},
            },
            "updated": at,
        }
        self._tell(
            "ORDER_CREATED", number, createdAt=iso(at),
            items=[{"offerId": article, "count": pieces} for article, pieces, _ in lines],
        )  # fmt: skip
        return number

    def move(self, number: int, status: str, substatus: str) -> None:
        """An order gets a status."""
        one, at = self.orders[number], self.clock()
        one.update(status=status, substatus=substatus, updateDate=iso(at), updated=at)
        if substatus == "READY_TO_SHIP":
            self._into_shipment(one)
        self._tell(
            "ORDER_STATUS_UPDATED", number, status=status, substatus=substatus, updatedAt=iso(at)
        )

    def _into_shipment(self, one: dict[str, Any]) -> None:
        """The day's hand-over of a shop takes it in."""
        day = one["delivery"]["shipment"]["shipmentDate"]
        key = (one["campaignId"], day)
        found = next((x for x in self.shipments.values() if x["key"] == key), None)
        if found is None:
            number = 7_700_000 + len(self.shipments)
            found = self.shipments[number] = {
                "key": key, "id": number, "orderIds": [], "began": self.clock(), "confirmed": None,
            }  # fmt: skip
        if one["orderId"] not in found["orderIds"]:
            found["orderIds"].append(one["orderId"])

    def cancelled(self, number: int, reason: str = "USER_CHANGED_MIND") -> None:
        """The buyer gives up, before or after the hand-over."""
        self.move(number, "CANCELLED", reason)

    # --- the panel's buttons ---

    def do_order(self, article: str, pieces: str, price: str, marked: str) -> None:
        """The panel's button."""
        self.place((article, int(pieces or 1), float(price or 1990)), marked=marked)

    def do_move(self, number: str, status: str, substatus: str) -> None:
        """The panel's button."""
        self.move(int(number), status, substatus)

    def do_cancel(self, number: str) -> None:
        """The panel's button."""
        self.cancelled(int(number))

    def do_bring_back(
        self, number: str, kind: str = "UNREDEEMED", article: str = "", pieces: str = ""
    ) -> None:
        """The panel's button: all of an order, or pieces of one article."""
        one, at = self.orders[int(number)], self.clock()
        self.returns.append(
            {
                "id": 1 + len(self.returns),
                "orderId": one["orderId"],
                "campaign": one["campaignId"],
                "creationDate": iso(at),
                "updateDate": iso(at),
                "returnType": kind,
                "shipmentStatus": "PICKED",
                "items": [
                    {"shopSku": x["offerId"], "count": int(pieces or x["count"])}
                    for x in one["items"]
                    if article in ("", x["offerId"])
                ],
            }
        )
        self._tell(
            "ORDER_RETURN_STATUS_UPDATED", one["orderId"], returnId=len(self.returns),
            returnType=kind, statuses={"shipmentStatus": "PICKED"}, updatedAt=iso(at),
        )  # fmt: skip

    def do_cut_off(self) -> None:
        """The panel's button."""
        for one in self.shipments.values():
            one["began"] -= CUT_OFF

    def do_hold_price(self, article: str) -> None:
        """The panel's button."""
        self.held.add(article)

    def _tell(self, kind: str, number: int, **more: Any) -> None:
        body = {
            "notificationType": kind,
            "orderId": number,
            "campaignId": self.orders[number]["campaignId"],
            **more,
        }
        self.push(
            FakePush(
                path=f"/x/marketplace_yandex/push/{PUSH_KEY}/notification",
                headers={"content-type": "application/json"},
                body=msgspec.json.encode(body),
            )
        )
