"""Passwords outside of transactions: Argon2 takes a quarter of a second and must hold nobody up."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Final

from appliance.actions._gate import house
from appliance.domain.personal import Personal

AT_ONCE: Final = 2
"""Hashes at a time (security reference, section E); the others queue, so memory is bounded."""

_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"  # none that look alike on paper


@lru_cache(1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")


async def hashed(password: Personal[str]) -> str:
    """The text to store for a password."""
    hasher = house().vault.hash_password
    return await asyncio.get_running_loop().run_in_executor(_threads(), hasher, password.reveal())


async def checked(stored: str | None, password: Personal[str]) -> tuple[bool, str | None]:
    """Check a password; None for nobody, which takes as long.

    Returns:
        whether it is right, and a new text to store where the cost has risen since.
    """
    loop = asyncio.get_running_loop()
    verify = house().vault.verify_password
    check = await loop.run_in_executor(_threads(), verify, stored, password.reveal())
    return check.ok, await hashed(password) if check.needs_rehash else None


def new_one_time_password() -> str:
    """Draw a password to be handed over on paper: 20 letters and digits, 100 bits."""
    text = "".join(secrets.choice(_LETTERS) for _ in range(20))
    return "-".join(text[start : start + 5] for start in range(0, 20, 5))
