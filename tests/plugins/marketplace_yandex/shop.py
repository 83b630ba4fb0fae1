"""A box with the plugin of Yandex Market; all traffic passes Yandex's own description."""

from plugins.marketplace_yandex import asking, deeds, limits, orders, stock
from plugins.marketplace_yandex.accounts import WAYS
from plugins.marketplace_yandex.fake import Fake
from tests.house_fixture import TestHouse
from tests.plugins.market_shop import Shop
from tests.vendors.contract import description

NAME = "marketplace_yandex"


class Yandex(Shop):
    """What a test holds.

    Attributes:
        fake: Yandex.
    """

    def __init__(
        self, house: TestHouse, codes: tuple[str, ...] = ("main",), **settings: str
    ) -> None:
        self.fake = Fake(house.clock)
        told = {
            "address": "https://api.partner.market.yandex.ru", **self.fake.settings(), **settings,
        }  # fmt: skip
        super().__init__(house, NAME, self.fake, description("yandex-market.json"), told, codes)
        WAYS.forget()
        stock.forget()
        WAYS.transport = self.way
        asking.LIMITS.paces = {
            one.name: self.pace(int(one.amount * limits.SHARE), one.seconds) for one in limits.ALL
        }

    async def poll(self) -> None:
        """One round of the job of orders."""
        await orders.poll(self.core())

    async def send(self) -> None:
        """One round of the job of stock."""
        await stock.send(self.core())

    async def catalogue(self) -> None:
        """Learn the offers there."""
        await stock.catalogue(self.core())

    async def want(self, order: int, deed: str, **data: str) -> None:
        """A colleague wishes a deed; the plugin hears of it."""
        await self.wish(deeds.wished, order, deed, **data)

    async def again(self, order: int, deed: str) -> None:
        """The event of a wish comes again."""
        await self.hear(deeds.wished, order, deed)
