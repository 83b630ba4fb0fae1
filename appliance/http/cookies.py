"""The house's cookies. `__Host-`: this host only, Secure, no Domain, path / (RFC 6265bis)."""

import hmac
import secrets
from hashlib import sha256

from litestar.datastructures import Cookie

SESSION = "__Host-sid"
DEVICE = "__Host-device"
TICKET = "__Host-ticket"
VISITOR = "__Host-door"
"""A random value for those who have no session yet: their forms are bound to it."""

_YEAR = 365 * 24 * 3600
_FIVE_MINUTES = 300


def strict(name: str, value: str, max_age: int | None = None) -> Cookie:
    """A cookie that scripts cannot read and other sites cannot send."""
    return Cookie(
        key=name,
        value=value,
        path="/",
        secure=True,
        httponly=True,
        samesite="strict",
        max_age=max_age,
    )


def gone(name: str) -> Cookie:
    """Take a cookie back."""
    return strict(name, "", 0)


def device(value: str) -> Cookie:
    """The browser that signed in before, for a year."""
    return strict(DEVICE, value, _YEAR)


def ticket(value: str) -> Cookie:
    """The half of a sign-in that is done."""
    return strict(TICKET, value, _FIVE_MINUTES)


def new_visitor() -> str:
    """A value for `VISITOR`."""
    return secrets.token_urlsafe(16)


def csrf_of(secret: str) -> str:
    """The token that forms of this session carry: bound to its cookie, and useless without it."""
    return hmac.digest(secret.encode(), b"korobka/1/csrf", sha256).hex()[:32]


def csrf_fits(secret: str, given: str) -> bool:
    """Compare without telling by time where the two differ."""
    return bool(secret) and hmac.compare_digest(csrf_of(secret).encode(), given.encode())
