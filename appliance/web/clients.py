"""Clients: the list, the card, revealing a contact."""

from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery

from appliance.actions import customers, deeds, desk
from appliance.domain import formats
from appliance.domain.bulk import Section
from appliance.domain.client_lists import BARE as EVERY_CLIENT
from appliance.domain.client_lists import ClientList
from appliance.domain.customers import ContactKind
from appliance.domain.desk import ClientsScreen
from appliance.http.errors import is_fragment
from appliance.roles import Permission
from appliance.web import client_cards, client_filters, client_forms
from appliance.web.answers import WebRequest, go
from appliance.web.bulk_words import KEYS, fields_for
from appliance.web.orders import cursor, word
from appliance.web.parts import Column
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of

PAGE: Final = 50


class ClientPages(Controller):
    """Clients."""

    path = "/clients"

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show a page of clients, newest first."""
        query = request.query_params
        seen = cursor(query.get("seen")) or 0
        return await _list(
            request,
            reader_of(request),
            after=cursor(query.get("after")),
            seen=seen,
            asked=client_filters.read(query),
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
    asked: ClientList = EVERY_CLIENT,
) -> Response[Any]:
    found = await desk.clients(reader.actor, text, after, seen, asked)
    part = is_fragment(request)
    context: dict[str, Any] = (
        {}
        if part
        else {
            "look": look_of(request),
            "shell": shell_of(request, reader, "clients", await counts_for(reader), found.codes),
            "may_add": reader.may(Permission.CUSTOMER_CREATE),
        }
    )
    return draw(
        request,
        reader,
        "clients/part.html" if part else "clients/list.html",
        part=part,
        **_found(reader, found, text, seen, asked),
        **client_filters.view(reader, asked),
        **context,
    )


def _found(
    reader: Reader, found: ClientsScreen, text: str, seen: int, asked: ClientList
) -> dict[str, Any]:
    _ = reader._
    return {
        "rows": client_cards.rows(reader, found.rows, found.codes),
        "columns": [
            Column(_("№"), "fix fix-2"), Column(_("Клиент")), Column(_("Телефон")),
            Column(_("Город")), Column(_("Заказы"), "num"), Column(_("Всего"), "num"),
            Column(_("LTV"), "num"), Column(_("Долг"), "num"), Column(_("Платит за"), "num"),
            Column(_("Последний"), "num"), Column(_("Общались"), "num"),
            Column(_("Менеджер")), Column(_("Метки")),
        ],
        "bulk": fields_for(reader, Section.CLIENTS),
        "bulk_keys": KEYS,
        "text": text,
        "count": len(found.rows),
        "next": ""
        if found.after is None
        else client_filters.address(asked, after=found.after, seen=seen + PAGE),
        "first": client_filters.address(asked) if seen else "",
        "deep": found.deep,
        "shown": formats.number(len(found.rows), reader.language),
    }  # fmt: skip
