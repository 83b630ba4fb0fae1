"""Greets: an event, an address, a job, a call of Core."""

from appliance.domain.events import OrderPlaced
from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import (
    Every,
    Finding,
    On,
    RouteReply,
    RouteRequest,
    Routes,
    hookimpl,
)
from appliance.plugin_api.outcomes import Pause, Permanent, Retry

placed: list[OrderPlaced] = []


@hookimpl
def register_handlers(on: On) -> None:
    on(OrderPlaced, greet)


@hookimpl
def register_routes(route: Routes) -> None:
    route("hook", answer)


@hookimpl
def register_jobs(every: Every) -> None:
    every("check", check)


@hookimpl
async def diagnose() -> list[Finding]:
    return [Finding(code="greeted", is_good=True, numbers={"orders": len(placed)})]


async def greet(event: OrderPlaced, core: Core) -> None:
    """Outcomes by the sum of the order: what the host makes of them is what is tested."""
    match event.total:
        case 1:
            raise Retry("not_now")
        case 2:
            raise Pause(30)
        case 3:
            raise Permanent("never")
        case 4:
            raise KeyError("Анна Орлова")
        case _:
            placed.append(event)


async def answer(request: RouteRequest, core: Core) -> RouteReply:
    return RouteReply(
        headers=(("content-type", "text/plain"),),
        body=f"{request.method} {request.rest} {len(request.body)}".encode(),
    )


async def check(core: Core) -> None:
    placed.clear()
