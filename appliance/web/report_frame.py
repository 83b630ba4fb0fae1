"""What every page of reports shows around its figures: tabs, ready periods, days in words."""

from collections.abc import Mapping
from typing import Final

from appliance.domain import formats
from appliance.domain.reports import Cut, Period, Span
from appliance.roles import Permission
from appliance.web.report_filters import REQUESTS, SALES, Wish
from appliance.web.screens import Reader
from appliance.web.shell import N_

NAMES: Final[Mapping[str, str]] = {
    SALES: N_("Продажи и оплаты"),
    REQUESTS: N_("Заявки и отказы"),
}
PERIODS: Final = (
    (Period.TODAY, N_("Сегодня")),
    (Period.WEEK, N_("Неделя")),
    (Period.MONTH, N_("Месяц")),
    (Period.QUARTER, N_("Квартал")),
    (Period.YEAR, N_("Год")),
)


def groups(reader: Reader, current: str, wish: Wish | None) -> list[tuple[str, str, None, bool]]:
    """The reports that this reader may open, as tabs; the days go along."""

    def days(path: str) -> str:
        if wish is None:
            return path
        return Wish(SALES, Cut.DAY, wish.period, wish.span, wish.against, "sales").address(path)

    known = [
        (SALES, days("/reports"), NAMES[SALES], Permission.REPORT_VIEW),
        (REQUESTS, days("/reports/requests"), NAMES[REQUESTS], Permission.REPORT_VIEW),
        ("funnel", days("/reports/funnel"), N_("Воронка"), Permission.DEAL_VIEW),
        ("stock", "/reports/stock", N_("Склад по себестоимости"), Permission.PRODUCT_COST),
        ("team", "/tasks/team", N_("Задачи команды"), Permission.TASK_REPORT),
    ]
    return [
        (href, reader._(label), None, name == current)
        for name, href, label, right in known
        if reader.may(right)
    ]


def periods(reader: Reader, wish: Wish, path: str = "") -> list[tuple[str, str, str]]:
    """Ready periods: value, words, address."""
    return [(one.value, reader._(label), wish.address(path, period=one)) for one, label in PERIODS]


def span_words(reader: Reader, span: Span) -> str:
    """The first and the last day."""
    first = formats.day(span.first, reader.language)
    return first if span.days == 1 else f"{first} – {formats.day(span.last, reader.language)}"
