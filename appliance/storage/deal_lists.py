"""Boards and lists of deals: filters as conditions, columns and pages by key, kept sums."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from msgspec.structs import replace

from appliance.domain.access import NOBODY
from appliance.domain.deals import (
    DealColumn,
    DealFilter,
    DealRow,
    DealState,
    DealTally,
    Funnels,
    Pipeline,
    Stage,
)
from appliance.domain.desk import ClientDeal
from appliance.domain.fields import Owner
from appliance.domain.personal import Personal
from appliance.errors import Invalid
from appliance.storage import custom_finds, deal_tally, deals, references, searching
from appliance.storage.customer_views import brief
from appliance.storage.statements import any_of, fetch, fetch_one
from appliance.storage.tx import Tx
from appliance.storage.visible import visible_deal

MOST_BUYERS = 120
"""Clients that a fragment may stand for in a filter."""
MOST_COUNTED = 10_000
"""A filter without kept figures is added up to here, column by column."""

_EPOCH = datetime.fromtimestamp(0, UTC)

_COLUMNS = (
    "d.id, d.number, d.version, d.stage_id, d.state, d.subject_id, d.texts, d.amount, "
    "d.expected_on, leader.number, o.number, d.reason_id, d.stage_at, d.created_at, "
    "c.id, c.number, c.kind, c.state, c.subject_id, c.person, owner.number"
)
_JOINS = (
    "JOIN customer c ON c.id = d.customer_id "
    "LEFT JOIN users owner ON owner.id = c.owner_id "
    "LEFT JOIN users leader ON leader.id = d.manager_id "
    "LEFT JOIN orders o ON o.id = d.order_id "
)


class Wanted(NamedTuple):
    """A filter made ready.

    Attributes:
        stages: those it looks at.
        text, values: a piece of WHERE on `deal d`, without the stages.
        managers: whose; empty means anybody's.
        kept: whether figures are kept for exactly this filter.
    """

    stages: tuple[Stage, ...]
    text: str
    values: tuple[object, ...]
    managers: tuple[UUID, ...]
    kept: bool


async def prepare(tx: Tx, asked: DealFilter, known: Funnels, line: Pipeline) -> Wanted:
    """Turn a filter into conditions."""
    scope, scope_args = visible_deal(tx)
    texts, values = [scope], [*scope_args]
    managers = await _managers(tx, asked)
    if managers:
        text, given = _one_of(managers)
        texts.append(text)
        values += given
    others: list[tuple[str, tuple[object, ...]]] = [
        (text, (value,))
        for text, value in (
            ("d.amount >= {}", asked.min_amount),
            ("d.amount <= {}", asked.max_amount),
            ("d.expected_on <= {}", asked.due_until),
        )
        if value is not None
    ]
    if asked.reason:
        found = [one.id for one in known.reasons if one.number == asked.reason]
        others.append(("d.reason_id IN {}", (any_of(found),)))
    if asked.customer_number is not None:
        who = "d.customer_id = (SELECT id FROM customer WHERE number = {})"
        others.append((who, (asked.customer_number,)))
    if asked.text.strip():
        others.append(await _text(tx, asked.text.strip()))
    if (asked.managers or asked.mine) and not managers:
        others.append(("1 = 0", ()))
    lists = await references.lists()
    others += custom_finds.conditions(tx, lists, Owner.DEAL, "d.id", asked.custom)
    for text, given in others:
        texts.append(text)
        values += given
    stages = tuple(one for one in line.stages if _asked_for(one, asked))
    kept = not others and not tx.actor.shop  # counters know no shops
    return Wanted(stages, " AND ".join(texts), tuple(values), managers, kept)


def _asked_for(stage: Stage, asked: DealFilter) -> bool:
    if not stage.active:  # nothing stands there
        return False
    if asked.stages:
        return stage.number in asked.stages
    return not asked.states or stage.state.value in asked.states


async def _managers(tx: Tx, asked: DealFilter) -> tuple[UUID, ...]:
    if asked.mine:
        return (tx.actor.id,)
    if not asked.managers:
        return ()
    rows = await fetch("SELECT id FROM users WHERE number IN {}", any_of(asked.managers))
    nobody = (NOBODY,) if 0 in asked.managers else ()
    return (*(row[0] for row in rows), *nobody)


def _one_of(managers: Sequence[UUID]) -> tuple[str, list[object]]:
    known = [one for one in managers if one != NOBODY]
    if not known:
        return "d.manager_id IS NULL", []
    nobody = " OR d.manager_id IS NULL" if len(known) < len(managers) else ""
    return f"(d.manager_id IN {{}}{nobody})", [any_of(known)]


async def _text(tx: Tx, text: str) -> tuple[str, tuple[object, ...]]:
    """A number of a deal, or a fragment of its client."""
    digits = text.lstrip("№# ")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 11 else -1
    buyers = await searching.by_fragment(tx, text, MOST_BUYERS)
    ids = any_of([one.id for one in buyers])
    return "(d.number = {} OR d.customer_id IN {})", (number, ids)


async def columns(tx: Tx, wanted: Wanted, limit: int) -> tuple[DealColumn, ...]:
    """Every stage with its figures and first cards, the latest come first."""
    figures = await _figures(tx, wanted)
    found = {one.id: await _walk(wanted, one, None, limit) for one in wanted.stages}
    tx.vault.preload({row[18] for rows in found.values() for row in rows})
    return tuple(
        _column(tx, one, figures.get(one.id, DealTally()), found[one.id], limit)
        for one in wanted.stages
    )


async def more(tx: Tx, wanted: Wanted, stage: Stage, after: str, limit: int) -> DealColumn:
    """The next cards of one column.

    Raises:
        Invalid: `cursor_unreadable`.
    """
    rows = await _walk(wanted, stage, _cursor(after), limit)
    tx.vault.preload({row[18] for row in rows})
    figures = await _figures(tx, wanted._replace(stages=(stage,)))
    return _column(tx, stage, figures.get(stage.id, DealTally()), rows, limit)


def _column(
    tx: Tx, stage: Stage, tally: DealTally, rows: list[tuple[Any, ...]], limit: int
) -> DealColumn:
    shown = tuple(row_of(tx, row) for row in rows[:limit])
    after = None
    if len(rows) > limit:
        last = shown[-1]
        after = f"{(last.stage_at - _EPOCH) // timedelta(microseconds=1)}-{last.number}"
    return DealColumn(stage=stage, tally=tally, rows=shown, after=after)


def _cursor(text: str) -> tuple[datetime, int]:
    micros, _, number = text.partition("-")
    if not all(one.isascii() and one.isdigit() and len(one) <= 17 for one in (micros, number)):
        raise Invalid("cursor_unreadable")
    return _EPOCH + timedelta(microseconds=int(micros)), int(number)


async def _walk(
    wanted: Wanted, stage: Stage, after: tuple[datetime, int] | None, limit: int
) -> list[tuple[Any, ...]]:
    """Rows of one column and one more, by the time at the stage, the latest first."""
    bound: tuple[object, ...] = ()
    beyond = ""
    if after is not None:
        beyond = "AND (d.stage_at < {} OR (d.stage_at = {} AND d.number < {})) "
        bound = (after[0], after[0], after[1])
    return await fetch(
        f"SELECT {_COLUMNS} FROM (SELECT d.id, d.stage_at, d.number FROM deal d "
        f"WHERE d.stage_id = {{}} AND {wanted.text} {beyond}"
        "ORDER BY d.stage_at DESC, d.number DESC LIMIT {}) p "
        f"JOIN deal d ON d.id = p.id {_JOINS}ORDER BY p.stage_at DESC, p.number DESC",
        stage.id,
        *wanted.values,
        *bound,
        limit + 1,
    )


async def _figures(tx: Tx, wanted: Wanted) -> dict[UUID, DealTally]:
    """Kept figures where there are some; else each column added up, to a bound."""
    if wanted.kept:
        return await deal_tally.kept(tx, [one.id for one in wanted.stages], wanted.managers)
    found: dict[UUID, DealTally] = {}
    for stage in wanted.stages:
        rows = await fetch(
            f"SELECT d.amount, d.stage_at FROM deal d WHERE d.stage_id = {{}} AND {wanted.text} "
            "LIMIT {}",
            stage.id,
            *wanted.values,
            MOST_COUNTED,
        )
        since = sum(int(row[1].timestamp()) for row in rows)
        found[stage.id] = deal_tally.figure(
            tx.now, len(rows), sum(int(row[0]) for row in rows), since
        )
    return found


async def tallies(tx: Tx, wanted: Wanted) -> dict[UUID, DealTally]:
    """Figures of the stages a filter looks at."""
    return await _figures(tx, wanted)


def row_of(tx: Tx, row: tuple[Any, ...]) -> DealRow:
    """A deal of a board or list from its joined columns."""
    (deal_id, number, version, stage, state, subject, cell, amount, expected, leader, order,
     reason, stage_at, created_at, *client) = row  # fmt: skip
    texts = deals.open_texts(tx, deal_id, subject, cell)
    return DealRow(
        id=deal_id,
        number=number,
        version=version,
        stage_id=stage,
        state=DealState(state),
        title=None if texts is None else Personal(texts.title),
        customer=brief(tx, *client),
        amount=amount,
        expected_on=expected,
        manager_number=leader,
        order_number=order,
        reason_id=reason,
        stage_at=stage_at,
        created_at=created_at,
    )


async def page(
    tx: Tx, wanted: Wanted, after: int | None, limit: int
) -> tuple[tuple[DealRow, ...], int | None]:
    """A page of the list, the newest first, and the number it goes on after."""
    ids = any_of([one.id for one in wanted.stages])
    beyond, bound = ("", ()) if after is None else ("AND d.number < {} ", (after,))
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM (SELECT d.id, d.number FROM deal d "
        f"WHERE d.stage_id IN {{}} AND {wanted.text} {beyond}ORDER BY d.number DESC LIMIT {{}}) p "
        f"JOIN deal d ON d.id = p.id {_JOINS}ORDER BY p.number DESC",
        ids,
        *wanted.values,
        *bound,
        limit + 1,
    )
    tx.vault.preload({row[18] for row in rows})
    shown = tuple(row_of(tx, row) for row in rows[:limit])
    return shown, shown[-1].number if len(rows) > limit else None


async def with_fields(tx: Tx, rows: Sequence[DealRow]) -> tuple[DealRow, ...]:
    """Rows with the fields of the house's own making that stand in lists."""
    lists = await references.lists()
    values = await custom_finds.listed(tx, lists, Owner.DEAL, [one.id for one in rows])
    return tuple(replace(one, custom=values.get(one.id, ())) for one in rows)


