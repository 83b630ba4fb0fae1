"""What the audit asks of the vault: two narrow doors, so that tests need no keys on disk."""

from typing import Protocol

from appliance.vault.envelope import CellRef


class PayloadVault(Protocol):
    """Seals and opens the personal part of an entry."""

    def seal_cell(self, ref: CellRef, plain: bytes) -> bytes: ...

    def open_cell(self, ref: CellRef, cell: bytes) -> bytes: ...

    def seal_evidence(self, ref: CellRef, plain: bytes) -> bytes: ...

    def open_evidence(self, ref: CellRef, cell: bytes) -> bytes: ...


class ChainVault(Protocol):
    """Holds the evolving chain key and the checkpoint key; opens nobody's data."""

    def audit_epoch_key(self) -> tuple[int, bytes]:
        """The current epoch's number (from 0) and its 32 byte key."""
        ...

    def advance_audit_epoch(self) -> None:
        """Replace K_e by HKDF-SHA256(K_e, salt empty, info `audit-epoch`, 32 bytes)."""
        ...

    def sign_checkpoint(self, message: bytes) -> bytes:
        """Ed25519 signature, 64 bytes, over the note's text."""
        ...

    def checkpoint_public_key(self) -> bytes:
        """The raw Ed25519 public key, 32 bytes."""
        ...
