"""Deals and the pipelines they go through."""

from typing import Final

from appliance.actions import deal_desk, deals, fields, pipelines
from appliance.api.v1.operation import Operation, group

op = group("deals")
lines = group("pipelines")
OPERATIONS: Final[tuple[Operation, ...]] = (
    op("GET", "/deals", deal_desk.page, following="after"),
    op("POST", "/deals/search", deal_desk.page, following="after"),
    op("POST", "/deals", deals.create, made=True),
    op("GET", "/deals/board", deal_desk.board),
    op("GET", "/deals/board/{stage}", deal_desk.column),
    op("GET", "/deals/{number}", deal_desk.card, covers=("deal_desk.card", "deal_desk.numbered")),
    op("PATCH", "/deals/{number}", deals.edit, gives="version"),
    op("PUT", "/deals/{number}/manager", deals.assign, gives="version"),
    op("POST", "/deals/{number}/stage", deals.move),
    op("POST", "/deals/{number}/stage/undo", deals.undo_move),
    op("GET", "/deals/{number}/fields", fields.of_deal),
    op("PUT", "/deals/{number}/fields", fields.fill_deal, gives="version"),
    lines("GET", "/pipelines", pipelines.editor),
    lines("POST", "/pipelines", pipelines.add_pipeline, gives="code", made=True),
    lines("PATCH", "/pipelines/{code}", pipelines.edit_pipeline),
    lines("POST", "/pipelines/{code}/stages", pipelines.add_stage, made=True),
    lines("POST", "/pipelines/{code}/takes-orders", pipelines.set_order_makes),
    lines("PATCH", "/stages/{number}", pipelines.edit_stage),
    lines("POST", "/stages/{number}/shift", pipelines.shift_stage),
    lines("DELETE", "/stages/{number}", pipelines.remove_stage),
    lines("POST", "/loss-reasons", pipelines.add_reason, made=True),
    lines("PATCH", "/loss-reasons/{number}", pipelines.edit_reason),
)  # fmt: skip
