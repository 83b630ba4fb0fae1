"""Marketplaces on a trading day: baskets are bought, packed, labelled, delivered, given back."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, ClassVar

from scripts._day_box import ARTICLES
from scripts._day_part import Deed, Part
from scripts._day_seen import Fact, Json, Seen, pieces_of

Told = tuple[dict[str, str], dict[str, str]]
"""Orders by number, and stock by article, as a marketplace has them."""


class Market(Part, ABC):
    """What all marketplaces share.

    Attributes:
        names: numbers of what was sold, in order.
        shop: how codes of its shops in the box begin.
        over: how it calls what its buyer has.
        lines: article and pieces of what was sold, by its number.
        reason: code for which a posting is cancelled here.
        hand_overs: deeds of its card in the afternoon, in their order.
    """

    title: ClassVar[str]
    shop: ClassVar[str]
    reason: ClassVar[str]
    over: ClassVar[str]
    hand_overs: ClassVar[tuple[str, ...]] = ("label",)

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.names: list[str] = []
        self.lines: dict[str, tuple[str, int]] = {}

    @abstractmethod
    def sell(self, article: str, pieces: int) -> list[str]:
        """A buyer's basket; numbers of its postings."""

    @abstractmethod
    def on_its_way(self, name: str) -> None:
        """The marketplace has it."""

    @abstractmethod
    def delivered(self, name: str) -> None:
        """Its buyer has it."""

    @abstractmethod
    def came_back(self, name: str) -> None:
        """Its buyer did not want it, and the shop has it again."""

    @abstractmethod
    def told(self) -> Told:
        """What lies there."""

    def morning(self) -> Iterable[Deed]:
        for _ in range(self.share["market"]):
            article, pieces = self.chance.choice(ARTICLES), self.chance.randint(1, 3)
            yield partial(self._sold, article, pieces)

    def _sold(self, article: str, pieces: int) -> None:
        names = self.at(lambda: self.sell(article, pieces))
        # Where a basket becomes several postings, each has one piece.
        each = pieces if len(names) == 1 else 1
        self.lines |= dict.fromkeys(names, (article, each))
        self.names += names

    def gone(self) -> Counter[str]:
        orders, _ = self.at(self.told)
        found: Counter[str] = Counter()
        for name, said in orders.items():
            if self.over in said.split():
                article, pieces = self.lines[name]
                found[article] += pieces
        return found

    def forenoon(self) -> Iterable[Deed]:
        yield from self._presses("pack", self.names[1:])
        yield from self._presses("cancel", self.names[:1], reason=self.reason)

    def afternoon(self) -> Iterable[Deed]:
        for deed in self.hand_overs:
            yield from self._presses(deed, self.names[1:])

    def evening(self) -> Iterable[Deed]:
        # The first was cancelled, the second stays packed at the shop.
        for name in self.names[2:]:
            yield partial(self.at, partial(self.on_its_way, name))
        for name in self.names[3:]:
            yield partial(self.at, partial(self.delivered, name))
        if len(self.names) > 2:
            yield partial(self.at, partial(self.came_back, self.names[2]))

    def order(self, name: str) -> Json | None:
        """The order that the box made of a posting."""
        found = self.day.read("/orders", external_ids=name, limit=20)["rows"]
        return next((one for one in found if one["shop"].startswith(self.shop)), None)

    def _wish(self, name: str, deed: str, **form: str) -> None:
        """The colleague presses a button of the posting's card, where it is there to press."""
        order = self.order(name)
        if order is None:
            return
        number = order["number"]
        posting = self.day.read(f"/orders/{number}/services")["posting"]
        if deed in posting["actions"] and not posting["wish"]:
            self.day.press(f"/orders/{number}/posting/{deed}", form)

    def _presses(self, deed: str, names: Iterable[str], **form: str) -> Iterator[Deed]:
        """The same for many, a deed each."""
        for name in names:
            yield partial(self._wish, name, deed, **form)

    def facts(self, seen: Seen) -> Iterable[Fact]:
        there, goods = self.at(self.told)
        here = {
            str(one["external_id"]): one for one in seen.orders if one["shop"].startswith(self.shop)
        }
        for name in there.keys() | here.keys():
            yield Fact(
                f"{self.title}: orders", name, there.get(name, ""), _told(here.get(name)),
            )  # fmt: skip
        for article in ARTICLES:
            free = str(seen.free(article))
            yield Fact(f"{self.title}: stock", article, goods.get(article, ""), free)


def _told(order: Json | None) -> str:
    if order is None:
        return ""
    posting = order["services"]["posting"]
    return f"{posting['raw_status']} {posting['raw_substatus']} {pieces_of(order)}"


class Ozon(Market):
    """Ozon, sold from the shop's own warehouse."""

    plugin = "marketplace_ozon"
    title = "Ozon"
    shop = "ozon"
    reason = "352"
    over = "delivered"
    jobs = ("hints", "orders", "stock")

    def opening(self) -> None:
        for article in ARTICLES:
            self.fake.offer(article, f"Плед {article}")

    def sell(self, article: str, pieces: int) -> list[str]:
        return self.fake.place((article, pieces, "990.00"))

    def on_its_way(self, name: str) -> None:
        self.fake.move(name, "delivering")

    def delivered(self, name: str) -> None:
        self.fake.move(name, "delivered")

    def came_back(self, name: str) -> None:
        self.fake.cancelled(name, "Не подошло")
        self.fake.do_bring_back(name)

    def spoil(self) -> None:
        self.fake.postings[self.names[-1]]["status"] = "arbitration"
        self.fake.stock[ARTICLES[0]] = -1

    def told(self) -> Told:
        postings, goods = self.fake.state()
        return (
            {str(row[0]): f"{row[1]} {row[2]} {row[4]}" for row in postings.rows},
            {str(row[0]): str(row[1]) for row in goods.rows},
        )


class Yandex(Market):
    """Yandex Market."""

    plugin = "marketplace_yandex"
    title = "Yandex"
    shop = "yandex"
    reason = "SHOP_FAILED"
    over = "DELIVERED"
    jobs = ("hints", "orders", "stock")

    def opening(self) -> None:
        for article in ARTICLES:
            self.fake.offer(article, f"Плед {article}")

    def sell(self, article: str, pieces: int) -> list[str]:
        return [str(self.fake.place((article, pieces, 990.0)))]

    def on_its_way(self, name: str) -> None:
        self.fake.move(int(name), "DELIVERY", "DELIVERY_SERVICE_RECEIVED")

    def delivered(self, name: str) -> None:
        self.fake.move(int(name), "DELIVERED", "DELIVERY_SERVICE_DELIVERED")

    def came_back(self, name: str) -> None:
        self.fake.cancelled(int(name), "USER_REFUSED_PRODUCT")
        self.fake.do_bring_back(name)

    def spoil(self) -> None:
        self.fake.orders[int(self.names[-1])]["status"] = "UNPAID"
        self.fake.stock[ARTICLES[0]] = -1

    def told(self) -> Told:
        orders, goods, _ = self.fake.state()
        return (
            {str(row[0]): f"{row[1]} {row[2]} {row[4]}" for row in orders.rows},
            {str(row[0]): str(row[1]) for row in goods.rows},
        )


class Wildberries(Market):
    """Wildberries: each piece is an order of its own; nothing is pushed."""

    plugin = "marketplace_wildberries"
    title = "Wildberries"
    shop = "wildberries"
    reason = "seller"
    over = "sold"
    hand_overs = ("label", "act")
    jobs = ("orders", "stock")

    def opening(self) -> None:
        for article in ARTICLES:
            self.fake.card(article, title=f"Плед {article}")

    def sell(self, article: str, pieces: int) -> list[str]:
        return [str(one) for one in self.fake.place(*[article] * pieces, price=99_000)]

    def on_its_way(self, name: str) -> None:
        self.fake.move(int(name), "sorted")

    def delivered(self, name: str) -> None:
        self.fake.move(int(name), "sold")

    def came_back(self, name: str) -> None:
        self.fake.move(int(name), "canceled_by_client")
        self.fake.do_bring_back(name)

    def spoil(self) -> None:
        self.fake.orders[int(self.names[-1])]["_wb"] = "defect"
        self.fake.stock[self.fake.size(ARTICLES[0])] = -1

    def told(self) -> Told:
        orders, _, goods = self.fake.state()
        return (
            {str(row[0]): f"{row[1]} {row[2]} {row[3]} × 1" for row in orders.rows},
            {str(row[0]): str(row[3]) for row in goods.rows},
        )


MARKETS = (Ozon, Wildberries, Yandex)
