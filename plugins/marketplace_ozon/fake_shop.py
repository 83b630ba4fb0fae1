"""What lies and happens at the fake Ozon: baskets, postings, figures, and the panel's buttons."""

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

CLIENT_ID: Final = "104422"
API_KEY: Final = "fake-ozon-key"
WAREHOUSE: Final = 22110044
METHOD: Final = 100_500
LABEL_SECONDS: Final = 50
PAIR_SECONDS: Final = 30
PUSH_KEY: Final = "push-of-the-fake"
REASONS: Final = ((352, "Товар закончился на складе"), (400, "Остался только бракованный товар"),
                  (402, "Другая причина"))  # fmt: skip
PDF: Final = b"%PDF-1.4\n%fake label\n"
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
OPEN: Final = ("awaiting_packaging", "awaiting_deliver")


def iso(moment: datetime) -> str:
    """A moment as Ozon writes it."""
    return moment.strftime(_TIME)


def moment_of(text: str) -> datetime:
    """The same, read."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


class Shop(Fake):
    """One cabinet with one warehouse.

    Attributes:
        postings: by number, as Ozon writes them, with `changed_at` and `packed_at` of our own.
        offers: article → (product id, SKU, name).
        stock, prices: what was told last, by article.
        told: every figure that was taken: (article, stock, moment).
        splits: packing makes two postings of one that has several pieces.
        ship_fails: so many packings answer 200 and do nothing.
    """

    title = "Ozon Seller"
    deeds = (
        Deed(
            name="order",
            title="Оформить заказ",
            fields=(
                Field(name="article", title="Артикул", default="A-1"),
                Field(name="pieces", title="Штук", default="1"),
                Field(name="price", title="Цена, ₽", default="1990"),
            ),
        ),
        Deed(
            name="move",
            title="Передвинуть отправление",
            fields=(
                Field(name="number", title="Номер отправления"),
                Field(
                    name="status",
                    title="Статус",
                    default="delivering",
                    choices=("awaiting_deliver", "delivering", "delivered", "arbitration"),
                ),
                Field(name="substatus", title="Подстатус"),
            ),
        ),
        Deed(
            name="cancel",
            title="Отменить за покупателя",
            fields=(Field(name="number", title="Номер отправления"),),
        ),
        Deed(
            name="bring_back",
            title="Вернуть продавцу",
            fields=(
                Field(name="number", title="Номер отправления"),
                Field(name="article", title="Только артикул"),
                Field(name="pieces", title="Штук"),
            ),
        ),
    )

    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        super().__init__(clock)
        self.postings: dict[str, dict[str, Any]] = {}
        self.offers: dict[str, tuple[int, int, str]] = {}
        self.stock: dict[str, int] = {}
        self.prices: dict[str, str] = {}
        self.told: list[tuple[str, int, datetime]] = []
        self.returns: list[dict[str, Any]] = []
        self.carriages: dict[int, datetime | None] = {}
        self.splits = False
        self.ship_fails = 0
        self.key_ends = clock() + timedelta(days=180)
        self._orders = 0
        self.all_kept = Limit(50, 1.0)
        self.stocks_kept = Limit(80, 60.0)
        self.pairs_kept: dict[str, datetime] = {}
        self.marked_kept: set[str] = set()

    def settings(self) -> Mapping[str, str]:
        """What is typed into the plugin's form."""
        return {
            "client_id": CLIENT_ID,
            "api_key": API_KEY,
            "warehouse": str(WAREHOUSE),
            "push_key": PUSH_KEY,
        }

    def error_in_200(self, request: FakeRequest) -> FakeReply:
        """Ozon says 200 and puts the trouble beside an empty result."""
        return said({"code": 13, "message": "internal error", "details": []})

    def state(self) -> Sequence[Shown]:
        """What lies there."""
        rows = [
            (
                one["posting_number"], one["status"], one["substatus"], one["order_number"],
                ", ".join(f"{x['offer_id']} × {x['quantity']}" for x in one["products"]),
            )
            for one in self.postings.values()
        ]  # fmt: skip
        figures = [
            (article, self.stock.get(article, ""), self.prices.get(article, ""))
            for article in self.offers
        ]
        return (
            Shown(
                title="Отправления",
                columns=("Номер", "Статус", "Подстатус", "Заказ", "Товары"),
                rows=tuple(rows),
            ),
            Shown(title="Товары", columns=("Артикул", "Остаток", "Цена"), rows=tuple(figures)),
        )

    # --- what happens at Ozon ---

    def offer(self, article: str, name: str = "") -> int:
        """Put a good into the catalogue; its SKU."""
        if article not in self.offers:
            number = len(self.offers) + 1
            self.offers[article] = (5_000_000 + number, 9_000_000 + number, name or article)
        return self.offers[article][1]

    def place(
        self, *lines: tuple[str, int, str], requires_mark: bool = False, parts: int = 1
    ) -> list[str]:
        """A basket of (article, pieces, price) is bought; numbers of its postings."""
        self._orders += 1
        basket = f"{40_000_000 + self._orders}-{1000 + self._orders}"
        return [
            self.add(f"{basket}-{part}", basket, lines, requires_mark=requires_mark)
            for part in range(1, parts + 1)
        ]

    def add(
        self,
        number: str,
        basket: str,
        lines: Sequence[tuple[str, int, str]],
        *,
        parent: str = "",
        requires_mark: bool = False,
    ) -> str:
        at = self.clock()
        skus = {article: self.offer(article) for article, _, _ in lines}
        self.postings[number] = {
            "posting_number": number,
            "order_id": 700_000 + self._orders,
            "order_number": basket,
            "parent_posting_number": parent,
            "status": "awaiting_packaging",
            "substatus": "posting_created",
            "in_process_at": iso(at),
            "shipment_date": iso(at + timedelta(hours=24)),
            "delivering_date": None,
            "tracking_number": "",
            "is_express": False,
            "tpl_integration_type": "ozon",
            "products": [
                {
                    "offer_id": article,
                    "sku": skus[article],
                    "name": self.offers[article][2],
                    "quantity": pieces,
                    "price": {"amount": price, "currency": "RUB"},
                }
                for article, pieces, price in lines
            ],
            "delivery_method": {
                "id": METHOD,
                "name": "Доставка Ozon самостоятельно, Москва",
                "warehouse_id": WAREHOUSE,
                "warehouse": "Склад на Ткацкой",
                "tpl_provider": "Доставка Ozon",
                "tpl_provider_id": 24,
            },
            "requirements": {
                "products_requiring_mandatory_mark": [
                    str(one) for one in skus.values() if requires_mark
                ]
            },
            "available_actions": ["cancel", "ship"],
            "cancellation": {
                "cancel_reason_id": 0, "cancel_reason": "", "cancellation_initiator": "",
                "cancellation_type": "", "cancelled_after_ship": False,
                "affect_cancellation_rating": False,
            },
            "addressee": None,
            "analytics_data": None,
            "changed_at": at,
            "packed_at": None,
        }  # fmt: skip
        self._tell("TYPE_NEW_POSTING", number)
        return number

    def move(self, number: str, status: str, substatus: str = "") -> None:
        """A posting gets a status."""
        one = self.postings[number]
        one.update(status=status, substatus=substatus, changed_at=self.clock())
        if status == "awaiting_deliver":
            one["packed_at"] = self.clock()
        self._tell("TYPE_STATE_CHANGED", number)

    def do_order(self, article: str, pieces: str, price: str) -> None:
        """The panel's button."""
        self.place((article, int(pieces or 1), price or "1990"))

    def do_move(self, number: str, status: str, substatus: str) -> None:
        """The panel's button."""
        self.move(number, status, substatus)

    def do_cancel(self, number: str) -> None:
        """The panel's button."""
        self.cancelled(number, "Покупатель передумал")

    def cancelled(self, number: str, reason: str) -> None:
        """The buyer gives up, before or after the hand-over."""
        one = self.postings[number]
        after = one["status"] not in OPEN
        one["cancellation"] = {
            **one["cancellation"],
            "cancel_reason_id": 505,
            "cancel_reason": reason,
            "cancellation_initiator": "Клиент",
            "cancelled_after_ship": after,
        }
        self.move(number, "cancelled", "posting_canceled")

    def do_bring_back(self, number: str, article: str = "", pieces: str = "") -> None:
        """The panel's button: all of a posting, or pieces of one article."""
        for product in self.postings[number]["products"]:
            if article in ("", product["offer_id"]):
                self._brings_back(number, product, int(pieces or product["quantity"]))

    def _brings_back(self, number: str, product: dict[str, Any], pieces: int) -> None:
        self.returns.append(
            {
                "id": 1 + len(self.returns),
                "type": "ClientReturn",
                "posting_number": number,
                "order_number": self.postings[number]["order_number"],
                "product": {
                    "sku": product["sku"],
                    "offer_id": product["offer_id"],
                    "name": product["name"],
                    "quantity": pieces,
                },
                "visual": {
                    "status": {"id": 6, "display_name": "Получен", "sys_name": "ReturnedToSeller"},
                    "change_moment": iso(self.clock()),
                },
            }
        )

    def _tell(self, kind: str, number: str) -> None:
        body = {
            "message_type": kind,
            "posting_number": number,
            "seller_id": int(CLIENT_ID),
            "warehouse_id": WAREHOUSE,
        }
        self.push(
            FakePush(
                path=f"/x/marketplace_ozon/push/{PUSH_KEY}",
                headers={"content-type": "application/json"},
                body=msgspec.json.encode(body),
            )
        )
