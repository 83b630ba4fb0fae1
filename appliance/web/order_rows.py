"""Rows of the order list with every text written out: the template only prints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec
from markupsafe import escape

from appliance.domain import fields as kinds
from appliance.domain import formats
from appliance.domain.customers import CustomerBrief, CustomerKind
from appliance.domain.desk import Codes
from appliance.domain.orders import OrderRow
from appliance.domain.personal import Personal
from appliance.domain.references import Status
from appliance.web import market_words
from appliance.web.rendering import initials, waiting
from appliance.web.screens import Reader, tone_of

PATIENCE: Final[Mapping[str, tuple[timedelta, timedelta]]] = {
    "new": (timedelta(minutes=30), timedelta(hours=1)),
    "approval": (timedelta(hours=2), timedelta(days=1)),
    "assembling": (timedelta(hours=4), timedelta(days=1)),
    "delivery": (timedelta(days=7), timedelta(days=14)),
}
"""Group of statuses → how long an order may wait in it before it turns amber, then red."""
ORDINARY: Final = (timedelta(days=1), timedelta(days=3))
GONE: Final = Status(code="", name="", group="")


class Row(msgspec.Struct, frozen=True, gc=False):
    """One row. Every text is escaped already, but for `client`: the template escapes that.

    Attributes:
        made: the house's own fields by column; the template escapes these, too.
        client: a name, or a plain word for why there is none; then `client_note` says which.
    """

    number: int
    shown: str
    href: str
    peek: str
    kopecks: int
    status: str
    tone: str
    shape: str
    client: Personal[str] | str
    client_note: str
    mark: str
    goods: str
    sum: str
    paid: int
    paid_text: str
    paid_tone: str
    delivery: str
    manager: str
    manager_name: str
    manager_initials: str
    manager_tone: int
    created: str
    shop: str
    wait: str
    wait_tone: str
    off: bool
    made: Mapping[str, Personal[str] | str]


@dataclass(frozen=True, slots=True)
class _Face:
    short: str
    full: str
    initials: str
    tone: int


class _Look(NamedTuple):
    name: str
    status: Status


_NOBODY: Final = _Face("", "", "", 0)


def rows(reader: Reader, found: Sequence[OrderRow], codes: Codes, query: str) -> list[Row]:
    """Write out the rows of a page.

    Args:
        reader: for whom.
        found: the orders.
        codes: names behind codes.
        query: the list's filter as an address writes it; a card keeps it for its neighbours.
    """
    suffix = escape(f"?{query}") if query else ""
    status = {code: _Look(escape(one.name), one) for code, one in codes.statuses.items()}
    faces: dict[int | None, _Face] = {None: _NOBODY}
    made: list[Row] = []
    for one in found:
        face = faces.get(one.manager_number)
        if face is None:
            face = faces[one.manager_number] = _face(codes, one.manager_number)
        look = status.get(one.status) or _Look(escape(one.status), GONE)
        made.append(_row(reader, one, codes, face, look, suffix))
    return made


def _face(codes: Codes, number: int | None) -> _Face:
    name = codes.name_of(number)
    return _Face(
        escape(name.partition(" ")[0]), escape(name), escape(initials(name)), tone_of(number)
    )


def _row(reader: Reader, one: OrderRow, codes: Codes, face: _Face, look: _Look, suffix: str) -> Row:
    language, zone, now = reader.language, reader.zone, reader.now
    status = look.status
    client, note, mark = client_cell(reader, one.customer)
    paid, paid_text, paid_tone = payment(reader, one.total, one.paid_total)
    wait, wait_tone = wait_cell(reader, one.status_since, status.group, codes)
    return Row(
        number=one.number,
        shown=formats.order_number(one.number),
        href=f"/orders/{one.number}{suffix}",
        peek=f"/orders/{one.number}/peek{suffix}",
        kopecks=one.total,
        status=look.name,
        tone=status.tone,
        shape=status.shape,
        client=client,
        client_note=note,
        mark="message-square" if one.has_comment else mark,
        goods=_before(reader, one) + str(escape(goods(reader, one.summary, one.lines_count))),
        sum=formats.money(one.total, language),
        paid=paid,
        paid_text=paid_text,
        paid_tone=paid_tone,
        delivery=escape(codes.deliveries.get(one.delivery_type, one.delivery_type)),
        manager=face.short,
        manager_name=face.full,
        manager_initials=face.initials,
        manager_tone=face.tone,
        created=formats.moment_short(one.created_at, now, zone, language),
        shop=escape(codes.shops.get(one.shop, one.shop)),
        wait=wait,
        wait_tone=wait_tone,
        off=status.group == "cancel",
        made={}
        if not one.custom
        else {value.field.history: kinds.words(value, zone, language) for value in one.custom},
    )


def _gone(reader: Reader, client: CustomerBrief) -> tuple[str, str, str]:
    if client.blocked:
        return reader._("Данные заблокированы"), "gone", "lock"
    return reader._("Данные уничтожены"), "gone", "ban"


def client_cell(
    reader: Reader, client: CustomerBrief | None
) -> tuple[Personal[str] | str, str, str]:
    """Name or the word instead of it, what kind of word (`hidden`, `gone`, `bad`), and an icon."""
    if client is None:
        return reader._("нет клиента"), "none", ""
    if client.destroyed or client.blocked:
        return _gone(reader, client)
    if client.damaged:
        return reader._("повреждено"), "bad", "triangle-alert"
    if client.name is None:
        return reader._("скрыто"), "hidden", "lock"
    if not client.name:
        return reader._("без имени"), "none", ""
    return client.name, "", "building-2" if client.kind is not CustomerKind.PERSON else ""


def payment(reader: Reader, total: int, paid: int) -> tuple[int, str, str]:
    """Percent for the ring, its text and tone. An order of nothing owes nothing."""
    if total <= 0:
        return 0, "—", ""
    percent = 100 if paid >= total else max(paid, 0) * 100 // total
    tone = "warn" if 0 < percent < 100 else ""
    return percent, formats.percent(percent * 100, reader.language), tone


def _before(reader: Reader, one: OrderRow) -> str:
    """What is drawn before the goods: behind them it would be cut off."""
    return _deadline(reader, one) + _marks(one)


def _deadline(reader: Reader, one: OrderRow) -> str:
    """Until when a marketplace wants it, where one does."""
    if one.deadline is None:
        return ""
    text, tone = market_words.deadline(reader, one.deadline)
    title = escape(reader._("Передать маркетплейсу до"))
    return f'<span class="badge"{_tone(tone or "grey")} title="{title}">{escape(text)}</span> '


def _marks(one: OrderRow) -> str:
    """Words of plugins."""
    return "".join(
        f'<span class="badge"{_tone(mark.tone)} title="{escape(mark.plugin)}">'
        f"{escape(mark.text)}</span> "
        for mark in one.marks
    )


def _tone(tone: str) -> str:
    return "" if tone == "grey" else f' data-tone="{escape(tone)}"'


def goods(reader: Reader, summary: str, lines: int) -> str:
    """The first position and how many more."""
    if lines < 2:
        return summary
    return reader._("%(first)s и ещё %(more)d") % {"first": summary, "more": lines - 1}


def wait_cell(reader: Reader, since: datetime, group: str, codes: Codes) -> tuple[str, str]:
    """How long an order stands in its status, while somebody still has to do something."""
    known = codes.groups.get(group)
    if known is None or not known.process:
        return "", ""
    warn, bad = PATIENCE.get(group, ORDINARY)
    stood = reader.now - since
    if stood < timedelta(minutes=1):
        return "", ""
    return formats.span(stood, reader.language), waiting(since, reader.now, warn, bad)
