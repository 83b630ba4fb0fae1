"""Parcels: the rows, their steps, and how a card shows them. Who gets one stands on its order."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.domain.parcels import (
    ASKED,
    FINAL,
    Choice,
    Fact,
    Gives,
    Good,
    Package,
    ParcelView,
    State,
    StepView,
    settled,
)
from appliance.errors import Conflict, NotFound
from appliance.storage import counters
from appliance.storage.orders import Order
from appliance.storage.statements import any_of, execute, fetch, fetch_one, insert, insert_many
from appliance.storage.tables import ParcelRow, ParcelStepRow
from appliance.storage.tx import Tx

MOST_SHOWN = 20
"""Parcels of one order on its card; an order with more was never seen."""


class Parcel(NamedTuple):
    """A parcel as stored; kopecks, grams, millimetres."""

    id: UUID
    number: int
    version: int
    order_id: UUID
    shipment_id: UUID | None
    plugin: str
    account: str
    carrier: str
    own_number: str
    tariff: str
    tariff_name: str
    gives: str
    point: str
    point_name: str
    state: str
    base_state: str
    deed: str
    trouble: str
    stale: bool
    carrier_id: str
    track: str
    track_url: str
    grams: int
    length_mm: int
    width_mm: int
    height_mm: int
    declared: int
    cod: int
    buyer_pays: int
    quoted: int
    billed: int | None
    days_min: int
    days_max: int
    day: date | None
    hours: str
    label: UUID | None
    created_at: datetime
    updated_at: datetime

    @property
    def is_asked(self) -> bool:
        """Whether a request stands at the carrier, as far as the box knows."""
        return State(self.state) in ASKED


_COLUMNS = ", ".join(Parcel._fields)
_SELECT = f"SELECT {_COLUMNS} FROM parcel WHERE "


async def by_id(parcel_id: UUID) -> Parcel | None:
    """A parcel by id."""
    row = await fetch_one(_SELECT + "id = {}", parcel_id)
    return None if row is None else Parcel(*row)


async def by_number(number: int) -> Parcel:
    """A parcel by the number for people.

    Raises:
        NotFound: `parcel_not_found`.
    """
    row = await fetch_one(_SELECT + "number = {}", number)
    if row is None:
        raise NotFound("parcel_not_found")
    return Parcel(*row)


async def by_carrier(plugin: str, number: str) -> Parcel | None:
    """A plugin's parcel by the carrier's id, or by our own number."""
    for column in ("carrier_id", "own_number"):
        row = await fetch_one(
            f"{_SELECT}{column} = {{}} AND plugin = {{}} ORDER BY number DESC LIMIT 1",
            number,
            plugin,
        )
        if row is not None:
            return Parcel(*row)
    return None


async def live_of(order_id: UUID) -> Parcel | None:
    """The newest parcel of an order that was not given up: the one a card speaks of."""
    row = await fetch_one(
        _SELECT + "order_id = {} AND state NOT IN {} ORDER BY number DESC LIMIT 1",
        order_id,
        any_of([State.CANCELLED.value]),
    )
    return None if row is None else Parcel(*row)


async def of_order(order_id: UUID) -> list[Parcel]:
    """All parcels of an order, newest first."""
    rows = await fetch(
        _SELECT + "order_id = {} ORDER BY number DESC LIMIT {}", order_id, MOST_SHOWN
    )
    return [Parcel(*row) for row in rows]


async def open_of(plugin: str, account: str, after: int, limit: int) -> list[Parcel]:
    """Parcels of a plugin that the carrier has to do with, by number."""
    accounts = [account] if account else ["", "main"]
    any_account = not account
    rows = await fetch(
        _SELECT + "plugin = {} AND state IN {} AND number > {} AND (account IN {} OR {}) "
        "ORDER BY number LIMIT {}",
        plugin,
        any_of([one.value for one in ASKED]),
        after,
        any_of(accounts),
        any_account,
        limit,
    )
    return [Parcel(*row) for row in rows]


async def add(tx: Tx, order: Order, choice: Choice) -> Parcel:
    """Write down what was chosen; nobody is asked for anything yet."""
    number = await counters.draw("parcel")
    made = Parcel(
        id=uuid7(),
        number=number,
        version=1,
        order_id=order.id,
        shipment_id=None,
        # Ours for ever and unique: a carrier knows the request again by it.
        own_number=f"{order.number}-{number}",
        state=State.CHOSEN.value,
        base_state=State.CHOSEN.value,
        deed="",
        trouble="",
        stale=False,
        carrier_id="",
        track="",
        track_url="",
        billed=None,
        label=None,
        created_at=tx.now,
        updated_at=tx.now,
        **chosen(order, choice),
    )
    await insert(ParcelRow, **made._asdict())
    tx.concern("order", order.id)
    return made


def chosen(order: Order, choice: Choice) -> dict[str, Any]:
    """Columns that a choice decides."""
    return {
        "plugin": choice.plugin,
        "account": choice.account,
        "carrier": choice.carrier[:100],
        "tariff": choice.tariff,
        "tariff_name": choice.tariff_name[:200],
        "gives": choice.gives.value,
        "point": choice.point,
        "point_name": choice.point_name[:500],
        "grams": choice.package.grams,
        "length_mm": choice.package.length_mm,
        "width_mm": choice.package.width_mm,
        "height_mm": choice.package.height_mm,
        "declared": max(order.goods_total - order.discount_total, 0),
        "cod": choice.cod,
        "buyer_pays": choice.buyer_pays,
        "quoted": choice.quoted,
        "days_min": choice.days_min,
        "days_max": choice.days_max,
        "day": choice.date,
        "hours": choice.window[:16],
    }


async def change(tx: Tx, parcel: Parcel, **columns: Any) -> Parcel:
    """Change a parcel; nothing is written where nothing differs.

    Raises:
        Conflict: `parcel_changed` by somebody else meanwhile.
    """
    differing = {key: value for key, value in columns.items() if getattr(parcel, key) != value}
    if not differing:
        return parcel
    values = {**differing, "version": parcel.version + 1, "updated_at": tx.now}
    marks = ", ".join(f"{name} = {{}}" for name in values)
    done = await execute(
        f"UPDATE parcel SET {marks} WHERE id = {{}} AND version = {{}}",
        *values.values(),
        parcel.id,
        parcel.version,
    )
    if not done:
        raise Conflict("parcel_changed", number=parcel.number)
    tx.concern("order", parcel.order_id)
    return parcel._replace(**values)


class Told(NamedTuple):
    """A step that a carrier told; `state` is empty for a code nobody knows."""

    code: str
    at: datetime
    state: str
    place: str
    reason: str
    taken_back: bool


async def tell(tx: Tx, parcel: Parcel, steps: Sequence[Told]) -> tuple[int, State]:
    """Keep steps that are not known yet; how many, and the state that follows from all of them."""
    rows = await fetch(
        "SELECT code, at, taken_back FROM parcel_step WHERE parcel_id = {}", parcel.id
    )
    known = {(row[0], row[1]): bool(row[2]) for row in rows}
    fresh: dict[tuple[str, datetime], Told] = {}
    withdrawn: list[Told] = []
    for one in steps:
        key = (one.code, one.at)
        if key not in known:
            if key not in fresh or one.taken_back:
                fresh[key] = one
        elif one.taken_back and not known[key]:
            withdrawn.append(one)
    await insert_many(
        ParcelStepRow,
        [{"parcel_id": parcel.id, "told_at": tx.now, **one._asdict()} for one in fresh.values()],
    )
    for one in withdrawn:
        await execute(
            "UPDATE parcel_step SET taken_back = {} WHERE parcel_id = {} AND code = {} AND at = {}",
            True,
            parcel.id,
            one.code,
            one.at,
        )
    return len(fresh) + len(withdrawn), await state_of(parcel)


async def state_of(parcel: Parcel) -> State:
    """The state that follows from what is known of a parcel and from its steps."""
    rows = await fetch(
        "SELECT state, at, taken_back FROM parcel_step WHERE parcel_id = {}", parcel.id
    )
    facts = [Fact(State(row[0]) if row[0] else None, row[1], bool(row[2])) for row in rows]
    return settled(State(parcel.base_state), facts)


async def views(order_ids: Iterable[UUID]) -> dict[UUID, tuple[ParcelView, ...]]:
    """Parcels of orders with their steps, newest first, in two statements."""
    rows = await fetch(_SELECT + "order_id IN {} ORDER BY number DESC", any_of(list(order_ids)))
    if not rows:
        return {}
    steps: dict[UUID, list[StepView]] = {}
    for parcel_id, at, state, code, place, reason in await fetch(
        "SELECT parcel_id, at, state, code, place, reason FROM parcel_step "
        "WHERE parcel_id IN {} AND taken_back = {} ORDER BY at DESC",
        any_of([row[0] for row in rows]),
        False,
    ):
        steps.setdefault(parcel_id, []).append(
            StepView(at=at, state=state, code=code, place=place, reason=reason)
        )
    found: dict[UUID, list[ParcelView]] = {}
    for one in (Parcel(*row) for row in rows):
        found.setdefault(one.order_id, []).append(view(one, steps.get(one.id, [])))
    return {key: tuple(many[:MOST_SHOWN]) for key, many in found.items()}


def view(one: Parcel, steps: Sequence[StepView] = ()) -> ParcelView:
    """A parcel for a card."""
    return ParcelView(
        id=one.id,
        number=one.number,
        own_number=one.own_number,
        plugin=one.plugin,
        carrier=one.carrier or one.plugin,
        tariff_name=one.tariff_name,
        gives=Gives(one.gives),
        point=one.point,
        point_name=one.point_name,
        state=State(one.state),
        deed=one.deed,
        trouble=one.trouble,
        stale=one.stale,
        track=one.track,
        track_url=one.track_url,
        package=Package(
            grams=one.grams,
            length_mm=one.length_mm,
            width_mm=one.width_mm,
            height_mm=one.height_mm,
        ),
        buyer_pays=one.buyer_pays,
        quoted=one.quoted,
        billed=one.billed,
        cod=one.cod,
        days_min=one.days_min,
        days_max=one.days_max,
        date=one.day,
        window=one.hours,
        label=one.label,
        created_at=one.created_at,
        steps=tuple(steps),
    )


async def labelled(order_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Order → number of its parcel that has a label; the newest one."""
    if not order_ids:
        return {}
    rows = await fetch(
        "SELECT order_id, number FROM parcel WHERE order_id IN {} AND label IS NOT NULL "
        "AND state NOT IN {} ORDER BY number",
        any_of(list(order_ids)),
        any_of([State.CANCELLED.value, State.ERROR.value]),
    )
    return dict(rows)


async def goods_of(order_id: UUID) -> list[Good]:
    """What an order's lines weigh and measure, line by line."""
    rows = await fetch(
        "SELECT l.quantity_milli, v.weight_grams, v.length_mm, v.width_mm, v.height_mm "
        "FROM order_line l LEFT JOIN variant v ON v.id = l.variant_id WHERE l.order_id = {}",
        order_id,
    )
    return [Good(row[0], *(value or 0 for value in row[1:])) for row in rows]


async def forget(parcel: Parcel) -> None:
    """Delete a choice that nobody was asked for."""
    await execute(
        "DELETE FROM parcel WHERE id = {} AND state IN {}",
        parcel.id,
        any_of([State.CHOSEN.value, State.ERROR.value]),
    )


def is_over(parcel: Parcel) -> bool:
    """Whether nothing more comes of it."""
    return State(parcel.state) in FINAL
