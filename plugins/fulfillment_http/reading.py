"""From the operator to us: its log, its stock, and once a day the orders on both sides."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

from appliance.domain.personal import Personal
from appliance.plugin_api.calls import Row, Standing, utc_now
from appliance.plugin_api.core import Core, Refused
from appliance.plugin_api.fulfilment_tasks import tell
from appliance.plugin_api.fulfilments import (
    MOST_STOCK,
    Fulfilment,
    FulfilmentReport,
    Moved,
    Stage,
    StockRow,
)
from appliance.plugin_api.vendor import Reply
from plugins.fulfillment_http import contract as c
from plugins.fulfillment_http import heard
from plugins.fulfillment_http.sides import Side

Work = Callable[[Core, Side], Awaitable[None]]

PAGE: Final = 100
OVERLAP: Final = timedelta(minutes=2)
"""Stock that changed is asked for so far back."""
WHOLE: Final = timedelta(hours=20)
"""After so long all stock is read, not only what changed."""
LOOK_BACK: Final = timedelta(days=45)
SETTLING: Final = timedelta(minutes=15)
"""An order that moved so lately is not compared: its event may be on the way."""

STAGES: Final[dict[str, Stage]] = {
    "accepted": "accepted",
    "reserved": "accepted",
    "shortage": "shortage",
    "picking": "picking",
    "packed": "packed",
    "shipped": "shipped",
    "delivered": "delivered",
    "cancelled": "cancelled",
    "return_arrived": "returning",
    "return_checked": "returned",
}
"""Status of the contract → stage of the box. Another one is kept as it is and moves nothing."""

_turns: dict[str, asyncio.Lock] = {}


async def _memory(core: Core, side: Side) -> dict[str, Any]:
    rows = await core.rows_get("accounts", [(side.code,)])
    return dict(rows[0].values) if rows else {"account": side.code, "seq": 0}


async def _remember(core: Core, side: Side, **values: Any) -> None:
    kept = await _memory(core, side)
    await core.rows_put("accounts", [Row(values={**kept, **values})])


async def read_to(core: Core, side: Side) -> int:
    """Number of the last event that was taken."""
    return int((await _memory(core, side)).get("seq") or 0)


async def pull(core: Core, side: Side) -> None:
    """Take the events behind the last one; that is noted once they are in the box."""
    async with _turns.setdefault(side.code, asyncio.Lock()):
        after = await read_to(core, side)
        while True:
            query: dict[str, str | int] = {"after": after, "limit": PAGE}
            reply = await side.vendor.ask(core, "GET", "/events", query=query)
            told = await _read(core, side, reply, heard.Events)
            if told is None or not told.events:
                return
            for event in sorted(told.events, key=lambda one: one.seq):
                await _take(core, side, event)
            after = max(event.seq for event in told.events)
            await _remember(core, side, seq=after)
            if after >= told.last:
                return


async def _read(core: Core, side: Side, reply: Reply, kind: type[Any]) -> Any:
    """The answer, or None and a line of the journal where the operator refuses or errs."""
    if reply.is_good:
        return reply.json(kind)
    await core.journal(
        "answer_refused", direction="in", state="warn", account=side.code, status=reply.status
    )
    return None


async def _take(core: Core, side: Side, event: heard.Event) -> None:
    stage = STAGES.get(event.status, "")
    taken = await tell(
        core,
        FulfilmentReport(
            account=side.code,
            order_no=event.order_no,
            ref=event.event_id[:120],
            seq=event.seq,
            stage=stage,
            raw=event.status,
            at=event.occurred_at,
            reason=event.reason[:120],
            tracking=event.tracking[:64],
            carrier=event.carrier[:64],
            lines=tuple(_moved(stage, line) for line in event.lines),
        ),
    )
    if taken.outcome == "unknown":
        await core.journal("order_unknown", direction="in", state="warn", status=event.status)
    elif not stage:
        await core.journal(
            "status_unknown",
            direction="in",
            state="warn",
            kind="order",
            number=taken.order_number,
            status=event.status[:60],
        )
    elif taken.outcome == "taken":
        await core.journal(
            "told",
            direction="in",
            kind="order",
            number=taken.order_number,
            order=taken.order_number,
            status=event.status,
        )


def _moved(stage: str, line: heard.Line) -> Moved:
    """Quantities count where they move something: shipped and come back."""
    moves = stage in {"shipped", "returned"}
    return Moved(
        line=line.line,
        quantity_milli=c.milli(line.quantity) if moves else 0,
        short_milli=c.milli(line.short),
        codes=line.codes,
    )


async def stock(core: Core, side: Side) -> None:
    """Take over what changed since the last reading, with an overlap; once a day everything."""
    kept = await _memory(core, side)
    now = utc_now()
    whole_at, read_at = _moment(kept.get("whole_at")), _moment(kept.get("stock_at"))
    whole = whole_at is None or read_at is None or now - whole_at > WHOLE
    since = "" if whole or read_at is None else (read_at - OVERLAP).isoformat()
    cursor, as_of, unknown = "", None, 0
    while True:
        query: dict[str, str | int] = {"changed_since": since} if since else {}
        if cursor:
            query["cursor"] = cursor
        reply = await side.vendor.ask(core, "GET", "/stock", query=query)
        page = await _read(core, side, reply, heard.Stock)
        if page is None:
            return
        as_of = page.as_of if as_of is None else min(as_of, page.as_of)
        unknown += await _put(core, side, page)
        cursor = page.next_cursor
        if not cursor:
            break
    times = {"stock_at": as_of.isoformat()} | ({"whole_at": now.isoformat()} if whole else {})
    await _remember(core, side, **times)
    if unknown and whole:
        await core.journal("stock_unknown", direction="in", state="warn", count=unknown)


async def _put(core: Core, side: Side, page: heard.Stock) -> int:
    """How many rows name an article the box does not know."""
    rows = [
        StockRow(sku=one.sku, available_milli=c.milli(one.available))
        for one in page.rows
        if side.warehouse in ("", one.warehouse)
    ]
    unknown = 0
    for start in range(0, len(rows), MOST_STOCK):
        try:
            taken = await core.stock_put(side.code, page.as_of, rows[start : start + MOST_STOCK])
        except Refused as refused:
            if refused.code != "operator_not_set_up":
                raise
            return 0
        unknown += len(taken.unknown)
    return unknown


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None


async def compare(core: Core, side: Side) -> None:
    """Differences become tasks, never silent corrections."""
    theirs = await _theirs(core, side)
    if theirs is None:
        return
    found, differences, after = 0, 0, None
    while page := (await core.fulfilments_open(side.code, after)).found:
        found += len(page)
        for one in page:
            differences += await _compare(core, one, theirs.get(one.order_no))
        after = page[-1].id
    state: Standing = "warn" if differences else "ok"
    await core.journal("compared", state=state, orders=found, differences=differences)


async def _theirs(core: Core, side: Side) -> dict[str, heard.Order] | None:
    query: dict[str, str | int] = {"changed_since": (utc_now() - LOOK_BACK).isoformat()}
    known: dict[str, heard.Order] = {}
    while True:
        reply = await side.vendor.ask(core, "GET", "/orders", query=query)
        page = await _read(core, side, reply, heard.Orders)
        if page is None:
            return None
        known |= {one.order_no: one for one in page.orders}
        if not page.next_cursor:
            return known
        query["cursor"] = page.next_cursor


async def _compare(core: Core, one: Fulfilment, there: heard.Order | None) -> int:
    if one.stage == "queued":
        return 0
    if there is None:
        said = f"Заказа № {one.order_number} нет у оператора"
    else:
        stage = STAGES.get(there.status, "")
        ours = "shipped" if one.stage == "part_shipped" else one.stage
        if stage in ("", ours) or _is_settling(there.updated_at):
            return 0
        said = f"Заказ № {one.order_number}: у оператора «{there.status}», здесь «{ours}»"
    await core.task(f"compared:{one.id}", Personal(said), order_id=one.order_id)
    return 1


def _is_settling(changed: datetime | None) -> bool:
    return changed is not None and utc_now() - changed < SETTLING
