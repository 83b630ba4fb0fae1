"""Reports: sales and payments, ends of orders, the funnel, what lies in stock."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from appliance.actions._actors import needs_step_up
from appliance.actions._gate import action
from appliance.domain.access import NOBODY
from appliance.domain.grants import Grant, Scope
from appliance.domain.reports import (
    LONGEST,
    LONGEST_BY_CLIENT,
    LONGEST_BY_REGION,
    MOST_GROUPS,
    Asked,
    Cut,
    Day,
    DealCounts,
    Figures,
    Funnel,
    Report,
    Row,
    Span,
    StockValue,
    begins,
    days_of,
    plus,
    rolled,
    summed,
    without_cost,
)
from appliance.errors import Denied, Invalid
from appliance.roles import Permission
from appliance.storage import (
    customer_views,
    departments,
    desk,
    references,
    report_days,
    report_funnel,
    report_keeping,
    report_sums,
    staff,
)
from appliance.storage.references import Lists
from appliance.storage.report_keeping import Counted
from appliance.storage.report_sums import Narrow, Sums
from appliance.storage.tx import Tx


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise Invalid(fields={"zone": "zone_unknown"}) from None


@action(Permission.REPORT_VIEW, slow=True, quiet=True)
async def sales(tx: Tx, asked: Asked) -> Report:
    """Sales, payments and ends of orders, by what `asked.cut` says.

    Raises:
        Invalid: `period_reversed`, `period_too_long` at `to`.
    """
    return await _report(tx, asked)


@action(Permission.REPORT_EXPORT, slow=True)
async def export(tx: Tx, asked: Asked, reason: str) -> Report:
    """The same for a file, with the reason for the log.

    Raises:
        Invalid: `reason_required` at `reason`; `period_reversed`, `period_too_long`.
        Denied: `step_up_needed` where clients are named; `denied` where the role may take out more
            than it may look at.
    """
    if len(reason.strip()) < 3:
        raise Invalid("reason_required", fields={"reason": "reason_required"})
    seen = tx.actor.grants.get(Permission.REPORT_VIEW.value, Grant(Scope.NONE))
    if seen.scope < tx.grant.scope:
        raise Denied(message="report.export reaches further than report.view")
    if asked.cut is Cut.CLIENT:
        needs_step_up(tx)
    tx.purpose = "report"
    tx.payload = {
        "reason": reason.strip(),
        "cut": asked.cut.value,
        "from": asked.span.first.isoformat(),
        "to": asked.span.last.isoformat(),
    }
    return await _report(tx, asked)


WHOLE: Final = frozenset({Cut.DAY, Cut.MANAGER, Cut.DEPARTMENT, Cut.SHOP, Cut.REGION})
"""Cuts whose rows have everything between them, money too."""


class _Found(NamedTuple):
    """Rows, what the groups that are left out have together, and how many days were kept.

    Attributes:
        rest: None where it is what the rows leave of the whole.
    """

    rows: list[Row]
    more: int = 0
    rest: Figures | None = Figures()
    kept: int = 0


async def _report(tx: Tx, asked: Asked) -> Report:
    _zone(asked.zone)
    _check(asked)
    lists = await references.lists()
    narrow = await _narrow(tx, asked)
    found = await _rows(tx, lists, asked, narrow)
    total, was = await _totals(tx, lists, asked, narrow, found)
    rest = _rest(total, found.rows) if found.rest is None else found.rest
    begun = await _deals(tx, asked, narrow)
    may_cost = _may_cost(tx)
    return Report(
        rows=tuple(_shown(one, begun, may_cost) for one in found.rows),
        total=total if may_cost else without_cost(total),
        was=was if was is None or may_cost else without_cost(was),
        may_cost=may_cost,
        at=tx.now,
        codes=await desk.codes(tx, lists),
        own=tx.grant.scope is Scope.OWN,
        deals=DealCounts(*(sum(part) for part in zip(*begun.values(), strict=True)))
        if begun
        else DealCounts(),
        more=found.more,
        rest=rest if may_cost else without_cost(rest),
        kept_days=found.kept,
    )


def _check(asked: Asked) -> None:
    if asked.span.days < 1:
        raise Invalid("period_reversed", fields={"to": "period_reversed"})
    read_off = {Cut.CLIENT: LONGEST_BY_CLIENT, Cut.REGION: LONGEST_BY_REGION}
    longest = read_off.get(asked.cut, LONGEST)
    if asked.span.days > longest:
        raise Invalid("period_too_long", fields={"to": "period_too_long"}, days=longest)


def _may_cost(tx: Tx) -> bool:
    """Cost and margin are told to whoever may see them of every order counted here."""
    grant = tx.actor.grants.get(Permission.ORDER_MARGIN.value, Grant(Scope.NONE))
    return grant.scope is not Scope.NONE and grant.scope >= tx.grant.scope


def _rest(total: Figures, rows: Iterable[Row]) -> Figures:
    """What groups that are left out have together; money is not counted by such groups."""
    shown = summed(one.now for one in rows)
    left = Figures(*(a - b for a, b in zip(total, shown, strict=True)))
    return left._replace(payments=0, paid=0, quantity=0)


def _shown(row: Row, begun: Mapping[str, DealCounts], may_cost: bool) -> Row:
    return Row(
        key=row.key,
        now=row.now if may_cost else without_cost(row.now),
        was=row.was if row.was is None or may_cost else without_cost(row.was),
        name=row.name,
        span=row.span,
        deals=begun.get(row.key, DealCounts()),
        members=row.members,
    )


async def _narrow(tx: Tx, asked: Asked) -> Narrow:
    if not asked.managers:
        return Narrow((), asked.shops)
    known = await staff.directory(tx)
    ids = [known[one].id for one in asked.managers if one in known]
    if 0 in asked.managers or not ids:  # unknown numbers must not widen the report to everybody
        ids.append(NOBODY)
    return Narrow(tuple(ids), asked.shops)


async def _rows(tx: Tx, lists: Lists, asked: Asked, narrow: Narrow) -> _Found:
    if asked.cut is Cut.CLIENT:
        return await _clients(tx, lists, asked, narrow)
    found, kept = await _sums(tx, lists, asked, asked.span, narrow)
    before: Sums | None = None
    if asked.against is not None:
        before, _ = await _sums(tx, lists, asked, asked.against, narrow)
    if asked.cut is Cut.DAY:
        rows = rolled(_days(found), None if before is None else _days(before), asked)
        return _Found(rows, kept=kept)
    names = await _names(tx, asked.cut)
    now = _grouped(found, names)
    was = None if before is None else _grouped(before, names)
    keys: list[str] = sorted(
        {*now, *({} if was is None else was)}, key=lambda key: (-_of(now, key).sales, key)
    )
    rows = [
        Row(key=key, now=_of(now, key), was=None if was is None else _of(was, key)) for key in keys
    ]
    rest = rows[MOST_GROUPS:]
    shown = await _named(tx, asked.cut, rows[:MOST_GROUPS])
    return _Found(shown, len(rest), summed(one.now for one in rest), kept)


async def _sums(tx: Tx, lists: Lists, asked: Asked, span: Span, narrow: Narrow) -> tuple[Sums, int]:
    if asked.cut is Cut.REGION:
        return await report_sums.by_region(tx, lists, asked, span, narrow), 0
    return await report_sums.sums(tx, lists, asked, span, narrow)


def _days(found: Sums) -> dict[date, Figures]:
    return {day: figures for day, figures in found.items() if isinstance(day, date)}


def _of(found: Mapping[str, Figures], key: str) -> Figures:
    return found.get(key, Figures())


async def _names(tx: Tx, cut: Cut) -> dict[UUID, str]:
    """Colleague's id → the key of his row."""
    if cut is Cut.MANAGER:
        return {one.id: str(one.number) for one in (await staff.directory(tx)).values()}
    if cut is Cut.DEPARTMENT:
        known = {one.id: one.code for one in await departments.list_all()}
        return {
            user: known.get(place, "") if place else ""
            for user, place in (await departments.of_users()).items()
        }
    return {}


