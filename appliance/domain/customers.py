"""Clients: what comes in, what is kept sealed, what a card shows."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from appliance.domain.fields import FieldValue, Given
from appliance.domain.personal import Personal
from appliance.domain.privacy import ConsentGiven, Purpose
from appliance.domain.sources import SourceMarks

JsonMap = dict[str, str | int | float | bool | None]


class CustomerKind(StrEnum):
    """A person, or a company whose people are customers of their own."""

    PERSON = "person"
    COMPANY = "company"


class Party(StrEnum):
    """What somebody is to us. Only clients stand in the list of clients and in segments."""

    CLIENT = "client"
    SUPPLIER = "supplier"
    PARTNER = "partner"


class ContactKind(StrEnum):
    """A way to reach somebody."""

    PHONE = "phone"
    EMAIL = "email"
    MESSENGER = "messenger"


# --- sealed records: the plain text inside a cell; only storage makes and opens these ---


class Person(msgspec.Struct, kw_only=True, array_like=False, omit_defaults=True):
    """Blob of `customer.person`: who it is. A company keeps its name in `company_name`."""

    v: int = 1
    first_name: str = ""
    last_name: str = ""
    patronymic: str = ""
    company_name: str = ""
    birthday: date | None = None  # of a company: the day it was founded
    sex: str = ""
    comment: str = ""
    fleet: str = ""
    culture: str = ""
    software: str = ""
    stop_note: str = ""  # why nothing more is sold on credit: court, bankruptcy


class Wishes(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Blob of `customer.wishes`: what the next order starts with.

    Attributes:
        channel: how the person wants to be reached: phone, email, messenger; empty: no matter.
        delivery_type, payment_type: codes of the reference lists.
        sizes, brands: what the person wears and likes, as a colleague wrote it down.
        note: in the person's own words, «позвонить за час».
    """

    v: int = 1
    channel: str = ""
    delivery_type: str = ""
    payment_type: str = ""
    note: str = ""
    sizes: str = ""
    brands: str = ""


