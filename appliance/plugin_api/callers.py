"""Where a push comes from, for services that sign none and name their addresses instead."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

from appliance.plugin_api import calls
from appliance.plugin_api.core import Core
from appliance.plugin_api.hooks import RouteRequest

Network = IPv4Network | IPv6Network

QUIET: Final = timedelta(hours=1)
"""Between two lines of the journal about pushes that are not taken."""
_said: Final[dict[str, datetime]] = {}
"""Code → when the journal had its line."""


def forget() -> None:
    """Forget what was said of strangers; tests begin so."""
    _said.clear()


async def say_stranger(core: Core, code: str = "vendor.push_foreign") -> None:
    """Say in the journal that somebody pushes who is not believed.

    Once an hour: whoever knocks at the door must not fill the journal.
    """
    now, last = calls.utc_now(), _said.get(code)
    if last is None or not timedelta() <= now - last < QUIET:
        _said[code] = now
        await core.journal(code, direction="in", state="warn")


def networks(*named: str) -> tuple[Network, ...]:
    """Networks as a service writes them down: `185.71.76.0/27`."""
    return tuple(ip_network(one) for one in named)


def came_from(request: RouteRequest, known: Iterable[Network]) -> bool:
    """Whether a request came from there, as far as the box knows the sender's address.

    Behind a tunnel or another door of the firm the box sees only that: then what the push says
    is decided by reading it anew alone, as it has to be in any case.

    >>> from appliance.plugin_api.hooks import RouteRequest
    >>> def push(address: str) -> RouteRequest:
    ...     return RouteRequest(route="push", method="POST", address=address)
    >>> [came_from(push(one), networks("185.71.76.0/27")) for one in
    ...  ("185.71.76.3", "93.184.216.34", "10.0.0.2", "::ffff:185.71.76.3", "")]
    [True, False, True, True, True]
    """
    try:
        address = ip_address(request.address.partition("%")[0])
    except ValueError:
        return True
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_private or address.is_loopback:
        return True
    return any(address in one for one in known)
