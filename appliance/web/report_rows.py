"""Figures of reports in words: columns, rows with the records behind them, changes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from appliance.domain import formats, regions
from appliance.domain.reports import SMALL, Cut, Figures, Report, Row, Span, Step, step_of
from appliance.web.report_charts import Point
from appliance.web.report_filters import REQUESTS, SALES, Wish
from appliance.web.screens import Reader
from appliance.web.shell import N_

Value = Callable[[Figures], int | None]


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a report.

    Attributes:
        form: money, number, share or quantity.
        records: which orders stand behind it: all, good (not cancelled), cancelled, closed or none.
        fall: a fall is good news.
        line: drawn as a line.
    """

    label: str
    value: Value
    form: str = "number"
    records: str = ""
    fall: bool = False
    line: bool = False


MEASURES: Final[Mapping[str, Measure]] = {
    "sales": Measure(N_("Продажи"), lambda f: f.sales, "money", "good"),
    "orders": Measure(N_("Заказы"), lambda f: f.orders, "number", "good"),
    "average": Measure(
        N_("Средний чек"), lambda f: f.average if f.orders else None, "money", line=True
    ),
    "conversion": Measure(N_("Конверсия"), lambda f: f.conversion, "share", line=True),
    "paid": Measure(N_("Оплачено"), lambda f: f.paid, "money"),
    "margin": Measure(N_("Маржа"), lambda f: f.margin, "money"),
    "placed": Measure(N_("Заявки"), lambda f: f.placed, "number", "all"),
    "cancelled": Measure(N_("Отказы"), lambda f: f.cancelled, "number", "cancelled", fall=True),
    "refused": Measure(N_("Доля отказов"), lambda f: f.refused, "share", fall=True, line=True),
    "closed": Measure(N_("Закрыто"), lambda f: f.closed, "number", "closed"),
    "closed_total": Measure(N_("Сумма закрытых"), lambda f: f.closed_total, "money", "closed"),
    "quantity": Measure(N_("Штук"), lambda f: f.quantity, "quantity"),
}
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    SALES: ("orders", "sales", "average", "conversion", "paid", "margin"),
    REQUESTS: ("placed", "cancelled", "refused", "closed", "conversion", "closed_total"),
}
OF_GOODS: Final = ("orders", "quantity", "sales", "margin")
TITLES: Final[Mapping[Cut, str]] = {
    Cut.DAY: N_("По дням"),
    Cut.MANAGER: N_("По менеджерам"),
    Cut.DEPARTMENT: N_("По отделам"),
    Cut.PRODUCT: N_("По товарам"),
    Cut.SHOP: N_("По магазинам"),
    Cut.METHOD: N_("По способам оформления"),
    Cut.SOURCE: N_("По источникам"),
    Cut.CLIENT: N_("По клиентам"),
    Cut.REGION: N_("По регионам"),
}
HEADS: Final[Mapping[Cut, str]] = {
    Cut.DAY: N_("День"),
    Cut.MANAGER: N_("Менеджер"),
    Cut.DEPARTMENT: N_("Отдел"),
    Cut.PRODUCT: N_("Товар"),
    Cut.SHOP: N_("Магазин"),
    Cut.METHOD: N_("Способ"),
    Cut.SOURCE: N_("Источник"),
    Cut.CLIENT: N_("Клиент"),
    Cut.REGION: N_("Регион"),
}


def columns(wish: Wish, report: Report) -> list[str]:
    """Which figures a table has; margin only by right."""
    names = OF_GOODS if wish.cut is Cut.PRODUCT else COLUMNS[wish.report]
    return [one for one in names if one != "margin" or report.may_cost]


def shown(wish: Wish, report: Report) -> str:
    """The figure that the chart draws."""
    known = columns(wish, report)
    usual = "sales" if wish.report == SALES else "placed"
    if wish.show in known or (wish.cut is not Cut.PRODUCT and wish.show == "refused"):
        return wish.show
    return usual


def written(reader: Reader, form: str, value: int | None, *, short: bool = False) -> str:
    """A figure in words; a dash where there is none."""
    if value is None:
        return "—"
    language = reader.language
    match form:
        case "money":
            if short:
                return formats.money_short(value, language)
            return formats.money_whole(value, language)
        case "share":
            return formats.percent(round(value / 10) * 10, language)
        case "quantity":
            return formats.quantity(value, language)
        case _:
            return formats.number(value, language)


def change(reader: Reader, measure: Measure, now: Figures, was: Figures | None) -> tuple[str, str]:
    """How a figure changed, in words, and its tone; empty without anything to compare with."""
    if was is None:
        return "", ""
    here, there = measure.value(now), measure.value(was)
    if here is None or there is None or (measure.form != "share" and there <= 0):
        return "", ""
    if measure.form == "share":
        moved = here - there
        points = formats.percent(abs(round(moved / 10) * 10), reader.language)
        points = points.rstrip("%").rstrip("\u00a0")
        text = reader._("%(points)s п. п.") % {"points": points}
    else:
        moved = (here - there) * 10_000 // there
        text = formats.percent(abs(round(moved / 100) * 100), reader.language)
    if not moved:
        return text, ""
    sign = "+" if moved > 0 else "\u2212"
    return f"{sign}{text}", "ok" if (moved > 0) is not measure.fall else "bad"


