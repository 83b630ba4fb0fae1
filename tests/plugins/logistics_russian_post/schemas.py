"""What the Post takes and answers, written from its manual: it publishes no description."""

from typing import Any, Literal

import msgspec

from tests.vendors.shapes import Operation, Shapes

MailType = Literal["POSTAL_PARCEL", "ONLINE_PARCEL", "PARCEL_CLASS_1", "ONLINE_COURIER", "EMS"]
Category = Literal[
    "SIMPLE", "ORDERED", "ORDINARY", "WITH_DECLARED_VALUE",
    "WITH_DECLARED_VALUE_AND_CASH_ON_DELIVERY",
]  # fmt: skip


class Asks(msgspec.Struct, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """Nothing that the manual does not name is sent."""


class Says(msgspec.Struct, kw_only=True, rename="kebab"):
    """Answers hold more than is read."""


class Dimension(Asks, kw_only=True):
    length: int
    width: int
    height: int


class TariffAsked(Asks, kw_only=True):
    index_from: str
    index_to: str
    mail_type: MailType
    mail_category: Category
    mass: int
    dimension: Dimension | None = None
    payment_method: Literal["CASHLESS"] = "CASHLESS"
    declared_value: int = 0
    sms_notice_recipient: Literal[0, 1] = 0
    with_electronic_notice: bool = False


class Days(Says, kw_only=True):
    max_days: int
    min_days: int = 0


class TariffSaid(Says, kw_only=True):
    total_rate: int
    total_vat: int
    delivery_time: Days | None = None


class AddressAsked(Asks, kw_only=True):
    id: str
    original_address: str


class AddressSaid(Says, kw_only=True):
    id: str
    original_address: str
    address_type: str
    quality_code: str
    validation_code: str


class PersonAsked(Asks, kw_only=True):
    id: str
    original_fio: str


class PersonSaid(Says, kw_only=True):
    id: str
    quality_code: str


class Good(Asks, kw_only=True):
    description: str
    quantity: float
    value: int
    vat_rate: int
    item_number: str


class Goods(Asks, kw_only=True):
    items: list[Good]


class OrderAsked(Asks, kw_only=True):
    address_type_to: Literal["DEFAULT", "PO_BOX", "DEMAND", "UNIT"]
    index_to: int
    region_to: str
    place_to: str
    street_to: str
    house_to: str
    area_to: str = ""
    location_to: str = ""
    room_to: str = ""
    corpus_to: str = ""
    building_to: str = ""
    letter_to: str = ""
    slash_to: str = ""
    hotel_to: str = ""
    office_to: str = ""
    vladenie_to: str = ""
    num_address_type_to: str = ""
    given_name: str
    surname: str
    middle_name: str = ""
    recipient_name: str
    tel_address: int = 0
    mail_category: Category
    mail_type: MailType
    mail_direct: Literal[643]
    mass: int
    order_num: str
    payment: int = 0
    insr_value: int = 0
    payment_method: Literal["CASHLESS"]
    postoffice_code: str
    dimension: Dimension | None = None
    fragile: bool
    sms_notice_recipient: Literal[0, 1] = 0
    goods: Goods | None = None


class Code(Says, kw_only=True):
    code: str


class Refused(Says, kw_only=True):
    position: int
    error_codes: list[Code] = []
    error_code: str = ""


class Placed(Says, kw_only=True):
    result_ids: list[int] = []
    errors: list[Refused] = []


class Batch(Says, kw_only=True):
    batch_name: str
    batch_status: str


class Batched(Placed, kw_only=True):
    batches: list[Batch] = []


class Order(Says, kw_only=True):
    id: int
    order_num: str
    barcode: str
    total_rate_wo_vat: int
    total_vat: int


class Wrong(Says, kw_only=True):
    code: str
    desc: str


class Near(Says, kw_only=True):
    postoffices: list[str]


class Office(Says, kw_only=True):
    postal_code: str
    address_source: str
    working_hours: list[dict[str, Any]]


class OwnPoint(Says, kw_only=True):
    operator_postcode: str


class Quota(Says, kw_only=True):
    allowed_count: int
    current_count: int


CONTRACT = Shapes(
    "Почта России",
    {
        "POST /1.0/tariff": Operation(TariffAsked, {200: TariffSaid, 400: Wrong}),
        "POST /1.0/clean/address": Operation(list[AddressAsked], {200: list[AddressSaid]}),
        "POST /1.0/clean/physical": Operation(list[PersonAsked], {200: list[PersonSaid]}),
        "PUT /1.0/user/backlog": Operation(list[OrderAsked], {200: Placed}),
        "GET /1.0/backlog/search": Operation(answers={200: list[Order]}, query=("query!",)),
        "GET /1.0/shipment/search": Operation(answers={200: list[Order]}, query=("query!",)),
        "GET /1.0/backlog/{id}": Operation(answers={200: Order, 404: Wrong}),
        "GET /1.0/shipment/{id}": Operation(answers={200: Order, 404: Wrong}),
        "DELETE /1.0/backlog": Operation(list[int], {200: Placed}),
        "DELETE /1.0/shipment": Operation(list[int], {200: Placed}),
        "POST /1.0/user/shipment": Operation(list[int], {200: Batched}, ("sending-date",)),
        "POST /1.0/batch/{name}/checkin": Operation(answers={200: Says}, query=("sendEmail",)),
        "GET /1.0/forms/{id}/f7pdf": Operation(answers={200: bytes}),
        "GET /1.0/forms/backlog/{id}/forms": Operation(answers={200: bytes}),
        "GET /1.0/forms/{name}/f103pdf": Operation(answers={200: bytes, 404: Wrong}),
        "GET /1.0/user-shipping-points": Operation(answers={200: list[OwnPoint]}),
        "GET /1.0/settings/limit": Operation(answers={200: Quota}),
        "GET /postoffice/1.0/by-address": Operation(answers={200: Near}, query=("address!", "top")),
        "GET /postoffice/1.0/{index}": Operation(answers={200: Office, 404: Wrong}),
        "POST /rtm34": Operation(bytes, {200: bytes}),
    },
)
