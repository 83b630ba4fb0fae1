"""The stream's own addresses: reading on, writing, taking back, files."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.params import FromPath

from appliance.actions import timeline
from appliance.domain import formats
from appliance.domain.desk import Codes, StreamScreen
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.domain.timeline import (
    EntryDraft,
    EntryHistory,
    Kind,
    Place,
    Progress,
    Tab,
)
from appliance.errors import Conflict, Invalid, NotFound
from appliance.web import stream
from appliance.web.answers import WebRequest, told
from appliance.web.orders import word
from appliance.web.rendering import handed_out
from appliance.web.screens import Reader, draw, reader_of, refreshed, toast
from appliance.web.shell import N_

MOST_FILES: Final = 10
UPLOAD_LIMIT: Final = 64 * 1024 * 1024
"""Of one request: several attachments, the largest of which may have 20 MB."""

_LATER: Final[Mapping[str, timedelta]] = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "3h": timedelta(hours=3),
}
_KINDS: Final = frozenset(kind.value for kind in Kind)
MORNING: Final = time(10)
_DONE: Final[Mapping[Kind, str]] = {
    Kind.NOTE: N_("Заметка сохранена"),
    Kind.MEETING: N_("Встреча записана"),
    Kind.NO_ANSWER: N_("Недозвон записан"),
    Kind.COMPLAINT: N_("Жалоба записана"),
    Kind.VIOLATION: N_("Нарушение записано"),
    Kind.FILE: N_("Файл сохранён"),
}


class StreamPages(Controller):
    """Streams of orders and clients."""

    path = "/stream"

    @get("/{kind:str}/{number:int}")
    async def page(
        self, request: WebRequest, kind: FromPath[str], number: FromPath[int]
    ) -> Response[Any]:
        """Show a stream, or its next page."""
        reader, query = reader_of(request), request.query_params
        after = _uuid(query.get("after"))
        found = await _read(reader, kind, number, _tab(query.get("tab")), after)
        template = "stream/part.html" if after is None else "stream/more.html"
        return _drawn(request, reader, template, found, f"{kind}/{number}")

    @post("/{kind:str}/{number:int}", request_max_body_size=UPLOAD_LIMIT)
    async def write(
        self, request: WebRequest, kind: FromPath[str], number: FromPath[int]
    ) -> Response[Any]:
        """Add what was typed; a refused form comes back as it was, with the reason."""
        reader, form = reader_of(request), await request.form()
        place, typed = _place(kind, number), _typed(form)
        try:
            if typed.kind == Kind.FILE:
                done = await _attach(reader, place, form, typed.form)
            else:
                done = await timeline.write(reader.actor, place, _draft(reader, typed))
        except (Invalid, Conflict) as error:
            found = await _read(reader, kind, number)
            field = next(iter(error.fields), "text") if isinstance(error, Invalid) else "text"
            return _drawn(
                request,
                reader,
                "stream/compose.html",
                found,
                f"{kind}/{number}",
                typed=typed,
                problem=(field, told(request, error)),
                status=422,
                headers={"hx-retarget": "#compose", "hx-reswap": "outerHTML"},
            )
        found = await _read(reader, kind, number)
        text = reader._(_DONE[done.kind])
        if done.attempt > 1:
            text += reader._(", попытка %(num)s") % {"num": done.attempt}
        return _drawn(
            request,
            reader,
            "stream/part.html",
            found,
            f"{kind}/{number}",
            headers=toast(text, f"/stream/entry/{done.id}/remove?whole=1"),
        )

    @get("/entry/{entry_id:uuid}")
    async def entry(self, request: WebRequest, entry_id: FromPath[UUID]) -> Response[Any]:
        """Show one line."""
        return await _line(request, reader_of(request), entry_id)

    @get("/entry/{entry_id:uuid}/edit")
    async def editing(self, request: WebRequest, entry_id: FromPath[UUID]) -> Response[Any]:
        """Show one's own line as a form."""
        return await _form(request, reader_of(request), entry_id)

    @post("/entry/{entry_id:uuid}/edit")
    async def edit(self, request: WebRequest, entry_id: FromPath[UUID]) -> Response[Any]:
        """Say it in other words."""
        reader, form = reader_of(request), await request.form()
        version, text = word(form, "version"), word(form, "text")
        seen = int(version) if version.isdigit() else None
        try:
            await timeline.edit(reader.actor, entry_id, Personal(text), seen)
        except (Invalid, Conflict) as error:
            return await _form(request, reader, entry_id, Personal(text), told(request, error))
        return await _line(request, reader, entry_id, reader._("Запись изменена"))

    @post("/entry/{entry_id:uuid}/remove")
    async def remove(self, request: WebRequest, entry_id: FromPath[UUID]) -> Response[Any]:
        """Take one's own entry back."""
        reader = reader_of(request)
        await timeline.remove(reader.actor, entry_id)
        if "whole" in request.query_params:
            return refreshed()
        undo = f"/stream/entry/{entry_id}/restore?whole=1"
        return await _line(request, reader, entry_id, reader._("Запись удалена"), undo)

    @post("/entry/{entry_id:uuid}/restore")
    async def restore(self, request: WebRequest, entry_id: FromPath[UUID]) -> Response[Any]:
        """Bring one's own entry back."""
        reader = reader_of(request)
        await timeline.restore(reader.actor, entry_id)
        if "whole" in request.query_params:
            return refreshed()
        return await _line(request, reader, entry_id, reader._("Запись возвращена"))

    @post("/entry/{entry_id:uuid}/state")
    async def state(self, request: WebRequest, entry_id: FromPath[UUID]) -> Response[Any]:
        """Move a complaint or a violation."""
        reader, given = reader_of(request), word(await request.form(), "state")
        if given not in stream.STATES:
            raise Invalid("entry_kind")
        await timeline.progress(reader.actor, entry_id, Progress(given))
        return await _line(request, reader, entry_id, reader._("Состояние изменено"))

    @get("/entry/{entry_id:uuid}/history")
    async def history(self, request: WebRequest, entry_id: FromPath[UUID]) -> Response[Any]:
        """Show what one's own entry said before."""
        reader = reader_of(request)
        changes, codes = await timeline.history(reader.actor, entry_id)
        return draw(
            request,
            reader,
            "stream/history.html",
            changes=[_change(reader, one, codes) for one in changes],
        )

    @get("/entry/{entry_id:uuid}/file")
    async def file(self, request: WebRequest, entry_id: FromPath[UUID]) -> Response[bytes]:
        """Hand an attachment out; never shown inside a page of the box."""
        found = await timeline.download(reader_of(request).actor, entry_id)
        return _handed_out(found)


