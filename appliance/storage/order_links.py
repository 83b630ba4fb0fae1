"""Orders that belong together: a pair, why, and since when."""

from collections.abc import Sequence
from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.domain.orders import LinkView
from appliance.domain.personal import Personal
from appliance.storage.orders import Order, open_remark, seal_remark
from appliance.storage.statements import any_of, fetch, fetch_one, insert
from appliance.storage.tables import OrderLinkRow
from appliance.storage.tx import Tx
from appliance.storage.visible import in_shop, visible_order

MOST_SHOWN = 500

_LINKS = (
    "SELECT k.id, k.order_id, k.other_id, k.comment, k.created_at, a.subject_id FROM order_link k "
    "JOIN orders a ON a.id = k.order_id WHERE k.order_id IN {} OR k.other_id IN {} "
    "ORDER BY k.id LIMIT {}"
)


async def add(tx: Tx, order: Order, other: Order, comment: Personal[str]) -> bool:
    """Link two orders; False where they are linked already, whichever way round."""
    known = await fetch_one(
        "SELECT 1 FROM order_link WHERE (order_id = {} AND other_id = {}) "
        "OR (order_id = {} AND other_id = {})",
        order.id,
        other.id,
        other.id,
        order.id,
    )
    if known is not None:
        return False
    row_id = uuid7()
    await insert(
        OrderLinkRow,
        id=row_id,
        order_id=order.id,
        other_id=other.id,
        comment=seal_remark(tx, "order_link", row_id, order.subject_id, comment.reveal()),
        created_at=tx.now,
    )
    return True


async def of_orders(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, tuple[LinkView, ...]]:
    """Links of the orders of a page; of others than the actor sees nothing is said."""
    if not ids:
        return {}
    rows = await fetch(_LINKS, any_of(ids), any_of(ids), MOST_SHOWN)
    if not rows:
        return {}
    others = await _others(tx, {one for row in rows for one in (row[1], row[2])})
    tx.vault.preload({row[5] for row in rows})
    found: dict[UUID, list[LinkView]] = {}
    for row_id, first, second, cell, at, subject in rows:
        comment = open_remark(tx, "order_link", row_id, subject, cell)
        for mine, other in ((first, second), (second, first)):
            if mine in ids and other in others:
                number, shown, external_id, shop = others[other]
                view = LinkView(
                    number=number,
                    shown_number=shown or str(number),
                    external_id=external_id,
                    shop=shop,
                    comment=comment,
                    created_at=at,
                )
                found.setdefault(mine, []).append(view)
    return {order: tuple(views) for order, views in found.items()}


_Other = tuple[int, str, str | None, str]


async def _others(tx: Tx, ids: set[UUID]) -> dict[UUID, _Other]:
    scope, args = visible_order(tx)
    shop, shop_args = in_shop(tx, "o.shop")
    rows = await fetch(
        "SELECT o.id, o.number, o.shown_number, o.external_id, o.shop FROM orders o "
        f"WHERE o.id IN {{}} AND {scope} AND {shop}",
        any_of(list(ids)),
        *args,
        *shop_args,
    )
    return {row[0]: (row[1], row[2] or "", row[3], row[4]) for row in rows}
