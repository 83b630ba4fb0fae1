"""Changes in, by `updated` with an overlap: states, shipments with their codes, returns."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from appliance.plugin_api.calls import Row, utc_now
from appliance.plugin_api.core import Core, Refused
from appliance.plugin_api.fulfilment_tasks import tell
from appliance.plugin_api.fulfilments import (
    Fulfilment,
    FulfilmentReport,
    FulfilmentTaken,
    Moved,
)
from plugins.warehouse_moysklad import goods
from plugins.warehouse_moysklad.goods import escaped
from plugins.warehouse_moysklad.sending import MARK
from plugins.warehouse_moysklad.sides import (
    Side,
    ident_of,
    inside,
    listed,
    moment_of,
    rows_of,
    written,
)

PAGE: Final = 100
"""Its `expand` is silently left out above this."""
OVERLAP: Final = timedelta(minutes=2)
FIRST: Final = timedelta(days=3)
"""So far back is read the first time."""
MOST_PAGES: Final = 50
_told: Final[set[tuple[str, str, str]]] = set()
"""Documents that could not be read, as the journal has told."""
Work = Callable[[Core, Side], Awaitable[None]]
Take = Callable[[Core, Side, Mapping[str, Any]], Awaitable[None]]


async def memory(core: Core, side: Side) -> dict[str, Any]:
    """What was read, and until when."""
    rows = await core.rows_get("accounts", [(side.code,)])
    return dict(rows[0].values) if rows else {"account": side.code}


async def remember(core: Core, side: Side, **values: Any) -> None:
    """Keep it."""
    kept = await memory(core, side)
    await core.rows_put("accounts", [Row(values={**kept, **values})])


async def pull(core: Core, side: Side) -> None:
    """Read on: shipments before the states that follow them, returns last."""
    await _read(core, side, "demand", "demands_at", _demand, "positions,customerOrder")
    await _read(core, side, "customerorder", "orders_at", _order, "state")
    await _read(core, side, "salesreturn", "returns_at", _return, "positions")


async def _read(core: Core, side: Side, kind: str, column: str, take: Take, expand: str) -> None:
    """Records changed since the last reading, oldest change first; then note how far it came."""
    kept = (await memory(core, side)).get(column)
    since = moment_of(str(kept)) if kept else utc_now() - FIRST
    newest = str(kept or "")
    conditions = [f"updated>={written(since - OVERLAP)}"]
    if kind == "customerorder":
        conditions.append(f"externalCode~={escaped(MARK)}")
    for page in range(MOST_PAGES):
        query: dict[str, str | int] = {
            "filter": ";".join(conditions),
            "order": "updated,asc",
            "limit": PAGE,
            "offset": page * PAGE,
            "expand": expand,
        }
        reply = await side.ask(core, "GET", f"entity/{kind}", query=query)
        if not reply.is_good:
            await core.journal(
                "answer_refused", direction="in", state="warn", status=reply.status, kind_there=kind
            )
            return
        rows = rows_of(reply)
        for row in rows:
            try:
                await take(core, side, row)
            except (TypeError, ValueError):
                await _unread(core, kind, row)  # the others can be read
            newest = max(newest, str(row.get("updated") or ""))
        if len(rows) < PAGE:
            break
    if newest:
        await remember(core, side, **{column: newest})


async def _unread(core: Core, kind: str, row: Mapping[str, Any]) -> None:
    """Say which document has a figure or a time that is none: once a start, people look at it."""
    key = (kind, ident_of(row), str(row.get("updated") or ""))
    if key not in _told:
        _told.add(key)
        await core.journal(
            "row_unread", direction="in", state="warn", kind_there=kind,
            document=str(row.get("name") or "—")[:60],
        )  # fmt: skip


async def _order(core: Core, side: Side, row: Mapping[str, Any]) -> None:
    """A status of its own: what it means is chosen on the screen; unmapped moves nothing."""
    ident = _ours(row)
    if ident is None:
        return
    state = inside(row, "state")
    own, name = ident_of(state), str(state.get("name") or "")
    one = await _open(core, ident)
    if one is None or not own:
        return
    stage = one.stages.get(own, "")
    if stage in {"shipped", "part_shipped"} and float(row.get("shippedSum") or 0) > 0:
        own = ""  # its shipments say what left, and tell it themselves
    moment = str(row.get("updated") or "")
    taken = await tell(
        core,
        FulfilmentReport(
            id=ident,
            ref=f"state:{ident_of(state)}:{moment}"[:120],
            own=own,
            raw=name[:120],
            at=moment_of(moment) if moment else None,
        ),
    )
    if taken.outcome == "taken":
        code = "told" if stage else "state_unmapped"
        await _note(core, code, taken, status=name[:60])


async def _demand(core: Core, side: Side, row: Mapping[str, Any]) -> None:
    """A shipment: what left now, its track, and the codes of marked goods."""
    ident = _ours(inside(row, "customerOrder"))
    if ident is None or row.get("applicable") is False or row.get("deleted"):
        return
    one = await _open(core, ident)
    if one is None:
        return
    demand = ident_of(row)
    lines = await _lines(core, side, one, row)
    taken = await tell(
        core,
        FulfilmentReport(
            id=ident,
            ref=f"demand:{demand}",
            stage="shipped",
            raw=str(row.get("name") or "")[:120],
            at=moment_of(str(row["updated"])) if row.get("updated") else None,
            tracking=str(row.get("shippingDocumentNumber") or "")[:64],
            lines=lines,
        ),
    )
    values = {"account": side.code, "demand": demand, "fulfilment": str(ident)}
    await core.rows_put("demands", [Row(values={**values})])
    if taken.outcome == "taken":
        await _note(core, "shipped", taken)


async def _return(core: Core, side: Side, row: Mapping[str, Any]) -> None:
    """What came back of a shipment of ours."""
    demand = ident_of(inside(row, "demand"))
    known = await core.rows_get("demands", [(side.code, demand)]) if demand else ()
    if not known or row.get("applicable") is False:
        return
    ident = UUID(str(known[0].values["fulfilment"]))
    one = await _open(core, ident)
    if one is None:
        return
    taken = await tell(
        core,
        FulfilmentReport(
            id=ident,
            ref=f"return:{ident_of(row)}",
            stage="returned",
            at=moment_of(str(row["updated"])) if row.get("updated") else None,
            lines=await _lines(core, side, one, row),
        ),
    )
    if taken.outcome == "taken":
        await _note(core, "returned", taken)


async def _lines(
    core: Core, side: Side, one: Fulfilment, row: Mapping[str, Any]
) -> tuple[Moved, ...]:
    """Positions of a document as lines of the order, joined by the good."""
    positions = listed(inside(row, "positions"), "rows")
    idents = {ident_of(inside(each, "assortment")) for each in positions}
    known = await goods.by_id(core, side, idents - {""})
    numbers = {line.sku: line.line for line in one.lines}
    moved: list[Moved] = []
    for each in positions:
        good = known.get(ident_of(inside(each, "assortment")))
        number = numbers.get(good.sku) if good is not None else None
        if number is not None:
            moved.append(
                Moved(
                    line=number,
                    quantity_milli=round(float(each.get("quantity") or 0) * 1000),
                    codes=tuple(_codes(listed(each, "trackingCodes"))),
                )
            )
    return tuple(moved)


def _codes(tree: list[dict[str, Any]]) -> list[str]:
    """Raw codes of pieces; a package holds them inside."""
    found: list[str] = []
    for one in tree:
        parts = listed(one, "trackingCodes")
        if parts:
            found += _codes(parts)
        elif one.get("cis"):
            found.append(str(one["cis"]))
    return found


def _ours(row: Mapping[str, Any] | None) -> UUID | None:
    """Whose order it is, by our mark."""
    code = str((row or {}).get("externalCode") or "")
    try:
        return UUID(code.removeprefix(MARK)) if code.startswith(MARK) else None
    except ValueError:
        return None


async def _open(core: Core, ident: UUID) -> Fulfilment | None:
    try:
        return await core.fulfilment(ident)
    except Refused as refused:
        if refused.code == "fulfilment_not_found":
            return None
        raise


async def _note(core: Core, code: str, taken: FulfilmentTaken, **data: str) -> None:
    await core.journal(
        code,
        direction="in",
        state="warn" if code == "state_unmapped" else "ok",
        kind="order",
        number=taken.order_number,
        order=taken.order_number,
        **data,
    )
