"""Records in bulk, for programs that keep a copy: page by page, newest first, by number.

Whoever takes people out of the box in bulk is written down person by person (152-FZ, article 14,
part 7: to whom they were handed), and counts against the key's people of the day.
"""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

import msgspec

from appliance.actions._gate import action
from appliance.domain.access import ActorKind
from appliance.domain.change_stream import ChangeFeed
from appliance.domain.customers import CustomerBrief, CustomerView
from appliance.domain.deals import DealRow
from appliance.domain.orders import OrderView
from appliance.domain.products import ProductView, VariantView
from appliance.domain.tasks import TaskView
from appliance.errors import Invalid
from appliance.roles import Permission
from appliance.storage import (
    budgets,
    change_stream,
    customer_views,
    deal_lists,
    disclosures,
    order_views,
    references,
    task_lists,
)
from appliance.storage import products as goods
from appliance.storage.disclosures import HandOver
from appliance.storage.products import GoodsFilter
from appliance.storage.tx import Tx

PAGE: Final = 100
"""Records at a time: twenty milliseconds of the writer, so that nobody waits for a stream."""
MOST_CHANGES: Final = 500
PURPOSE: Final = "export"


async def _hand_over(tx: Tx, people: Iterable[tuple[UUID, UUID | None]]) -> None:
    """Write down who was handed over (client, order), to which key, with which fields.

    Raises:
        Throttled: `people_budget_spent`.
    """
    tx.purpose = PURPOSE
    fields = sorted({name for names in tx.subjects.values() for name in names})
    if tx.actor.people_a_day:
        await budgets.spend_people(tx)
    if tx.actor.kind is not ActorKind.API_KEY or not fields:
        return
    rows = [
        HandOver(f"api:{tx.actor.number}", client, order, ",".join(fields), PURPOSE, "contract")
        for client, order in dict(people).items()
    ]
    await disclosures.note(tx, rows)


def _ids(briefs: Iterable[CustomerBrief | None]) -> list[tuple[UUID, UUID | None]]:
    return [(one.id, None) for one in briefs if one is not None]


@action(Permission.ORDER_VIEW)
async def orders(tx: Tx, before: int) -> Sequence[OrderView]:
    """Whole orders with smaller numbers, the newest first; empty behind the last.

    Raises:
        Throttled: `people_budget_spent`.
    """
    lists = await references.lists()
    found = await order_views.load(tx, lists, "o.number < {}", [before], PAGE)
    await _hand_over(tx, [(one.customer.id, one.id) for one in found if one.customer is not None])
    return found


@action(Permission.CUSTOMER_VIEW)
async def clients(tx: Tx, before: int) -> Sequence[CustomerView]:
    """Whole clients with smaller numbers, the newest first. Raises as `orders`."""
    rows = await customer_views.list_visible(tx, "c.number < {}", [before], PAGE)
    found = await customer_views.views_of(tx, rows)
    await _hand_over(tx, [(one.id, None) for one in found])
    return found


@action(Permission.DEAL_VIEW)
async def deals(tx: Tx, before: int) -> Sequence[DealRow]:
    """Deals with smaller numbers, the newest first. Raises as `orders`."""
    found = await deal_lists.older(tx, before, PAGE)
    await _hand_over(tx, _ids(one.customer for one in found))
    return found


@action(Permission.TASK_VIEW)
async def tasks(tx: Tx, before: int) -> Sequence[TaskView]:
    """Tasks with smaller numbers, the newest first. Raises as `orders`."""
    found = await task_lists.older(tx, before, PAGE)
    await _hand_over(tx, _ids(one.customer for one in found))
    return found


@action(Permission.PRODUCT_VIEW, reads=True, quiet=True)
async def products(tx: Tx, after: int) -> Sequence[ProductView]:
    """Products with larger numbers and all their variants, by number."""
    found = await goods.products(tx, GoodsFilter(after=after), skipped=0, limit=PAGE)
    if Permission.PRODUCT_COST.value in tx.actor.grants:
        return found
    return [
        msgspec.structs.replace(one, variants=tuple(_priceless(each) for each in one.variants))
        for one in found
    ]


def _priceless(one: VariantView) -> VariantView:
    stock = tuple(msgspec.structs.replace(place, purchase_price=0) for place in one.stock)
    return msgspec.structs.replace(one, purchase_price=0, stock=stock)


@action(Permission.FEED_READ, reads=True)
async def changes(tx: Tx, since: int = 0, limit: int = 100) -> ChangeFeed:
    """Whatever changed after `since`, ascending: one line for each changed field.

    Ask again with `last` of the answer; a number that was given once never changes its meaning.

    Raises:
        Invalid: `number_range`.
    """
    if since < 0 or not 1 <= limit <= MOST_CHANGES:
        raise Invalid(fields={"since": "number_range"})
    return await change_stream.page(tx, since, limit)
