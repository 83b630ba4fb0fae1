"""Two records of one client: why we think so, how sure we are, and what becomes of them."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from appliance.domain.customers import CustomerBrief, CustomerView


class Reason(StrEnum):
    """What two records have in common."""

    TAX_ID = "tax_id"
    EMAIL = "email"
    PHONE = "phone"
    MESSENGER = "messenger"
    TAIL = "tail"
    """The last ten digits of two phones that were read differently, or not at all."""
    NAME = "name"
    BIRTHDAY = "birthday"


_WEIGHTS: Final = {
    Reason.TAX_ID: 0.9,
    Reason.EMAIL: 0.75,
    Reason.PHONE: 0.7,
    Reason.MESSENGER: 0.75,
    Reason.TAIL: 0.4,
    Reason.NAME: 0.5,
    Reason.BIRTHDAY: 0.3,
}
"""How often one reason alone is right: a judgement, not a measurement. A company's INN is nearly
always the company; a phone or mailbox is now and then a family's; a name alone says little."""

FIELDS: Final = (
    "last_name",
    "first_name",
    "patronymic",
    "company_name",
    "birthday",
    "sex",
    "comment",
    "fleet",
    "culture",
    "software",
    "manager",
    "address",
    "requisites",
)
"""What a survivor has one of, so that a merge must choose; all the rest simply comes together."""

PERSON_FIELDS: Final = FIELDS[:10]


def confidence(reasons: Iterable[Reason]) -> int:
    """How sure we are, in per cent: each reason leaves so much doubt of what the others left.

    >>> confidence([Reason.PHONE])
    70
    >>> confidence([Reason.PHONE, Reason.NAME]) > confidence([Reason.PHONE])
    True
    """
    doubt = 1.0
    for reason in set(reasons):
        doubt *= 1 - _WEIGHTS[reason]
    return min(99, round(100 * (1 - doubt)))


def written(reasons: Iterable[Reason]) -> str:
    """Reasons as a pair keeps them, the strongest first."""
    given = set(reasons)
    return ",".join(reason.value for reason in Reason if reason in given)


def read(text: str) -> tuple[Reason, ...]:
    """Reasons of a kept pair."""
    return tuple(Reason(code) for code in text.split(",") if code)


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two records that may be one client; `first` has the smaller number."""

    id: UUID
    first: CustomerView
    second: CustomerView
    reasons: tuple[Reason, ...]
    confidence: int


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """A page of pairs, the surest first.

    Attributes:
        after: cursor of the next page; None on the last.
        merged: what was merged lately and can be taken back.
        scanned_at: when the last nightly look was over.
    """

    pairs: tuple[Pair, ...]
    after: str | None
    merged: tuple["Merged", ...]
    scanned_at: datetime | None


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """A merge that can be taken back."""

    id: UUID
    survivor_number: int
    other_number: int
    at: datetime
    until: datetime
    by_number: int


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """Two records with something in common, as a look through one index found them."""

    first: UUID
    second: UUID
    reason: Reason


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """How far the nightly look got: setting `duplicates.scan`, so that it goes on after a restart.

    Attributes:
        source: which index is looked through; past the last one the look is over.
        after: hex of the last token looked at.
    """

    started_at: datetime | None = None
    source: int = 0
    after: str = ""
    finished_at: datetime | None = None


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two records side by side, before they are merged.

    Attributes:
        moves: what comes over from `other`: name of a table → rows.
        differs: fields in which both say something, and not the same: to be chosen.
        only_other: fields that only the other has: they come over by themselves.
    """

    survivor: CustomerView
    other: CustomerView
    reasons: tuple[Reason, ...]
    confidence: int
    moves: dict[str, int]
    differs: tuple[str, ...]
    only_other: tuple[str, ...]


class MergeDone(msgspec.Struct, frozen=True, kw_only=True):
    """What a merge did."""

    id: UUID
    survivor_number: int
    other_number: int
    moved: dict[str, int]


class Parting(msgspec.Struct, frozen=True, kw_only=True):
    """What taking a merge back would do.

    Attributes:
        returns: what goes back to the other: name of a table → rows.
        stays: rows that were moved and are gone since.
        fields: fields of the survivor that get their old value.
        conflicts: fields that somebody changed since: they are left alone.
    """

    id: UUID
    survivor_number: int
    other_number: int
    until: datetime
    returns: dict[str, int]
    stays: int
    fields: tuple[str, ...]
    conflicts: tuple[str, ...]


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """A warning while a client is typed: who has this contact already.

    Attributes:
        client: None where the record is out of the reader's reach.
        owner_name: who leads that one; empty for nobody.
    """

    reason: Reason
    client: CustomerBrief | None
    owner_name: str = ""


class Likenesses(msgspec.Struct, frozen=True, kw_only=True):
    """All warnings; `spent`: today's questions about others' clients are used up."""

    found: tuple[Likeness, ...]
    spent: bool = False


class Step(StrEnum):
    """What the key of a merged person waits for."""

    MARK = "mark"
    UNMARK = "unmark"
    CLOSE = "close"
    DESTROY = "destroy"


class KeyDue(msgspec.Struct, frozen=True, kw_only=True):
    """The key of a merged person that waits for something."""

    merge_id: UUID
    step: Step
    subject: UUID
    survivor: UUID
