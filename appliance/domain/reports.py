"""Reports: what is asked, stretches of days, figures, comparisons. Pure: the clock is passed in."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from appliance.domain.desk import Codes
from appliance.domain.personal import Personal

LONGEST: Final = 1100
"""Days of one report: three years and a little."""
LONGEST_BY_CLIENT: Final = 92
"""Days of a report by client: those are read off the orders themselves, nothing is kept."""
SMALL: Final = 20
"""Groups of fewer records are marked: one order more or less moves their shares by 5 % and more."""
LONGEST_BY_REGION: Final = 400
"""The same of a report by region: it is read off orders and their buyers."""
MOST_GROUPS: Final = 200
MOST_CLIENTS: Final = 100


class Cut(StrEnum):
    """What the rows of a report are."""

    DAY = "day"
    MANAGER = "manager"
    DEPARTMENT = "department"
    PRODUCT = "product"
    SHOP = "shop"
    METHOD = "method"
    SOURCE = "source"
    CLIENT = "client"
    REGION = "region"


class Kept(StrEnum):
    """What day tallies are kept for; `SUM` serves days, managers, departments and shops."""

    SUM = "sum"
    METHOD = "method"
    SOURCE = "source"
    PRODUCT = "product"


KEPT_FOR: Final[Mapping[Cut, Kept]] = {
    Cut.DAY: Kept.SUM,
    Cut.MANAGER: Kept.SUM,
    Cut.DEPARTMENT: Kept.SUM,
    Cut.SHOP: Kept.SUM,
    Cut.METHOD: Kept.METHOD,
    Cut.SOURCE: Kept.SOURCE,
    Cut.PRODUCT: Kept.PRODUCT,
}


class Period(StrEnum):
    """Ready periods."""

    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    OWN = "own"


class Against(StrEnum):
    """What a period is held against."""

    NONE = "none"
    BEFORE = "before"
    YEAR = "year"


class Span(NamedTuple):
    """Days, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1


class Day(NamedTuple):
    """A day of the box as moments: 23 or 25 hours long where the clocks are turned."""

    day: date
    since: datetime
    until: datetime


def begins(day: date, zone: ZoneInfo) -> datetime:
    """The moment a day begins in a zone."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def days_of(span: Span, zone: ZoneInfo) -> list[Day]:
    """The days of a stretch as moments."""
    edges = [begins(span.first + timedelta(days=n), zone) for n in range(max(span.days, 0) + 1)]
    return [Day(span.first + timedelta(days=n), edges[n], edges[n + 1]) for n in range(span.days)]


def span_of(period: Period, today: date) -> Span:
    """The days of a ready period, up to today.

    >>> span_of(Period.QUARTER, date(2026, 5, 20)).first
    datetime.date(2026, 4, 1)
    """
    first = {
        Period.TODAY: today,
        Period.WEEK: today - timedelta(days=today.weekday()),
        Period.QUARTER: today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1),
        Period.YEAR: today.replace(month=1, day=1),
    }.get(period, today.replace(day=1))
    return Span(first, today)


def held_against(span: Span, against: Against, period: Period) -> Span | None:
    """The stretch that a report compares with, of the same length where the calendar lets it.

    The beginning of a month is held against the beginning of the month before, not against its end.

    >>> held_against(Span(date(2026, 3, 1), date(2026, 3, 10)), Against.BEFORE, Period.MONTH)[0]
    datetime.date(2026, 2, 1)
    """
    if against is Against.NONE or span.first.year == date.min.year:
        return None
    if against is Against.YEAR:
        return Span(_back(span.first, 12), _back(span.last, 12))
    months = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}.get(period)
    if months is not None:
        return Span(_back(span.first, months), _back(span.last, months))
    back = 7 if period is Period.WEEK else span.days
    if span.first.toordinal() <= back:  # before the calendar begins there is nothing
        return None
    return Span(span.first - timedelta(days=back), span.last - timedelta(days=back))


def _back(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    end = date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)
    return date(year, month + 1, min(day.day, end.day))


class Step(StrEnum):
    """How the days of a chart are put together."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def step_of(span: Span) -> Step:
    """So that a chart has at most half a hundred bars."""
    if span.days <= 45:
        return Step.DAY
    return Step.WEEK if span.days <= 190 else Step.MONTH


