"""Whose an address of the network is: the open net's, the firm's own, this machine's, or nobody's.

An IPv6 address may carry an IPv4 one that a gateway or the system's own tunnel goes on to: then
that one decides (RFC 4291, 2.5.5; RFC 3056; RFC 6052).
"""

from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

_CARRIERS: Final = (
    IPv6Network("64:ff9b::/96"),
    IPv6Network("::/96"),
    IPv6Network("::ffff:0:0:0/96"),
)
"""Prefixes whose last 32 bits are an IPv4 address."""

_OWN: Final = (IPv6Network("fec0::/10"), IPv6Network("64:ff9b:1::/48"))
"""Of a site's own though Python calls them global: RFC 3879, RFC 8215."""

_TOLD: Final = tuple(
    map(IPv4Network, ("192.0.0.0/24", "100.64.0.0/10", "240.0.0.0/4", "0.0.0.0/8"))
)
"""Of protocols and providers (RFC 6890): no service of anybody's, but clouds tell machines their
secrets there (192.0.0.192, 100.100.100.200)."""


class Whose(Enum):
    """Whose an address is; NOBODYS are those at which clouds tell machines their secrets, too."""

    OPEN = "open"
    OWN = "own"
    HERE = "here"
    NOBODYS = "nobodys"


def whose(address: IPv4Address | IPv6Address | str) -> Whose:
    """Whose this address is.

    >>> whose("::ffff:169.254.169.254")
    <Whose.NOBODYS: 'nobodys'>
    """
    found = ip_address(address.partition("%")[0]) if isinstance(address, str) else address
    if isinstance(found, IPv6Address) and (carried := _carried(found)) is not None:
        return whose(carried)
    if found.is_loopback:
        return Whose.HERE
    if found.is_link_local or found.is_multicast or found.is_unspecified:
        return Whose.NOBODYS
    if isinstance(found, IPv4Address) and any(found in one for one in _TOLD):
        return Whose.NOBODYS
    if found.is_private or (isinstance(found, IPv6Address) and any(found in one for one in _OWN)):
        return Whose.OWN
    return Whose.OPEN if found.is_global else Whose.NOBODYS


def _carried(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if int(address) > 1 and any(address in one for one in _CARRIERS):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None
