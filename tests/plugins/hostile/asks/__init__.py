"""Asks for a field and for a call that were not granted."""

from appliance.plugin_api.core import Core, Refused
from appliance.plugin_api.hooks import RouteReply, RouteRequest, Routes, hookimpl


@hookimpl
def register_routes(route: Routes) -> None:
    route("go", go)


async def go(request: RouteRequest, core: Core) -> RouteReply:
    said = []
    for name in ("customers", "phone_for"):
        try:
            await core._line(name, b"\x80")
            said.append("got")
        except Refused as error:
            said.append(error.code)
    return RouteReply(body=" ".join(said).encode())
