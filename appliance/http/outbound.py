"""Fetching a file from an address that a person typed: whose address, how long, how much.

The name is resolved here, every address it has is looked at, and the connection goes to one that
was looked at: a name that answers differently the second time gains nothing. Redirects are
followed by hand, each as a new address. Nothing of the environment (proxies, netrc) is asked.
"""

import asyncio
import ipaddress
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final, NamedTuple
from urllib.parse import urljoin, urlsplit

import httpcore

from appliance import __version__
from appliance.domain.whereabouts import Whose, whose
from appliance.errors import Invalid, Unavailable

MOST_HOPS: Final = 5
CONNECT_SECONDS: Final = 15.0
READ_SECONDS: Final = 60.0
WHOLE_SECONDS: Final = 30 * 60.0
"""A shop makes some hundred megabytes while we wait."""
POST_SECONDS: Final = 30.0
MOST_HEADER: Final = 255
AGENT: Final = f"Korobka/{__version__}"
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_NOTHING_NEW: Final = 304
_FINE: Final = 200

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Fetched(NamedTuple):
    """How a fetch ended.

    Attributes:
        changed: False: the server says that it is what we have.
        size: bytes as they are, unpacked.
        etag, modified: to be shown next time.
    """

    changed: bool
    size: int = 0
    etag: str = ""
    modified: str = ""


def is_allowed(address: Address, *, lan: bool) -> bool:
    """Whether the box may go there: the open net, and its own only when it was told so.

    The address at which clouds tell machines their secrets (link-local) is never allowed.
    """
    found = whose(address)
    return found is Whose.OPEN or (lan and found in {Whose.OWN, Whose.HERE})


