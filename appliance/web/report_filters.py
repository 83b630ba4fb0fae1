"""What a report is asked for, as the address writes it: codes and days, nothing personal."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from urllib.parse import urlencode

from appliance.domain import inputs
from appliance.domain.reports import Against, Asked, Cut, Period, Span, held_against, span_of
from appliance.errors import Invalid

SALES: Final = "sales"
REQUESTS: Final = "requests"
CUTS: Final[Mapping[str, tuple[Cut, ...]]] = {
    SALES: (
        Cut.DAY,
        Cut.MANAGER,
        Cut.DEPARTMENT,
        Cut.PRODUCT,
        Cut.SHOP,
        Cut.METHOD,
        Cut.SOURCE,
        Cut.REGION,
    ),
    REQUESTS: (Cut.DAY, Cut.MANAGER, Cut.CLIENT),
}
ABOUT_OTHERS: Final = frozenset({Cut.MANAGER, Cut.DEPARTMENT})
"""Cuts that say nothing to whoever sees only his own."""
PATHS: Final[Mapping[str, str]] = {SALES: "/reports", REQUESTS: "/reports/requests"}
SHOWN: Final[Mapping[str, tuple[str, ...]]] = {
    SALES: ("sales", "paid", "orders", "average", "conversion", "margin"),
    REQUESTS: ("placed", "cancelled", "closed", "refused", "conversion"),
}
MOST: Final = 60
EARLIEST, LATEST = 1970, 2200
"""Years of days that a shop may mean; beyond them the calendar ends, or nearly."""
_CODE = re.compile(r"[\w.@-]{1,64}")


@dataclass(frozen=True, slots=True)
class Wish:
    """A report as the address asks for it.

    Attributes:
        wrong: what is the matter with the days typed: a code of an error, or nothing.
    """

    report: str
    cut: Cut
    period: Period
    span: Span
    against: Against
    show: str
    managers: tuple[int, ...] = ()
    shops: tuple[str, ...] = ()
    typed: tuple[str, str] = ("", "")
    wrong: str = ""

    def address(self, path: str = "", **changes: object) -> str:
        """The same report with something changed."""
        wish = replace(self, **changes) if changes else self  # type: ignore[arg-type]
        query = wish.query
        path = path or PATHS.get(wish.report, "/reports")
        return f"{path}?{query}" if query else path

    @property
    def query(self) -> str:
        """The filter for an address; what is usual is left out."""
        parts = {
            "cut": "" if self.cut is Cut.DAY else self.cut.value,
            "period": "" if self.period in {Period.MONTH, Period.OWN} else self.period.value,
            "from": self.span.first.isoformat() if self.period is Period.OWN else "",
            "to": self.span.last.isoformat() if self.period is Period.OWN else "",
            "against": "" if self.against is Against.BEFORE else self.against.value,
            "show": "" if self.show == SHOWN[self.report][0] else self.show,
            "manager": ",".join(map(str, self.managers)),
            "shop": ",".join(self.shops),
        }
        return urlencode({name: value for name, value in parts.items() if value}, safe=",")

    @property
    def compared(self) -> Span | None:
        """The stretch it is held against."""
        return held_against(self.span, self.against, self.period)

    def asked(self, zone: str) -> Asked:
        """What the action is asked."""
        against = None if self.cut is Cut.CLIENT else self.compared
        return Asked(
            span=self.span,
            cut=self.cut,
            zone=zone,
            against=against,
            managers=self.managers,
            shops=self.shops,
        )

    def orders(self, span: Span | None = None, **more: str) -> str:
        """The list of orders behind a number."""
        days = span or self.span
        parts = {
            "manager": ",".join(map(str, self.managers)),
            "shop": ",".join(self.shops),
            "from": days.first.isoformat(),
            "to": days.last.isoformat(),
            **more,
        }
        query = urlencode({name: value for name, value in parts.items() if value}, safe=",")
        return f"/orders?{query}"


def read(report: str, query: Mapping[str, str], today: date, *, own: bool) -> Wish:
    """Read an address; what cannot be read is as usual, but days that make no sense are told."""
    cut = _cut(report, query.get("cut", ""), own=own)
    period = _period(query.get("period", ""))
    span, wrong = span_of(period, today), ""
    typed = (query.get("from", "").strip()[:20], query.get("to", "").strip()[:20])
    if any(typed) and period in {Period.MONTH, Period.OWN}:
        period, (span, wrong) = Period.OWN, _typed(typed, span, today)
    elif period is Period.OWN:
        period = Period.MONTH
    show = query.get("show", "")
    return Wish(
        report=report,
        cut=cut,
        period=period,
        span=span,
        against=_against(query.get("against", "")),
        show=show if show in SHOWN[report] else SHOWN[report][0],
        managers=tuple(
            int(one) for one in query.get("manager", "").split(",")[:MOST]
            if one.isascii() and one.isdigit() and len(one) < 10
        ),
        shops=tuple(
            one for one in query.get("shop", "").split(",")[:MOST] if _CODE.fullmatch(one)
        ),
        typed=typed,
        wrong=wrong,
    )  # fmt: skip


def _cut(report: str, text: str, *, own: bool) -> Cut:
    known = [one for one in CUTS[report] if not (own and one in ABOUT_OTHERS)]
    return next((one for one in known if one.value == text), known[0])


def _period(text: str) -> Period:
    return next((one for one in Period if one.value == text), Period.MONTH)


def _against(text: str) -> Against:
    return next((one for one in Against if one.value == text), Against.BEFORE)


def _typed(typed: tuple[str, str], usual: Span, today: date) -> tuple[Span, str]:
    """The days as typed; one that is missing stands for the month's beginning or today."""
    try:
        first = inputs.day(typed[0], today) if typed[0] else usual.first
        last = inputs.day(typed[1], today) if typed[1] else usual.last
    except Invalid as wrong:
        return usual, wrong.code
    if not all(EARLIEST <= one.year <= LATEST for one in (first, last)):
        return usual, "date_unreadable"
    return (Span(first, last), "") if first <= last else (usual, "period_reversed")
