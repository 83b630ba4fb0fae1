"""Documents of an order: made by one press, listed on its card, opened as they were printed."""

from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance.actions import papers
from appliance.domain.papers import PaperKind
from appliance.errors import Invalid
from appliance.web.answers import WebRequest, go
from appliance.web.orders import word
from appliance.web.rendering import handed_out
from appliance.web.screens import reader_of


class PaperPages(Controller):
    """Documents."""

    path = "/"

    @post("/orders/{number:int}/papers")
    async def make(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Make a document and lead to its pages."""
        form, reader = await request.form(), reader_of(request)
        kind, entity = word(form, "kind"), word(form, "entity")
        if kind not in set(PaperKind):
            raise Invalid("code_unknown", fields={"kind": "code_unknown"})
        made = await papers.issue(
            reader.actor,
            number,
            PaperKind(kind),
            reader.zone,
            entity=int(entity) if entity.isdigit() else 0,
            token=_token(word(form, "token")),
        )
        return go(request, f"/papers/{made}")

    @post("/papers/{number:int}/print")
    async def print_again(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Print a document whose printing was cut off."""
        reader = reader_of(request)
        await papers.print_again(reader.actor, number, reader.zone)
        return go(request, f"/papers/{number}")

    @get("/papers/{number:int}")
    async def pages(self, request: WebRequest, number: FromPath[int]) -> Response[bytes]:
        """Show the pages in the browser's own viewer; with `?save` they are saved."""
        found = await papers.pages_of(reader_of(request).actor, number)
        way = "attachment" if "save" in request.query_params else "inline"
        name, body = handed_out(found.name, found.body)
        return Response(
            body,
            media_type="application/pdf",
            headers={
                "content-disposition": f'{way}; filename="document-{number}.pdf"; '
                f"filename*=UTF-8''{quote(name, safe='')}",
                "cache-control": "no-store",
                "x-content-type-options": "nosniff",
            },
        )


def _token(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


HANDLERS: Final = (PaperPages,)
