"""The history of a client or an order, and either as of a day."""

from datetime import date, datetime, time, timedelta
from typing import Any, cast

from litestar import Response, get
from litestar.params import FromPath

from appliance.actions import desk, history
from appliance.domain import formats
from appliance.domain.desk import Codes
from appliance.domain.history import HistoryLine, HistoryPage, Past
from appliance.web import changes
from appliance.web.answers import WebRequest
from appliance.web.orders import cursor
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of
from appliance.web.shell import N_

_SOURCES = {"api": N_("программа"), "rule": N_("правило"), "code": N_("коробка")}


@get("/clients/{number:int}/history")
async def of_client(request: WebRequest, number: FromPath[int]) -> Response[Any]:
    """Show what happened to a client."""
    reader = reader_of(request)
    at = _moment(request, reader)
    before = cursor(request.query_params.get("after"))
    return await _draw(request, reader, await history.client(reader.actor, number, at, before))


@get("/orders/{number:int}/history")
async def of_order(request: WebRequest, number: FromPath[int]) -> Response[Any]:
    """Show what happened to an order."""
    reader = reader_of(request)
    at = _moment(request, reader)
    before = cursor(request.query_params.get("after"))
    return await _draw(request, reader, await history.order(reader.actor, number, at, before))


def _moment(request: WebRequest, reader: Reader) -> datetime | None:
    """The end of the day asked for; None where there is none, or it cannot be read."""
    try:
        day = date.fromisoformat(request.query_params.get("at", ""))
    except ValueError:
        return None
    midnight = datetime.combine(day + timedelta(days=1), time(), reader.zone)
    return midnight - timedelta(microseconds=1)


async def _draw(request: WebRequest, reader: Reader, page: HistoryPage) -> Response[Any]:
    codes = await desk.names(reader.actor)
    place = "clients" if page.entity == "customer" else "orders"
    home = f"/{place}/{page.number}"
    asked = request.query_params.get("at", "") if page.past is not None else ""
    title = (
        reader._("История клиента № %(number)s") % {"number": page.number}
        if page.entity == "customer"
        else reader._("История заказа № %(number)s") % {"number": formats.order_number(page.number)}
    )
    return draw(
        request,
        reader,
        "data/history.html",
        title=title,
        home=home,
        asked=asked,
        asked_day="" if not asked else formats.day(date.fromisoformat(asked), reader.language),
        latest=reader.today.isoformat(),
        past=None if page.past is None else _past(reader, page, page.past, codes),
        days=_days(reader, page, codes),
        next=f"{home}/history?after={page.after}" + (f"&at={asked}" if asked else "")
        if page.after
        else "",
        look=look_of(request),
        shell=shell_of(request, reader, place, await counts_for(reader), codes),
    )


def _past(reader: Reader, page: HistoryPage, past: Past, codes: Codes) -> dict[str, Any]:
    rows: list[tuple[str, list[Any]]] = []
    for field, value in past.values.items():
        many = cast("list[Any]", value) if isinstance(value, list) else [value]
        shown = [changes.shown(reader, page.entity, field, one, codes) for one in many]
        rows.append(
            (changes.field_name(reader, page.entity, field, codes), [one for one in shown if one])
        )
    lines = [
        (name, formats.quantity(quantity, reader.language), formats.money(price, reader.language))
        for name, quantity, price in past.lines.values()
    ]
    return {"exists": past.exists, "rows": rows, "lines": lines}


def _days(
    reader: Reader, page: HistoryPage, codes: Codes
) -> list[tuple[str, list[dict[str, Any]]]]:
    days: list[tuple[str, list[dict[str, Any]]]] = []
    for one in page.lines:
        local = one.at.astimezone(reader.zone).date()
        day = formats.day_heading(local, reader.today, reader.language)
        if not days or days[-1][0] != day:
            days.append((day, []))
        days[-1][1].append(_row(reader, page, one, codes))
    return days


def _row(reader: Reader, page: HistoryPage, one: HistoryLine, codes: Codes) -> dict[str, Any]:
    made = one.kind == "create"
    source = _SOURCES.get(one.source, "")
    name = str(one.part.get("name", ""))
    return {
        "field": reader._("Заведено")
        if made
        else changes.field_name(reader, page.entity, one.field, codes),
        "what": name,
        "old": "" if made else changes.shown(reader, page.entity, one.field, one.old, codes),
        "new": "" if made else changes.shown(reader, page.entity, one.field, one.new, codes),
        "hidden": one.hidden,
        "other": one.number if one.number != page.number else 0,
        "who": codes.name_of(one.user_number) or (reader._(source) if source else ""),
        "time": formats.clock(one.at, reader.zone),
        "full": formats.moment_full(one.at, reader.zone, reader.language),
    }


HANDLERS = (of_client, of_order)
