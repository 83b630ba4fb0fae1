"""The act of handing parcels over, for the typesetter."""

from datetime import datetime
from importlib.resources import files
from typing import NamedTuple
from zoneinfo import ZoneInfo

from appliance.domain import formats
from appliance.domain.handing import Load
from appliance.domain.papers import Sheet
from appliance.domain.personal import Personal

_TEMPLATE = files("appliance.storage").joinpath("print/handing.typ")


class Act(NamedTuple):
    """Who gives what to whom; `sender` is empty where the paper leaves room for it."""

    load: Load
    at: datetime
    sender: str


def sheet(act: Act, zone: ZoneInfo) -> Sheet:
    """The act as a document; who the parcels are for is not on it."""
    day = act.at.astimezone(zone).date()
    fields: dict[str, object] = {
        "carrier": act.load.carrier,
        "sender": act.sender,
        "day": f"{formats.day_words(day, year=True)} г.",
        "count": len(act.load.parcels),
        "weight": _kilograms(act.load.grams),
        "lines": [
            {
                "place": at,
                "track": one.track or one.carrier_id,
                "order": formats.order_number(one.order_number),
                "tariff": one.tariff_name,
                "weight": _kilograms(one.grams),
            }
            for at, one in enumerate(act.load.parcels, 1)
        ],
    }
    return Sheet(
        template=_TEMPLATE.read_text(encoding="utf-8"), fields=Personal(fields), pictures={}
    )


def _kilograms(grams: int) -> str:
    return formats.quantity(grams, "ru")
