"""Passwords outside of transactions: Argon2 takes a quarter of a second and must hold nobody up."""

import asyncio
import secrets
from typing import Final

from appliance.actions._gate import house

AT_ONCE: Final = 2
"""Hashes at a time (security reference, section E): memory is bounded, so is the queue's pace."""

_places: Final = asyncio.Semaphore(AT_ONCE)
_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"  # none that look alike on paper


async def hashed(password: str) -> str:
    """The text to store for a password."""
    async with _places:
        return await asyncio.to_thread(house().vault.hash_password, password)


async def checked(stored: str | None, password: str) -> tuple[bool, str | None]:
    """Check a password; None for nobody, which takes as long.

    Returns:
        whether it is right, and a new text to store where the cost has risen since.
    """
    async with _places:
        check = await asyncio.to_thread(house().vault.verify_password, stored, password)
        if not check.needs_rehash:
            return check.ok, None
        return check.ok, await asyncio.to_thread(house().vault.hash_password, password)


def new_one_time_password() -> str:
    """Draw a password to be handed over on paper: 20 letters and digits, 100 bits."""
    text = "".join(secrets.choice(_LETTERS) for _ in range(20))
    return "-".join(text[start : start + 5] for start in range(0, 20, 5))
