"""Handing parcels over to their carriers: what waits, whose papers were taken, who was called."""

from collections.abc import Sequence
from datetime import date, time

from appliance.actions._gate import action
from appliance.domain.events import ServiceWished
from appliance.domain.handing import Load, call_problems, load_of, loads
from appliance.domain.parcels import Deed
from appliance.errors import Invalid, NotFound
from appliance.plugin_api.handing import MOST_HANDED
from appliance.roles import Permission
from appliance.storage import handing
from appliance.storage.tx import Tx


@action(Permission.PARCEL_BOOK, reads=True, quiet=True)
async def waiting(tx: Tx, plugins: Sequence[str]) -> tuple[Load, ...]:
    """What waits for these carriers, by account."""
    return loads(await handing.waiting(tx, plugins))


@action(Permission.PARCEL_BOOK)
async def take_papers(tx: Tx, plugin: str, account: str) -> Load:
    """Take the papers of all that waits for one account, at most a hundred parcels at once.

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
    wanted = (await _load(tx, plugin, account)).unlabelled
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
    return await _load(tx, plugin, account)


async def _load(tx: Tx, plugin: str, account: str) -> Load:
    listed = await handing.waiting(tx, (plugin,))
    load = load_of([one for one in listed if one.account == account][:MOST_HANDED])
    if not load.parcels:
        raise NotFound("nothing_to_hand")
    tx.object_type = "parcel"
    tx.payload = {"plugin": plugin, "parcels": [one.number for one in load.parcels]}
    return load
