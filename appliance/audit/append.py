"""Write one deed into the audit outbox, in the deed's own transaction."""

from appliance.audit.entry import AuditEntry, Subject, draft
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
        object_id=tx.object_id,
        subjects=[Subject(subject, sorted(fields)) for subject, fields in tx.subjects.items()],
        purpose=tx.purpose,
        result=result,
        cell_hashes=tx.cells,
        payload=tx.payload,
        payload_subject=tx.payload_subject,
    )
    leaf, payload, subject = draft(entry, tx.vault)
    await insert(AuditOutboxRow, id=entry.id, leaf=leaf, payload=payload, payload_subject=subject)
