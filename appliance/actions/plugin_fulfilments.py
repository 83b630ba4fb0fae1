"""What plugins of operators ask, and report: orders there, stock there."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from appliance.actions import _operator_reports, _operators, _plugin_asking
from appliance.actions._gate import action
from appliance.domain.fulfilments import Operator, free_there
from appliance.domain.orders import OrderSelector
from appliance.domain.personal import Personal
from appliance.domain.statuses import Goods, goods_of
from appliance.errors import Denied, Invalid, NotFound
from appliance.plugin_api import fulfilments as wire
from appliance.roles import Permission
from appliance.storage import (
    files,
    fulfilments,
    operators,
    orders,
    references,
    service_files,
    stock,
)
from appliance.storage.fulfilments import Kept
from appliance.storage.references import Lists
from appliance.storage.statements import any_of, fetch
from appliance.storage.tx import Tx

LABEL_FIELDS: Final = ("name", "phone", "address", "comment")
"""What stands on a label."""
PURPOSE: Final = "delivery"


@action(Permission.FULFILMENT_REPORT, reads=True, quiet=True)
async def read(tx: Tx, asked: wire.FulfilmentAsked) -> wire.Fulfilment:
    """One order at the plugin's operator.

    Raises:
        NotFound: `fulfilment_not_found`: there is none, or it is another plugin's.
    """
    lists = await references.lists()
    kept = await fulfilments.get(asked.id)
    operator = None if kept is None else _operators.by_id(lists, kept.operator_id)
    if kept is None or operator is None or operator.plugin != _plugin_asking.plugin_of(tx):
        raise NotFound("fulfilment_not_found")
    return (await _told(operator, [kept]))[0]


@action(Permission.FULFILMENT_REPORT)
async def label(tx: Tx, asked: wire.FulfilmentAsked) -> wire.FulfilmentLabel:
    """The parcel's label: it names the buyer, so it is handed over as he is.

    Raises:
        NotFound: `fulfilment_not_found`.
        Denied: `field_not_granted`, `purpose_refused`.
        Throttled: `plugin_budget_spent`.
    """
    kept = await fulfilments.get(asked.id)
    operator = (
        None if kept is None else _operators.by_id(await references.lists(), kept.operator_id)
    )
    if kept is None or operator is None or operator.plugin != _plugin_asking.plugin_of(tx):
        raise NotFound("fulfilment_not_found")
    order = await orders.get(tx, OrderSelector(id=kept.order_id))
    tx.about("order", order.id)
    file_id = await service_files.label_of(order.id)
    if file_id is None:
        return wire.FulfilmentLabel()
    fields = _plugin_asking.open_fields(tx, LABEL_FIELDS, PURPOSE)
    basis = (await _plugin_asking.grounds(tx, (order.customer_id,), PURPOSE)).get(order.customer_id)
    if basis is None:
        raise Denied("purpose_refused", PURPOSE)
    found, body = await files.read(tx, file_id)
    await _plugin_asking.hand_over(tx, [(order.customer_id, order.id, basis)], fields, PURPOSE)
    return wire.FulfilmentLabel(media=found.media, body=Personal(body))


@action(Permission.FULFILMENT_REPORT, reads=True, quiet=True)
async def under_way(tx: Tx, asked: wire.FulfilmentsAsked) -> wire.FulfilmentsFound:
    """Orders the operator of an account still works on: for polling and for comparing."""
    lists = await references.lists()
    operator = operators.find(lists.operators, _plugin_asking.plugin_of(tx), asked.account)
    if operator is None:
        return wire.FulfilmentsFound()
    limit = min(max(asked.limit, 1), wire.MOST_OPEN)
    kept = await fulfilments.under_way(operator.id, asked.after, limit)
    return wire.FulfilmentsFound(
        found=tuple(await _told(operator, kept)),
        stages=operator.stages,
        warehouse=operator.warehouse,
    )


async def _told(operator: Operator, kept: Sequence[Kept]) -> list[wire.Fulfilment]:
    """Orders with their lines and goods, in two statements."""
    if not kept:
        return []
    rows = await fetch(
        "SELECT fl.fulfilment_id, l.number, l.sku, l.name, fl.quantity_milli, l.price, l.total, "
        "l.quantity_milli, l.vat_rate, l.offer_xml_id, l.offer_external_id, v.barcode, "
        "v.weight_grams, fl.shipped_milli FROM fulfilment_line fl "
        "JOIN order_line l ON l.id = fl.line_id LEFT JOIN variant v ON v.id = l.variant_id "
        "WHERE fl.fulfilment_id IN {} ORDER BY l.position",
        any_of([one.id for one in kept]),
    )
    heads = {
        row[0]: row
        for row in await fetch(
            "SELECT id, number, total, paid_total FROM orders WHERE id IN {}",
            any_of([one.order_id for one in kept]),
        )
    }
    lines: dict[UUID, list[wire.FulfilmentLine]] = {one.id: [] for one in kept}
    gone: dict[UUID, dict[int, int]] = {one.id: {} for one in kept}
    for row in rows:
        gone[row[0]][row[1]] = row[13]
        lines[row[0]].append(
            wire.FulfilmentLine(
                line=row[1],
                sku=row[2],
                name=row[3],
                quantity_milli=row[4],
                price=row[6] * 1000 // row[7] if row[7] else row[5],
                vat_rate=row[8],
                barcode=row[11] or "",
                weight_grams=row[12] or 0,
                external_id=row[9] or row[10] or "",
            )
        )
    return [
        wire.Fulfilment(
            id=one.id,
            order_id=one.order_id,
            order_number=heads[one.order_id][1],
            order_no=one.order_no,
            account=operator.account,
            stage=one.stage,
            want=one.want,
            revision=one.revision,
            remote_id=one.remote_id,
            total=heads[one.order_id][2],
            cod=max(heads[one.order_id][2] - heads[one.order_id][3], 0),
            lines=tuple(lines[one.id]),
            stages=operator.stages,
            shipped=gone[one.id],
        )
        for one in kept
    ]


@action(Permission.FULFILMENT_REPORT)
async def report(tx: Tx, told: wire.FulfilmentReport) -> wire.FulfilmentTaken:
    """Take what an operator told: once by its name, never backwards.

    Raises:
        Invalid: `report_unreadable`: it has no name.
    """
    plugin = _plugin_asking.plugin_of(tx)
    _plugin_asking.close_fields(tx)
    if not told.ref or len(told.ref) > 120:
        raise Invalid("report_unreadable", fields={"ref": "report_unreadable"})
    lists = await references.lists()
    found = await _find(lists, plugin, told)
    if found is None:
        return wire.FulfilmentTaken(outcome="unknown")
    operator, kept = found
    order = await orders.get(tx, OrderSelector(id=kept.order_id))
    tx.about("order", order.id)
    outcome: wire.Outcome = "taken"
    if await fulfilments.is_told(kept.id, told.ref):
        outcome = "known"
    elif told.seq and told.seq <= kept.seq:
        outcome = "old"
    else:
        kept = await _operator_reports.take(tx, lists, operator, kept, order, told)
    return wire.FulfilmentTaken(
        outcome=outcome,
        order_id=order.id,
        order_number=order.number,
        stage=kept.stage,
        trouble=kept.trouble,
    )


async def _find(
    lists: Lists, plugin: str, told: wire.FulfilmentReport
) -> tuple[Operator, Kept] | None:
    if told.id is not None:
        kept = await fulfilments.get(told.id)
        operator = None if kept is None else _operators.by_id(lists, kept.operator_id)
    else:
        operator = operators.find(lists.operators, plugin, told.account)
        kept = None
        if operator is not None:
            kept = await fulfilments.numbered(operator.id, told.order_no[:64])
    if kept is None or operator is None or operator.plugin != plugin:
        return None
    return operator, kept


@action(Permission.FULFILMENT_REPORT, quiet=True)
async def stock_put(tx: Tx, given: wire.StockGiven) -> wire.StockTaken:
    """Take over what an operator has free, so that what is free here is less what waits to go out.

    Raises:
        Invalid: `batch_too_long`; `operator_not_set_up`: nobody has said which warehouse it is.
    """
    plugin = _plugin_asking.plugin_of(tx)
    _plugin_asking.not_too_many(given.rows, wire.MOST_STOCK)
    lists = await references.lists()
    operator = operators.find(lists.operators, plugin, given.account)
    place = None if operator is None else lists.warehouse_ids.get(operator.warehouse)
    if operator is None or place is None:
        raise Invalid("operator_not_set_up", plugin)
    statuses = [one.code for one in lists.statuses.values() if goods_of(one.group) is Goods.HELD]
    held = await fulfilments.held_there(operator.id, place, given.as_of, statuses)
    known = await fulfilments.variants([one.sku for one in given.rows])
    figures: list[tuple[UUID, UUID, int]] = []
    unknown: list[str] = []
    for row in given.rows:
        variants = known.get(row.sku, [])
        if len(variants) != 1:
            unknown.append(row.sku)
            continue
        on_hand = free_there(row.available_milli, held.get(variants[0], 0))
        figures.append((variants[0], place, on_hand))
    await stock.set_on_hand(tx, figures, "operator", operator.id)
    return wire.StockTaken(taken=len(figures), unknown=tuple(unknown[:100]))
