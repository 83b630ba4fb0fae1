"""Says more than anybody can listen to."""

import asyncio

from appliance.plugin_api.core import Core, Refused
from appliance.plugin_api.hooks import RouteReply, RouteRequest, Routes, hookimpl
from appliance.plugin_api.way_out import NoWayOut, connect


@hookimpl
def register_routes(route: Routes) -> None:
    route("go", go)


async def go(request: RouteRequest, core: Core) -> RouteReply:
    if request.rest == "logs":
        for number in range(200_000):
            core.log("flood", 40, number=number)
            if number % 500 == 0:
                await asyncio.sleep(0)
    elif request.rest == "ways":
        await asyncio.gather(*(go_out() for _ in range(2_000)))
    else:
        await asyncio.gather(*(ask(core) for _ in range(5_000)))
    return RouteReply()


async def ask(core: Core) -> None:
    try:
        await core._line("orders", b"x" * 1000)
    except Refused:
        return


async def go_out() -> None:
    try:
        await connect("evil.example.com", 443)
    except NoWayOut:
        return
