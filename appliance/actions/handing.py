"""Handing parcels over to their carriers: what waits, whose papers were taken, who was called."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from appliance.actions import _fulfilment, _handing_act, _typesetting
from appliance.actions._gate import action
from appliance.actions.dispatch import READY
from appliance.domain.access import Actor
from appliance.domain.events import ServiceWished
from appliance.domain.handing import Given, Load, Scanned, call_problems, load_of, loads, the_one
from appliance.domain.orders import OrderSelector
from appliance.domain.parcels import Deed
from appliance.errors import Conflict, Invalid, NotFound
from appliance.plugin_api.handing import MOST_HANDED
from appliance.roles import Permission
from appliance.storage import handing, legal_entities, orders, picking, references
from appliance.storage.statements import savepoint
from appliance.storage.tx import Tx

MOST_DIGITS = 11
"""Of an order's number: what is longer is a carrier's."""


class Standing(NamedTuple):
    """The page of carriers: what waits, and what they were given."""

    loads: tuple[Load, ...]
    given: tuple[Given, ...]


class Gone(NamedTuple):
    """What a carrier was given; orders whose goods the stock lacks (`stuck`) stay as they are."""

    given: Given
    stuck: tuple[int, ...]


@action(Permission.PARCEL_BOOK, reads=True, quiet=True)
async def waiting(tx: Tx, plugins: Sequence[str], since: datetime) -> Standing:
    """What waits for these carriers, by account, and what they were given since then."""
    return Standing(
        loads(await handing.waiting(tx, plugins)),
        tuple(await handing.given(tx, plugins, since)),
    )


@action(Permission.DISPATCH)
async def scan(tx: Tx, code: str) -> Scanned:
    """Put a parcel among those that are handed over next, by its label or its order's number.

    One that lies there already is given with `is_laid`.

    Raises:
        Invalid: `handing_unknown`; `handing_off`, `handing_gone`, `handing_unasked` and
            `handing_given` with its order's number.
    """
    code = code.strip()
    digits = code.replace("-", "")
    plain = digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS
    found = the_one(await handing.scanned(tx, code, int(digits) if plain else 0))
    if found is None:
        raise Invalid("handing_unknown", fields={"code": "handing_unknown"})
    if found.refusal:
        raise Invalid(found.refusal, number=found.order_number)
    tx.about("parcel", found.id)
    if not found.is_laid:
        await handing.lay(tx, found, laid=True)
    return found


@action(Permission.DISPATCH)
async def lay(tx: Tx, number: int, *, laid: bool) -> Scanned:
    """Put a parcel among those that are handed over next without a scanner, or take it out.

    Raises:
        NotFound: `parcel_not_found`.
        Invalid: as of `scan`.
    """
    found = await handing.numbered(tx, number)
    if found is None:
        raise NotFound("parcel_not_found")
    if found.refusal:
        raise Invalid(found.refusal, number=found.order_number)
    tx.about("parcel", found.id)
    if found.is_laid is not laid:
        await handing.lay(tx, found, laid=laid)
    return found


@action(Permission.DISPATCH)
async def give(tx: Tx, plugin: str, account: str) -> Gone:
    """Note that a carrier has what was scanned for him, else all that waits for one account.

    Packed orders go the way they go from the warehouse's board: goods off the stock, the order on
    its way. At most a hundred parcels at once.

    Raises:
        NotFound: `nothing_to_hand`.
    """
    load = await _load(tx, plugin, account)
    await handing.give(tx, load.parcels)
    lists = await references.lists()
    stuck: list[int] = []
    for number in dict.fromkeys(one.order_number for one in load.parcels):
        order = await orders.get(tx, OrderSelector(number=number))
        if order.status != READY or not await picking.packed(order.id):
            continue
        before = len(tx.events)
        try:
            async with savepoint():
                await _fulfilment.hand_over(tx, lists, order)
        except Invalid:
            # The parcel is with the carrier whatever the books say: people settle it on the board.
            tx.unemit(before)
            stuck.append(number)
    gone = Given(
        plugin=plugin,
        account=account,
        carrier=load.carrier,
        at=tx.now,
        parcels=len(load.parcels),
    )
    return Gone(gone, tuple(stuck))


@action(Permission.DISPATCH)
async def take_back(tx: Tx, given: Given) -> int:
    """Undo `give`: parcels that their carrier has not scanned wait again, with their orders.

    Returns:
        how many.

    Raises:
        Conflict: `handing_accepted`: the carrier has them all, or somebody undid it before.
    """
    found = await handing.take_back(tx, given)
    if not found:
        raise Conflict("handing_accepted")
    tx.object_type = "parcel"
    tx.payload = {"plugin": given.plugin, "orders": [number for _, number in found]}
    lists = await references.lists()
    for order_id in await picking.handed_at([order_id for order_id, _ in found], given.at):
        order = await orders.get(tx, OrderSelector(id=order_id))
        if lists.group_of(order.status) == "delivery":
            await _fulfilment.bring_back(tx, lists, order, READY)
            await picking.note(order.id, handed_at=None)
    return len(found)


@action(Permission.PARCEL_BOOK, reads=True)
async def act_of(tx: Tx, plugin: str, account: str, at: datetime | None) -> _handing_act.Act:
    """What the act says: of one that is being handed over, or (`at`) was."""
    if at is None:
        load = await _load(tx, plugin, account)
    else:
        known = Given(plugin=plugin, account=account, carrier="", at=at, parcels=0)
        load = load_of(await handing.listed(tx, known))
    if not load.parcels:
        raise NotFound("nothing_to_hand")
    ours = [one for one in await legal_entities.list_all(tx) if one.active]
    # Which of several companies a parcel is of, its carrier's contract says, not the box.
    name = ours[0].parts.full_name or ours[0].parts.name if len(ours) == 1 else ""
    return _handing_act.Act(load=load, at=at or tx.now, sender=name)


async def act(
    actor: Actor, plugin: str, account: str, at: datetime | None, zone: ZoneInfo
) -> bytes:
    """The act of handing over as PDF: numbers and weights, nobody's name.

    Args:
        actor: who hands over.
        plugin: of the carrier.
        account: of it.
        at: when it was handed over; None: what is handed over next.
        zone: of the box.

    Raises:
        NotFound: `nothing_to_hand`.
        Unavailable: `printing_failed`.
    """
    return await _typesetting.drawn(
        _handing_act.sheet(await act_of(actor, plugin, account, at), zone)
    )


@action(Permission.PARCEL_BOOK)
async def take_papers(tx: Tx, plugin: str, account: str) -> Load:
    """Take the papers of what was scanned, else of all that waits; at most a hundred parcels.

    They name everybody in them, so who took them is written down.

    Raises:
        NotFound: `nothing_to_hand`.
    """
    return await _load(tx, plugin, account)


@action(Permission.PARCEL_BOOK)
async def want_labels(tx: Tx, plugin: str, account: str) -> int:
    """Have the carrier make every label that is missing; they come by themselves. How many.

    Raises:
        NotFound: `nothing_to_hand`.
    """
    wanted = (await _load(tx, plugin, account, whole=True)).unlabelled
    await handing.have_printed(tx, wanted)
    for one in wanted:
        tx.emit(
            ServiceWished(
                plugin=plugin,
                kind="parcel",
                record_id=one.id,
                deed=Deed.LABEL.value,
                order_id=one.order_id,
            )
        )
    return len(wanted)


@action(Permission.PARCEL_BOOK)
async def call_courier(
    tx: Tx, plugin: str, account: str, today: date, day: date, begins: time, ends: time
) -> Load:
    """Have a carrier's courier collect all that waits for one account.

    Args:
        tx: of the actor.
        plugin: of the carrier.
        account: of it.
        today: in the box's own zone.
        day: on which he is to come.
        begins: he is awaited from then.
        ends: until then.

    Raises:
        Invalid: by field: `courier_day`, `courier_window`.
        NotFound: `nothing_to_hand`.
    """
    problems = call_problems(today, day, begins, ends)
    if problems:
        raise Invalid(fields=problems)
    return await _load(tx, plugin, account, whole=True)


async def _load(tx: Tx, plugin: str, account: str, *, whole: bool = False) -> Load:
    """What was scanned for one account, else all that waits for it; `whole`: all in any case."""
    listed = await handing.waiting(tx, (plugin,))
    load = load_of([one for one in listed if one.account == account])
    load = load_of((load if whole else load.next).parcels[:MOST_HANDED])
    if not load.parcels:
        raise NotFound("nothing_to_hand")
    tx.object_type = "parcel"
    tx.payload = {"plugin": plugin, "parcels": [one.number for one in load.parcels]}
    return load
