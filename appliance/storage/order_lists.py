"""Lists of orders: filters as conditions, pages by key, sums kept."""

from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from appliance.domain.access import NOBODY
from appliance.domain.fields import Owner
from appliance.domain.orders import OrderFilter, OrderPage, OrderRow, Tally
from appliance.storage import custom_finds, fulfilments, searching, tally
from appliance.storage.customer_views import brief
from appliance.storage.references import Lists
from appliance.storage.statements import any_of, fetch, fetch_value
from appliance.storage.tx import Tx
from appliance.storage.visible import in_shop, visible_order

MOST_BUYERS = 120
"""Clients that a fragment may stand for in a filter."""
MOST_WALKS = 32
"""Ranges of an index walked for one page: one for each status (and manager) asked for. Each gives
its own first page and the page is cut from them, so that no order is sorted that is not shown."""
MOST_COUNTED = 10_000
"""A filter without kept counters is counted up to here."""

_COLUMNS = (
    "o.id, o.number, o.shown_number, o.status, o.summary, o.lines_count, o.total, o.paid_total, "
    "o.delivery_type, o.created_at, o.status_at, o.shop, o.has_comment, leader.number, "
    "c.id, c.number, c.kind, c.state, c.subject_id, c.person, owner.number"
)
_JOINS = (
    "JOIN customer c ON c.id = o.customer_id "
    "LEFT JOIN users owner ON owner.id = c.owner_id "
    "LEFT JOIN users leader ON leader.id = o.manager_id "
)


class Condition(NamedTuple):
    """A piece of WHERE on `orders o` and its values."""

    text: str
    values: tuple[object, ...] = ()


class Wanted(NamedTuple):
    """A filter made ready.

    Attributes:
        walks: alternatives, each an equality on leading columns of an index.
        rest: what every order must meet besides.
        kept: whether counters are kept for exactly this filter.
    """

    walks: tuple[Condition, ...]
    rest: tuple[Condition, ...]
    statuses: tuple[str, ...]
    managers: tuple[UUID, ...]
    shops: tuple[str, ...]
    kept: bool


async def prepare(tx: Tx, asked: OrderFilter, lists: Lists) -> Wanted:
    """Turn a filter into conditions."""
    statuses = (*asked.statuses, *_of_groups(asked, lists))
    managers = await _managers(tx, asked)
    rest: list[Condition] = []
    walks = [Condition("1 = 1")]
    if len(statuses) * max(len(managers), 1) > MOST_WALKS:
        rest += [Condition("o.status IN {}", (any_of(statuses),))]
        if managers:
            rest += [_one_of(managers)]
    elif statuses or managers:
        axes: list[list[Condition]] = []
        if managers:
            axes.append([_one_of((one,)) for one in managers])
        if statuses:
            axes.append([Condition("o.status = {}", (one,)) for one in statuses])
        walks = [_all_of(parts) for parts in product(*axes)]
    if asked.shops:
        rest.append(Condition("o.shop IN {}", (any_of(asked.shops),)))
    others = [*_plain(asked), *_worked_on(asked, lists), *await _text(tx, asked)]
    own = custom_finds.conditions(tx, lists, Owner.ORDER, "o.id", asked.custom)
    others += [Condition(*one) for one in own]
    unknown = (asked.statuses or asked.groups) and not statuses
    if unknown or ((asked.managers or asked.mine) and not managers):
        others.append(Condition("1 = 0"))
    return Wanted(tuple(walks), (*rest, *others), statuses, managers, asked.shops, kept=not others)


def _worked_on(asked: OrderFilter, lists: Lists) -> list[Condition]:
    """An invoice waits for goods only where the order is still worked on."""
    if asked.payment != "invoiced":
        return []
    return [Condition("o.status IN {}", (any_of(lists.in_process()),))]


def _of_groups(asked: OrderFilter, lists: Lists) -> tuple[str, ...]:
    return tuple(
        one.code
        for one in lists.statuses.values()
        if one.group in asked.groups and one.code not in asked.statuses
    )


