"""What a token of WB says of itself: it is a JWT (RFC 7519) whose middle part anybody can read.

The signature is WB's to check. Nothing here trusts a token: it is only asked when it ends, and
whose it is, so that two tokens of one seller share the limits, which WB counts by seller.
"""

import base64
import binascii
import hashlib
from datetime import UTC, datetime
from typing import Final

import msgspec

PARTS: Final = 3
LATEST: Final = 4_102_444_800
"""2100: what claims to live longer is no moment."""


class _Claims(msgspec.Struct, frozen=True):
    exp: int = 0
    sid: str = ""
    oid: int | str = ""


def _claims(token: str) -> _Claims:
    parts = token.split(".")
    if len(parts) != PARTS:
        return _Claims()
    middle = parts[1] + "=" * (-len(parts[1]) % 4)
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(middle), type=_Claims, strict=False)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        return _Claims()


def ends_at(token: str) -> datetime | None:
    """When it ends; None: it does not say.

    >>> ends_at("e30.eyJleHAiOjE4MDAwMDAwMDB9.c2ln")
    datetime.datetime(2027, 1, 15, 8, 0, tzinfo=datetime.timezone.utc)
    >>> ends_at("e30.eyJleHAiOiJuZXZlciJ9.c2ln"), ends_at("secret"), ends_at("a.b.c")
    (None, None, None)
    """
    exp = _claims(token).exp
    return datetime.fromtimestamp(exp, UTC) if 0 < exp < LATEST else None


def seller_of(token: str) -> str:
    """What WB counts limits by: the seller; a token that names none stands for itself.

    >>> seller_of("e30.eyJzaWQiOiJiMiIsIm9pZCI6N30.c2ln")
    'b2'
    >>> seller_of("secret") == seller_of("secret") != seller_of("another")
    True
    """
    claims = _claims(token)
    said = claims.sid or str(claims.oid or "")
    return said or hashlib.sha256(token.encode()).hexdigest()[:16]
