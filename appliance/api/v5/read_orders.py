"""Orders as shops send them, as drafts and changes of the house."""

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from appliance.api.v5.custom_fields import given_values
from appliance.api.v5.entity import CODE, LONGEST, Entity
from appliance.api.v5.read_customers import (
    REQUISITES,
    address_of,
    contacts_of,
    parts_of,
    personal,
    phones_of,
    requisites_of,
)
from appliance.domain import taxids
from appliance.domain.customers import CustomerDraft, CustomerKind
from appliance.domain.orders import (
    UNSET,
    CustomerRef,
    DeliveryDraft,
    ExternalId,
    LineDraft,
    LineProperty,
    OrderChange,
    OrderContact,
    OrderDraft,
    PaymentDraft,
    SourceMarks,
    Unset,
)
from appliance.domain.personal import Personal

OF_A_COMPANY: Final = 10
"""Digits of a company's INN; a person's has twelve."""
CONTACT: Final = {
    "firstName": "first_name",
    "lastName": "last_name",
    "patronymic": "patronymic",
    "phone": "phone",
    "additionalPhone": "additional_phone",
    "email": "email",
    "customerComment": "customer_comment",
    "managerComment": "manager_comment",
    "statusComment": "status_comment",
}
"""Key on the wire → field of `OrderContact`."""
NUMBER: Final = 32
VAT: Final = 16


def read_draft(
    raw: dict[str, Any], shop: str, zone: ZoneInfo, *, strict: bool = True
) -> OrderDraft:
    """An order to accept.

    Raises:
        Invalid: `entity_unreadable` with its fields.
    """
    entity = Entity(raw, zone)
    contact = OrderContact(
        **{ours: entity.text(key, LONGEST) for key, ours in CONTACT.items() if key in raw}
    )
    buyer = entity.part("customer")
    draft = OrderDraft(
        shop=shop,
        external_id=entity.text_or_none("externalId"),
        number=entity.text_or_none("number", NUMBER),
        customer_ref=_customer_ref(buyer),
        speaker_ref=_customer_ref(entity.part("contact")),
        customer=_customer(contact, buyer, entity),
        contact=Personal(contact),
        order_type=entity.code("orderType"),
        order_method=entity.code("orderMethod"),
        status=entity.code("status"),
        created_at=entity.moment("createdAt"),
        lines=tuple(_line(part) for part in entity.parts("items")),
        payments=tuple(read_payment(part) for part in entity.parts("payments")),
        delivery=_delivery(entity),
        discount_amount=_or_zero(entity.money("discountManualAmount")),
        discount_percent_milli=_or_zero(entity.milli("discountManualPercent")),
        source=_source(entity.part("source"), entity),
        manager_number=entity.integer("managerId"),
        shipment_store=entity.text_or_none("shipmentStore", CODE),
        shipment_date=entity.day("shipmentDate"),
        call=entity.flag("call") is True,
        custom=given_values(entity),
        strict=strict,
    )
    entity.check()
    return draft


def _or_zero(value: int | Unset) -> int:
    return 0 if value is UNSET else value


def _customer_ref(buyer: Entity) -> CustomerRef | None:
    number, external_id = buyer.integer("id"), buyer.text_or_none("externalId")
    if number is None and external_id is None:
        return None
    return CustomerRef(number=number, external_id=external_id)


def _customer(contact: OrderContact, buyer: Entity, entity: Entity) -> CustomerDraft:
    """The buyer as the order describes him; what it leaves out may stand in `customer`.

    An INN that can be one makes the buyer a company (or an entrepreneur); the names are then of
    whoever speaks for it. One that cannot loses no order: it is kept as it came.
    """
    phones = [phone for phone in (contact.phone, contact.additional_phone) if phone]
    email = contact.email or buyer.text("email")
    parts = parts_of(entity.part("contragent"), REQUISITES)
    inn, kind = taxids.normalise_inn(parts.get("inn", "")), parts.get("contragent_type", "")
    plain = kind in {"", "individual"}
    company = inn is not None and (len(inn) == OF_A_COMPANY or not plain)
    if company and plain:
        parts["contragent_type"] = "legal-entity"
    name = parts.get("legal_name") or entity.part("company").text("name")
    return CustomerDraft(
        kind=CustomerKind.COMPANY if company else CustomerKind.PERSON,
        company_name=personal(name or parts.get("inn", "")) if company else None,
        requisites=requisites_of(parts),
        first_name=personal(contact.first_name or buyer.text("firstName")),
        last_name=personal(contact.last_name or buyer.text("lastName")),
        patronymic=personal(contact.patronymic or buyer.text("patronymic")),
        contacts=contacts_of(phones or phones_of(buyer), email),
    )


