"""The users' books (`docs/ru`), opened at the right page by «?»: served from the box, by role."""

import re
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from litestar import Response, get
from litestar.params import FromPath
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from appliance.actions import desk
from appliance.domain.folding import fold
from appliance.errors import NotFound
from appliance.roles import Permission
from appliance.web.answers import WebRequest, go
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of
from appliance.web.shell import N_

PACKED: Final = Path(__file__).parent / "books"
SOURCES: Final = Path(__file__).parents[2] / "docs" / "ru"
"""In a checkout; an installed box carries the same files as `PACKED`."""

BOOKS: Final = {
    "seller": N_("Книга продавца"),
    "storekeeper": N_("Книга кладовщика"),
    "courier": N_("Книга курьера"),
    "head": N_("Книга руководителя"),
    "administrator": N_("Книга администратора"),
    "shop": N_("Подключение магазина"),
    "integrations": N_("Подключение служб"),
}
_TAG = re.compile(r"<[^>]*>")
_MARK = re.compile(r"\s*\{#([a-z][a-z0-9-]*)\}\s*$")


PAGES: Final = {
    "new-order": re.compile(r"/orders/new"),
    "coupons": re.compile(r"/orders/coupons"),
    "order": re.compile(r"/orders/[0-9]+(/history)?"),
    "client": re.compile(r"/clients/([0-9]+(/(edit|history))?|new)"),
    "letters": re.compile(r"/mail(/letters|/templates|/account)?"),
    "messages": re.compile(r"/mail/sms(/.*)?"),
    "links": re.compile(r"/mail/buyers"),
    "assignment": re.compile(r"/admin/assignment"),
    "papers": re.compile(r"/admin/(entities|print)(/.*)?"),
    "projects": re.compile(r"/tasks/projects(/.*)?"),
    "calendar": re.compile(r"/tasks/calendar"),
    "shops": re.compile(r"/shops(/.*)?"),
}
"""Anchor → address of the pages it speaks of, where a book has more than the section."""


@dataclass(frozen=True, slots=True)
class Book:
    """One book, drawn.

    Attributes:
        places: (anchor, heading) of its second-level headings, in order.
        anchors: of all its headings.
    """

    text: Markup
    places: tuple[tuple[str, str], ...]
    anchors: frozenset[str]


@lru_cache(len(BOOKS))
def read(name: str) -> Book:
    """Draw a book of the box's own Markdown; headings end with `{#anchor}`.

    Raises:
        NotFound: `page_not_found`: no such book.
    """
    if name not in BOOKS:
        raise NotFound("not_found")
    folder = PACKED if PACKED.is_dir() else SOURCES
    source = (folder / f"{name}.md").read_text(encoding="utf-8")
    engine = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = engine.parse(source)
    places = tuple(_anchored(tokens))
    anchors = frozenset(str(one.attrGet("id")) for one in tokens if one.attrGet("id"))
    drawn = engine.renderer.render(tokens, engine.options, {})
    return Book(Markup(drawn), places, anchors)  # noqa: S704 (our own file; HTML in it is escaped)


@lru_cache(len(BOOKS))
def _folded(name: str) -> tuple[tuple[str, str, str, str], ...]:
    """(anchor, heading, folded heading, folded text) of each place."""
    book = read(name)
    found: list[tuple[str, str, str, str]] = []
    parts = {one.partition('"')[0]: one for one in str(book.text).split('<h2 id="')[1:]}
    for anchor, title in book.places:
        text = _TAG.sub(" ", parts.get(anchor, ""))
        found.append((anchor, title, fold(title), fold(unescape(text))))
    return tuple(found)


def places(name: str, text: str) -> list[tuple[str, str]]:
    """(anchor, heading) of places that hold every word of a text, headings first."""
    words = fold(text).split()
    if not words:
        return list(read(name).places)
    known = _folded(name)
    heads = [one for one in known if all(word in one[2] for word in words)]
    rest = [one for one in known if one not in heads and all(word in one[3] for word in words)]
    return [(one[0], one[1]) for one in (*heads, *rest)]


def _anchored(tokens: list[Token]) -> list[tuple[str, str]]:
    """Move the anchors of headings into their tags."""
    places: list[tuple[str, str]] = []
    for opening, inline in pairwise(tokens):
        found = _MARK.search(inline.content) if opening.type == "heading_open" else None
        if found is None:
            continue
        opening.attrSet("id", found[1])
        last = (inline.children or [])[-1]
        last.content = _MARK.sub("", last.content)
        if opening.tag == "h2":
            places.append((found[1], _MARK.sub("", inline.content)))
    return places


def book_for(reader: Reader) -> str:
    """The book of what the reader does here."""
    if reader.may(Permission.BOX_MANAGE) and not reader.may(Permission.ORDER_VIEW):
        return "administrator"
    leads = reader.may(Permission.PRODUCT_EDIT) or reader.may(Permission.TASK_REPORT)
    if reader.may(Permission.ORDER_ASSIGN) and leads:
        return "head"
    if reader.may(Permission.STOCK_EDIT):
        return "storekeeper"
    if reader.may(Permission.ORDER_VIEW) and not reader.may(Permission.ORDER_EDIT):
        return "courier" if reader.may(Permission.COURIER_RUN) else "head"
    return "seller"


@get("/help")
async def mine(request: WebRequest) -> Response[Any]:
    """Lead to the reader's own book, at the place of the screen he is on.

    That is the page named by `on` (its path), where the book has a place for it, else the section
    of the side bar named by `at`.
    """
    at, on = (request.query_params.get(name, "") for name in ("at", "on"))
    name = book_for(reader_of(request))
    known = read(name).anchors
    wanted = next((one for one in (anchor_of(on), at) if one in known), "")
    return go(request, f"/help/{name}" + (f"#{wanted}" if wanted else ""))


def anchor_of(path: str) -> str:
    """The place of a book that speaks of the page at an address; empty where the section does."""
    return next((anchor for anchor, page in PAGES.items() if page.fullmatch(path)), "")


@get("/help/{name:str}")
async def show(request: WebRequest, name: FromPath[str]) -> Response[Any]:
    """Show a book."""
    book, reader = read(name), reader_of(request)
    codes = await desk.names(reader.actor)
    return draw(
        request,
        reader,
        "books/page.html",
        look=look_of(request),
        shell=shell_of(request, reader, "help", await counts_for(reader), codes),
        book=book,
        name=name,
        books=BOOKS,
    )


HANDLERS: Final = (mine, show)
