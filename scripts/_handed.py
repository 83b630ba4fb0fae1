"""Fulfilment operators in the invented box: one is set up, and an order stands there in parts."""

from datetime import UTC, datetime, timedelta
from typing import Final

from appliance.actions import _plugin_asking, operators, plugin_fulfilments, references
from appliance.actions import orders as order_deeds
from appliance.boot.index import HOUSE_ACTOR
from appliance.domain.fulfilments import USUAL, Operator
from appliance.domain.ids import uuid7
from appliance.domain.orders import OrderFilter, OrderSelector
from appliance.domain.references import Warehouse
from appliance.plugin_api.fulfilments import FulfilmentReport, Moved, Stage

HTTP: Final = "fulfillment_http"
SKLAD: Final = "warehouse_moysklad"
OWN: Final = (
    ("Новый", ""),
    ("Подтверждён", "accepted"),
    ("Собирается", "picking"),
    ("Упакован", "packed"),
    ("Отгружен", "shipped"),
    ("Возврат", "returned"),
    ("Отменён", "cancelled"),
)
WAY: Final[tuple[tuple[int, Stage, str], ...]] = (
    (30, "accepted", "accepted"),
    (26, "picking", "picking"),
    (20, "shortage", "shortage"),
)
"""Hours ago, the stage, the operator's own word."""


async def hand_orders() -> None:
    """Two warehouses of operators; an order is short of goods at one of them."""
    usual = {stage.value: code for stage, code in USUAL.items()}
    for code, name, plugin in (
        ("north", "Север Фулфилмент", HTTP),
        ("sklad", "Склад в МоёмСкладе", SKLAD),
    ):
        await references.edit_warehouse(HOUSE_ACTOR, Warehouse(number=0, code=code, name=name))
        known = {f"s-{place}": one for place, one in enumerate(OWN)} if plugin == SKLAD else {}
        wanted = Operator(
            id=uuid7(),
            plugin=plugin,
            warehouse=code,
            send_on="send-to-assembling" if plugin == HTTP else "",
            statuses=usual,
            stages={ident: stage for ident, (_, stage) in known.items() if stage},
            names={ident: name for ident, (name, _) in known.items()},
        )
        await operators.keep(HOUSE_ACTOR, wanted)
    found = OrderFilter(statuses=("assembling",))
    for row in (await order_deeds.list_page(HOUSE_ACTOR, found, limit=1)).rows:
        await _send(row.number)


async def _send(number: int) -> None:
    (first, *_) = (await operators.screen(HOUSE_ACTOR)).operators
    await operators.send(HOUSE_ACTOR, number, first.id)
    order = (await order_deeds.find_by(HOUSE_ACTOR, [OrderSelector(number=number)]))[0]
    actor = _plugin_asking.actor_of(HTTP, ("fulfilment.write",))
    line = order.lines[0]
    for hours, stage, raw in WAY:
        short = line.quantity_milli if stage == "shortage" else 0
        await plugin_fulfilments.report(
            actor,
            FulfilmentReport(
                account="main",
                order_no=str(number),
                ref=raw,
                stage=stage,
                raw=raw,
                at=datetime.now(UTC) - timedelta(hours=hours),
                reason="not_on_shelf" if short else "",
                lines=(Moved(line=line.id, short_milli=short),) if short else (),
            ),
        )
