"""Calls about goods, stock and prices."""

from typing import Any, Final

from appliance.actions import catalogue, products
from appliance.actions.products import GoodsFilter, PriceFigures, StockFigures, VariantRef
from appliance.api.v5 import wire
from appliance.api.v5.call import STORE_LIMITS, Answer, Call, paging, shop_of
from appliance.api.v5.entity import CODE, Entity
from appliance.api.v5.errors import PARAMETERS, Refused
from appliance.api.v5.scalars import pieces, roubles
from appliance.domain.access import Actor
from appliance.domain.catalogue import Category
from appliance.domain.orders import UNSET
from appliance.domain.products import ProductView, VariantView
from appliance.roles import Permission

INVENTORY_FILTERS: Final = frozenset(
    {
        "ids",
        "details",
        "sites",
        "offerExternalId",
        "offerXmlId",
        "offerArticle",
        "productExternalId",
        "productActive",
        "offerActive",
    }
)
PRODUCT_FILTERS: Final = frozenset({"ids", "externalId", "sinceId", "name", "active", "sites"})
MOST_OFFERS: Final = 250


async def inventories(call: Call) -> Answer:
    """`GET store/inventories`; `stores` only with `filter[details]`."""
    pages = paging(call, STORE_LIMITS)
    given = call.filter(INVENTORY_FILTERS)
    active = wire.flag_of(given, "productActive")
    asked = GoodsFilter(
        variant_numbers=wire.integers_of(given, "ids"),
        external_ids=wire.texts_of(given, "offerExternalId"),
        xml_ids=wire.texts_of(given, "offerXmlId"),
        skus=wire.texts_of(given, "offerArticle"),
        product_external_id=wire.text_of(given, "productExternalId") or None,
        active=active if active is not None else wire.flag_of(given, "offerActive"),
    )
    found = await products.list_inventories(call.actor, asked, pages.page, pages.limit)
    details = bool(wire.flag_of(given, "details"))
    offers = [_inventory(one, call.actor, details=details) for one in found.variants]
    return Answer({"pagination": pages.shown(found.total_count), "offers": offers})


def _ids(variant: VariantView) -> dict[str, Any]:
    answer: dict[str, Any] = {"id": variant.number}
    if variant.external_id is not None:
        answer["externalId"] = variant.external_id
    if variant.xml_id is not None:
        answer["xmlId"] = variant.xml_id
    return answer


def _inventory(variant: VariantView, actor: Actor, *, details: bool) -> dict[str, Any]:
    answer = (
        _ids(variant)
        | _cost(variant, actor)
        | {
            "quantity": pieces(_free(variant)),
        }
    )
    if actor.shop:
        answer["site"] = actor.shop
    if details:
        answer["stores"] = [
            {
                "store": one.warehouse,
                "quantity": pieces(one.on_hand_milli - one.reserved_milli),
                **_cost(variant, actor),
            }
            for one in variant.stock
        ]
    return answer


def _cost(variant: VariantView, actor: Actor) -> dict[str, Any]:
    """What a variant costs us; the key is left out for programs without the right to know."""
    if Permission.PRODUCT_COST not in actor.grants:
        return {}
    return {"purchasePrice": roubles(variant.purchase_price)}


def _free(variant: VariantView) -> int:
    return sum(one.on_hand_milli - one.reserved_milli for one in variant.stock)


async def product_list(call: Call) -> Answer:
    """`GET store/products`."""
    pages = paging(call, STORE_LIMITS)
    given = call.filter(PRODUCT_FILTERS)
    asked = GoodsFilter(
        numbers=wire.integers_of(given, "ids"),
        product_external_id=wire.text_of(given, "externalId") or None,
        name=wire.text_of(given, "name"),
        active=wire.flag_of(given, "active"),
        after=wire.integer_of(given, "sinceId") or 0,
    )
    found = await products.list_page(call.actor, asked, pages.page, pages.limit)
    return Answer(
        {
            "pagination": pages.shown(found.total_count),
            "products": [_product(one, call.actor) for one in found.products],
        }
    )


OFFER_FILTERS: Final = frozenset(
    {
        "ids", "externalIds", "xmlIds", "name", "active", "sites", "productActive",
        "productExternalId",
    }
)  # fmt: skip


async def offers(call: Call) -> Answer:
    """`GET store/offers`: variants, each with its product."""
    pages = paging(call, STORE_LIMITS)
    given = call.filter(OFFER_FILTERS)
    active = wire.flag_of(given, "active")
    asked = GoodsFilter(
        variant_numbers=wire.integers_of(given, "ids"),
        external_ids=wire.texts_of(given, "externalIds"),
        xml_ids=wire.texts_of(given, "xmlIds"),
        name=wire.text_of(given, "name"),
        product_external_id=wire.text_of(given, "productExternalId") or None,
        active=active if active is not None else wire.flag_of(given, "productActive"),
    )
    found = await products.list_inventories(call.actor, asked, pages.page, pages.limit)
    rows = [_offer(one, call.actor) | {"product": _product_of(one)} for one in found.variants]
    return Answer({"pagination": pages.shown(found.total_count), "offers": rows})


def _product_of(variant: VariantView) -> dict[str, Any]:
    answer: dict[str, Any] = {"id": variant.product_number, "name": variant.product_name}
    if variant.product_external_id is not None:
        answer["externalId"] = variant.product_external_id
    return answer


