"""The shop's own site on a trading day: orders by the shops' API, sent until they are answered."""

from collections.abc import Iterable
from functools import partial
from typing import Any, Final

import retailcrm  # pyright: ignore[reportMissingTypeStubs] - it has none

from scripts import _box
from scripts._day_box import ARTICLES, PRICE
from scripts._day_part import Deed, Part
from scripts._day_seen import Fact, Seen, pieces_of
from scripts._shop import expect, trusting

WAYS: Final = ("cdek", "post", "contract", "sklad")
"""What may become of an order of the shop's: a carrier's parcel, or goods at an operator."""
TOWN: Final = "Тверь"
INDEX: Final = "170000"


class Shop(Part):
    """Sends its orders with the unmodified `retailcrm` package.

    Attributes:
        sent: name of an order → what was bought.
    """

    plugin = ""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.sent = self.day.bought
        for way in WAYS:
            names = [f"td-{way}-{number}" for number in range(1, self.share[way] + 1)]
            self.day.ledger[way] = names
            for name in names:
                self.sent[name] = self.chance.choice(ARTICLES), self.chance.randint(1, 3)

    def morning(self) -> Iterable[Deed]:
        for place, name in enumerate(self.sent):
            yield partial(self._send, place, name)

    def _send(self, place: int, name: str) -> None:
        """One order; «exists already» is an answer: the first one was lost."""
        article, pieces = self.sent[name]
        order: dict[str, Any] = {
            "externalId": name,
            "lastName": f"Выдуманная{place}",
            "firstName": "Клавдия",
            "phone": f"+79{place:09d}",
            "email": f"buyer{place}@post.example",
            "items": [
                {"offer": {"externalId": article}, "quantity": pieces,
                 "initialPrice": PRICE // 100},
            ],
            "delivery": {
                "code": "courier", "cost": 0,
                "address": {"city": TOWN, "index": INDEX, "street": "Садовая", "building": "7"},
            },
        }  # fmt: skip
        with trusting(self.day.box.config.tls / "ca.pem"):
            crm: Any = retailcrm.v5(self.day.base, self.day.shop_key)
            answer = crm.order_create(order, _box.SHOP)
            self.day.alive(answer.get_status_code())
            known = not answer.is_successful() and "already exists" in answer.get_error_msg()
            expect(answer.is_successful() or known, f"refused: {answer.get_response()}")
            found = crm.order(name, "externalId", _box.SHOP)
        self.day.alive(found.get_status_code())
        self.day.numbers[name] = int(found.get_response()["order"]["id"])

    def spoil(self) -> None:
        name = next(iter(self.sent))
        self.sent[name] = self.sent[name][0], 99

    def facts(self, seen: Seen) -> Iterable[Fact]:
        here = {str(one["external_id"]): one for one in seen.of_shop(_box.SHOP)}
        for name in here.keys() | self.sent.keys():
            article, pieces = self.sent.get(name, ("", 0))
            there = f"{article} × {pieces}, {pieces * PRICE}" if article else ""
            order = here.get(name)
            told = f"{pieces_of(order)}, {order['goods_total_kopecks']}" if order else ""
            yield Fact("Shop: orders", name, there, told)
