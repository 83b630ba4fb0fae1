"""Hands orders to a fulfilment operator by our own contract and takes what became of them."""

from contextlib import suppress

import msgspec

from appliance.domain.events import LOOK, ServiceWished
from appliance.plugin_api.calls import utc_now
from appliance.plugin_api.core import Core, Refused
from appliance.plugin_api.fulfilments import States, StatesAsked
from appliance.plugin_api.hooks import (
    Answers,
    Every,
    Finding,
    On,
    RouteReply,
    RouteRequest,
    Routes,
    hookimpl,
)
from appliance.plugin_api.outcomes import Pause, Permanent, Retry, for_each
from plugins.fulfillment_http import heard, reading, sending
from plugins.fulfillment_http.sides import SIDES, Side, sides_of
from plugins.fulfillment_http.signing import refusal

QUIET_SECONDS = 3600.0
"""Between two journal lines about pushes that are not believed."""

_noted: dict[str, float] = {}


@hookimpl
def register_handlers(on: On) -> None:
    on(ServiceWished, wished)


@hookimpl
def register_routes(route: Routes) -> None:
    route("events", pushed)


@hookimpl
def register_jobs(every: Every) -> None:
    every("pull", pull)
    every("stock", stock)
    every("compare", compare)


@hookimpl
def register_answers(answer: Answers) -> None:
    answer("warehouse.states", states)


@hookimpl
async def diagnose(core: Core, account: str) -> list[Finding]:
    """Read on in each operator's log without taking anything: address and key are tried by that."""
    sides = [one for one in sides_of(core) if account in ("", one.code)]
    return [await _try(core, one) for one in sides]


async def _try(core: Core, side: Side) -> Finding:
    query: dict[str, str | int] = {"after": await reading.read_to(core, side), "limit": 100}
    try:
        reply = await side.vendor.ask(core, "GET", "/events", query=query)
        waiting = len(reply.json(heard.Events).events) if reply.is_good else -1
    except (Pause, Permanent, Retry):
        waiting = -1
    if waiting < 0:
        return Finding(code="silent", is_good=False, account=side.code)
    numbers = {"events": waiting}
    return Finding(code="connected", is_good=True, numbers=numbers, account=side.code)


async def states(asked: StatesAsked, core: Core) -> States:
    """By our contract an operator speaks in stages: there is nothing to map."""
    del asked, core
    return States()


async def wished(event: ServiceWished, core: Core) -> None:
    """Do a deed at the operator. May run again: the key of the order is the same."""
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
    deeds = {
        "send": sending.send,
        "change": sending.change,
        "cancel": sending.cancel,
        "label": sending.label,
    }
    await deeds[event.deed](core, side, one)


async def pull(core: Core) -> None:
    """Read the log of every account on from where it was read to."""
    await _each(core, reading.pull)


async def stock(core: Core) -> None:
    """Take over stock that changed; once a day all of it."""
    await _each(core, reading.stock)


async def compare(core: Core) -> None:
    """Hold what is under way here against what the operator says."""
    await _each(core, reading.compare)


async def _each(core: Core, work: reading.Work) -> None:
    """Do it for every account; one that is down does not stop the others."""
    await for_each(sides_of(core), lambda side: work(core, side))


async def pushed(request: RouteRequest, core: Core) -> RouteReply:
    """A push is a hint: believed only signed and fresh, and then the log is read."""
    side = SIDES.find(core, request.rest or "main")
    if side is None:
        return RouteReply(status=404)
    why = refusal(
        side.secret,
        request.header("x-timestamp"),
        request.header("x-signature"),
        request.body,
        utc_now().timestamp(),
    )
    if why:
        await _refused(core, side, why)
        return RouteReply(status=401)
    try:
        push = msgspec.json.decode(request.body, type=heard.Push, strict=False)
    except msgspec.DecodeError:
        return RouteReply(status=422)
    if push.seq > await reading.read_to(core, side):
        with suppress(Pause, Permanent, Retry):  # the log is read again by the clock
            await reading.pull(core, side)
    return RouteReply(status=204)


async def _refused(core: Core, side: Side, why: str) -> None:
    """Say in the journal that somebody pushes what is not believed; once an hour."""
    now = utc_now().timestamp()
    if now - _noted.get(side.code, 0.0) > QUIET_SECONDS:
        _noted[side.code] = now
        await core.journal("push_refused", direction="in", state="warn", why=why)
