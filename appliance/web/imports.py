"""Bringing tables in: the list with its upload form, and one import from columns to report."""

import asyncio
from collections.abc import Mapping
from itertools import islice
from typing import Any, BinaryIO, Final

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from appliance.actions import catalogue, desk, imports
from appliance.domain import formats, import_fields, sheet_files
from appliance.domain.imports import (
    PEOPLE,
    WORKING,
    ImportKind,
    ImportPage,
    ImportState,
    ImportView,
    Match,
    Plan,
    Sample,
)
from appliance.domain.personal import Personal
from appliance.domain.privacy import LegalBasis, PurposeCode
from appliance.errors import Conflict, HouseError, Invalid
from appliance.http.errors import status_of
from appliance.web import import_sheets, texts
from appliance.web.answers import WebRequest, go, told
from appliance.web.import_words import BASES, KINDS, MATCHES, PURPOSES, STATES
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of

PLACE: Final = "/data/imports"
UPLOAD_LIMIT: Final = sheet_files.MOST_BYTES + 1024 * 1024
PIECE: Final = 1024 * 1024
SAMPLES: Final = 3


class ImportPages(Controller):
    """Imports."""

    path = PLACE

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show imports, the newest first, and the form of a new one."""
        return await _list(request)

    @post(request_max_body_size=UPLOAD_LIMIT)
    async def upload(self, request: WebRequest) -> Response[Any]:
        """Take a file."""
        form, reader = await request.form(), reader_of(request)
        kind, given = str(form.get("kind", "")), form.get("file")
        try:
            if kind not in set(ImportKind):
                raise Invalid("code_unknown", fields={"kind": "code_unknown"})
            if not isinstance(given, UploadFile) or not given.filename:
                raise Invalid("table_missing")
            number = await _keep(reader, ImportKind(kind), given)
        except Invalid as error:
            return await _list(request, problem=_sentence(reader, error), kind=kind)
        return go(request, f"{PLACE}/{number}")

    @get("/{number:int}")
    async def card(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show an import where it stands."""
        return await _card(request, number)

    @post("/{number:int}/pair")
    async def pair(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Take the pairs of columns and fields."""
        reader, form = reader_of(request), await request.form()
        plan = _plan({name: str(value) for name, value in form.items()})
        try:
            await imports.pair(reader.actor, number, plan)
        except (Invalid, Conflict) as error:
            return await _card(request, number, typed=plan, error=error)
        return go(request, f"{PLACE}/{number}")

    @post("/{number:int}/{deed:str}")
    async def act(
        self, request: WebRequest, number: FromPath[int], deed: FromPath[str]
    ) -> Response[Any]:
        """Start, pause, take back or forget."""
        reader = reader_of(request)
        deeds = {
            "start": imports.start,
            "pause": imports.pause,
            "undo": imports.undo,
            "drop": imports.drop,
        }
        if deed not in deeds:
            raise Invalid("code_unknown")
        try:
            await deeds[deed](reader.actor, number)
        except Conflict as error:
            return await _card(request, number, error=error)
        return go(request, PLACE if deed == "drop" else f"{PLACE}/{number}")

    @get("/{number:int}/wrong")
    async def wrong(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Give the wrong rows as a file of the same kind."""
        return await import_sheets.wrong_rows(reader_of(request), number)


async def _keep(reader: Reader, kind: ImportKind, given: UploadFile) -> int:
    """Look into a file and hand it over piece by piece; its number."""
    file: BinaryIO = given.file  # pyright: ignore[reportAssignmentType] - spooled, binary
    size = await asyncio.to_thread(file.seek, 0, 2)
    if size > sheet_files.MOST_BYTES:
        raise Invalid("table_too_large", most=sheet_files.MOST_BYTES // 1024 // 1024)
    sample = Personal(await asyncio.to_thread(_sample, file))
    number = await imports.begin(
        reader.actor,
        kind,
        given.filename,
        size,
        sample,
        workbook=sheet_files.is_workbook(file),
    )
    await asyncio.to_thread(file.seek, 0)
    position = 0
    while data := await asyncio.to_thread(file.read, PIECE):
        await imports.put_piece(reader.actor, number, position, Personal(data))
        position += 1
    return number


def _sample(file: BinaryIO) -> Sample:
    rows = list(islice(sheet_files.rows(file), 1 + SAMPLES))
    if len(rows) < 2:
        raise Invalid("table_empty")
    width = max(len(row.cells) for row in rows)
    padded = [tuple(row.cells + [""] * (width - len(row.cells))) for row in rows]
    return Sample(head=padded[0], rows=tuple(padded[1:]))


def _plan(form: Mapping[str, str]) -> Plan:
    columns: list[str] = []
    while (name := f"column-{len(columns)}") in form and len(columns) < sheet_files.MOST_COLUMNS:
        columns.append(form[name])
    basis, match, purpose = (form.get(name, "") for name in ("basis", "match", "purpose"))
    manager = form.get("manager", "")
    return Plan(
        columns=tuple(columns),
        match=Match(match) if match in set(Match) else Match.UPDATE,
        basis=LegalBasis(basis) if basis in set(LegalBasis) else None,
        purpose=PurposeCode(purpose) if purpose in set(PurposeCode) else PurposeCode.ORDER,
        source=" ".join(form.get("source", "").split()),
        manager=int(manager) if manager.isdecimal() else 0,
        warehouse=form.get("warehouse", ""),
    )


def _sentence(reader: Reader, error: HouseError) -> str:
    found = texts.error(error.code, reader.language, error.params)
    return f"{found.title}. {found.hint}" if found.hint else found.title


async def _frame(request: WebRequest, reader: Reader) -> dict[str, Any]:
    codes = await desk.names(reader.actor)
    return {
        "look": look_of(request),
        "shell": shell_of(request, reader, "data", await counts_for(reader), codes),
        "codes": codes,
    }


async def _list(request: WebRequest, *, problem: str = "", kind: str = "") -> Response[Any]:
    reader = reader_of(request)
    before = request.query_params.get("after", "")
    found = await imports.page(reader.actor, int(before) if before.isdecimal() else None)
    frame = await _frame(request, reader)
    return draw(
        request,
        reader,
        "data/imports.html",
        status=422 if problem else 200,
        rows=[_row(reader, one, frame["codes"].name_of(one.made_by)) for one in found.rows],
        kinds=[(one.value, reader._(KINDS[one])) for one in ImportKind],
        kind=kind or ImportKind.CLIENTS.value,
        problem=problem,
        first=PLACE if before else "",
        next=f"{PLACE}?after={found.after}" if found.after else "",
        **frame,
    )


def _row(reader: Reader, one: ImportView, maker: str) -> dict[str, Any]:
    state, tone, shape = STATES[one.state]
    number = formats.number
    return {
        "number": one.number,
        "href": f"{PLACE}/{one.number}",
        "kind": reader._(KINDS[one.kind]),
        "name": Personal(one.name),
        "state": reader._(state),
        "tone": tone,
        "shape": shape,
        "maker": maker,
        "made": formats.moment_short(one.made_at, reader.now, reader.zone, reader.language),
        "total": number(one.total, reader.language) if one.total else "",
        "working": one.state in WORKING,
        "percent": round(100 * one.done / one.total) if one.total else 0,
    }


async def _card(
    request: WebRequest,
    number: int,
    *,
    typed: Plan | None = None,
    error: HouseError | None = None,
) -> Response[Any]:
    reader = reader_of(request)
    found = await imports.open_page(reader.actor, number)
    view, frame = found.view, await _frame(request, reader)
    pairs = view.state in (ImportState.NEW, ImportState.FAILED) or (
        view.state is ImportState.CHECKED and (typed or "pair" in request.query_params)
    )
    wrong = dict(error.fields) if isinstance(error, Invalid) else {}
    return draw(
        request,
        reader,
        "data/import.html",
        status=status_of(error) if error else 200,
        one=_row(reader, view, frame["codes"].name_of(view.made_by)),
        view=view,
        problem="" if error is None or wrong else told(request, error),
        failed=_sentence(reader, Invalid(view.error)) if view.error else "",
        progress=_progress(reader, view),
        counts=_counts(reader, view),
        wrong=_wrong(reader, found),
        pairing=await _pairing(reader, found, found.sample, typed, wrong, frame["codes"])
        if pairs and found.sample is not None
        else None,
        **frame,
    )


def _progress(reader: Reader, view: ImportView) -> dict[str, Any]:
    """«42 310 из 100 000, осталось 3 мин»."""
    number = formats.number
    done = number(view.done, reader.language)
    if view.state is ImportState.READING:
        return {"text": reader._("прочитано строк: %(done)s") % {"done": done}, "percent": None}
    text = reader._("%(done)s из %(total)s") % {
        "done": done,
        "total": number(view.total, reader.language),
    }
    seconds = (reader.now - view.begun_at).total_seconds() if view.begun_at else 0
    if view.done and seconds > 5 and view.total > view.done:
        left = seconds / view.done * (view.total - view.done)
        text += ", " + (
            reader._("осталось меньше минуты")
            if left < 60
            else reader.ngettext("осталась %(num)s мин", "осталось %(num)s мин", round(left / 60))
        )
    return {"text": text, "percent": round(100 * view.done / view.total) if view.total else 0}


def _counts(reader: Reader, view: ImportView) -> list[tuple[str, str, str]]:
    """Counts that say something: (what, how many, tone)."""
    tally, _ = view.tally, reader._
    before = view.state in (ImportState.CHECKING, ImportState.CHECKED)
    rows = (
        (_("Новых"), tally.created, "ok"),
        (_("Обновится") if before else _("Обновлено"), tally.updated, "info"),
        (_("Без изменений"), tally.same, ""),
        (_("Пропущено"), tally.skipped, ""),
        (_("Повторов в файле"), tally.in_file, "warn"),
        (_("С ошибкой"), tally.wrong, "bad"),
        (_("Возвращено"), tally.taken_back, "info"),
        (_("Осталось: изменено позже"), tally.kept, "warn"),
    )
    return [
        (label, formats.number(count, reader.language), tone)
        for label, count, tone in rows
        if count or label == _("Новых")
    ]


def _wrong(reader: Reader, found: ImportPage) -> list[tuple[int, str, str]]:
    """The first wrong rows: number in the file, column's field, sentence."""
    view = found.view
    known = import_fields.fields_of(view.kind, found.made)
    labels = {field.code: field.label for field in known}
    return [
        (
            one.row,
            reader._(labels[one.field]) if one.field in labels else "",
            texts.error(one.code, reader.language, {}).title,
        )
        for one in view.wrong
    ]


async def _pairing(
    reader: Reader,
    found: ImportPage,
    sample: Personal[Sample],
    typed: Plan | None,
    wrong: Mapping[str, str],
    codes: Any,
) -> dict[str, Any]:
    """What the form of columns shows."""
    view, _ = found.view, reader._
    plan = typed or view.plan
    fields = import_fields.fields_of(view.kind, found.made)
    options = [("", _("не брать")), *((field.code, _(field.label)) for field in fields)]
    people = view.kind in PEOPLE
    warehouses = (
        list((await catalogue.names(reader.actor)).warehouses)
        if view.kind is ImportKind.STOCK
        else []
    )
    return {
        "sample": sample,
        "columns": plan.columns,
        "options": options,
        "plan": plan,
        "people": people,
        "matches": [(one.value, _(MATCHES[one])) for one in Match],
        "bases": [("", _("выберите")), *((one.value, _(text)) for one, text in BASES.items())],
        "purposes": [(one.value, _(text)) for one, text in PURPOSES.items()],
        "managers": [("0", _("никто"))]
        + [(str(number), name) for number, name in codes.colleagues.items()],
        "warehouses": warehouses,
        "errors": dict.fromkeys(("columns", "basis", "source", "manager", "warehouse"), "")
        | {name: texts.error(code, reader.language, {}).title for name, code in wrong.items()},
    }
