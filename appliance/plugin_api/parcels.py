"""Parcels as carriers' plugins see them: what they are asked for, and what they report.

A question of a page carries towns, weights and sums, never a person: whom a parcel goes to is
handed over by `core.parcels.get` alone, and written down. Money is kopecks, weight grams, sizes
millimetres, times aware UTC.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from appliance.domain.personal import Personal

MOST_STEPS: Final = 200
MOST_OPEN: Final = 200
MOST_POINTS: Final = 5000
MOST_LABEL: Final = 10 << 20

Gives = Literal["door", "point", "locker", "shop"]
"""Where the buyer gets it: at home, at an office, from a locker, at our own shop."""
State = Literal[
    "draft",
    "registered",
    "accepted",
    "in_transit",
    "out_for_delivery",
    "ready_for_pickup",
    "delivered",
    "attempt_failed",
    "returning",
    "returned",
    "lost",
    "cancelled",
    "error",
]
"""Neutral states; `domain.parcels.State` says what each means."""


class _Message(msgspec.Struct, frozen=True):
    """Unknown fields are ignored: a newer box may say more."""


class Done(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """An answer that says only that it was taken."""


class Box(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """One package; zero sizes: nobody measured it."""

    grams: int
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0


# --- questions of a page ---


class QuoteAsked(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """What would it cost, and how long would it take.

    Attributes:
        shop: code of the order's shop, for plugins whose accounts differ by it.
        city, index: of the buyer; one of them may be empty.
        declared: what the goods are worth.
        cod: to be collected on delivery.
    """

    shop: str = ""
    city: str = ""
    index: str = ""
    country: str = "RU"
    box: Box
    declared: int = 0
    cod: int = 0


class Offer(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """One tariff.

    Attributes:
        account: whose, where the plugin has several.
        tariff: the carrier's code.
        cost: what the carrier asks of us, VAT in it.
        points: a point has to be chosen (`carrier.points`).
        windows: hours of the courier to choose from, `10:00-14:00`.
        way: code of the box's way of delivery that orders of this tariff get; empty: by `gives`.
    """

    account: str = ""
    tariff: str
    name: str
    gives: Gives
    cost: int
    days_min: int = 0
    days_max: int = 0
    points: bool = False
    windows: tuple[str, ...] = ()
    way: str = ""


class Offers(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """All tariffs that fit.

    Attributes:
        trouble: a code of the plugin's texts where there is none: `city_unknown`.
    """

    offers: tuple[Offer, ...] = ()
    trouble: str = ""


class PointsAsked(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Pick-up points of a town."""

    account: str = ""
    city: str = ""
    index: str = ""
    country: str = "RU"


