"""Calls of the kernel that no plugin has a use for."""

import ctypes

from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import RouteReply, RouteRequest, Routes, hookimpl


@hookimpl
def register_routes(route: Routes) -> None:
    route("go", go)


async def go(request: RouteRequest, core: Core) -> RouteReply:
    ctypes.CDLL(None).ptrace(16, 1, 0, 0)
    return RouteReply(body=b"free")
