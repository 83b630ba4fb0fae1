"""«Без чека»: money that needs a fiscal receipt and has none; the number of an own till's."""

from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance.actions import desk, fiscal
from appliance.domain import formats
from appliance.domain.receipts import Bare
from appliance.errors import Conflict, Invalid
from appliance.web import texts
from appliance.web.answers import WebRequest, go
from appliance.web.orders import word
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of

PLACE: Final = "/money/receipts"


class FiscalPages(Controller):
    """Payments without a receipt."""

    path = PLACE

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show them, the newest first."""
        return await _page(request)

    @post()
    async def rules(self, request: WebRequest) -> Response[Any]:
        """Say which ways to pay need a receipt."""
        form = await request.form()
        kinds = tuple(str(one) for one in form.getall("kind", []))
        await fiscal.set_rules(reader_of(request).actor, kinds, on="on" in form)
        return go(request, PLACE)

    @post("/{payment:int}")
    async def typed(self, request: WebRequest, payment: FromPath[int]) -> Response[Any]:
        """Write the number of an own till's receipt down."""
        told = word(await request.form(), "told")
        try:
            await fiscal.typed(reader_of(request).actor, payment, told)
        except (Invalid, Conflict) as error:
            return await _page(request, payment=payment, told=told, code=error.code)
        return go(request, PLACE)


async def _page(
    request: WebRequest, *, payment: int = 0, told: str = "", code: str = ""
) -> Response[Any]:
    reader = reader_of(request)
    before = request.query_params.get("after", "")
    found = await fiscal.without(reader.actor, int(before) if before.isdecimal() else None)
    wrong = ""
    if code:
        said = "receipt_number" if code == "invalid" else code
        wrong = texts.error(said, reader.language).title
    codes = await desk.names(reader.actor)
    return draw(
        request,
        reader,
        "money/receipts.html",
        status=422 if code else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "money", await counts_for(reader), codes),
        on=found.rules.since is not None,
        ways=[(one, name, one in found.rules.kinds) for one, name in found.ways.items()],
        rows=[_row(reader, one, found.ways) for one in found.rows],
        payment=payment,
        told=told,
        wrong=wrong,
        first=PLACE if before else "",
        next=f"{PLACE}?after={found.after}" if found.after else "",
    )


def _row(reader: Reader, one: Bare, ways: dict[str, str]) -> dict[str, Any]:
    return {
        "number": one.number,
        "href": f"/orders/{one.order_number}",
        "order": one.shown_number or formats.order_number(one.order_number),
        "way": ways.get(one.kind, one.kind),
        "amount": formats.money(one.amount, reader.language, exact=True),
        "back": one.amount < 0,
        "when": formats.moment_short(one.paid_at, reader.now, reader.zone, reader.language),
        "failed": one.failed,
    }
