"""The funnel of deals, and stock at cost."""

from datetime import timedelta
from typing import Any

from litestar import Response

from appliance.actions import desk, reports
from appliance.domain import formats
from appliance.domain.reports import SMALL
from appliance.web import report_filters
from appliance.web.answers import WebRequest
from appliance.web.report_filters import SALES
from appliance.web.report_frame import groups, periods, span_words
from appliance.web.screens import counts_for, draw, look_of, reader_of, shell_of


async def funnel(request: WebRequest) -> Response[Any]:
    """The way of deals through a pipeline."""
    reader, query = reader_of(request), request.query_params
    wish = report_filters.read(SALES, query, reader.today, own=False)
    pipeline, chosen = (_number(query.get(name, "")) for name in ("pipeline", "stage"))
    found = await reports.funnel(reader.actor, wish.span, str(reader.zone), pipeline, chosen)
    codes = await desk.names(reader.actor)
    days = wish.query

    def address(**more: int) -> str:
        extra = "&".join(f"{name}={value}" for name, value in more.items() if value)
        return "/reports/funnel?" + "&".join(part for part in (days, extra) if part)

    most = max([1, *(one.entered for one in found.stages)])
    first = next((one.entered for one in found.stages if one.entered), 0)
    rows = [
        {
            "name": one.name,
            "kind": one.kind,
            "entered": one.entered,
            "share": formats.percent(one.entered * 1000 // first * 10, reader.language)
            if first and one.kind != "lost"
            else "",
            "amount": formats.money(one.amount, reader.language),
            "lost": one.lost,
            "stayed": ""
            if one.stayed is None
            else formats.span(timedelta(seconds=one.stayed), reader.language),
            "small": 0 < one.entered < SMALL,
            "width": one.entered * 200 // most,
            "href": address(pipeline=found.pipeline, stage=one.number),
            "current": one.number == chosen,
        }
        for one in found.stages
    ]
    return draw(
        request,
        reader,
        "reports/funnel.html",
        look=look_of(request),
        shell=shell_of(request, reader, "reports", await counts_for(reader), codes),
        groups=groups(reader, "funnel", wish),
        wish=wish,
        periods=periods(reader, wish, "/reports/funnel"),
        span=span_words(reader, wish.span),
        pipelines=[(number, name, address(pipeline=number)) for number, name in found.pipelines],
        found=found,
        rows=rows,
        any=any(one.entered for one in found.stages),
        reasons=[
            (name or reader._("не указана"), many, formats.money(amount, reader.language))
            for name, many, amount in found.reasons
        ],
        deals=[
            {
                "number": one.number,
                "at": formats.moment(one.at, reader.now, reader.zone, reader.language),
                "amount": formats.money(one.amount, reader.language),
                "who": codes.name_of(one.manager) or reader._("никто"),
                "state": one.state,
            }
            for one in found.deals
        ],
        stage=next((one["name"] for one in rows if one["current"]), ""),
        small=SMALL,
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


async def stock(request: WebRequest) -> Response[Any]:
    """What lies in stock, at purchase prices."""
    reader = reader_of(request)
    found = await reports.stock(reader.actor)
    codes = await desk.names(reader.actor)
    language = reader.language
    most = max([1, *(one.value for one in found)])
    return draw(
        request,
        reader,
        "reports/stock.html",
        look=look_of(request),
        shell=shell_of(request, reader, "reports", await counts_for(reader), codes),
        groups=groups(reader, "stock", None),
        rows=[
            {
                "name": one.name,
                "articles": formats.number(one.articles, language),
                "quantity": formats.quantity(one.quantity, language),
                "reserved": formats.quantity(one.reserved, language),
                "value": formats.money(one.value, language),
                "unpriced": one.unpriced,
                "width": max(one.value, 0) * 200 // most,
            }
            for one in found
        ],
        total=formats.money(sum(one.value for one in found), language),
        counted=formats.clock(reader.now, reader.zone),
    )
