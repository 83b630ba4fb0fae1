"""Write one deed into the audit outbox, in the deed's own transaction."""

from appliance.audit.entry import AuditEntry, Redaction, SubjectFields
from appliance.audit.outbox import draft
from appliance.domain.ids import uuid7
from appliance.storage.statements import insert
from appliance.storage.tables import AuditOutboxRow
from appliance.storage.tx import Tx


async def append(tx: Tx, action: str, result: str) -> None:
    """Add the entry of what `tx` did; `result` is `done` or the error's code."""
    actor = tx.actor
    entry = AuditEntry(
        id=uuid7(),
        at=tx.now,
        actor_kind=actor.kind,
        actor_id=actor.id,
        session=actor.session,
        ip_class=actor.origin,
        action=action,
        object_type=tx.object_type,
        object_id="" if tx.object_id is None else str(tx.object_id),
        subjects=[SubjectFields(subject, sorted(names)) for subject, names in tx.subjects.items()],
        purpose=tx.purpose,
        result=result,
        cell_hashes=tx.cells if result == "done" else {},
        payload=tx.payload or None,
        payload_subject=tx.payload_subject,
        redacts=_redaction(tx) if result == "done" else None,
    )
    row = draft(entry, tx.vault)
    await insert(
        AuditOutboxRow,
        id=entry.id,
        leaf=row.leaf,
        payload=row.payload,
        payload_subject=row.payload_subject,
    )


def _redaction(tx: Tx) -> Redaction | None:
    if tx.redacts is None:
        return None
    ledger, subject = tx.redacts
    return Redaction(ledger=ledger, subject=str(subject))
