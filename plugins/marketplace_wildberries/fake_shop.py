"""What lies and happens at the fake Wildberries: orders, supplies, figures, the panel's buttons."""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from appliance.plugin_api.fakes import Deed, Fake, FakeReply, FakeRequest, Field, Shown, now, said

WAREHOUSE: Final = 658434
SELLER: Final = "5b2f7c1e-0000-4000-8000-00000000a001"
CHECK_SECONDS: Final = 20
"""So long WB looks at a code, or at an upload of prices."""
WB_STATUSES: Final = (
    "sorted", "ready_for_pickup", "sold", "canceled_by_client", "declined_by_client", "defect",
)  # fmt: skip


def iso(moment: datetime) -> str:
    """A moment as WB writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def token_until(moment: datetime) -> str:
    """A token that ends then; its signature is nobody's."""

    def part(data: object) -> str:
        return base64.urlsafe_b64encode(msgspec.json.encode(data)).decode().rstrip("=")

    claims = {"exp": int(moment.timestamp()), "sid": SELLER, "oid": 100500}
    return f"{part({'alg': 'ES256', 'typ': 'JWT'})}.{part(claims)}.c2lnbmVk"


class Refused(Exception):
    """A refusal of WB's."""

    def __init__(self, status: int, code: str, data: Any = None, *, listed: bool = False) -> None:
        super().__init__(code)
        one = {"code": code, "message": code, "data": data}
        self.status = status
        self.body: Any = [one] if listed else one


class Bucket:
    """A limit as WB keeps it: so many at once, the rest evenly, a refusal counts as ten."""

    def __init__(self, amount: float, seconds: float, burst: float) -> None:
        self._rate = amount / seconds
        self._burst = burst
        self._left = burst
        self._at: datetime | None = None

    def wait(self, at: datetime) -> float:
        """Let one pass and give 0, or the seconds after which one might."""
        if self._at is not None:
            self._left = min(self._burst, self._left + (at - self._at).total_seconds() * self._rate)
        self._at = at
        if self._left < 1:
            return (1 - self._left) / self._rate
        self._left -= 1
        return 0.0

    def charge(self, cost: float) -> None:
        """Count so much more."""
        self._left -= cost


