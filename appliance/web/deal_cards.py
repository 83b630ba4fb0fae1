"""A deal's card and preview: goods and order at the left, the client and the way at the right."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from litestar import Response

from appliance.actions import deal_desk, deals
from appliance.domain import formats, funnel
from appliance.domain.deal_screens import DealScreen
from appliance.domain.deals import DealState, DealView, Stage, StageKind
from appliance.roles import Permission
from appliance.web import deal_filters, deal_rows, order_cards, order_rows, stream
from appliance.web.answers import WebRequest
from appliance.web.orders import cursor, word
from appliance.web.screens import Reader, draw, look_of, reader_of, shell_of, toast

CARD: Final = "deals/card.html"


async def show(
    request: WebRequest,
    number: int,
    *,
    template: str = CARD,
    headers: Mapping[str, str] | None = None,
) -> Response[Any]:
    """Draw a deal; the address may carry the filter of the board it was opened from."""
    reader, asked = reader_of(request), deal_filters.read(request.query_params)
    found = await deal_desk.card(reader.actor, number)
    context: dict[str, Any] = {}
    if template == CARD:
        context = {
            "look": look_of(request),
            "shell": shell_of(request, reader, "deals", found.counts, found.codes),
        }
    return draw(
        request,
        reader,
        template,
        headers=headers,
        asked=asked,
        suffix=f"?{asked.query}" if asked.query else "",
        **view(reader, found),
        **context,
    )


async def assign(request: WebRequest, number: int) -> Response[Any]:
    """Make a colleague responsible and draw the deal anew."""
    form, reader = await request.form(), reader_of(request)
    await deals.assign(
        reader.actor, number, cursor(word(form, "manager")) or 0, cursor(word(form, "version"))
    )
    return await show(request, number, headers=toast(reader._("Ответственный изменён")))


def view(reader: Reader, found: DealScreen) -> dict[str, Any]:
    """What card and preview print."""
    deal, codes = found.deal, found.codes
    row = deal.row
    may_edit = reader.may(Permission.DEAL_EDIT)
    won_by_order = row.order_number is not None and row.state is DealState.WON
    stages = [one for one in deal.pipeline.stages if one.active and one.id != deal.stage.id]
    return {
        "deal": deal,
        "row": row,
        "card": deal_rows.card(reader, row, found.funnels, codes),
        "moves": stages if may_edit and not won_by_order else [],
        "main_move": _next(deal) if may_edit else None,
        "steps": _steps(reader, deal),
        "may_edit": may_edit,
        "may_write": reader.may(Permission.LETTER_SEND),
        "may_text": reader.may(Permission.MESSAGE_SEND),
        "may_assign": reader.may(Permission.DEAL_ASSIGN),
        "colleagues": [*codes.colleagues.items()],
        "lines": [_line(reader, one) for one in deal.lines],
        "total": formats.money(sum(one.total for one in deal.lines), reader.language, exact=True),
        "note": deal.note,
        "about": _about(reader, found),
        "company": None
        if deal.company is None
        else order_rows.client_cell(reader, deal.company)[0],
        "order": _order(reader, found),
        "way": _way(reader, found),
        "stream": stream.view(reader, found.stream, codes, f"deal/{row.number}", level=3),
        "typed": stream.fresh(reader),
        "client_tone": 0 if row.customer is None else row.customer.number % 6 + 1,
        "client_href": f"/clients/{row.customer.number}"
        if found.may_open_client and row.customer is not None
        else "",
        "contacts": order_cards.contacts(reader, found.contacts),
        "budget_left": found.budget_left,
        "figures": _figures(reader, found),
    }


def _next(deal: DealView) -> Stage | None:
    """The stage after this one: the next that is open, else the one that wins."""
    if deal.stage.state is not DealState.OPEN:
        return None
    later = [one for one in deal.pipeline.open_stages if one.position > deal.stage.position]
    if later:
        return later[0]
    return None if deal.row.order_number else deal.pipeline.end(StageKind.WON)


def _steps(reader: Reader, deal: DealView) -> list[tuple[str, str, str]]:
    """The chain of stages: (name, state, how long it stood there)."""
    stood: dict[Any, int] = {}
    for move in deal.moves:
        if move.from_stage is not None:
            stood[move.from_stage] = stood.get(move.from_stage, 0) + move.stayed
    stages = [*deal.pipeline.open_stages]
    here = deal.stage
    if here.state is not DealState.OPEN:
        behind = funnel.passed(deal.pipeline, None, here) if here.kind is StageKind.WON else ()
        stages.append(here)
    else:
        behind = funnel.passed(deal.pipeline, None, here)
    return [
        (
            one.name,
            "now" if one.id == here.id else "done" if one in behind else "",
            formats.span(timedelta(seconds=stood[one.id]), reader.language)
            if stood.get(one.id, 0) >= 60 and one.id != here.id
            else "",
        )
        for one in stages
    ]


def _line(reader: Reader, one: Any) -> dict[str, str]:
    language = reader.language
    return {
        "name": one.name,
        "sku": one.sku,
        "quantity": formats.quantity(one.quantity_milli, language),
        "price": formats.money(one.price, language, exact=True, sign=False),
        "total": formats.money(one.total, language, exact=True, sign=False),
    }


def _about(reader: Reader, found: DealScreen) -> list[tuple[str, str]]:
    deal, row, language = found.deal, found.deal.row, reader.language
    marks = deal.source
    due = "" if row.expected_on is None else formats.day(row.expected_on, language)
    closed = deal.closed_at
    return [
        (reader._("Воронка"), deal.pipeline.name),
        (reader._("Сумма"), formats.money(row.amount, language, exact=True)),
        (reader._("Ждём к"), due),
        (reader._("Причина"), found.funnels.reason(row.reason_id)),
        (
            reader._("Источник"),
            " / ".join(one for one in (marks.source, marks.medium, marks.campaign) if one),
        ),
        (
            reader._("Создана"),
            formats.moment(row.created_at, reader.now, reader.zone, language),
        ),
        (
            reader._("Закрыта"),
            "" if closed is None else formats.moment(closed, reader.now, reader.zone, language),
        ),
    ]


def _order(reader: Reader, found: DealScreen) -> dict[str, Any] | None:
    """The order that the deal led to, or its bare number where the reader may not open it."""
    number = found.deal.row.order_number
    if number is None:
        return None
    shown = {"number": formats.order_number(number), "href": "", "status": None}
    if found.order is None:
        return shown
    written = order_rows.rows(reader, [found.order], found.codes, "")[0]
    return {
        **shown,
        "href": written.href,
        "status": written.status,
        "tone": written.tone,
        "shape": written.shape,
        "sum": written.sum,
        "paid": written.paid_text,
    }


def _way(reader: Reader, found: DealScreen) -> list[dict[str, str]]:
    """Moves between stages, the latest first."""
    language, zone = reader.language, reader.zone
    return [
        {
            "to": found.funnels.stage(one.to_stage).name,
            "from": "" if one.from_stage is None else found.funnels.stage(one.from_stage).name,
            "stayed": formats.span(timedelta(seconds=one.stayed), language)
            if one.stayed >= 60
            else "",
            "who": found.codes.name_of(one.user_number),
            "time": formats.moment_short(one.at, reader.now, zone, language),
            "full": formats.moment_full(one.at, zone, language),
        }
        for one in found.deal.moves
    ]


def _figures(reader: Reader, found: DealScreen) -> list[tuple[str, str]]:
    figures = found.figures
    if figures is None:
        return []
    debt = max(figures.total - figures.paid, 0)
    return [
        (reader._("Заказы"), formats.number(figures.orders, reader.language)),
        (reader._("Всего"), formats.money(figures.total, reader.language)),
        (reader._("Не оплачено"), formats.money(debt, reader.language)),
    ]
