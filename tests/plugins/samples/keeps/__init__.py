"""Keeps files in the folder it is given, moves them about in it, and marks orders."""

from pathlib import Path
from uuid import UUID

from appliance.domain.events import OrderPlaced
from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import Badge, On, RouteReply, RouteRequest, Routes, hookimpl


@hookimpl
def register_handlers(on: On) -> None:
    on(OrderPlaced, hear)


@hookimpl
def register_routes(route: Routes) -> None:
    route("write", write)


@hookimpl
def card_badges(order: UUID) -> list[Badge]:
    return [Badge(text="упакован", tone="good")]


async def hear(event: OrderPlaced, core: Core) -> None:
    """The badge says it all."""


async def write(request: RouteRequest, core: Core) -> RouteReply:
    """Write as the address says: `one/name` in the folder, `../` tries to leave it."""
    path = Path(core.folder) / request.rest
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("ab") as file:
            file.write(request.body)
        path.rename(path.with_suffix(".done"))
        path.with_suffix(".done").rename(Path(core.folder) / f"{path.name}.moved")
    except OSError as error:
        return RouteReply(status=507, body=type(error).__name__.encode())
    return RouteReply()
