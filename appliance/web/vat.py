"""«Ставки НДС»: what each rate means from a day on."""

from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict

from appliance.actions import desk, vat
from appliance.domain import formats, inputs
from appliance.domain.catalogue import VatRate, rates_on
from appliance.errors import Invalid
from appliance.web import texts
from appliance.web.answers import WebRequest, go
from appliance.web.catalog import rate_text
from appliance.web.orders import word
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of

HOME: Final = "/catalog/vat"
FIELDS: Final = ("code", "name", "percent", "since")


class VatPages(Controller):
    """Rates of VAT."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show every rate, and a form for a change."""
        return await _page(request, reader_of(request), dict.fromkeys(FIELDS, ""), {})

    @post()
    async def put(self, request: WebRequest) -> Response[Any]:
        """Change a rate from a day on, or begin a new one."""
        form, reader = await request.form(), reader_of(request)
        problems: dict[str, str] = {}
        rate = _read(form, reader, problems)
        if not problems:
            try:
                await vat.put(reader.actor, rate, reader.today)
                return go(request, HOME)
            except Invalid as error:
                problems = dict(error.fields)
        return await _page(request, reader, {name: word(form, name) for name in FIELDS}, problems)

    @post("/drop")
    async def drop(self, request: WebRequest) -> Response[Any]:
        """Take back a change that has not come yet."""
        form, reader = await request.form(), reader_of(request)
        since = inputs.day(word(form, "since"), reader.today)
        await vat.drop(reader.actor, word(form, "code"), since, reader.today)
        return go(request, HOME)


def _read(form: FormMultiDict, reader: Reader, problems: dict[str, str]) -> VatRate:
    percent, since = None, reader.today
    text = word(form, "percent").strip()
    if text:
        try:
            percent = inputs.percent(text)
        except Invalid as error:
            problems["percent"] = error.code
    elif "without" not in form:
        problems["percent"] = "percent_unreadable"
    try:
        since = inputs.day(word(form, "since"), reader.today)
    except Invalid as error:
        problems["since"] = error.code
    return VatRate(code=word(form, "code"), name=word(form, "name"), percent=percent, since=since)


async def _page(
    request: WebRequest, reader: Reader, typed: dict[str, str], problems: dict[str, str]
) -> Response[Any]:
    found = await vat.list_all(reader.actor)
    codes = await desk.names(reader.actor)
    return draw(
        request,
        reader,
        "catalog/vat.html",
        status=422 if problems else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "catalog", await counts_for(reader), codes),
        rates=_rates(reader, found),
        choice_of=[("", reader._("новая ставка"))]
        + [(one.code, one.name) for one in {one.code: one for one in found}.values()],
        typed=typed,
        errors=dict.fromkeys(FIELDS, "")
        | {name: texts.error(code, reader.language, {}).title for name, code in problems.items()},
    )


def _rates(reader: Reader, found: tuple[VatRate, ...]) -> list[dict[str, Any]]:
    """Rates by code, each with what it meant and will mean, the newest first."""
    now = {(one.code, one.since) for one in rates_on(found, reader.today)}
    shown: dict[str, dict[str, Any]] = {}
    for one in sorted(found, key=lambda rate: rate.since, reverse=True):
        rate = shown.setdefault(one.code, {"name": one.name, "days": []})
        is_ahead = one.since > reader.today
        rate["days"].append(
            {
                "code": one.code,
                "percent": rate_text(reader, one.percent),
                "since": formats.day(one.since, reader.language),
                "iso": one.since.isoformat(),
                "ahead": is_ahead,
                "now": (one.code, one.since) in now,
                "state": reader._("будет")
                if is_ahead
                else reader._("действует")
                if (one.code, one.since) in now
                else reader._("прежняя"),
            }
        )
    return sorted(shown.values(), key=lambda rate: rate["name"])


HANDLERS: Final = (VatPages,)
