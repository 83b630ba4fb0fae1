"""«Купоны»: the dictionary of codes that take something off."""

from datetime import date
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict

from appliance.actions import coupons
from appliance.domain import formats, inputs
from appliance.domain.coupons import Coupon, Kind
from appliance.domain.ids import uuid7
from appliance.errors import Invalid
from appliance.web import texts
from appliance.web.answers import WebRequest, go
from appliance.web.order_form import Told
from appliance.web.orders import word
from appliance.web.screens import Reader, draw, look_of, reader_of, shell_of

HOME: Final = "/orders/coupons"
FIELDS: Final = ("code", "value", "from", "until", "min", "uses", "per")


class CouponPages(Controller):
    """Coupons."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show all coupons, and a form for one more."""
        return await _page(request, reader_of(request), dict.fromkeys(FIELDS, ""), {})

    @post()
    async def put(self, request: WebRequest) -> Response[Any]:
        """Add a coupon, or change the one with this code."""
        form, reader = await request.form(), reader_of(request)
        problems: dict[str, str] = {}
        coupon = _read(form, reader.today, problems)
        if not problems:
            try:
                await coupons.put(reader.actor, coupon)
                return go(request, HOME)
            except Invalid as error:
                problems = dict(error.fields)
        typed = {name: word(form, name) for name in FIELDS}
        return await _page(request, reader, typed, problems)


def _read(form: FormMultiDict, today: date, problems: dict[str, str]) -> Coupon:
    def read(name: str, how: Any, empty: Any) -> Any:
        text = word(form, name).strip()
        try:
            return how(text) if text else empty
        except Invalid as error:
            problems[name] = error.code
            return empty

    text = word(form, "value").strip()
    share = text.endswith("%")

    def whole(typed: str) -> int:
        return inputs.quantity(typed) // 1000

    def percent_milli(typed: str) -> int:
        return inputs.percent(typed) * 10

    def day(typed: str) -> date:
        return inputs.day(typed, today)

    return Coupon(
        id=uuid7(),
        code=word(form, "code"),
        kind=Kind.PERCENT if share else Kind.AMOUNT,
        value=read("value", percent_milli if share else inputs.money, 0),
        valid_from=read("from", day, None),
        valid_until=read("until", day, None),
        min_total=read("min", inputs.money, 0),
        uses_left=read("uses", whole, None),
        per_client=read("per", whole, None),
        active="off" not in form,
    )


async def _page(
    request: WebRequest, reader: Reader, typed: dict[str, str], problems: dict[str, str]
) -> Response[Any]:
    found = await coupons.screen(reader.actor)
    said = {name: texts.error(code, reader.language) for name, code in problems.items()}
    return draw(
        request,
        reader,
        "orders/coupons.html",
        status=422 if problems else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "admin", found.frame.counts, found.frame.codes),
        rows=[_row(reader, one) for one in found.coupons],
        typed=typed,
        problems=Told(
            (name, ". ".join(x for x in (one.title, one.hint) if x)) for name, one in said.items()
        ),
    )


def _row(reader: Reader, one: Coupon) -> dict[str, Any]:
    language, today = reader.language, reader.today
    gone = one.valid_until is not None and one.valid_until < today
    used = one.uses_left is not None and one.uses_left <= 0
    state = (
        (reader._("выключен"), "grey", "cross")
        if not one.active
        else (reader._("истёк"), "grey", "cross")
        if gone
        else (reader._("использован"), "grey", "check")
        if used
        else (reader._("действует"), "ok", "dot")
    )
    days = [
        "" if day is None else formats.day(day, language)
        for day in (one.valid_from, one.valid_until)
    ]
    return {
        "code": one.code,
        "value": formats.percent(one.value // 10, language)
        if one.kind is Kind.PERCENT
        else formats.money(one.value, language),
        "days": " – ".join(days) if any(days) else reader._("всегда"),
        "least": formats.money(one.min_total, language) if one.min_total else "",
        "left": "" if one.uses_left is None else formats.number(one.uses_left, language),
        "per": "" if one.per_client is None else formats.number(one.per_client, language),
        "state": state,
    }
