"""Tries the way in from outside, as far as the box itself can: name, port, whose TLS answers."""

import asyncio
import hashlib
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from typing import Final

SECONDS: Final = 6.0
"""A port that nobody forwards does not answer at all; a person waits for this."""


async def try_way(name: str, port: int, leaf: str) -> Mapping[str, str]:
    """Code of each check → `ok`, `warn` or `bad`; nothing is sent but a TLS greeting.

    Args:
        name: public name.
        port: public port.
        leaf: SHA-256 of the outer door's own certificate (hex): TLS has to end in the box.

    Returns:
        `name`: it resolves; `warn` where it leads into the firm's own network.
        `port`: it answers. `warn`: many routers do not lead back inside: only a phone without
        Wi-Fi can tell.
        `tls`: the certificate is the box's own; `bad`: somebody else decrypts on the way.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(SECONDS):
            found = await loop.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError):
        return {"name": "bad"}
    addresses = {str(one[4][0]) for one in found}
    inside = any(ipaddress.ip_address(one).is_private for one in addresses)
    checks = {"name": "warn" if inside else "ok"}
    shown = await _shown(name, port)
    if shown is None:
        return {**checks, "port": "warn"}
    return {**checks, "port": "ok", "tls": "ok" if shown == leaf else "bad"}


async def _shown(name: str, port: int) -> str | None:
    """SHA-256 of the certificate that answers there; empty where no TLS does, None: no answer."""
    trust = ssl.create_default_context()
    # Whose it is, is what is asked: compared with the box's own, byte for byte.
    trust.check_hostname = False
    trust.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(SECONDS):
            _, writer = await asyncio.open_connection(name, port, ssl=trust, server_hostname=name)
    except ssl.SSLError:
        return ""
    except (OSError, TimeoutError):
        return None
    try:
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.close()
    return hashlib.sha256(shown or b"").hexdigest()
