"""Asks the address of its settings, with the client of `plugin_api`."""

from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import RouteReply, RouteRequest, Routes, hookimpl

_clients: list[object] = []


@hookimpl
def register_routes(route: Routes) -> None:
    route("go", go)


async def go(request: RouteRequest, core: Core) -> RouteReply:
    import httpx  # noqa: PLC0415 - it costs 20 MB, so it is loaded when needed

    from appliance.plugin_api.http import client  # noqa: PLC0415

    if not _clients:
        _clients.append(client(str(core.settings["authority"])))
    one = _clients[0]
    assert isinstance(one, httpx.AsyncClient)
    try:
        answer = await one.post(str(core.settings["address"]), content=request.body)
    except httpx.ConnectError as error:
        return RouteReply(status=502, body=str(error).encode())
    return RouteReply(status=answer.status_code, body=answer.content)
