"""Hands orders to МойСклад, and takes states, shipments, returns and stock from it."""

from appliance.domain.events import LOOK, ServiceWished
from appliance.plugin_api.core import Core, Refused
from appliance.plugin_api.fulfilments import OwnState, States, StatesAsked
from appliance.plugin_api.hooks import Answers, Every, Finding, On, Routes, hookimpl
from appliance.plugin_api.outcomes import Pause, Permanent, Retry, for_each
from plugins.warehouse_moysklad import hooks, reading, sending
from plugins.warehouse_moysklad import stock as shelves
from plugins.warehouse_moysklad.sides import SIDES, Side, ident_of, inside, listed

HINTS = {"Successful": "delivered", "Unsuccessful": "cancelled"}
"""Type of a status there → what it is likely to mean; the rest is for people to choose."""


@hookimpl
def register_handlers(on: On) -> None:
    on(ServiceWished, wished)


@hookimpl
def register_routes(route: Routes) -> None:
    route("hook", hooks.pushed)


@hookimpl
def register_jobs(every: Every) -> None:
    every("hints", hints)
    every("pull", pull)
    every("stock", stock)
    every("pushes", pushes)


@hookimpl
def register_answers(answer: Answers) -> None:
    answer("warehouse.states", states)


@hookimpl
async def diagnose(core: Core, account: str) -> list[Finding]:
    found: list[Finding] = []
    for side in SIDES.every(core):
        if account in ("", side.code):
            found.append(await _try(core, side))
    return found


async def _try(core: Core, side: Side) -> Finding:
    try:
        reply = await side.ask(core, "GET", "entity/organization", query={"limit": 1})
    except (Pause, Retry, Permanent):
        return Finding(code="silent", is_good=False, account=side.code)
    code = "connected" if reply.is_good else "refused_us"
    return Finding(code=code, is_good=reply.is_good, account=side.code)


async def states(asked: StatesAsked, core: Core) -> States:
    """Statuses of customer orders as the account has them."""
    side = SIDES.of(core, asked.account)
    reply = await side.ask(core, "GET", "entity/customerorder/metadata")
    rows = listed(inside({"data": reply.data}, "data"), "states") if reply.is_good else []
    return States(
        states=tuple(
            OwnState(
                code=ident_of(row),
                name=str(row.get("name") or ""),
                hint=HINTS.get(str(row.get("stateType")), ""),
            )
            for row in rows
        )
    )


async def wished(event: ServiceWished, core: Core) -> None:
    """Do a deed there. May run again: the order goes under an id of ours."""
    if event.kind != "fulfilment":
        return
    try:
        one = await core.fulfilment(event.record_id)
    except Refused as refused:
        if refused.code == "fulfilment_not_found":
            return
        raise
    side = SIDES.of(core, one.account)
    if event.deed == LOOK:
        await reading.pull(core, side)
        return
    if event.deed == "label":
        return  # it keeps none: whoever packs there prints it from the box
    deeds = {"send": sending.send, "change": sending.change, "cancel": sending.cancel}
    await deeds[event.deed](core, side, one)


async def hints(core: Core) -> None:
    """Read accounts on that pushed."""
    pushed = [one for one in SIDES.every(core) if one.code in hooks.hinted]
    hooks.hinted.difference_update(one.code for one in pushed)
    await for_each(pushed, lambda side: reading.pull(core, side))


async def pull(core: Core) -> None:
    """Read every account on, pushed or not."""
    await for_each(SIDES.every(core), lambda side: reading.pull(core, side))


async def stock(core: Core) -> None:
    """Take over what is free."""
    await for_each(SIDES.every(core), lambda side: shelves.stock(core, side))


async def pushes(core: Core) -> None:
    """See that pushes are ordered and switched on."""
    await for_each(SIDES.every(core), lambda side: hooks.order_them(core, side))
