"""Which goods the lines of an order mean; unknown ones become products to check."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.domain.orders import UNSET, LineDraft
from appliance.errors import Invalid
from appliance.storage import counters, goods_marks
from appliance.storage.statements import any_of, fetch, insert_many
from appliance.storage.tables import ProductRow, VariantRow
from appliance.storage.tx import Tx


class Offer(NamedTuple):
    """What a line needs to know of a variant."""

    id: UUID
    number: int
    external_id: str | None
    xml_id: str | None
    sku: str
    name: str
    purchase_price: int
    vat_rate: str
    shop: str


_OFFER = (
    "SELECT v.id, v.number, v.external_id, v.xml_id, v.sku, v.name, v.purchase_price, "
    "v.vat_rate, v.shop FROM variant v "
)
_BY_ANY = (
    _OFFER + "WHERE v.number IN {} OR (v.shop IN ({}, '') AND v.external_id IN {}) "
    "OR (v.shop IN ({}, '') AND v.xml_id IN {}) OR v.sku IN {}"
)
_BY_NAME = (
    _OFFER + "JOIN product p ON p.id = v.product_id WHERE p.shop = {} AND p.name IN {} "
    "AND v.external_id IS NULL AND v.xml_id IS NULL AND v.sku = ''"
)


class _Found:
    """Variants by every name that a line may call them."""

    def __init__(self, shop: str, rows: Sequence[Sequence[Any]]) -> None:
        offers = [Offer(*row) for row in rows]
        # The shop's own goods come before the common ones of the same external id.
        offers.sort(key=lambda offer: offer.shop == shop)
        mine = [offer for offer in offers if offer.shop in (shop, "")]
        self.by_number = {offer.number: offer for offer in offers}
        self.by_external_id = {offer.external_id: offer for offer in mine if offer.external_id}
        self.by_xml_id = {offer.xml_id: offer for offer in mine if offer.xml_id}
        self.by_sku = {offer.sku: offer for offer in mine if offer.sku}
        self.by_name: dict[str, Offer] = {}

    def of(self, line: LineDraft) -> Offer | None:
        """The variant a line means, by the first of its ids that is known."""
        if line.offer_id is not None:
            return self.by_number.get(line.offer_id)
        found = (
            self.by_external_id.get(line.offer_external_id or "")
            or self.by_xml_id.get(line.offer_xml_id or "")
            or self.by_sku.get(line.sku or "")
        )
        if found is None and not _ids(line):
            return self.by_name.get(name_of(line))
        return found

    def add(self, line: LineDraft, offer: Offer) -> None:
        """Let the following lines find a product just made."""
        if offer.external_id:
            self.by_external_id[offer.external_id] = offer
        if offer.xml_id:
            self.by_xml_id[offer.xml_id] = offer
        if offer.sku:
            self.by_sku[offer.sku] = offer
        if not _ids(line):
            self.by_name[name_of(line)] = offer


def name_of(line: LineDraft) -> str:
    """What the line calls the goods; empty if nothing."""
    return "" if line.product_name is UNSET else line.product_name.strip()


def _ids(line: LineDraft) -> bool:
    return bool(line.offer_external_id or line.offer_xml_id or line.sku)


async def resolve(tx: Tx, shop: str, lines: Sequence[LineDraft]) -> list[Offer | None]:
    """The variant of each line; a product marked to check is made for what is unknown.

    A line with neither an id nor a name means nothing that could be checked: it gets None.

    Raises:
        Invalid: `offer_unknown` with the number: the shop names a variant of ours that is not.
    """
    found = await _find(shop, lines)
    for place, line in enumerate(lines):
        if line.offer_id is not None and line.offer_id not in found.by_number:
            raise Invalid(
                "offer_unknown",
                f"offer {line.offer_id}",
                fields={f"items[{place}].offer.id": "offer_unknown"},
                number=line.offer_id,
            )
    await _make_missing(tx, shop, lines, found)
    return [found.of(line) for line in lines]


async def known_ids(shop: str, lines: Sequence[LineDraft]) -> list[UUID]:
    """Variants that lines mean, of those that are known already; nothing is made."""
    found = await _find(shop, lines)
    return [offer.id for line in lines if (offer := found.of(line)) is not None]


async def _find(shop: str, lines: Sequence[LineDraft]) -> _Found:
    named = [line for line in lines if line.offer_id is not None or _ids(line)]
    rows: list[tuple[Any, ...]] = []
    if named:
        rows = await fetch(
            _BY_ANY,
            any_of(line.offer_id for line in named if line.offer_id is not None),
            shop,
            any_of(line.offer_external_id for line in named if line.offer_external_id),
            shop,
            any_of(line.offer_xml_id for line in named if line.offer_xml_id),
            any_of(line.sku for line in named if line.sku),
        )
    found = _Found(shop, rows)
    nameless = {name_of(line) for line in lines if line.offer_id is None and not _ids(line)} - {""}
    if nameless:
        for row in await fetch(_BY_NAME, shop, any_of(nameless)):
            offer = Offer(*row)
            found.by_name[offer.name] = offer
    return found


async def _make_missing(tx: Tx, shop: str, lines: Sequence[LineDraft], found: _Found) -> None:
    """Make one product, marked to check, for every unknown id (or name, where there is no id)."""
    missing: list[tuple[LineDraft, UUID]] = []
    for line in lines:
        if found.of(line) is None and (_ids(line) or name_of(line)):
            offer = Offer(
                id=uuid7(),
                number=0,
                external_id=line.offer_external_id or None,
                xml_id=line.offer_xml_id or None,
                sku=line.sku or "",
                name=name_of(line) or line.sku or line.offer_external_id or line.offer_xml_id or "",
                purchase_price=0,
                vat_rate="none",
                shop=shop,
            )
            found.add(line, offer)
            missing.append((line, offer.id))
    if missing:
        await _store(tx, shop, missing, found)


async def _store(
    tx: Tx, shop: str, missing: Sequence[tuple[LineDraft, UUID]], found: _Found
) -> None:
    first_product = await counters.draw("product", len(missing))
    first_variant = await counters.draw("variant", len(missing))
    products: list[dict[str, Any]] = []
    variants: list[dict[str, Any]] = []
    for place, (line, variant_id) in enumerate(missing):
        bare = found.of(line)
        assert bare is not None  # noqa: S101  it was added a moment ago
        offer = bare._replace(number=first_variant + place)
        found.add(line, offer)
        product_id = uuid7()
        products.append(
            {
                "id": product_id,
                "number": first_product + place,
                "shop": shop,
                "name": offer.name,
                "to_check": True,
                "created_at": tx.now,
                "updated_at": tx.now,
            }
        )
        variants.append(
            {
                "id": variant_id,
                "number": offer.number,
                "product_id": product_id,
                "shop": shop,
                "external_id": offer.external_id,
                "xml_id": offer.xml_id,
                "sku": offer.sku,
                "name": offer.name,
            }
        )
    await insert_many(ProductRow, products)
    await insert_many(VariantRow, variants)
    await goods_marks.touch()
