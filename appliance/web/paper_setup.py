"""Settings of documents: our own legal entities, and the templates with a preview beside them."""

import base64
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from appliance.actions import desk, legal_entities, print_templates
from appliance.actions.legal_entities import EntitiesScreen
from appliance.domain.papers import (
    NUMBERED,
    VAT_BY_GOODS,
    EntityDraft,
    OwnEntity,
    OwnRequisites,
    PaperKind,
    PictureRole,
)
from appliance.errors import Conflict, Invalid, NotFound
from appliance.web import texts
from appliance.web.answers import WebRequest, go, told
from appliance.web.orders import word
from appliance.web.paper_rows import NAMES
from appliance.web.screens import (
    Reader,
    counts_for,
    draw,
    look_of,
    reader_of,
    refreshed,
    shell_of,
    toast,
)
from appliance.web.shell import N_

HOME: Final = "/admin/entities"
PRINT: Final = "/admin/print"
FIELDS: Final = tuple(
    name for name in OwnRequisites.__struct_fields__ if name not in {"v", "prefixes"}
)
PICTURES: Final[Mapping[PictureRole, str]] = {
    PictureRole.LOGO: N_("Логотип"),
    PictureRole.STAMP: N_("Печать"),
    PictureRole.SIGNATURE: N_("Подпись"),
}


