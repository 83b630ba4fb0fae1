"""The three marketplaces of one house, each asked for the same things in the same words."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import httpx

from plugins.marketplace_ozon import accounts as ozon_accounts
from plugins.marketplace_ozon import stock as ozon_stock
from plugins.marketplace_wildberries import accounts as wb_accounts
from plugins.marketplace_wildberries import catalogue as wb_catalogue
from plugins.marketplace_wildberries import orders as wb_orders
from plugins.marketplace_wildberries import stock as wb_stock
from plugins.marketplace_yandex import accounts as yandex_accounts
from tests.house_fixture import TestHouse
from tests.plugins.marketplace_ozon.shop import Ozon
from tests.plugins.marketplace_wildberries.shop import Wildberries
from tests.plugins.marketplace_yandex.shop import Yandex

Told = tuple[str, int, datetime]


class Stall(ABC):
    """A marketplace and its plugin.

    Attributes:
        name: as people call it.
        shop: what its own tests hold.
        ways: of its plugin.
    """

    name: str
    shop: Any
    ways: Any

    @abstractmethod
    def offer(self, article: str) -> None:
        """Put a good into its catalogue."""

    @abstractmethod
    def buy(self, article: str) -> None:
        """Somebody buys a piece there."""

    @abstractmethod
    async def learn(self) -> None:
        """Read its catalogue."""

    @abstractmethod
    async def poll(self) -> None:
        """One round of the job of orders."""

    @abstractmethod
    async def send(self) -> None:
        """One round of the job of stock."""

    @property
    def waited(self) -> float:
        """Seconds that its limits made the plugin wait."""
        return self.shop.waited

    def shelf(self) -> dict[str, int]:
        """What it may sell, as it was told."""
        return dict(self.shop.fake.stock)

    def told(self) -> list[Told]:
        """Every figure that it took, and when."""
        return list(self.shop.fake.told)

    @property
    def way(self) -> httpx.AsyncBaseTransport:
        """How its traffic goes."""
        return self.ways.transport

    @way.setter
    def way(self, other: httpx.AsyncBaseTransport) -> None:
        self.ways.forget()
        self.ways.transport = other


class OzonStall(Stall):
    name = "Ozon"
    ways = ozon_accounts.WAYS

    def __init__(self, house: TestHouse) -> None:
        self.shop = Ozon(house)

    def offer(self, article: str) -> None:
        self.shop.fake.offer(article)

    def buy(self, article: str) -> None:
        self.shop.fake.place((article, 1, "10"))

    async def learn(self) -> None:
        await self.shop.catalogue()

    async def poll(self) -> None:
        await self.shop.poll()

    async def send(self) -> None:
        await ozon_stock.send(self.shop.core())


class WildberriesStall(Stall):
    name = "Wildberries"
    ways = wb_accounts.WAYS

    def __init__(self, house: TestHouse) -> None:
        self.shop = Wildberries(house)

    def _articles(self) -> dict[int, str]:
        cards = self.shop.fake.cards.values()
        return {chrt: article for article, _, sizes in cards for chrt in sizes}

    def offer(self, article: str) -> None:
        self.shop.fake.card(article)

    def buy(self, article: str) -> None:
        self.shop.fake.place(article)

    async def learn(self) -> None:
        await wb_catalogue.read(self.shop.core())

    async def poll(self) -> None:
        await wb_orders.poll(self.shop.core())

    async def send(self) -> None:
        await wb_stock.send(self.shop.core())

    def shelf(self) -> dict[str, int]:
        articles = self._articles()
        return {articles[chrt]: pieces for chrt, pieces in self.shop.fake.stock.items()}

    def told(self) -> list[Told]:
        articles = self._articles()
        return [(articles[chrt], pieces, at) for chrt, pieces, at in self.shop.fake.told]


class YandexStall(Stall):
    name = "Яндекс Маркет"
    ways = yandex_accounts.WAYS

    def __init__(self, house: TestHouse) -> None:
        self.shop = Yandex(house)

    def offer(self, article: str) -> None:
        self.shop.fake.offer(article)

    def buy(self, article: str) -> None:
        self.shop.fake.place((article, 1, 10))

    async def learn(self) -> None:
        await self.shop.catalogue()

    async def poll(self) -> None:
        await self.shop.poll()

    async def send(self) -> None:
        await self.shop.send()


def stalls(house: TestHouse, articles: Iterable[str] = ()) -> tuple[Stall, ...]:
    """All three, with these goods in their catalogues."""
    every = (OzonStall(house), WildberriesStall(house), YandexStall(house))
    for article in articles:
        for one in every:
            one.offer(article)
    return every