async def _managers(tx: Tx, asked: OrderFilter) -> tuple[UUID, ...]:
    if asked.mine:
        return (tx.actor.id,)
    if not asked.managers:
        return ()
    rows = await fetch("SELECT id FROM users WHERE number IN {}", any_of(asked.managers))
    nobody = (NOBODY,) if 0 in asked.managers else ()
    return (*(row[0] for row in rows), *nobody)


def _one_of(managers: Sequence[UUID]) -> Condition:
    known = [one for one in managers if one != NOBODY]
    if not known:
        return Condition("o.manager_id IS NULL")
    if len(known) == len(managers) == 1:
        return Condition("o.manager_id = {}", (known[0],))
    nobody = " OR o.manager_id IS NULL" if len(known) < len(managers) else ""
    return Condition(f"(o.manager_id IN {{}}{nobody})", (any_of(known),))


def _all_of(parts: Sequence[Condition]) -> Condition:
    return Condition(
        " AND ".join(part.text for part in parts),
        tuple(value for part in parts for value in part.values),
    )


_PAYMENT = {
    "unpaid": Condition("o.paid_total <= 0 AND o.total > 0"),
    "partly": Condition("o.paid_total > 0 AND o.paid_total < o.total"),
    "paid": Condition("o.paid_total >= o.total"),
    "invoiced": Condition("o.invoiced_at IS NOT NULL AND NOT o.shipped"),
}


def _plain(asked: OrderFilter) -> list[Condition]:
    found = [
        Condition(f"o.{column} IN {{}}", (any_of(values),))
        for column, values in (
            ("number", asked.numbers),
            ("shown_number", asked.shown_numbers),
            ("external_id", asked.external_ids),
            ("delivery_type", asked.delivery_types),
            ("order_type", asked.order_types),
            ("order_method", asked.order_methods),
        )
        if values
    ]
    found += [
        Condition(f"o.{comparison} {{}}", (bound,))
        for comparison, bound in (
            ("created_at >=", asked.created_from),
            ("created_at <=", asked.created_to),
            ("total >=", asked.min_total),
            ("total <=", asked.max_total),
        )
        if bound is not None
    ]
    if asked.customer_number is not None:
        text = "o.customer_id = (SELECT id FROM customer WHERE number = {})"
        found.append(Condition(text, (asked.customer_number,)))
    if asked.customer_external_id is not None:
        text = "o.customer_id IN (SELECT id FROM customer WHERE shop = o.shop AND external_id = {})"
        found.append(Condition(text, (asked.customer_external_id,)))
    if asked.sources:
        found.append(_from_sources(asked.sources))
    if asked.product is not None:
        found.append(_with_product(asked.product))
    found += [_PAYMENT[one] for one in (asked.payment,) if one in _PAYMENT]
    found += [Condition(text) for text in fulfilments.conditions(asked.operator)]
    return found


def _from_sources(sources: Sequence[str]) -> Condition:
    """Orders by the source in their marks, which `SourceMarks` writes first of all."""
    texts: list[str] = []
    values: list[object] = []
    for source in sources:
        beginning = f'{{"source":{msgspec.json.encode(source).decode()}'
        texts.append("substr(o.source, 1, {}) = {}")
        values += [len(beginning), beginning]
        if not source:
            texts.append("o.source = {}")
            values.append("{}")  # marks that say nothing at all
    return Condition(f"({' OR '.join(texts)})", tuple(values))


def _with_product(number: int) -> Condition:
    if not number:
        return Condition(
            "EXISTS (SELECT 1 FROM order_line l WHERE l.order_id = o.id AND l.variant_id IS NULL)"
        )
    return Condition(
        "EXISTS (SELECT 1 FROM order_line l JOIN variant v ON v.id = l.variant_id "
        "JOIN product pr ON pr.id = v.product_id WHERE l.order_id = o.id AND pr.number = {})",
        (number,),
    )