class EntityPages(Controller):
    """Our own legal entities."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show the usual entity, or an empty form where there is none yet."""
        reader = reader_of(request)
        found = await legal_entities.screen(reader.actor)
        first = next((one for one in found.entities if one.is_default), None)
        return await _entity_page(request, reader, found, first)

    @get("/new")
    async def new(self, request: WebRequest) -> Response[Any]:
        """Show an empty form."""
        reader = reader_of(request)
        return await _entity_page(request, reader, await legal_entities.screen(reader.actor), None)

    @get("/{number:int}")
    async def one(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show an entity."""
        reader = reader_of(request)
        found = await legal_entities.screen(reader.actor)
        entity = next((one for one in found.entities if one.number == number), None)
        if entity is None:
            raise NotFound("entity_not_found")
        return await _entity_page(request, reader, found, entity)

    @post()
    async def put(self, request: WebRequest) -> Response[Any]:
        """Add an entity, or change one."""
        form, reader = await request.form(), reader_of(request)
        typed = {name: value for name, value in form.items() if isinstance(value, str)}
        places = tuple(one for one in form.getall("place", []) if isinstance(one, str))
        number = int(typed.get("number", "0")) if typed.get("number", "0").isdigit() else 0
        try:
            saved = await legal_entities.put(reader.actor, _draft(typed, places), number)
        except Invalid as error:
            found = await legal_entities.screen(reader.actor)
            entity = next((one for one in found.entities if one.number == number), None)
            return await _entity_page(
                request, reader, found, entity, typed, places, dict(error.fields)
            )
        return go(request, f"{HOME}/{saved}")

    @post("/{number:int}/pictures/{role:str}")
    async def picture(
        self, request: WebRequest, number: FromPath[int], role: FromPath[str]
    ) -> Response[Any]:
        """Keep a picture, or take it away."""
        form, reader = await request.form(), reader_of(request)
        if role not in set(PictureRole):
            raise NotFound("picture_not_found")
        given = form.get("picture")
        data = await given.read() if isinstance(given, UploadFile) else None
        try:
            await legal_entities.set_picture(reader.actor, number, PictureRole(role), data)
        except Invalid as error:
            return Response(b"", status_code=200, headers=toast(told(request, error)))
        return refreshed()

    @get("/{number:int}/pictures/{role:str}")
    async def show_picture(
        self, request: WebRequest, number: FromPath[int], role: FromPath[str]
    ) -> Response[bytes]:
        """A picture of an entity; no cache keeps a signature."""
        if role not in set(PictureRole):
            raise NotFound("picture_not_found")
        body = await legal_entities.picture(reader_of(request).actor, number, PictureRole(role))
        if body is None:
            raise NotFound("picture_not_found")
        kind = (
            "image/png" if body[:4] == b"\x89PNG" else
            "image/webp" if body[:4] == b"RIFF" else "image/jpeg"
        )  # fmt: skip
        return Response(body, media_type=kind, headers={"cache-control": "no-store"})


def _draft(typed: Mapping[str, str], places: tuple[str, ...]) -> EntityDraft:
    starts = {
        kind.value: text
        for kind in NUMBERED
        if (text := typed.get(f"next-{kind.value}", "").strip())
    }
    texts_of: dict[str, Any] = {name: typed.get(name, "").strip() for name in FIELDS}
    return EntityDraft(
        parts=OwnRequisites(
            **texts_of,
            prefixes={kind.value: typed.get(f"prefix-{kind.value}", "") for kind in NUMBERED},
        ),
        vat=typed.get("vat", VAT_BY_GOODS),
        is_default="is_default" in typed,
        active="off" not in typed,
        places=places,
        next_numbers={
            name: int(text) if text.isascii() and text.isdigit() and len(text) < 11 else 0
            for name, text in starts.items()
        },
    )


def _typed_of(one: OwnEntity | None) -> dict[str, str]:
    if one is None:
        return {"contragent_type": "legal-entity", "vat": VAT_BY_GOODS, "number": "0"}
    return {
        **{name: getattr(one.parts, name) for name in FIELDS},
        **{f"prefix-{kind}": text for kind, text in one.parts.prefixes.items()},
        "vat": one.vat,
        "number": str(one.number),
        **({"is_default": "1"} if one.is_default else {}),
        **({} if one.active else {"off": "1"}),
    }


async def _entity_page(
    request: WebRequest,
    reader: Reader,
    found: EntitiesScreen,
    entity: OwnEntity | None,
    typed: Mapping[str, str] | None = None,
    places: tuple[str, ...] | None = None,
    problems: Mapping[str, str] | None = None,
) -> Response[Any]:
    codes = await desk.names(reader.actor)
    sentences = {
        name: texts.error(code, reader.language, {}).title
        for name, code in (problems or {}).items()
    }
    none: Mapping[str, int] = {}
    last = none if entity is None else found.last_numbers.get(entity.number, none)
    kinds = {"shop": N_("магазин"), "branch": N_("филиал"), "warehouse": N_("склад")}
    return draw(
        request,
        reader,
        "papers/entities.html",
        status=422 if problems else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "admin", await counts_for(reader), codes),
        entity=entity,
        entities=found.entities,
        values=defaultdict(str, typed or _typed_of(entity)),
        chosen=set(places if places is not None else entity.places if entity else ()),
        errors=defaultdict(str, sentences),
        first_error=next(iter(sentences), ""),
        rates=[(VAT_BY_GOODS, reader._("по ставке каждого товара")), *found.rates],
        places=[
            (code, f"{name}, {reader._(kinds[code.partition(':')[0]])}")
            for code, name in found.places
        ],
        numbered=[
            (kind.value, reader._(NAMES[kind]), str(last.get(kind.value, 0) + 1))
            for kind in NUMBERED
        ],
        pictures=[
            (role.value, reader._(name), entity is not None and role in entity.pictures)
            for role, name in PICTURES.items()
        ],
    )


class PrintPages(Controller):
    """Templates of documents."""

    path = PRINT

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show a template and what it draws."""
        asked = request.query_params.get("kind", "")
        kind = PaperKind(asked) if asked in set(PaperKind) else PaperKind.INVOICE
        return await _template_page(request, reader_of(request), kind)

    @post("/preview")
    async def preview(self, request: WebRequest) -> Response[Any]:
        """Draw what is being written."""
        form, reader = await request.form(), reader_of(request)
        kind = _kind(word(form, "kind"))
        drawn: dict[str, Any] = {**await _drawn(request, reader, kind, word(form, "text"))}
        return draw(request, reader, "papers/preview.html", **drawn)

    @post()
    async def put(self, request: WebRequest) -> Response[Any]:
        """Keep a version that draws, or bring the box's own back."""
        form, reader = await request.form(), reader_of(request)
        kind, text, seen = _kind(word(form, "kind")), word(form, "text"), word(form, "seen")
        if word(form, "do") == "reset":
            text = ""
        text = text.replace("\r\n", "\n")
        try:
            await print_templates.put(reader.actor, kind, text, int(seen) if seen.isdigit() else 0)
        except (Invalid, Conflict) as error:
            return await _template_page(request, reader, kind, text, told(request, error))
        return go(request, f"{PRINT}?kind={kind.value}")


def _kind(text: str) -> PaperKind:
    if text not in set(PaperKind):
        raise Invalid("code_unknown", fields={"kind": "code_unknown"})
    return PaperKind(text)


async def _drawn(request: WebRequest, reader: Reader, kind: PaperKind, text: str) -> dict[str, str]:
    try:
        page = await print_templates.preview(reader.actor, kind, text.replace("\r\n", "\n"))
    except Invalid as error:
        return {"picture": "", "problem": told(request, error)}
    return {"picture": base64.b64encode(page).decode(), "problem": ""}


async def _template_page(
    request: WebRequest, reader: Reader, kind: PaperKind, text: str = "", problem: str = ""
) -> Response[Any]:
    found = await print_templates.screen(reader.actor, kind)
    codes = await desk.names(reader.actor)
    shown = text or found.template.text
    blank = {"picture": "", "problem": ""}
    drawn = blank if problem else await _drawn(request, reader, kind, shown)
    return draw(
        request,
        reader,
        "papers/templates.html",
        status=422 if problem else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "admin", await counts_for(reader), codes),
        kind=kind.value,
        name=reader._(NAMES[kind]),
        kinds=[(one.value, reader._(name), one in found.changed) for one, name in NAMES.items()],
        text=shown,
        seen=found.template.version,
        is_changed=kind in found.changed,
        refused=problem,
        picture=drawn["picture"],
        problem=drawn["problem"],
    )


HANDLERS: Final = (EntityPages, PrintPages)
