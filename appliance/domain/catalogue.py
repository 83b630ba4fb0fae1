"""The catalogue as people work with it: lists, cards, forms."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from appliance.domain.products import ProductView


class CatalogueFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What the list of goods asks for; empty means everything.

    Attributes:
        text: a fragment of a name, an article or a barcode.
        category: number of a group; its sub-groups belong to it.
        warehouse: code; goods that lie there, and figures of that place only.
        low: free stock at or under the threshold.
        out: nothing free anywhere.
        to_check: made from an order that named unknown goods.
        hidden: taken off sale by hand.
    """

    text: str = ""
    category: int = 0
    warehouse: str = ""
    low: bool = False
    out: bool = False
    to_check: bool = False
    hidden: bool = False


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A group of products. `level` is its depth in the tree, `path` names its parents too."""

    number: int
    name: str
    parent: int = 0
    level: int = 0
    path: str = ""


class VatRate(msgspec.Struct, frozen=True, kw_only=True):
    """What a code of VAT means on a day; `percent` in hundredths, None is «без НДС»."""

    code: str
    name: str
    percent: int | None
    since: date


class PriceType(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of price."""

    code: str
    name: str


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """What forms and chips choose from, by code."""

    categories: tuple[Category, ...]
    warehouses: tuple[tuple[str, str], ...]
    price_types: tuple[PriceType, ...]
    units: tuple[tuple[str, str], ...]
    rates: tuple[VatRate, ...]


class GoodsRow(msgspec.Struct, frozen=True, kw_only=True):
    """A product in the list, with its variants; `picture` is its first one."""

    product: ProductView
    category: str
    picture: UUID | None
    low: bool


class CatalogueScreen(msgspec.Struct, frozen=True, kw_only=True):
    """A page of goods, newest first. `after` continues it; None at the end."""

    rows: tuple[GoodsRow, ...]
    after: int | None
    named: Named
    sees_cost: bool


class PriceEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A price from a moment on."""

    variant: int
    price_type: str
    amount: int
    since: datetime


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """A change of stock with its cause; `cause_number` opens it, 0 where there is no record."""

    variant: int
    variant_name: str
    warehouse: str
    on_hand_milli: int
    reserved_milli: int
    in_transit_milli: int
    cause: str
    cause_kind: str
    cause_number: int
    at: datetime


class VariantMore(msgspec.Struct, frozen=True, kw_only=True):
    """What a card knows of a variant besides its view."""

    barcodes: tuple[str, ...]
    low_milli: int


class ProductCard(msgspec.Struct, frozen=True, kw_only=True):
    """A product's card; `more` goes along with `product.variants`.

    Attributes:
        facts: names and values that an accounting base told besides.
    """

    product: ProductView
    description: str
    category: int
    more: tuple[VariantMore, ...]
    pictures: tuple[UUID, ...]
    prices: tuple[PriceEntry, ...]
    movements: tuple[Movement, ...]
    named: Named
    sees_cost: bool
    may_edit: bool
    updated_at: datetime
    facts: tuple[tuple[str, str], ...] = ()


class VariantForm(msgspec.Struct, frozen=True, kw_only=True):
    """A variant as a form gives it; `number` 0 is a new one. Prices in kopecks by type."""

    number: int = 0
    name: str = ""
    sku: str = ""
    barcodes: tuple[str, ...] = ()
    unit: str = "pc"
    vat_rate: str = "none"
    weight_grams: int = 0
    low_milli: int = 0
    purchase_price: int | None = None
    prices: dict[str, int] = {}


class ProductForm(msgspec.Struct, frozen=True, kw_only=True):
    """A product as a form gives it.

    Attributes:
        new_category: name of a group to be made; wins over `category`.
    """

    name: str
    category: int = 0
    new_category: str = ""
    manufacturer: str = ""
    description: str = ""
    active: bool = True
    variants: tuple[VariantForm, ...]


def rates_on(rates: tuple[VatRate, ...], day: date) -> tuple[VatRate, ...]:
    """The rate of each code that holds on a day, in the order of the codes."""
    found: dict[str, VatRate] = {}
    for one in sorted(rates, key=lambda rate: rate.since):
        if one.since <= day:
            found[one.code] = one
    return tuple(found.values())


def rate_of(rates: tuple[VatRate, ...], code: str, day: date) -> VatRate | None:
    """What a code means on a day; None for one that the dictionary does not know."""
    return next((one for one in rates_on(rates, day) if one.code == code), None)
