"""New keys for all people, after somebody may have got hold of the old ones.

The old ones stay, wrapped by the new wrapping key, because two things cannot be sealed anew:
payloads of the log, whose hashes are in its tree, and copies made before. They open only what was
sealed under them then. Carrying the cells over is `storage.reseal`'s work.
"""

import os
from typing import Final, NamedTuple

from appliance.vault import kept
from appliance.vault.errors import KeyRowDamaged
from appliance.vault.key_rows import FIRST, ready, row_of, unwrap, wrap, wrap_older
from appliance.vault.keyring import KEY_BYTES, Keyring, Purpose
from appliance.vault.keystore import Keystore
from appliance.vault.rotation import Rotation
from appliance.vault.subjects import SubjectKeys

_GENERATION: Final = "people_generation"
_OLD: Final = "subject > ? AND number < ? AND state <> 'destroyed'"


class RenewalStep(NamedTuple):
    """How far a step came.

    Attributes:
        after: where the next step goes on; None: every person was looked at.
        renewed: people who got a new key.
    """

    after: bytes | None
    renewed: int


class Renewal:
    """Renewal of every person's own key, in steps that may be interrupted anywhere."""

    def __init__(
        self, store: Keystore, keyring: Keyring, keys: SubjectKeys, rotation: Rotation
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._keys = keys
        self._rotation = rotation

    def load(self) -> None:
        """Reads the number of the keys drawn now; the keyring's MAC covers it."""
        self._keys.generation = int.from_bytes(self._store.meta(_GENERATION) or b"\x01", "big")

    def begin(self) -> int:
        """Has every key drawn from now on be of the next number; gives it.

        The wrapping key is new, too: whoever has the old one could unwrap the new keys.
        """
        number = self._keys.generation + 1
        with self._keyring.change():
            self._rotation.add()
            self._store.set_meta(_GENERATION, number.to_bytes(4, "big"))
        self._keys.generation = number
        return number

    def step(self, after: bytes, limit: int) -> RenewalStep:
        """Gives up to so many people new keys, in one commit.

        A blocked person stays blocked. A row that does not authenticate is passed over.

        Args:
            after: `RenewalStep.after` of the step before; empty for the first.
            limit: people in this step.
        """
        number = self._keys.generation
        # The keys' own lock: nobody may put an old key back into memory meanwhile.
        with self._keys.lock, self._store.transaction():
            found = self._store.rows(
                "SELECT subject, epoch, wrapped, state, changed, number FROM subject_key"  # noqa: S608 - constant
                f" WHERE {_OLD} ORDER BY subject LIMIT ?",
                (after, number, limit),
            )
            kek = self._keyring.active(Purpose.SUBJECT)
            old: list[tuple[bytes, int, int, bytes]] = []
            new: list[tuple[int, bytes, int, bytes]] = []
            for one in found:
                try:
                    row = row_of(one)
                    key = unwrap(self._keyring, row)
                except KeyRowDamaged:
                    continue
                drawn = os.urandom(KEY_BYTES)
                fresh = wrap(kek, row.subject, row.state, row.changed, drawn, number)
                kept.carry(self._store, row.subject, ready(key, row.number), ready(drawn, number))
                older = wrap_older(kek, row.subject, row.number, key)
                old.append((row.subject.bytes, row.number, kek.epoch, older))
                new.append((kek.epoch, fresh, number, row.subject.bytes))
            self._store.run_many(
                "INSERT INTO older_key (subject, number, epoch, wrapped) VALUES (?, ?, ?, ?)", old
            )
            self._store.run_many(
                "UPDATE subject_key SET epoch = ?, wrapped = ?, number = ? WHERE subject = ?", new
            )
        self._keys.forget_all()
        last = found[-1][0] if found else None
        return RenewalStep(last if isinstance(last, bytes) else None, len(new))

    def remaining(self) -> int:
        """People whose key is of an older number."""
        return self._store.number(
            f"SELECT count(*) FROM subject_key WHERE {_OLD}",  # noqa: S608 - constant
            (b"", self._keys.generation),
        )

    @property
    def generation(self) -> int:
        """Number of the keys that are drawn now; `FIRST` on a box that never renewed."""
        return max(self._keys.generation, FIRST)
