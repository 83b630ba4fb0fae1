"""What a client may owe, set by hand."""

from appliance.domain.personal import Personal
from appliance.storage import customer_edits
from appliance.storage.customers import Known
from appliance.storage.feed import Change
from appliance.storage.statements import execute, fetch_one
from appliance.storage.tx import Tx


async def set_credit(
    tx: Tx,
    known: Known,
    *,
    limit: int | None,
    pay_days: int,
    stop: bool,
    note: Personal[str] | None,
) -> list[Change]:
    """Keep limit (kopecks), deferral and stop; return what really changed."""
    row = await fetch_one(
        "SELECT credit_limit, pay_days, stop FROM customer WHERE id = {}", known.id
    )
    old = row or (None, 0, False)
    new = (limit, pay_days, stop)
    names = ("credit_limit", "pay_days", "stop")
    changes = [
        Change(field=name, old=before, new=after)
        for name, before, after in zip(names, (*old[:2], bool(old[2])), new, strict=True)
        if before != after
    ]
    if changes:
        await execute(
            "UPDATE customer SET credit_limit = {}, pay_days = {}, stop = {} WHERE id = {}",
            *new,
            known.id,
        )
    if note is None:
        return changes
    person = await customer_edits.open_person(tx, known)
    text = note.reveal()
    if person.stop_note != text:
        changes.append(
            Change(field="stop_note", old=person.stop_note or None, new=text or None, personal=True)
        )
        person.stop_note = text
        cell = tx.seal("customer", "person", known.id, known.subject_id, person, "comment")
        await execute("UPDATE customer SET person = {} WHERE id = {}", cell, known.id)
    return changes