async def older(tx: Tx, before: int, limit: int) -> tuple[DealRow, ...]:
    """Deals with smaller numbers in whatever pipeline and state, the newest first."""
    scope, args = visible_deal(tx)
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM deal d {_JOINS}WHERE d.number < {{}} AND {scope} "
        "ORDER BY d.number DESC LIMIT {}",
        before,
        *args,
        limit,
    )
    tx.vault.preload({row[18] for row in rows})
    return tuple(row_of(tx, row) for row in rows)


async def row(tx: Tx, number: int) -> DealRow | None:
    """One deal by its number, if the grant lets it through."""
    scope, args = visible_deal(tx)
    found = await fetch_one(
        f"SELECT {_COLUMNS} FROM deal d {_JOINS}WHERE d.number = {{}} AND {scope}", number, *args
    )
    return None if found is None else row_of(tx, found)


async def brief_of(tx: Tx, customer_id: UUID, limit: int) -> tuple[ClientDeal, ...]:
    """The newest deals of a client in a word each, for his card; nothing of them is opened."""
    scope, args = visible_deal(tx)
    rows = await fetch(
        "SELECT d.number, s.name, d.state, d.amount FROM deal d JOIN stage s ON s.id = d.stage_id "
        f"WHERE d.customer_id = {{}} AND {scope} ORDER BY d.number DESC LIMIT {{}}",
        customer_id,
        *args,
        limit,
    )
    return tuple(
        ClientDeal(number=row[0], stage=row[1], state=row[2], amount=int(row[3])) for row in rows
    )
