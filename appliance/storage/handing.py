"""Parcels that their carriers have registered and do not have yet, and what they were given."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from appliance.domain.handing import Given, Scanned, Waiting
from appliance.domain.parcels import Deed, State
from appliance.storage.statements import any_of, execute, fetch, fetch_value
from appliance.storage.tx import Tx
from appliance.storage.visible import visible_order

MOST = 300
"""Of all carriers: who has more hands some over first."""
MOST_OF_CODE = 20
"""Parcels that one code fits: an order sent more often was never seen."""
MOST_GIVEN = 20
"""Times that a day's parcels were handed over."""


async def waiting(tx: Tx, plugins: Sequence[str]) -> list[Waiting]:
    """Parcels of these carriers' plugins that wait, those that were chosen first first."""
    return await _waiting(
        tx,
        plugins,
        "p.state = {} AND p.stale = {} AND p.given_at IS NULL",
        (State.REGISTERED.value, False),
    )


async def _waiting(
    tx: Tx, plugins: Sequence[str], which: str, values: tuple[object, ...]
) -> list[Waiting]:
    scope, args = visible_order(tx)
    rows = await fetch(
        "SELECT p.id, p.number, o.number, p.plugin, p.account, p.carrier, p.carrier_id, p.track, "
        "p.tariff_name, p.point_name, p.grams, p.label, p.deed, p.order_id, p.laid_at "
        "FROM parcel p "
        f"JOIN orders o ON o.id = p.order_id WHERE {scope} AND p.plugin IN {{}} "
        f"AND {which} ORDER BY p.number LIMIT {{}}",
        *args,
        any_of(list(plugins)),
        *values,
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
            is_laid=row[14] is not None,
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


async def scanned(tx: Tx, code: str, number: int) -> list[Scanned]:
    """Parcels with this track, id at the carrier or number of ours; or of the order `number`."""
    scope, args = visible_order(tx)
    found: list[Scanned] = []
    for column, value in (
        ("p.track", code),
        ("p.carrier_id", code),
        ("p.own_number", code),
        ("o.number", number),
    ):
        if not value or found:
            continue
        rows = await fetch(
            "SELECT p.id, p.number, p.order_id, o.number, p.plugin, p.account, p.carrier, p.track, "
            "p.state, p.stale, p.laid_at, p.given_at FROM parcel p "
            f"JOIN orders o ON o.id = p.order_id WHERE {scope} AND {column} = {{}} "
            "ORDER BY p.number DESC LIMIT {}",
            *args,
            value,
            MOST_OF_CODE,
        )
        found = [
            Scanned(
                id=row[0],
                number=row[1],
                order_id=row[2],
                order_number=row[3],
                plugin=row[4],
                account=row[5],
                carrier=row[6] or row[4],
                track=row[7],
                state=State(row[8]),
                is_off=bool(row[9]),
                is_laid=row[10] is not None,
                given_at=row[11],
            )
            for row in rows
        ]
    return found


async def numbered(tx: Tx, number: int) -> Scanned | None:
    """A parcel by the number for people."""
    scope, args = visible_order(tx)
    own = await fetch_value(
        "SELECT p.own_number FROM parcel p JOIN orders o ON o.id = p.order_id "
        f"WHERE {scope} AND p.number = {{}}",
        *args,
        number,
    )
    found = [] if own is None else await scanned(tx, own, 0)
    return next((one for one in found if one.number == number), None)


async def lay(tx: Tx, parcel: Scanned, *, laid: bool) -> None:
    """Put a parcel among those that are handed over next, or take it out of them."""
    await _turn(tx, [parcel.id], {"laid_at": tx.now if laid else None})
    tx.concern("order", parcel.order_id)


async def give(tx: Tx, parcels: Sequence[Waiting]) -> None:
    """Note that their carrier has these."""
    await _turn(tx, [one.id for one in parcels], {"given_at": tx.now})
    for one in parcels:
        tx.concern("order", one.order_id)


async def take_back(tx: Tx, given: Given) -> list[tuple[UUID, int]]:
    """Have parcels on the list again that their carrier has not scanned yet; their orders."""
    scope, args = visible_order(tx)
    rows = await fetch(
        "SELECT p.id, o.id, o.number FROM parcel p JOIN orders o ON o.id = p.order_id "
        f"WHERE {scope} AND p.plugin = {{}} AND p.account = {{}} AND p.given_at = {{}} "
        "AND p.state = {} ORDER BY p.number",
        *args,
        given.plugin,
        given.account,
        given.at,
        State.REGISTERED.value,
    )
    await _turn(tx, [row[0] for row in rows], {"given_at": None, "laid_at": tx.now})
    for row in rows:
        tx.concern("order", row[1])
    return list({row[1]: row[2] for row in rows}.items())


async def _turn(tx: Tx, ids: Sequence[UUID], columns: dict[str, datetime | None]) -> None:
    if not ids:
        return
    marks = ", ".join(f"{name} = {{}}" for name in columns)
    await execute(
        f"UPDATE parcel SET {marks}, version = version + 1, updated_at = {{}} WHERE id IN {{}}",
        *columns.values(),
        tx.now,
        any_of(list(ids)),
    )


async def given(tx: Tx, plugins: Sequence[str], since: datetime) -> list[Given]:
    """What carriers were given since a moment, the last first."""
    scope, args = visible_order(tx)
    rows = await fetch(
        "SELECT p.plugin, p.account, MAX(p.carrier), p.given_at, COUNT(*) FROM parcel p "
        f"JOIN orders o ON o.id = p.order_id WHERE {scope} AND p.plugin IN {{}} "
        "AND p.given_at >= {} GROUP BY p.plugin, p.account, p.given_at "
        "ORDER BY p.given_at DESC LIMIT {}",
        *args,
        any_of(list(plugins)),
        since,
        MOST_GIVEN,
    )
    return [
        Given(plugin=row[0], account=row[1], carrier=row[2] or row[0], at=row[3], parcels=row[4])
        for row in rows
    ]


async def listed(tx: Tx, given: Given) -> list[Waiting]:
    """The parcels that a carrier was given at one moment."""
    return await _waiting(
        tx,
        (given.plugin,),
        "p.account = {} AND p.given_at = {}",
        (given.account, given.at),
    )
