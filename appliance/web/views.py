"""Kept views of lists: the menu beside the title, the window that keeps one, the star."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Controller, Response, post
from litestar.params import FromPath

from appliance.actions import views
from appliance.domain.views import ListViews, SavedView, kept_query
from appliance.errors import HouseError
from appliance.http.errors import is_fragment
from appliance.roles import Permission
from appliance.web import catalog_filters, client_filters, deal_filters, order_filters, task_filters
from appliance.web.answers import WebRequest, go, told
from appliance.web.order_filters import pairs
from appliance.web.screens import Reader, draw, reader_of

PATHS: Final[Mapping[str, str]] = {
    "orders": "/orders",
    "clients": "/clients",
    "deals": "/deals",
    "tasks": "/tasks",
    "catalog": "/catalog",
}
_READ: Final[Mapping[str, Callable[[Mapping[str, str]], Any]]] = {
    "orders": order_filters.read,
    "clients": client_filters.read,
    "deals": deal_filters.read,
    "tasks": task_filters.read,
    "catalog": catalog_filters.read,
}


@dataclass(frozen=True, slots=True)
class ViewLine:
    """A kept view in the menu."""

    id: UUID
    name: str
    href: str
    current: bool
    starred: bool
    mine: bool
    shared: bool


@dataclass(frozen=True, slots=True)
class ViewBar:
    """What the templates of `views/` print.

    Attributes:
        query: the filter looked at, as it would be kept; empty for none.
        current: the kept view that it is.
        columns: codes the reader chose for this list.
        export: where what is looked at is taken out; empty without the right, or for goods.
    """

    section: str
    query: str
    views: tuple[ViewLine, ...]
    roles: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    first: str
    export: str = ""

    @property
    def current(self) -> ViewLine | None:
        """The kept view that is looked at."""
        return next((one for one in self.views if one.current), None)

    @property
    def mine(self) -> tuple[ViewLine, ...]:
        """The reader's own."""
        return tuple(one for one in self.views if one.mine)

    @property
    def shared(self) -> tuple[ViewLine, ...]:
        """Those of others."""
        return tuple(one for one in self.views if not one.mine)


async def bar(reader: Reader, section: str, query: str) -> ViewBar:
    """The views of a list for its reader.

    Args:
        reader: for whom.
        section: of `PATHS`.
        query: the filter that is looked at, as an address writes it.
    """
    found = await views.index(reader.actor, section)
    kept = kept_query(query, section)
    return ViewBar(
        section=section,
        query=kept,
        views=tuple(_line(one, section, kept) for one in found.views),
        roles=found.roles,
        columns=found.columns,
        first=_first(found, section),
        export=_export(reader, section, kept),
    )


def _export(reader: Reader, section: str, kept: str) -> str:
    if section == "catalog" or not reader.may(Permission.DATA_EXPORT):
        return ""
    return f"/data/exports?{urlencode({'kind': section, 'list': kept})}"


def _first(found: ListViews, section: str) -> str:
    return "" if found.first is None else f"{PATHS[section]}?{found.first.query}"


def _line(one: SavedView, section: str, kept: str) -> ViewLine:
    return ViewLine(
        id=one.id,
        name=one.name,
        href=f"{PATHS[section]}?{one.query}",
        current=one.query == kept,
        starred=one.starred,
        mine=one.mine,
        shared=bool(one.roles),
    )


def opens_with(request: WebRequest, shown: ViewBar) -> Response[Any] | None:
    """The way to the starred view, where the list was asked for without any condition."""
    if request.query_params or is_fragment(request) or not shown.first:
        return None
    return go(request, shown.first)


class ViewPages(Controller):
    """Keeping and forgetting views."""

    path = "/views"

    @post("/{section:str}")
    async def save(self, request: WebRequest, section: FromPath[str]) -> Response[Any]:
        """Keep the filter that is looked at."""
        form, reader = await request.form(), reader_of(request)
        query = _word(form.get("query"))
        read = _READ.get(section)
        if read is not None:
            query = read(dict(pairs(query))).query
        name = _word(form.get("name"))
        roles = [one for one in form.getall("roles", []) if isinstance(one, str)]
        try:
            await views.save(reader.actor, section, name, query, roles)
        except HouseError as error:
            shown = await bar(reader, section if section in PATHS else "orders", query)
            return draw(
                request,
                reader,
                "views/dialog.html",
                status=422,
                bar=shown,
                name=name,
                error=told(request, error),
                chosen=roles,
            )
        return go(request, f"{PATHS[section]}?{kept_query(query, section)}")

    @post("/{section:str}/columns")
    async def columns(self, request: WebRequest, section: FromPath[str]) -> Response[Any]:
        """Choose the columns of a list."""
        form, reader = await request.form(), reader_of(request)
        chosen = [one for one in form.getall("columns", []) if isinstance(one, str)]
        if _word(form.get("usual")):
            chosen = []
        await views.columns(reader.actor, section, chosen)
        kept = kept_query(_word(form.get("query")), section)
        return go(request, f"{PATHS[section]}?{kept or 'all=1'}")

    @post("/{view_id:uuid}/remove")
    async def remove(self, request: WebRequest, view_id: FromPath[UUID]) -> Response[Any]:
        """Forget a view."""
        section = await views.remove(reader_of(request).actor, view_id)
        return go(request, f"{PATHS[section]}?all=1")

    @post("/{view_id:uuid}/star")
    async def star(self, request: WebRequest, view_id: FromPath[UUID]) -> Response[Any]:
        """Open the list with this view from now on."""
        form, reader = await request.form(), reader_of(request)
        on = _word(form.get("on")) == "1"
        section = await views.star(reader.actor, view_id, on=on)
        back = _word(form.get("query"))
        return go(request, f"{PATHS[section]}?{kept_query(back, section) or 'all=1'}")


def _word(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
