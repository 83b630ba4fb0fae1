"""Carriers on a trading day: tariffs chosen from the card, labels, tracking, some parcels back."""

import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar, Final

from scripts._day_box import Refused
from scripts._day_part import Deed, Part
from scripts._day_seen import Fact, Json, Seen
from scripts._day_shop import INDEX, TOWN

WITH_CDEK: Final = "RECEIVED_AT_SHIPMENT_WAREHOUSE"
BACK_BY_POST: Final = (2, 2)
"""Handed over to its sender."""
PATIENCE: Final = 120.0
STARTED: Final = ("cancelled", "error")


class Carrier(Part, ABC):
    """What carriers share.

    Attributes:
        way: of the shop's orders that go by it.
        offer: how a form names the tariff that is chosen.
        point: code of the office it goes to.
    """

    title: ClassVar[str]
    way: ClassVar[str]
    offer: ClassVar[str]
    point: ClassVar[str] = ""

    @property
    def names(self) -> list[str]:
        """Orders that go by it."""
        return self.day.ledger[self.way]

    @abstractmethod
    def moved(self) -> Iterable[str]:
        """Numbers of the shop's of parcels that are with the carrier or with their buyers."""

    def gone(self) -> Counter[str]:
        numbers = set(self.at(lambda: list(self.moved())))
        found: Counter[str] = Counter()
        for name in self.names:
            parcels = self.services(name)["parcels"]
            if numbers & {one["own_number"] for one in parcels}:
                article, pieces = self.day.bought[name]
                found[article] += pieces
        return found

    def live(self, name: str) -> Json | None:
        """The parcel of an order that is not over."""
        found = self.services(name)["parcels"]
        return next((one for one in found if one["state"] not in STARTED), None)

    def forenoon(self) -> Iterable[Deed]:
        for name in self.names:
            yield partial(self._book, name)

    def _book(self, name: str) -> None:
        if self.live(name) is not None:
            return
        form = {
            "city": TOWN, "index": INDEX, "weight": "0,9", "size": "30x20x10", "cod": "",
            "offer": self.offer, "point": self.point, "pays": "300", "do": "book",
        }  # fmt: skip
        home = f"/orders/{self.day.numbers[name]}/carriers"
        ends = time.monotonic() + PATIENCE
        while True:
            try:
                self.day.press(home, form)
            except Refused:
                # A carrier has three seconds for its prices; on a busy machine it is asked again.
                if self.fake.trouble or time.monotonic() > ends:
                    raise
                self.day.let_out()
                time.sleep(1.0)
            else:
                return

    def afternoon(self) -> Iterable[Deed]:
        for name in self.names:
            yield partial(self._label, name)
        for name in self.names:
            yield partial(self._hand_over, name)

    def night(self) -> Iterable[Deed]:
        for name in self.names:
            yield partial(self._take_in, name)

    def _hand_over(self, name: str) -> None:
        """The storekeeper gives it to the carrier: its goods leave the stock."""
        number = self.day.numbers[name]
        body = {"draft": {"warehouse": "main"}, "send": True}
        if not self.day.read(f"/orders/{number}")["shipments"]:
            self.day.write("POST", f"/orders/{number}/shipments", body, once=f"sent-{name}")

    def _take_in(self, name: str) -> None:
        """What a carrier brought back is put on its shelf again."""
        number = self.day.numbers[name]
        states = {one["state"] for one in self.services(name)["parcels"]}
        sent = {one["state"] for one in self.day.read(f"/orders/{number}")["shipments"]}
        if "returned" in states and "dispatched" in sent:
            self.day.write("POST", f"/warehouse/{number}/back", once=f"back-{name}")

    def _label(self, name: str) -> None:
        parcel = self.live(name)
        if (
            parcel is not None
            and parcel["label"] is None
            and parcel["track"]
            and not parcel["deed"]
        ):
            number = self.day.numbers[name]
            self.day.press(f"/orders/{number}/carriers/{parcel['number']}/print", {})


