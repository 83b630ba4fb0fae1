"""Conditions of the list of clients: in the address, as chips, as a form."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from appliance.domain.client_lists import BARE, MOST_DAYS, ClientList
from appliance.domain.customers import Party
from appliance.domain.regions import REGIONS, name_of
from appliance.web.client_reading import party_of
from appliance.web.screens import Reader
from appliance.web.shell import N_

PARTIES = {
    Party.CLIENT: N_("Клиенты"),
    Party.SUPPLIER: N_("Поставщики"),
    Party.PARTNER: N_("Партнёры"),
}


def read(query: Mapping[str, str]) -> ClientList:
    """What an address asks for; what cannot be read is left out."""
    quiet, region = query.get("quiet", ""), query.get("region", "")
    days = int(quiet) if quiet.isascii() and quiet.isdecimal() and len(quiet) < 6 else 0
    return ClientList(
        party=party_of(query.get("party", "")),
        quiet_days=min(days, MOST_DAYS),
        bought=query.get("bought", "").strip()[:255],
        owes=query.get("owes", "") == "1",
        region=region if region in REGIONS else "",
    )


def _pairs(asked: ClientList) -> dict[str, str]:
    pairs = {
        "party": "" if asked.party is Party.CLIENT else asked.party.value,
        "quiet": str(asked.quiet_days or ""),
        "bought": asked.bought,
        "owes": "1" if asked.owes else "",
        "region": asked.region,
    }
    return {name: value for name, value in pairs.items() if value}


def address(asked: ClientList, **more: int) -> str:
    """Where the list with these conditions stands."""
    query = urlencode({**_pairs(asked), **more})
    return f"/clients?{query}" if query else "/clients"


def view(reader: Reader, asked: ClientList) -> dict[str, Any]:
    """Chips, and what the form offers."""
    words = {
        "party": (reader._("кто"), reader._(PARTIES[asked.party])),
        "quiet": (
            reader._("не общались"),
            reader._("%(days)d дн.") % {"days": asked.quiet_days},
        ),
        "bought": (reader._("покупал"), asked.bought),
        "owes": (reader._("долг"), reader._("есть")),
        "region": (reader._("регион"), name_of(asked.region)),
    }
    given = _pairs(asked)
    return {
        "asked": asked,
        "query": urlencode(given),
        "filtered": asked != BARE,
        "chips": [(*words[name], _without(given, name)) for name in given],
        "parties": [(party.value, reader._(name)) for party, name in PARTIES.items()],
        "regions": [
            ("", reader._("любой")),
            *sorted(((r.code, r.name) for r in REGIONS.values()), key=lambda pair: pair[1]),
        ],
    }


def _without(given: Mapping[str, str], name: str) -> str:
    query = urlencode({key: value for key, value in given.items() if key != name})
    return f"/clients?{query}" if query else "/clients"
