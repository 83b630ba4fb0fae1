"""A vault in memory, with the real curve and the real derivation."""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from appliance.audit.entry import AuditEntry
from appliance.audit.outbox import OutboxRow, draft
from appliance.domain.access import ActorKind, Origin
from appliance.domain.ids import uuid7
from appliance.vault.envelope import CellRef

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BOX = "0194c3f2"


class FakeVault:
    def __init__(self, seed: int = 1) -> None:
        self.start_key = hashlib.sha256(b"start%d" % seed).digest()
        self._epoch, self._key = 0, self.start_key
        self._signer = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"%d" % seed).digest())
        self._cells = AESGCM(hashlib.sha256(b"cells%d" % seed).digest())

    def audit_epoch_key(self) -> tuple[int, bytes]:
        return self._epoch, self._key

    def advance_audit_epoch(self) -> None:
        hkdf = HKDF(SHA256(), 32, salt=None, info=b"audit-epoch")
        self._epoch, self._key = self._epoch + 1, hkdf.derive(self._key)

    def sign_checkpoint(self, message: bytes) -> bytes:
        return self._signer.sign(message)

    def checkpoint_public_key(self) -> bytes:
        return self._signer.public_key().public_bytes_raw()

    def seal_cell(self, ref: CellRef, plain: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._cells.encrypt(nonce, plain, repr(ref).encode())

    def open_cell(self, ref: CellRef, cell: bytes) -> bytes:
        return self._cells.decrypt(cell[:12], cell[12:], repr(ref).encode())

    seal_evidence = seal_cell
    open_evidence = open_cell


class Clock:
    """Wall and monotone time that tests move by hand."""

    def __init__(self) -> None:
        self.wall = START
        self.ticks = 1000.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.ticks

    def step(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.ticks += seconds


class Outbox:
    """The business database's side: rows in order, with a switch that cuts the power."""

    def __init__(self) -> None:
        self.rows: list[OutboxRow] = []
        self.cut_before_delete = False

    async def fetch(self, limit: int) -> list[OutboxRow]:
        return self.rows[:limit]

    async def delete(self, ids: list[UUID]) -> None:
        if self.cut_before_delete:
            raise ConnectionResetError
        gone = set(ids)
        self.rows = [row for row in self.rows if row.id not in gone]


def entry(number: int = 1, at: datetime = START, **changes: object) -> AuditEntry:
    values: dict[str, object] = {
        "id": uuid7(),
        "at": at,
        "actor_kind": ActorKind.USER,
        "actor_id": UUID(int=7),
        "session": "0a1b2c3d",
        "ip_class": Origin.LAN,
        "action": "orders.change_status",
        "object_type": "order",
        "object_id": str(UUID(int=number)),
        "purpose": "contract",
    }
    return AuditEntry(**{**values, **changes})  # type: ignore[arg-type]


def row(vault: FakeVault, number: int = 1, at: datetime = START, **changes: object) -> OutboxRow:
    made = entry(number, at, **changes)
    return OutboxRow(made.id, *draft(made, vault))
