"""Signatures of pushes: HMAC-SHA256 over the timestamp, a dot and the raw body."""

import hmac
from hashlib import sha256

from plugins.fulfillment_http.contract import FRESH_SECONDS


def signed(secret: str, moment: str, body: bytes) -> str:
    """What stands in `X-Signature`.

    Args:
        secret: shared by both sides.
        moment: `X-Timestamp`, seconds since 1970.
        body: as it is sent.
    """
    return "sha256=" + hmac.new(secret.encode(), moment.encode() + b"." + body, sha256).hexdigest()


def refusal(secret: str, moment: str, signature: str, body: bytes, now: float) -> str:
    """Why a push is not believed; empty: it is genuine and fresh."""
    if not moment.isascii() or not moment.isdecimal() or len(moment) > 12:
        return "timestamp_unreadable"
    wanted = signed(secret, moment, body)
    if not hmac.compare_digest(wanted.encode(), signature.encode("utf-8", "replace")):
        return "signature_wrong"
    return "" if abs(now - int(moment)) <= FRESH_SECONDS else "timestamp_old"
