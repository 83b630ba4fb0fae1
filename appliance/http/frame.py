"""What surrounds every answer of every door: request id, headers, access log.

It wraps the whole application, so that an answer to an unknown path has them too.
"""

import logging
import secrets
import time
from collections.abc import Iterable, Sequence
from typing import Final

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from appliance.http.origin import origin_of, state_of

access_log = logging.getLogger("korobka.access")

CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "object-src 'none'; worker-src 'none'; frame-ancestors 'none'"
)
HEADERS: Final[Sequence[tuple[bytes, bytes]]] = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"strict-transport-security", b"max-age=31536000"),
)
"""Security reference, section E. An answer that brings one of these itself keeps its own."""

_NO_STORE: Final = (b"cache-control", b"no-store")


def new_request_id() -> str:
    """The number of the event that people read out to whoever helps them: `7F3A-21C9`."""
    text = secrets.token_hex(4).upper()
    return f"{text[:4]}-{text[4:]}"


class Frame:
    """Wraps an application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = state_of(scope)
        request_id = state["request_id"] = new_request_id()
        state["origin"] = origin_of(scope)
        started = state["began"] = time.perf_counter()
        status = 500

        async def framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _completed(message["headers"], request_id.encode())
            await send(message)

        try:
            await self._app(scope, receive, framed)
        finally:
            _note(scope, status, started)


def _completed(
    headers: Iterable[tuple[bytes, bytes]], request_id: bytes
) -> list[tuple[bytes, bytes]]:
    own = [*headers]
    names = {name.lower() for name, _ in own}
    own += [pair for pair in HEADERS if pair[0] not in names]
    if b"cache-control" not in names:
        own.append(_NO_STORE)
    own.append((b"x-request-id", request_id))
    return own


def _note(scope: Scope, status: int, started: float) -> None:
    """One line of the access log: the route's pattern, never the path, query or body."""
    state = state_of(scope)
    actor = scope.get("user")
    access_log.info(
        "%s %s %d %.1fms %s %s id=%s",
        scope["method"] if scope["type"] == "http" else "-",
        scope.get("path_template") or "-",
        status,
        (time.perf_counter() - started) * 1000,
        state["origin"].value,
        "-" if actor is None else f"{actor.kind.value}={actor.number}",
        state["request_id"],
    )
