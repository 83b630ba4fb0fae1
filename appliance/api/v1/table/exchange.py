"""Feeds of changes, imports, exports."""

from typing import Final

from appliance.actions import exports, feeds, imports, orders, outflow, webhooks
from appliance.api.v1.operation import Operation, group

op = group("exchange")
hooks = group("webhooks")
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
    hooks("GET", "/webhooks", webhooks.list_all),
    hooks("POST", "/webhooks", webhooks.add, covers=("webhooks.keep",), made=True, once=False),
    hooks("PUT", "/webhooks/{number}", webhooks.change),
    hooks("DELETE", "/webhooks/{number}", webhooks.remove),
    hooks("POST", "/webhooks/{number}/secret", webhooks.renew_secret,
          covers=("webhooks.put_secret",), once=False),
    hooks("POST", "/webhooks/{number}/test", webhooks.test),
    hooks("GET", "/webhooks/{number}/tries", webhooks.tries),
    hooks("POST", "/webhooks/{number}/deliveries/{delivery_id}/replay", webhooks.replay),
)  # fmt: skip
