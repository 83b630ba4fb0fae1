"""Clients: the list, the card, revealing a contact."""

from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery

from appliance.actions import client_groups, customers, deeds, desk
from appliance.domain.bulk import Section
from appliance.domain.customers import ContactKind
from appliance.http.errors import is_fragment
from appliance.roles import Permission
from appliance.web import client_cards, client_filters, client_forms, client_rows, views
from appliance.web.answers import WebRequest, go
from appliance.web.bulk_words import KEYS, fields_for
from appliance.web.client_filters import Asked
from appliance.web.orders import cursor, word
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of
from appliance.web.views import ViewBar

EVERY_CLIENT: Final = Asked()


class ClientPages(Controller):
    """Clients."""

    path = "/clients"

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show a page of clients, newest first."""
        query, reader = request.query_params, reader_of(request)
        asked = client_filters.read(query)
        bar = await views.bar(reader, "clients", asked.query)
        first = views.opens_with(request, bar)
        if first is not None:
            return first
        return await _list(
            request,
            reader,
            after=cursor(query.get("after")),
            seen=cursor(query.get("seen")) or 0,
            asked=asked,
            bar=bar,
        )

    @post("/find")
    async def find(self, request: WebRequest) -> Response[Any]:
        """Find clients by a fragment; the text stays out of every address."""
        text = word(await request.form(), "q").strip()
        if not text:
            return await _list(request, reader_of(request))
        return await _list(request, reader_of(request), text=text)

    @get("/new")
    async def new(self, request: WebRequest) -> Response[Any]:
        """Show the form of a new client."""
        return await client_forms.show(request, None)

    @post("/new")
    async def add(self, request: WebRequest) -> Response[Any]:
        """Add a client as typed."""
        return await client_forms.save(request, None)

    @get("/form/row")
    async def row(
        self, request: WebRequest, kind: FromQuery[str], place: FromQuery[int]
    ) -> Response[Any]:
        """Give one more input for a contact."""
        return await client_forms.row(request, kind, place)

    @get("/{number:int}/edit")
    async def edit(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show a client's form."""
        return await client_forms.show(request, number)

    @post("/{number:int}/edit")
    async def change(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Change a client as typed."""
        return await client_forms.save(request, number)

    @post("/{number:int}/undo/{set_id:uuid}")
    async def undo(
        self, request: WebRequest, number: FromPath[int], set_id: FromPath[UUID]
    ) -> Response[Any]:
        """Take an edit back."""
        await deeds.take_back(reader_of(request).actor, set_id)
        return go(request, f"/clients/{number}")

    @get("/{number:int}")
    async def card(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show a client."""
        return await client_cards.show(request, number)

    @get("/{number:int}/peek")
    async def peek(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show a client beside the list."""
        return await client_cards.show(request, number, template="clients/peek.html")

    @post("/contacts/{contact_id:uuid}/reveal")
    async def reveal(self, request: WebRequest, contact_id: FromPath[UUID]) -> Response[Any]:
        """Show one contact in full: it is written down first, and counted."""
        reader = reader_of(request)
        shown = await customers.reveal(reader.actor, contact_id)
        return draw(
            request,
            reader,
            "clients/revealed.html",
            value=shown.value,
            phone=shown.kind is ContactKind.PHONE,
            left=shown.budget_left,
            href=f"/clients/contacts/{contact_id}/reveal",
        )

    @post("/contacts/{contact_id:uuid}/reveal/copied")
    async def copied(self, request: WebRequest, contact_id: FromPath[UUID]) -> Response[Any]:
        """Write down that a shown contact was copied."""
        await customers.note_copied(reader_of(request).actor, contact_id)
        return Response(b"", status_code=204)


async def _list(
    request: WebRequest,
    reader: Reader,
    *,
    text: str = "",
    after: int | None = None,
    seen: int = 0,
    asked: Asked = EVERY_CLIENT,
    bar: ViewBar | None = None,
) -> Response[Any]:
    if bar is None:
        bar = await views.bar(reader, "clients", asked.query)
    if asked.by:
        grouped = await client_groups.screen(reader.actor, asked.list, asked.by)
        codes, shown = grouped.codes, client_rows.grouped(reader, asked, grouped)
    else:
        found = await desk.clients(reader.actor, text, after, seen, asked.list)
        codes, shown = found.codes, client_rows.page(reader, asked, found, text, seen)
    cols = client_rows.shown_columns(asked.cols or bar.columns, codes)
    part = is_fragment(request)
    context: dict[str, Any] = (
        {}
        if part
        else {
            "look": look_of(request),
            "shell": shell_of(request, reader, "clients", await counts_for(reader), codes),
            "may_add": reader.may(Permission.CUSTOMER_CREATE),
        }
    )
    return draw(
        request,
        reader,
        "clients/part.html" if part else "clients/list.html",
        part=part,
        bar=bar,
        bulk=fields_for(reader, Section.CLIENTS),
        may_edit=reader.may(Permission.CUSTOMER_EDIT),
        bulk_keys=KEYS,
        **client_rows.around(reader, cols, codes),
        **shown,
        **client_filters.view(reader, asked, codes),
        **context,
    )
