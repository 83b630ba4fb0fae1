"""«Почта»: text messages and what came of them, their templates, their rules."""

from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from appliance.actions import desk, mail, message_setup, messages
from appliance.domain import formats, inputs
from appliance.domain.message_parts import measure
from appliance.domain.message_texts import NAMES, SAMPLE, STATUS, fill
from appliance.domain.messages import Balances, MessageSettings, Template
from appliance.errors import Conflict, HouseError, Invalid
from appliance.web import letter_words, message_words, task_forms, texts
from appliance.web.answers import WebRequest, go, site_of, told
from appliance.web.order_form import Told
from appliance.web.orders import cursor, word
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of, toast

HOME: Final = "/mail/sms"
FRESH: Final = "new"
FIELDS: Final = (
    "quiet_from", "quiet_to", "most_a_day", "least", "box_a_day", "spend_a_day",
)  # fmt: skip


class MessagePostPages(Controller):
    """Text messages, their templates and rules."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show messages."""
        reader = reader_of(request)
        found = await messages.page(reader.actor, cursor(request.query_params.get("before")))
        known = await message_setup.templates(reader.actor)
        names = {code: message_words.name_of(reader, one) for code, one in known.items()}
        return await _page(
            request,
            reader,
            "mail/sms.html",
            tab="sms",
            rows=[
                message_words.row(reader, one, found.codes.name_of(one.author_number), names)
                for one in found.rows
            ],
            next=None if found.after is None else f"{HOME}?before={found.after}",
            full=not found.today.allows(found.settings, 1),
            today=message_words.today(reader, found.today),
            balances=_balances(request, reader, found.balances),
            ready=bool(message_words.providers(request)),
        )

    @post("/{number:int}/cancel")
    async def cancel(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Call a message back."""
        try:
            await messages.cancel(reader_of(request).actor, number)
        except Conflict as error:
            return Response(b"", status_code=409, headers=toast(told(request, error)))
        return Response(b"", status_code=200, headers={"hx-refresh": "true"})

    @get("/templates")
    async def templates(self, request: WebRequest) -> Response[Any]:
        """Show templates, one of them open."""
        return await _templates(
            request, reader_of(request), request.query_params.get("code", STATUS)
        )

    @post("/templates/{code:str}")
    async def put_template(self, request: WebRequest, code: FromPath[str]) -> Response[Any]:
        """Change a template, look at it, make one, take it away."""
        form, reader = await request.form(), reader_of(request)
        do = word(form, "do")
        if do == "drop":
            await message_setup.drop_template(reader.actor, code)
            return go(request, f"{HOME}/templates")
        typed = Template(
            code="" if code == FRESH else code,
            name=word(form, "name"),
            body=word(form, "body"),
            advert="advert" in form,
            own=code == FRESH or code.startswith("own-"),
        )
        try:
            if do != "look":
                kept = await message_setup.put_template(reader.actor, typed)
                return go(request, f"{HOME}/templates?code={kept}&saved=1")
            return await _templates(request, reader, code, typed=typed)
        except (Invalid, Conflict) as error:
            return await _templates(request, reader, code, typed=typed, error=error)

    @get("/rules")
    async def rules(self, request: WebRequest) -> Response[Any]:
        """Show when messages leave, and what buyers are told of by themselves."""
        reader = reader_of(request)
        known = await message_setup.rules(reader.actor)
        return await _rules(request, reader, _typed(reader, known), known.tells)

    @post("/rules")
    async def set_rules(self, request: WebRequest) -> Response[Any]:
        """Keep them."""
        form, reader = await request.form(), reader_of(request)
        tells = tuple(str(one) for one in form.getall("tells", []))
        try:
            await message_setup.set_rules(reader.actor, _form(request, form, tells))
        except (Invalid, Conflict) as error:
            typed = {name: word(form, name) for name in (*FIELDS, "plugin")}
            return await _rules(request, reader, typed, tells, error=error)
        return go(request, f"{HOME}/rules?saved=1")


def _form(request: WebRequest, form: FormMultiDict, tells: tuple[str, ...]) -> MessageSettings:
    """The rules as they were typed; what cannot be read is out of bounds, which the action says."""
    running = message_words.providers(request)
    wanted = word(form, "plugin")
    return MessageSettings(
        plugin=wanted if wanted in running else next(iter(running), wanted),
        quiet_from=_minutes(word(form, "quiet_from")),
        quiet_to=_minutes(word(form, "quiet_to")),
        tells=tells,
        most_a_day=_whole(word(form, "most_a_day")),
        least=_kopecks(word(form, "least")),
        box_a_day=_whole(word(form, "box_a_day")),
        spend_a_day=_kopecks(word(form, "spend_a_day")),
    )


def _whole(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else -1


def _minutes(text: str) -> int:
    try:
        found = task_forms.clock_of(text)
    except Invalid:
        return -1
    return found.hour * 60 + found.minute


def _kopecks(text: str) -> int:
    try:
        return inputs.money(text)
    except Invalid:
        return -1


def _typed(reader: Reader, known: MessageSettings) -> dict[str, str]:
    return {
        "quiet_from": _clock(known.quiet_from),
        "quiet_to": _clock(known.quiet_to),
        "most_a_day": str(known.most_a_day),
        "least": formats.money(known.least, reader.language, sign=False),
        "box_a_day": str(known.box_a_day),
        "spend_a_day": formats.money(known.spend_a_day, reader.language, sign=False),
        "plugin": known.plugin,
    }


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def _title(request: WebRequest, reader: Reader, name: str) -> str:
    host = site_of(request).desk
    return name if host is None else host.title_of(name, reader.language)


def _balances(request: WebRequest, reader: Reader, found: Balances) -> list[dict[str, Any]]:
    """What is left on the accounts of services that run."""
    running = message_words.providers(request)
    return [
        {
            "name": _title(request, reader, key.partition(":")[0]),
            "sum": formats.money(one.amount, reader.language),
            "low": one.told,
            "when": formats.moment_short(one.at, reader.now, reader.zone, reader.language),
        }
        for key, one in found.of.items()
        if key.partition(":")[0] in running
    ]


async def _templates(
    request: WebRequest,
    reader: Reader,
    code: str,
    *,
    typed: Template | None = None,
    error: HouseError | None = None,
) -> Response[Any]:
    known = await message_setup.templates(reader.actor)
    if code != FRESH and code not in known:
        code = STATUS
    one = typed or known.get(code) or Template(code=FRESH, body="{{ shop }}: ", own=True)
    sample = ""
    try:
        sample = fill(one, SAMPLE)
    except Invalid as wrong:
        error = error or wrong
    said = _errors(reader, error)
    return await _page(
        request,
        reader,
        "mail/sms_templates.html",
        tab="sms/templates",
        status=200 if error is None else 422,
        code=code,
        names=[
            (key, message_words.name_of(reader, it), it.changed, it.advert)
            for key, it in known.items()
        ],
        one=one,
        changed=code in known and known[code].changed,
        sample=sample,
        parts=message_words.parts_of(reader, measure(sample)),
        fields=[(name, reader._(letter_words.FIELDS[name])) for name in NAMES],
        errors=said,
        problem=told(request, error) if error is not None and not said else "",
    )


async def _rules(
    request: WebRequest,
    reader: Reader,
    typed: dict[str, str],
    tells: tuple[str, ...],
    *,
    error: HouseError | None = None,
) -> Response[Any]:
    said = _errors(reader, error)
    return await _page(
        request,
        reader,
        "mail/sms_rules.html",
        tab="sms/rules",
        status=200 if error is None else 422,
        typed=typed,
        groups=[
            (code, name, code in tells) for code, name in (await mail.groups(reader.actor)).items()
        ],
        plugins=[
            (name, _title(request, reader, name)) for name in message_words.providers(request)
        ],
        errors=said,
        problem=told(request, error) if error is not None and not said else "",
    )


def _errors(reader: Reader, error: HouseError | None) -> Told:
    if not isinstance(error, Invalid):
        return Told()
    return Told(
        (name, texts.error(code, reader.language, error.params).title)
        for name, code in error.fields.items()
    )


async def _page(
    request: WebRequest, reader: Reader, template: str, *, tab: str, status: int = 200, **more: Any
) -> Response[Any]:
    codes = await desk.names(reader.actor)
    return draw(
        request,
        reader,
        template,
        status=status,
        look=look_of(request),
        **more,
        tab=tab,
        saved=request.query_params.get("saved") == "1",
        shell=shell_of(request, reader, "mail", await counts_for(reader), codes),
    )
