"""Calls about baskets: what clients have chosen in the shop and not ordered yet."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from appliance.actions import references, shop_carts
from appliance.api.v5 import wire
from appliance.api.v5.call import Answer, Call
from appliance.api.v5.entity import NAME, Entity
from appliance.api.v5.errors import ACCESS_DENIED, PARAMETERS, Refused
from appliance.api.v5.read_corporate import ref_of
from appliance.api.v5.scalars import moment as read_moment
from appliance.api.v5.scalars import pieces, roubles
from appliance.domain.carts import CartDraft, CartItem, CartView
from appliance.domain.orders import UNSET, CustomerRef
from appliance.domain.personal import Personal

LINK = 2000
CURRENCY = 3


async def _shop(call: Call) -> str:
    """The shop in the path, by its code or by its number.

    Raises:
        Refused: there is none, or the key is of another.
    """
    name, by = call.names[0], call.given("siteBy") or "code"
    if by not in {"code", "id"}:
        raise Refused(PARAMETERS, errors=["siteBy: code or id is expected."])
    for shop in await references.list_shops(call.actor):
        if name == (shop.code if by == "code" else str(shop.number)):
            return shop.code
    if call.actor.shop:
        raise Refused(ACCESS_DENIED, status=403)
    raise Refused(PARAMETERS, errors={"site": f'"Site" with "{by}"="{name}" does not exist.'})


async def show(call: Call) -> Answer:
    """`GET customer-interaction/{site}/cart/{customerId}`; no basket is an empty one."""
    shop, by, name = await _shop(call), call.given("by") or "externalId", call.names[1]
    if by == "browserId":
        return Answer({"cart": []})
    if call.by() == "externalId":
        wanted = CustomerRef(external_id=name)
    elif name.isascii() and name.isdecimal() and len(name) <= 18:
        wanted = CustomerRef(number=int(name))
    else:
        raise Refused(PARAMETERS, errors=["ID must be an integer"])
    found = await shop_carts.get(call.actor, shop, wanted)
    return Answer({"cart": [] if found is None else _cart(found, call.zone)})


def _cart(cart: CartView, zone: ZoneInfo) -> dict[str, Any]:
    """A basket; unlike everything else its times have an offset."""
    customer: dict[str, Any] = {"id": cart.customer_number, "site": cart.shop}
    if cart.customer_external_id is not None:
        customer["externalId"] = cart.customer_external_id
    answer: dict[str, Any] = {
        "customer": customer,
        "items": [_item(one, zone) for one in cart.items],
        "currency": cart.currency,
        "createdAt": _time(cart.created_at, zone),
        "updatedAt": _time(cart.updated_at, zone),
    }
    if cart.external_id is not None:
        answer["externalId"] = cart.external_id
    if link := cart.link.reveal():
        answer["link"] = link
    if cart.dropped_at is not None:
        answer["droppedAt"] = _time(cart.dropped_at, zone)
    return answer


def _time(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds").replace("T", " ")


def _item(one: CartItem, zone: ZoneInfo) -> dict[str, Any]:
    offer = {"id": one.offer_id, "externalId": one.external_id, "xmlId": one.xml_id}
    answer: dict[str, Any] = {
        "offer": {key: value for key, value in offer.items() if value is not None}
        | {"displayName": one.name},
        "quantity": pieces(one.quantity_milli),
        "price": roubles(one.price),
    }
    for key, text in (("createdAt", one.created_at), ("updatedAt", one.updated_at)):
        at = read_moment(text, zone) if text else None
        if at is not None:
            answer[key] = _time(at, zone)
    return answer


async def put(call: Call) -> Answer:
    """`POST customer-interaction/{site}/cart/set`."""
    shop, sent = await _shop(call), _sent(call)
    client = ref_of(sent.part("customer"))
    draft = CartDraft(
        shop=shop,
        customer=client or CustomerRef(),
        external_id=sent.text_or_none("externalId"),
        items=tuple(_read_item(one) for one in sent.parts("items")),
        link=Personal(sent.text("link", LINK)),
        currency=sent.text("currency", CURRENCY) or "RUB",
        created_at=sent.moment("createdAt"),
        updated_at=sent.moment("updatedAt"),
        dropped_at=sent.moment("droppedAt"),
    )
    sent.check()
    if client is not None:
        await shop_carts.put(call.actor, draft)
    elif not sent.part("customer").text("browserId"):
        raise Refused("Set one of the following fields: id, externalId, browserId")
    return Answer({})


def _read_item(one: Entity) -> CartItem:
    offer = one.part("offer")
    quantity, price = one.milli("quantity"), one.money("price")
    times = {name: one.moment(key) for name, key in _TIMES.items()}
    return CartItem(
        offer_id=offer.integer("id"),
        external_id=offer.text_or_none("externalId", NAME),
        xml_id=offer.text_or_none("xmlId", NAME),
        quantity_milli=1000 if quantity is UNSET else quantity,
        price=0 if price is UNSET else price,
        **{name: "" if at is None else at.isoformat() for name, at in times.items()},
    )


_TIMES = {"created_at": "createdAt", "updated_at": "updatedAt"}


async def clear(call: Call) -> Answer:
    """`POST customer-interaction/{site}/cart/clear`."""
    shop, sent = await _shop(call), _sent(call)
    client = ref_of(sent.part("customer"))
    sent.check()
    if client is not None:
        await shop_carts.clear(call.actor, shop, client)
    return Answer({})


def _sent(call: Call) -> Entity:
    call.what, call.sent = "Cart", wire.json_map(call.form, "cart")
    return Entity(call.sent, call.zone)
