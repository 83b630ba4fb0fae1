"""The filter of the order list: in the address, as chips, as a typed line.

What stands in an address is codes, dates and sums. A text that may be a person's name or phone
never does: it comes by POST and lives on that one page.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from appliance.domain import formats
from appliance.domain.desk import Codes
from appliance.domain.fields import HISTORY, Owner
from appliance.domain.formats import Language
from appliance.domain.orders import OrderFilter
from appliance.web import custom_filters
from appliance.web.shell import N_

COLUMNS = ("client", "goods", "sum", "pay", "delivery", "manager", "created", "wait", "shop")
"""Columns beside number and status; all but the shop stand in a list as delivered."""
USUAL = COLUMNS[:-1]
GROUPINGS = ("status", "manager", "shop", "delivery", "day")
LISTS = ("group", "status", "manager", "shop", "delivery", "method")
NO_SOURCE = "-"
"""Stands in an address for an order that says no source."""
PAYMENTS = ("unpaid", "partly", "paid", "invoiced")
OPERATORS: Mapping[str, str] = {
    "there": N_("у оператора"),
    "trouble": N_("ждёт решения"),
}
"""Where an order stands at a fulfilment operator."""
MOST = 20
MOST_COLUMNS = 40
_CODE = re.compile(r"[\w.@-]{1,64}", re.ASCII)
_SUM = re.compile(r"\d{1,9}")
Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter as the address writes it; sums in roubles, days of the box's zone.

    Attributes:
        by: of `GROUPINGS`, or empty.
        cols: codes of the columns of this view; empty: those the reader chose.
        text: a fragment that came by POST; never part of an address.
    """

    group: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    manager: tuple[str, ...] = ()
    shop: tuple[str, ...] = ()
    delivery: tuple[str, ...] = ()
    method: tuple[str, ...] = ()
    source: str = ""
    product: int | None = None
    client: int | None = None
    pay: str = ""
    operator: str = ""
    mine: bool = False
    since: date | None = None
    until: date | None = None
    least: int | None = None
    most: int | None = None
    by: str = ""
    cols: tuple[str, ...] = ()
    custom: tuple[tuple[str, str], ...] = ()
    text: str = field(default="", repr=False)

    @property
    def query(self) -> str:
        """The filter for an address, without `?`; empty for no filter."""
        parts = {name: ",".join(getattr(self, name)) for name in LISTS}
        parts |= {"pay": self.pay, "mine": "1" if self.mine else "", "by": self.by}
        parts |= {"cols": ",".join(self.cols), "source": self.source, "operator": self.operator}
        parts |= {
            name: "" if value is None else str(value)
            for name, value in (
                ("from", self.since),
                ("to", self.until),
                ("min", self.least),
                ("max", self.most),
                ("product", self.product),
                ("client", self.client),
            )
        }
        parts |= custom_filters.pairs(self.custom)
        return urlencode({name: value for name, value in parts.items() if value}, safe=",")

    def address(self, path: str = "/orders") -> str:
        """A page under this filter."""
        if not self.query and path == "/orders":
            return "/orders?all=1"  # the bare address opens the list with its starred view
        return f"{path}?{self.query}" if self.query else path

    def seen_by(self, by: str) -> str:
        """The same list in other groups."""
        return replace(self, by=by).address()

    def paged(self, end: str, cursor: str) -> str:
        """The page after (or before) a cursor, under this filter."""
        return f"/orders?{self.query}{'&' if self.query else ''}{end}={cursor}"

    def as_filter(self, zone: ZoneInfo) -> OrderFilter:
        """What the action is asked for."""
        return OrderFilter(
            text=self.text,
            groups=self.group,
            statuses=self.status,
            managers=tuple(int(one) for one in self.manager),
            shops=self.shop,
            delivery_types=self.delivery,
            order_methods=self.method,
            sources=() if not self.source else ("" if self.source == NO_SOURCE else self.source,),
            product=self.product,
            customer_number=self.client,
            payment=self.pay,
            operator=self.operator,
            custom=self.custom,
            mine=self.mine,
            created_from=None if self.since is None else _start(self.since, zone),
            created_to=None
            if self.until is None
            else _start(self.until + timedelta(days=1), zone) - timedelta(microseconds=1),
            min_total=None if self.least is None else self.least * 100,
            max_total=None if self.most is None else self.most * 100,
        )


def _start(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def read(query: Mapping[str, str]) -> Asked:
    """Read an address or a form; what cannot be read is left out, it is nobody's error."""
    lists = {name: _codes(query.get(name, "")) for name in LISTS}
    lists["manager"] = tuple(one for one in lists["manager"] if one.isdigit() and len(one) < 10)
    pay = query.get("pay", "")
    return Asked(
        group=lists["group"],
        status=lists["status"],
        manager=lists["manager"],
        shop=lists["shop"],
        delivery=lists["delivery"],
        method=lists["method"],
        source=query.get("source", "")[:255],
        product=_roubles(query.get("product", "")),
        client=_roubles(query.get("client", "")),
        pay=pay if pay in PAYMENTS else "",
        operator=one if (one := query.get("operator", "")) in OPERATORS else "",
        mine=query.get("mine") == "1",
        since=_day(query.get("from", "")),
        until=_day(query.get("to", "")),
        least=_roubles(query.get("min", "")),
        most=_roubles(query.get("max", "")),
        by=by if (by := query.get("by", "")) in GROUPINGS else "",
        cols=_columns(query.get("cols", "")),
        custom=custom_filters.read(query),
    )


def _columns(text: str) -> tuple[str, ...]:
    """Columns of an address; those of the house's own fields are known to the page alone."""
    found = dict.fromkeys(text.split(",")[:MOST_COLUMNS])
    return tuple(one for one in found if one in COLUMNS or one.startswith(HISTORY))


def _codes(text: str) -> tuple[str, ...]:
    return tuple(one for one in text.split(",")[:MOST] if _CODE.fullmatch(one))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _roubles(text: str) -> int | None:
    text = "".join(text.split())
    return int(text) if _SUM.fullmatch(text) else None


# --- chips ---


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition above the list; `href` leads to the list without it."""

    name: str
    value: str
    href: str


def chips(asked: Asked, codes: Codes, language: Language, _: Translate) -> list[Chip]:
    """The conditions of a filter, in words."""
    names: Mapping[str, tuple[str, Mapping[str, str]]] = {
        "group": (_("этап"), {code: one.name for code, one in codes.groups.items()}),
        "status": (_("статус"), {code: one.name for code, one in codes.statuses.items()}),
        "manager": (_("менеджер"), {"0": _("никто"), **_numbered(codes)}),
        "shop": (_("магазин"), codes.shops),
        "delivery": (_("доставка"), codes.deliveries),
        "method": (_("способ"), codes.methods),
    }
    found: list[Chip] = []
    if asked.mine:
        found.append(Chip(_("менеджер"), _("я"), replace(asked, mine=False).address()))
    for key, (title, known) in names.items():
        chosen: tuple[str, ...] = getattr(asked, key)
        if chosen:
            words = formats.joined([known.get(code, code) for code in chosen], language)
            found.append(Chip(title, words, replace(asked, **{key: ()}).address()))
    if asked.pay:
        words = {
            "unpaid": _("нет"),
            "partly": _("частично"),
            "paid": _("полностью"),
            "invoiced": _("выставлен счёт, не отгружено"),
        }
        found.append(Chip(_("оплата"), words[asked.pay], replace(asked, pay="").address()))
    made = custom_filters.made(codes, Owner.ORDER)
    for code, value in asked.custom:
        left = tuple(one for one in asked.custom if one[0] != code)
        words = custom_filters.named(made, code, value, _)
        found.append(Chip(*words, replace(asked, custom=left).address()))
    return [*found, *_marks(asked, _), *_ranges(asked, language, _)]


def operators(codes: Codes, asked: Asked, _: Translate) -> list[tuple[str, str]]:
    """Choices of where an order stands at an operator; none in a box that works with none."""
    known = codes.has_operators or asked.operator
    return [(code, _(words)) for code, words in OPERATORS.items()] if known else []


def _marks(asked: Asked, _: Translate) -> list[Chip]:
    """What reports lead here by: source, product, client."""
    found: list[Chip] = []
    if asked.operator:
        words = _(OPERATORS[asked.operator])
        found.append(Chip(_("склад оператора"), words, replace(asked, operator="").address()))
    if asked.source:
        words = _("не указан") if asked.source == NO_SOURCE else asked.source
        found.append(Chip(_("источник"), words, replace(asked, source="").address()))
    if asked.product is not None:
        words = f"№ {asked.product}" if asked.product else _("без карточки")
        found.append(Chip(_("товар"), words, replace(asked, product=None).address()))
    if asked.client is not None:
        address = replace(asked, client=None).address()
        found.append(Chip(_("клиент"), f"№ {asked.client}", address))
    return found


def _numbered(codes: Codes) -> dict[str, str]:
    return {str(number): name for number, name in codes.colleagues.items()}


def _ranges(asked: Asked, language: Language, _: Translate) -> list[Chip]:
    found: list[Chip] = []
    if asked.since or asked.until:
        days = _span(asked.since, asked.until, language, _)
        found.append(Chip(_("создан"), days, replace(asked, since=None, until=None).address()))
    if asked.least is not None or asked.most is not None:
        ends = [
            f"{sign}\u00a0{formats.money(value * 100, language)}"
            for sign, value in (("≥", asked.least), ("≤", asked.most))
            if value is not None
        ]
        found.append(
            Chip(_("сумма"), " ".join(ends), replace(asked, least=None, most=None).address())
        )
    return found


def _span(since: date | None, until: date | None, language: Language, _: Translate) -> str:
    if since is not None and since == until:
        return formats.day(since, language)
    ends = [
        f"{word}\u00a0{formats.day(day, language)}"
        for word, day in ((_("с"), since), (_("по"), until))
        if day is not None
    ]
    return " ".join(ends)


# --- the typed line ---

_COMPARISON = re.compile(r"(?:сумма|sum)([<>]=?)(\d{1,9})")
_NAMED = {
    "статус": "status",
    "status": "status",
    "доставка": "delivery",
    "delivery": "delivery",
    "магазин": "shop",
    "shop": "shop",
    "этап": "group",
    "stage": "group",
}
_PAID = {
    "неоплачен": "unpaid",
    "неоплачены": "unpaid",
    "unpaid": "unpaid",
    "частично": "partly",
    "partly": "partly",
    "оплачен": "paid",
    "оплачены": "paid",
    "paid": "paid",
}
_DAYS = {"сегодня": (0, 0), "today": (0, 0), "вчера": (1, 1), "yesterday": (1, 1),
         "неделя": (6, 0), "week": (6, 0)}  # fmt: skip


def understand(line: str, asked: Asked, codes: Codes, today: date) -> Asked:
    """Add what a typed line says to a filter; words that mean nothing here stay as its text."""
    left: list[str] = []
    for word in line.split():
        became = _word(word.lower(), asked, codes, today) or _status(word.lower(), asked, codes)
        if became is None:
            left.append(word)
        else:
            asked = became
    return replace(asked, text=" ".join(left))


def _status(word: str, asked: Asked, codes: Codes) -> Asked | None:
    """A bare word that is the whole name of a status."""
    named = next((code for code, one in codes.statuses.items() if one.name.lower() == word), None)
    return None if named is None else replace(asked, status=(named,))


def _word(word: str, asked: Asked, codes: Codes, today: date) -> Asked | None:
    found = _COMPARISON.fullmatch(word)
    if found is not None:
        bound = int(found[2]) + {">": 1, "<": -1}.get(found[1], 0)
        return replace(asked, **{"least" if found[1][0] == ">" else "most": max(bound, 0)})
    if word in _PAID:
        return replace(asked, pay=_PAID[word])
    if word in _DAYS:
        first, last = (today - timedelta(days=days) for days in _DAYS[word])
        return replace(asked, since=first, until=last)
    if word.startswith("@") and len(word) > 1:
        number = starting(word[1:], _numbered(codes))
        return None if number is None else replace(asked, manager=(number,), mine=False)
    name, colon, value = word.partition(":")
    if not colon or name not in _NAMED or not value:
        return None
    key = _NAMED[name]
    known: Mapping[str, str] = {
        "status": {code: one.name for code, one in codes.statuses.items()},
        "group": {code: one.name for code, one in codes.groups.items()},
        "delivery": codes.deliveries,
        "shop": codes.shops,
    }[key]
    code = starting(value.replace("_", " "), known)
    return None if code is None else replace(asked, **{key: (code,)})


def starting(beginning: str, known: Mapping[str, str]) -> str | None:
    """Code of the first name one of whose words starts so."""
    beginning = beginning.replace("ё", "е")
    for code, name in known.items():
        flat = name.lower().replace("ё", "е")
        if flat.startswith(beginning) or any(w.startswith(beginning) for w in flat.split()):
            return code
    return None


def pairs(query: str) -> list[tuple[str, str]]:
    """The pairs of a filter that a form carries as it stands in the address."""
    return parse_qsl(query[:2000], max_num_fields=40)


def options(codes: Codes) -> dict[str, list[tuple[str, str]]]:
    """What the fields of the window of conditions offer: (code, name)."""
    return {
        "status": [(code, one.name) for code, one in codes.statuses.items() if one.active],
        "group": [(code, one.name) for code, one in codes.groups.items() if one.active],
        "manager": [*_numbered(codes).items()],
        "delivery": [*codes.deliveries.items()],
        "shop": [*codes.shops.items()],
    }
