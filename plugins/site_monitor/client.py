"""Opening a page and taking the time."""

from time import perf_counter
from typing import Any, Final, NamedTuple
from urllib.parse import urljoin

SECONDS: Final = 20.0
MOST_BYTES: Final = 512 << 10
"""Of a page: more is not needed to know that it comes."""


class Look(NamedTuple):
    """What came of opening a page; status 0 is no answer at all."""

    status: int
    ms: int


class Client:
    """Opens pages. A pool of connections of its own, made when it is first needed."""

    def __init__(self, transport: Any = None) -> None:
        """Args: transport: of httpx, in place of the way out through the host (tests)."""
        self._transport = transport
        self._http: Any = None

    async def look(self, address: str, page: str) -> Look:
        """Open one page; redirects within the host count as an answer."""
        import httpx  # noqa: PLC0415 - it costs 20 MB, so it is loaded when needed

        if self._http is None:
            if self._transport is None:
                from appliance.plugin_api.http import client  # noqa: PLC0415 - the same

                self._http = client(timeout=SECONDS)
            else:
                self._http = httpx.AsyncClient(transport=self._transport)
        started, size = perf_counter(), 0
        try:
            async with self._http.stream("GET", urljoin(address, page)) as answer:
                async for part in answer.aiter_bytes():
                    size += len(part)
                    if size > MOST_BYTES:
                        break
        except (httpx.TransportError, httpx.InvalidURL):
            return Look(0, round((perf_counter() - started) * 1000))
        return Look(int(answer.status_code), round((perf_counter() - started) * 1000))
