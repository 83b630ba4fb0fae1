"""What a buyer sees of his order without signing in, and what he may write there."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from appliance.domain.personal import Personal
from appliance.domain.references import StatusGroup
from appliance.domain.statuses import CANCEL_GROUP

SETTING: Final = "buyer_page"
MOST_WORDS: Final = 2_000
"""Characters of one message: a page and a half; a longer one is a letter."""

LONGEST_TERM: Final = 365
"""Days a link may live: the longest guarantee that an order is asked about is a year."""


class BuyerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Setting `buyer_page`.

    Attributes:
        days: how long a link leads to the order.
        messages_a_day: how many messages of a day one order takes from its buyer.
        answer_hours: until when the manager is asked to answer.
        tells: codes of status groups whose beginning is told to the buyer by e-mail.
    """

    days: int = 60
    messages_a_day: int = 20
    answer_hours: int = 2
    tells: tuple[str, ...] = ()

    @property
    def term(self) -> timedelta:
        """How long a link lives."""
        return timedelta(days=self.days)


class BuyerLine(msgspec.Struct, frozen=True, kw_only=True):
    """One position, kopecks and thousandths."""

    name: str
    quantity_milli: int
    total: int


class BuyerStep(msgspec.Struct, frozen=True):
    """One step of the way; `state` is done, now or empty."""

    name: str
    state: str


class BuyerWord(msgspec.Struct, frozen=True, kw_only=True):
    """One message between the buyer and the shop."""

    at: datetime
    mine: bool
    text: Personal[str]


class ParcelStep(msgspec.Struct, frozen=True):
    """One step of the parcel's way: where it was and when."""

    state: str
    place: str
    at: datetime


class BuyerParcel(msgspec.Struct, frozen=True, kw_only=True):
    """What carries the order, as its buyer sees it.

    Attributes:
        point: pick-up point, name and address; empty for a door.
        url: page of the carrier's where the track can be followed.
        steps: newest first; unknown ones are left out.
    """

    carrier: str
    gives: str
    point: str
    track: str
    url: str
    state: str
    days_min: int
    days_max: int
    steps: tuple[ParcelStep, ...]


class BuyerPage(msgspec.Struct, frozen=True, kw_only=True):
    """An order as its buyer sees it: of himself nothing but the first name.

    Attributes:
        order_id: for the stream of changes; never printed.
        cancelled: the steps say nothing then.
        stamp: differs whenever the page does.
        parcel: None where no carrier was asked.
        pay_url: where the buyer pays `pay_amount`; empty where no link waits.
    """

    order_id: UUID
    number: int
    shop: str
    first_name: Personal[str]
    status: str
    tone: str
    shape: str
    steps: tuple[BuyerStep, ...]
    cancelled: bool
    created_at: datetime
    delivery: str
    delivery_date: date | None
    delivery_from: str
    delivery_to: str
    delivered_at: datetime | None
    track_number: str
    lines: tuple[BuyerLine, ...]
    goods_total: int
    discount_total: int
    delivery_cost: int
    total: int
    paid_total: int
    words: tuple[BuyerWord, ...]
    stamp: str
    parcel: BuyerParcel | None = None
    pay_url: str = ""
    pay_amount: int = 0


class LinkView(msgspec.Struct, frozen=True, kw_only=True):
    """A link as the order's card lists it."""

    id: UUID
    made_by: int
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    opened_at: datetime | None

    def works(self, now: datetime) -> bool:
        """Whether it still leads to the order."""
        return self.revoked_at is None and now < self.expires_at


def steps_of(groups: Sequence[StatusGroup], here: str) -> tuple[BuyerStep, ...]:
    """The way of an order by groups of statuses, in their order.

    >>> one = StatusGroup(code="new", name="Новый", position=1, process=True)
    >>> steps_of([one], "new")
    (BuyerStep(name='Новый', state='now'),)
    """
    shown = [one for one in groups if one.code != CANCEL_GROUP and one.active]
    codes = [one.code for one in shown]
    place = codes.index(here) if here in codes else -1
    return tuple(
        BuyerStep(one.name, "done" if at < place else "now" if at == place else "")
        for at, one in enumerate(shown)
    )
