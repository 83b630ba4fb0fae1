"""«Правила статусов» and «Скидки по ролям»: what goes by itself, and how far a seller may go."""

from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict

from appliance.actions import dictionaries
from appliance.domain import formats, inputs
from appliance.domain.statuses import RuleEvent, StatusRule
from appliance.errors import Invalid
from appliance.web import texts
from appliance.web.answers import WebRequest, go
from appliance.web.order_form import Told
from appliance.web.orders import word
from appliance.web.screens import Reader, draw, look_of, reader_of, shell_of
from appliance.web.shell import N_

RULES: Final = "/admin/status-rules"
LIMITS: Final = "/admin/discounts"
EVENTS: Final = (
    (RuleEvent.PAID, N_("Заказ оплачен полностью")),
    (RuleEvent.DISPATCHED, N_("Товар ушёл со склада")),
    (RuleEvent.DONE, N_("Вручён и оплачен, в любом порядке")),
)
Rules = dict[RuleEvent, tuple[StatusRule, bool]]


class StatusRulePages(Controller):
    """Rules and limits."""

    path = "/"

    @get(RULES)
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show where orders go by themselves."""
        return await _rules(request, reader_of(request), None, {})

    @post(RULES)
    async def put(self, request: WebRequest) -> Response[Any]:
        """Store the rules."""
        form, reader = await request.form(), reader_of(request)
        wanted = {event: _read(form, event) for event, _ in EVENTS if word(form, event.value)}
        try:
            await dictionaries.put_rules(reader.actor, wanted)
        except Invalid as error:
            return await _rules(request, reader, wanted, dict(error.fields))
        return go(request, RULES)

    @get(LIMITS)
    async def limits(self, request: WebRequest) -> Response[Any]:
        """Show how much roles may take off by hand."""
        return await _limits(request, reader_of(request), {}, {})

    @post(LIMITS)
    async def put_limits(self, request: WebRequest) -> Response[Any]:
        """Store the limits."""
        form, reader = await request.form(), reader_of(request)
        roles = [one for one in form.getall("role", []) if isinstance(one, str)]
        typed = {code: word(form, f"most-{code}").strip() for code in roles}
        wanted: list[tuple[str, int]] = []
        problems: dict[str, str] = {}
        for code, text in typed.items():
            try:
                wanted.append((code, inputs.percent(text) * 10 if text else 0))
            except Invalid as error:
                problems[code] = error.code
        if not problems:
            try:
                await dictionaries.put_limits(reader.actor, wanted)
                return go(request, LIMITS)
            except Invalid as error:
                problems = dict(error.fields)
        return await _limits(request, reader, typed, problems)


def _read(form: FormMultiDict, event: RuleEvent) -> tuple[StatusRule, bool]:
    sources = tuple(str(one) for one in form.getall(f"{event.value}.source", []))
    return StatusRule(word(form, f"{event.value}.target"), sources), f"{event.value}.on" in form


def _said(reader: Reader, problems: dict[str, str]) -> Told:
    found = {name: texts.error(code, reader.language) for name, code in problems.items()}
    return Told(
        (name, ". ".join(part for part in (one.title, one.hint) if part))
        for name, one in found.items()
    )


async def _rules(
    request: WebRequest, reader: Reader, typed: Rules | None, problems: dict[str, str]
) -> Response[Any]:
    found = await dictionaries.rules(reader.actor)
    shown = {**found.rules, **(typed or {})}
    statuses = [(one.code, one.name) for one in found.frame.codes.statuses.values() if one.active]
    blank = (StatusRule("", ()), False)
    return draw(
        request,
        reader,
        "admin/status_rules.html",
        status=422 if problems else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "admin", found.frame.counts, found.frame.codes),
        rules=[(event.value, reader._(name), *shown.get(event, blank)) for event, name in EVENTS],
        statuses=statuses,
        problems=_said(reader, problems),
    )


async def _limits(
    request: WebRequest, reader: Reader, typed: dict[str, str], problems: dict[str, str]
) -> Response[Any]:
    found = await dictionaries.limits(reader.actor)
    return draw(
        request,
        reader,
        "admin/discounts.html",
        status=422 if problems else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "admin", found.frame.counts, found.frame.codes),
        rows=[
            (
                one.code,
                one.name,
                typed.get(one.code)
                or formats.percent(one.most_milli // 10, reader.language).rstrip("%\u00a0"),
            )
            for one in found.limits
        ],
        problems=_said(reader, problems),
    )
