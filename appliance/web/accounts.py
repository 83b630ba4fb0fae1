"""The window of a client's internal account: what lies there, what moved, putting money on it."""

from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance.actions import accounts
from appliance.domain import formats, inputs
from appliance.domain.money import Entry
from appliance.errors import Invalid
from appliance.web import texts
from appliance.web.answers import WebRequest
from appliance.web.orders import word
from appliance.web.screens import Reader, draw, reader_of, refreshed
from appliance.web.shell import N_

WORDS: Final = {
    Entry.TOP_UP: N_("пополнение"),
    Entry.SPEND: N_("оплата заказа"),
    Entry.REFUND: N_("возврат"),
}


class AccountWindow(Controller):
    """A client's internal account."""

    path = "/clients/{number:int}/account"

    @get()
    async def index(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show it."""
        return await _window(request, reader_of(request), number)

    @post()
    async def top_up(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Put money on it."""
        reader, text = reader_of(request), word(await request.form(), "amount").strip()
        try:
            amount = inputs.money(text) if text else 0
            await accounts.top_up(reader.actor, number, amount)
        except Invalid as error:
            code = next(iter(error.fields.values()), error.code)
            return await _window(request, reader, number, text, code)
        return refreshed()


async def _window(
    request: WebRequest, reader: Reader, number: int, typed: str = "", problem: str = ""
) -> Response[Any]:
    found = await accounts.ledger(reader.actor, number)
    language = reader.language
    return draw(
        request,
        reader,
        "orders/account.html",
        status=422 if problem else 200,
        headers={"hx-retarget": "#windows", "hx-reswap": "innerHTML"} if problem else None,
        number=number,
        balance=formats.money(found.balance, language),
        rows=[
            {
                "name": reader._(WORDS[Entry(one.kind)]),
                "order": one.order_number,
                "sum": formats.money(one.amount, language),
                "after": formats.money(one.balance, language),
                "when": formats.moment_short(one.at, reader.now, reader.zone, language),
                "tone": "ok" if one.amount > 0 else "",
            }
            for one in found.entries
        ],
        typed=typed,
        problem=texts.error(problem, language).title if problem else "",
    )