async def _text(tx: Tx, asked: OrderFilter) -> list[Condition]:
    """A number, with or without its hyphen, or the shop's own number, or a fragment of a buyer."""
    text = asked.text.strip()
    if not text:
        return []
    digits = text.replace("-", "").lstrip("№ ")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 11 else -1
    buyers = await searching.by_fragment(tx, text, MOST_BUYERS)
    return [
        Condition(
            "(o.number = {} OR o.customer_id IN {})",
            (number, any_of([buyer.id for buyer in buyers])),
        )
    ]


def _walk(tx: Tx, wanted: Wanted, walk: Condition, *, tail: Condition) -> Condition:
    """One walk over an index: the first numbers that meet everything."""
    scope = Condition(*visible_order(tx))
    shop = Condition(*in_shop(tx, "o.shop"))
    where = _all_of([walk, *wanted.rest, scope, shop])
    return Condition(
        f"SELECT o.id, o.number FROM orders o WHERE {where.text} {tail.text}",
        (*where.values, *tail.values),
    )


def _picked(tx: Tx, wanted: Wanted, tail: Condition) -> Condition:
    """All walks in one; each in a SELECT of its own, or SQLite takes no ORDER BY inside UNION."""
    walks = [_walk(tx, wanted, walk, tail=tail) for walk in wanted.walks]
    text = " UNION ALL ".join(
        f"SELECT * FROM ({walk.text}) w{place}" for place, walk in enumerate(walks)
    )
    return Condition(text, tuple(value for walk in walks for value in walk.values))


async def rows(
    tx: Tx, wanted: Wanted, *, after: int | None, before: int | None, limit: int
) -> list[tuple[Any, ...]]:
    """Rows of one page and one more, in the direction walked: newest first unless `before`."""
    order, bound = "DESC", Condition("")
    if after is not None:
        bound = Condition("AND o.number < {} ", (after,))
    elif before is not None:
        order, bound = "ASC", Condition("AND o.number > {} ", (before,))
    tail = Condition(
        f"{bound.text}ORDER BY o.number {order} LIMIT {{}}", (*bound.values, limit + 1)
    )
    picked = _picked(tx, wanted, tail)
    # Cut to the page before anything is joined, and put in order again after the joins.
    return await fetch(
        f"SELECT {_COLUMNS} FROM (SELECT * FROM ({picked.text}) w "
        f"ORDER BY w.number {order} LIMIT {{}}) p JOIN orders o ON o.id = p.id {_JOINS}"
        f"ORDER BY p.number {order}",
        *picked.values,
        limit + 1,
    )


def page_of(
    tx: Tx,
    found: list[tuple[Any, ...]],
    *,
    after: int | None,
    before: int | None,
    limit: int,
    known: Tally | None,
) -> OrderPage:
    """A page of what `rows` gave, with the cursors of its neighbours."""
    more = len(found) > limit
    found = found[:limit]
    backwards = before is not None and after is None
    if backwards:
        found.reverse()
    tx.vault.preload({row[18] for row in found})
    shown = tuple(_row(tx, row) for row in found)
    has_next, has_previous = (True, more) if backwards else (more, after is not None)
    return OrderPage(
        rows=shown,
        after=str(shown[-1].number) if shown and has_next else None,
        before=str(shown[0].number) if shown and has_previous else None,
        page_total=sum(row.total for row in shown),
        kept_count=None if known is None else known.orders,
        kept_total=None if known is None else known.total,
    )


def _row(tx: Tx, row: tuple[Any, ...]) -> OrderRow:
    (order_id, number, shown, status, summary, count, total, paid, delivery, created_at, status_at,
     shop, has_comment, leader, *client) = row  # fmt: skip
    return OrderRow(
        id=order_id,
        number=number,
        shown_number=shown,
        status=status,
        customer=brief(tx, *client),
        summary=summary,
        lines_count=count,
        total=total,
        paid_total=paid,
        delivery_type=delivery,
        manager_number=leader,
        created_at=created_at,
        status_since=status_at,
        shop=shop,
        has_comment=bool(has_comment),
    )


