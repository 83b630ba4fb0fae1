"""Money on a trading day: links are made, paid, held and taken, given back."""

from collections.abc import Iterable
from functools import partial
from typing import Any, Final

from scripts._day_part import Deed, Part
from scripts._day_seen import Fact, Json, Seen

ACTIVE: Final = ("created", "pending", "authorized")
SETTLED: Final = ("paid", "partly_refunded", "refunded")
STATES: Final = {"pending": "pending", "waiting_for_capture": "authorized", "canceled": "cancelled"}


class Till(Part):
    """YooKassa."""

    plugin = "payments_yookassa"
    jobs = ("poll",)

    def settings(self) -> dict[str, str]:
        return {**super().settings(), "address": f"{self.address}/v3"}

    @property
    def names(self) -> list[str]:
        """Orders that are paid by link: as many as there are to be, of every kind."""
        every = [name for names in self.day.ledger.values() for name in names]
        return every[:: max(1, len(every) // self.share["paid"])][: self.share["paid"]]

    def link(self, name: str, *states: str) -> Json | None:
        """The newest attempt in one of these states."""
        found = self.services(name)["links"]
        return next((one for one in found if one["state"] in states), None)

    def forenoon(self) -> Iterable[Deed]:
        for place, name in enumerate(self.names):
            yield partial(self._ask, name, two_stage=place % 5 == 1)

    def _ask(self, name: str, *, two_stage: bool) -> None:
        if self.link(name, *ACTIVE, *SETTLED) is None:
            form = {"plugin": self.plugin, "amount": ""}
            if two_stage:
                form["two_stage"] = "1"
            self.day.press(self._path(name), form)

    def _path(self, name: str) -> str:
        return f"/orders/{self.day.numbers[name]}/pay-links"

    def afternoon(self) -> Iterable[Deed]:
        for name in self.names:
            yield partial(self._pay, name)

    def _pay(self, name: str) -> None:
        link = self.link(name, "pending")
        if link is None or not link["vendor_id"]:
            return
        ident = link["vendor_id"]
        if self.fake.payments[ident]["status"] == "pending":
            self.at(lambda: self.fake.do_pay(ident))

    def evening(self) -> Iterable[Deed]:
        for name in self.names:
            yield partial(self._take, name)
        for name in self.names[-self.share["back"] :]:
            yield partial(self._give_back, name)

    def _take(self, name: str) -> None:
        """What was held is taken, now that the goods are packed."""
        link = self.link(name, "authorized")
        if link is not None and not link["wished"]:
            self.day.press(f"{self._path(name)}/{link['id']}/capture", {})

    def _give_back(self, name: str) -> None:
        link = self.link(name, "paid")
        if link is not None:
            self.day.press(f"{self._path(name)}/{link['id']}/refund", {"amount": "100"})

    def spoil(self) -> None:
        next(iter(self.fake.payments.values()))["status"] = "spoiled"
        for one in self.fake.payments.values():
            one["refunded_amount"] = {"value": "1.00", "currency": "RUB"}

    def facts(self, seen: Seen) -> Iterable[Fact]:
        payments, _ = self.at(self.fake.state)
        there: dict[str, str] = {}
        money: dict[str, int] = {}
        for ident, amount, status, refunded, _link in payments.rows:
            back = _kopecks(refunded)
            there[str(ident)] = f"{_kopecks(amount)} {_state(str(status), back, amount)} {back}"
            money[str(ident)] = _kopecks(amount) - back if status == "succeeded" else 0
        here: dict[str, str] = {}
        for order in seen.orders:
            for one in order["services"]["links"]:
                told = f"{one['amount_kopecks']} {one['state']} {one['refunded_kopecks']}"
                here[one["vendor_id"] or f"order {order['number']}"] = told
        for name in there.keys() | here.keys():
            yield Fact("YooKassa: payments", name, there.get(name, ""), here.get(name, ""))
        yield from _money(seen, money)


def _money(seen: Seen, money: dict[str, int]) -> Iterable[Fact]:
    """What an order was paid is what the acquirer has of it."""
    for order in seen.orders:
        ids = [one["vendor_id"] for one in order["services"]["links"]]
        if ids:
            came = sum(money.get(one, 0) for one in ids)
            number = str(order["number"])
            yield Fact("YooKassa: money of orders", number, str(came),
                       str(order["paid_total_kopecks"]))  # fmt: skip


def _state(status: str, back: int, amount: Any) -> str:
    if status != "succeeded":
        return STATES.get(status, status)
    if not back:
        return "paid"
    return "refunded" if back == _kopecks(amount) else "partly_refunded"


def _kopecks(text: Any) -> int:
    whole, _, rest = str(text or "0").partition(".")
    return int(whole or 0) * 100 + int(rest.ljust(2, "0")[:2] or 0)
