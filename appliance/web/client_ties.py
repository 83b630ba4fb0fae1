"""Forms on a client's card: who leads him, what he may owe, people of a company."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, post
from litestar.params import FromPath

from appliance.actions import client_dates, client_ties, dossiers, supplier_prices
from appliance.domain import inputs
from appliance.domain.client_dates import DateDraft, DateKind
from appliance.domain.personal import Personal
from appliance.errors import Denied, Invalid, Throttled
from appliance.web import client_cards, texts
from appliance.web.answers import WebRequest, go, told
from appliance.web.client_reading import Typed
from appliance.web.screens import Reader, draw, reader_of, toast

LEAP_DAY: Final = date(2024, 2, 29)
"""A birthday of 29 February is a date in these years only."""


class AskingPages(Controller):
    """Asking for a client whom somebody else leads; his contact travels in bodies only."""

    path = "/clients/ask"

    @post("/form")
    async def window(self, request: WebRequest) -> Response[Any]:
        """Open the window for a reason."""
        return _ask(request, Typed(await request.form()))

    @post()
    async def ask(self, request: WebRequest) -> Response[Any]:
        """Ask whoever leads the client."""
        reader, typed = reader_of(request), Typed(await request.form())
        try:
            asked = await client_ties.ask_for(
                reader.actor, typed.text("contact"), typed.get("reason")
            )
        except (Invalid, Throttled) as error:
            return _ask(request, typed, error)
        said = (
            reader._("Просьба отправлена") if asked else reader._("Вы уже просили об этом клиенте")
        )
        return Response(b"", status_code=200, headers=toast(said))


def _ask(
    request: WebRequest, typed: Typed, error: Invalid | Throttled | None = None
) -> Response[Any]:
    reader = reader_of(request)
    problem = "" if error is None else told(request, error)
    if isinstance(error, Invalid) and error.fields:
        problem = texts.error(next(iter(error.fields.values())), reader.language).title
    return draw(
        request,
        reader,
        "palette/ask.html",
        status=422 if problem else 200,
        contact=typed.get("contact"),
        reason=typed.get("reason"),
        problem=problem,
    )


class ClientTiePages(Controller):
    """What hangs on a client's card."""

    path = "/clients/{number:int}"

    @post("/take")
    async def take(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Take another's client over."""
        typed = Typed(await request.form())
        try:
            await client_ties.take_over(reader_of(request).actor, number, typed.get("reason"))
        except Invalid as error:
            return await _again(request, number, "take", typed, error)
        return go(request, f"/clients/{number}")

    @post("/requests/{request_id:uuid}")
    async def answer(
        self, request: WebRequest, number: FromPath[int], request_id: FromPath[UUID]
    ) -> Response[Any]:
        """Hand the client over to who asked, or keep him."""
        give = Typed(await request.form()).text("answer") == "give"
        await client_ties.answer(reader_of(request).actor, number, request_id, give=give)
        # Whoever gave a client away may not see him any more.
        return go(request, "/clients" if give else f"/clients/{number}")

    @post("/credit")
    async def credit(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Set what the client may owe."""
        typed = Typed(await request.form())
        try:
            await client_ties.set_credit(reader_of(request).actor, number, _credit(typed))
        except Invalid as error:
            return await _again(request, number, "credit", typed, error)
        return go(request, f"/clients/{number}")

    @post("/people")
    async def put(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Give a person a role."""
        typed = Typed(await request.form())
        role = typed.text("own_role") or typed.text("role")
        try:
            await client_ties.put_person(
                reader_of(request).actor, number, typed.text("person"), role
            )
        except Invalid as error:
            return await _again(request, number, "people", typed, error)
        return go(request, f"/clients/{number}")

    @post("/people/{tie_id:uuid}/drop")
    async def drop(
        self, request: WebRequest, number: FromPath[int], tie_id: FromPath[UUID]
    ) -> Response[Any]:
        """Take a person off the company."""
        await client_ties.drop_person(reader_of(request).actor, number, tie_id)
        return go(request, f"/clients/{number}")

    @post("/people/{tie_id:uuid}/main")
    async def main(
        self, request: WebRequest, number: FromPath[int], tie_id: FromPath[UUID]
    ) -> Response[Any]:
        """Say whom to turn to first."""
        await client_ties.main_person(reader_of(request).actor, number, tie_id)
        return go(request, f"/clients/{number}")

    @post("/dates")
    async def keep_date(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Keep a day to be reminded of."""
        reader, typed = reader_of(request), Typed(await request.form())
        try:
            await client_dates.add(reader.actor, number, _date(reader, typed))
        except Invalid as error:
            return await _again(request, number, "date", typed, error)
        return go(request, f"/clients/{number}")

    @post("/dates/{date_id:uuid}/drop")
    async def drop_date(
        self, request: WebRequest, number: FromPath[int], date_id: FromPath[UUID]
    ) -> Response[Any]:
        """Forget a day."""
        await client_dates.drop(reader_of(request).actor, number, date_id)
        return go(request, f"/clients/{number}")

    @post("/prices")
    async def put_price(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Note what a supplier asks."""
        typed = Typed(await request.form())
        try:
            amount = _asked(typed)
            await supplier_prices.put(
                reader_of(request).actor, number, typed.text("code"), amount, typed.text("sku")
            )
        except Invalid as error:
            return await _again(request, number, "price", typed, error)
        return go(request, f"/clients/{number}")

    @post("/prices/{variant:int}/drop")
    async def drop_price(
        self, request: WebRequest, number: FromPath[int], variant: FromPath[int]
    ) -> Response[Any]:
        """Forget what a supplier asks."""
        await supplier_prices.drop(reader_of(request).actor, number, variant)
        return go(request, f"/clients/{number}")

    @post("/dossier")
    async def dossier(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Give the client's dossier for a period, after the factor or password again."""
        reader, typed = reader_of(request), Typed(await request.form())
        try:
            start = inputs.day(typed.text("start"), reader.today)
            end = inputs.day(typed.text("end"), reader.today) + timedelta(days=1)
            made = await dossiers.make(
                reader.actor, number, _midnight(reader, start), _midnight(reader, end)
            )
        except Invalid as error:
            fields = dict(error.fields) or {"start": error.code}
            return await _again(
                request, number, "dossier", typed, Invalid("invalid", fields=fields)
            )
        except Denied as error:
            if error.code != "step_up_needed":
                raise
            return go(request, f"/me/confirm?next=/clients/{number}")
        name = f"dossier-{number}-{start:%Y%m%d}.zip"
        return Response(
            made.archive,
            media_type="application/zip",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )


def _asked(typed: Typed) -> int:
    try:
        return inputs.money(typed.text("price"))
    except Invalid as problem:
        raise Invalid("invalid", fields={"price": problem.code}) from problem


def _date(reader: Reader, typed: Typed) -> DateDraft:
    fields: dict[str, str] = {}
    day: date | None = None
    if text := typed.text("day"):
        try:
            day = inputs.day(text, reader.today)
        except Invalid:
            try:
                day = inputs.day(text, LEAP_DAY)
            except Invalid as problem:
                fields["day"] = problem.code
    days = typed.text("remind_days") or "0"
    if not (days.isascii() and days.isdigit() and len(days) < 4):
        fields["remind_days"] = "remind_days_range"
    if fields:
        raise Invalid("invalid", fields=fields)
    kinds = {kind.value: kind for kind in DateKind}
    return DateDraft(
        kind=kinds.get(typed.text("kind"), DateKind.OTHER),
        day=None if day is None else Personal(day),
        title=typed.get("title"),
        remind_days=int(days),
    )


def _midnight(reader: Reader, day: date) -> datetime:
    return datetime.combine(day, time(), reader.zone).astimezone(UTC)


def _credit(typed: Typed) -> client_ties.Credit:
    fields: dict[str, str] = {}
    limit, days = None, 0
    try:
        limit = inputs.money(typed.text("limit")) if typed.text("limit") else None
    except Invalid as problem:
        fields["limit"] = problem.code
    if typed.text("pay_days"):
        if typed.text("pay_days").isdecimal():
            days = int(typed.text("pay_days"))
        else:
            fields["pay_days"] = "pay_days_range"
    if fields:
        raise Invalid("invalid", fields=fields)
    return client_ties.Credit(
        limit=limit,
        pay_days=days,
        stop=typed.has("stop"),
        note=typed.get("note") if typed.has("note") else None,
    )


async def _again(
    request: WebRequest, number: int, window: str, typed: Typed, error: Invalid
) -> Response[Any]:
    """The window again, with what was typed and a sentence at each wrong field."""
    reader = reader_of(request)
    codes = dict(error.fields) or {"": error.code}
    problems = {name: texts.error(code, reader.language).title for name, code in codes.items()}
    return await client_cards.show(
        request, number, window=window, typed=typed, problems=problems, status=422
    )


HANDLERS = (AskingPages, ClientTiePages)
