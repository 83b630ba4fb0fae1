"""Records of a file into what the box takes: codes instead of ids, names instead of codes."""

import html
import re
from collections.abc import Mapping
from decimal import Decimal

import msgspec

from appliance.plugin_api.goods import GoodIn, OfferIn
from plugins.exchange_1c import values
from plugins.exchange_1c.records import Good, Note, Offer
from plugins.exchange_1c.shelves import Named

UNITS = {"796": "pc", "166": "kg", "6": "m", "006": "m", "112": "l"}
"""ОКЕИ codes that the box has units for; of others the name goes among the properties."""
VAT = {Decimal(0): "0", Decimal(10): "10"}
GENERAL = frozenset({Decimal(18), Decimal(20), Decimal(22)})
"""What the general rate has been; the box keeps which one held when."""
NO_VAT = frozenset({"без ндс", "без налога", "безндс"})

_TAG = re.compile(r"<[^<>]{0,2000}>")
_BREAK = re.compile(r"<\s*(?:br|/p|/li|/div|/h[1-6]|/tr)\b[^<>]{0,200}>", re.IGNORECASE)
_HIDDEN = re.compile(
    r"<\s*(script|style)\b[^<>]{0,500}>.*?<\s*/\s*\1\s*>", re.IGNORECASE | re.DOTALL
)
_BLANK_LINES = re.compile(r"[ \t]*\n[ \t\n]{2,}")


class Ownership(msgspec.Struct, frozen=True, kw_only=True):
    """Who decides about a field: `1c`, `box`, or `fill`: 1C where the box has nothing.

    `by_article`: goods that were made by hand are known by their article.
    """

    name: str = "1c"
    description: str = "fill"
    properties: str = "1c"
    prices: str = "1c"
    by_article: bool = False


class Dictionary(msgspec.Struct, kw_only=True):
    """The classifier as far as it is known; `choices`: property to its values by id."""

    groups: dict[str, Named]
    properties: dict[str, Named]
    price_types: dict[str, Named]
    stores: dict[str, Named]
    choices: dict[str, dict[str, str]] = {}

    def choice(self, prop: Named, value: str) -> str:
        """Text of a dictionary value; an unknown id stays as it is."""
        return self.choices.get(prop.id, {}).get(value, value)


