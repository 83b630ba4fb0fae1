"""Conditions of the list of clients on the screen."""

from datetime import datetime, timedelta

from appliance.domain.client_lists import ClientList

Conditions = tuple[str, list[object]]


def condition(asked: ClientList, now: datetime) -> Conditions:
    """SQL on `customer c`, with its values."""
    texts = ["c.state <> 'merged'", "c.party = {}"]
    values: list[object] = [asked.party.value]
    if asked.quiet_days:
        texts.append("(c.contacted_at IS NULL OR c.contacted_at < {})")
        values.append(now - timedelta(days=asked.quiet_days))
    if asked.owes:
        texts.append("c.owed_total > 0")
    if asked.region:
        texts.append("c.region = {}")
        values.append(asked.region)
    if asked.bought:
        texts.append(
            "c.id IN (SELECT o.customer_id FROM order_line l JOIN orders o ON o.id = l.order_id "
            "WHERE l.variant_id IN (SELECT id FROM variant WHERE sku = {} OR barcode = {} "
            "OR name = {}))"
        )
        values += [asked.bought] * 3
    return " AND ".join(texts), values
