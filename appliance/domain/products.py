"""Goods: products, variants, prices by type, stock by warehouse."""

from uuid import UUID

import msgspec

from appliance.domain.icml import Property


class VariantDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A variant to add or update; prices in kopecks by type, stock in thousandths by store."""

    external_id: str | None = None
    xml_id: str | None = None
    sku: str = ""
    barcode: str = ""
    name: str = ""
    weight_grams: int = 0
    vat_rate: str = "none"
    unit: str = "pc"
    purchase_price: int = 0
    prices: dict[str, int] = {}
    stock: dict[str, int] = {}


class ProductDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A product with at least one variant."""

    external_id: str | None = None
    name: str
    shop: str = ""
    group: str = ""
    manufacturer: str = ""
    url: str = ""
    image_url: str = ""
    active: bool = True
    to_check: bool = False
    variants: tuple[VariantDraft, ...]


class StockView(msgspec.Struct, frozen=True, kw_only=True):
    """Stock of a variant at one warehouse, thousandths; may be negative when a vendor says so."""

    warehouse: str
    on_hand_milli: int
    reserved_milli: int
    purchase_price: int = 0
    in_transit_milli: int = 0
    shelf: str = ""

    @property
    def free_milli(self) -> int:
        """What may still be promised."""
        return self.on_hand_milli - self.reserved_milli


class VariantView(msgspec.Struct, frozen=True, kw_only=True):
    """A variant as read.

    Attributes:
        properties, pictures: as the shop's catalogue gives them; pictures are addresses there.
        size_mm: length, width, height; 0 is unknown.
    """

    id: UUID
    number: int
    product_number: int
    product_external_id: str | None
    external_id: str | None
    xml_id: str | None
    sku: str
    barcode: str
    name: str
    product_name: str
    weight_grams: int
    vat_rate: str
    unit: str
    purchase_price: int
    prices: dict[str, int]
    stock: tuple[StockView, ...]
    active: bool
    to_check: bool
    low_milli: int = 0
    properties: tuple[Property, ...] = ()
    pictures: tuple[str, ...] = ()
    size_mm: tuple[int, int, int] = (0, 0, 0)

    @property
    def free_milli(self) -> int:
        """What may still be promised, at all warehouses together."""
        return sum(one.free_milli for one in self.stock)

    @property
    def is_low(self) -> bool:
        """Whether the storekeeper should order more."""
        return self.low_milli > 0 and self.free_milli <= self.low_milli


class ProductView(msgspec.Struct, frozen=True, kw_only=True):
    """A product as read, with its variants."""

    id: UUID
    number: int
    external_id: str | None
    name: str
    shop: str
    group: str
    manufacturer: str
    url: str
    image_url: str
    active: bool
    to_check: bool
    variants: tuple[VariantView, ...]
