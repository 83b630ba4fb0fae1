"""What happened to clients: the feed for programs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from appliance.domain.customer_feed import (
    CustomerFeedEntry,
    CustomerFeedFilter,
    CustomerFeedPage,
    grant_field,
)
from appliance.domain.customers import CustomerView
from appliance.storage import customer_views
from appliance.storage.order_history import (
    ENTRY,
    MOST_COUNTED,
    NOT_OWN,
    Entry,
    hides_own,
    values_of,
)
from appliance.storage.statements import any_of, fetch, fetch_value
from appliance.storage.tx import Tx
from appliance.storage.visible import in_shop, visible


async def page(tx: Tx, wanted: CustomerFeedFilter) -> CustomerFeedPage:
    """Entries after `since`, ascending, with creations as whole clients."""
    condition, values = await _condition(tx, wanted)
    rows = await fetch(
        f"SELECT {ENTRY}, c.external_id FROM change_entry e "
        "JOIN customer c ON c.id = e.entity_id "
        f"WHERE {condition} ORDER BY e.number LIMIT {{}}",
        *values,
        wanted.limit,
    )
    total = len(rows)
    if total == wanted.limit:
        total = await fetch_value(
            "SELECT COUNT(*) FROM (SELECT 1 FROM change_entry e "
            f"JOIN customer c ON c.id = e.entity_id WHERE {condition} LIMIT {{}}) counted",
            *values,
            MOST_COUNTED,
        )
    entries = [Entry(*row[:-1]) for row in rows]
    tx.vault.preload({one.subject_id for one in entries if one.subject_id is not None})
    wholes = await _wholes(tx, entries)
    made = [_entry(tx, one, row[-1], wholes) for one, row in zip(entries, rows, strict=True)]
    return CustomerFeedPage(generated_at=tx.now, entries=tuple(made), total_count=int(total))


async def _condition(tx: Tx, wanted: CustomerFeedFilter) -> tuple[str, list[object]]:
    scope, scope_args = visible(tx, "c.owner_id")
    shop, shop_args = in_shop(tx, "c.shop")
    texts = ["e.entity = 'customer'", "e.number > {}", scope, shop]
    values: list[object] = [wanted.since, *scope_args, *shop_args]
    for text, value in (
        ("e.at >= {}", wanted.start),
        ("e.at <= {}", wanted.end),
        ("e.entity_number = {}", wanted.number),
        ("c.external_id = {}", wanted.external_id),
    ):
        if value is not None:
            texts.append(text)
            values.append(value)
    if await hides_own(tx):
        texts.append(NOT_OWN)
        values.append(tx.actor.id)
    return " AND ".join(texts), values


async def _wholes(tx: Tx, entries: Sequence[Entry]) -> dict[UUID, CustomerView]:
    created = {one.order_id for one in entries if one.kind == "create"}
    if not created:
        return {}
    condition = "c.id IN {} AND c.state <> 'destroyed'"
    rows = await customer_views.list_visible(tx, condition, [any_of(created)], len(created))
    return {view.id: view for view in await customer_views.views_of(tx, rows)}


def _entry(
    tx: Tx, entry: Entry, external_id: str | None, wholes: dict[UUID, CustomerView]
) -> CustomerFeedEntry:
    old, new = values_of(tx, entry, grant_field)
    created = entry.kind == "create"
    facts: dict[str, Any] = {
        "number": entry.number,
        "at": entry.at,
        "created": created,
        "deleted": entry.kind == "delete",
        "source": entry.source,
        "user_number": entry.user_number,
        "current_key": None if entry.key_id is None else entry.key_id == tx.actor.id,
        "field": entry.field,
        "old": old,
        "new": new,
    }
    return CustomerFeedEntry(
        **facts,
        customer_number=entry.order_number,
        external_id=external_id,
        shop=entry.shop,
        customer=wholes.get(entry.order_id) if created else None,
    )