def name_of(reader: Reader, wish: Wish, report: Report, row: Row) -> Any:
    """What a row is, in words."""
    if row.span is not None:
        return stretch(reader, row.span, step_of(wish.span))
    known: Mapping[str, str] = {
        Cut.SHOP: report.codes.shops,
        Cut.METHOD: report.codes.methods,
    }.get(wish.cut, {})
    if wish.cut is Cut.MANAGER:
        found: Any = report.codes.name_of(int(row.key or 0))
    elif wish.cut is Cut.REGION:
        found = regions.name_of(row.key) if row.key else ""
    elif wish.cut in {Cut.SHOP, Cut.METHOD, Cut.SOURCE}:
        found = known.get(row.key, row.key)
    else:
        found = row.name
    return found or reader._(_NAMELESS[wish.cut])


_NAMELESS: Final[Mapping[Cut, str]] = {
    Cut.DAY: "",
    Cut.MANAGER: N_("никто"),
    Cut.DEPARTMENT: N_("вне отделов"),
    Cut.PRODUCT: N_("без карточки товара"),
    Cut.SHOP: N_("не указан"),
    Cut.METHOD: N_("не указан"),
    Cut.SOURCE: N_("не указан"),
    Cut.CLIENT: N_("клиент другого менеджера"),
    Cut.REGION: N_("регион не указан"),
}


def stretch(reader: Reader, span: Span, step: Step) -> str:
    """Days of a row in words: a day, a week, a month."""
    if span.days == 1:
        return formats.day(span.first, reader.language)
    if step is Step.MONTH and span.first.day == 1:
        return formats.month(span.first, reader.language)
    ends = (formats.day(one, reader.language)[:5] for one in span)
    return "–".join(ends)


def more_of(cut: Cut, row: Row) -> dict[str, str] | None:
    """What narrows the list of orders to a row; None where nothing does."""
    if cut is Cut.DAY:
        return {}
    if cut is Cut.REGION:  # orders are not narrowed by it; clients are
        return None
    name, value = {
        Cut.MANAGER: ("manager", row.key or "0"),
        Cut.DEPARTMENT: ("manager", ",".join(map(str, row.members))),
        Cut.SOURCE: ("source", row.key or "-"),
        Cut.PRODUCT: ("product", row.key or "0"),
    }.get(cut, (cut.value, row.key))
    return {name: value} if value else None


def records(wish: Wish, report: Report, kind: str, row: Row | None) -> str:
    """The list of orders behind a figure; empty where no list shows it."""
    more = {} if row is None else more_of(wish.cut, row)
    if not kind or more is None:
        return ""
    groups = {
        "good": [code for code in report.codes.groups if code != "cancel"],
        "cancelled": ["cancel"],
        "closed": ["complete"],
    }.get(kind, [])
    span = None if row is None else row.span
    return wish.orders(span, group=",".join(groups), **more)


def deeper(wish: Wish, report: Report, row: Row) -> str:
    """The report one step closer to the records, or the records themselves."""
    if wish.cut is Cut.MANAGER:
        return wish.address(cut=Cut.DAY, managers=(int(row.key or 0),))
    if wish.cut is Cut.DEPARTMENT:
        return wish.address(cut=Cut.MANAGER, managers=row.members) if row.members else ""
    if wish.cut is Cut.SHOP and not wish.shops:
        return wish.address(cut=Cut.DAY, shops=(row.key,))
    if wish.cut is Cut.REGION:
        return f"/clients?region={row.key}" if row.key else ""
    if wish.cut in _CARDS:
        return f"{_CARDS[wish.cut]}/{row.key}" if row.key else ""
    return records(wish, report, "all", row) if row.now.placed else ""


_CARDS: Final[Mapping[Cut, str]] = {Cut.PRODUCT: "/catalog", Cut.CLIENT: "/clients"}


def cells(
    reader: Reader, wish: Wish, report: Report, names: list[str], now: Figures, row: Row | None
) -> list[dict[str, Any]]:
    """The figures of one row."""
    was = None if row is None else row.was
    if row is None:
        was = report.was
    found: list[dict[str, Any]] = []
    for name in names:
        measure = MEASURES[name]
        value = measure.value(now)
        moved, tone = change(reader, measure, now, was) if name in WITH_CHANGE else ("", "")
        found.append(
            {
                "name": name,
                "text": written(reader, measure.form, value),
                "href": records(wish, report, measure.records, row) if value else "",
                "change": moved,
                "tone": tone,
                "dim": not value or (measure.form == "share" and now.placed < SMALL),
            }
        )
    return found


WITH_CHANGE: Final = {"sales", "placed"}


def points(reader: Reader, wish: Wish, report: Report, name: str) -> list[Point]:
    """What the chart draws."""
    measure = MEASURES[name]
    found: list[Point] = []
    for row in report.rows:
        # A chart names no people: a client stands there by his number.
        by_number = wish.cut is Cut.CLIENT and row.key
        text = f"№ {row.key}" if by_number else str(name_of(reader, wish, report, row))
        if wish.cut is Cut.DAY and step_of(wish.span) is not Step.MONTH:
            text = text[:5]
        was = None if row.was is None or not report.was else measure.value(row.was)
        href = records(wish, report, "all", row)
        found.append(Point(name=text, value=measure.value(row.now), was=was, href=href))
    return found if wish.cut is Cut.DAY else sorted(found, key=lambda one: -(one.value or 0))
