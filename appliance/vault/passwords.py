"""Passwords of people who sign in: Argon2id over a peppered password.

The pepper is a key of the ring, so a stolen table of hashes cannot be guessed at without keys.db
and a way to open it.
"""

import os
import re
import threading
from dataclasses import dataclass
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from appliance.vault.digests import keyed
from appliance.vault.keyring import Keyring, Purpose, RingKey
from appliance.vault.slots import ArgonCost, secret_of_passphrase

PASSWORD_COST: Final = ArgonCost(memory_kib=64 * 1024, iterations=2)
"""Three times the memory OWASP asks at two passes (19 MiB)."""

AT_ONCE: Final = 2
"""Hashes computed at the same time; more wait, so that sign-ins cannot eat the memory."""

_places = threading.BoundedSemaphore(AT_ONCE)
_STORED: Final = re.compile(r"p([0-9]{1,9})(\$argon2id\$.+)")
_PEPPER: Final = b"korobka/1/pepper"


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """What a check of a password found.

    Attributes:
        ok: whether the password is right.
        needs_rehash: whether it is right, but stored at another cost or under an older pepper:
            hash it again and store that.
    """

    ok: bool
    needs_rehash: bool


_WRONG: Final = PasswordCheck(ok=False, needs_rehash=False)


class Passwords:
    """Hashes and checks passwords while the box is unlocked."""

    def __init__(self, keyring: Keyring, cost: ArgonCost) -> None:
        self._keyring = keyring
        self._hasher = PasswordHasher(
            time_cost=cost.iterations, memory_cost=cost.memory_kib, parallelism=cost.lanes
        )
        self._decoy: str | None = None

    def hash(self, password: str) -> str:
        """The text to store: number of the pepper, then Argon2's own notation with its costs."""
        pepper = self._keyring.active(Purpose.APP_SECRET)
        with _places:
            return f"p{pepper.epoch}{self._hasher.hash(_peppered(pepper, password))}"

    def verify(self, stored: str | None, password: str) -> PasswordCheck:
        """Checks a password.

        Args:
            stored: what `hash` gave; None for a user who does not exist, which takes as long.
            password: as typed.
        """
        if stored is None:
            self._verify(self._decoy_hash(), password)
            return _WRONG
        return self._verify(stored, password)

    def _verify(self, stored: str, password: str) -> PasswordCheck:
        found = _STORED.fullmatch(stored)
        pepper = self._keyring.key(Purpose.APP_SECRET, int(found[1])) if found else None
        if found is None or pepper is None:
            return _WRONG
        try:
            with _places:
                self._hasher.verify(found[2], _peppered(pepper, password))
        except (VerificationError, InvalidHashError):
            return _WRONG
        old = pepper.epoch != self._keyring.active(Purpose.APP_SECRET).epoch
        return PasswordCheck(ok=True, needs_rehash=old or self._hasher.check_needs_rehash(found[2]))

    def _decoy_hash(self) -> str:
        if self._decoy is None:
            self._decoy = self.hash(os.urandom(16).hex())
        return self._decoy


def _peppered(pepper: RingKey, password: str) -> str:
    return keyed(keyed(pepper.key, _PEPPER), secret_of_passphrase(password)).hex()