class Cdek(Carrier):
    """CDEK, to an office."""

    plugin = "logistics_cdek"
    title = "CDEK"
    way = "cdek"
    offer = "logistics_cdek|main|136|point"
    point = "TVR1"
    jobs = ("waiting", "follow")

    def settings(self) -> dict[str, str]:
        told = super().settings()
        if self.stand is not None and self.stand.box:
            told |= {"public": self.stand.box, "hook_word": "word-of-the-day-of-trading"}
        return told

    def _track(self, name: str) -> str:
        parcel = self.live(name)
        return "" if parcel is None else parcel["track"]

    def afternoon(self) -> Iterable[Deed]:
        yield from super().afternoon()
        for _ in range(4):
            for name in self.names:
                yield partial(self._move, name)

    def _move(self, name: str, code: str = "") -> None:
        if track := self._track(name):
            self.at(lambda: self.fake.do_move(track, code))

    def evening(self) -> Iterable[Deed]:
        back = self.names[: self.share["back"]]
        for name in self.names:
            if name not in back:
                yield partial(self._move, name)
        for name in back:
            yield partial(self._give_back, name)

    def _give_back(self, name: str) -> None:
        track = self._track(name)
        if track:
            self.at(lambda: self.fake.do_give_back(track))
            self.at(lambda: self.fake.do_move(f"{track}9", "DELIVERED"))

    def moved(self) -> Iterable[str]:
        back = {one.direct for one in self.fake.orders.values() if one.direct}
        for one in self.fake.orders.values():
            codes = {each["code"] for each in one.statuses}
            if one.uuid not in back and not one.direct and WITH_CDEK in codes:
                yield str(one.asked["number"])

    def spoil(self) -> None:
        order = next(one for one in self.fake.orders.values() if one.number)
        order.statuses = [*order.statuses, {**order.statuses[-1], "code": "LOST"}]

    def facts(self, seen: Seen) -> Iterable[Fact]:
        (shown,) = self.at(self.fake.state)
        # A return order has no number of the shop's: it is told by the parcel that came back.
        there = {str(row[1]): f"{row[0]} {row[2]}" for row in shown.rows if row[1]}
        here = {
            one["own_number"]: f"{one['track']} {_code(one)}"
            for order in seen.orders
            for one in order["services"]["parcels"]
            if one["plugin"] == self.plugin and one["state"] != "chosen"
        }
        for name in there.keys() | here.keys():
            yield Fact(f"{self.title}: parcels", name, there.get(name, ""), here.get(name, ""))


class Post(Carrier):
    """Russian Post, to an office; it is asked for the way, every five hours at most."""

    plugin = "logistics_russian_post"
    title = "Post"
    way = "post"
    offer = "logistics_russian_post|main|POSTAL_PARCEL|point"
    point = "170000"
    jobs = ("follow",)

    def settings(self) -> dict[str, str]:
        return {**super().settings(), "tracking_address": self.address}

    def evening(self) -> Iterable[Deed]:
        back = self.names[: self.share["back"]]
        for _ in range(4):
            for name in self.names:
                if name not in back:
                    yield partial(self._move, name)
        for name in back:
            yield partial(self._move, name)
            yield partial(self._move, name, "3.1")
            yield partial(self._move, name, "2.2")

    def _move(self, name: str, operation: str = "") -> None:
        parcel = self.live(name)
        if parcel is not None and parcel["track"]:
            self.at(lambda: self.fake.do_move(parcel["track"], operation))

    def moved(self) -> Iterable[str]:
        for one in self.fake.orders.values():
            if one.way and BACK_BY_POST not in {step[:2] for step in one.way}:
                yield str(one.asked["order-num"])

    def spoil(self) -> None:
        one = next(iter(self.fake.orders.values()))
        one.way = [*one.way, (5, 9, self.day.clock.now(), "170000")]

    def facts(self, seen: Seen) -> Iterable[Fact]:
        shown, _ = self.at(self.fake.state)
        there = {str(row[1]): f"{row[0]} {row[3]}" for row in shown.rows}
        here = {
            one["own_number"]: f"{one['track']} {_last(one)}"
            for order in seen.orders
            for one in order["services"]["parcels"]
            if one["plugin"] == self.plugin and one["state"] != "chosen"
        }
        for name in there.keys() | here.keys():
            yield Fact(f"{self.title}: parcels", name, there.get(name, ""), here.get(name, ""))


def _last(parcel: Json) -> str:
    last = max(parcel["steps"], key=lambda one: one["at"], default=None)
    return "—" if last is None else last["code"]


def _code(parcel: Json) -> str:
    """The last word of the carrier's own order; what the return order says is left out."""
    steps: list[Any] = [one for one in parcel["steps"] if one["code"] != "RETURN_DELIVERED"]
    last = max(steps, key=lambda one: one["at"], default=None)
    return "CREATED" if last is None else last["code"]
