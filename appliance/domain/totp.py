"""One-time codes of the second factor (RFC 6238 over RFC 4226) and the spare codes on paper."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Final
from urllib.parse import quote

STEP_SECONDS: Final = 30
DIGITS: Final = 6
DRIFT_STEPS: Final = 1
"""Steps a clock may be off either way; RFC 6238 §5.2 recommends at most one."""

SECRET_BYTES: Final = 20
"""As long as SHA-1's output (RFC 4226 §4, R6)."""

RECOVERY_CODES: Final = 10
_RECOVERY_BYTES: Final = 10  # 80 bits: a plain SHA-256 of it cannot be searched through


def new_secret() -> bytes:
    """Draw the seed of a new authenticator: 20 bytes."""
    return secrets.token_bytes(SECRET_BYTES)


def spelled(secret: bytes) -> str:
    """The seed as authenticators take it by hand: base32 without padding."""
    return base64.b32encode(secret).decode().rstrip("=")


def step_of(moment: datetime) -> int:
    """Number of the 30-second step an aware moment lies in, since 1970."""
    return int(moment.timestamp()) // STEP_SECONDS


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of a step: HOTP with SHA-1 (RFC 4226 §5.3), zero-padded."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def matching_step(secret: bytes, code: str, now: datetime, last_step: int) -> int | None:
    """Find the step whose code was typed, newer than the last one used; None when there is none.

    Every candidate is compared, so that the time taken tells nothing.

    Args:
        secret: the seed.
        code: as typed; spaces are let pass.
        now: aware moment of the try.
        last_step: the step of the last accepted code; it and older ones are used up.
    """
    typed = "".join(code.split()).encode()
    current = step_of(now)
    found: int | None = None
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), typed) and step > last_step:
            found = step
    return found


def provisioning_uri(secret: bytes, login: str, issuer: str) -> str:
    """The address an authenticator reads from the square code (Key URI format)."""
    label = quote(f"{issuer}:{login}", safe="")
    return (
        f"otpauth://totp/{label}?secret={spelled(secret)}&issuer={quote(issuer, safe='')}"
        f"&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
    )


def new_recovery_codes() -> list[str]:
    """Draw the spare codes: ten of 16 letters and digits, in groups of four, each good once."""
    return [
        "-".join(text[start : start + 4] for start in range(0, len(text), 4))
        for text in (
            base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower()
            for _ in range(RECOVERY_CODES)
        )
    ]


def recovery_hash(code: str) -> str:
    """What is kept of a spare code: hex SHA-256 of its letters, whatever the case and hyphens."""
    letters = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(letters.encode()).hexdigest()


def looks_like_recovery(code: str) -> bool:
    """Tell a spare code from a one-time code by its length, so one field takes both."""
    return sum(letter.isalnum() for letter in code) > DIGITS
