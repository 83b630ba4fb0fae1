"""Operators of warehouses on a trading day: orders go out, some come back."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar, Final

from appliance.actions import operators, references
from appliance.boot.index import HOUSE_ACTOR
from appliance.domain.fulfilments import USUAL, Operator
from appliance.domain.ids import uuid7
from appliance.domain.references import Warehouse
from scripts._day_box import ARTICLES, PRICE
from scripts._day_part import Deed, Part
from scripts._day_seen import Fact, Json, Seen

THERE: Final = 100
"""Pieces of each article at an operator."""


class Warehouses(Part, ABC):
    """What operators share.

    Attributes:
        store: code of the warehouse in the box.
    """

    title: ClassVar[str]
    way: ClassVar[str]
    store: ClassVar[str]

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.operator = uuid7()

    @property
    def names(self) -> list[str]:
        """Orders that it sends."""
        return self.day.ledger[self.way]

    def stages(self) -> dict[str, str]:
        """Its own statuses → stages."""
        return {}

    async def set_up(self) -> None:
        place = Warehouse(number=0, code=self.store, name=f"Склад {self.title}")
        await references.edit_warehouse(HOUSE_ACTOR, place)
        wanted = Operator(
            id=self.operator, plugin=self.plugin, warehouse=self.store, stages=self.stages(),
            statuses={stage.value: code for stage, code in USUAL.items()},
        )  # fmt: skip
        await operators.keep(HOUSE_ACTOR, wanted)

    def forenoon(self) -> Iterable[Deed]:
        for name in self.names:
            yield partial(self._hand_over, name)

    def _hand_over(self, name: str) -> None:
        if self.services(name)["operator"] is None:
            number = self.day.numbers[name]
            body = {"operator_id": str(self.operator)}
            self.day.write("POST", f"/orders/{number}/operator", body, once=f"operator-{name}")

    def number(self, name: str) -> str:
        """How the operator calls an order; empty: it does not know it."""
        now = self.services(name)["operator"]
        return "" if now is None else now["order_no"]

    @abstractmethod
    def told(self) -> tuple[dict[str, str], dict[str, str]]:
        """Orders by number and free stock by article, as the operator says."""

    def shown(self, now: Json) -> str:
        """What the box says of one order, as `told` says it."""
        return f"{now['raw']} {now['tracking']}".strip()

    def facts(self, seen: Seen) -> Iterable[Fact]:
        there, goods = self.told()
        here: dict[str, str] = {}
        for order in seen.orders:
            now = order["services"]["operator"]
            if now is not None and now["plugin"] == self.plugin:
                here[now["order_no"]] = self.shown(now)
        for name in there.keys() | here.keys():
            yield Fact(f"{self.title}: orders", name, there.get(name, ""), here.get(name, ""))
        for article in ARTICLES:
            free = str(seen.free(article, self.store))
            yield Fact(f"{self.title}: stock", article, goods.get(article, ""), free)


class Contract(Warehouses):
    """An operator that keeps the contract of `fulfillment_http`."""

    plugin = "fulfillment_http"
    title = "Operator"
    way = "contract"
    store = "operator"
    jobs = ("pull", "stock")

    def opening(self) -> None:
        for article in ARTICLES:
            self.fake.room.count("", article, THERE * 1000)

    def afternoon(self) -> Iterable[Deed]:
        for deed in ("pick", "pack", "ship"):
            for name in self.names:
                yield partial(self._act, name, deed)

    def _act(self, name: str, deed: str) -> None:
        number = self.number(name)
        if number in self.fake.room.orders:
            self.at(lambda: self.fake.act(deed, number))

    def evening(self) -> Iterable[Deed]:
        for deed in ("return_arrive", "return_check"):
            for name in self.names[: self.share["back"]]:
                yield partial(self._act, name, deed)

    def spoil(self) -> None:
        next(iter(self.fake.room.orders.values())).status = "shortage"
        self.fake.room.count("", ARTICLES[0], 7)

    def told(self) -> tuple[dict[str, str], dict[str, str]]:
        orders, stock = self.at(self.fake.state)
        return (
            {row[0]: f"{row[1]} {row[2]}".strip() for row in orders.rows},
            {row[0]: row[3] for row in stock.rows},
        )


class Sklad(Warehouses):
    """МойСклад."""

    plugin = "warehouse_moysklad"
    title = "МойСклад"
    way = "sklad"
    store = "sklad"
    jobs = ("hints", "pull", "stock")

    def settings(self) -> dict[str, str]:
        told = {**super().settings(), "address": f"{self.address}/api/remap/1.2"}
        if self.stand is not None and self.stand.box:
            told |= {"box_address": self.stand.box, "hook": "word0of0the0day0of0trading"}
        return told

    def opening(self) -> None:
        for article in ARTICLES:
            self.fake.good(article, float(THERE))

    def stages(self) -> dict[str, str]:
        means = {"Собирается": "picking", "Упакован": "packed", "Отгружен": "shipped",
                 "Доставлен": "delivered", "Отменён": "cancelled", "Новый": "accepted"}  # fmt: skip
        return {self.fake.states[name]["id"]: stage for name, stage in means.items()}

    def afternoon(self) -> Iterable[Deed]:
        for state in ("Собирается", "Упакован"):
            for name in self.names:
                yield partial(self._state, name, state)
        for name in self.names:
            yield partial(self._ship, name)

    def _known(self, name: str) -> str:
        number = self.number(name)
        orders = self.fake.kept.get("customerorder", {}).values()
        return number if any(one.get("name") == number for one in orders) else ""

    def _state(self, name: str, state: str) -> None:
        if number := self._known(name):
            self.at(lambda: self.fake.do_state(number, state))

    def _ship(self, name: str) -> None:
        if number := self._known(name):
            self.at(lambda: self.fake.do_ship(number, f"TRACK-{number}"))

    def evening(self) -> Iterable[Deed]:
        for name in self.names[: self.share["back"]]:
            yield partial(self._take_back, name)

    def _take_back(self, name: str) -> None:
        if number := self._known(name):
            self.at(lambda: self.fake.do_take_back(number))

    def spoil(self) -> None:
        next(iter(self.fake.kept["customerorder"].values()))["state"] = self.fake.states["Отменён"]
        self.fake.do_count(ARTICLES[0], "3")

    def told(self) -> tuple[dict[str, str], dict[str, str]]:
        orders, goods = self.at(self.fake.state)
        return (
            {row[0]: f"{row[1]}, shipped {float(row[2]):.0f}" for row in orders.rows},
            {row[0]: f"{float(row[2]):.0f}" for row in goods.rows},
        )

    def shown(self, now: Json) -> str:
        shipped = sum(one["shipped_milli"] // 1000 for one in now["lines"])
        return f"{now['raw']}, shipped {shipped * PRICE}"
