"""Handing parcels over to their carrier: what waits, and when his courier may come."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

import msgspec

from appliance.domain.parcels import BEFORE, State

MOST_DAYS: Final = 31
"""Ahead: CDEK takes no later call, nobody needs one."""
LEAST_HOURS: Final = timedelta(hours=3)
"""Carriers come within a window no shorter than this."""


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel that its carrier has registered and does not have yet.

    Attributes:
        is_printing: its label is asked for.
        is_laid: it was scanned, and lies with what is handed over next.
    """

    id: UUID
    number: int
    order_id: UUID
    order_number: int
    plugin: str
    account: str
    carrier: str
    carrier_id: str
    track: str
    tariff_name: str
    point_name: str
    grams: int
    has_label: bool
    is_printing: bool
    is_laid: bool = False


class Scanned(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel that a code was found to belong to, whatever state it is in.

    Attributes:
        is_off: nobody wants it sent: its order is cancelled, or another request takes its place.
        given_at: when its carrier was given it.
    """

    id: UUID
    number: int
    order_id: UUID
    order_number: int
    plugin: str
    account: str
    carrier: str
    track: str
    state: State
    is_off: bool
    is_laid: bool
    given_at: datetime | None

    @property
    def refusal(self) -> str:
        """Code of why it must not be handed over; empty where it may be."""
        if self.given_at is not None:
            return "handing_given"
        if self.is_off or self.state is State.CANCELLED:
            return "handing_off"
        if self.state is State.REGISTERED:
            return ""
        return "handing_unasked" if self.state in BEFORE else "handing_gone"


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """Parcels that one account's carrier was given at one moment."""

    plugin: str
    account: str
    carrier: str
    at: datetime
    parcels: int


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """All that waits for one account of one carrier.

    >>> load_of([]).grams
    0
    """

    plugin: str = ""
    account: str = ""
    carrier: str = ""
    parcels: tuple[Waiting, ...] = ()

    @property
    def grams(self) -> int:
        """How heavy all of them are."""
        return sum(one.grams for one in self.parcels)

    @property
    def laid(self) -> tuple[Waiting, ...]:
        """Those that were scanned."""
        return tuple(one for one in self.parcels if one.is_laid)

    @property
    def next(self) -> "Load":
        """What papers name and the carrier is given: what was scanned, else all of it.

        Whoever has no scanner scans none.
        """
        return load_of(self.laid or self.parcels)

    @property
    def unlabelled(self) -> tuple[Waiting, ...]:
        """Those whose label nobody has asked for."""
        return tuple(one for one in self.parcels if not one.has_label and not one.is_printing)


def load_of(parcels: Iterable[Waiting]) -> Load:
    """Parcels of one account as a load."""
    listed = tuple(parcels)
    if not listed:
        return Load()
    first = listed[0]
    return Load(plugin=first.plugin, account=first.account, carrier=first.carrier, parcels=listed)


def loads(parcels: Iterable[Waiting]) -> tuple[Load, ...]:
    """Parcels by carrier and account, in the order of their names."""
    by: dict[tuple[str, str, str], list[Waiting]] = {}
    for one in parcels:
        by.setdefault((one.carrier, one.plugin, one.account), []).append(one)
    return tuple(load_of(by[key]) for key in sorted(by))


def the_one(found: Iterable[Scanned]) -> Scanned | None:
    """Which of the parcels that a code fits is meant: one that may go, else the newest.

    An order that was sent twice, or whose first request was cancelled, has several.
    """
    return min(found, key=lambda one: (bool(one.refusal), -one.number), default=None)


def call_problems(today: date, day: date, begins: time, ends: time) -> dict[str, str]:
    """What is wrong with a call of a courier, by field.

    >>> call_problems(date(2026, 5, 4), date(2026, 5, 4), time(10), time(12))
    {'ends': 'courier_window'}
    """
    problems: dict[str, str] = {}
    if not today <= day <= today + timedelta(days=MOST_DAYS):
        problems["day"] = "courier_day"
    hours = timedelta(hours=ends.hour - begins.hour, minutes=ends.minute - begins.minute)
    if hours < LEAST_HOURS:
        problems["ends"] = "courier_window"
    return problems
