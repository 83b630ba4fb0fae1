"""What is read out of the files. Absent and empty differ: None leaves alone, empty clears."""

from datetime import date, time

import msgspec


class Note(msgspec.Struct, frozen=True):
    """Something odd in a record that did not stop it; `id` is the record's own."""

    code: str
    id: str = ""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group of goods; `parent` is the id of the one around it."""

    id: str
    name: str
    parent: str = ""
    removed: bool = False


class Property(msgspec.Struct, frozen=True, kw_only=True):
    """A property of goods or offers; `values` are its dictionary: id to text."""

    id: str
    name: str
    kind: str = ""
    values: dict[str, str] = {}
    for_offers: bool = False
    removed: bool = False


class PriceType(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of price; `taxed`: VAT is in it."""

    id: str
    name: str
    currency: str = ""
    taxed: bool | None = None
    removed: bool = False


class Store(msgspec.Struct, frozen=True, kw_only=True):
    """A warehouse of the base."""

    id: str
    name: str
    removed: bool = False


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """A unit of measure by its ОКЕИ code."""

    code: str
    short: str = ""
    full: str = ""


class Good(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a catalogue.

    Attributes:
        id: as 1C wrote it; `product#characteristic` where goods are exported so.
        properties: id of the property and its values, dictionary ids or texts.
        requisites: name and values, those nobody knows among them.
        extra: elements nobody knows, by name, as text.
        grams: weight.
        vat: text of the rate: «20», «Без НДС».
    """

    id: str
    removed: bool = False
    name: str | None = None
    article: str | None = None
    code: str | None = None
    barcode: str | None = None
    unit_code: str | None = None
    unit_name: str | None = None
    groups: tuple[str, ...] | None = None
    description: str | None = None
    html: bool = False
    pictures: tuple[str, ...] | None = None
    properties: tuple[tuple[str, tuple[str, ...]], ...] | None = None
    characteristics: tuple[tuple[str, str], ...] | None = None
    vat: str | None = None
    maker: str | None = None
    country: str | None = None
    brand: str | None = None
    grams: int | None = None
    requisites: tuple[tuple[str, tuple[str, ...]], ...] = ()
    extra: tuple[tuple[str, str], ...] = ()


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """A price of an offer, kopecks; the same kind may come twice for different units."""

    kind: str
    amount: int
    currency: str = ""
    unit: str = ""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What is sold at a price. A section that is not in the file is None: it is not zero.

    Attributes:
        id: `product` or `product#characteristic`.
        total_milli: over all stores, thousandths; may be negative.
        stock: by store of the base, thousandths.
    """

    id: str
    removed: bool = False
    name: str | None = None
    article: str | None = None
    barcode: str | None = None
    unit_code: str | None = None
    characteristics: tuple[tuple[str, str], ...] | None = None
    properties: tuple[tuple[str, tuple[str, ...]], ...] | None = None
    prices: tuple[Price, ...] | None = None
    total_milli: int | None = None
    stock: tuple[tuple[str, int], ...] | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a document: thousandths and kopecks."""

    id: str
    name: str = ""
    article: str = ""
    quantity_milli: int | None = None
    price: int | None = None
    amount: int | None = None
    service: bool = False


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A document that 1C sends. Who the buyer is, the box knows better: he is not read at all."""

    id: str
    number: str
    operation: str = ""
    day: date | None = None
    at: time | None = None
    role: str = ""
    currency: str = ""
    amount: int | None = None
    basis: str = ""
    lines: tuple[Line, ...] = ()
    requisites: dict[str, str] = {}
    removed: bool = False
    under: tuple["Document", ...] = ()


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """A catalogue, a package of offers or a classifier, at its end.

    Attributes:
        section: name of its element.
        changes_only: what the file says of itself; the first portion of a full export says no.
    """

    section: str
    id: str = ""
    catalogue: str = ""
    name: str = ""
    changes_only: bool | None = None


Entry = Group | Property | PriceType | Store | Unit | Good | Offer | Document | Head