async def kept(tx: Tx, wanted: Wanted) -> Tally | None:
    """Count and sum of the filter where counters are kept for it."""
    if not wanted.kept:
        return None
    return await tally.kept(tx, wanted.statuses, wanted.managers, wanted.shops)


async def counted(tx: Tx, wanted: Wanted) -> int:
    """How many orders a filter has: kept, or else counted up to a bound."""
    known = await kept(tx, wanted)
    if known is not None:
        return known.orders
    tail = Condition("LIMIT {}", (MOST_COUNTED,))
    picked = _picked(tx, wanted, tail)
    found = await fetch_value(f"SELECT COUNT(*) FROM ({picked.text}) counted", *picked.values)
    return min(int(found), MOST_COUNTED)


def newest(tx: Tx, wanted: Wanted, limit: int) -> Condition:
    """The statement that picks (id, number) of the newest orders of a filter."""
    tail = Condition("ORDER BY o.number DESC LIMIT {}", (limit,))
    picked = _picked(tx, wanted, tail)
    return Condition(
        f"SELECT * FROM ({picked.text}) w ORDER BY w.number DESC LIMIT {{}}",
        (*picked.values, limit),
    )


async def numbers(tx: Tx, wanted: Wanted, after: int | None, limit: int) -> list[int]:
    """Numbers of a filter's orders after a number, newest first."""
    bound = Condition("") if after is None else Condition("AND o.number < {} ", (after,))
    tail = Condition(f"{bound.text}ORDER BY o.number DESC LIMIT {{}}", (*bound.values, limit))
    picked = _picked(tx, wanted, tail)
    rows = await fetch(
        f"SELECT w.number FROM ({picked.text}) w ORDER BY w.number DESC LIMIT {{}}",
        *picked.values,
        limit,
    )
    return [row[0] for row in rows]


async def ids_of_page(tx: Tx, wanted: Wanted, *, skipped: int, limit: int) -> list[UUID]:
    """Ids of a page by its number, newest first; deep pages cost what they skip."""
    tail = Condition("ORDER BY o.number DESC LIMIT {}", (skipped + limit,))
    picked = _picked(tx, wanted, tail)
    found = await fetch(
        f"SELECT p.id, p.number FROM ({picked.text}) p "
        "ORDER BY p.number DESC LIMIT {} OFFSET {}",
        *picked.values,
        limit,
        skipped,
    )
    return [row[0] for row in found]


async def next_number(
    tx: Tx, wanted: Wanted, *, after: int | None = None, before: int | None = None
) -> int | None:
    """Number of the neighbour that stands after (older) or before (newer) an order in a filter."""
    order, bound = ("DESC", Condition("AND o.number < {} ", (after,)))
    if before is not None:
        order, bound = ("ASC", Condition("AND o.number > {} ", (before,)))
    tail = Condition(f"{bound.text}ORDER BY o.number {order} LIMIT 1", bound.values)
    found: list[int] = []
    for walk in wanted.walks:
        one = _walk(tx, wanted, walk, tail=tail)
        found += [row[1] for row in await fetch(one.text, *one.values)]
    if not found:
        return None
    return max(found) if before is None else min(found)


async def oldest(tx: Tx, wanted: Wanted, limit: int) -> list[tuple[Any, ...]]:
    """Rows of a filter as `rows` gives them, but those that wait longest, oldest first."""
    tail = Condition("ORDER BY o.number LIMIT {}", (limit,))
    walks = [_walk(tx, wanted, walk, tail=tail) for walk in wanted.walks]
    picked = " UNION ALL ".join(
        f"SELECT * FROM ({walk.text}) w{place}" for place, walk in enumerate(walks)
    )
    return await fetch(
        f"SELECT {_COLUMNS} FROM ({picked}) picked JOIN orders o ON o.id = picked.id {_JOINS}"
        "ORDER BY picked.number LIMIT {}",
        *(value for walk in walks for value in walk.values),
        limit,
    )
