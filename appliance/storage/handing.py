"""Parcels that their carriers have registered and do not have yet."""

from collections.abc import Sequence

from appliance.domain.handing import Waiting
from appliance.domain.parcels import State
from appliance.storage.statements import any_of, fetch
from appliance.storage.tx import Tx
from appliance.storage.visible import visible_order

MOST = 300
"""Of all carriers: who has more hands some over first."""


async def waiting(tx: Tx, plugins: Sequence[str]) -> list[Waiting]:
    """Parcels of these carriers' plugins that wait, those that were chosen first first."""
    scope, args = visible_order(tx)
    rows = await fetch(
        "SELECT p.id, p.number, o.number, p.plugin, p.account, p.carrier, p.carrier_id, p.track, "
        "p.tariff_name, p.point_name, p.grams, p.label FROM parcel p "
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
        )
        for row in rows
    ]
