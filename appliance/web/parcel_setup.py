"""«Посылки»: what a piece weighs and measures where its good does not say."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from litestar import Controller, Response, get, post

from appliance.actions import desk, parcels
from appliance.domain import inputs
from appliance.domain.parcels import ParcelSettings
from appliance.errors import Invalid
from appliance.web import carriers, parcel_words, texts
from appliance.web.answers import WebRequest, go
from appliance.web.orders import word
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of

HOME: Final = "/admin/parcels"
FIELDS: Final = {
    "grams": "grams", "tare_grams": "tare", "length_mm": "size", "width_mm": "size",
    "height_mm": "size",
}  # fmt: skip
"""Field of the setting → field of the form."""


class ParcelSetup(Controller):
    """The usual piece."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show it."""
        reader = reader_of(request)
        known = await parcels.usual(reader.actor)
        typed = {
            "grams": parcel_words.kilograms(known.grams, reader.language),
            "tare": parcel_words.kilograms(known.tare_grams, reader.language),
            "size": parcel_words.centimetres(known.length_mm, known.width_mm, known.height_mm),
        }
        return await _page(request, reader, typed, {})

    @post()
    async def put(self, request: WebRequest) -> Response[Any]:
        """Set it; what cannot be read stays as it was typed."""
        form, reader = await request.form(), reader_of(request)
        typed = {name: word(form, name).strip() for name in ("grams", "tare", "size")}
        try:
            long, wide, high = carriers.sizes_of(typed["size"])
            wanted = ParcelSettings(
                grams=_grams(typed["grams"]),
                tare_grams=_grams(typed["tare"]),
                length_mm=long,
                width_mm=wide,
                height_mm=high,
            )
            await parcels.set_usual(reader.actor, wanted)
        except Invalid as error:
            problems = {FIELDS.get(name, name): code for name, code in error.fields.items()}
            return await _page(request, reader, typed, problems, status=422)
        return go(request, HOME)


def _grams(text: str) -> int:
    """Kilograms as grams; what cannot be read is less than any weight."""
    try:
        return inputs.quantity(text or "0")
    except Invalid:
        return -1


async def _page(
    request: WebRequest,
    reader: Reader,
    typed: Mapping[str, str],
    problems: Mapping[str, str],
    *,
    status: int = 200,
) -> Response[Any]:
    codes = await desk.names(reader.actor)
    told = {name: texts.error(code, reader.language).hint for name, code in problems.items()}
    return draw(
        request,
        reader,
        "admin/parcels.html",
        status=status,
        look=look_of(request),
        shell=shell_of(request, reader, "admin", await counts_for(reader), codes),
        typed=typed,
        problems=defaultdict(str, told),
    )
