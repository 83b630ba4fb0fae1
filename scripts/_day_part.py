"""What one service has to do with a trading day."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, TypeVar

from scripts._day_box import Day
from scripts._day_seen import Fact, Json, Seen

T = TypeVar("T")
Deed = Callable[[], object]


class Part:
    """One service and its plugin.

    Attributes:
        plugin: its name.
        jobs: of the plugin that bring both sides together, in their order: those that a day waits
            for. What is done by the hour or the day begins by itself when the clock moves.
    """

    plugin: ClassVar[str]
    jobs: ClassVar[tuple[str, ...]] = ()

    def __init__(self, day: Day, chance: random.Random, share: Mapping[str, int]) -> None:
        """Args: share: how much of each kind happens, see `trade_day_box.WHOLE`."""
        self.day = day
        self.chance = chance
        self.share = share
        self.stand = day.stands.get(self.plugin)

    @property
    def fake(self) -> Any:
        """The service in memory."""
        if self.stand is None:
            raise LookupError(self.plugin)
        return self.stand.fake

    def at(self, deed: Callable[[], T]) -> T:
        """Have something happen at the service."""
        if self.stand is None:
            raise LookupError(self.plugin)
        return self.stand.act(deed)

    def opening(self) -> None:
        """Before the box opens: what lies at the service already."""

    def settings(self) -> dict[str, str]:
        """What is typed into the plugin's form to speak with the fake."""
        return {**self.fake.settings(), "address": self.address}

    @property
    def address(self) -> str:
        """Where the service answers."""
        return "" if self.stand is None else self.stand.address

    async def set_up(self) -> None:
        """What an administrator sets up besides, before the box opens."""

    def services(self, name: str) -> Json:
        """What services have of an order of the shop's."""
        return self.day.read(f"/orders/{self.day.numbers[name]}/services")

    def morning(self) -> Iterable[Deed]:
        """Orders come."""
        return ()

    def forenoon(self) -> Iterable[Deed]:
        """Colleagues act upon them."""
        return ()

    def afternoon(self) -> Iterable[Deed]:
        """Services do what was asked of them, buyers pay and take their goods."""
        return ()

    def evening(self) -> Iterable[Deed]:
        """Some of it comes back."""
        return ()

    def night(self) -> Iterable[Deed]:
        """What is done once everything of the day has been told."""
        return ()

    def gone(self) -> Counter[str]:
        """Pieces by article that left the shop's own warehouse for good, as the service knows."""
        return Counter()

    def spoil(self) -> None:
        """Make one thing of each kind wrong there, past its interface: it must be found."""

    def facts(self, seen: Seen) -> Iterable[Fact]:
        """What both sides say now."""
        return ()