def _line(part: Entity) -> LineDraft:
    offer = part.part("offer")
    price_type = part.part("priceType")
    return LineDraft(
        id=part.integer("id"),
        external_ids=_external_ids(part),
        external_id=part.text_or_none("externalId"),
        offer_id=offer.integer("id") or part.integer("productId"),
        offer_external_id=offer.text_or_none("externalId"),
        offer_xml_id=offer.text_or_none("xmlId"),
        sku=offer.text_or_none("article"),
        product_name=part.text("productName", LONGEST) or UNSET,
        quantity_milli=part.milli("quantity"),
        price=part.money("initialPrice"),
        purchase_price=part.money("purchasePrice"),
        discount_amount=part.money("discountManualAmount"),
        discount_percent_milli=part.milli("discountManualPercent"),
        price_type=price_type.code("code"),
        vat_rate=part.text("vatRate", VAT) or UNSET,
        status=part.code("status"),
        comment=_remark(part, "comment"),
        properties=_properties(part),
        created_at=part.moment("createdAt"),
    )


def _remark(part: Entity, name: str) -> Personal[str] | Unset:
    return Personal(part.text(name, LONGEST)) if name in part else UNSET


def _external_ids(part: Entity) -> tuple[ExternalId, ...] | Unset:
    if "externalIds" not in part:
        return UNSET
    return tuple(
        ExternalId(one.text("code"), one.text("value")) for one in part.parts("externalIds")
    )


def _properties(part: Entity) -> tuple[LineProperty, ...] | Unset:
    if "properties" not in part:
        return UNSET
    return tuple(
        LineProperty(
            code=one.text("code") or one.text("name"),
            name=one.text("name"),
            value=one.text("value", LONGEST),
        )
        for one in part.parts("properties")
    )


def read_payment(part: Entity) -> PaymentDraft:
    """A payment of an order, or one that comes alone; `check` is the caller's."""
    return PaymentDraft(
        external_id=part.text_or_none("externalId"),
        type=part.code("type"),
        status=part.code("status"),
        amount=part.money("amount"),
        paid_at=part.moment("paidAt") if "paidAt" in part else UNSET,
        comment=_remark(part, "comment"),
    )


def _delivery(entity: Entity) -> DeliveryDraft | None:
    if "delivery" not in entity:
        return None
    part = entity.part("delivery")
    times = part.part("time")
    address = address_of(part.part("address"))
    if not address.get("country_iso") and "countryIso" in entity and address:
        address["country_iso"] = entity.text("countryIso", CODE)
    return DeliveryDraft(
        type=part.given_text("code", CODE),
        service=part.part("service").given_text("code", CODE),
        cost=part.money("cost"),
        net_cost=part.money("netCost"),
        vat_rate=part.text("vatRate", VAT) or UNSET,
        date=part.day("date") if "date" in part else UNSET,
        time_from=_clock(times, "from"),
        time_to=_clock(times, "to"),
        address=Personal(address) if address else None,
        track_number=part.part("data").given_text("trackNumber", CODE),
    )


def _clock(times: Entity, name: str) -> str | Unset:
    given = times.given_text(name, CODE)
    return given if given is UNSET else given[:5]


def _source(part: Entity, entity: Entity) -> SourceMarks:
    return SourceMarks(
        source=part.text("source"),
        medium=part.text("medium"),
        campaign=part.text("campaign"),
        keyword=part.text("keyword"),
        content=part.text("content"),
        client_id=entity.text("clientId"),
    )


def read_change(raw: dict[str, Any], zone: ZoneInfo) -> OrderChange:
    """An edit of an order: absent keys stay as they are; `items` is the whole new composition.

    Raises:
        Invalid: `entity_unreadable` with its fields.
    """
    entity = Entity(raw, zone)
    contact = {ours: entity.text(key, LONGEST) for key, ours in CONTACT.items() if key in raw}
    change = OrderChange(
        external_id=entity.text_or_none("externalId") or UNSET,
        contact=Personal(contact) if contact else None,
        order_type=entity.code("orderType"),
        order_method=entity.code("orderMethod"),
        status=entity.code("status"),
        lines=tuple(_line(one) for one in entity.parts("items")) if "items" in raw else UNSET,
        delivery=_delivery(entity),
        discount_amount=entity.money("discountManualAmount"),
        discount_percent_milli=entity.milli("discountManualPercent"),
        manager_number=entity.integer("managerId") if "managerId" in raw else UNSET,
        customer_ref=_customer_ref(entity.part("customer")),
        shipment_store=(
            entity.text_or_none("shipmentStore", CODE) if "shipmentStore" in raw else UNSET
        ),
        shipment_date=entity.day("shipmentDate") if "shipmentDate" in raw else UNSET,
        shipped=entity.flag("shipped"),
        call=entity.flag("call"),
        source=_source(entity.part("source"), entity) if "source" in raw else UNSET,
        custom=given_values(entity),
        requisites=_requisites(entity),
    )
    entity.check()
    return change


def _requisites(entity: Entity) -> Personal[Mapping[str, str]] | None:
    """The legal side of an edit; modules say of everybody that he is a plain person."""
    parts = parts_of(entity.part("contragent"), REQUISITES)
    return None if requisites_of(parts) is None else Personal(parts)
