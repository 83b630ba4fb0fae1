"""Baskets of a shop's clients: read, put, cleared."""

from appliance.actions._gate import action
from appliance.actions._order_checks import check_shop
from appliance.domain.carts import MOST_ITEMS, CartDraft, CartItem, CartView, named
from appliance.domain.orders import CustomerRef
from appliance.errors import NotFound
from appliance.roles import Permission
from appliance.storage import carts, customers, products
from appliance.storage.customers import Known
from appliance.storage.products import GoodsFilter, VariantRef
from appliance.storage.tx import Tx


async def _client(tx: Tx, shop: str, ref: CustomerRef) -> Known:
    known = await customers.find_by_ref(tx, shop, ref)
    if known is None or known.state != "live" or not await customers.is_visible(tx, known.id):
        raise NotFound("customer_not_found")
    tx.about("customer", known.id)
    return known


@action(Permission.CUSTOMER_VIEW, reads=True)
async def get(tx: Tx, shop: str, ref: CustomerRef) -> CartView | None:
    """A client's basket; None where he has none, or nobody knows him."""
    check_shop(tx, shop)
    try:
        known = await _client(tx, shop, ref)
    except NotFound:
        return None
    cart = await carts.find(known.id, shop)
    return None if cart is None else carts.view_of(tx, known, cart)


@action(Permission.CUSTOMER_EDIT)
async def put(tx: Tx, draft: CartDraft) -> None:
    """Take over what a basket holds; goods that no catalogue knows are left out.

    Raises:
        NotFound: `customer_not_found`.
        Denied: `shop_foreign`.
    """
    check_shop(tx, draft.shop)
    known = await _client(tx, draft.shop, draft.customer)
    items = await _known_goods(tx, draft)
    cart = await carts.find(known.id, draft.shop)
    if cart is not None and not items:
        await carts.clear(tx, known, cart)
    elif items:
        await carts.put(tx, known, draft, items)


async def _known_goods(tx: Tx, draft: CartDraft) -> tuple[CartItem, ...]:
    given = draft.items[:MOST_ITEMS]
    refs = [
        VariantRef(number=one.offer_id, external_id=one.external_id, xml_id=one.xml_id)
        for one in given
    ]
    ids = await products.find_variants(tx, draft.shop, refs)
    numbers = tuple({one for one in await products.numbers_of([i for i in ids if i]) if one})
    if not numbers:
        return ()
    asked = GoodsFilter(variant_numbers=numbers)
    views = await products.variants(tx, asked, skipped=0, limit=len(numbers))
    goods = {one.id: one for one in views}
    return tuple(
        named(item, goods[variant])
        for item, variant in zip(given, ids, strict=True)
        if variant is not None and variant in goods
    )


@action(Permission.CUSTOMER_EDIT)
async def clear(tx: Tx, shop: str, ref: CustomerRef) -> None:
    """Empty a client's basket; an empty one, or one of nobody, is no error.

    Raises:
        Denied: `shop_foreign`.
    """
    check_shop(tx, shop)
    try:
        known = await _client(tx, shop, ref)
    except NotFound:
        return
    cart = await carts.find(known.id, shop)
    if cart is not None:
        await carts.clear(tx, known, cart)
