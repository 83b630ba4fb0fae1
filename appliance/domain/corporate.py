"""Companies as shops know them: several addresses and legal entities under one client.

The card of a company has one address and one set of requisites. What a shop adds besides hangs on
the client as parts; the main part of a kind is the card's own, the others keep their content.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from appliance.domain.customers import (
    AddressParts,
    CustomerChange,
    CustomerDraft,
    CustomerView,
    RequisitesParts,
)
from appliance.domain.orders import UNSET, CustomerRef, Unset
from appliance.domain.personal import Personal

MOST_PARTS: Final = 200
"""Addresses, or legal entities, of one company."""


class PartKind(StrEnum):
    """What a company may have several of."""

    ADDRESS = "address"
    COMPANY = "company"


class PartContent(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Blob of `corporate_part.content`.

    Attributes:
        name: what the shop calls it.
        address_number: of a legal entity: which address is its own; 0: none.
    """

    v: int = 1
    name: str = ""
    brand: str = ""
    address: AddressParts | None = None
    requisites: RequisitesParts | None = None
    address_number: int = 0


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """An address or a legal entity of a company; `stored` is None for the card's own alone."""

    number: int
    kind: PartKind
    external_id: str | None
    is_main: bool
    content: Personal[PartContent]
    created_at: datetime
    stored: UUID | None = None


class PartDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A part as it is sent: what is UNSET, or absent in a map, stays.

    Attributes:
        fields: of the address or of the requisites, under our names.
        address: which address a legal entity is at.
    """

    external_id: str | None = None
    is_main: bool | None = None
    name: Personal[str] | Unset = UNSET
    brand: Personal[str] | Unset = UNSET
    fields: Personal[Mapping[str, str]] = Personal({})
    address: CustomerRef | None = None


class PersonTie(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who speaks for a company."""

    number: int
    external_id: str | None
    shop: str
    is_main: bool


class Corporate(msgspec.Struct, frozen=True, kw_only=True):
    """A company, whole."""

    view: CustomerView
    addresses: tuple[Part, ...] = ()
    companies: tuple[Part, ...] = ()
    people: tuple[PersonTie, ...] = ()


class CorporateDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A company to add, with what comes along."""

    client: CustomerDraft
    addresses: tuple[PartDraft, ...] = ()
    companies: tuple[PartDraft, ...] = ()
    people: tuple[tuple[CustomerRef, bool], ...] = ()


class SentCompany(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a batch: the company to add, and what it changes where it is known already."""

    draft: CorporateDraft
    change: CustomerChange


def number_of(row_id: UUID) -> int:
    """The integer by which programs know a row that has no number: time and order of its UUIDv7.

    Below 2^53 until 2039, so that every client reads it exactly.
    """
    return (row_id.int >> 80) << 12 | (row_id.int >> 64) & 0xFFF


def span_of(number: int) -> tuple[UUID, UUID] | None:
    """First and last UUIDv7 with this number; None where it is none of ours."""
    milliseconds, fraction = divmod(number, 1 << 12)
    if not 0 < milliseconds < 1 << 48:
        return None
    first = milliseconds << 80 | 0x7 << 76 | fraction << 64
    return UUID(int=first), UUID(int=first | (1 << 64) - 1)
