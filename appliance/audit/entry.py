"""What the log keeps of one deed: ids, names of fields and hashes, never a person's data."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from appliance.domain.access import ActorKind, Origin

LEAF_VERSION = 1
"""Raised when the meaning of a leaf's keys changes; older leaves stay as they are."""

PayloadValue = str | int | Sequence[str | int]


class SubjectFields(msgspec.Struct, frozen=True):
    """A person the deed touched and the names of the fields read or changed."""

    subject: UUID
    fields: Sequence[str] = ()


class Redaction(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Whose or which earlier payloads were removed; part of the deed that removed them.

    Attributes:
        ledger: sequence number in the erasure ledger, 0 when it has none (retention).
        subject: all payloads of this subject sealed before this entry, or
        first, last: payloads of this range of entries, both ends included.
    """

    ledger: int = 0
    subject: str = ""
    first: int = 0
    last: int = 0


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One deed, as the gate hands it over.

    Attributes:
        id: uuid7, the key that makes sealing idempotent.
        at: aware time of the deed.
        session: first 8 hex digits of the session's hash, or empty.
        action: the action's full name, `orders.create`.
        result: `done` or the error's code.
        cell_hashes: `cell_key(…)` → hex SHA-256 of each newly sealed cell, so that the deep
            check notices an older value put back in its place.
        payload: old and new values, reason, hash of a searched term; sealed, never in the leaf.
        payload_subject: under whose key the payload is sealed; None = the evidence key.
        redacts: payloads that this deed removes; sealing the entry removes them.
    """

    id: UUID
    at: datetime
    actor_kind: ActorKind
    actor_id: UUID
    action: str
    result: str = "done"
    session: str = ""
    ip_class: Origin = Origin.NONE
    object_type: str = ""
    object_id: str = ""
    subjects: Sequence[SubjectFields] = ()
    purpose: str = ""
    cell_hashes: Mapping[str, str] = msgspec.field(default_factory=dict[str, str])
    payload: Mapping[str, PayloadValue] | None = None
    payload_subject: UUID | None = None
    redacts: Redaction | None = None


class LeafSubject(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A subject as the leaf keeps it: a pseudonym and names of fields."""

    subject: str
    fields: list[str] = []


class PayloadMark(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What ties the sealed payload beside the tree to its leaf.

    Attributes:
        hash: hex SHA-256 of the sealed bytes; an outsider can check it without any key.
        subject: under whose key it is sealed; empty = the evidence key.
    """

    hash: str
    subject: str = ""


class Leaf(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The leaf of the tree, as canonical JSON; a key without a value is left out.

    Attributes:
        at: milliseconds since 1970, UTC, by the box's clock.
        seq, mono: given by the log: place from 1 on, and `max(previous + 1, at)`.
        commit: hex SHA-256 of `pl1`, salt, id and padded payload (see `outbox`).
    """

    v: int
    id: str
    at: int
    actor_kind: str
    actor_id: str
    action: str
    result: str
    session: str = ""
    ip_class: str = ""
    object_type: str = ""
    object_id: str = ""
    subjects: list[LeafSubject] = []
    purpose: str = ""
    cell_hashes: dict[str, str] = {}
    commit: str = ""
    payload: PayloadMark | None = None
    redacts: Redaction | None = None
    seq: int = 0
    mono: int = 0


_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(Leaf)


def canonical(value: object) -> bytes:
    """Encode as JSON with sorted keys, UTF-8 and no white space."""
    return _encoder.encode(value)


def read_leaf(data: bytes) -> Leaf:
    """Decode a leaf or a draft of one.

    Raises:
        msgspec.DecodeError: not JSON, not a leaf's keys or not their types.
    """
    return _decoder.decode(data)


def cell_key(table: str, column: str, row: UUID) -> str:
    """Name of a cell in `cell_hashes`."""
    return f"{table}.{column}.{row}"


def cell_hash(sealed: bytes) -> str:
    """Hex SHA-256 of a sealed cell."""
    return hashlib.sha256(sealed).hexdigest()


def milliseconds(at: datetime) -> int:
    """Whole milliseconds since 1970 of an aware time.

    Raises:
        ValueError: the time has no zone.
    """
    if at.tzinfo is None:
        raise ValueError("an audit time needs a zone")
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def leaf_of(entry: AuditEntry, commit: str, mark: PayloadMark | None) -> Leaf:
    """Build the leaf of an entry, still without its place in the log."""
    return Leaf(
        v=LEAF_VERSION,
        id=str(entry.id),
        at=milliseconds(entry.at),
        actor_kind=entry.actor_kind.value,
        actor_id=str(entry.actor_id),
        action=entry.action,
        result=entry.result,
        session=entry.session,
        ip_class="" if entry.ip_class is Origin.NONE else entry.ip_class.value,
        object_type=entry.object_type,
        object_id=entry.object_id,
        subjects=[
            LeafSubject(subject=str(part.subject), fields=list(part.fields))
            for part in entry.subjects
        ],
        purpose=entry.purpose,
        cell_hashes=dict(entry.cell_hashes),
        commit=commit,
        payload=mark,
        redacts=entry.redacts,
    )