class _Guarded(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were looked at, and to no others."""

    def __init__(self, *, lan: bool) -> None:
        self._lan = lan
        self._inner: httpcore.AsyncNetworkBackend = httpcore.AnyIOBackend()  # pyright: ignore[reportAttributeAccessIssue] - declared twice: there is a stand-in where anyio is missing

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore declares it
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
        if not addresses or not all(is_allowed(one, lan=self._lan) for one in addresses):
            raise Invalid("address_not_allowed")
        for place, one in enumerate(addresses):
            try:
                return await self._inner.connect_tcp(
                    str(one), port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if place + 1 == len(addresses):
                    raise
        raise AssertionError("unreachable")


async def fetch(
    url: str,
    write: Callable[[bytes], object],
    *,
    lan: bool,
    most_bytes: int,
    etag: str = "",
    modified: str = "",
    trust: ssl.SSLContext | None = None,
) -> Fetched:
    """Fetch a file unless it is the one we have.

    Args:
        url: http or https.
        write: takes the bytes one piece after another; runs on the loop's executor.
        lan: whether addresses of the local network are allowed.
        most_bytes: unpacked; more is refused.
        etag: of the file we have, as the server gave it then.
        modified: of the file we have, likewise.
        trust: whose certificates are believed; None: the system's authorities.

    Raises:
        Invalid: `address_unreadable`, `address_not_allowed`, `address_not_found` (no such name),
            `catalogue_too_large`, `answer_refused` (`params["status"]`), `answer_broken`.
        Unavailable: `shop_unreachable`, `shop_untrusted` (its certificate).
    """
    headers = {"user-agent": AGENT, "accept": "*/*", "accept-encoding": "gzip"}
    if etag:
        headers["if-none-match"] = etag
    if modified:
        headers["if-modified-since"] = modified
    try:
        async with asyncio.timeout(WHOLE_SECONDS):
            return await _fetch(url, write, headers, lan=lan, most=most_bytes, trust=trust)
    except socket.gaierror:
        raise Invalid("address_not_found") from None
    except httpcore.ConnectError as error:
        untrusted = isinstance(error.__cause__ or error.__context__, ssl.SSLError)
        untrusted = untrusted or "CERTIFICATE" in str(error).upper()
        raise Unavailable("shop_untrusted" if untrusted else "shop_unreachable") from None
    except (TimeoutError, OSError, httpcore.TimeoutException, httpcore.NetworkError):
        raise Unavailable("shop_unreachable") from None
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol, UnicodeError, zlib.error):
        raise Invalid("answer_broken") from None


@cache
def _authorities() -> ssl.SSLContext:
    """The system's authorities: reading them takes the loop's time, so only once for messages."""
    return ssl.create_default_context()


async def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    lan: bool,
    trust: ssl.SSLContext | None = None,
) -> int:
    """Send a body and give the status of the answer; its words are not read, nobody is followed.

    Raises:
        Invalid: `address_unreadable`, `address_not_allowed`, `address_not_found`,
            `answer_broken`.
        Unavailable: `host_unreachable`, `host_untrusted`.
    """
    _check(url)
    times = dict.fromkeys(("connect", "read", "write", "pool"), CONNECT_SECONDS)
    sent = {"user-agent": AGENT, **headers}
    try:
        async with (
            asyncio.timeout(POST_SECONDS),
            httpcore.AsyncConnectionPool(
                ssl_context=trust or _authorities(),
                network_backend=_Guarded(lan=lan),
            ) as pool,
            pool.stream(
                "POST",
                url,
                headers=list(sent.items()),
                content=body,
                extensions={"timeout": times},
            ) as answer,
        ):
            return answer.status
    except socket.gaierror:
        raise Invalid("address_not_found") from None
    except httpcore.ConnectError as error:
        untrusted = "CERTIFICATE" in str(error).upper()
        raise Unavailable("host_untrusted" if untrusted else "host_unreachable") from None
    except (TimeoutError, OSError, httpcore.TimeoutException, httpcore.NetworkError):
        raise Unavailable("host_unreachable") from None
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol, UnicodeError):
        raise Invalid("answer_broken") from None


async def _fetch(
    url: str,
    write: Callable[[bytes], object],
    headers: Mapping[str, str],
    *,
    lan: bool,
    most: int,
    trust: ssl.SSLContext | None,
) -> Fetched:
    times = {
        "connect": CONNECT_SECONDS,
        "read": READ_SECONDS,
        "write": READ_SECONDS,
        "pool": CONNECT_SECONDS,
    }
    async with httpcore.AsyncConnectionPool(
        ssl_context=trust or ssl.create_default_context(), network_backend=_Guarded(lan=lan)
    ) as pool:
        for _ in range(MOST_HOPS):
            _check(url)
            async with pool.stream(
                "GET", url, headers=list(headers.items()), extensions={"timeout": times}
            ) as answer:
                said = {name.lower().decode("latin-1"): value for name, value in answer.headers}
                if answer.status in _MOVED and "location" in said:
                    url = urljoin(url, said["location"].decode("latin-1"))
                    continue
                if answer.status == _NOTHING_NEW:
                    return Fetched(changed=False)
                if answer.status != _FINE:
                    raise Invalid("answer_refused", status=answer.status)
                packed = said.get("content-encoding", b"") == b"gzip"
                size = await _kept(answer.aiter_stream(), write, most, packed=packed)
                return Fetched(True, size, _text(said, "etag"), _text(said, "last-modified"))
    raise Invalid("answer_broken")


def _text(said: Mapping[str, bytes], name: str) -> str:
    text = said.get(name, b"").decode("latin-1")
    return text if len(text) <= MOST_HEADER and text.isprintable() else ""


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise Invalid("address_unreadable") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise Invalid("address_unreadable")


async def _kept(
    chunks: AsyncIterator[bytes], write: Callable[[bytes], object], most: int, *, packed: bool
) -> int:
    """Write the bytes down, unpacked piece by piece: a bomb is stopped where it passes `most`."""
    unpacker = zlib.decompressobj(wbits=31) if packed else None
    size, piece = 0, 1024 * 1024
    async for chunk in chunks:
        waiting = chunk
        while waiting:
            if unpacker is None:
                data, waiting = waiting, b""
            else:
                data = unpacker.decompress(waiting, piece)
                waiting = unpacker.unconsumed_tail
            size += len(data)
            if size > most:
                raise Invalid("catalogue_too_large")
            await asyncio.to_thread(write, data)
    if unpacker is not None and not unpacker.eof:
        raise Invalid("answer_broken")
    return size
