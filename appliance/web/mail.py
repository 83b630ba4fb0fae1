"""«Почта»: letters and what came of them, the account, templates, what buyers are told."""

from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from appliance.actions import buyers, desk, letters, mail
from appliance.domain import formats
from appliance.domain.letter_texts import DEFAULTS, NAMES, SAMPLE, fill
from appliance.domain.letters import AccountForm, MailAccount, Security, Template
from appliance.domain.personal import Personal
from appliance.errors import Conflict, HouseError, Invalid
from appliance.plugin_host import smtp
from appliance.web import letter_words, texts
from appliance.web.answers import WebRequest, go, told
from appliance.web.order_form import Told
from appliance.web.orders import cursor, word
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of, toast
from appliance.web.shell import N_

HOME: Final = "/mail"
SECURITY: Final = (
    (Security.STARTTLS.value, N_("STARTTLS, обычно порт 587")),
    (Security.TLS.value, N_("TLS, обычно порт 465")),
    (Security.NONE.value, N_("без защиты, только в своей сети")),
)
SUBJECT: Final = N_("Проверка почты")
TEXT: Final = N_("Это письмо отправила коробка. Если оно дошло, почта настроена.")


class MailPages(Controller):
    """Mail."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show letters."""
        reader = reader_of(request)
        found = await letters.page(reader.actor, cursor(request.query_params.get("before")))
        rows = [
            letter_words.row(reader, one, found.codes.name_of(one.author_number))
            for one in found.rows
        ]
        return await _page(
            request,
            reader,
            "mail/letters.html",
            tab="",
            rows=rows,
            next=None if found.after is None else f"{HOME}?before={found.after}",
            trouble=letter_words.reason_of(reader, found.account.trouble),
            ready=found.account.is_set,
        )

    @post("/letters/{number:int}/cancel")
    async def cancel(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Call a letter back."""
        try:
            await letters.cancel(reader_of(request).actor, number)
        except Conflict as error:
            return Response(b"", status_code=409, headers=toast(told(request, error)))
        return Response(b"", status_code=200, headers={"hx-refresh": "true"})

    @get("/account")
    async def account(self, request: WebRequest) -> Response[Any]:
        """Show the account's form."""
        reader = reader_of(request)
        known = await mail.account(reader.actor)
        return await _account(request, reader, known, _typed(known))

    @post("/account")
    async def set_account(self, request: WebRequest) -> Response[Any]:
        """Keep the account."""
        form, reader = await request.form(), reader_of(request)
        try:
            await mail.set_account(reader.actor, _form(form))
        except (Invalid, Conflict) as error:
            known = await mail.account(reader.actor)
            typed = {name: word(form, name) for name in _typed(known)}
            return await _account(request, reader, known, typed, error=error)
        return go(request, f"{HOME}/account?saved=1")

    @post("/test")
    async def test(self, request: WebRequest) -> Response[Any]:
        """Send a letter to see whether the account works, and say what the server said."""
        form, reader = await request.form(), reader_of(request)
        known = await mail.account(reader.actor)
        said: dict[str, Any] = {}
        try:
            outgoing = await mail.test_letter(
                reader.actor, Personal(word(form, "to")), reader._(SUBJECT), reader._(TEXT)
            )
            domain = outgoing.from_address.rpartition("@")[2]
            await smtp.send(
                outgoing, smtp.message_of(outgoing, f"{outgoing.id}@{domain}", reader.now)
            )
        except smtp.Failed as error:
            told_ = texts.error(error.code, reader.language)
            said = {"problem": f"{told_.title}. {told_.hint}", "answer": error.said}
        except (Invalid, Conflict) as error:
            said = {"problem": told(request, error)}
        else:
            said = {"done": reader._("Сервер принял письмо. Проверьте ящик")}
        return await _account(
            request,
            reader,
            known,
            _typed(known),
            status=422 if "problem" in said else 200,
            tried={"to": Personal(word(form, "to")), **said},
        )

    @get("/templates")
    async def templates(self, request: WebRequest) -> Response[Any]:
        """Show templates, one of them open."""
        reader = reader_of(request)
        code = request.query_params.get("code", "status")
        return await _templates(request, reader, code if code in DEFAULTS else "status")

    @post("/templates/{code:str}")
    async def put_template(self, request: WebRequest, code: FromPath[str]) -> Response[Any]:
        """Change a template, look at it, or go back to the release's."""
        form, reader = await request.form(), reader_of(request)
        do = word(form, "do")
        if do == "reset":
            await mail.reset_template(reader.actor, code)
            return go(request, f"{HOME}/templates?code={code}")
        typed = Template(
            code=code if code in DEFAULTS else "status",
            subject=word(form, "subject"),
            body=word(form, "body").replace("\r\n", "\n"),
        )
        try:
            if do != "look":
                await mail.put_template(reader.actor, typed)
                return go(request, f"{HOME}/templates?code={code}&saved=1")
            return await _templates(request, reader, typed.code, typed=typed)
        except Invalid as error:
            return await _templates(request, reader, typed.code, typed=typed, error=error)

    @get("/buyers")
    async def rules(self, request: WebRequest) -> Response[Any]:
        """Show what buyers are told."""
        reader = reader_of(request)
        known = await buyers.rules(reader.actor)
        return await _rules(request, reader, str(known.days), set(known.tells))

    @post("/buyers")
    async def set_rules(self, request: WebRequest) -> Response[Any]:
        """Keep what buyers are told."""
        form, reader = await request.form(), reader_of(request)
        days, tells = word(form, "days"), [str(one) for one in form.getall("tells", [])]
        try:
            whole = int(days) if days.isascii() and days.isdigit() else 0
            await mail.set_rules(reader.actor, whole, tells)
        except Invalid as error:
            return await _rules(request, reader, days, set(tells), error=error)
        return go(request, f"{HOME}/buyers?saved=1")


def _typed(known: MailAccount) -> dict[str, str]:
    return {
        "host": known.host,
        "port": str(known.port),
        "security": known.security.value,
        "login": known.login,
        "from_address": known.from_address,
        "from_name": known.from_name,
    }


def _form(form: FormMultiDict) -> AccountForm:
    port, password = word(form, "port"), word(form, "password")
    known = {one.value for one in Security}
    security = word(form, "security")
    return AccountForm(
        host=word(form, "host"),
        port=int(port) if port.isascii() and port.isdigit() else 0,
        security=Security(security if security in known else Security.STARTTLS.value),
        login=word(form, "login"),
        password=Personal(password) if password else None,
        from_address=word(form, "from_address"),
        from_name=word(form, "from_name"),
    )


async def _account(
    request: WebRequest,
    reader: Reader,
    known: MailAccount,
    typed: dict[str, str],
    *,
    error: HouseError | None = None,
    status: int = 200,
    tried: dict[str, Any] | None = None,
) -> Response[Any]:
    since = known.trouble_at
    return await _page(
        request,
        reader,
        "mail/account.html",
        tab="account",
        status=status if error is None else 422,
        typed=typed,
        errors=_errors(reader, error),
        problem=told(request, error) if error is not None and not _errors(reader, error) else "",
        securities=[(code, reader._(name)) for code, name in SECURITY],
        has_password=bool(known.password),
        ready=known.is_set,
        trouble=letter_words.reason_of(reader, known.trouble),
        since=""
        if since is None
        else formats.moment_short(since, reader.now, reader.zone, reader.language),
        tried={"done": "", "problem": "", "answer": None, "to": Personal(""), **(tried or {})},
    )


async def _templates(
    request: WebRequest,
    reader: Reader,
    code: str,
    *,
    typed: Template | None = None,
    error: Invalid | None = None,
) -> Response[Any]:
    known = await mail.templates(reader.actor)
    one = typed or known[code]
    sample: tuple[str, str] | None = None
    try:
        sample = fill(one, {name: SAMPLE[name] for name in NAMES[code]})
    except Invalid as wrong:
        error = error or wrong
    return await _page(
        request,
        reader,
        "mail/templates.html",
        tab="templates",
        status=200 if error is None else 422,
        code=code,
        names=[(key, reader._(letter_words.NAMES[key]), known[key].changed) for key in known],
        one=one,
        changed=known[code].changed,
        sample=sample,
        fields=[(name, reader._(letter_words.FIELDS[name])) for name in NAMES[code]],
        errors=_errors(reader, error),
    )


async def _rules(
    request: WebRequest,
    reader: Reader,
    days: str,
    tells: set[str],
    *,
    error: Invalid | None = None,
) -> Response[Any]:
    return await _page(
        request,
        reader,
        "mail/buyers.html",
        tab="buyers",
        status=200 if error is None else 422,
        days=days,
        groups=[
            (code, name, code in tells) for code, name in (await mail.groups(reader.actor)).items()
        ],
        errors=_errors(reader, error),
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
