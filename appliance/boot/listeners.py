"""The doors' sockets: TLS for staff, the outer door when asked for, the console's own socket."""

import asyncio
import logging
import os
import socket
import struct
from pathlib import Path
from typing import Any, Protocol

import uvicorn
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.server.embed import Server as GranianServer
from uvicorn.protocols.http.h11_impl import H11Protocol

log = logging.getLogger(__name__)

GRACE_SECONDS = 3
BACKLOG = 512

App = Any  # an ASGI application; its three arguments have no common type


class Listener(Protocol):
    """Something that accepts connections until it is stopped.

    Attributes:
        opened: set once a connection is accepted; only for the loop that serves.
    """

    opened: asyncio.Event

    async def serve(self) -> None: ...

    def stop(self) -> None: ...


class GranianListener:
    """HTTP/2 and 1.1 over TLS on one address."""

    def __init__(self, app: App, address: str, port: int, folder: Path) -> None:
        self.opened = asyncio.Event()
        self._server = GranianServer(
            app,
            address=address,
            port=port,
            interface=Interfaces.ASGINL,
            http=HTTPModes.auto,
            websockets=False,
            backlog=BACKLOG,
            log_enabled=False,
            ssl_cert=folder / "tls.pem",
            ssl_key=folder / "tls.pem",  # one file, leaf first: they are replaced together
            ssl_protocol_min=SSLProtocols.tls12,
        )
        self._server.on_startup(self._announce)

    def _announce(self) -> None:
        # Called before the worker's task is made; that task binds the socket in its first step,
        # and so before what is put behind it here.
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.call_soon, self.opened.set)

    async def serve(self) -> None:
        """Accept until stopped."""
        await self._server.serve()

    def stop(self) -> None:
        """Finish what runs and return from `serve`."""
        self._server.stop()


class _Uvicorn(uvicorn.Server):
    """Says when it accepts connections."""

    def __init__(self, config: uvicorn.Config, opened: asyncio.Event) -> None:
        super().__init__(config)
        self._opened = opened

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Bind, then say so."""
        await super().startup(sockets)
        self._opened.set()


class UvicornListener:
    """HTTP/1.1: the fallback for TLS, and the console's socket."""

    def __init__(self, config: uvicorn.Config) -> None:
        self.opened = asyncio.Event()
        self._server = _Uvicorn(config, self.opened)
        self._server.install_signal_handlers = lambda: None  # pyright: ignore[reportAttributeAccessIssue] - boot handles signals

    async def serve(self) -> None:
        """Accept until stopped."""
        await self._server.serve()

    def stop(self) -> None:
        """Finish what runs and return from `serve`."""
        self._server.should_exit = True


class PeerProtocol(H11Protocol):
    """Says in `scope["client"]` which account is at the other end: `("uid", 1000)`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - as uvicorn declares it
        super().connection_made(transport)
        peer = transport.get_extra_info("socket")
        raw = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        _, uid, _ = struct.unpack("3i", raw)
        self.client = ("uid", uid)


def console_listener(app: App, path: Path, runtime: Path | None = None) -> UvicornListener:
    """The console's socket, for its owner and group only.

    Args:
        app: what answers there.
        path: where those who may read the data folder look for it.
        runtime: the service's own folder; the socket is then there, and `path` a link to it.
    """
    path.parent.mkdir(mode=0o750, exist_ok=True)
    path.unlink(missing_ok=True)
    place = path if runtime is None else runtime / path.name
    place.unlink(missing_ok=True)
    before = os.umask(0o117)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        bound.bind(str(place))
    finally:
        os.umask(before)
    if place != path:
        path.symlink_to(place)
    bound.listen(64)
    config = uvicorn.Config(
        app,
        fd=os.dup(bound.fileno()),
        http=PeerProtocol,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    bound.close()
    return UvicornListener(config)


def tls_listener(kind: str, app: App, address: str, port: int, folder: Path) -> Listener:
    """A door for browsers or programs, by the server the settings name."""
    if kind == "granian":
        return GranianListener(app, address, port, folder)
    return UvicornListener(
        uvicorn.Config(
            app,
            host=address,
            port=port,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            ssl_certfile=str(folder / "tls.pem"),
            ssl_keyfile=str(folder / "tls.pem"),
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )
