"""Conditions of the list of clients: in the address, as chips, as a form."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from appliance.domain.client_lists import BARE, MOST_DAYS, NOT_GIVEN, ClientList
from appliance.domain.customers import Party
from appliance.domain.desk import Codes
from appliance.domain.fields import HISTORY, CustomField, Owner
from appliance.domain.regions import REGIONS, name_of
from appliance.web import custom_filters
from appliance.web.client_reading import party_of
from appliance.web.order_filters import Chip
from appliance.web.screens import Reader
from appliance.web.shell import N_

PARTIES = {
    Party.CLIENT: N_("Клиенты"),
    Party.SUPPLIER: N_("Поставщики"),
    Party.PARTNER: N_("Партнёры"),
}
GROUPINGS: Final = ("manager", "region")
COLUMNS: Final = (
    "phone", "city", "orders", "total", "ltv", "owed", "wait", "last", "talked", "manager",
    "tags", "region",
)  # fmt: skip
"""Columns beside number and name."""
USUAL: Final = ("phone", "city", "orders", "ltv", "owed", "last", "talked", "manager")
"""Those of a list as delivered: what fits a plain screen; the others are one press away."""
LONGEST: Final = 255


@dataclass(frozen=True, slots=True)
class Asked:
    """A list as the address writes it.

    Attributes:
        list: its conditions.
        by: of `GROUPINGS`, or empty.
        cols: codes of the columns of this view; empty: those the reader chose.
    """

    list: ClientList = BARE
    by: str = ""
    cols: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """The list for an address, without `?`; empty for the plain one."""
        more = {"by": self.by, "cols": ",".join(self.cols)}
        given = {**_pairs(self.list), **{name: value for name, value in more.items() if value}}
        return urlencode(given, safe=",")

    def address(self, **more: int) -> str:
        """Where the list with these conditions stands."""
        query = "&".join(one for one in (self.query, urlencode(more)) if one)
        return f"/clients?{query or 'all=1'}"  # the bare address opens the starred view

    def without(self, name: str) -> str:
        """The same list without a condition."""
        left = {key: value for key, value in _pairs(self.list).items() if key != name}
        return replace(self, list=read(left).list).address()

    def seen_by(self, by: str) -> str:
        """The same list in other groups."""
        return replace(self, by=by).address()


def read(query: Mapping[str, str]) -> Asked:
    """What an address asks for; what cannot be read is left out."""
    region, manager = query.get("region", ""), query.get("manager", "")
    by = query.get("by", "")
    return Asked(
        ClientList(
            party=party_of(query.get("party", "")),
            quiet_days=min(_number(query.get("quiet", "")) or 0, MOST_DAYS),
            bought=query.get("bought", "").strip()[:LONGEST],
            owes=query.get("owes", "") == "1",
            region=region if region in REGIONS or region == NOT_GIVEN else "",
            manager=_number(manager),
            tag=query.get("tag", "").strip()[:64],
            vip=query.get("vip", "") == "1",
            custom=custom_filters.read(query),
        ),
        by=by if by in GROUPINGS else "",
        cols=tuple(one for one in query.get("cols", "").split(",")[:40] if one),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _pairs(asked: ClientList) -> dict[str, str]:
    pairs = {
        "party": "" if asked.party is Party.CLIENT else asked.party.value,
        "manager": "" if asked.manager is None else str(asked.manager),
        "tag": asked.tag,
        "vip": "1" if asked.vip else "",
        "quiet": str(asked.quiet_days or ""),
        "bought": asked.bought,
        "owes": "1" if asked.owes else "",
        "region": asked.region,
        **custom_filters.pairs(asked.custom),
    }
    return {name: value for name, value in pairs.items() if value}


def view(reader: Reader, asked: Asked, codes: Codes) -> dict[str, Any]:
    """Chips, and what the form offers."""
    _ = reader._
    groupings = names(reader)
    return {
        "asked": asked,
        "query": asked.query,
        "filtered": asked.list != BARE,
        "chips": chips(reader, asked, codes),
        "groupings": lambda: {"asked": asked, "groupings": list(groupings.items())},
        "by_name": groupings.get(asked.by, ""),
        "parties": [(party.value, _(name)) for party, name in PARTIES.items()],
        "managers": [
            ("", _("любой")),
            ("0", _("никто")),
            *((str(number), name) for number, name in codes.colleagues.items()),
        ],
        "regions": [
            ("", _("любой")),
            *sorted(((r.code, r.name) for r in REGIONS.values()), key=lambda pair: pair[1]),
        ],
        "made": custom_filters.inputs(made_fields(codes), asked.list.custom, _),
    }


def names(reader: Reader) -> dict[str, str]:
    """What clients can be grouped by."""
    return {"manager": reader._("менеджер"), "region": reader._("регион")}


def chips(reader: Reader, asked: Asked, codes: Codes) -> list[Chip]:
    """The conditions in words."""
    _, one = reader._, asked.list
    words = {
        "party": (_("кто"), _(PARTIES[one.party])),
        "manager": (_("менеджер"), codes.name_of(one.manager) or _("никто")),
        "tag": (_("метка"), one.tag),
        "vip": (_("VIP"), _("да")),
        "quiet": (_("не общались"), _("%(days)d дн.") % {"days": one.quiet_days}),
        "bought": (_("покупал"), one.bought),
        "owes": (_("долг"), _("есть")),
        "region": (
            _("регион"),
            _("не указан") if one.region == NOT_GIVEN else name_of(one.region),
        ),
    }
    for code, value in one.custom:
        words[f"{HISTORY}{code}"] = custom_filters.named(made_fields(codes), code, value, _)
    return [Chip(*words[name], asked.without(name)) for name in _pairs(one)]


def made_fields(codes: Codes) -> list[CustomField]:
    """Fields of persons and companies that an administrator made."""
    return custom_filters.made(codes, Owner.CUSTOMER, Owner.COMPANY)


def of_group(asked: Asked, key: str) -> str:
    """The list of one group of a list."""
    given = {"manager": int(key)} if asked.by == "manager" else {"region": key}
    narrowed = msgspec.structs.replace(asked.list, **given)
    return replace(asked, list=narrowed, by="").address()
