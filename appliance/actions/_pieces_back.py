"""Parts of a marketplace's posting that came back to the seller. Steps of `_market_orders`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from appliance.actions import _returns
from appliance.domain.access import NOBODY
from appliance.domain.orders import OrderSelector
from appliance.domain.personal import Personal
from appliance.domain.tasks import TaskDraft
from appliance.plugin_api.postings import PiecesBack, PostingLine
from appliance.storage import alarms, market_postings, orders, tasks
from appliance.storage.market_postings import Line
from appliance.storage.references import Lists
from appliance.storage.tx import Tx

PIECE: Final = 1000
HOURS: Final = 24


def by_line(told: Sequence[PostingLine | PiecesBack], stored: Sequence[Line]) -> dict[UUID, int]:
    """How many pieces were told of each stored line.

    A line is known by its article; where several have one, by what the other side calls it.
    """
    by_article, by_both, lines = Counter[str](), Counter[tuple[str, str]](), Counter[str]()
    for one in told:
        by_article[one.article] += one.quantity
        by_both[one.article, one.vendor_id] += one.quantity
    for line in stored:
        lines[line.article] += 1
    return {
        line.id: by_article[line.article]
        if lines[line.article] == 1
        else by_both[line.article, line.vendor_id]
        for line in stored
    }


def fresh(told: Sequence[PiecesBack], stored: Sequence[Line]) -> dict[UUID, int]:
    """Lines of which more is back than was known → pieces in all, never more than were sold."""
    pieces = by_line(told, stored)
    return {
        line.id: min(pieces[line.id], line.quantity)
        for line in stored
        if min(pieces[line.id], line.quantity) > line.returned
    }


def is_over(now: Mapping[UUID, int], stored: Sequence[Line]) -> bool:
    """Whether nothing of the posting is with the buyer any more."""
    return bool(stored) and all(now.get(one.id, one.returned) >= one.quantity for one in stored)


def is_at_once(now: Mapping[UUID, int], stored: Sequence[Line]) -> bool:
    """Whether all of it came back at once: the order's status takes it in, as of any return."""
    return is_over(now, stored) and not any(one.returned for one in stored)


async def note(
    tx: Tx, lists: Lists, order_id: UUID, now: Mapping[UUID, int], stored: Sequence[Line]
) -> None:
    """Write down what came back at its lines; of a part, draw up a document of a return.

    Somebody is asked to look at it. The marketplace does not say in what state it is: stock grows
    when a person posts the document.
    """
    await market_postings.keep_returned(now)
    if is_at_once(now, stored):
        return
    order = await orders.get(tx, OrderSelector(id=order_id))
    goods = Counter[UUID]()
    named: list[str] = []
    for line in stored:
        pieces = now.get(line.id, 0) - line.returned
        if pieces <= 0:
            continue
        named.append(f"{line.name or line.article} × {pieces}")
        if line.variant_id is not None:
            goods[line.variant_id] += pieces * PIECE
    paper = "Оприходуйте на складе."
    if goods:
        document = await _returns.drafted(tx, lists, order, goods)
        paper = f"Проверьте товар и проведите документ возврата № {document.number}."
    leader = order.manager_id
    if leader is None or leader == NOBODY:
        leader = await alarms.first_administrator()
    if leader is None:
        return
    await tasks.add(
        tx,
        TaskDraft(
            title=Personal(f"Заказ {order.number}: маркетплейс вернул часть товара"),
            text=Personal(f"{', '.join(named)}. {paper}"[:2000]),
            performer_id=leader,
            due_at=tx.now + timedelta(hours=HOURS),
            order_id=order.id,
        ),
    )