class Point(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """A pick-up point.

    Attributes:
        hours: in words, in the point's own zone.
        grams: the most it takes; zero: not said.
    """

    code: str
    kind: Gives = "point"
    name: str = ""
    address: str
    hours: str = ""
    metro: str = ""
    cash: bool = True
    card: bool = True
    grams: int = 0


class Points(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Points of the town, at most `MOST_POINTS`."""

    points: tuple[Point, ...] = ()


# --- the parcel ---


class ParcelAsked(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """A parcel by id, or by the number it has at the carrier.

    Attributes:
        id: of the parcel; None: `number` says which.
        number: `carrier_id` or `own_number`.
        fields, purpose: of the buyer, as in `OrdersAsked`.
    """

    id: UUID | None = None
    number: str = ""
    fields: tuple[str, ...] = ()
    purpose: str = ""


class Item(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """What lies in it; `price` is what one piece costs the buyer, its discounts taken off."""

    sku: str
    name: str
    quantity_milli: int
    price: int
    grams: int = 0
    vat_rate: str = ""


class Address(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Where to; `text` is all of it on one line."""

    index: str = ""
    region: str = ""
    city: str = ""
    street: str = ""
    house: str = ""
    flat: str = ""
    text: str = ""


class Parcel(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """A parcel as it is wanted now.

    Attributes:
        own_number: ours, unique in the box for ever: the key by which a request that may have
            been made already is looked up before it is made again.
        state, deed: where it stands, and what is wished of it (empty: nothing). A wish that
            comes late must look at both first.
        carrier_id: the carrier's id of the request, once it was reported.
        city, index: the town it goes to; street and house come with `address`.
        withheld: the buyer's fields were asked for and may not be handed out.
    """

    id: UUID
    number: int
    own_number: str
    order_id: UUID
    order_number: int
    shop: str = ""
    account: str = ""
    tariff: str
    gives: Gives
    point: str = ""
    state: str
    deed: str = ""
    carrier_id: str = ""
    track: str = ""
    box: Box
    items: tuple[Item, ...] = ()
    declared: int = 0
    cod: int = 0
    buyer_pays: int = 0
    day: str = ""
    window: str = ""
    comment: str = ""
    withheld: bool = False
    name: Personal[str] | None = None
    phone: Personal[str] | None = None
    email: Personal[str] | None = None
    address: Personal[Address] | None = None


class Found(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Those that were found."""

    parcels: tuple[Parcel, ...] = ()


class Report(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a request. None leaves a field alone; repeating a report changes nothing.

    Attributes:
        done: the deed that is done with, well or badly: `book`, `cancel`, `label`.
        state: `draft` (the carrier thinks), `registered`, `error`, `cancelled`.
        trouble: a code of the plugin's texts: why it was refused; empty takes it away.
        track_url: page of the carrier's where the buyer follows it.
        billed: what the carrier took of us.
        point: the office that it goes to indeed: another than was asked for becomes a task.
    """

    id: UUID
    done: str = ""
    state: State | None = None
    trouble: str | None = None
    carrier_id: str | None = None
    track: str | None = None
    track_url: str | None = None
    billed: int | None = None
    point: str | None = None
    point_name: str = ""


class Step(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """One step of a parcel's way.

    Attributes:
        code: the carrier's own.
        state: None: nobody knows that code: the parcel stays where it is.
        at: when it happened there.
        place: a town or office, never an address of a person.
        taken_back: the carrier deleted it.
    """

    code: str
    at: datetime
    state: State | None = None
    place: str = ""
    reason: str = ""
    taken_back: bool = False


class Steps(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Steps of one parcel, in any order; those that are known already are dropped."""

    id: UUID
    steps: tuple[Step, ...]


class Stepped(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """How many were new, and where the parcel stands after them."""

    new: int
    state: str


class OpenAsked(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Parcels that the carrier still has to do with, by number, ascending.

    Attributes:
        account: of one account only; empty: of all.
        after: number of the last one seen.
    """

    account: str = ""
    after: int = 0
    limit: int = 100


class Label(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """A label to print, once per kind: the same again takes the old one's place."""

    id: UUID
    body: bytes
    media: str = "application/pdf"


class Parcels:
    """`core.parcels`: questions of this subject."""

    def __init__(self, call: Callable[[str, msgspec.Struct], Awaitable[Any]]) -> None:
        self._call = call

    async def get(
        self,
        parcel_id: UUID | None = None,
        *,
        number: str = "",
        fields: Sequence[str] = (),
        purpose: str = "",
    ) -> Parcel | None:
        """One parcel of the plugin's, as it is wanted now; None: there is none.

        Args:
            parcel_id: of a wish.
            number: instead: the carrier's id, or our own number.
            fields: of the buyer, as granted: each hand-over is written down.
            purpose: `delivery`.
        """
        asked = ParcelAsked(id=parcel_id, number=number, fields=tuple(fields), purpose=purpose)
        found: Found = await self._call("parcels_get", asked)
        return found.parcels[0] if found.parcels else None

    async def open(self, account: str = "", after: int = 0, limit: int = 100) -> tuple[Parcel, ...]:
        """Parcels on their way, without their buyers; ask again from the last one's number."""
        found: Found = await self._call(
            "parcels_open", OpenAsked(account=account, after=after, limit=limit)
        )
        return found.parcels

    async def report(self, report: Report) -> None:
        """Say what became of a request."""
        await self._call("parcels_report", report)

    async def steps(self, parcel_id: UUID, steps: Sequence[Step]) -> Stepped:
        """Tell the steps of a parcel; repeating is safe, and so is any order."""
        return await self._call("parcels_steps", Steps(id=parcel_id, steps=tuple(steps)))

    async def label(self, parcel_id: UUID, body: bytes, media: str = "application/pdf") -> None:
        """Keep the label that the carrier made, sealed under the buyer's key."""
        await self._call("parcels_label", Label(id=parcel_id, body=body, media=media))
