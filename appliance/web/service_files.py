"""Files of services on an order's card, and their way out."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from litestar import Controller, Response, get
from litestar.params import FromPath

from appliance.actions import service_files
from appliance.domain import formats
from appliance.domain.service_files import FileKind, ServiceFile
from appliance.web.answers import WebRequest
from appliance.web.rendering import handed_out
from appliance.web.screens import Reader, reader_of
from appliance.web.shell import N_

NAMES: Final[Mapping[FileKind, str]] = {
    "label": N_("Этикетка службы"),
    "act": N_("Акт службы"),
    "waybill": N_("Накладная службы"),
    "receipt": N_("Чек"),
    "other": N_("Файл службы"),
}
SHOWN: Final = ("application/pdf", "image/png")
"""What the browser's own viewer takes; nothing else is drawn in the box's own address."""


def rows(reader: Reader, found: Sequence[ServiceFile]) -> list[dict[str, Any]]:
    """Lines of the card's documents."""
    return [
        {
            "number": one.number,
            "name": f"{reader._(NAMES[one.kind])} № {one.number}",
            "day": formats.day(one.at.astimezone(reader.zone).date(), reader.language),
            "opens": one.media in SHOWN,
        }
        for one in found
    ]


class ServiceFilePages(Controller):
    """Files of services."""

    path = "/"

    @get("/service-files/{number:int}")
    async def file(self, request: WebRequest, number: FromPath[int]) -> Response[bytes]:
        """Show a file in the browser's own viewer, or have it saved."""
        found, pages = await service_files.pages_of(reader_of(request).actor, number)
        shown = found.media in SHOWN and "save" not in request.query_params
        name, body = handed_out(pages.name, pages.body)
        ending = {"application/pdf": ".pdf", "image/png": ".png"}.get(found.media, "")
        return Response(
            body,
            media_type=found.media,
            headers={
                "content-disposition": f"{'inline' if shown else 'attachment'}; "
                f"filename=\"file-{number}{ending}\"; filename*=UTF-8''{quote(name, safe='')}",
                "cache-control": "no-store",
                "x-content-type-options": "nosniff",
            },
        )


HANDLERS: Final = (ServiceFilePages,)
