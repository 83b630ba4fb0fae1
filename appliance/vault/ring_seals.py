"""Values sealed under keys of the ring: connector tokens, evidence, the search snapshot."""

from typing import Final
from uuid import UUID

from appliance.vault import envelope
from appliance.vault.envelope import CellRef
from appliance.vault.errors import CellDamaged
from appliance.vault.keyring import Keyring, Purpose, RingKey
from appliance.vault.keystore import Keystore

MOST_MESSAGES: Final = 1 << 30
"""Messages under one key before the next takes over; random nonces are safe far above that."""

_RESERVED: Final = 1024
_NOBODY: Final = UUID(int=0)


class RingSeals:
    """Seals and opens under the active key of a purpose."""

    def __init__(self, store: Keystore, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring
        self._left: dict[tuple[Purpose, int], int] = {}

    def seal(self, purpose: Purpose, ref: CellRef, plain: bytes) -> bytes:
        """Seals a value for its place; counted, with a new epoch when the key is worn.

        Raises:
            Unavailable: the counter cannot be written to keys.db.
        """
        held = self._keyring.active(purpose)
        if not self._left.get((purpose, held.epoch)):
            held = self._reserve(purpose)
        # Threads that meet here may count one message less; the bound is far from what matters.
        self._left[purpose, held.epoch] -= 1
        return envelope.seal(held.cipher, held.epoch, ref, plain)

    def open(self, purpose: Purpose, ref: CellRef, cell: bytes) -> bytes:
        """Opens a value with the key its header names.

        Raises:
            CellDamaged: not this value, not this place, or its key is gone.
        """
        held = self._keyring.key(purpose, envelope.epoch_of(ref, cell))
        if held is None:
            raise CellDamaged(ref.table, ref.column, ref.row)
        return envelope.open_(held.cipher, held.epoch, ref, cell)

    def _reserve(self, purpose: Purpose) -> RingKey:
        """Counts a thousand messages ahead, so that one write serves them all."""
        with self._keyring.change():
            held = self._keyring.active(purpose)
            if self._used(purpose, held.epoch) + _RESERVED > MOST_MESSAGES:
                held = self._keyring.add(purpose)
            self._store.run(
                "UPDATE keyring SET used = used + ? WHERE purpose = ? AND epoch = ?",
                (_RESERVED, purpose.value, held.epoch),
            )
        self._left[purpose, held.epoch] = _RESERVED
        return held

    def _used(self, purpose: Purpose, epoch: int) -> int:
        return self._store.number(
            "SELECT used FROM keyring WHERE purpose = ? AND epoch = ?", (purpose.value, epoch)
        )


def secret_ref(label: str, row: UUID) -> CellRef:
    """The place of a secret that belongs to no person."""
    return CellRef(Purpose.APP_SECRET.value, label, row, _NOBODY)


def blob_ref(purpose: Purpose) -> CellRef:
    """The place of a file that is one per box."""
    return CellRef(purpose.value, "blob", _NOBODY, _NOBODY)
