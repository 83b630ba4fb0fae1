"""Deals: the board, the list, moves between stages."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance.actions import deal_desk, deals
from appliance.domain import formats
from appliance.domain.deal_screens import BoardScreen, DealsScreen
from appliance.domain.deals import StageKind
from appliance.domain.fields import Owner
from appliance.errors import Conflict, Invalid
from appliance.http.errors import is_fragment
from appliance.roles import Permission
from appliance.web import (
    custom_filters,
    deal_cards,
    deal_filters,
    deal_forms,
    deal_gate,
    deal_rows,
    views,
)
from appliance.web.answers import WebRequest
from appliance.web.deal_filters import Asked
from appliance.web.order_filters import pairs
from appliance.web.orders import Tab, cursor, word
from appliance.web.parts import Column
from appliance.web.screens import (
    Reader,
    draw,
    look_of,
    reader_of,
    refreshed,
    shell_of,
    toast,
)

FOOT: Final = "deals/foot.html"


class DealPages(Controller):
    """Deals."""

    path = "/deals"

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show a pipeline; filter and view are in the address."""
        asked = deal_filters.read(request.query_params)
        after = cursor(request.query_params.get("after"))
        reader = reader_of(request)
        first = views.opens_with(request, await views.bar(reader, "deals", asked.query))
        if first is not None:
            return first
        return await show(request, reader, asked, after=after)

    @post("/find")
    async def find(self, request: WebRequest) -> Response[Any]:
        """Read a typed line: conditions go into the address, a text stays on the page."""
        form, reader = await request.form(), reader_of(request)
        asked = deal_filters.read(dict(pairs(word(form, "filter"))))
        known = await deal_desk.form(reader.actor)
        line = known.funnels.pipeline(asked.pipeline) or known.funnels.pipelines[0]
        asked = deal_filters.understand(word(form, "q"), asked, line, known.codes, reader.today)
        if not asked.text:
            if is_fragment(request):
                return Response(b"", status_code=204, headers={"hx-redirect": asked.address()})
            return Response(b"", status_code=303, headers={"location": asked.address()})
        return await show(request, reader, asked, after=cursor(word(form, "after")))

    @get("/column")
    async def column(self, request: WebRequest) -> Response[Any]:
        """Show the next cards of one column."""
        reader, query = reader_of(request), request.query_params
        asked = replace(deal_filters.read(query), stage=())
        stage = cursor(query.get("stage")) or 0
        found = await deal_desk.column(
            reader.actor, asked.as_filter(), stage, query.get("after", "")
        )
        written = deal_rows.column(reader, found.column, found.funnels, found.codes, asked.query)
        return draw(request, reader, "deals/more.html", column=written, may_move=_may_move(reader))

    @get("/new")
    async def blank(self, request: WebRequest) -> Response[Any]:
        """Show the form of a new deal."""
        return await deal_forms.blank(request)

    @post("/new")
    async def create(self, request: WebRequest) -> Response[Any]:
        """Make a deal."""
        return await deal_forms.create(request)

    @post("/clients")
    async def clients(self, request: WebRequest) -> Response[Any]:
        """Clients to choose from, by a fragment."""
        return await deal_forms.clients(request)

    @get("/{number:int}")
    async def card(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show a deal."""
        return await deal_cards.show(request, number)

    @get("/{number:int}/peek")
    async def peek(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show a deal beside the board or the list."""
        return await deal_cards.show(request, number, template="deals/peek.html")

    @get("/{number:int}/edit")
    async def edit_form(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show the form of a deal."""
        return await deal_forms.filled(request, number)

    @post("/{number:int}/edit")
    async def edit(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Change a deal."""
        return await deal_forms.edit(request, number)

    @post("/{number:int}/manager")
    async def assign(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Make a colleague responsible."""
        return await deal_cards.assign(request, number)

    @post("/{number:int}/move")
    async def move(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Move a deal; what a stage still asks for is asked for in a window."""
        form, reader = await request.form(), reader_of(request)
        try:
            moved = await deals.move(
                reader.actor,
                number,
                cursor(word(form, "stage")) or 0,
                cursor(word(form, "version")),
                deal_forms.fill_of(form, reader),
                cursor(word(form, "reason")) or 0,
            )
        except (Conflict, Invalid) as error:
            return await deal_gate.gate(request, reader, number, form, error)
        text = reader._("Сделка № %(number)d: %(stage)s") % {
            "number": number,
            "stage": moved.stage.name,
        }
        if moved.order_id is not None:
            text += reader._(". Заказ создан")
        headers = toast(text, f"/deals/{number}/undo")
        if word(form, "from") == "card":
            return await deal_cards.show(request, number, headers=headers)
        asked = deal_filters.read(dict(pairs(word(form, "filter"))))
        return await show(request, reader, replace(asked, text=word(form, "q")), headers=headers)

    @post("/{number:int}/undo")
    async def undo(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Take back the move just made."""
        await deals.undo_move(reader_of(request).actor, number)
        return refreshed()


def _may_move(reader: Reader) -> bool:
    return reader.may(Permission.DEAL_EDIT)


async def show(
    request: WebRequest,
    reader: Reader,
    asked: Asked,
    *,
    after: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response[Any]:
    """Draw a board or a list, whole or its part for htmx."""
    part = is_fragment(request)
    found: BoardScreen | DealsScreen
    if asked.view == "board":
        found = await deal_desk.board(reader.actor, asked.as_filter())
        context = _board(reader, asked, found)
    else:
        found = await deal_desk.page(reader.actor, asked.as_filter(), after)
        context = _page(reader, asked, found)
    if not part:
        context |= {
            "look": look_of(request),
            "shell": shell_of(request, reader, "deals", found.counts, found.codes),
            **_head(reader, asked, found),
            "bar": await views.bar(reader, "deals", asked.query),
        }
    return draw(
        request,
        reader,
        "deals/part.html" if part else "deals/screen.html",
        headers=headers,
        part=part,
        asked=asked,
        chips=deal_filters.chips(asked, found.line, found.funnels, found.codes, reader),
        line=found.line,
        moves=[one for one in found.line.stages if one.active],
        may_move=_may_move(reader),
        may_create=reader.may(Permission.DEAL_CREATE),
        may_set=reader.may(Permission.PIPELINE_EDIT),
        **context,
    )


def _board(reader: Reader, asked: Asked, found: BoardScreen) -> dict[str, Any]:
    count = sum(one.tally.deals for one in found.columns)
    total = sum(one.tally.amount for one in found.columns)
    ends = [one for one in found.line.stages if one.number in found.ends]
    return {
        "columns": [
            deal_rows.column(reader, one, found.funnels, found.codes, asked.query)
            for one in found.columns
        ],
        "ends": [
            deal_rows.end(
                reader,
                one,
                found.ends[one.number],
                replace(asked, view="list", state=one.state.value, stage=()).address(),
            )
            for one in sorted(ends, key=lambda one: one.kind is StageKind.LOST)
        ],
        **_sums(reader, count, total),
    }


def _page(reader: Reader, asked: Asked, found: DealsScreen) -> dict[str, Any]:
    _ = reader._
    made = custom_filters.listed(custom_filters.made(found.codes, Owner.DEAL))
    return {
        "made_cols": list(made),
        "rows": deal_rows.cards(reader, found.rows, found.funnels, found.codes, asked.query),
        "heads": [
            Column(_("№"), "fix fix-1", "descending"), Column(_("Этап")), Column(_("Клиент")),
            Column(_("Сделка")), Column(_("Сумма"), "num"), Column(_("Ждём"), "num"),
            Column(_("Заказ"), "num"), *(Column(one.name) for one in made.values()),
            Column(_("Менеджер")), Column(_("Создана"), "num"), Column(_("На этапе"), "num"),
        ],
        "after": found.after,
        **_sums(reader, found.tally.deals, found.tally.amount),
    }  # fmt: skip


def _sums(reader: Reader, count: int, total: int) -> dict[str, Any]:
    return {"count": count, "total": formats.money(total, reader.language)}


def _head(reader: Reader, asked: Asked, found: BoardScreen | DealsScreen) -> dict[str, Any]:
    bare = Asked(pipeline=asked.pipeline, view=asked.view)
    mine = replace(bare, mine=True)
    here = asked.query
    views = [(reader._("Все открытые"), bare, None), (reader._("Мои"), mine, found.mine or None)]
    return {
        "tabs": [
            Tab(label, view.address(), count, view.query == here) for label, view, count in views
        ],
        "lines": [
            (one.name, replace(bare, pipeline=one.code).address(), one.id == found.line.id)
            for one in found.funnels.pipelines
            if one.active or one.id == found.line.id
        ],
        "options": {
            "manager": [(str(n), name) for n, name in found.codes.colleagues.items()],
            "stage": [(str(one.number), one.name) for one in found.line.stages if one.active],
            "reason": [(str(one.number), one.name) for one in found.funnels.reasons],
        },
        "made": custom_filters.inputs(
            custom_filters.made(found.codes, Owner.DEAL), asked.custom, reader._
        ),
    }
