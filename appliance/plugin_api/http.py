"""An HTTP client for plugins: httpx, over connections that the host makes.

Import it where it is used, not at the top of the plugin: it costs 20 MB.
"""

import asyncio
import asyncio.base_events
import asyncio.selector_events
import asyncio.sslproto
import importlib
import ssl
from collections.abc import Iterable
from typing import Any, Final

import httpcore
import httpx

from appliance.plugin_api.way_out import NoWayOut, connect

# The process was started without it, see `plugin_host/cage.py`: asyncio looks for it here.
if vars(asyncio.sslproto)["ssl"] is None:
    importlib.reload(asyncio.sslproto)
    for _part in (asyncio.base_events, asyncio.selector_events):
        vars(_part)["ssl"] = ssl

SECONDS: Final = 20.0
READ_BYTES: Final = 64 << 10


class _Stream(httpcore.AsyncNetworkStream):
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's interface
        try:
            async with asyncio.timeout(timeout):
                return await self._reader.read(max_bytes)
        except TimeoutError:
            raise httpcore.ReadTimeout from None
        except OSError as error:
            raise httpcore.ReadError(type(error).__name__) from None

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's interface
        try:
            async with asyncio.timeout(timeout):
                self._writer.write(buffer)
                await self._writer.drain()
        except TimeoutError:
            raise httpcore.WriteTimeout from None
        except OSError as error:
            raise httpcore.WriteError(type(error).__name__) from None

    async def aclose(self) -> None:
        self._writer.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except TimeoutError:
            raise httpcore.ConnectTimeout from None
        except OSError as error:  # ssl's own are among them
            raise httpcore.ConnectError(type(error).__name__) from None
        return self

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return self._reader.at_eof()
        return self._writer.get_extra_info(info)


class _Backend(httpcore.AsyncNetworkBackend):
    """Has the host connect."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                connection = await connect(host, port)
                return _Stream(*await asyncio.open_connection(sock=connection))
        except TimeoutError:
            raise httpcore.ConnectTimeout from None
        except NoWayOut as error:
            raise httpcore.ConnectError(error.code) from None

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Transport(httpx.AsyncHTTPTransport):
    """httpx's own, with our way out under it."""

    def __init__(self, authority: str) -> None:
        # httpx's constructor would load the certificates a second time for a pool of its own.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(cadata=authority or None),
            max_connections=8,
            max_keepalive_connections=2,
            keepalive_expiry=30.0,
            network_backend=_Backend(),
        )


def client(authority: str = "", **options: Any) -> httpx.AsyncClient:
    """A client that reaches the hosts of the grant and no others; keep one and close it.

    Args:
        authority: PEM of who vouches for the other side, in place of the system's authorities.
        options: of `httpx.AsyncClient`, as `base_url` or `headers`.

    Raises of its calls: `httpx.ConnectError("host_not_granted")` and the other codes of `NoWayOut`.
    """
    options.setdefault("timeout", SECONDS)
    return httpx.AsyncClient(transport=_Transport(authority), trust_env=False, **options)
