"""Marketplaces on a trading day: baskets are bought, packed, labelled, delivered, given back."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, ClassVar

from scripts._day_box import ARTICLES
from scripts._day_part import Deed, Part
from scripts._day_seen import Fact, Json, Seen, pieces_of


class Market(Part):
    """What all marketplaces share: `sell`, `handed`, `taken`, `given_up` and `come_back` differ.

    Attributes:
        names: numbers of what was sold, in order.
    """

    title: ClassVar[str]
    shop: ClassVar[str]

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.names: list[str] = []

    def sell(self, article: str, pieces: int) -> list[str]:
        """A buyer's basket; numbers of its postings."""
        raise NotImplementedError

    def morning(self) -> Iterable[Deed]:
        for _ in range(self.share["market"]):
            article, pieces = self.chance.choice(ARTICLES), self.chance.randint(1, 3)
            yield partial(self._sold, article, pieces)

    def _sold(self, article: str, pieces: int) -> None:
        self.names += self.at(lambda: self.sell(article, pieces))

    def order(self, name: str) -> Json | None:
        """The order that the box made of a posting."""
        found = self.day.read("/orders", external_ids=name, limit=20)["rows"]
        known = [one for one in found if one["shop"].startswith(self.shop)]
        return known[0] if known else None

    def wish(self, name: str, deed: str, **form: str) -> None:
        """The colleague presses a button of the posting's card, where it is there to press."""
        order = self.order(name)
        if order is None:
            return
        number = order["number"]
        posting = self.day.read(f"/orders/{number}/services")["posting"]
        if deed in posting["actions"] and not posting["wish"]:
            self.day.press(f"/orders/{number}/posting/{deed}", form)

    def presses(self, deed: str, names: Iterable[str], **form: str) -> Iterator[Deed]:
        """The same for many, a deed each."""
        for name in names:
            yield lambda name=name: self.wish(name, deed, **form)


class Ozon(Market):
    """Ozon, sold from the shop's own warehouse."""

    plugin = "marketplace_ozon"
    title = "Ozon"
    shop = "ozon"
    jobs = ("hints", "orders", "returns", "catalogue", "stock", "prices")

    def opening(self) -> None:
        for article in ARTICLES:
            self.fake.offer(article, f"Плед {article}")

    def sell(self, article: str, pieces: int) -> list[str]:
        return self.fake.place((article, pieces, "990.00"))

    def forenoon(self) -> Iterable[Deed]:
        yield from self.presses("pack", self.names[1:])
        yield from self.presses("cancel", self.names[:1], reason="352")

    def afternoon(self) -> Iterable[Deed]:
        yield from self.presses("label", self.names[1:])
        for status in ("delivering", "delivered"):
            for name in self.names[2:]:
                yield lambda name=name, status=status: self._moved(name, status)

    def _moved(self, name: str, status: str) -> None:
        self.at(lambda: self.fake.move(name, status))

    def evening(self) -> Iterable[Deed]:
        if len(self.names) > 3:
            name = self.names[-1]
            yield lambda: self.at(lambda: self.fake.cancelled(name, "Не подошло"))
            yield lambda: self.at(lambda: self.fake.do_bring_back(name))

    def spoil(self) -> None:
        self.fake.postings[self.names[-1]]["status"] = "arbitration"
        self.fake.stock[ARTICLES[0]] = -1

    def facts(self, seen: Seen) -> Iterable[Fact]:
        postings, goods = self.at(self.fake.state)
        here = {one["external_id"]: one for one in seen.orders if one["shop"].startswith(self.shop)}
        there = {str(row[0]): row for row in postings.rows}
        for name in there.keys() | here.keys():
            row, order = there.get(name), here.get(name)
            said = "" if row is None else " ".join(str(one) for one in (row[1], row[2], row[4]))
            yield Fact(f"{self.title}: orders", name, said, _told(order))
        for article, told, _ in goods.rows:
            yield Fact(f"{self.title}: stock", str(article), str(told), str(seen.free(article)))


def _told(order: Json | None) -> str:
    if order is None:
        return ""
    posting = order["services"]["posting"]
    return f"{posting['raw_status']} {posting['raw_substatus']} {pieces_of(order)}"


MARKETS = (Ozon,)
