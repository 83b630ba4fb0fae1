"""Where a request comes from, as coarse as the log may know, and small facts of a request."""

import ipaddress
from functools import lru_cache
from typing import Any

from litestar.types import Scope

from appliance.domain.access import Origin

MAX_AGENT = 400
PEER = "uid"
"""Stands for the address on the console's socket: `("uid", 1000)`."""


@lru_cache(1024)
def _class_of(address: str) -> Origin:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return Origin.OUTER
    mapped = getattr(parsed, "ipv4_mapped", None)
    parsed = mapped or parsed
    if parsed.is_loopback:
        return Origin.LOOPBACK
    return Origin.LAN if parsed.is_private else Origin.OUTER


def address_of(scope: Scope) -> str:
    """The socket's address; empty on the console's socket. Forwarded headers are never believed."""
    client = scope.get("client")
    return client[0] if client and client[0] != PEER else ""


def peer_uid(scope: Scope) -> int | None:
    """The account at the other end of the console's socket, as the kernel says; else None."""
    client = scope.get("client")
    return client[1] if client and client[0] == PEER else None


def origin_of(scope: Scope) -> Origin:
    """Loopback, the firm's network, or outside; a Unix socket is loopback."""
    address = address_of(scope)
    return _class_of(address) if address else Origin.LOOPBACK


def header(scope: Scope, name: bytes) -> str:
    """One request header by its lower-case name; empty when absent."""
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return ""


def cookie(scope: Scope, name: str) -> str:
    """One cookie; empty when absent. The first of several with one name counts."""
    sought = f"{name}="
    for key, value in scope["headers"]:
        if key == b"cookie":
            for part in value.decode("latin-1").split(";"):
                found = part.strip()
                if found.startswith(sought):
                    return found[len(sought) :]
    return ""


_BROWSERS = (
    ("YaBrowser/", "Яндекс Браузер"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device_of(scope: Scope) -> str:
    """Browser and system, as «my sessions» shows them; nothing finer is kept."""
    agent = header(scope, b"user-agent")[:MAX_AGENT]
    parts = [
        next((name for mark, name in known if mark in agent), "") for known in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(part for part in parts if part)


def state_of(scope: Scope) -> dict[str, Any]:
    """What the house notes on a request: `request_id`, `origin`, `visit`, `token`, `csrf`.

    `began` is `time.perf_counter()` when it came.
    """
    return scope.setdefault("state", {})
