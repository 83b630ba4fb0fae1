"""Waits for what never comes: kindly, or holding everything up."""

import asyncio
import time

from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import RouteReply, RouteRequest, Routes, hookimpl


@hookimpl
def register_routes(route: Routes) -> None:
    route("go", go)


async def go(request: RouteRequest, core: Core) -> RouteReply:
    if request.rest == "hard":
        time.sleep(3600)
    await asyncio.Event().wait()
    return RouteReply()
