"""Lines of the stream that programs write: calls and baskets."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from appliance.domain import formats
from appliance.domain.desk import Codes
from appliance.domain.timeline import EntryView
from appliance.web.screens import Reader

if TYPE_CHECKING:
    from appliance.web.stream import Line


def cart(reader: Reader, entry: EntryView, codes: Codes, base: "Line") -> "Line":
    """What a client has put together in the shop, and whether he left it."""
    del codes
    total = formats.money(int(entry.data.get("total", 0)), reader.language)
    count = int(entry.data.get("count", 0))
    state = {
        "dropped": (reader._("брошена"), "warn", "half"),
        "cleared": (reader._("закрыта"), "grey", "cross"),
    }.get(str(entry.data.get("state", "")), (reader._("собирается"), "info", "ring"))
    return replace(
        base,
        lead=reader._("Корзина на %(sum)s") % {"sum": total},
        status=state,
        about=reader.ngettext("%(num)s позиция", "%(num)s позиций", count),
    )


def call(reader: Reader, entry: EntryView, codes: Codes, base: "Line") -> "Line":
    """Who rang whom, for how long, with whom."""
    data = entry.data
    if "direction" not in data:
        return base
    is_out = data["direction"] == "out"
    lead = reader._("Исходящий звонок") if is_out else reader._("Звонок клиента")
    missed = str(data.get("result", "")) != "answered"
    length = timedelta(seconds=int(data.get("seconds", 0)))
    parts = [
        reader._("без ответа") if missed else formats.span(length, reader.language),
        codes.name_of(int(data.get("user", 0))),
        base.about,
    ]
    icon = "phone-missed" if missed else base.icon
    about = ", ".join(one for one in parts if one)
    return replace(base, lead=lead, icon=icon, tone="bad" if missed else base.tone, about=about)