class Shop(Fake):
    """One cabinet with one warehouse.

    Attributes:
        orders: by id, as WB writes them, with `_supplier`, `_wb`, `_supply`, `_meta` of our own.
        supplies: by id.
        cards: by WB's article: (seller's article, title, sizes by id).
        stock: by size; `told` every figure that was taken.
        prices: by WB's article, roubles; `uploads` what is worked at.
        again: orders that have to be brought once more.
        busy, blocked: the warehouse is being worked at; the seller may not sell.
        no_reports: the token was made without the category Analytics.
        old_names: stock is taken by barcode alone, as before: sizes are answered 204 and ignored.
    """

    title = "Wildberries"
    deeds = (
        Deed(
            name="order",
            title="Оформить заказ",
            fields=(
                Field(name="article", title="Артикул продавца", default="A-1"),
                Field(name="pieces", title="Штук", default="1"),
                Field(name="price", title="Цена, ₽", default="1990"),
                Field(name="mark", title="С кодом маркировки", choices=("нет", "да")),
            ),
        ),
        Deed(
            name="move",
            title="Передвинуть задание",
            fields=(
                Field(name="number", title="Номер задания"),
                Field(name="status", title="Статус WB", default="sorted", choices=WB_STATUSES),
            ),
        ),
        Deed(
            name="lose",
            title="Не найти в поставке: везти снова",
            fields=(Field(name="number", title="Номер задания"),),
        ),
        Deed(
            name="bring_back",
            title="Вернуть продавцу",
            fields=(Field(name="number", title="Номер задания"),),
        ),
    )

    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        super().__init__(clock)
        self.orders: dict[int, dict[str, Any]] = {}
        self.supplies: dict[str, dict[str, Any]] = {}
        self.cards: dict[int, tuple[str, str, dict[int, tuple[str, str]]]] = {}
        self.stock: dict[int, int] = {}
        self.told: list[tuple[int, int, datetime]] = []
        self.prices: dict[int, int] = {}
        self.uploads: dict[int, dict[str, Any]] = {}
        self.returns: list[dict[str, Any]] = []
        self.again: set[int] = set()
        self.busy = self.blocked = self.old_names = self.no_reports = False
        self.token = token_until(clock() + timedelta(days=180))
        self.token_ends = clock() + timedelta(days=180)
        self.changed_at: dict[int, datetime] = {}
        self._baskets = 0
        self.buckets = {
            "orders": Bucket(300, 60, 20),
            "cancel": Bucket(100, 60, 20),
            "codes": Bucket(1000, 60, 20),
            "meta": Bucket(300, 60, 20),
            "stock": Bucket(300, 60, 20),
            "houses": Bucket(300, 60, 20),
            "prices": Bucket(10, 6, 5),
            "cards": Bucket(100, 60, 5),
            "report": Bucket(1, 60, 1),
        }

    def bucket(self, family: str, host: str) -> Bucket:
        """The limit of a family of methods; the test of the connection has one for each host."""
        if family != "ping":
            return self.buckets[family]
        return self.buckets.setdefault(f"ping {host}", Bucket(3, 30, 3))

    def settings(self) -> Mapping[str, str]:
        """What is typed into the plugin's form."""
        return {"token": self.token, "warehouse": str(WAREHOUSE)}

    def error_in_200(self, request: FakeRequest) -> FakeReply:
        """WB says 200 and puts the trouble into the body."""
        if "/v2/" in request.path:
            return said({"data": None, "error": True, "errorText": "internal error"})
        return said({"code": "InternalServerError", "message": "Внутренняя ошибка", "data": None})

    def problem(self, request: FakeRequest, status: int, title: str, **headers: str) -> FakeReply:
        """How WB's gateway refuses, before a method is reached; orders alone call it plain JSON."""
        body = {
            "title": title,
            "detail": title,
            "code": "07e4668e",
            "requestId": "9d3c02cc698f8b041c661a7c28bed293",
            "origin": "s2s-api-auth-catalog",
            "status": status,
            "statusText": title.title(),
            "timestamp": iso(self.clock()),
        }
        is_plain = "/orders" in request.path or "/supplies" in request.path
        kind = "application/json" if is_plain else "application/problem+json"
        return said(body, status, content_type=kind, **headers)

    def too_many(self, request: FakeRequest) -> FakeReply:
        """WB names the pause in a header of its own."""
        named = {"x_ratelimit_retry": str(self.pause)} if self.pause else {}
        return self.problem(request, 429, "too many requests", **named)

    def state(self) -> Sequence[Shown]:
        """What lies there."""
        rows = [
            (one["id"], one["_supplier"], one["_wb"], one["article"], one["_supply"])
            for one in self.orders.values()
        ]
        goods = [
            (article, size[0], chrt, self.stock.get(chrt, ""), self.prices.get(nm, ""))
            for nm, (article, _, sizes) in self.cards.items()
            for chrt, size in sizes.items()
        ]
        return (
            Shown(
                title="Сборочные задания",
                columns=("Номер", "Продавец", "WB", "Артикул", "Поставка"),
                rows=tuple(rows),
            ),
            Shown(
                title="Поставки",
                columns=("Номер", "Название", "Передана"),
                rows=tuple(
                    (one["id"], one["name"], "да" if one["done"] else "нет")
                    for one in self.supplies.values()
                ),
            ),
            Shown(
                title="Товары",
                columns=("Артикул", "Размер", "chrtId", "Остаток", "Цена"),
                rows=tuple(goods),
            ),
        )

    def one(self, number: int | str) -> dict[str, Any]:
        """An order by its id; raises: Refused: there is none."""
        found = self.orders.get(int(number))
        if found is None:
            raise Refused(404, "NotFound")
        return found

    def is_cancellable(self, one: Mapping[str, Any]) -> bool:
        """Whether the seller may still cancel it."""
        return one["_supplier"] in ("new", "confirm") and one["_wb"] == "waiting"

    # --- what happens at WB ---

    def card(self, article: str, *sizes: str, title: str = "") -> int:
        """Put a card into the catalogue; its article at WB."""
        known = next((nm for nm, one in self.cards.items() if one[0] == article), None)
        if known is not None:
            return known
        nm = 12_000_001 + len(self.cards)
        self.cards[nm] = (
            article,
            title or f"Товар {article}",
            {nm * 10 + place: (size, f"20{nm}{place:03}") for place, size in
             enumerate(sizes or ("0",))},
        )  # fmt: skip
        return nm

    def size(self, article: str, size: str = "") -> int:
        """Id of a size of a card; the first, if none is named."""
        sizes = self.cards[self.card(article)][2]
        return next(chrt for chrt, one in sizes.items() if not size or one[0] == size)

    def place(
        self,
        *articles: str,
        price: int = 199_000,
        size: str = "",
        required: Sequence[str] = (),
        optional: Sequence[str] = (),
    ) -> list[int]:
        """A basket is bought: each piece is an order of its own; their ids."""
        self._baskets += 1
        return [
            self._add(article, price, size, list(required), list(optional)) for article in articles
        ]

    def _add(
        self, article: str, price: int, size: str, required: list[str], optional: list[str]
    ) -> int:
        chrt, at = self.size(article, size), self.clock()
        nm = self.card(article)
        number = 13_833_001 + len(self.orders)
        self.orders[number] = {
            "id": number,
            "rid": UUID(int=number).hex,
            "orderUid": f"{160_000 + self._baskets}_{UUID(int=self._baskets).hex}",
            "article": article,
            "colorCode": "",
            "nmId": nm,
            "chrtId": chrt,
            "skus": [self.cards[nm][2][chrt][1]],
            "warehouseId": WAREHOUSE,
            "officeId": 123,
            "offices": ["Коледино"],
            "createdAt": iso(at),
            "deliveryType": "fbs",
            "cargoType": 1,
            "crossBorderType": 0,
            "comment": "",
            "address": None,
            "scanPrice": None,
            "price": price,
            "convertedPrice": price,
            "currencyCode": 643,
            "convertedCurrencyCode": 643,
            "isZeroOrder": False,
            "options": {"isB2B": False},
            "requiredMeta": required,
            "optionalMeta": optional,
            "_at": at,
            "_supplier": "new",
            "_wb": "waiting",
            "_supply": "",
            "_meta": {},
        }
        return number

    def move(self, number: int, wb: str, supplier: str = "") -> None:
        """An order gets a status of WB's."""
        one = self.orders[number]
        one["_wb"] = wb
        one["_supplier"] = supplier or one["_supplier"]
        if wb != "waiting":
            self.again.discard(number)

    def do_order(self, article: str, pieces: str, price: str, mark: str) -> None:
        """The panel's button."""
        required = ("sgtin",) if mark == "да" else ()
        kopecks = int(float(price.replace(",", ".") or 0) * 100)
        self.place(*[article] * int(pieces or 1), price=kopecks, required=required)

    def do_move(self, number: str, status: str) -> None:
        """The panel's button."""
        self.move(int(number), status)

    def do_lose(self, number: str) -> None:
        """The panel's button."""
        self.again.add(int(number))

    def do_bring_back(self, number: str) -> None:
        """The panel's button."""
        one = self.orders[int(number)]
        self.returns.append(
            {
                "srid": one["rid"],
                "nmId": one["nmId"],
                "orderId": one["id"],
                "status": "Выдано",
                "completedDt": iso(self.clock()),
            }
        )
