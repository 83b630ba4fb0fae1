"""The shop's own warehouse and its bank account on a trading day."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final

from scripts._day_box import ARTICLES, AT_FIRST
from scripts._day_part import Deed, Part
from scripts._day_seen import Fact, Seen
from tests.integration.money.files import document, statement

RECEIPT: Final = re.compile(r"/money/bank/receipts/([0-9a-f-]{36})")
LEAST: Final = 100


class Store(Part):
    """What lies in the warehouse is what lay there less what services took for good.

    Attributes:
        takers: of whoever took goods, set once all parts are there.
    """

    plugin = ""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.takers: list[Callable[[], Counter[str]]] = []
        self._lost = 0

    def spoil(self) -> None:
        self._lost = 1

    def facts(self, seen: Seen) -> Iterable[Fact]:
        gone: Counter[str] = Counter()
        for one in self.takers:
            gone.update(one())
        for article in ARTICLES:
            there = AT_FIRST - gone[article] - self._lost
            on_hand, _ = seen.stock[article, "main"]
            yield Fact("Own warehouse: goods", article, str(there), str(on_hand))


class Bank(Part):
    """Some orders are paid to the bank account; a colleague reads the statement."""

    plugin = ""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.paid: dict[str, int] = {}

    def night(self) -> Iterable[Deed]:
        yield self._upload
        yield self._settle

    def _upload(self) -> None:
        """Orders that nobody asked a link for, paid in one sum of roubles each."""
        if self.paid:
            return
        unpaid = [name for name in self.day.bought if not self.services(name)["links"]]
        rows: list[str] = []
        day = f"{self.day.clock.now():%d.%m.%Y}"
        for place, name in enumerate(unpaid[: self.share["back"] + 1]):
            amount = LEAST + place
            number = self.day.numbers[name]
            rows.append(
                document(str(place), f"{amount}.00", f"Оплата заказа № {number}", day=day, inn="0")
            )
            self.paid[name] = amount * 100
        file = ("kl_to_1c.txt", statement(rows))
        self.day.press("/money/bank", {}, file=file)

    def _settle(self) -> None:
        """The colleague says of every receipt which order its purpose names."""
        page = self.day.page("GET", "/money/bank").text
        for ident in dict.fromkeys(RECEIPT.findall(page)):
            shown = self.day.page("GET", f"/money/bank/receipts/{ident}").text
            named = re.search(r"Оплата заказа № (\d+)", shown)
            if named is not None:
                path = f"/money/bank/receipts/{ident}/settle"
                self.day.press(path, {"order": named[1]})

    def spoil(self) -> None:
        self.paid = {name: amount + 1 for name, amount in self.paid.items()}

    def facts(self, seen: Seen) -> Iterable[Fact]:
        here = {one["number"]: one["paid_total_kopecks"] for one in seen.orders}
        for name, amount in self.paid.items():
            number = self.day.numbers[name]
            yield Fact("Bank: receipts", str(number), str(amount), str(here.get(number, "")))
