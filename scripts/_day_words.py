"""Text messages on a trading day: buyers are told of their orders, most of them hear of it."""

from collections.abc import Iterable
from functools import partial
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from scripts._day_part import Deed, Part
from scripts._day_seen import Fact, Seen

STATES: Final = {"-1": "sent", "1": "delivered", "3": "expired", "20": "failed"}
TEXT: Final = "Ваш заказ собран"


class Words(Part):
    """SMSC.ru."""

    plugin = "sms_smsc"
    jobs = ("poll",)

    @property
    def names(self) -> list[str]:
        """Orders whose buyers are told: some of every kind."""
        every = list(self.day.bought)
        wanted = self.share["words"]
        return every[:: max(1, len(every) // wanted)][:wanted]

    def forenoon(self) -> Iterable[Deed]:
        for name in self.names:
            yield partial(self._tell, name)

    def _tell(self, name: str) -> None:
        """The same form sent again is the same message."""
        form = {
            "form": str(uuid5(NAMESPACE_URL, f"trade-day/{name}")), "template": "free",
            "to": "order", "text": TEXT, "now": "1", "plugin": self.plugin,
        }  # fmt: skip
        self.day.press(f"/sms/order/{self.day.numbers[name]}", form)

    def afternoon(self) -> Iterable[Deed]:
        yield self._arrive

    def _arrive(self) -> None:
        """Each but the first is delivered; that one's phone is unreachable."""
        for place, one in enumerate(list(self.fake.messages)):
            if self.fake.messages[one]["status"] == -1:
                deed = self.fake.do_deliver if place else self.fake.do_refuse
                self.at(partial(deed, one))

    def spoil(self) -> None:
        next(iter(self.fake.messages.values()))["status"] = 3

    def facts(self, seen: Seen) -> Iterable[Fact]:
        (shown,) = self.at(self.fake.state)
        there = {str(row[0]): STATES.get(str(row[4]), str(row[4])) for row in shown.rows}
        here: dict[str, str] = {}
        after: Any = None
        while True:
            page = self.day.read("/messages", **({"after": after} if after else {}))
            here |= {UUID(one["id"]).hex: one["state"] for one in page["rows"]}
            after = page["after"]
            if after is None:
                break
        for name in there.keys() | here.keys():
            yield Fact("SMSC: messages", name, there.get(name, ""), here.get(name, ""))