def steps(span: Span, step: Step) -> list[Span]:
    """The stretches that a span falls into; the first and the last may be cut short."""
    found: list[Span] = []
    first = span.first
    while first <= span.last:
        if step is Step.DAY:
            last = first
        elif step is Step.WEEK:
            last = first + timedelta(days=6 - first.weekday())
        else:
            last = (first.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        found.append(Span(first, min(last, span.last)))
        first = last + timedelta(days=1)
    return found


class Figures(NamedTuple):
    """Counts and sums, kopecks; orders by the day they were placed, money by the day it moved.

    Attributes:
        cost: what the orders that were not cancelled cost: purchase and delivery.
        quantity: thousandths; of products only.
        paid: received less given back.
    """

    placed: int = 0
    placed_total: int = 0
    cancelled: int = 0
    cancelled_total: int = 0
    closed: int = 0
    closed_total: int = 0
    cost: int = 0
    quantity: int = 0
    payments: int = 0
    paid: int = 0

    @property
    def orders(self) -> int:
        """Sales: orders placed and not cancelled."""
        return self.placed - self.cancelled

    @property
    def sales(self) -> int:
        """Their sum."""
        return self.placed_total - self.cancelled_total

    @property
    def average(self) -> int:
        """Average cheque; 0 without orders."""
        return self.sales // self.orders if self.orders else 0

    @property
    def conversion(self) -> int | None:
        """Share of placed orders that were carried out, hundredths of a percent."""
        return self.closed * 10_000 // self.placed if self.placed else None

    @property
    def refused(self) -> int | None:
        """Share of placed orders that were cancelled, hundredths of a percent."""
        return self.cancelled * 10_000 // self.placed if self.placed else None

    @property
    def margin(self) -> int:
        """What is left of sales after their cost."""
        return self.sales - self.cost

    def __bool__(self) -> bool:
        """Whether there is anything in it."""
        return any(self)


def plus(one: Figures, other: Figures) -> Figures:
    """Both together."""
    return Figures(*(a + b for a, b in zip(one, other, strict=True)))


def summed(parts: Iterable[Figures]) -> Figures:
    """All of them together."""
    columns = [*zip(*parts, strict=True)]
    return Figures(*(sum(column) for column in columns)) if columns else Figures()


def without_cost(figures: Figures) -> Figures:
    """For a reader who may not know what goods cost."""
    return figures._replace(cost=0)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a report is asked for.

    Attributes:
        zone: IANA name of the box's zone; its days are counted by it.
        managers: numbers of colleagues, 0 for nobody; empty for everybody the grant lets through.
    """

    span: Span
    cut: Cut
    zone: str
    against: Span | None = None
    managers: tuple[int, ...] = ()
    shops: tuple[str, ...] = ()


class DealCounts(NamedTuple):
    """Deals begun, won and lost."""

    begun: int = 0
    won: int = 0
    lost: int = 0


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a report.

    Attributes:
        key: a day, a colleague's number, a code, a product's or client's number; "" for none.
        name: what stands behind it, where that is no list of codes.
        was: of the stretch compared with.
        span: the days of the row, where rows are days.
        members: numbers of a department's people.
    """

    key: str
    now: Figures
    was: Figures | None = None
    name: Personal[str] | str = ""
    span: Span | None = None
    deals: DealCounts = DealCounts()
    members: tuple[int, ...] = ()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A report counted.

    Attributes:
        more: groups that were left out, the smallest; `rest` is their sum.
        may_cost: cost and margin are told; else they are zero.
        own: the reader sees nothing but his own.
        kept_days: days that were read from tallies; the others were counted now.
    """

    rows: tuple[Row, ...]
    total: Figures
    was: Figures | None
    may_cost: bool
    at: datetime
    codes: Codes
    own: bool
    deals: DealCounts = DealCounts()
    more: int = 0
    rest: Figures = Figures()
    kept_days: int = 0


def rolled(
    days: Mapping[date, Figures], before: Mapping[date, Figures] | None, asked: Asked
) -> list[Row]:
    """Days put together by the step of their stretch; the n-th step is held against the n-th."""
    step = step_of(asked.span)
    then = steps(asked.against, step) if asked.against is not None else []
    rows: list[Row] = []
    for place, span in enumerate(steps(asked.span, step)):
        was = None
        if before is not None:
            was = _within(before, then[place]) if place < len(then) else Figures()
        rows.append(Row(key=span.first.isoformat(), now=_within(days, span), was=was, span=span))
    return rows


def _within(days: Mapping[date, Figures], span: Span) -> Figures:
    return summed(days.get(span.first + timedelta(days=n), Figures()) for n in range(span.days))


class StageFlow(msgspec.Struct, frozen=True, kw_only=True):
    """What happened at one stage of a pipeline within the days, from facts of moves.

    Attributes:
        entered: deals that came here, each counted once; `amount` is their sum, kopecks.
        left: how many times a deal left; `lost` of them were lost.
        stayed: mean stay of those that left, seconds; None where nobody left.
    """

    name: str
    number: int
    kind: str
    entered: int
    amount: int
    left: int
    lost: int
    stayed: int | None


class DealLine(msgspec.Struct, frozen=True, kw_only=True):
    """A deal that came to a stage, with its state now; kopecks."""

    number: int
    at: datetime
    amount: int
    manager: int | None
    state: str


class Funnel(msgspec.Struct, frozen=True, kw_only=True):
    """A pipeline's stages, in their order.

    Attributes:
        pipelines: number and name of each.
        reasons: why deals were lost: name, how many, kopecks.
        deals: those that came to the stage asked for, newest first.
    """

    pipeline: int
    pipelines: tuple[tuple[int, str], ...]
    stages: tuple[StageFlow, ...]
    reasons: tuple[tuple[str, int, int], ...]
    deals: tuple[DealLine, ...] = ()


class StockValue(msgspec.Struct, frozen=True, kw_only=True):
    """What lies at one warehouse, at purchase prices; `unpriced` articles have none."""

    name: str
    code: str
    articles: int
    quantity: int
    reserved: int
    value: int
    unpriced: int
