"""The change feed of all records at once, as far as a program may see each kind."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from appliance.domain import customer_feed, order_feed
from appliance.domain.change_stream import ChangeFeed, ChangeLine
from appliance.domain.grants import Scope
from appliance.roles import Permission
from appliance.storage import change_entries
from appliance.storage.change_entries import COLUMNS, Entry, plain
from appliance.storage.statements import fetch
from appliance.storage.tx import Tx
from appliance.storage.visible import (
    in_shop,
    in_shop_task,
    visible_client_under,
    visible_order_under,
    visible_under,
)

_WHOLE: Final = {
    "task": Permission.TASK_VIEW,
    "project": Permission.TASK_VIEW,
    "product": Permission.PRODUCT_VIEW,
    "stock_document": Permission.STOCK_EDIT,
}
"""Kinds that a program sees whole or not at all."""

_VALUES: Final[dict[str, tuple[Permission, Callable[[str], str]]]] = {
    "order": (Permission.ORDER_VIEW, order_feed.grant_field),
    "customer": (Permission.CUSTOMER_VIEW, customer_feed.grant_field),
}
"""Kinds whose personal values stand in the feed; of others they are read with the record."""


async def page(tx: Tx, since: int, limit: int) -> ChangeFeed:
    """Entries after `since`, ascending, of the kinds that the actor may see."""
    condition, values = _condition(tx)
    rows = await fetch(
        f"SELECT {COLUMNS} FROM change_entry e "
        "LEFT JOIN orders o ON e.entity = 'order' AND o.id = e.entity_id "
        "LEFT JOIN customer c ON e.entity = 'customer' AND c.id = e.entity_id "
        "LEFT JOIN deal d ON e.entity = 'deal' AND d.id = e.entity_id "
        f"WHERE e.number > {{}} AND ({condition}) ORDER BY e.number LIMIT {{}}",
        since,
        *values,
        limit,
    )
    entries = [Entry(*row) for row in rows]
    change_entries.preload(tx, entries)
    lines = tuple(_line(tx, one) for one in entries)
    last = entries[-1].number if entries else since
    return ChangeFeed(items=lines, last=last, more=len(lines) == limit)


def _condition(tx: Tx) -> tuple[str, Sequence[object]]:
    texts: list[str] = []
    values: list[object] = []

    def either(entity: str, *parts: tuple[str, tuple[object, ...]]) -> None:
        texts.append(" AND ".join([f"(e.entity = '{entity}'", *(text for text, _ in parts)]) + ")")
        for _, given in parts:
            values.extend(given)

    grants = tx.actor.grants
    if Permission.ORDER_VIEW.value in grants:
        either("order", visible_order_under(tx, Permission.ORDER_VIEW), in_shop(tx, "o.shop"))
    if Permission.CUSTOMER_VIEW.value in grants:
        either("customer", visible_client_under(tx, Permission.CUSTOMER_VIEW))
    if Permission.DEAL_VIEW.value in grants and not tx.actor.shop:
        either("deal", visible_under(tx, Permission.DEAL_VIEW, "d.manager_id"))
    for entity, permission in _WHOLE.items():
        grant = grants.get(permission.value)
        if grant is not None and grant.scope is Scope.ALL:
            either(entity, *_of_the_shop(tx, entity))
    return (" OR ".join(texts) or "1 = 0"), values


def _of_the_shop(tx: Tx, entity: str) -> Sequence[tuple[str, tuple[object, ...]]]:
    """What keeps a shop's key to its own: it sees its tasks, and projects are the staff's."""
    if not tx.actor.shop:
        return ()
    if entity == "project":
        return (("1 = 0", ()),)
    text, values = in_shop_task(tx)
    return (
        ()
        if entity != "task"
        else ((f"e.entity_id IN (SELECT t.id FROM task t WHERE {text})", values),)
    )


def _line(tx: Tx, entry: Entry) -> ChangeLine:
    old, new = _values(tx, entry)
    return ChangeLine(
        id=entry.number,
        at=entry.at,
        entity=entry.entity,
        number=entry.entity_number,
        shop=entry.shop,
        kind=entry.kind,
        field=entry.field,
        old=old,
        new=new,
        part=plain(entry.part),
        source=entry.source,
        user_number=entry.user_number,
        own=entry.key_id is not None and entry.key_id == tx.actor.id,
    )


_COSTS: Final = frozenset({"purchase_price", "variant.purchase_price"})
"""What goods cost us: by a right of its own wherever it stands."""


def _is_hidden_cost(tx: Tx, entry: Entry) -> bool:
    return entry.field in _COSTS and Permission.PRODUCT_COST.value not in tx.actor.grants


def _values(tx: Tx, entry: Entry) -> tuple[Any, Any]:
    known = _VALUES.get(entry.entity)
    if known is None:
        if entry.subject_id is not None or _is_hidden_cost(tx, entry):
            return None, None
        return plain(entry.old_value), plain(entry.new_value)
    tx.under(known[0])
    return change_entries.values(tx, entry, known[1])
