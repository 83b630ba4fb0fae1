"""Speaks past the protocol: the socket is its own to write to."""

import os
import stat

from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import RouteReply, RouteRequest, Routes, hookimpl


@hookimpl
def register_routes(route: Routes) -> None:
    route("go", go)


async def go(request: RouteRequest, core: Core) -> RouteReply:
    for number in range(3, 64):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                os.write(number, b"\xff" * 64)
        except OSError:
            continue
    return RouteReply()
