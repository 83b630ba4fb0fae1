"""What Yandex Market answers, as far as the box reads it; everything else is passed over.

Nothing of buyers is read: neither names nor addresses nor what they wrote.
"""

from datetime import date, datetime

import msgspec


class Money(msgspec.Struct, frozen=True):
    """An amount; of a line it is for all its pieces together."""

    value: float = 0


class Prices(msgspec.Struct, frozen=True, rename="camel"):
    """What the buyer pays, and what he pays with points of Yandex Plus."""

    payment: Money = Money()
    cashback: Money = Money()


class Item(msgspec.Struct, frozen=True, rename="camel"):
    """A line; `id` is what boxes and codes are told of, `offer_id` our article."""

    id: int = 0
    offer_id: str = ""
    offer_name: str = ""
    count: int = 1
    prices: Prices = Prices()
    required_instance_types: tuple[str, ...] = ()


class OrderShipment(msgspec.Struct, frozen=True, rename="camel"):
    """When it is to be handed over; the time only of express orders, in Moscow."""

    id: int | None = None
    shipment_date: date | None = None
    shipment_time: str | None = None


class Delivery(msgspec.Struct, frozen=True, rename="camel"):
    """How it goes."""

    service_name: str = ""
    shipment: OrderShipment = OrderShipment()


class Order(msgspec.Struct, frozen=True, rename="camel"):
    """An order of one shop of a cabinet."""

    order_id: int = 0
    campaign_id: int = 0
    program_type: str = ""
    status: str = ""
    substatus: str = ""
    creation_date: datetime | None = None
    items: tuple[Item, ...] = ()
    delivery: Delivery = Delivery()

    @property
    def number(self) -> str:
        """Its id as the box keeps it."""
        return str(self.order_id) if self.order_id else ""


class Paging(msgspec.Struct, frozen=True, rename="camel"):
    """Where the next page begins; empty: there is none."""

    next_page_token: str = ""


class Orders(msgspec.Struct, frozen=True):
    """A page of orders."""

    orders: tuple[Order, ...] = ()
    paging: Paging = Paging()


class Mistake(msgspec.Struct, frozen=True):
    """One of the reasons of a refusal."""

    code: str = ""
    message: str = ""


class Said(msgspec.Struct, frozen=True):
    """Every answer says whether it is one: `OK` or `ERROR`."""

    status: str = ""
    errors: tuple[Mistake, ...] = ()


class Code(msgspec.Struct, frozen=True):
    """A code of a piece, and how its check went."""

    value: str = ""
    status: str = ""


class Checked(msgspec.Struct, frozen=True):
    """The codes of one line."""

    id: int = 0
    cis: tuple[Code, ...] = ()
    uin: tuple[Code, ...] = ()


class CheckedItems(msgspec.Struct, frozen=True):
    """The codes of an order."""

    items: tuple[Checked, ...] = ()


class CheckedOf(msgspec.Struct, frozen=True):
    """The same, wrapped."""

    result: CheckedItems = CheckedItems()


class Shipment(msgspec.Struct, frozen=True, rename="camel"):
    """A hand-over of many orders."""

    id: int = 0
    order_ids: tuple[int, ...] = ()
    available_actions: tuple[str, ...] = ()


class Shipments(msgspec.Struct, frozen=True):
    """Hand-overs that were looked for."""

    shipments: tuple[Shipment, ...] = ()


class ShipmentsOf(msgspec.Struct, frozen=True):
    """The same, wrapped."""

    result: Shipments = Shipments()


class ShipmentOf(msgspec.Struct, frozen=True):
    """One of them, wrapped."""

    result: Shipment = Shipment()


class ReturnItem(msgspec.Struct, frozen=True, rename="camel"):
    """What a return is of."""

    shop_sku: str = ""
    count: int = 0


class Return(msgspec.Struct, frozen=True, rename="camel"):
    """Something on its way back: not bought, or brought back."""

    id: int = 0
    order_id: int = 0
    return_type: str = ""
    shipment_status: str = ""
    items: tuple[ReturnItem, ...] = ()


class ReturnsPage(msgspec.Struct, frozen=True):
    """A page of them."""

    returns: tuple[Return, ...] = ()
    paging: Paging = Paging()


class Returns(msgspec.Struct, frozen=True):
    """The same, wrapped."""

    result: ReturnsPage = ReturnsPage()


class Business(msgspec.Struct, frozen=True):
    """A cabinet."""

    id: int = 0
    name: str = ""


class Campaign(msgspec.Struct, frozen=True, rename="camel"):
    """A shop of a cabinet."""

    id: int = 0
    domain: str = ""
    business: Business = Business()
    placement_type: str = ""
    api_availability: str = ""


class Campaigns(msgspec.Struct, frozen=True):
    """The shops that a key lets in."""

    campaigns: tuple[Campaign, ...] = ()
    paging: Paging = Paging()


class ApiKey(msgspec.Struct, frozen=True, rename="camel"):
    """What a key may do."""

    auth_scopes: tuple[str, ...] = ()


class Token(msgspec.Struct, frozen=True, rename="camel"):
    """The same, wrapped."""

    api_key: ApiKey = ApiKey()


class TokenOf(msgspec.Struct, frozen=True):
    """The same, wrapped twice."""

    result: Token = Token()


class Warehouse(msgspec.Struct, frozen=True):
    """A warehouse of ours as Yandex knows it."""

    id: int = 0
    name: str = ""


class WarehousesPage(msgspec.Struct, frozen=True):
    """A page of them."""

    warehouses: tuple[Warehouse, ...] = ()
    paging: Paging = Paging()


class Warehouses(msgspec.Struct, frozen=True):
    """The same, wrapped."""

    result: WarehousesPage = WarehousesPage()


class Offer(msgspec.Struct, frozen=True, rename="camel"):
    """An entry of the catalogue there."""

    offer_id: str = ""
    name: str = ""
    barcodes: tuple[str, ...] = ()


class Mapping(msgspec.Struct, frozen=True, rename="camel"):
    """The card of Yandex's that it is sold under."""

    market_sku: int = 0


class OfferMapping(msgspec.Struct, frozen=True):
    """Both together."""

    offer: Offer = Offer()
    mapping: Mapping = Mapping()


class OfferMappings(msgspec.Struct, frozen=True, rename="camel"):
    """A page of the catalogue."""

    offer_mappings: tuple[OfferMapping, ...] = ()
    paging: Paging = Paging()


class OfferMappingsOf(msgspec.Struct, frozen=True):
    """The same, wrapped."""

    result: OfferMappings = OfferMappings()


class Held(msgspec.Struct, frozen=True, rename="camel"):
    """A good whose price Yandex does not show: it finds it odd."""

    offer_id: str = ""


class HeldPage(msgspec.Struct, frozen=True):
    """A page of them."""

    offers: tuple[Held, ...] = ()
    paging: Paging = Paging()


class HeldOf(msgspec.Struct, frozen=True):
    """The same, wrapped."""

    result: HeldPage = HeldPage()
