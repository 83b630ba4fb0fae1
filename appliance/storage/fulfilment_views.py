"""An order at its operator, as its card shows it."""

from uuid import UUID

from appliance.domain.fulfilments import (
    AtOperator,
    FulfilmentView,
    LineView,
    Operator,
    Stage,
    Step,
    Want,
)
from appliance.storage import fulfilments
from appliance.storage.fulfilments import Kept
from appliance.storage.references import Lists
from appliance.storage.statements import fetch


async def on_card(lists: Lists, order_id: UUID, *, open_: bool, may: bool) -> AtOperator | None:
    """What an order's card says about operators; None: the box works with none.

    Args:
        lists: with the connections.
        order_id: of the order.
        open_: its goods are set aside and not all of it has left.
        may: the actor may hand it over.
    """
    if not lists.operators:
        return None
    kept = await fulfilments.last_of(order_id)
    ready = [one for one in lists.operators if one.active and one.warehouse in lists.warehouses]
    can = may and open_ and (kept is None or not fulfilments.is_live(kept))
    choices = tuple((one.id, lists.warehouses[one.warehouse].name) for one in ready) if can else ()
    if kept is None and not choices:
        return None
    known = {one.id: one for one in lists.operators}
    now = None if kept is None else await _view(lists, known.get(kept.operator_id), kept)
    return AtOperator(now=now, choices=choices, may=may)


async def _view(lists: Lists, operator: Operator | None, kept: Kept) -> FulfilmentView | None:
    if operator is None:
        return None
    place = lists.warehouses.get(operator.warehouse)
    codes: dict[int, int] = {}
    for (number,) in await fetch(
        "SELECT l.number FROM fulfilment_code c JOIN order_line l ON l.id = c.line_id "
        "WHERE c.fulfilment_id = {}",
        kept.id,
    ):
        codes[number] = codes.get(number, 0) + 1
    rows = await fetch(
        "SELECT l.number, l.name, f.quantity_milli, f.short_milli, f.shipped_milli, "
        "f.returned_milli FROM fulfilment_line f JOIN order_line l ON l.id = f.line_id "
        "WHERE f.fulfilment_id = {} ORDER BY l.position",
        kept.id,
    )
    return FulfilmentView(
        id=kept.id,
        plugin=operator.plugin,
        account=operator.account,
        warehouse_name=operator.warehouse if place is None else place.name,
        stage=Stage(kept.stage),
        raw=kept.own_state,
        order_no=kept.order_no,
        want=Want(kept.want),
        trouble=kept.trouble,
        reason=kept.reason,
        tracking=kept.tracking,
        created_at=kept.created_at,
        updated_at=kept.updated_at,
        lines=tuple(
            LineView(
                line=row[0],
                name=row[1],
                quantity_milli=row[2],
                short_milli=row[3],
                shipped_milli=row[4],
                returned_milli=row[5],
                codes=codes.get(row[0], 0),
            )
            for row in rows
        ),
        steps=tuple(
            Step(stage=stage, raw=raw, at=at)
            for stage, raw, at in await fulfilments.steps_of(kept.id)
        ),
    )
