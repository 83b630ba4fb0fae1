"""The way to the other side: one POST, signed."""

import hmac
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

SECONDS: Final = 15.0


def signed(secret: str, moment: str, body: bytes) -> str:
    """What stands in `X-Korobka-Signature`.

    Args:
        secret: shared by both sides.
        moment: `X-Korobka-Time`, seconds since 1970; it is signed too, so that an old request
            cannot be sent again later.
        body: as it is sent.
    """
    return "sha256=" + hmac.new(secret.encode(), moment.encode() + b"." + body, sha256).hexdigest()


def account_of(url: str) -> str:
    """What is down when this address is: its host and port."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


class Client:
    """Posts events. Holds one connection pool, made when it is first needed."""

    def __init__(self, transport: Any = None) -> None:
        """Args: transport: of httpx, in place of the way out through the host (tests)."""
        self._transport = transport
        self._http: Any = None

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> tuple[int, float]:
        """Send; give the status (0: no answer at all) and the seconds of `Retry-After`."""
        import httpx  # noqa: PLC0415 - it costs 20 MB, so it is loaded when needed

        if self._http is None:
            if self._transport is None:
                from appliance.plugin_api.http import client  # noqa: PLC0415 - the same

                self._http = client(timeout=SECONDS)
            else:
                self._http = httpx.AsyncClient(transport=self._transport)
        try:
            answer = await self._http.post(url, content=body, headers=headers)
        except httpx.TransportError:
            return 0, 0.0
        after: str = answer.headers.get("retry-after", "")
        return int(answer.status_code), float(after) if after.isdecimal() else 0.0
