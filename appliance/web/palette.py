"""Ctrl+K: records by a fragment, a number or a whole contact; the text travels in bodies only."""

from typing import Any, Final

from litestar import Response, post

from appliance.actions import customers, palette
from appliance.actions.customers import Leader
from appliance.actions.palette import Found
from appliance.domain import formats
from appliance.domain.customers import CustomerBrief
from appliance.domain.folding import swap_layout
from appliance.domain.order_forms import GoodsFound
from appliance.errors import Invalid, Throttled
from appliance.roles import Permission
from appliance.web import books, deal_rows, order_rows, task_rows
from appliance.web.answers import WebRequest, told
from appliance.web.orders import word
from appliance.web.screens import Reader, draw, reader_of

MOST_LIKE_A_CONTACT: Final = 10
"""Shorter texts are no whole phone, e-mail or INN worth a question that is counted and logged."""


@post("/palette")
async def find(request: WebRequest) -> Response[Any]:
    """Answer with what is found; after «?» with places of the reader's book."""
    form, reader = await request.form(), reader_of(request)
    text = word(form, "q").strip()
    if text.startswith("?"):
        return draw(request, reader, "palette/book.html", places=_places(reader, text[1:]))
    if text.startswith((">", "+")) and not text[1:2].isdigit():
        return draw(request, reader, "palette/book.html", places=[])
    found = await palette.find(reader.actor, text, word(form, "other").strip())
    leaders, problem = ([], "") if found.people or not text else await _leaders(
        request, reader, text
    )  # fmt: skip
    return draw(
        request,
        reader,
        "palette/rows.html",
        records=_records(reader, found),
        recent=not text,
        leaders=[one.user_name or reader._("никто") for one in leaders],
        asks=any(one.user_number not in {0, None, reader.actor.number} for one in leaders),
        problem=problem,
        query=(found.text or text).lstrip("@# "),
    )


def _records(reader: Reader, found: Found) -> list[dict[str, Any]]:
    """Rows in the order they are read; recent ones in the order they were worked on."""
    rows = [
        *_orders(reader, found),
        *_deals(reader, found),
        *(_person(reader, one) for one in found.people),
        *_tasks(reader, found),
        *(_goods(reader, product, one) for product, one in found.goods),
    ]
    if found.recent:
        places = {
            f"{PLACES[entity]}/{number}": at for at, (entity, number) in enumerate(found.recent)
        }
        rows.sort(key=lambda row: places.get(row["href"].partition("?")[0], len(places)))
    return rows


PLACES: Final = {"order": "/orders", "customer": "/clients", "deal": "/deals", "task": "/tasks"}


def _places(reader: Reader, text: str) -> list[dict[str, str]]:
    """Places of the reader's book that hold every word: headings first."""
    name = books.book_for(reader)
    for spelled in (text, swap_layout(text)):
        found = books.places(name, spelled)
        if found:
            return [
                {"href": f"/help/{name}#{anchor}", "title": title} for anchor, title in found[:8]
            ]
    return []


def _tasks(reader: Reader, found: Found) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for one in found.tasks:
        due, tone = task_rows.due_words(reader, one)
        rows.append(
            {
                "icon": "circle-check",
                "name": one.title or reader._("Задача № %(number)d") % {"number": one.number},
                "note": reader._("задача № %(number)s") % {"number": one.number},
                "href": f"/tasks/{one.number}",
                "status": due,
                "tone": tone or "grey",
                "shape": "ring",
            }
        )
    return rows


def _goods(reader: Reader, product: int, one: GoodsFound) -> dict[str, Any]:
    return {
        "icon": "package",
        "name": one.name,
        "note": one.sku,
        "href": f"/catalog/{product}",
        "end": formats.money(one.price, reader.language) if one.price else "",
    }


def _deals(reader: Reader, found: Found) -> list[dict[str, Any]]:
    if found.funnels is None:
        return []
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
        for one in deal_rows.cards(reader, found.deals, found.funnels, found.codes, "")
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


def _person(reader: Reader, one: CustomerBrief) -> dict[str, Any]:
    name, note, mark = order_rows.client_cell(reader, one)
    return {
        "icon": mark or "user-round",
        "name": name,
        "note": reader._("клиент № %(number)s") % {"number": one.number},
        "href": f"/clients/{one.number}",
        "plain": bool(note),
    }


def _orders(reader: Reader, found: Found) -> list[dict[str, Any]]:
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
        for row in order_rows.rows(reader, found.orders, found.codes, "")
    ]
