"""Parcels that their carriers have registered and do not have yet."""

from collections.abc import Sequence

from appliance.domain.handing import Waiting
from appliance.domain.parcels import Deed, State
from appliance.storage.statements import any_of, execute, fetch
from appliance.storage.tx import Tx
from appliance.storage.visible import visible_order

MOST = 300
"""Of all carriers: who has more hands some over first."""


async def waiting(tx: Tx, plugins: Sequence[str]) -> list[Waiting]:
    """Parcels of these carriers' plugins that wait, those that were chosen first first."""
    scope, args = visible_order(tx)
    rows = await fetch(
        "SELECT p.id, p.number, o.number, p.plugin, p.account, p.carrier, p.carrier_id, p.track, "
        "p.tariff_name, p.point_name, p.grams, p.label, p.deed, p.order_id FROM parcel p "
        f"JOIN orders o ON o.id = p.order_id WHERE {scope} AND p.plugin IN {{}} "
        "AND p.state = {} AND p.stale = {} ORDER BY p.number LIMIT {}",
        *args,
        any_of(list(plugins)),
        State.REGISTERED.value,
        False,
        MOST,
    )
    return [
        Waiting(
            id=row[0],
            number=row[1],
            order_number=row[2],
            plugin=row[3],
            account=row[4],
            carrier=row[5] or row[3],
            carrier_id=row[6],
            track=row[7],
            tariff_name=row[8],
            point_name=row[9],
            grams=row[10],
            has_label=row[11] is not None,
            is_printing=row[12] == Deed.LABEL.value,
            order_id=row[13],
        )
        for row in rows
    ]


async def have_printed(tx: Tx, parcels: Sequence[Waiting]) -> None:
    """Note that the labels of these are asked for, but of those that something else is asked of."""
    await execute(
        "UPDATE parcel SET deed = {}, version = version + 1, updated_at = {} "
        "WHERE id IN {} AND deed = {} AND label IS NULL",
        Deed.LABEL.value,
        tx.now,
        any_of([one.id for one in parcels]),
        "",
    )
    for one in parcels:
        tx.concern("order", one.order_id)
