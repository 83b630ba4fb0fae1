"""ICML and YML: the file in which a shop publishes its catalogue, read as a stream.

The reader keeps one element in memory at a time and believes nothing: a DTD, an entity of the
file's own, a tree too deep or an element without end is refused; what is cut short is an error and
never a shorter catalogue. What an offer says wrongly stays with that offer (`Offer.problem`).
"""

import codecs
import html
import re
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from xml.parsers import expat

import msgspec

from appliance.errors import Invalid

MOST_BYTES: Final = 1024 * 1024 * 1024
"""Of a file: real ones have some hundred megabytes."""
MOST_DEPTH: Final = 32
"""Levels of elements; a real offer ends at six."""
MOST_TEXT: Final = 256 * 1024
"""Characters of one element; the rest of a description is cut off."""
MOST_STALL: Final = 4 * 1024 * 1024
"""Bytes in which not one element begins or ends: expat would keep them all."""
MOST_PROPERTIES: Final = 300
MOST_PICTURES: Final = 50
MOST_GROUPS: Final = 20
MOST_CATEGORIES: Final = 50_000
LONGEST: Final = {
    "id": 255, "name": 500, "group": 200, "url": 2000, "vendor": 200, "code": 64, "value": 2000,
    "description": 20_000,
}  # fmt: skip

_CONTROLS: Final = bytes(one for one in range(32) if one not in (9, 10, 13))
_LEFT_OVER: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_NUMBER: Final = re.compile(r"-?\d+(\.\d*)?", re.ASCII)
MOST_DIGITS: Final = 10
"""Before the point: what passes adds up within 64 bits."""
_ROOTS: Final = frozenset({"yml_catalog", "catalog", "icml_catalog"})
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A category of the shop; `parent` is the id of the one above, or empty."""

    id: str
    name: str
    parent: str = ""


class Property(msgspec.Struct, frozen=True, array_like=True):
    """One property of an offer."""

    code: str
    name: str
    value: str


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """An offer of the file; empty and None: the file does not say.

    Attributes:
        place: of the offer in the file, from 1.
        price, purchase: kopecks.
        quantity_milli: thousandths.
        size: length, width and height in millimetres; 0 is unknown.
        vat: percent as written, or `none`; empty where the file does not say.
        problem: field and code of what makes it impossible to take over; empty: nothing.
    """

    place: int
    id: str
    product_id: str
    name: str
    product_name: str
    xml_id: str = ""
    sku: str = ""
    barcode: str = ""
    price: int | None = None
    purchase: int | None = None
    quantity_milli: int | None = None
    groups: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    vendor: str = ""
    vat: str = ""
    weight_grams: int = 0
    size: tuple[int, int, int] = (0, 0, 0)
    unit: tuple[str, str, str] = ("", "", "")
    url: str = ""
    description: str = ""
    active: bool = True
    product_active: bool = True
    kind: str = "product"
    markable: bool = False
    properties: tuple[Property, ...] = ()
    problem: tuple[str, str] = ("", "")


Found = Group | Offer


def charset_of(chunks: Iterable[bytes]) -> str | None:
    """Which charset a whole file is in: UTF-8 wherever it reads as such, else what it declares.

    Bitrix declares the charset of the site above a body in UTF-8; text in windows-1251 practically
    never passes for UTF-8.

    Returns:
        `utf-8`, or None: as declared.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for place, chunk in enumerate(chunks):
            if place == 0 and chunk.startswith(_WIDE):
                return None
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return "utf-8"


def read(chunks: Iterable[bytes], charset: str | None) -> Iterator[Found]:
    """Everything a file holds, in its order; categories of real files come first.

    Args:
        chunks: of the file, of any size.
        charset: see `charset_of`.

    Raises:
        Invalid: `catalogue_broken` (not well-formed or cut short), `catalogue_dtd`,
            `catalogue_deep`, `catalogue_stalled`, `catalogue_foreign` (another kind of file),
            `catalogue_too_large`; `params["offset"]` is the byte.
    """
    reader = _Reader(charset)
    wide = False
    for place, chunk in enumerate(chunks):
        wide = wide or (place == 0 and chunk.startswith(_WIDE))
        yield from reader.feed(chunk if wide else chunk.translate(None, _CONTROLS))
    yield from reader.feed(b"", final=True)


