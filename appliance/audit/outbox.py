"""From an entry to its outbox row: leaf in clear, payload sealed behind a salted commitment.

The row is written in the business transaction; the sealer needs no person's key to move it.
"""

import hashlib
import os
from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

import msgspec

from appliance.audit.entry import AuditEntry, PayloadMark, PayloadValue, canonical, leaf_of
from appliance.audit.keys import PayloadVault
from appliance.domain.access import NOBODY
from appliance.errors import Damaged
from appliance.vault.envelope import CellRef

_SALT_BYTES = 32
"""256 bits: a name or a phone cannot be guessed from the commitment (security.md C2)."""
_PAD_TO = 64
"""Payloads are padded to multiples of this many bytes, so that lengths of values do not show."""
_TABLE, _COLUMN = "audit_event", "payload"


class Draft(NamedTuple):
    """What goes into `audit_outbox` besides the entry's id and time."""

    leaf: bytes
    payload: bytes | None
    payload_subject: UUID | None


class OutboxRow(NamedTuple):
    """A row of `audit_outbox`, as the sealer fetches it."""

    id: UUID
    leaf: bytes
    payload: bytes | None
    payload_subject: UUID | None


def draft(entry: AuditEntry, vault: PayloadVault) -> Draft:
    """Make the outbox row of an entry; seals its payload if it has one."""
    if entry.payload is None:
        return Draft(canonical(leaf_of(entry, "", None)), None, None)
    salt = os.urandom(_SALT_BYTES)
    padded = _pad(canonical(entry.payload))
    subject = entry.payload_subject
    if subject is None:
        sealed = vault.seal_evidence(_ref(entry.id, NOBODY), salt + padded)
    else:
        sealed = vault.seal_cell(_ref(entry.id, subject), salt + padded)
    mark = PayloadMark(
        hash=hashlib.sha256(sealed).hexdigest(), subject="" if subject is None else str(subject)
    )
    leaf = leaf_of(entry, _commit(salt, entry.id, padded), mark)
    return Draft(canonical(leaf), sealed, subject)


def open_payload(
    event_id: UUID, subject: UUID | None, sealed: bytes, commit: str, vault: PayloadVault
) -> Mapping[str, PayloadValue]:
    """Open a payload and check it against the commitment in its leaf.

    Raises:
        Damaged: the payload is not the one the leaf speaks of (`audit_payload_damaged`).
    """
    if subject is None:
        plain = vault.open_evidence(_ref(event_id, NOBODY), sealed)
    else:
        plain = vault.open_cell(_ref(event_id, subject), sealed)
    salt, padded = plain[:_SALT_BYTES], plain[_SALT_BYTES:]
    if _commit(salt, event_id, padded) != commit:
        raise Damaged("audit_payload_damaged", f"payload of event {event_id}", id=str(event_id))
    return msgspec.json.decode(padded, type=dict[str, str | int | list[str | int]])


def _commit(salt: bytes, event_id: UUID, padded: bytes) -> str:
    return hashlib.sha256(b"pl1" + salt + event_id.bytes + padded).hexdigest()


def _pad(data: bytes) -> bytes:
    # Spaces behind a JSON object change nothing for its reader.
    return data + b" " * (-len(data) % _PAD_TO)


def _ref(event_id: UUID, subject: UUID) -> CellRef:
    return CellRef(_TABLE, _COLUMN, event_id, subject)
