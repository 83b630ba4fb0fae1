"""Goods as plugins bring them in: at most a thousand in one call, None leaves a field alone."""

from datetime import date
from typing import Final, Literal

import msgspec

MOST: Final = 1000
"""Entries of one call."""

Outcome = Literal["created", "changed", "same", "unknown", "refused"]
"""What became of an entry. `unknown`: its good is not there; `refused`: it cannot be taken."""


class GroupIn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A group of goods.

    Attributes:
        number: of the box's group, once it is known; 0 makes one or takes that of the same name.
        parent: number of the group around it; 0 at the top.
    """

    name: str
    number: int = 0
    parent: int = 0


class NamedIn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A kind of price or a warehouse: `code` once it is known, else it is found by its name."""

    name: str
    code: str = ""


class GoodIn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A good by the id of the base it comes from.

    Attributes:
        external_id: of the base; its first variant carries the same.
        group: number of the box's group; 0 leaves it where it is.
        unit: code of the box's unit.
        properties: names and values, replaced as a whole.
        fill: fields that are written only where the box has nothing.
        active: False hides it; a good is never deleted.
        by_article: one that is not known by its id is known by its article, where only one good
            has that on either side.
    """

    external_id: str
    shop: str = ""
    name: str | None = None
    article: str | None = None
    barcode: str | None = None
    group: int = 0
    unit: str | None = None
    vat_rate: str | None = None
    description: str | None = None
    manufacturer: str | None = None
    weight_grams: int | None = None
    properties: tuple[tuple[str, str], ...] | None = None
    fill: tuple[str, ...] = ()
    active: bool = True
    by_article: bool = False


class OfferIn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A variant of a good: its name, prices in kopecks by code of the kind, stock by warehouse.

    Attributes:
        external_id: of the variant; equal to `good` where there is only one.
        good: external id of the good.
        prices, stock: exactly these are taken over; what is not named stays.
    """

    external_id: str
    good: str
    shop: str = ""
    name: str | None = None
    article: str | None = None
    barcode: str | None = None
    prices: dict[str, int] | None = None
    stock: dict[str, int] | None = None
    active: bool | None = None


class GroupsGiven(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Groups, parents before their children."""

    groups: tuple[GroupIn, ...]


class Numbers(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Numbers of the box, in the order of what was given."""

    numbers: tuple[int, ...]


class NamesGiven(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Kinds of price, or warehouses."""

    names: tuple[NamedIn, ...]


class Codes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Codes of the box, in the order of what was given."""

    codes: tuple[str, ...]


class GoodsGiven(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Goods."""

    goods: tuple[GoodIn, ...]


class OffersGiven(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Variants with prices and stock."""

    offers: tuple[OfferIn, ...]


class Outcomes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of each, in the order of what was given."""

    outcomes: tuple[Outcome, ...]


class PicturesGiven(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The pictures that a base gives a good, in their order.

    Its former ones that are not among them go; those that people added stay.

    Attributes:
        good: external id of the good.
        bodies: png, jpg or webp; the same content is the same picture, whatever its name was.
        fill: only where the good has none that people added.
    """

    good: str
    bodies: tuple[bytes, ...]
    shop: str = ""
    fill: bool = False


class PicturesKept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many pictures the good has of this base now, and how many were refused."""

    kept: int = 0
    refused: int = 0


class ListsAsked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All lists of codes that orders and goods name."""


class Listed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry: `group` is that of a status."""

    code: str
    name: str
    group: str = ""


class VatListed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a code of VAT means from a day on: hundredths of a percent, None is «без НДС»."""

    code: str
    since: date
    percent: int | None = None


class Lists(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Active entries, in their order."""

    statuses: tuple[Listed, ...] = ()
    payment_types: tuple[Listed, ...] = ()
    delivery_types: tuple[Listed, ...] = ()
    price_types: tuple[Listed, ...] = ()
    warehouses: tuple[Listed, ...] = ()
    vat_rates: tuple[VatListed, ...] = ()
