"""The window «СМС» on the cards of orders, deals and clients."""

from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from appliance.actions import buyers, messages
from appliance.domain.ids import uuid7
from appliance.domain.letters import MARK
from appliance.domain.message_parts import Measure
from appliance.domain.messages import LONGEST_TEXT, MessageDraft, MessageForm
from appliance.domain.personal import Personal
from appliance.domain.phones import normalise
from appliance.domain.timeline import Place
from appliance.errors import Conflict, Invalid, NotFound, Unavailable
from appliance.plugin_api.client_messages import Cost, CostAsked
from appliance.roles import Permission
from appliance.web import message_words, texts
from appliance.web.answers import WebRequest, site_of, told
from appliance.web.buyer_links import base_of
from appliance.web.order_form import Told
from appliance.web.orders import word
from appliance.web.screens import draw, reader_of, toast

TOKEN: Final = 43
"""Signs of a link's token."""


class MessagePages(Controller):
    """Writing a text message."""

    path = "/sms/{kind:str}/{number:int}"

    @get()
    async def blank(
        self, request: WebRequest, kind: FromPath[str], number: FromPath[int]
    ) -> Response[Any]:
        """Show a form filled from a template."""
        return await _window(request, kind, number, request.query_params.get("template", ""))

    @post()
    async def send(
        self, request: WebRequest, kind: FromPath[str], number: FromPath[int]
    ) -> Response[Any]:
        """Send it; a refused form comes back as it was typed."""
        form, reader = await request.form(), reader_of(request)
        try:
            await messages.send(reader.actor, _place(kind, number), _draft(request, form))
        except (Invalid, Conflict) as error:
            return await _window(
                request, kind, number, word(form, "template"), form=form, error=error
            )
        return Response(
            b"",
            status_code=200,
            headers={**toast(reader._("СМС уходит: итог будет в событиях"))},
        )

    @post("/measure")
    async def measure(self, request: WebRequest) -> Response[Any]:
        """Say how many parts the text that is being typed takes, and what they cost."""
        form, reader = await request.form(), reader_of(request)
        found = await messages.measured(
            reader.actor, Personal(word(form, "text")), len(f"{base_of(request)}/s/") + TOKEN
        )
        cost = await _cost(request, form, found)
        return draw(
            request,
            reader,
            "messages/measure.html",
            parts=message_words.parts_of(reader, found),
            many=found.parts > 1,
            price="" if cost is None else message_words.money(reader, cost.price),
            sender="" if cost is None else cost.sender,
        )


def _place(kind: str, number: int) -> Place:
    if kind == "order":
        return Place(order=number)
    if kind == "deal":
        return Place(deal=number)
    if kind == "client":
        return Place(client=number)
    raise NotFound("not_found")


def _prefix(form: FormMultiDict) -> str:
    """Country and operator of the number that is chosen: never the number itself."""
    to = word(form, "to")
    if to not in ("", "other"):
        known = word(form, f"prefix-{to}")
        return known if known.isascii() and known.isdigit() and len(known) <= 4 else ""
    typed = normalise(word(form, "other"))
    return "" if typed is None else messages.prefix_of(typed.e164)


async def _cost(request: WebRequest, form: FormMultiDict, found: Measure) -> Cost | None:
    """What the service asks for it; None where it does not say."""
    host, prefix = site_of(request).desk, _prefix(form)
    plugin = _plugin(request, word(form, "plugin"))
    if host is None or not plugin or not found.parts or not prefix:
        return None
    asked = CostAsked(
        shop=word(form, "shop")[:64],
        prefix=prefix,
        units=found.units,
        parts=found.parts,
        is_plain=found.is_plain,
    )
    try:
        return await host.ask(plugin, "messages.cost", asked)
    except Unavailable:
        return None


def _plugin(request: WebRequest, wanted: str) -> str:
    """The service that a message goes by: the one that is wanted, if it runs, else any."""
    running = message_words.providers(request)
    return wanted if wanted in running else next(iter(running), "")


def _draft(request: WebRequest, form: FormMultiDict) -> MessageDraft:
    to, text = word(form, "to"), word(form, "text")
    token = buyers.new_token() if MARK in text else ""
    try:
        form_id = UUID(word(form, "form"))
    except ValueError:
        form_id = uuid7()
    return MessageDraft(
        form=form_id,
        plugin=_plugin(request, word(form, "plugin")),
        template=word(form, "template"),
        to=Personal(word(form, "other") if to in ("", "other") else to),
        text=Personal(text),
        now="now" in form,
        token_hash=buyers.hash_of(token) if token else b"",
        link=Personal(f"{base_of(request)}/s/{token}" if token else ""),
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
    found = await messages.compose(reader.actor, _place(kind, number), template)
    said = Told()
    if isinstance(error, Invalid):
        said.update(
            (name, texts.error(code, reader.language, error.params).title)
            for name, code in error.fields.items()
        )
    typed: dict[str, Any] = {"to": _first(found), "other": "", "text": found.text, "now": False}
    if form is not None:
        typed = {name: Personal(word(form, name)) for name in ("other", "text")}
        typed |= {"to": word(form, "to") or "other", "now": "now" in form}
    plugin = _plugin(request, found.plugin)
    chosen = next((one for one in found.templates if one.code == found.template), None)
    return draw(
        request,
        reader,
        "messages/window.html",
        status=200 if error is None else 422,
        place=f"{kind}/{number}",
        found=found,
        plugin=plugin,
        form=word(form, "form") if form is not None else uuid7(),
        typed=typed,
        templates=[(one.code, message_words.name_of(reader, one)) for one in found.templates],
        advert=chosen is not None and chosen.advert,
        recipients=[(one, _trouble(request, one.trouble)) for one in found.recipients],
        mark=MARK,
        longest=LONGEST_TEXT,
        waits="" if found.waits is None else message_words.until(found.waits, found.zone),
        errors=said,
        problem=told(request, error) if error is not None and not said else "",
        may_setup=reader.may(Permission.PLUGIN_MANAGE),
    )


def _first(found: MessageForm) -> str:
    """The first number that a message can reach."""
    return next((one.value for one in found.recipients if not one.trouble), "other")


def _trouble(request: WebRequest, code: str) -> str:
    """Why no message reaches a number, in words."""
    return texts.error(code, reader_of(request).language).title if code else ""
