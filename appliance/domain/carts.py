"""Baskets of shops: what a client has chosen and not ordered yet."""

from datetime import datetime
from typing import Final

import msgspec

from appliance.domain.orders import CustomerRef
from appliance.domain.personal import Personal
from appliance.domain.products import VariantView

MOST_ITEMS: Final = 500
"""Positions of one basket; what is beyond is left out."""


class CartItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One position; the price is kopecks per unit, times are ISO texts of UTC."""

    offer_id: int | None = None
    external_id: str | None = None
    xml_id: str | None = None
    name: str = ""
    quantity_milli: int = 1000
    price: int = 0
    created_at: str = ""
    updated_at: str = ""


class CartDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A basket as a shop sends it, in place of the one before.

    Attributes:
        link: back to the basket in the shop.
        dropped_at: when the client left it.
    """

    shop: str
    customer: CustomerRef
    external_id: str | None = None
    items: tuple[CartItem, ...] = ()
    link: Personal[str] = Personal("")
    currency: str = "RUB"
    created_at: datetime | None = None
    updated_at: datetime | None = None
    dropped_at: datetime | None = None


class CartView(msgspec.Struct, frozen=True, kw_only=True):
    """A basket as it is now."""

    customer_number: int
    customer_external_id: str | None
    shop: str
    external_id: str | None
    items: tuple[CartItem, ...]
    link: Personal[str]
    currency: str
    created_at: datetime
    updated_at: datetime
    dropped_at: datetime | None


def named(item: CartItem, variant: VariantView) -> CartItem:
    """A position with what the catalogue says of it."""
    return msgspec.structs.replace(
        item,
        offer_id=variant.number,
        external_id=variant.external_id or item.external_id,
        xml_id=variant.xml_id or item.xml_id,
        name=variant.name or variant.product_name,
    )


def total_of(items: tuple[CartItem, ...]) -> int:
    """Kopecks of all positions.

    >>> total_of((CartItem(quantity_milli=2500, price=100),))
    250
    """
    return sum((one.price * one.quantity_milli + 500) // 1000 for one in items)
