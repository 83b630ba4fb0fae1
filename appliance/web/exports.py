"""Taking tables out: the form with its reason, and the journal."""

from collections.abc import AsyncGenerator
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from appliance.actions import desk, exports
from appliance.domain import formats
from appliance.domain.exports import ExportForm, ExportKind, ExportState, ExportView, Wanted
from appliance.domain.personal import Personal
from appliance.domain.views import kept_query
from appliance.errors import Invalid
from appliance.web import client_filters, deal_filters, order_filters, task_filters, texts
from appliance.web.answers import WebRequest, go
from appliance.web.import_sheets import SHEET
from appliance.web.order_filters import pairs
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of
from appliance.web.shell import N_

PLACE: Final = "/data/exports"
KINDS: Final = {
    ExportKind.CLIENTS: N_("Клиенты"),
    ExportKind.ORDERS: N_("Заказы"),
    ExportKind.PRODUCTS: N_("Товары и цены"),
    ExportKind.DEALS: N_("Сделки"),
    ExportKind.TASKS: N_("Задачи"),
}
LISTS: Final = {
    ExportKind.CLIENTS: "/clients",
    ExportKind.ORDERS: "/orders",
    ExportKind.DEALS: "/deals",
    ExportKind.TASKS: "/tasks",
}
"""Kinds that a list chooses rows of, by where it is."""
STATES: Final = {
    ExportState.WAITING: (N_("готовится"), "info", "half"),
    ExportState.READY: (N_("готова"), "ok", "ring"),
    ExportState.TAKEN: (N_("скачана"), "ok", "check"),
    ExportState.FAILED: (N_("не получилась"), "bad", "cross"),
    ExportState.GONE: (N_("файл удалён"), "grey", "cross"),
}


class ExportPages(Controller):
    """Exports."""

    path = PLACE

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show the form and the journal."""
        return await _page(request)

    @post()
    async def ask(self, request: WebRequest) -> Response[Any]:
        """Ask for a table."""
        form, reader = await request.form(), reader_of(request)
        typed = {name: str(form.get(name, "")) for name in ("kind", "form", "list", "narrowed")}
        kind = _kind(typed["kind"])
        wanted = _wanted(reader, kind, typed["list"]) if typed["narrowed"] else None
        shape = typed["form"] if typed["form"] in set(ExportForm) else ExportForm.XLSX
        reason = Personal(str(form.get("reason", "")))
        try:
            await exports.ask(reader.actor, kind, ExportForm(shape), reason, wanted)
        except Invalid as error:
            return await _page(request, typed=typed, reason=reason, error=error)
        return go(request, PLACE)

    @get("/{number:int}/file")
    async def file(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Give a finished file to him who asked for it."""
        reader = reader_of(request)
        kind, form = await exports.take(reader.actor, number)

        async def pieces() -> AsyncGenerator[bytes, None]:
            position = 0
            while data := await exports.piece(reader.actor, number, position):
                yield data
                position += 1

        name = f"{kind.value}-{number}.{form.value}"
        return Stream(
            pieces(),
            media_type=SHEET if form is ExportForm.XLSX else "text/csv; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )


def _kind(name: str) -> ExportKind:
    return ExportKind(name) if name in set(ExportKind) else ExportKind.CLIENTS


def _wanted(reader: Reader, kind: ExportKind, query: str) -> Wanted | None:
    """What the address of a list chooses; None for kinds that no list narrows."""
    asked = dict(pairs(query))
    match kind:
        case ExportKind.CLIENTS:
            return client_filters.read(asked).list
        case ExportKind.ORDERS:
            return order_filters.read(asked).as_filter(reader.zone)
        case ExportKind.DEALS:
            return deal_filters.read(asked).as_filter()
        case ExportKind.TASKS:
            return task_filters.read(asked).as_filter()
        case ExportKind.PRODUCTS:
            return None


def _typed(request: WebRequest) -> dict[str, str]:
    """The form as a list's menu opens it: with what the list is narrowed to."""
    given = request.query_params
    kind = _kind(str(given.get("kind", "")))
    narrowed = "list" in given and kind in LISTS
    query = kept_query(str(given.get("list", "")), kind.value) if narrowed else ""
    return {"kind": kind.value, "list": query, "narrowed": "1" if narrowed else ""}


async def _page(
    request: WebRequest,
    *,
    typed: dict[str, str] | None = None,
    reason: Personal[str] | None = None,
    error: Invalid | None = None,
) -> Response[Any]:
    reader = reader_of(request)
    before = request.query_params.get("after", "")
    found = await exports.page(reader.actor, int(before) if before.isdecimal() else None)
    codes = await desk.names(reader.actor)
    allowed = [kind for kind in ExportKind if reader.may(exports.RIGHTS[kind])]
    typed = typed or _typed(request)
    place = LISTS.get(_kind(typed["kind"]), "") if typed["narrowed"] else ""
    shown = [one for one in allowed if not place or one.value == typed["kind"]]
    problem = "" if error is None else next(iter(error.fields.values()), error.code)
    return draw(
        request,
        reader,
        "data/exports.html",
        status=422 if error else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "data", await counts_for(reader), codes),
        rows=[_row(reader, one, codes.name_of(one.made_by)) for one in found.rows],
        kinds=[(one.value, reader._(KINDS[one])) for one in shown],
        kind=typed["kind"],
        list=typed["list"],
        place=place,
        forms=[("xlsx", "XLSX"), ("csv", "CSV")],
        form=typed.get("form", "xlsx"),
        reason=reason or Personal(""),
        problem=texts.error(problem, reader.language, {}).title if problem else "",
        working=any(one.state is ExportState.WAITING for one in found.rows),
        first=PLACE if before else "",
        next=f"{PLACE}?after={found.after}" if found.after else "",
    )


def _row(reader: Reader, one: ExportView, maker: str) -> dict[str, Any]:
    state, tone, shape = STATES[one.state]
    ready = one.state in (ExportState.READY, ExportState.TAKEN)
    mine = one.made_by == reader.actor.number
    return {
        "number": one.number,
        "kind": reader._(KINDS[one.kind]),
        "narrowed": one.narrowed,
        "form": one.form.value.upper(),
        "state": reader._(state),
        "tone": tone,
        "shape": shape,
        "rows": formats.number(one.done, reader.language),
        "people": formats.number(one.people, reader.language) if one.people else "",
        "reason": one.reason,
        "maker": maker,
        "made": formats.moment_short(one.made_at, reader.now, reader.zone, reader.language),
        "file": f"{PLACE}/{one.number}/file" if ready and mine else "",
    }