def _grouped(found: Sums, names: Mapping[UUID, str]) -> dict[str, Figures]:
    grouped: dict[str, Figures] = defaultdict(Figures)
    for key, figures in found.items():
        text = names.get(key, "") if isinstance(key, UUID) else str(key)
        grouped[text] = plus(grouped[text], figures)
    return dict(grouped)


async def _named(tx: Tx, cut: Cut, rows: list[Row]) -> list[Row]:
    """Rows of products and departments say their names; the others stand for codes."""
    if cut is Cut.PRODUCT:
        names = await report_sums.product_names([int(one.key) for one in rows if one.key])
    elif cut is Cut.DEPARTMENT:
        names = {one.code: one.name for one in await departments.list_all()}
    else:
        return rows
    return [Row(key=one.key, now=one.now, was=one.was, name=names.get(one.key, "")) for one in rows]


async def _clients(tx: Tx, lists: Lists, asked: Asked, narrow: Narrow) -> _Found:
    found, many = await report_sums.by_client(tx, lists, asked, asked.span, narrow)
    known = await customer_views.rows_by_ids(tx, list(found))
    rows: list[Row] = []
    for client_id, figures in found.items():
        row = known.get(client_id)
        brief = None if row is None else customer_views.brief(tx, *row)
        name = "" if brief is None or brief.name is None else brief.name
        rows.append(Row(key="" if brief is None else str(brief.number), now=figures, name=name))
    return _Found(rows, many - len(rows), None if many > len(rows) else Figures())