GROUP_FILTERS: Final = frozenset({"ids", "parentGroupId", "active", "sites", "name"})


async def groups(call: Call) -> Answer:
    """`GET store/product-groups`; the key of the list is singular."""
    pages = paging(call, STORE_LIMITS)
    given = call.filter(GROUP_FILTERS)
    ids, name = wire.integers_of(given, "ids"), wire.text_of(given, "name").casefold()
    parent = wire.integer_of(given, "parentGroupId")
    known = (await catalogue.names(call.actor)).categories
    rows = [
        _group(one, call.actor.shop)
        for one in known
        if (not ids or one.number in ids)
        and (parent is None or one.parent == parent)
        and name in one.name.casefold()
        and wire.flag_of(given, "active") is not False
    ]
    page = rows[(pages.page - 1) * pages.limit :][: pages.limit]
    return Answer({"pagination": pages.shown(len(rows)), "productGroup": page})


def _group(one: Category, shop: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "id": one.number,
        "externalId": str(one.number),
        "name": one.name,
        "active": True,
        "lvl": one.level,
    }
    if one.parent:
        answer["parentId"] = one.parent
    if shop:
        answer["site"] = shop
    return answer


def _product(product: ProductView, actor: Actor) -> dict[str, Any]:
    prices = [one.prices.get("base", 0) for one in product.variants] or [0]
    answer: dict[str, Any] = {
        "id": product.number,
        "name": product.name,
        "article": product.variants[0].sku if product.variants else "",
        "url": product.url,
        "imageUrl": product.image_url,
        "groups": [],
        "manufacturer": product.manufacturer,
        "active": product.active,
        "quantity": pieces(sum(_free(one) for one in product.variants)),
        "minPrice": roubles(min(prices)),
        "maxPrice": roubles(max(prices)),
        "type": "product",
        "properties": [],
        "offers": [_offer(one, actor) for one in product.variants],
    }
    if product.external_id is not None:
        answer["externalId"] = product.external_id
    if product.shop:
        answer["site"] = product.shop
    return answer


def _offer(variant: VariantView, actor: Actor) -> dict[str, Any]:
    return _ids(variant) | {
        "name": variant.name,
        "article": variant.sku,
        "images": list(variant.pictures),
        "price": roubles(variant.prices.get("base", 0)),
        "prices": [
            {"priceType": code, "price": roubles(amount), "ordering": place, "currency": "RUB"}
            for place, (code, amount) in enumerate(variant.prices.items())
        ],
        **_cost(variant, actor),
        "vatRate": variant.vat_rate,
        "properties": {one.code: one.value for one in variant.properties} or [],
        "quantity": pieces(_free(variant)),
        "weight": variant.weight_grams,
        **dict(zip(("length", "width", "height"), variant.size_mm, strict=True)),
        "active": variant.active,
        "unit": {"code": variant.unit},
        "barcode": variant.barcode,
    }


def _uploaded(call: Call, field: str) -> list[Entity]:
    call.sent = rows = wire.json_list(call.form, field)
    if len(rows) > MOST_OFFERS:
        raise Refused(PARAMETERS, errors=[f"At most {MOST_OFFERS} offers in one call."])
    return Entity({field: rows}, call.zone).parts(field)


def _ref(one: Entity) -> VariantRef:
    return VariantRef(
        number=one.integer("id"),
        external_id=one.text_or_none("externalId"),
        xml_id=one.text_or_none("xmlId"),
    )


def _answer(rows: list[Entity], done: products.Uploaded) -> Answer:
    missing = [
        {key: rows[place].raw[key] for key in ("id", "externalId", "xmlId") if key in rows[place]}
        for place in done.not_found
    ]
    return Answer({"processedOffersCount": done.processed, "notFoundOffers": missing})


async def inventories_upload(call: Call) -> Answer:
    """`POST store/inventories/upload`; offers that nobody knows are named, and no error."""
    rows = _uploaded(call, "offers")
    figures: list[StockFigures] = []
    for one in rows:
        places = one.parts("stores")
        if not places:
            raise Refused(PARAMETERS, errors=[f"{one.path}stores: this value should not be blank."])
        stock: dict[str, int] = {}
        cost: int | None = None
        for place in places:
            had = place.milli("available")
            if had is not UNSET:
                stock[place.text("code", CODE)] = had
            price = place.money("purchasePrice")
            cost = cost if price is UNSET else price
        figures.append(StockFigures(variant=_ref(one), stores=stock, purchase_price=cost))
    _check(rows)
    return _answer(rows, await products.upload_stock(call.actor, await shop_of(call), figures))


async def prices_upload(call: Call) -> Answer:
    """`POST store/prices/upload`."""
    rows = _uploaded(call, "prices")
    figures: list[PriceFigures] = []
    for one in rows:
        prices: dict[str, int] = {}
        for entry in one.parts("prices"):
            amount = entry.money("price")
            if amount is not UNSET and entry.flag("remove") is not True:
                prices[entry.text("code", CODE)] = amount
        figures.append(PriceFigures(variant=_ref(one), prices=prices))
    _check(rows)
    return _answer(rows, await products.upload_prices(call.actor, await shop_of(call), figures))


def _check(rows: list[Entity]) -> None:
    if rows:
        rows[0].check()  # all of them share their problems