class _Reader:
    def __init__(self, charset: str | None) -> None:
        self._parser = parser = expat.ParserCreate(charset)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse_dtd
        parser.EntityDeclHandler = self._refuse_dtd
        self._size = self._quiet = self._offers = self._groups = 0
        self._path: list[str] = []
        self._words: list[str] = []
        self._held = 0
        self._group: _Fields | None = None
        self._offer: _Fields | None = None
        self._out: list[Found] = []

    def feed(self, data: bytes, *, final: bool = False) -> list[Found]:
        """Read on."""
        self._size += len(data)
        self._quiet += len(data)
        if self._size > MOST_BYTES:
            raise self._refused("catalogue_too_large")
        try:
            self._parser.Parse(data, final)
        except (expat.ExpatError, LookupError, ValueError):
            raise self._refused("catalogue_broken") from None
        if self._quiet > MOST_STALL:
            raise self._refused("catalogue_stalled")
        found, self._out = self._out, []
        return found

    def _refused(self, code: str) -> Invalid:
        return Invalid(code, offset=max(self._parser.CurrentByteIndex, 0))

    def _refuse_dtd(self, *_: object) -> None:
        raise self._refused("catalogue_dtd")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._quiet = 0
        name = name.rpartition(":")[2]
        self._path.append(name)
        if len(self._path) > MOST_DEPTH:
            raise self._refused("catalogue_deep")
        if len(self._path) == 1 and name not in _ROOTS:
            raise self._refused("catalogue_foreign")
        if self._group is not None and len(self._path) == self._group.level + 1:
            self._group.lead += "".join(self._words)
        self._words.clear()
        self._held = 0
        if name == "category" and self._group is None and self._offer is None:
            self._groups += 1
            if self._groups > MOST_CATEGORIES:
                raise self._refused("catalogue_too_large")
            self._group = _Fields(attributes, len(self._path))
        elif name == "offer" and self._offer is None:
            self._offers += 1
            self._offer = _Fields(attributes, len(self._path))
        elif self._offer is not None:
            self._offer.open(name, attributes)

    def _text(self, text: str) -> None:
        if self._held < MOST_TEXT:
            self._words.append(text[: MOST_TEXT - self._held])
            self._held += len(text)

    def _end(self, name: str) -> None:
        self._quiet = 0
        name = self._path.pop()
        text = "".join(self._words)
        self._words.clear()
        level = len(self._path) + 1
        for fields, make in ((self._offer, self._made), (self._group, self._grouped)):
            if fields is None:
                continue
            if level == fields.level:
                make(fields, text)
            elif level == fields.level + 1:
                fields.close(name, text)
            return

    def _made(self, fields: "_Fields", _: str) -> None:
        self._out.append(_offer(fields, self._offers))
        self._offer = None

    def _grouped(self, fields: "_Fields", text: str) -> None:
        name = fields.one("name", "group") or _clean(fields.lead + text, LONGEST["group"])
        found = Group(
            id=fields.said("id"), parent=fields.said("parentId"), name=name or fields.said("id")
        )
        if found.id:
            self._out.append(found)
        self._group = None


class _Fields:
    """What an element says: its attributes and its children's texts."""

    def __init__(self, attributes: dict[str, str], level: int) -> None:
        self.attributes, self.level = attributes, level
        self.texts: dict[str, list[str]] = {}
        self.params: list[tuple[dict[str, str], str]] = []
        self.unit: dict[str, str] = {}
        self.lead = ""
        self._open: dict[str, str] = {}

    def open(self, name: str, attributes: dict[str, str]) -> None:
        self._open = attributes
        if name == "unit":
            self.unit = attributes

    def close(self, name: str, text: str) -> None:
        if name == "param":
            if len(self.params) < MOST_PROPERTIES:
                self.params.append((self._open, text))
            return
        known = self.texts.setdefault(name, [])
        if len(known) < MOST_PICTURES:
            known.append(text)

    def said(self, attribute: str, most: int = LONGEST["id"]) -> str:
        return _clean(self.attributes.get(attribute, ""), most)

    def one(self, name: str, kind: str = "name") -> str:
        texts = self.texts.get(name)
        return _clean(texts[-1], LONGEST[kind]) if texts else ""

    def many(self, name: str, kind: str, most: int) -> tuple[str, ...]:
        found = (_clean(text, LONGEST[kind]) for text in self.texts.get(name, ())[:most])
        return tuple(dict.fromkeys(text for text in found if text))


def _clean(text: str, most: int) -> str:
    """Without the second escaping that OpenCart and PrestaShop put over the first."""
    if "&" in text:
        text = _LEFT_OVER.sub(lambda found: html.unescape(found[0]), text)
    text = text.strip()
    if not text.isprintable():  # whatever the entities were hiding: a database keeps no NUL
        text = "".join(one for one in text if one >= " " or one in "\t\n")
    return text if len(text) <= most else text[:most].strip()


