"""«Воронки»: stages and what they ask for, reasons of losses, deals of orders."""

from collections.abc import Awaitable
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from appliance.actions import pipelines
from appliance.domain.deals import DealField, DealState, Pipeline, StageKind
from appliance.errors import Conflict, HouseError, Invalid
from appliance.http.errors import status_of
from appliance.web import texts
from appliance.web.answers import WebRequest, go, told
from appliance.web.orders import word
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of
from appliance.web.shell import N_

HOME: Final = "/deals/pipelines"
ASKED: Final = {
    DealField.AMOUNT: N_("сумма"),
    DealField.EXPECTED: N_("срок"),
    DealField.LINES: N_("товары"),
    DealField.NOTE: N_("заметка"),
    DealField.SOURCE: N_("источник"),
    DealField.MANAGER: N_("ответственный"),
}
"""What a stage can ask for, in a word."""


class PipelinePages(Controller):
    """Pipelines."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show a pipeline's stages."""
        return await _show(request, reader_of(request), request.query_params.get("line", ""))

    @post()
    async def add(self, request: WebRequest) -> Response[Any]:
        """Add a pipeline."""
        form, reader = await request.form(), reader_of(request)
        try:
            code = await pipelines.add_pipeline(reader.actor, word(form, "name"))
        except Invalid as error:
            return await _show(request, reader, "", error, form)
        return go(request, f"{HOME}?line={code}")

    @post("/line/{code:str}")
    async def rename(self, request: WebRequest, code: FromPath[str]) -> Response[Any]:
        """Rename a pipeline, or put it out of use."""
        form, reader = await request.form(), reader_of(request)
        deed = pipelines.edit_pipeline(
            reader.actor, code, word(form, "name"), active="active" in form
        )
        return await _done(request, reader, form, deed, code)

    @post("/line/{code:str}/stages")
    async def add_stage(self, request: WebRequest, code: FromPath[str]) -> Response[Any]:
        """Add a stage."""
        form, reader = await request.form(), reader_of(request)
        return await _done(
            request, reader, form, pipelines.add_stage(reader.actor, code, word(form, "name")), code
        )

    @post("/stages/{number:int}")
    async def edit_stage(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Change, shift or remove a stage: the pressed button says which."""
        form, reader = await request.form(), reader_of(request)
        return await _done(
            request, reader, form, _stage_deed(reader, form, number), word(form, "line")
        )

    @post("/reasons")
    async def add_reason(self, request: WebRequest) -> Response[Any]:
        """Add a reason of losses."""
        form, reader = await request.form(), reader_of(request)
        deed = pipelines.add_reason(reader.actor, word(form, "name"))
        return await _done(request, reader, form, deed, word(form, "line"))

    @post("/reasons/{number:int}")
    async def edit_reason(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Rename a reason, or put it out of use."""
        form, reader = await request.form(), reader_of(request)
        deed = pipelines.edit_reason(
            reader.actor, number, word(form, "name"), active="active" in form
        )
        return await _done(request, reader, form, deed, word(form, "line"))

    @post("/orders")
    async def orders(self, request: WebRequest) -> Response[Any]:
        """Say in which pipeline orders make deals."""
        form, reader = await request.form(), reader_of(request)
        deed = pipelines.set_order_makes(reader.actor, word(form, "makes"))
        return await _done(request, reader, form, deed, word(form, "line"))


def _stage_deed(reader: Reader, form: FormMultiDict, number: int) -> Awaitable[object]:
    pressed = word(form, "do")
    if pressed in {"up", "down"}:
        return pipelines.shift_stage(reader.actor, number, -1 if pressed == "up" else 1)
    if pressed == "remove":
        return pipelines.remove_stage(reader.actor, number)
    asked = {str(one) for one in form.getall("required", [])}
    return pipelines.edit_stage(
        reader.actor,
        number,
        word(form, "name"),
        makes_order=word(form, "kind") == StageKind.INVOICE.value,
        skippable="skippable" in form,
        required=[one for one in DealField if one.value in asked],
    )


async def _done(
    request: WebRequest, reader: Reader, form: FormMultiDict, deed: Awaitable[object], line: str
) -> Response[Any]:
    try:
        await deed
    except (Invalid, Conflict) as error:
        return await _show(request, reader, line, error, form)
    return go(request, f"{HOME}?line={line}" if line else HOME)


async def _show(
    request: WebRequest,
    reader: Reader,
    code: str,
    error: HouseError | None = None,
    form: FormMultiDict | None = None,
) -> Response[Any]:
    found = await pipelines.editor(reader.actor)
    known = found.funnels
    line = known.pipeline(code) or known.pipelines[0]
    hint = "" if error is None else texts.error(error.code, reader.language, error.params).hint
    return draw(
        request,
        reader,
        "deals/pipelines.html",
        status=200 if error is None else status_of(error),
        look=look_of(request),
        shell=shell_of(request, reader, "deals", await counts_for(reader), found.codes),
        line=line,
        lines=known.pipelines,
        stages=_stages(reader, line),
        standing=found.standing,
        reasons=known.reasons,
        makes=found.order_makes.pipeline,
        problem="" if error is None else f"{told(request, error)}. {hint}",
        typed="" if form is None else word(form, "name"),
    )


def _stages(reader: Reader, line: Pipeline) -> list[dict[str, Any]]:
    open_ = line.open_stages
    return [
        {
            "number": one.number,
            "name": one.name,
            "open": one.state is DealState.OPEN,
            "won": one.state is DealState.WON,
            "kind": one.kind.value,
            "skippable": one.skippable,
            "first": bool(open_) and one.id == open_[0].id,
            "last": bool(open_) and one.id == open_[-1].id,
            "asked": [
                (field.value, reader._(name), field in one.required)
                for field, name in ASKED.items()
            ],
        }
        for one in line.stages
        if one.active
    ]
