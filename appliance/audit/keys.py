"""What the audit asks of the vault; the vault itself is never named here."""

from typing import NamedTuple, Protocol
from uuid import UUID


class CellRef(NamedTuple):
    """Where a sealed cell lives; bound into its ciphertext."""

    table: str
    column: str
    row: UUID
    subject: UUID


class PayloadVault(Protocol):
    """Seals and opens the personal part of an entry."""

    def seal_cell(self, ref: CellRef, plain: bytes) -> bytes: ...

    def open_cell(self, ref: CellRef, sealed: bytes) -> bytes: ...

    def seal_evidence(self, context: bytes, plain: bytes) -> bytes: ...

    def open_evidence(self, context: bytes, sealed: bytes) -> bytes: ...


class ChainVault(Protocol):
    """Holds the evolving chain key and the checkpoint key; opens nobody's data."""

    def audit_epoch_key(self) -> tuple[int, bytes]:
        """The current epoch's number (from 0) and its 32 byte key."""
        ...

    def advance_audit_epoch(self) -> None:
        """Replace K_e by HKDF-SHA256(K_e, salt empty, info `audit-epoch`, 32 bytes)."""
        ...

    def sign_checkpoint(self, body: bytes) -> bytes:
        """Ed25519 signature, 64 bytes, over the note's text."""
        ...

    def checkpoint_public_key(self) -> bytes:
        """The raw Ed25519 public key, 32 bytes."""
        ...