class Translator:
    """Translates for one connection.

    Attributes:
        shop: whose goods these are; empty: everybody's.
        notes: what could not be translated, since the list was last emptied.
    """

    def __init__(self, known: Dictionary, owns: Ownership, shop: str, warehouse: str) -> None:
        self.known, self._owns, self.shop = known, owns, shop
        self._warehouse = warehouse
        self.notes: list[Note] = []

    def good(self, good: Good) -> GoodIn:
        """A good; a removed one is hidden and nothing else of it is touched."""
        own = values.key(good.id)
        if good.removed:
            return GoodIn(external_id=own, shop=self.shop, active=False)
        owns = self._owns
        fill = tuple(
            name
            for name, who in (("name", owns.name), ("description", owns.description))
            if who == "fill"
        )
        return GoodIn(
            external_id=own,
            shop=self.shop,
            name=good.name if owns.name != "box" else None,
            article=_cut(good.article, 255),
            barcode=_cut(good.barcode, 64),
            group=self._group(good),
            unit=UNITS.get(good.unit_code or ""),
            vat_rate=vat(good.vat),
            description=self._description(good),
            manufacturer=_cut(good.maker or good.brand, 200),
            weight_grams=good.grams,
            properties=self._properties(good) if owns.properties != "box" else None,
            fill=fill,
            by_article=self._owns.by_article,
        )

    def _group(self, good: Good) -> int:
        for one in good.groups or ():
            found = self.known.groups.get(values.key(one))
            if found is not None and found.box:
                return int(found.box)
        return 0

    def _description(self, good: Good) -> str | None:
        if good.description is None or self._owns.description == "box":
            return None
        return plain(good.description)

    def _properties(self, good: Good) -> tuple[tuple[str, str], ...]:
        """Properties, characteristics, requisites and what nobody knows: nothing is lost."""
        found: dict[str, str] = {}
        for own, chosen in good.properties or ():
            prop = self.known.properties.get(values.key(own))
            name = own if prop is None else prop.name
            texts = chosen if prop is None else [self.known.choice(prop, one) for one in chosen]
            _add(found, name, ", ".join(one for one in texts if one))
        for name, text in good.characteristics or ():
            _add(found, name, text)
        for name, told in good.requisites:
            _add(found, name, ", ".join(told))
        for name, text in good.extra:
            _add(found, name, text)
        if good.unit_name and (good.unit_code or "") not in UNITS:
            _add(found, "Единица", good.unit_name)
        if good.vat and vat(good.vat) is None:
            _add(found, "Ставка НДС", good.vat)
        for name, text in (("Страна", good.country), ("Код", good.code)):
            _add(found, name, text or "")
        return tuple(found.items())

    def offer(self, offer: Offer) -> OfferIn:
        """An offer with exactly the parts it has."""
        own = values.key(offer.id)
        return OfferIn(
            external_id=own,
            good=own.partition("#")[0],
            shop=self.shop,
            name=self._offer_name(offer),
            article=_cut(offer.article, 255),
            barcode=_cut(offer.barcode, 64),
            prices=self._prices(offer),
            stock=self._stock(offer),
            active=False if offer.removed else None,
        )

    def _offer_name(self, offer: Offer) -> str | None:
        if self._owns.name == "box" or "#" not in offer.id:
            return None  # of a good without characteristics the good's own name is the name
        if offer.name:
            return offer.name
        told = ", ".join(text for _, text in offer.characteristics or () if text)
        return told or None

    def _prices(self, offer: Offer) -> dict[str, int] | None:
        if offer.prices is None or self._owns.prices == "box":
            return None
        found: dict[str, int] = {}
        for one in offer.prices:
            kind = self.known.price_types.get(values.key(one.kind))
            if kind is None or not kind.box:
                self.notes.append(Note("price_kind_unknown", offer.id))
            elif one.currency not in ("", "RUB"):
                self.notes.append(Note("currency_foreign", offer.id))
            else:
                found.setdefault(kind.box, one.amount)
        return found

    def _stock(self, offer: Offer) -> dict[str, int] | None:
        if offer.stock is None:
            if offer.total_milli is None or not self._warehouse:
                return None
            return {self._warehouse: offer.total_milli}
        found: dict[str, int] = {}
        for store, figure in offer.stock:
            place = self.known.stores.get(values.key(store))
            if place is None or not place.box:
                self.notes.append(Note("store_unknown", offer.id))
            else:
                found[place.box] = found.get(place.box, 0) + figure
        return found


def _cut(text: str | None, most: int) -> str | None:
    return None if text is None else text[:most]


def _add(found: dict[str, str], name: str, text: str) -> None:
    """Keep a value; two properties may share a name, so a second one is told apart."""
    name, text = name.strip()[:200], text.strip()
    if not name or not text or found.get(name) == text:
        return
    number, tried = 1, name
    while tried in found:
        number += 1
        tried = f"{name} ({number})"
    found[tried] = text


def vat(text: str | None) -> str | None:
    """The box's code of a rate; None for one it does not have."""
    if not text:
        return None
    if text.strip().casefold() in NO_VAT:
        return "none"
    rate = values.number(text.strip().rstrip("%").strip())
    if rate is None:
        return None
    return "general" if rate in GENERAL else VAT.get(rate)


def plain(text: str) -> str:
    """A description as text: marks of HTML go, breaks stay. Nothing of it is ever run."""
    if "<" not in text and "&" not in text:
        return text
    text = _HIDDEN.sub(" ", text)
    text = _TAG.sub("", _BREAK.sub("\n", text))
    return _BLANK_LINES.sub("\n\n", html.unescape(text)).strip()


def parts(offer: Offer) -> Mapping[str, Offer]:
    """An offer in its parts, which are remembered and compared one by one."""
    found: dict[str, Offer] = {}
    named = Offer(
        id=offer.id,
        removed=offer.removed,
        name=offer.name,
        article=offer.article,
        barcode=offer.barcode,
        unit_code=offer.unit_code,
        characteristics=offer.characteristics,
        properties=offer.properties,
    )
    if named != Offer(id=offer.id):
        found["offer"] = named
    if offer.prices is not None:
        found["prices"] = Offer(id=offer.id, prices=offer.prices)
    if offer.stock is not None or offer.total_milli is not None:
        found["stock"] = Offer(id=offer.id, stock=offer.stock, total_milli=offer.total_milli)
    return found
