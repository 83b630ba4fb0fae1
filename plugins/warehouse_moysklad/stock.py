"""What is free there: changes of the last minutes, all of it every night."""

from datetime import timedelta
from typing import Any, Final

from appliance.plugin_api.calls import utc_now
from appliance.plugin_api.core import Core, Refused
from appliance.plugin_api.fulfilments import MOST_STOCK, StockRow
from plugins.warehouse_moysklad import goods
from plugins.warehouse_moysklad.reading import memory, remember
from plugins.warehouse_moysklad.sending import first
from plugins.warehouse_moysklad.sides import Side, moment_of, rows_of, written

KIND: Final = "freeStock"
"""Physical less what is held: what may be promised. `quantity` counts what is only expected."""
OVERLAP: Final = timedelta(minutes=5)
"""It counts stock anew some time after a document."""
WHOLE: Final = timedelta(hours=20)
"""It answers for changes of 24 hours at most; after this all of it is read."""


async def stock(core: Core, side: Side) -> None:
    """Take over what changed since the last reading; at night, and first, everything.

    A good that is missing from a whole reading is left as it is: it may be counted anew just now.
    Sets always show nothing there and are not taken.
    """
    store = await first(core, side, "store", side.store)
    if not store:
        await core.journal("store_unknown", direction="in", state="bad")
        return
    kept, now = await memory(core, side), utc_now()
    read_at, whole_at = _moment(kept.get("stock_at")), _moment(kept.get("whole_at"))
    whole = read_at is None or whole_at is None or now - whole_at > WHOLE
    query: dict[str, str | int] = {"stockType": KIND, "filter": f"storeId={store}"}
    if read_at is not None and not whole:
        query["changedSince"] = written(read_at - OVERLAP)
    else:
        query["include"] = "zeroLines"
    reply = await side.ask(core, "GET", "report/stock/bystore/current", query=query)
    if not reply.is_good:
        # Too far back, or no right to it: everything next time.
        await core.journal("answer_refused", direction="in", state="warn", status=reply.status)
        await remember(core, side, whole_at=None)
        return
    rows = [row for row in rows_of(reply) if row.get("storeId") == store]
    unknown = await _put(core, side, rows, now)
    times: dict[str, Any] = {"stock_at": written(now)}
    if whole:
        times["whole_at"] = written(now)
    await remember(core, side, **times)
    if unknown and whole:
        await core.journal("stock_unknown", direction="in", state="warn", count=unknown)


async def _put(core: Core, side: Side, rows: list[dict[str, Any]], now: Any) -> int:
    """How many rows are of goods without an article, or of one the box does not know."""
    figures = {
        str(row.get("assortmentId")): round(float(row[KIND]) * 1000)
        for row in rows
        if row.get(KIND) is not None  # null: it is being counted
    }
    known = await goods.by_id(core, side, figures)
    named = [
        StockRow(sku=good.sku, available_milli=figures[ident])
        for ident, good in known.items()
        if good.sku and good.kind != "bundle" and ident in figures
    ]
    unknown = sum(not good.sku for good in known.values())
    for start in range(0, len(named), MOST_STOCK):
        try:
            taken = await core.stock_put(side.code, now, named[start : start + MOST_STOCK])
        except Refused as refused:
            if refused.code != "operator_not_set_up":
                raise
            return 0
        unknown += len(taken.unknown)
    return unknown


def _moment(text: Any) -> Any:
    return moment_of(str(text)) if text else None
