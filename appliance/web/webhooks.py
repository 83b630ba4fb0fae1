"""«Вебхуки»: addresses that are told of events, trials, and what came of each delivery."""

from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from appliance.actions import desk, webhooks
from appliance.domain import formats
from appliance.domain.personal import Personal
from appliance.domain.webhooks import EVENTS, TEST, WebhookDraft, WebhookTry, WebhookView
from appliance.errors import Invalid, NotFound
from appliance.web import texts
from appliance.web.answers import WebRequest, go, told
from appliance.web.orders import word
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of
from appliance.web.shell import N_

HOME: Final = "/admin/webhooks"
NAMES: Final = {
    "order_placed": N_("Новый заказ"), "order_changed": N_("Заказ изменён"),
    "order_status_changed": N_("Заказ сменил статус"),
    "customer_changed": N_("Клиент добавлен или изменён"),
    "subject_destroyed": N_("Данные человека уничтожены"), TEST: N_("Проба"),
}  # fmt: skip
STATES: Final = {
    "ready": (N_("повторим сами"), "warn"), "held": (N_("ждёт очереди"), "grey"),
    "dead": (N_("не доставлено"), "bad"), "done": (N_("доставлено"), "ok"),
    "": (N_("уже не хранится"), "grey"),
}  # fmt: skip


class WebhookPages(Controller):
    """Addresses of programs."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show addresses and the form for a new one."""
        return await _list(request)

    @post()
    async def add(self, request: WebRequest) -> Response[Any]:
        """Take an address in; its secret is shown this once."""
        form, reader = await request.form(), reader_of(request)
        draft = _read(form, active=True)
        try:
            made = await webhooks.add(reader.actor, draft)
        except Invalid as error:
            return await _list(request, draft, error)
        return await _one(request, made.number, secret=made.secret)

    @get("/{number:int}")
    async def one(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show an address and its deliveries."""
        return await _one(request, number)

    @post("/{number:int}")
    async def change(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Change an address."""
        form = await request.form()
        draft = _read(form, active=word(form, "active") == "1")
        try:
            await webhooks.change(reader_of(request).actor, number, draft)
        except Invalid as error:
            return await _one(request, number, draft=draft, error=error)
        return go(request, f"{HOME}/{number}")

    @post("/{number:int}/{deed:str}")
    async def act(
        self, request: WebRequest, number: FromPath[int], deed: FromPath[str]
    ) -> Response[Any]:
        """Send a trial, give a new secret, send a delivery again, or remove the address."""
        form, actor = await request.form(), reader_of(request).actor
        target = f"{HOME}/{number}"
        match deed:
            case "secret":
                made = await webhooks.renew_secret(actor, number)
                return await _one(request, number, secret=made.secret)
            case "test":
                try:
                    await webhooks.test(actor, number)
                except Invalid as error:
                    return await _one(request, number, error=error)
            case "replay":
                try:
                    await webhooks.replay(actor, number, UUID(word(form, "delivery")))
                except ValueError:
                    raise NotFound from None
                except NotFound as error:
                    return await _one(request, number, error=error)
            case "remove":
                await webhooks.remove(actor, number)
                target = HOME
            case _:
                raise NotFound
        return go(request, target)


def _read(form: FormMultiDict, *, active: bool) -> WebhookDraft:
    return WebhookDraft(
        name=word(form, "name").strip(),
        url=word(form, "url").strip(),
        events=tuple(str(one) for one in form.getall("event", [])),
        shop=word(form, "shop"),
        lan=word(form, "lan") == "1",
        active=active,
    )


def _problems(reader: Reader, error: Exception | None) -> dict[str, str]:
    if not isinstance(error, Invalid):
        return {}
    return {name: texts.error(code, reader.language).title for name, code in error.fields.items()}


def _state(reader: Reader, one: WebhookView) -> tuple[str, str]:
    if not one.active:
        return reader._("выключен"), "grey"
    if one.dead:
        return reader._("не доставлено: %(count)s") % {"count": one.dead}, "bad"
    if one.last_status is not None and not 200 <= one.last_status < 300:
        return reader._("не отвечает, ждут: %(count)s") % {"count": one.waiting}, "warn"
    return reader._("работает"), "ok"


async def _list(
    request: WebRequest, draft: WebhookDraft | None = None, error: Invalid | None = None
) -> Response[Any]:
    reader = reader_of(request)
    found = await webhooks.list_all(reader.actor)
    codes = await desk.names(reader.actor)
    rows: list[dict[str, Any]] = []
    for one in found:
        text, tone = _state(reader, one)
        when = ""
        if one.last_at is not None:
            when = formats.moment_short(one.last_at, reader.now, reader.zone, reader.language)
        rows.append(
            {
                "number": one.number,
                "name": one.name,
                "url": one.url,
                "events": ", ".join(reader._(NAMES.get(name, name)) for name in one.events),
                "state": text,
                "tone": tone,
                "when": when,
            }
        )
    return draw(
        request,
        reader,
        "programs/webhooks.html",
        status=422 if error else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "admin", await counts_for(reader), codes),
        rows=rows,
        error=told(request, error) if error and not error.fields else "",
        problems=_problems(reader, error),
        **_form(reader, draft or WebhookDraft(name="", url="", events=()), dict(codes.shops)),
    )


def _form(reader: Reader, draft: WebhookDraft, shops: dict[str, str]) -> dict[str, Any]:
    return {
        "draft": draft,
        "events": [(name, reader._(NAMES[name])) for name in EVENTS],
        "shops": [("", reader._("— все магазины —")), *shops.items()],
    }


async def _one(
    request: WebRequest,
    number: int,
    *,
    draft: WebhookDraft | None = None,
    error: Invalid | NotFound | None = None,
    secret: Personal[str] | None = None,
) -> Response[Any]:
    reader = reader_of(request)
    tries = await webhooks.tries(reader.actor, number)
    found = await webhooks.list_all(reader.actor)
    view = next((one for one in found if one.number == number), None)
    if view is None:
        raise NotFound("webhook_not_found")
    codes = await desk.names(reader.actor)
    kept = draft or WebhookDraft(
        name=view.name,
        url=view.url,
        events=view.events,
        shop=view.shop,
        lan=view.lan,
        active=view.active,
    )
    problems = _problems(reader, error)
    return draw(
        request,
        reader,
        "programs/webhook.html",
        status=422 if error else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "admin", await counts_for(reader), codes),
        view=view,
        state=_state(reader, view),
        tries=[_tried(reader, one) for one in tries],
        secret=secret,
        error=told(request, error) if error is not None and not problems else "",
        problems=problems,
        **_form(reader, kept, dict(codes.shops)),
    )


def _tried(reader: Reader, one: WebhookTry) -> dict[str, Any]:
    text, tone = STATES.get(one.state, STATES[""])
    said = reader._("ответ %(status)s") % {"status": one.status}
    if not one.status:
        said = texts.error(one.code, reader.language).title
    return {
        "delivery": one.delivery_id,
        "event": reader._(NAMES.get(one.event, one.event)),
        "when": formats.moment_short(one.at, reader.now, reader.zone, reader.language),
        "said": said,
        "took": one.milliseconds,
        "state": reader._(text),
        "tone": tone,
        "again": one.state in {"done", "dead"},
    }
