"""Orders of the box as the exchange needs them, and how they go."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from appliance.plugin_api.bookkeeping import Entered, GoodsSaid, LinesSaid, MoneySaid
from appliance.plugin_api.calls import Tone
from plugins.exchange_1c.orders_in import StatusRules
from plugins.exchange_1c.orders_out import OrderOut
from plugins.exchange_1c.papers import Ways

Said = MoneySaid | GoodsSaid | LinesSaid


class OrdersBox(Protocol):
    """Orders of the box."""

    async def read(self, ids: Sequence[str]) -> Sequence[OrderOut]:
        """Orders with their buyers, as far as they were granted."""
        ...

    async def move(self, order_id: str, status: str) -> str:
        """Move an order; the code of the refusal, or empty."""
        ...

    async def lists(self) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
        """Lists for `info`: name of the element, and codes with names."""
        ...

    async def tell(self, code: str, number: int, **data: int | str) -> None:
        """A line of the journal about an order."""
        ...

    async def mark(self, order_id: str, text: str, tone: Tone = "info") -> None:
        """A word on the order's card."""
        ...

    async def plain(self, order_id: str) -> OrderOut | None:
        """An order without a word about anybody; None: it is gone."""
        ...

    async def enter(self, said: Said) -> Entered:
        """Bring in money, goods or lines of 1C; disputed with its code where it is refused."""
        ...

    async def ask(self, key: str, code: str, order_id: str, number: int) -> None:
        """A task for whoever leads the order, in the words of a code."""
        ...


class OrderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How orders go.

    Attributes:
        profile: `auto`, `ut103`, `ut11`, `unf` or `bitrix31`.
        hours: by which the base's clock is ahead of UTC.
        money, goods: whether what 1C says of them becomes payments and shipments.
        shops: codes of those whose orders the base gets; none: of all.
        account: code of the base.
        lines: `1c`: the order follows the lines of 1C; `box`: a difference is only shown.
    """

    profile: str = "auto"
    charset: str = "utf-8"
    hours: int = 3
    statuses: StatusRules = StatusRules()
    money: bool = True
    goods: bool = True
    lines: str = "box"
    ways: Ways = Ways()
    shops: frozenset[str] = frozenset()
    account: str = ""


class Numbered(msgspec.Struct, frozen=True):
    """An order by the number that 1C names it by."""

    number: int
    order_id: str
