"""Goods, prices, stock."""

from piccolo.columns import UUID, BigInt, Boolean, Bytea, Date, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from appliance.domain.ids import uuid7


class ProductRow(Table, tablename="product"):
    """What is sold. `to_check`: made from an order's line that named an unknown article.

    `changed` counts the changes of the product, its variants, prices and pictures: the sum over
    some products tells whether anything kept of them is still true.
    """

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    shop = Varchar(length=64, default="")
    external_id = Varchar(length=255, null=True, default=None)
    name = Text()
    product_group = Varchar(length=200, default="")
    category_id = UUID(null=True, default=None)
    description = Text(default="")
    manufacturer = Varchar(length=200, default="")
    url = Text(default="")
    image_url = Text(default="")
    active = Boolean(default=True)
    to_check = Boolean(default=False)
    created_at = Timestamptz()
    updated_at = Timestamptz()
    changed = BigInt(default=1)


class CategoryRow(Table, tablename="category"):
    """A group of products; groups make trees."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    name = Varchar(length=200)
    parent_id = UUID(null=True, default=None)
    shop = Varchar(length=64, default="")  # whose catalogue it came with
    external_id = Varchar(length=255, null=True, default=None)  # the shop's id of it


class PictureRow(Table, tablename="picture"):
    """A picture of a product, checked and freed of what a camera wrote into it."""

    id = UUID(primary_key=True, default=uuid7)
    product_id = UUID()
    position = Integer(default=0)
    kind = Varchar(length=8)  # png, jpg, webp
    width = Integer()
    height = Integer()
    content = Bytea()
    created_at = Timestamptz()
    source = Varchar(length=48, default="")  # the plugin that brought it; empty: a person
    digest = Varchar(length=64, default="")  # SHA-256 of what was brought


class VariantRow(Table, tablename="variant"):
    """The thing with an article, a barcode and a weight."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    product_id = UUID()
    shop = Varchar(length=64, default="")
    external_id = Varchar(length=255, null=True, default=None)
    xml_id = Varchar(length=255, null=True, default=None)
    sku = Varchar(length=255, default="")
    barcode = Varchar(length=64, default="")
    name = Text()
    weight_grams = BigInt(default=0)
    vat_rate = Varchar(length=16, default="none")
    unit = Varchar(length=16, default="pc")
    purchase_price = BigInt(default=0)
    active = Boolean(default=True)
    low_milli = BigInt(default=0)  # tell the storekeeper at this much free or less; 0: never
    low_told = Boolean(default=False)
    properties = Text(default="[]")  # JSON of domain.icml.Property
    pictures = Text(default="[]")  # JSON: addresses at the shop
    length_mm = Integer(default=0)
    width_mm = Integer(default=0)
    height_mm = Integer(default=0)
    from_catalogue = Boolean(default=False)  # came with the shop's own file, and may go with it


class ProductFactsRow(Table, tablename="product_facts"):
    """What an accounting base says of a product besides: properties, requisites, the unknown."""

    product_id = UUID(primary_key=True)
    body = Bytea()  # msgpack of storage.goods_bringing.Facts


class BarcodeRow(Table, tablename="barcode"):
    """A further barcode of a variant: of a maker's box, of an older label."""

    id = UUID(primary_key=True, default=uuid7)
    variant_id = UUID()
    value = Varchar(length=64)


class VatRateRow(Table, tablename="vat_rate"):
    """What a code of VAT means from a day on; NULL is «без НДС»."""

    id = UUID(primary_key=True, default=uuid7)
    code = Varchar(length=16)
    name = Varchar(length=64)
    percent = Integer(null=True, default=None)  # hundredths of a percent
    since = Date()


class PriceRow(Table, tablename="price"):
    """Price of a variant by type, kopecks; the newest `since` holds."""

    id = UUID(primary_key=True, default=uuid7)
    variant_id = UUID()
    price_type = Varchar(length=64)
    amount = BigInt()
    since = Timestamptz()


class WarehouseRow(Table, tablename="warehouse"):
    """A place goods lie at."""

    id = UUID(primary_key=True, default=uuid7)
    number = BigInt()
    code = Varchar(length=64)
    name = Varchar(length=200)
    external_id = Varchar(length=255, null=True, default=None)
    active = Boolean(default=True)
    branch_id = UUID(null=True, default=None)


class StockRow(Table, tablename="stock"):
    """Quantity of a variant at a place, thousandths; a vendor's negative figure is kept."""

    id = UUID(primary_key=True, default=uuid7)
    variant_id = UUID()
    warehouse_id = UUID()
    on_hand_milli = BigInt(default=0)
    reserved_milli = BigInt(default=0)
    in_transit_milli = BigInt(default=0)  # on its way here from another warehouse
    shelf = Varchar(length=32, default="")
    changed = BigInt(default=1)  # counts changes, as `product.changed` does


class StockMovementRow(Table, tablename="stock_movement"):
    """Every change of stock, with its one cause."""

    id = UUID(primary_key=True, default=uuid7)
    variant_id = UUID()
    warehouse_id = UUID()
    on_hand_milli = BigInt(default=0)  # the change, signed
    reserved_milli = BigInt(default=0)
    in_transit_milli = BigInt(default=0)
    cause = Varchar(length=32)  # upload, order, correction, document
    cause_id = UUID(null=True, default=None)
    at = Timestamptz()
