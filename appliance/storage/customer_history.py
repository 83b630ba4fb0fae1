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
from appliance.domain.customers import CustomerKind, CustomerView
from appliance.domain.fields import CustomField
from appliance.storage import change_entries, customer_views, fields, references
from appliance.storage.change_entries import COLUMNS, MOST_COUNTED, Entry
from appliance.storage.statements import any_of, fetch, fetch_value
from appliance.storage.tx import Tx
from appliance.storage.visible import in_shop, visible

_FROM = "FROM change_entry e JOIN customer c ON c.id = e.entity_id WHERE "


async def page(tx: Tx, wanted: CustomerFeedFilter) -> CustomerFeedPage:
    """Entries after `since`, ascending, with creations as whole clients."""
    if wanted.kind is CustomerKind.COMPANY and not await _has_companies():
        # Where nobody is one, the whole feed would be walked to find that out.
        return CustomerFeedPage(generated_at=tx.now, entries=(), total_count=0)
    condition, values = await _condition(tx, wanted)
    rows = await fetch(
        f"SELECT {COLUMNS}, c.external_id {_FROM}{condition} ORDER BY e.number LIMIT {{}}",
        *values,
        wanted.limit,
    )
    total = len(rows)
    if total == wanted.limit:
        total = await fetch_value(
            f"SELECT COUNT(*) FROM (SELECT 1 {_FROM}{condition} LIMIT {{}}) counted",
            *values,
            MOST_COUNTED,
        )
    entries = [Entry(*row[:-1]) for row in rows]
    lists = await references.lists()
    change_entries.preload(tx, entries)
    wholes = await _wholes(tx, entries)
    made = [
        _entry(tx, one, row[-1], wholes, fields.of_history(lists, "customer", one.field))
        for one, row in zip(entries, rows, strict=True)
    ]
    return CustomerFeedPage(generated_at=tx.now, entries=tuple(made), total_count=int(total))


async def _has_companies() -> bool:
    return await fetch_value("SELECT 1 FROM customer WHERE kind = 'company' LIMIT 1") is not None


async def _condition(tx: Tx, wanted: CustomerFeedFilter) -> tuple[str, list[object]]:
    scope, scope_args = visible(tx, "c.owner_id")
    shop, shop_args = in_shop(tx, "c.shop")
    texts = ["e.entity = 'customer'", "e.number > {}", "c.state <> 'blocked'", scope, shop]
    values: list[object] = [wanted.since, *scope_args, *shop_args]
    for text, value in (
        ("e.at >= {}", wanted.start),
        ("e.at <= {}", wanted.end),
        ("e.entity_number = {}", wanted.customer_number),
        ("c.external_id = {}", wanted.customer_external_id),
        ("c.kind = {}", wanted.kind and wanted.kind.value),
    ):
        if value is not None:
            texts.append(text)
            values.append(value)
    if await change_entries.own_left_out(tx):
        texts.append("(e.key_id IS NULL OR e.key_id <> {})")
        values.append(tx.actor.id)
    return " AND ".join(texts), values


async def _wholes(tx: Tx, entries: Sequence[Entry]) -> dict[UUID, CustomerView]:
    ids = {one.entity_id for one in entries if one.kind in ("create", "delete")}
    if not ids:
        return {}
    rows = await customer_views.list_visible(tx, "c.id IN {}", [any_of(ids)], len(ids))
    return {view.id: view for view in await customer_views.views_of(tx, rows)}


def _entry(
    tx: Tx,
    entry: Entry,
    external_id: str | None,
    wholes: dict[UUID, CustomerView],
    custom: CustomField | None,
) -> CustomerFeedEntry:
    values: tuple[Any, Any] = change_entries.values(tx, entry, grant_field)
    whole = entry.kind in ("create", "delete")
    return CustomerFeedEntry(
        number=entry.number,
        at=entry.at,
        created=entry.kind == "create",
        deleted=entry.kind == "delete",
        source=entry.source,
        user_number=entry.user_number,
        current_key=change_entries.current_key(tx, entry),
        field=entry.field,
        old=values[0],
        new=values[1],
        customer_id=entry.entity_id,
        customer_number=entry.entity_number,
        external_id=external_id,
        shop=entry.shop,
        customer=wholes.get(entry.entity_id) if whole else None,
        custom=custom,
    )
