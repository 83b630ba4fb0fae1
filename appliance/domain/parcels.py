"""Parcels: what a carrier carries for an order, how far it came, and what it costs.

Money is kopecks, weight grams, sizes millimetres. The states are neutral; what a carrier calls
them is kept beside, in its steps.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.personal import Personal

SETTING: Final = "parcels"
MOST_GRAMS: Final = 1_500_000
"""One and a half tons: no carrier of parcels takes more in one place."""
MOST_MM: Final = 10_000
BUCKET_GRAMS: Final = 100
BUCKET_MM: Final = 50
"""Prices are kept for parcels that differ by less."""


class State(StrEnum):
    """Where a parcel stands, whoever carries it."""

    CHOSEN = "chosen"  # a tariff was chosen; nobody was asked
    DRAFT = "draft"  # asked of the carrier, who has not answered yet
    REGISTERED = "registered"
    ACCEPTED = "accepted"  # the carrier has it
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERED = "delivered"
    ATTEMPT_FAILED = "attempt_failed"
    RETURNING = "returning"
    RETURNED = "returned"
    LOST = "lost"
    CANCELLED = "cancelled"
    ERROR = "error"  # the carrier refused the request: to be mended and made again


FINAL: Final = frozenset({State.DELIVERED, State.RETURNED, State.LOST, State.CANCELLED})
"""A parcel never leaves these, unless the carrier takes the step itself back."""
BEFORE: Final = frozenset({State.CHOSEN, State.DRAFT, State.REGISTERED, State.ERROR})
"""The carrier does not have it yet: a request can still be cancelled."""
ASKED: Final = frozenset(State) - FINAL - {State.CHOSEN, State.ERROR}
"""A request stands at the carrier."""


class Gives(StrEnum):
    """Where the buyer gets it."""

    DOOR = "door"
    POINT = "point"
    LOCKER = "locker"
    SHOP = "shop"  # the buyer comes to us


class Deed(StrEnum):
    """What is wished of the carrier's plugin."""

    BOOK = "book"
    CANCEL = "cancel"
    LABEL = "label"
    REFUSE = "refuse"  # the carrier has it already and is to bring it back


class Fact(NamedTuple):
    """One step as far as the state depends on it; `state` is None for a code nobody knows."""

    state: State | None
    at: datetime
    taken_back: bool = False


