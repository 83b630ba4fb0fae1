"""Ctrl+K: records by a fragment, a number or a whole contact; the text travels in bodies only."""

from typing import Any, Final

from litestar import Response, post

from appliance.actions import customers, deal_desk, desk
from appliance.actions.customers import Leader
from appliance.domain import formats
from appliance.domain.customers import CustomerBrief
from appliance.domain.desk import Codes
from appliance.domain.orders import OrderPage
from appliance.errors import Invalid, Throttled
from appliance.roles import Permission
from appliance.web import deal_rows, order_rows
from appliance.web.answers import WebRequest, told
from appliance.web.orders import word
from appliance.web.screens import Reader, draw, reader_of

MOST: Final = 7
SHORTEST: Final = 2


@post("/palette")
async def find(request: WebRequest) -> Response[Any]:
    """Answer with what is found; the other layout is tried when nothing is."""
    form, reader = await request.form(), reader_of(request)
    text = word(form, "q").strip()
    people, orders = await _records(reader, text)
    other = word(form, "other").strip()
    if not people and not orders and other and other != text:
        people, orders = await _records(reader, other)
        text = other if people or orders else text
    leaders, problem = ([], "") if people else await _leaders(request, reader, text)
    return draw(
        request,
        reader,
        "palette/rows.html",
        people=[_person(reader, one) for one in people],
        orders=orders,
        leaders=[one.user_name or reader._("никто") for one in leaders],
        asks=any(one.user_number not in {0, None, reader.actor.number} for one in leaders),
        problem=problem,
        query=text.lstrip("@# "),
    )


async def _records(reader: Reader, text: str) -> tuple[list[CustomerBrief], list[dict[str, Any]]]:
    people: list[CustomerBrief] = []
    orders: list[dict[str, Any]] = []
    bare = text.lstrip("@#№ ").strip()
    if len(bare) < SHORTEST or text.startswith(">"):
        return people, orders
    if not text.startswith(("#", "№")) and reader.may(Permission.CUSTOMER_VIEW):
        people = await customers.search(reader.actor, bare, MOST)
    digits = bare.replace("-", "")
    by_number = digits.isascii() and digits.isdigit() and len(digits) <= 11 and digits[0] != "0"
    if by_number and not text.startswith("@") and reader.may(Permission.ORDER_VIEW):
        found = await desk.numbered(reader.actor, int(digits))
        orders = [] if found is None else _orders(reader, *found)
    if by_number and not text.startswith("@") and reader.may(Permission.DEAL_VIEW):
        orders += await _deals(reader, int(digits))
    return people, orders


async def _deals(reader: Reader, number: int) -> list[dict[str, Any]]:
    found = await deal_desk.numbered(reader.actor, number)
    cards = (
        [] if found is None else deal_rows.cards(reader, found.rows, found.funnels, found.codes, "")
    )
    return [
        {
            "icon": "square-kanban",
            "title": reader._("Сделка № %(number)d") % {"number": one.number},
            "client": one.client,
            "href": one.href,
            "status": one.stage,
            "tone": one.tone,
            "shape": one.shape,
            "sum": one.amount,
        }
        for one in cards
    ]


async def _leaders(request: WebRequest, reader: Reader, text: str) -> tuple[list[Leader], str]:
    """Who leads the client with this whole contact; a fragment is no question at all."""
    if not reader.may(Permission.CUSTOMER_FIND_OWNER) or len(text) < MOST_LIKE_A_CONTACT:
        return [], ""
    if "@" not in text and sum(one.isdigit() for one in text) < MOST_LIKE_A_CONTACT:
        return [], ""
    try:
        return await customers.find_owner(reader.actor, text), ""
    except Invalid:
        return [], ""
    except Throttled as error:
        return [], told(request, error)


MOST_LIKE_A_CONTACT: Final = 10
"""Shorter texts are no whole phone, e-mail or INN worth a question that is counted and logged."""


def _person(reader: Reader, one: CustomerBrief) -> dict[str, Any]:
    name, note, mark = order_rows.client_cell(reader, one)
    return {
        "icon": mark or "user-round",
        "name": name,
        "note": reader._("клиент № %(number)s") % {"number": one.number},
        "href": f"/clients/{one.number}",
        "plain": bool(note),
    }


def _orders(reader: Reader, page: OrderPage, codes: Codes) -> list[dict[str, Any]]:
    return [
        {
            "icon": "shopping-bag",
            "title": reader._("Заказ № %(number)s") % {"number": row.shown},
            "client": row.client,
            "href": row.href,
            "status": row.status,
            "tone": row.tone,
            "shape": row.shape,
            "sum": formats.money(row.kopecks, reader.language),
        }
        for row in order_rows.rows(reader, page.rows, codes, "")
    ]
