"""Pages under /_kit, for development only: every part in every state, with invented data."""

from typing import Any, Final

from litestar import Response, get

from appliance.web import kit_samples
from appliance.web.answers import WebRequest
from appliance.web.screens import draw, look_of, reader_of


@get("/_kit")
async def sheet(request: WebRequest) -> Response[Any]:
    """Show every part."""
    return draw(
        request,
        reader_of(request),
        "kit/page.html",
        look=look_of(request),
        sample=kit_samples.sheet(),
    )


@get("/_kit/shell")
async def shell(request: WebRequest) -> Response[Any]:
    """Show the frame with a list."""
    return draw(
        request,
        reader_of(request),
        "kit/shell.html",
        look=look_of(request),
        shell=kit_samples.shell(),
        rows=kit_samples.order_rows(),
        columns=kit_samples.order_columns(),
    )


@get("/_kit/card")
async def card(request: WebRequest) -> Response[Any]:
    """Show the frame with a card."""
    sample = kit_samples.sheet()
    return draw(
        request,
        reader_of(request),
        "kit/card_sample.html",
        look=look_of(request),
        shell=kit_samples.shell(),
        row=kit_samples.order_rows()[0],
        events=sample.events,
        sample=sample,
    )


HANDLERS: Final = (sheet, shell, card)
