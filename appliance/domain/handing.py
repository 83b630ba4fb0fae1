"""Handing parcels over to their carrier: what waits, and when his courier may come."""

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Final
from uuid import UUID

import msgspec

MOST_DAYS: Final = 31
"""Ahead: CDEK takes no later call, nobody needs one."""
LEAST_HOURS: Final = timedelta(hours=3)
"""Carriers come within a window no shorter than this."""


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel that its carrier has registered and does not have yet.

    Attributes:
        is_printing: its label is asked for.
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