class _Problem(Exception):
    def __init__(self, field: str, code: str) -> None:
        self.field, self.code = field, code


def _offer(fields: _Fields, place: int) -> Offer:
    code = fields.said("id")
    name = fields.one("name") or fields.one("productName") or fields.one("model")
    product = fields.said("productId") or code
    problem = ("", "")
    read_: dict[str, object] = {}
    try:
        if not code:
            raise _Problem("id", "offer_without_id")
        if not name:
            raise _Problem("name", "offer_without_name")
        read_ = {
            "price": _money(fields, "price"),
            "purchase": _money(fields, "purchasePrice"),
            "quantity_milli": _quantity(fields),
            "weight_grams": _weight(fields),
            "size": _size(fields.one("dimensions", "code")),
        }
    except _Problem as error:
        problem = (error.field, error.code)
    sku, properties = _properties(fields)
    return Offer(
        place=place,
        id=code,
        product_id=product,
        name=name,
        product_name=fields.one("productName") or name,
        xml_id=fields.one("xmlId", "id"),
        sku=sku,
        barcode=fields.one("barcode", "code"),
        groups=fields.many("categoryId", "id", MOST_GROUPS),
        pictures=fields.many("picture", "url", MOST_PICTURES),
        vendor=fields.one("vendor", "vendor"),
        vat=fields.one("vatRate", "code"),
        unit=_unit(fields),
        url=fields.one("url", "url"),
        description=fields.one("description", "description"),
        active=fields.one("activity", "code").upper() != "N",
        product_active=fields.one("productActivity", "code").upper() != "N",
        kind="service" if fields.said("type") == "service" else "product",
        markable=fields.one("markable", "code").upper() == "Y",
        properties=properties,
        problem=problem,
        **read_,  # pyright: ignore[reportArgumentType]  each key has its own reader above
    )


def _decimal(field: str, text: str, by: int, code: str) -> int:
    """A decimal in the next smaller unit, rounded: shops write «33.3333» and «0.123456».

    Raises:
        _Problem: `code`; `value_negative`; `amount_out_of_range`.
    """
    plain = "".join(text.split()).replace(",", ".")
    if _NUMBER.fullmatch(plain) is None:
        raise _Problem(field, code)
    if plain.startswith("-"):
        raise _Problem(field, "value_negative")
    if len(plain.partition(".")[0]) > MOST_DIGITS:
        raise _Problem(field, "amount_out_of_range")
    return int((Decimal(plain) * by).to_integral_value(ROUND_HALF_UP))


def _money(fields: _Fields, name: str) -> int | None:
    text = fields.one(name, "code")
    return _decimal(name, text, 100, "money_unreadable") if text else None


def _quantity(fields: _Fields) -> int | None:
    text = fields.said("quantity", 64)
    # Negative stock is a debt of the shop's own books: nothing can be sold of it.
    if text.startswith("-"):
        return 0
    return _decimal("quantity", text, 1000, "quantity_unreadable") if text else None


def _weight(fields: _Fields) -> int:
    text = fields.one("weight", "code")
    return _decimal("weight", text, 1000, "quantity_unreadable") if text else 0


def _size(text: str) -> tuple[int, int, int]:
    """Centimetres, any of them missing, in millimetres."""
    parts = [
        _decimal("dimensions", part, 10, "quantity_unreadable") if part.strip() else 0
        for part in text.split("/")[:3]
    ]
    parts += [0] * (3 - len(parts))
    return parts[0], parts[1], parts[2]


def _unit(fields: _Fields) -> tuple[str, str, str]:
    code, name, sign = (
        _clean(fields.unit.get(one, ""), LONGEST["code"]) for one in ("code", "name", "sym")
    )
    text = fields.one("unit", "code")
    return (code or text, name or text or code, sign or text or name)


def _properties(fields: _Fields) -> tuple[str, tuple[Property, ...]]:
    sku, found = "", dict[str, Property]()
    for attributes, text in fields.params:
        name = _clean(attributes.get("name", ""), LONGEST["group"])
        code = _clean(attributes.get("code", ""), LONGEST["code"]) or name[: LONGEST["code"]]
        value = _clean(text, LONGEST["value"])
        if code == "article":
            sku = value[: LONGEST["id"]]
        elif code and value:
            found[code] = Property(code, name or code, value)
    return sku or fields.one("vendorCode", "id"), tuple(found.values())
