"""Finding records by a whole value of a personal field that an administrator made."""

from uuid import UUID

from appliance.domain.fields import Given, Owner, read
from appliance.domain.grants import Access
from appliance.errors import Invalid
from appliance.storage import fields
from appliance.storage.references import Lists
from appliance.storage.statements import any_of, execute, fetch
from appliance.storage.tx import Tx

MOST = 50


async def clients(tx: Tx, lists: Lists, text: str) -> list[UUID]:
    """Clients whose field is exactly this; no statement where no field can be found so."""
    tokens: list[tuple[UUID, bytes]] = []
    for owner in (Owner.CUSTOMER, Owner.COMPANY):
        for field in lists.fields[owner].values():
            if not (field.exact and field.active) or tx.may(field.access) is Access.HIDDEN:
                continue
            try:
                value = read(field, [text], Given(values={}))
            except Invalid:
                continue
            if value is not None:
                tokens.append((field.id, fields.token(tx, field, value)))
    found: list[UUID] = []
    for field_id, token in tokens:
        rows = await fetch(
            "SELECT entity_id FROM custom_token WHERE field_id = {} AND value_index = {} LIMIT {}",
            field_id,
            token,
            MOST,
        )
        found += [row[0] for row in rows]
    return found


async def forget(subjects: list[UUID]) -> int:
    """Take away what finds values of persons whose keys are destroyed.

    For whatever destroys keys: a token still tells that two records said the same.
    """
    return await execute("DELETE FROM custom_token WHERE subject_id IN {}", any_of(subjects))
