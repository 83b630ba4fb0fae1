"""Conditions of the list of clients on the screen."""

from datetime import datetime, timedelta

from appliance.domain.client_lists import NOT_GIVEN, ClientList
from appliance.domain.fields import Given, Owner, read
from appliance.errors import Invalid
from appliance.storage import fields
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

Conditions = tuple[str, list[object]]
LONGEST = 36_500
"""Days: nobody was here longer ago."""


def condition(asked: ClientList, now: datetime) -> Conditions:
    """SQL on `customer c`, with its values."""
    texts = ["c.state <> 'merged'", "c.party = {}"]
    values: list[object] = [asked.party.value]
    if asked.quiet_days:
        texts.append("(c.contacted_at IS NULL OR c.contacted_at < {})")
        values.append(now - timedelta(days=min(max(asked.quiet_days, 0), LONGEST)))
    if asked.owes:
        texts.append("c.owed_total > 0")
    if asked.region:
        texts.append("c.region = {}")
        values.append("" if asked.region == NOT_GIVEN else asked.region)
    _marks(asked, texts, values)
    if asked.bought:
        texts.append(
            "c.id IN (SELECT o.customer_id FROM order_line l JOIN orders o ON o.id = l.order_id "
            "WHERE l.variant_id IN (SELECT id FROM variant WHERE sku = {} OR barcode = {} "
            "OR name = {}))"
        )
        values += [asked.bought] * 3
    return " AND ".join(texts), values


def _marks(asked: ClientList, texts: list[str], values: list[object]) -> None:
    if asked.manager == 0:
        texts.append("c.owner_id IS NULL")
    elif asked.manager is not None:
        texts.append("c.owner_id = (SELECT id FROM users WHERE number = {})")
        values.append(asked.manager)
    if asked.tag:
        texts.append("c.id IN (SELECT customer_id FROM tag WHERE name = {})")
        values.append(asked.tag)
    if asked.vip:
        texts.append("c.vip")


def whole(tx: Tx, lists: Lists, asked: ClientList) -> Conditions:
    """The same with the fields of an administrator's making; one that cannot be read finds nobody.

    A code may be a field of persons and one of companies: either will do.
    """
    text, values = condition(asked, tx.now)
    for code, typed in asked.custom:
        parts: list[str] = []
        for owner in (Owner.CUSTOMER, Owner.COMPANY):
            field = lists.fields[owner].get(code)
            if field is None or field.personal:
                continue
            try:
                value = read(field, [typed], Given(values={}, today=tx.now.date()))
            except Invalid:
                continue
            if value is not None:
                found, more = fields.matching(tx, field, value)
                parts.append(f"c.id {found}")
                values += more
        text += f" AND ({' OR '.join(parts)})" if parts else " AND 1 = 0"
    return text, values
