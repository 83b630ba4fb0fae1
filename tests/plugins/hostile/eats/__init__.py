"""Takes all the memory there is, in every way there is."""

import mmap

from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import RouteReply, RouteRequest, Routes, hookimpl


@hookimpl
def register_routes(route: Routes) -> None:
    route("go", go)


async def go(request: RouteRequest, core: Core) -> RouteReply:
    got = []
    for name, one in (("at_once", at_once), ("shared", shared), ("slowly", slowly)):
        try:
            one()
        except (MemoryError, OSError):
            continue
        got.append(name)
    return RouteReply(body=" ".join(got).encode())


def at_once() -> None:
    bytearray(10 << 30)


def shared() -> None:
    """Shared pages count for no limit but that of addresses."""
    mmap.mmap(-1, 10 << 30).close()


def slowly() -> None:
    held = []
    for _ in range(10_000):
        held.append(bytearray(b"x") * (1 << 20))
