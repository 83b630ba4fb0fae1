"""The window «Письмо» on the cards of orders, deals and clients."""

from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.params import FromPath

from appliance.actions import buyers, letters
from appliance.domain.ids import uuid7
from appliance.domain.letters import (
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    MARK,
    Attached,
    LetterDraft,
    LetterForm,
)
from appliance.domain.papers import PaperKind
from appliance.domain.personal import Personal
from appliance.domain.timeline import Place
from appliance.errors import Conflict, Invalid, NotFound
from appliance.roles import Permission
from appliance.web import paper_rows, texts
from appliance.web.answers import WebRequest, told
from appliance.web.buyer_links import base_of
from appliance.web.letter_words import NAMES
from appliance.web.order_form import Told
from appliance.web.orders import word
from appliance.web.screens import Reader, draw, reader_of, toast

UPLOAD_LIMIT: Final = 64 * 1024 * 1024
TYPED: Final = ("to", "other", "subject", "text")


class LetterPages(Controller):
    """Writing a letter."""

    path = "/letters/{kind:str}/{number:int}"

    @get()
    async def blank(
        self, request: WebRequest, kind: FromPath[str], number: FromPath[int]
    ) -> Response[Any]:
        """Show a form filled from a template."""
        template = request.query_params.get("template", "")
        return await _window(request, kind, number, template)

    @post(request_max_body_size=UPLOAD_LIMIT)
    async def send(
        self, request: WebRequest, kind: FromPath[str], number: FromPath[int]
    ) -> Response[Any]:
        """Send it; a refused form comes back as it was typed."""
        form, reader = await request.form(), reader_of(request)
        try:
            draft = await _draft(request, form)
            await letters.send(reader.actor, _place(kind, number), draft)
        except (Invalid, Conflict) as error:
            return await _window(
                request, kind, number, word(form, "template"), form=form, error=error
            )
        return Response(
            b"",
            status_code=200,
            headers={**toast(reader._("Письмо уходит: итог будет в событиях"))},
        )


def _place(kind: str, number: int) -> Place:
    if kind == "order":
        return Place(order=number)
    if kind == "deal":
        return Place(deal=number)
    if kind == "client":
        return Place(client=number)
    raise NotFound("not_found")


async def _draft(request: WebRequest, form: FormMultiDict) -> LetterDraft:
    sent = [one for one in form.getall("file", []) if isinstance(one, UploadFile) and one.filename]
    bodies = [await one.read() for one in sent]
    to = word(form, "to")
    text = word(form, "text")
    token = buyers.new_token() if MARK in text else ""
    try:
        form_id = UUID(word(form, "form"))
    except ValueError:
        form_id = uuid7()
    return LetterDraft(
        form=form_id,
        template=word(form, "template"),
        to=Personal(word(form, "other") if to in ("", "other") else to),
        subject=Personal(word(form, "subject")),
        text=Personal(text),
        token_hash=buyers.hash_of(token) if token else b"",
        link=Personal(f"{base_of(request)}/s/{token}" if token else ""),
        sent=tuple(
            Attached(name=Personal(one.filename), media=one.content_type or "", body=Personal(body))
            for one, body in zip(sent, bodies, strict=True)
        ),
        papers=tuple(int(str(one)) for one in form.getall("paper", []) if str(one).isdigit()),
    )


async def _window(
    request: WebRequest,
    kind: str,
    number: int,
    template: str,
    *,
    form: FormMultiDict | None = None,
    error: Invalid | Conflict | None = None,
) -> Response[Any]:
    reader = reader_of(request)
    found = await letters.compose(reader.actor, _place(kind, number), template)
    said = Told()
    if isinstance(error, Invalid):
        said.update(
            (name, texts.error(code, reader.language, error.params).title)
            for name, code in error.fields.items()
        )
    typed: dict[str, Any] = {
        "to": found.recipients[0].value if found.recipients else "other",
        "other": "",
        "subject": found.subject,
        "text": found.text,
    }
    if form is not None:
        typed = {name: Personal(word(form, name)) for name in ("other", "subject", "text")}
        typed["to"] = word(form, "to") or "other"
    return draw(
        request,
        reader,
        "mail/letter.html",
        status=200 if error is None else 422,
        place=f"{kind}/{number}",
        found=found,
        form=word(form, "form") if form is not None else uuid7(),
        typed=typed,
        templates=[(code, reader._(NAMES[code])) for code in found.templates],
        recipients=found.recipients,
        papers=_papers(reader, found, form),
        mark=MARK,
        longest=(LONGEST_SUBJECT, LONGEST_TEXT),
        errors=said,
        problem=told(request, error) if error is not None and not said else "",
        may_setup=reader.may(Permission.MAIL_MANAGE),
    )


def _papers(reader: Reader, found: LetterForm, form: FormMultiDict | None) -> list[dict[str, Any]]:
    """The order's documents; the newest fitting one goes along unless one says otherwise."""
    chosen = None if form is None else {str(one) for one in form.getall("paper", [])}
    rows: list[dict[str, Any]] = []
    picked = False
    for one in found.papers[:6]:
        fits = found.template == "document" or (
            found.template == "invoice" and one.kind is PaperKind.INVOICE
        )
        default = fits and not picked
        picked = picked or default
        rows.append(
            {
                "number": one.number,
                "name": f"{reader._(paper_rows.NAMES[one.kind])} № {one.shown_number}",
                "chosen": default if chosen is None else str(one.number) in chosen,
            }
        )
    return rows
