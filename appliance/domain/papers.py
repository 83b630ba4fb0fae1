"""Documents printed of an order: kinds, our own legal entities, what a template is given."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from appliance.domain.personal import Personal


class PaperKind(StrEnum):
    """What is printed."""

    INVOICE = "invoice"  # счёт на оплату
    OFFER = "offer"  # коммерческое предложение
    CONTRACT = "contract"  # договор
    WAYBILL = "waybill"  # товарная накладная
    UPD = "upd"  # универсальный передаточный документ
    ACT = "act"
    PICKING = "picking"  # лист подбора
    COURIER = "courier"  # лист курьера
    LABEL_SMALL = "label_58x40"
    LABEL_MIDDLE = "label_75x120"
    LABEL_LARGE = "label_100x150"


NUMBERED: Final = (
    PaperKind.INVOICE,
    PaperKind.OFFER,
    PaperKind.CONTRACT,
    PaperKind.WAYBILL,
    PaperKind.UPD,
    PaperKind.ACT,
)
"""Papers with a number of their own, drawn from their entity's counter; the others bear the
order's."""

INSIDE: Final = frozenset(PaperKind) - frozenset(NUMBERED)
"""Papers that stay in the house or on the parcel; they need no requisites."""


class PictureRole(StrEnum):
    """Pictures of a legal entity."""

    LOGO = "logo"
    STAMP = "stamp"
    SIGNATURE = "signature"


VAT_BY_GOODS: Final = "goods"
"""VAT regime: every line at its own rate. Any other is a code of the dictionary of rates."""


class OwnRequisites(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Blob of `legal_entity.parts`: a company of ours, with the people who sign for it.

    Attributes:
        contragent_type: legal-entity or enterpreneur, as clients' requisites spell it.
        prefixes: kind of paper → what stands before its number.
    """

    v: int = 1
    contragent_type: str = "legal-entity"
    name: str = ""
    full_name: str = ""
    inn: str = ""
    kpp: str = ""
    ogrn: str = ""
    address: str = ""
    bank: str = ""
    bik: str = ""
    account: str = ""
    corr_account: str = ""
    phone: str = ""
    email: str = ""
    director: str = ""
    director_post: str = ""
    accountant: str = ""
    prefixes: Mapping[str, str] = {}


class OwnEntity(msgspec.Struct, frozen=True, kw_only=True):
    """A company of ours.

    Attributes:
        vat: `VAT_BY_GOODS` or a code of the dictionary, for every line.
        places: what goes under its name: `shop:code`, `branch:code`, `warehouse:code`.
        pictures: which of them are there.
    """

    id: UUID
    number: int
    parts: OwnRequisites
    vat: str
    is_default: bool
    active: bool
    places: tuple[str, ...] = ()
    pictures: tuple[PictureRole, ...] = ()


class EntityDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A company of ours as typed; `next_numbers`: kind → from which number to go on."""

    parts: OwnRequisites
    vat: str = VAT_BY_GOODS
    is_default: bool = False
    active: bool = True
    places: tuple[str, ...] = ()
    next_numbers: Mapping[str, int] = {}


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A document that was made.

    Attributes:
        shown_number: with its prefix; what is printed.
        ready: its pages are kept; False where the printing was cut off and can be repeated.
    """

    id: UUID
    number: int
    kind: PaperKind
    shown_number: str
    day: date
    total: int
    entity_number: int
    order_number: int
    author_number: int
    created_at: datetime
    ready: bool


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A template as it holds now; version 0 is the one that came with the box."""

    kind: PaperKind
    version: int
    text: str
    author_number: int = 0
    created_at: datetime | None = None


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a document is drawn from, outside of any transaction.

    Attributes:
        fields: what the template's placeholders name; holds a person's data.
        pictures: name → bytes, for the template's `image`.
    """

    template: str
    fields: Personal[Mapping[str, object]]
    pictures: Mapping[str, bytes]


def start_of(prefix: str, number: int) -> str:
    """A number as it is printed.

    >>> start_of("СЧ-", 12), start_of("", 3)
    ('СЧ-12', '3')
    """
    return f"{prefix}{number}"