async def _totals(
    tx: Tx, lists: Lists, asked: Asked, narrow: Narrow, found: _Found
) -> tuple[Figures, Figures | None]:
    """Sums over everything; a cut that leaves money or groups out is summed by days."""
    rows = found.rows
    if asked.cut in WHOLE and not found.more:
        was = None
        if asked.against is not None:
            was = summed(one.was for one in rows if one.was is not None)
        return summed(one.now for one in rows), was
    by_day = Asked(span=asked.span, cut=Cut.DAY, zone=asked.zone, against=asked.against)
    now, _ = await report_sums.sums(tx, lists, by_day, asked.span, narrow)
    if asked.against is None:
        return summed(now.values()), None
    before, _ = await report_sums.sums(tx, lists, by_day, asked.against, narrow)
    return summed(now.values()), summed(before.values())


async def _deals(tx: Tx, asked: Asked, narrow: Narrow) -> dict[str, DealCounts]:
    """Deals by the keys of the rows; of days and colleagues only."""
    if asked.cut not in {Cut.DAY, Cut.MANAGER} or Permission.DEAL_VIEW not in tx.actor.grants:
        return {}
    zone = _zone(asked.zone)
    since, until = begins(asked.span.first, zone), begins(asked.span.last + timedelta(days=1), zone)
    names = await _names(tx, Cut.MANAGER)
    keys = {one.key for one in rolled({}, None, asked)} if asked.cut is Cut.DAY else set[str]()
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for fact in await report_sums.deals(tx, since, until, narrow):
        if asked.cut is Cut.DAY:
            key = max(one for one in keys if one <= fact.at.astimezone(zone).date().isoformat())
        else:
            key = names.get(fact.manager or NOBODY, "")
        found[key][("begun", "won", "lost").index(fact.kind)] += 1
    return {key: DealCounts(*counts) for key, counts in found.items()}


@action(Permission.REPORT_VIEW, slow=True, quiet=True)
async def funnel(tx: Tx, span: Span, zone: str, pipeline: int = 0, stage: int = 0) -> Funnel:
    """How deals went through a pipeline, and the deals that came to a stage.

    Raises:
        Invalid: `period_reversed`, `period_too_long` at `to`.
    """
    _check(Asked(span=span, cut=Cut.DAY, zone=zone))
    box = _zone(zone)
    stretch = (begins(span.first, box), begins(span.last + timedelta(days=1), box))
    return await report_funnel.funnel(tx, pipeline, stretch, stage)


@action(Permission.PRODUCT_COST, slow=True, quiet=True)
async def stock(tx: Tx) -> tuple[StockValue, ...]:
    """What lies at every warehouse, at purchase prices."""
    return tuple(await report_sums.stock_value())


# --- keeping days: four small deeds, so that the writer is never held for a count ---


@action(Permission.HOUSE, slow=True, quiet=True)
async def due(tx: Tx, zone: str) -> Day | None:
    """The newest day that is over and not kept; None where all are."""
    first = await report_days.oldest()
    if first is None:
        return None
    box = _zone(zone)
    today = tx.now.astimezone(box).date()
    earliest = max(first.astimezone(box).date(), today - timedelta(days=2 * LONGEST))
    span = Span(earliest, today - timedelta(days=1))
    held = await report_days.kept(zone, *span)
    return next((day for day in reversed(days_of(span, box)) if day.day not in held), None)


@action(Permission.HOUSE, quiet=True)
async def clear(tx: Tx, day: Day, mark: str = "") -> tuple[str, bool]:
    """Begin a day anew, or go on under a mark: its mark, and whether there is more to delete."""
    mark = mark or await report_keeping.begin(day)
    return mark, await report_keeping.clear(day)


@action(Permission.HOUSE, slow=True, quiet=True)
async def count(tx: Tx, day: Day) -> Counted:
    """Count a day from the records."""
    return await report_keeping.count(await references.lists(), day)


@action(Permission.HOUSE, quiet=True)
async def keep(tx: Tx, day: Day, mark: str, part: Counted | None, zone: str) -> bool:
    """Write a part of a day, or None to hold it by; false where the day has changed meanwhile."""
    if not await report_keeping.holds(day, mark):
        return False
    if part is None:
        await report_keeping.hold(day, zone)
    else:
        await report_keeping.write(day, part)
    return True
