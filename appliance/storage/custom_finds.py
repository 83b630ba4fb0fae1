"""Finding records by a whole value of a personal field that an administrator made."""

from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from appliance.domain.fields import FieldValue, Given, Owner, read
from appliance.domain.grants import Access
from appliance.domain.orders import OrderPage
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
                tokens += [(field.id, one) for one in fields.tokens(tx, field, value)]
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


def conditions(
    tx: Tx, lists: Lists, owner: Owner, column: str, given: Sequence[tuple[str, str]]
) -> list[tuple[str, tuple[object, ...]]]:
    """Conditions on the id of a record by plain fields; one that is unreadable finds nothing."""
    found: list[tuple[str, tuple[object, ...]]] = []
    for code, typed in given:
        field = lists.fields[owner].get(code)
        try:
            told = Given(values={}, today=tx.now.date())
            value = None if field is None or field.personal else read(field, [typed], told)
        except Invalid:
            value = None
        if field is None or value is None:
            found.append(("1 = 0", ()))
        else:
            text, values = fields.matching(tx, field, value)
            found.append((f"{column} {text}", tuple(values)))
    return found


async def listed(
    tx: Tx, lists: Lists, owner: Owner, ids: Sequence[UUID]
) -> dict[UUID, tuple[FieldValue, ...]]:
    """Fields that stand in lists, by record; no statement where there are none."""
    if not ids or not any(f.in_list for f in lists.fields[owner].values()):
        return {}
    return await fields.of_records(tx, lists, owner, ids, listed=True)


async def with_fields(tx: Tx, lists: Lists, page: OrderPage) -> OrderPage:
    """A page of orders with the fields that stand in lists; no statement where there are none."""
    values = await listed(tx, lists, Owner.ORDER, [one.id for one in page.rows])
    if not values:
        return page
    rows = tuple(replace(one, custom=values.get(one.id, ())) for one in page.rows)
    return replace(page, rows=rows)


async def forget(subjects: list[UUID]) -> int:
    """Take away what finds values of persons whose keys are destroyed.

    For whatever destroys keys: a token still tells that two records said the same.
    """
    return await execute("DELETE FROM custom_token WHERE subject_id IN {}", any_of(subjects))
