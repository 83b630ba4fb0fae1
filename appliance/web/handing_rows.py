"""What waits for carriers, and what they were given, as the page shows it."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from appliance.domain import formats
from appliance.domain.handing import Given, Load, Scanned, Waiting
from appliance.errors import Invalid
from appliance.plugin_host.desk import Desk
from appliance.web import parcel_words, texts
from appliance.web.screens import Reader

HOME: Final = "/ship/carriers"
USUAL: Final = ("10:00", "18:00")
LATE: Final = 15
"""O'clock behind which nobody comes today."""


def key_of(one: Load | Given | Scanned) -> str:
    """Whose: a plugin and one of its accounts."""
    return f"{one.plugin}|{one.account}"


def act_of(one: Load | Given) -> str:
    """Where the act is: of what is handed over next, or of what was."""
    at = {"at": one.at.isoformat()} if isinstance(one, Given) else {}
    return f"{HOME}/act?{urlencode({'load': key_of(one), **at})}"


def back_of(one: Given) -> str:
    """Where a handing over is taken back."""
    return f"{HOME}/back?{urlencode({'load': key_of(one), 'at': one.at.isoformat()})}"


def load_row(
    reader: Reader,
    host: Desk | None,
    one: Load,
    typed: Mapping[str, Mapping[str, str]],
    problems: Mapping[str, Invalid],
) -> dict[str, Any]:
    """What waits for one account."""
    key = key_of(one)
    error = problems.get(key)
    wrong = () if error is None else error.fields.items()
    is_late = reader.now.astimezone(reader.zone).hour >= LATE
    usual = reader.today + timedelta(days=int(is_late))
    return {
        "key": key,
        "carrier": one.carrier,
        "account": _named(one.account),
        "count": len(one.parcels),
        "laid": len(one.laid),
        "weight": parcel_words.kilograms(one.next.grams, reader.language),
        "papers": host is not None and one.plugin in host.providing("papers"),
        "courier": host is not None and one.plugin in host.providing("courier"),
        "open": key in problems,
        "unlabelled": len(one.unlabelled),
        "act": act_of(one),
        "typed": typed.get(key) or {"day": usual.isoformat(), "begins": USUAL[0], "ends": USUAL[1]},
        "problems": defaultdict(
            str, {name: texts.error(code, reader.language).hint for name, code in wrong}
        ),
        "parcels": [_parcel(reader, each) for each in one.parcels],
    }


def _parcel(reader: Reader, one: Waiting) -> dict[str, Any]:
    return {
        "number": one.number,
        "order": one.order_number,
        "shown": formats.order_number(one.order_number),
        "track": one.track,
        "tariff": one.tariff_name,
        "point": one.point_name,
        "weight": parcel_words.kilograms(one.grams, reader.language),
        "label": f"/orders/{one.order_number}/carriers/{one.number}/label" if one.has_label else "",
        "printing": one.is_printing,
        "laid": one.is_laid,
    }


def given_row(reader: Reader, one: Given) -> dict[str, Any]:
    """What one account's carrier was given at one moment."""
    return {
        "carrier": one.carrier,
        "account": _named(one.account),
        "at": formats.clock(one.at, reader.zone),
        "count": one.parcels,
        "act": act_of(one),
        "back": back_of(one),
    }


def _named(account: str) -> str:
    return account if account not in {"", "main"} else ""
