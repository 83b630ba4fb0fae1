"""Feeds of changes, imports, exports."""

from typing import Final

from appliance.actions import exports, feeds, imports, orders, outflow
from appliance.api.v1.operation import Operation, group

op = group("exchange")
OPERATIONS: Final[tuple[Operation, ...]] = (
    op("GET", "/changes", outflow.changes),
    op("GET", "/changes/orders", orders.history),
    op("GET", "/changes/clients", feeds.customers),
    op("GET", "/exports", exports.page),
    op("GET", "/exports/headings/{kind}", exports.headings),
    op("GET", "/exports/{number}/pieces/{position}", exports.piece, gives="content"),
    op("GET", "/imports", imports.page),
    op("POST", "/imports", imports.begin, made=True),
    op("GET", "/imports/{number}", imports.open_page),
    op("GET", "/imports/{number}/head", imports.head),
    op("PUT", "/imports/{number}/pieces/{position}", imports.put_piece),
    op("PUT", "/imports/{number}/plan", imports.pair),
    op("POST", "/imports/{number}/start", imports.start),
    op("POST", "/imports/{number}/pause", imports.pause),
    op("POST", "/imports/{number}/undo", imports.undo),
    op("DELETE", "/imports/{number}", imports.drop),
    op("GET", "/imports/{number}/wrong-rows/{position}", imports.wrong_rows, gives="rows"),
)  # fmt: skip