def _handed_out(found: timeline.Attachment) -> Response[bytes]:
    """A file that a browser saves: never drawn, never run, never kept by a cache."""
    name, body = handed_out(found.name, found.body)
    ascii_name = name.encode("ascii", "replace").decode().replace('"', "_").replace("\\", "_")
    return Response(
        body,
        media_type="application/octet-stream",
        headers={
            "content-disposition": f'attachment; filename="{ascii_name}"; '
            f"filename*=UTF-8''{quote(name, safe='')}",
            "content-security-policy": "sandbox; default-src 'none'",
        },
    )


def _place(kind: str, number: int) -> Place:
    if kind == "order":
        return Place(order=number)
    if kind == "deal":
        return Place(deal=number)
    if kind == "client":
        return Place(client=number)
    raise NotFound("not_found")


async def _read(
    reader: Reader, kind: str, number: int, tab: Tab = Tab.ALL, after: UUID | None = None
) -> StreamScreen:
    if kind == "order":
        return await timeline.of_order(reader.actor, number, tab, after)
    if kind == "deal":
        return await timeline.of_deal(reader.actor, number, tab, after)
    if kind == "client":
        return await timeline.of_client(reader.actor, number, tab, after)
    raise NotFound("not_found")


def _drawn(
    request: WebRequest,
    reader: Reader,
    template: str,
    found: StreamScreen,
    place: str,
    *,
    typed: stream.Typed | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> Response[Any]:
    level = 2 if place.startswith("client/") else 3
    return draw(
        request,
        reader,
        template,
        status=status,
        headers=headers,
        stream=stream.view(reader, found.stream, found.codes, place, level=level),
        typed=typed or stream.fresh(reader),
        **context,
    )


def _tab(text: str | None) -> Tab:
    return next((tab for tab in Tab if tab.value == text), Tab.ALL)


def _uuid(text: str | None) -> UUID | None:
    """A cursor.

    Raises:
        Invalid: `cursor_unreadable`.
    """
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("cursor_unreadable") from None


def _typed(form: FormMultiDict) -> stream.Typed:
    return stream.Typed(
        kind=word(form, "kind") or "note",
        text=word(form, "text"),
        title=word(form, "title"),
        later=word(form, "later"),
        call_at=word(form, "call_at"),
        sort=word(form, "sort"),
        concerns=word(form, "concerns"),
        when=word(form, "when"),
        private=word(form, "private") == "1",
        for_buyer=word(form, "for_buyer") == "1",
        form=_form_id(word(form, "form")),
    )


def _form_id(text: str) -> UUID:
    """The form's own id; a page from before there were any gets a fresh one."""
    try:
        return UUID(text)
    except ValueError:
        return uuid7()


def _draft(reader: Reader, typed: stream.Typed) -> EntryDraft:
    """What was typed, read.

    Raises:
        Invalid: `entry_kind`; at `when`: `entry_when_missing`, `date_unreadable`.
    """
    kind, sort = typed.kind, ""
    planned: datetime | None = None
    if kind == Kind.COMPLAINT:
        kind, _, sort = typed.sort.partition(":")
        planned = _moment(reader, typed.when) if typed.when else None
    elif kind == Kind.NO_ANSWER:
        planned = _later(reader, typed)
    if kind not in _KINDS:
        raise Invalid("entry_kind")
    return EntryDraft(
        kind=Kind(kind),
        text=Personal(typed.text),
        title=Personal(typed.title if kind == Kind.MEETING else ""),
        private=typed.private,
        for_buyer=typed.for_buyer and kind == Kind.NOTE,
        planned_at=planned,
        sort=sort,
        concerns=int(typed.concerns) if typed.concerns.isdigit() else 0,
        task=Personal(reader._("Перезвонить")),
        form=typed.form,
    )


def _later(reader: Reader, typed: stream.Typed) -> datetime | None:
    if typed.later in _LATER:
        return reader.now + _LATER[typed.later]
    if typed.later == "tomorrow":
        day = reader.today + timedelta(days=1)
        return datetime.combine(day, MORNING, reader.zone)
    if typed.later != "own":
        return None
    if not typed.call_at:
        raise Invalid("entry_when_missing", fields={"when": "entry_when_missing"})
    return _moment(reader, typed.call_at)


def _moment(reader: Reader, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=reader.zone)
    except ValueError:
        raise Invalid("date_unreadable", fields={"when": "date_unreadable"}) from None


async def _attach(
    reader: Reader, place: Place, form: FormMultiDict, form_id: UUID
) -> timeline.Written:
    """Keep every file that was sent; the first refused one ends it.

    Raises:
        Invalid: `attachment_none`, `attachment_many`, `attachment_too_large`,
            `attachment_empty`.
    """
    sent = [one for one in form.getall("file", []) if isinstance(one, UploadFile) and one.filename]
    if not sent:
        raise Invalid("attachment_none", fields={"file": "attachment_none"})
    if len(sent) > MOST_FILES:
        raise Invalid("attachment_many", fields={"file": "attachment_many"}, most=MOST_FILES)
    bodies = [await one.read() for one in sent]
    return await timeline.attach(
        reader.actor,
        place,
        tuple(
            timeline.Attachment(
                name=Personal(one.filename), media=one.content_type or "", body=Personal(body)
            )
            for one, body in zip(sent, bodies, strict=True)
        ),
        Personal(word(form, "text")),
        form_id,
    )


async def _line(
    request: WebRequest, reader: Reader, entry_id: UUID, said: str = "", undo: str = ""
) -> Response[Any]:
    view, codes = await timeline.entry(reader.actor, entry_id)
    at = _at(request)
    return draw(
        request,
        reader,
        "stream/line.html",
        line=stream.line(reader, view, codes, at),
        at=at,
        headers=toast(said, undo) if said else None,
    )


async def _form(
    request: WebRequest,
    reader: Reader,
    entry_id: UUID,
    text: Personal[str] | None = None,
    problem: str = "",
) -> Response[Any]:
    view, codes = await timeline.entry(reader.actor, entry_id)
    return draw(
        request,
        reader,
        "stream/edit.html",
        status=422 if problem else 200,
        line=stream.line(reader, view, codes, _at(request)),
        text=text,
        at=_at(request),
        problem=problem,
    )


def _at(request: WebRequest) -> str:
    """The stream a line is drawn for; anything else is no place."""
    kind, _, number = request.query_params.get("at", "").partition("/")
    good = kind in ("order", "deal", "client") and number.isascii() and number.isdigit()
    return f"{kind}/{number}" if good else ""


_WHAT: Final[Mapping[tuple[str, str], str]] = {
    ("text", ""): N_("Было"),
    ("deleted", "true"): N_("Удалено"),
    ("deleted", "false"): N_("Возвращено"),
    ("done", "true"): N_("Сделано"),
}


def _change(reader: Reader, one: EntryHistory, codes: Codes) -> dict[str, Any]:
    state = stream.STATES.get(one.became)
    what = _WHAT.get((one.field, "" if one.field == "text" else one.became))
    return {
        "full": formats.moment_full(one.at, reader.zone, reader.language),
        "who": codes.name_of(one.user_number),
        "what": reader._(state[0] if state else what or N_("Изменение")),
        "old": one.old,
    }