def settled(known: State, facts: Iterable[Fact]) -> State:
    """The state that follows from all steps: the event's time decides, not its arrival.

    A final step stands whatever comes behind it; one that the carrier took back counts for
    nothing. What the box or the plugin itself knows (a cancelled request) is not undone by steps.

    >>> from datetime import UTC, datetime
    >>> at = [datetime(2026, 5, day, tzinfo=UTC) for day in (1, 2, 3)]
    >>> late = [Fact(State.DELIVERED, at[2]), Fact(State.IN_TRANSIT, at[1])]
    >>> settled(State.REGISTERED, late)
    <State.DELIVERED: 'delivered'>
    """
    if known is State.CANCELLED:
        return known
    counted = sorted(
        (one for one in facts if one.state is not None and not one.taken_back),
        key=lambda one: one.at,
    )
    if not counted:
        return known if known not in FINAL else State.REGISTERED
    final = next((one.state for one in counted if one.state in FINAL), None)
    return final or counted[-1].state or known


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """One box: grams and millimetres."""

    grams: int
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0

    @property
    def bucket(self) -> tuple[int, ...]:
        """Parcels of one bucket are asked for once."""
        sizes = sorted((self.length_mm, self.width_mm, self.height_mm))
        return (
            -(-self.grams // BUCKET_GRAMS),
            *(-(-one // BUCKET_MM) for one in sizes),
        )


class ParcelSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Setting `parcels`: what a piece weighs and measures where its good does not say.

    Attributes:
        grams: of one piece.
        tare_grams: of the box around the goods.
    """

    grams: int = 500
    tare_grams: int = 100
    length_mm: int = 250
    width_mm: int = 180
    height_mm: int = 100


class Good(NamedTuple):
    """A line as far as packing goes; zeros where nobody weighed or measured it."""

    quantity_milli: int
    grams: int = 0
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0


def packed(goods: Sequence[Good], usual: ParcelSettings) -> Package:
    """A guess at the parcel: goods on top of one another, flat; a person may correct it.

    >>> packed([Good(2000, 300, 200, 100, 50)], ParcelSettings(tare_grams=0))
    Package(grams=600, length_mm=200, width_mm=100, height_mm=100)
    """
    grams, sizes = usual.tare_grams, [0, 0, 0]
    for one in goods:
        pieces = max(-(-one.quantity_milli // 1000), 0)
        grams += (one.grams or usual.grams) * one.quantity_milli // 1000
        own = (one.length_mm, one.width_mm, one.height_mm)
        if all(own):
            long, wide, high = sorted(own, reverse=True)
            sizes = [max(sizes[0], long), max(sizes[1], wide), sizes[2] + high * pieces]
    if not all(sizes):
        sizes = [usual.length_mm, usual.width_mm, usual.height_mm]
    length, width, height = (min(one, MOST_MM) for one in sizes)
    return Package(
        grams=min(max(grams, 1), MOST_GRAMS), length_mm=length, width_mm=width, height_mm=height
    )


class Town(msgspec.Struct, frozen=True, kw_only=True):
    """Where a parcel goes, without street or house."""

    city: str = ""
    index: str = ""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A tariff of a carrier for an order, as somebody chose it.

    Attributes:
        plugin, account: whose tariff; `carrier` is what people call it.
        buyer_pays: what the order's delivery costs the buyer; zero: at our expense.
        quoted: what the carrier asks of us.
        cod: to be collected on delivery; zero: nothing.
        point, point_name: of the pick-up point, empty for a door.
        town: where it goes; kept in the order's address.
        window: hours of the carrier's courier, `10:00-14:00`.
        way: code of the box's way of delivery; empty: by where the buyer gets it.
    """

    plugin: str
    account: str = ""
    carrier: str = ""
    tariff: str
    tariff_name: str = ""
    gives: Gives = Gives.DOOR
    point: str = ""
    point_name: str = ""
    package: Package
    quoted: int = 0
    buyer_pays: int = 0
    cod: int = 0
    days_min: int = 0
    days_max: int = 0
    date: "date | None" = None
    window: str = ""
    way: str = ""
    town: Personal[Town] | None = None


_AROUND: Final = re.compile(r"\b(обл|область|край|респ|республика|район|р-н|россия|рф)\b\.?", re.I)
_TOWN: Final = re.compile(r"^(?:г|город|пос|п|с|д|пгт|ст)\.?\s+", re.I)
_INDEX: Final = re.compile(r"\b\d{6}\b")


def town_of(city: str, index: str, text: str) -> Town:
    """The town of an address: its own fields, else what its one line seems to say.

    >>> town_of("", "", "140180, Московская обл., г. Жуковский, ул. Гагарина, 2")
    Town(city='Жуковский', index='140180')
    """
    found = _INDEX.search(text)
    index = index or (found[0] if found else "")
    if city:
        return Town(city=city, index=index)
    parts = [one.strip() for one in _INDEX.sub("", text).split(",")]
    parts = [one for one in parts if one and not _AROUND.search(one)]
    named = next((one for one in parts if _TOWN.match(one)), parts[0] if parts else "")
    return Town(city=_TOWN.sub("", named), index=index)


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """One step; `state` is empty for a code nobody knows, `code` is the carrier's own."""

    at: datetime
    state: str
    code: str
    place: str = ""
    reason: str = ""


class ParcelView(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel as a card shows it."""

    id: UUID
    number: int
    own_number: str
    plugin: str
    carrier: str
    tariff_name: str
    gives: Gives
    point: str
    point_name: str
    state: State
    deed: str
    trouble: str
    stale: bool
    track: str
    track_url: str
    package: Package
    buyer_pays: int
    quoted: int
    billed: int | None
    cod: int
    days_min: int
    days_max: int
    date: "date | None"
    window: str
    label: UUID | None
    created_at: datetime
    steps: tuple[StepView, ...] = ()


class ParcelDesk(msgspec.Struct, frozen=True, kw_only=True):
    """What the window of carriers begins with.

    Attributes:
        town: None where the role may not see addresses: it is typed in.
        cod: what the buyer still has to pay, if he pays on delivery.
        live: the parcel that stands; a new choice takes its place.
    """

    order_id: UUID
    order_number: int
    version: int
    package: Package
    town: Personal[Town] | None
    total: int
    goods_total: int
    left: int
    cod: int
    shop: str
    delivery_cost: int
    live: ParcelView | None
