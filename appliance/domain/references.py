"""Reference lists: statuses with allowed moves, and plain lists by kind."""

from enum import StrEnum

import msgspec

from appliance.domain.shops import ShopLink


class ReferenceKind(StrEnum):
    """Plain lists kept in one table; the code is the name in the API."""

    DELIVERY_TYPE = "delivery-types"
    DELIVERY_SERVICE = "delivery-services"
    PAYMENT_TYPE = "payment-types"
    PAYMENT_STATUS = "payment-statuses"
    ORDER_METHOD = "order-methods"
    ORDER_TYPE = "order-types"
    PRODUCT_STATUS = "product-statuses"
    UNIT = "units"
    PRICE_TYPE = "price-types"
    TASK_KIND = "task-kinds"
    TASK_RESULT = "task-results"


APART = (ReferenceKind.DELIVERY_TYPE, ReferenceKind.PAYMENT_TYPE)
"""Lists that share no code with each other and with statuses: shop modules keep all three in one
table of theirs, by code."""


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a plain list. `extra` keeps what only the API's answer needs, by its key."""

    number: int
    code: str
    name: str
    active: bool = True
    position: int = 0
    is_default: bool = False
    extra: dict[str, object] = {}

    @property
    def cost(self) -> int:
        """What a way of delivery costs the buyer by default, kopecks; 0 where nothing is set."""
        roubles = self.extra.get("defaultCost")
        if isinstance(roubles, bool) or not isinstance(roubles, int | float):
            return 0
        return round(roubles * 100)


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """An order status.

    Attributes:
        moves: codes it may go to; empty means any (a bare box).
        next_main: code of the usual next status: the card's main button.
        needs: what an order must have to come here (`domain.statuses.Need`).
    """

    code: str
    name: str
    group: str
    active: bool = True
    position: int = 0
    tone: str = "grey"
    shape: str = "ring"
    moves: tuple[str, ...] = ()
    is_default: bool = False
    next_main: str = ""
    needs: tuple[str, ...] = ()


class StatusGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A group of statuses. `process`: the order is still being worked on."""

    code: str
    name: str
    position: int
    process: bool
    active: bool = True


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """A place orders come from."""

    number: int
    code: str
    name: str
    url: str = ""
    currency: str = "RUB"
    country: str = "RU"
    yml_url: str = ""
    load_from_yml: bool = False
    link: ShopLink = ShopLink()


class Warehouse(msgspec.Struct, frozen=True, kw_only=True):
    """A place goods lie at."""

    number: int
    code: str
    name: str
    external_id: str | None = None
    active: bool = True
