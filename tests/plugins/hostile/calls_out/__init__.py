"""Calls hosts that were not granted, and goes around the host."""

import socket
from collections.abc import Callable
from contextlib import suppress

from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import RouteReply, RouteRequest, Routes, hookimpl
from appliance.plugin_api.way_out import NoWayOut, connect


@hookimpl
def register_routes(route: Routes) -> None:
    route("go", go)


async def go(request: RouteRequest, core: Core) -> RouteReply:
    tries: dict[str, Callable[[], object]] = {
        "tcp": lambda: socket.create_connection(("127.0.0.1", 9), 0.2),
        "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "unix": lambda: socket.socket(socket.AF_UNIX),
        "raw": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
        "name": lambda: socket.getaddrinfo("example.ru", 443),
        "datagrams": lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM),
    }
    done = []
    for name, one in tries.items():
        with suppress(OSError):
            one()
            done.append(name)
    for host, port in (("evil.example.com", 443), ("api.example.ru", 80), ("127.0.0.1", 5432)):
        try:
            await connect(host, port)
            done.append(host)
        except NoWayOut as error:
            done.append(error.code)
    return RouteReply(body=" ".join(done).encode())
