"""The call card: a global layer that comes up when the telephone of its reader rings."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance.actions import calls
from appliance.domain import formats, regions
from appliance.domain.calls import CallCard
from appliance.http.authentication import PASSIVE
from appliance.roles import Permission
from appliance.web import order_rows
from appliance.web.answers import WebRequest
from appliance.web.orders import word
from appliance.web.screens import Reader, draw, reader_of
from appliance.web.shell import N_

STATES: Final = {
    "ringing": (N_("Входящий"), "ok"),
    "talking": (N_("Разговор"), "ok"),
    "ended": (N_("Завершён"), "grey"),
    "missed": (N_("Пропущен"), "bad"),
}
RESULTS: Final = (
    ("question", N_("Вопрос")),
    ("order", N_("Заказ")),
    ("no_answer", N_("Недозвон")),
    ("wrong_number", N_("Ошибка номера")),
    ("again", N_("Повтор")),
)


class CallPages(Controller):
    """The card of a call."""

    path = "/calls"

    @get("/card", opt={PASSIVE: True})
    async def current(self, request: WebRequest) -> Response[Any]:
        """Show the card of the call at the reader's desk; 204 where there is none."""
        return await _card(request, None)

    @get("/card/{call_id:uuid}")
    async def card(self, request: WebRequest, call_id: FromPath[UUID]) -> Response[Any]:
        """Show the card of one call."""
        return await _card(request, call_id)

    @post("/{call_id:uuid}/close")
    async def close(self, request: WebRequest, call_id: FromPath[UUID]) -> Response[Any]:
        """Put the card away."""
        result = word(await request.form(), "result")
        await calls.put_away(reader_of(request).actor, call_id, result)
        return Response(b"", status_code=204)


async def _card(request: WebRequest, call_id: UUID | None) -> Response[Any]:
    reader = reader_of(request)
    found = await calls.card(reader.actor, call_id) if reader.may(Permission.CALL_TAKE) else None
    if found is None:
        return Response(b"", status_code=204)
    return draw(request, reader, "calls/card.html", **_shown(reader, found))


def _shown(reader: Reader, one: CallCard) -> dict[str, Any]:
    words, tone = STATES[one.state]
    name, note, mark = (
        order_rows.client_cell(reader, one.client) if one.client is not None else ("", "", "")
    )
    until: datetime = one.ended_at or reader.now
    current = one.open
    status = None if current is None else one.codes.statuses.get(current.status)
    return {
        "call": one,
        "title": reader._(words) if one.direction == "in" else reader._("Исходящий"),
        "tone": tone,
        "name": name,
        "note": note,
        "mark": mark,
        "region": regions.name_of(one.region),
        "lasted": _clock(until - (one.answered_at or one.started_at)),
        "leader": None if one.leader is None else one.codes.name_of(one.leader),
        "current": None
        if current is None
        else {
            "number": current.number,
            "shown": formats.order_number(current.number),
            "sum": formats.money(current.total, reader.language),
            "goods": order_rows.goods(reader, current.summary, current.lines_count),
            "status": status.name if status else current.status,
            "status_tone": status.tone if status else "grey",
            "shape": status.shape if status else "dot",
            "paid": order_rows.payment(reader, current.total, current.paid_total),
        },
        "total": formats.money(one.total, reader.language),
        "results": [(code, reader._(text)) for code, text in RESULTS],
        "over": one.state in {"ended", "missed"},
    }


def _clock(lasted: timedelta) -> str:
    seconds = max(0, int(lasted.total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02}"
