"""What can be done with goods: lists, uploads, stock, prices."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from appliance.actions._gate import action
from appliance.actions._order_checks import check_shop
from appliance.domain.products import ProductDraft, ProductView, VariantView
from appliance.domain.references import ReferenceKind
from appliance.errors import Invalid
from appliance.roles import Permission
from appliance.storage import products, references
from appliance.storage import stock as kept_stock
from appliance.storage.products import GoodsFilter, VariantRef
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

MOST_PRODUCTS = 250
"""Products in one upload: the writer must not be held longer than some tens of milliseconds."""


class ProductPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of products."""

    products: tuple[ProductView, ...]
    total_count: int


class VariantPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of variants with prices and stock."""

    variants: tuple[VariantView, ...]
    total_count: int


class StockFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Counted stock of one variant.

    Attributes:
        stores: code of the warehouse → thousandths on hand.
        purchase_price: kopecks; None leaves it alone.
    """

    variant: VariantRef
    stores: Mapping[str, int]
    purchase_price: int | None = None


class PriceFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Prices of one variant: code of the price type → kopecks."""

    variant: VariantRef
    prices: Mapping[str, int]


class Uploaded(msgspec.Struct, frozen=True, kw_only=True):
    """How many were taken over, and the places in the upload of those that nobody knows."""

    processed: int
    not_found: tuple[int, ...] = ()


@action(Permission.PRODUCT_VIEW, reads=True, quiet=True)
async def list_page(tx: Tx, asked: GoodsFilter, page: int = 1, limit: int = 20) -> ProductPage:
    """Products with their variants, by number."""
    found = await products.products(tx, asked, skipped=(page - 1) * limit, limit=limit)
    shown = tuple(
        msgspec.structs.replace(one, variants=tuple(_shown(tx, each) for each in one.variants))
        for one in found
    )
    return ProductPage(products=shown, total_count=await products.count(tx, asked, "p"))


@action(Permission.PRODUCT_VIEW, reads=True, quiet=True)
async def list_inventories(
    tx: Tx, asked: GoodsFilter, page: int = 1, limit: int = 20
) -> VariantPage:
    """Variants with prices and stock by warehouse, by number."""
    found = await products.variants(tx, asked, skipped=(page - 1) * limit, limit=limit)
    shown = tuple(_shown(tx, one) for one in found)
    return VariantPage(variants=shown, total_count=await products.count(tx, asked, "v"))


def _shown(tx: Tx, one: VariantView) -> VariantView:
    """A variant without what it costs us, for whom that is hidden."""
    if Permission.PRODUCT_COST in tx.actor.grants:
        return one
    stock = tuple(msgspec.structs.replace(place, purchase_price=0) for place in one.stock)
    return msgspec.structs.replace(one, purchase_price=0, stock=stock)


@action(Permission.PRODUCT_EDIT)
async def upload(tx: Tx, drafts: Sequence[ProductDraft]) -> tuple[int, ...]:
    """Add or update products with variants, prices and stock; their numbers, in order.

    A product that an order's line made to be checked is taken over by its variant's id.

    Raises:
        Invalid: `too_many`, `variant_missing`, `code_unknown`.
        Denied: `shop_foreign`.
    """
    lists = await references.lists()
    _check_many(drafts)
    for shop in {draft.shop for draft in drafts}:
        check_shop(tx, shop)
    numbers: list[int] = []
    prices: list[tuple[UUID, str, int]] = []
    figures: list[tuple[UUID, UUID, int]] = []
    for place, draft in enumerate(drafts):
        if not draft.variants:
            field = f"products[{place}].offers"
            raise Invalid("variant_missing", fields={field: "variant_missing"})
        number, variants = await products.save(tx, draft)
        numbers.append(number)
        for variant, one in variants:
            prices += [
                (variant, _price_type(lists, code), sum_) for code, sum_ in one.prices.items()
            ]
            figures += [(variant, _warehouse(lists, code), had) for code, had in one.stock.items()]
    await products.set_prices(tx, prices)
    await kept_stock.set_on_hand(tx, figures, "upload", None)
    return tuple(numbers)


@action(Permission.STOCK_EDIT)
async def upload_stock(tx: Tx, shop: str, figures: Sequence[StockFigures]) -> Uploaded:
    """Take over counted stock, negative figures too; what is set aside stays set aside.

    Raises:
        Invalid: `too_many`; `code_unknown` warehouse.
        Denied: `shop_foreign`.
    """
    lists = await references.lists()
    _check_many(figures)
    check_shop(tx, shop)
    found = await products.find_variants(tx, shop, [one.variant for one in figures])
    counted: list[tuple[UUID, UUID, int]] = []
    for one, variant in zip(figures, found, strict=True):
        if variant is None:
            continue
        counted += [(variant, _warehouse(lists, code), had) for code, had in one.stores.items()]
        if one.purchase_price is not None:
            await products.set_purchase_price(variant, one.purchase_price)
    await kept_stock.set_on_hand(tx, counted, "upload", None)
    return _uploaded(found)


@action(Permission.STOCK_EDIT)
async def set_stock(tx: Tx, variant_number: int, warehouse: str, on_hand_milli: int) -> None:
    """Correct one figure by hand.

    Raises:
        Invalid: `code_unknown` warehouse; `variant_unknown`.
    """
    lists = await references.lists()
    found = await products.find_variants(tx, "", [VariantRef(number=variant_number)])
    if found[0] is None:
        raise Invalid("variant_unknown", fields={"variant": "variant_unknown"})
    figure = (found[0], _warehouse(lists, warehouse), on_hand_milli)
    await kept_stock.set_on_hand(tx, [figure], "correction", None)


@action(Permission.PRODUCT_EDIT)
async def upload_prices(tx: Tx, shop: str, figures: Sequence[PriceFigures]) -> Uploaded:
    """Take over prices by type; the old ones stay as history.

    Raises:
        Invalid: `too_many`; `code_unknown` price type.
        Denied: `shop_foreign`.
    """
    lists = await references.lists()
    _check_many(figures)
    check_shop(tx, shop)
    found = await products.find_variants(tx, shop, [one.variant for one in figures])
    prices = [
        (variant, _price_type(lists, code), amount)
        for one, variant in zip(figures, found, strict=True)
        if variant is not None
        for code, amount in one.prices.items()
    ]
    await products.set_prices(tx, prices)
    return _uploaded(found)


def _uploaded(found: Sequence[UUID | None]) -> Uploaded:
    missing = tuple(place for place, variant in enumerate(found) if variant is None)
    return Uploaded(processed=len(found) - len(missing), not_found=missing)


def _check_many(given: Sequence[object]) -> None:
    if len(given) > MOST_PRODUCTS:
        raise Invalid("too_many", most=MOST_PRODUCTS)


def _warehouse(lists: Lists, code: str) -> UUID:
    found = lists.warehouse_ids.get(code)
    if found is None:
        raise Invalid("code_unknown", fields={"stores": "code_unknown"})
    return found


def _price_type(lists: Lists, code: str) -> str:
    if code not in lists.of(ReferenceKind.PRICE_TYPE):
        raise Invalid("code_unknown", fields={"prices": "code_unknown"})
    return code