class ContactValue(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Blob of `contact.value`.

    Attributes:
        typed: the spelling as it came, for answers to the shop.
        normal: E.164 for a phone, lower case for an e-mail; empty if it could not be read.
    """

    v: int = 1
    typed: str = ""
    normal: str = ""


class AddressParts(msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=False):
    """Blob of `address.parts`: names as in the API reference, all optional text."""

    v: int = 1
    index: str = ""
    country_iso: str = ""
    region: str = ""
    city: str = ""
    city_type: str = ""
    street: str = ""
    street_type: str = ""
    building: str = ""
    flat: str = ""
    floor: str = ""
    block: str = ""
    house: str = ""
    housing: str = ""
    metro: str = ""
    notes: str = ""
    text: str = ""


class RequisitesParts(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Blob of `requisites.parts`: the legal side of a company or entrepreneur."""

    v: int = 1
    contragent_type: str = "individual"
    legal_name: str = ""
    legal_address: str = ""
    inn: str = ""
    kpp: str = ""
    ogrn: str = ""
    ogrnip: str = ""
    okpo: str = ""
    bik: str = ""
    bank: str = ""
    bank_address: str = ""
    corr_account: str = ""
    bank_account: str = ""
    certificate_number: str = ""
    certificate_date: str = ""


# --- incoming ---


class ContactDraft(msgspec.Struct, frozen=True, kw_only=True):
    """One contact as typed; normalised inside the action."""

    kind: ContactKind
    value: Personal[str]


class CustomerDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A client to add. `purposes` must not be empty: no entrance accepts a person without one."""

    kind: CustomerKind = CustomerKind.PERSON
    shop: str = ""
    external_id: str | None = None
    first_name: Personal[str] | None = None
    last_name: Personal[str] | None = None
    patronymic: Personal[str] | None = None
    company_name: Personal[str] | None = None
    birthday: Personal[date] | None = None
    sex: str = ""
    comment: Personal[str] | None = None
    contacts: tuple[ContactDraft, ...] = ()
    address: Personal[AddressParts] | None = None
    requisites: Personal[RequisitesParts] | None = None
    purposes: tuple[Purpose, ...] = ()
    consents: tuple[ConsentGiven, ...] = ()
    tags: tuple[str, ...] = ()
    manager_number: int | None = None
    vip: bool = False
    bad: bool = False
    created_at: datetime | None = None
    party: Party = Party.CLIENT
    region: str = ""
    source: SourceMarks = SourceMarks()
    wishes: Personal[Wishes] | None = None
    fleet: Personal[str] | None = None
    culture: Personal[str] | None = None
    software: Personal[str] | None = None
    custom: Personal[Given] | None = None


class CustomerChange(msgspec.Struct, frozen=True, kw_only=True):
    """An edit: UNSET leaves a field alone, None or empty clears it.

    Attributes:
        contacts: the whole new list of one or more kinds (`phones` and e-mail are separate
            kinds: kinds that do not occur in `replaces` stay as they are).
        add_contacts, drop_contacts: one by one, for who does not see the others in full.
        address: merged field by field; only keys present in `address_fields` are taken.
        version: what the caller last saw; a mismatch is `Conflict`. None skips the check.
    """

    external_id: str | msgspec.UnsetType | None = msgspec.UNSET
    first_name: Personal[str] | msgspec.UnsetType | None = msgspec.UNSET
    last_name: Personal[str] | msgspec.UnsetType | None = msgspec.UNSET
    patronymic: Personal[str] | msgspec.UnsetType | None = msgspec.UNSET
    company_name: Personal[str] | msgspec.UnsetType | None = msgspec.UNSET
    birthday: Personal[date] | msgspec.UnsetType | None = msgspec.UNSET
    sex: str | msgspec.UnsetType = msgspec.UNSET
    comment: Personal[str] | msgspec.UnsetType | None = msgspec.UNSET
    contacts: tuple[ContactDraft, ...] = ()
    replaces: tuple[ContactKind, ...] = ()
    add_contacts: tuple[ContactDraft, ...] = ()
    drop_contacts: tuple[UUID, ...] = ()
    address: Personal[Mapping[str, str]] | None = None
    requisites: Personal[Mapping[str, str]] | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    manager_number: int | msgspec.UnsetType | None = msgspec.UNSET
    vip: bool | msgspec.UnsetType = msgspec.UNSET
    bad: bool | msgspec.UnsetType = msgspec.UNSET
    party: Party | msgspec.UnsetType = msgspec.UNSET
    region: str | msgspec.UnsetType = msgspec.UNSET
    source: SourceMarks | msgspec.UnsetType = msgspec.UNSET
    wishes: Personal[Wishes] | msgspec.UnsetType = msgspec.UNSET
    fleet: Personal[str] | msgspec.UnsetType | None = msgspec.UNSET
    culture: Personal[str] | msgspec.UnsetType | None = msgspec.UNSET
    software: Personal[str] | msgspec.UnsetType | None = msgspec.UNSET
    custom: Personal[Given] | None = None
    version: int | None = None


# --- shown ---


class ContactView(msgspec.Struct, frozen=True, kw_only=True):
    """One contact for a card.

    Attributes:
        shown: what may be printed: full, or masked like `+7 9•• •••-••-34`; None if hidden.
        full: the typed spelling, only where the grant says VISIBLE.
        readable: False when the phone could not be normalised.
    """

    id: UUID
    kind: ContactKind
    shown: Personal[str] | None
    full: Personal[str] | None
    readable: bool = True


class CustomerBrief(msgspec.Struct, frozen=True, kw_only=True):
    """A client in a list, a peek or beside an order; `name` is None where it is hidden or gone.

    Attributes:
        blocked: at his own demand: nothing of him is shown until that is decided.
    """

    id: UUID
    number: int
    kind: CustomerKind
    name: Personal[str] | None
    destroyed: bool = False
    damaged: bool = False
    owner_number: int | None = None
    blocked: bool = False


class ClientMoney(msgspec.Struct, frozen=True, kw_only=True):
    """What a client brought and owes, kept by the deeds that change it; kopecks.

    Attributes:
        returned: given back; `CustomerView.paid_total` is without it already.
        owed: what orders that stand still lack.
        limit: how much may be owed; None where no limit is set.
        pay_days: deferral; an order unpaid for longer is overdue.
        stop: nothing more on credit, set by hand.
        paid_orders: orders paid in full, and `paid_wait` seconds they took together.
        contacted_at: when somebody last talked to the client.
    """

    returned: int = 0
    owed: int = 0
    limit: int | None = None
    pay_days: int = 0
    stop: bool = False
    paid_orders: int = 0
    paid_wait: int = 0
    contacted_at: datetime | None = None


class CustomerView(msgspec.Struct, frozen=True, kw_only=True):
    """A client's card as the actor may see it; money in kopecks."""

    id: UUID
    number: int
    kind: CustomerKind
    version: int
    shop: str
    external_id: str | None
    created_at: datetime
    updated_at: datetime
    state: str
    name: Personal[str] | None
    first_name: Personal[str] | None
    last_name: Personal[str] | None
    patronymic: Personal[str] | None
    company_name: Personal[str] | None
    birthday: Personal[date] | None
    sex: str
    comment: Personal[str] | None
    contacts: tuple[ContactView, ...]
    address: Personal[AddressParts] | None
    requisites: Personal[RequisitesParts] | None
    purposes: tuple[Purpose, ...]
    consents: tuple[ConsentGiven, ...]
    tags: tuple[str, ...]
    owner_number: int | None
    owner_name: str
    vip: bool
    bad: bool
    orders_count: int
    orders_total: int
    paid_total: int
    first_order_at: datetime | None
    last_order_at: datetime | None
    damaged: bool = False
    party: Party = Party.CLIENT
    region: str = ""
    source_first: SourceMarks = SourceMarks()
    source_last: SourceMarks = SourceMarks()
    wishes: Personal[Wishes] | None = None
    fleet: Personal[str] | None = None
    culture: Personal[str] | None = None
    software: Personal[str] | None = None
    stop_note: Personal[str] | None = None
    money: ClientMoney = ClientMoney()
    custom: tuple[FieldValue, ...] = ()


class CustomerFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of clients asks for; `numbers` and `external_ids` are exact.

    Attributes:
        kind: people, or companies; None: both.
        is_contact: only people who speak for a company, or only those who do not.
        contacts, contact_external_ids: companies for which one of these people speaks.
    """

    numbers: tuple[int, ...] = ()
    external_ids: tuple[str, ...] = ()
    shops: tuple[str, ...] = ()
    text: str = ""
    email: str = ""
    created_from: datetime | None = None
    created_to: datetime | None = None
    managers: tuple[int, ...] = ()
    vip: bool | None = None
    bad: bool | None = None
    min_orders: int | None = None
    max_orders: int | None = None
    kind: CustomerKind | None = None
    is_contact: bool | None = None
    contacts: tuple[int, ...] = ()
    contact_external_ids: tuple[str, ...] = ()
