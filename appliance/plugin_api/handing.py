"""Parcels handed over to their carrier: the papers that go with them, and his courier.

Papers name everybody whose parcel is in them, so they lie under nobody's key: they are asked for,
given to the colleague who asked, and forgotten.
"""

from typing import Final

import msgspec

from appliance.domain.personal import Personal

MOST_HANDED: Final = 100
"""Parcels in one question."""


class _Message(msgspec.Struct, frozen=True):
    """Unknown fields are ignored: a newer box may say more."""


class PapersAsked(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """What goes with these parcels.

    Attributes:
        day: on which they are handed over, `2026-11-24`.
        numbers: the carrier's ids of their requests.
    """

    account: str = ""
    day: str
    numbers: tuple[str, ...]


class Paper(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """One file; `name` with its ending."""

    name: str
    media: str = "application/pdf"
    body: Personal[bytes]


class Papers(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Whatever has to go with them: asked for again, it is the same."""

    papers: tuple[Paper, ...]


class CourierAsked(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Have parcels collected.

    Attributes:
        day: `2026-11-24`.
        begins, ends: `10:00`, in the shop's own zone.
        parcels, grams: how many, and how heavy all of them are.
    """

    account: str = ""
    day: str
    begins: str
    ends: str
    parcels: int
    grams: int


class CourierCalled(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """He is called.

    Attributes:
        number: of the call at the carrier; may be empty.
        known: he was called for that day before; nobody was asked again.
    """

    number: str = ""
    known: bool = False
