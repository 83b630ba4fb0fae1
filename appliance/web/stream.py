"""The stream of a card in words: what is planned, then what happened, by days."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from appliance.domain import formats
from appliance.domain.desk import Codes
from appliance.domain.fields import history_words
from appliance.domain.ids import uuid7
from appliance.domain.messages import SMS
from appliance.domain.papers import PaperKind
from appliance.domain.personal import Personal
from appliance.domain.timeline import (
    QUALITY,
    SORTS,
    EntryView,
    Kind,
    Progress,
    StreamPage,
    StreamTask,
    Tab,
)
from appliance.roles import Permission
from appliance.web import letter_words, message_words, order_rows, stream_deeds
from appliance.web.changed_fields import look_of_field, shown_value, who_of
from appliance.web.paper_rows import NAMES as PAPER_NAMES
from appliance.web.parts import Tone
from appliance.web.rendering import initials
from appliance.web.screens import Reader, tone_of
from appliance.web.shell import N_

TABS: Final[Mapping[Tab, str]] = {
    Tab.ALL: N_("Всё"),
    Tab.DEALINGS: N_("Заказы"),
    Tab.TALK: N_("Общение"),
    Tab.TASKS: N_("Задачи"),
    Tab.FILES: N_("Файлы"),
    Tab.HISTORY: N_("История"),
}
_LOOKS: Final[Mapping[Kind, tuple[str, str, Tone]]] = {
    Kind.CREATED: ("user-plus", N_("Клиент добавлен"), "ok"),
    Kind.ORDER: ("shopping-bag", N_("Заказ"), "info"),
    Kind.DEAL: ("square-kanban", N_("Сделка начата"), "info"),
    Kind.STATUS: ("circle-dot", N_("Статус"), "accent"),
    Kind.PAYMENT: ("banknote", N_("Платёж"), "ok"),
    Kind.SHIPMENT: ("truck", N_("Отгрузка"), ""),
    Kind.CHANGE: ("list-collapse", N_("Изменение"), ""),
    Kind.NOTE: ("pencil", N_("Заметка"), "warn"),
    Kind.MEETING: ("users", N_("Встреча"), "info"),
    Kind.NO_ANSWER: ("phone-missed", N_("Не дозвонился"), "bad"),
    Kind.CALL: ("phone", N_("Звонок"), "ok"),
    Kind.MESSAGE: ("message-square", N_("Сообщение"), ""),
    Kind.LETTER: ("mail", N_("Письмо"), ""),
    Kind.TASK: ("circle-check", N_("Задача сделана"), "ok"),
    Kind.FILE: ("paperclip", N_("Файл"), ""),
    Kind.COMPLAINT: ("circle-alert", N_("Жалоба"), "bad"),
    Kind.VIOLATION: ("triangle-alert", N_("Нарушение"), "warn"),
    Kind.DOCUMENT: ("file-text", N_("Документ"), ""),
    Kind.CART: ("shopping-cart", N_("Корзина"), ""),
}
SORT_NAMES: Final[Mapping[str, str]] = {
    "goods": N_("товар"),
    "delivery": N_("доставка"),
    "service": N_("обслуживание"),
    "money": N_("деньги"),
    "late": N_("опоздание"),
    "rude": N_("грубость"),
    "rules": N_("порядок работы"),
    "mistake": N_("ошибка"),
    "other": N_("другое"),
}
STATES: Final[Mapping[str, tuple[str, Tone, str]]] = {
    Progress.OPEN.value: (N_("открыта"), "bad", "ring"),
    Progress.AT_WORK.value: (N_("в работе"), "warn", "half"),
    Progress.SOLVED.value: (N_("решена"), "ok", "check"),
    Progress.REJECTED.value: (N_("отклонена"), "grey", "cross"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a folded line."""

    label: str
    old: Personal[str] | str
    new: Personal[str] | str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the stream, written out.

    Attributes:
        status: name, tone and shape of a status beside the lead.
        about: small print after the lead; `more` a second line.
        act: address of the entry's own actions; empty where the reader has none.
    """

    id: str
    kind: str
    icon: str
    tone: Tone
    lead: str
    time: str
    full: str
    who: str = ""
    href: str = ""
    about: str = ""
    more: str = ""
    status: tuple[str, str, str] | None = None
    said: Personal[Any] | None = None
    title: Personal[str] | None = None
    hidden: bool = False
    gone: bool = False
    private: bool = False
    for_buyer: bool = False
    deleted: bool = False
    edited: bool = False
    mine: bool = False
    file: bool = False
    fields: tuple[Field, ...] = ()
    folded: str = ""
    moves: tuple[tuple[str, str], ...] = ()
    version: int = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """One line of what is planned.

    Attributes:
        close: address that says the task is done; empty where the reader may not.
        ask: the window asks what came of it first.
    """

    title: Personal[str] | str
    when: str
    tone: Tone
    full: str
    href: str
    badge: str = ""
    who: str = ""
    who_initials: str = ""
    who_tone: int = 0
    close: str = ""
    ask: bool = False


def view(
    reader: Reader, page: StreamPage, codes: Codes, place: str, *, level: int = 2
) -> dict[str, Any]:
    """What the stream's templates print, as `stream`.

    Args:
        reader: who looks.
        page: of the stream.
        codes: names behind its codes.
        place: `order/1042` or `client/17`: the stream in its own addresses.
        level: of the headings above days.
    """
    return {
        "place": place,
        "is_client": place.startswith("client/"),
        "is_order": place.startswith("order/"),
        "level": level,
        "tabs": [
            (f"/stream/{place}?tab={tab.value}", reader._(label), tab is page.tab, str(at))
            for at, (tab, label) in enumerate(TABS.items(), 1)
        ],
        "tab": page.tab.value,
        "plans": _plans(reader, page, codes),
        "days": _days(reader, page.entries, codes, place),
        "more": ""
        if page.after is None
        else f"/stream/{place}?tab={page.tab.value}&after={page.after}",
        "may_write": page.may_write,
        "logins": [(codes.name_of(number) or login, login) for number, login in page.logins],
        "colleagues": [*codes.colleagues.items()],
        "sorts": [
            (
                reader._(_LOOKS[kind][1]),
                [(f"{kind.value}:{sort}", reader._(SORT_NAMES[sort])) for sort in sorts],
            )
            for kind, sorts in SORTS.items()
        ],
    }


def _days(
    reader: Reader, entries: Sequence[EntryView], codes: Codes, place: str
) -> list[tuple[str, list[Line]]]:
    made: list[tuple[str, list[Line]]] = []
    for day, part in groupby(entries, lambda one: one.at.astimezone(reader.zone).date()):
        heading = formats.day_heading(day, reader.today, reader.language)
        made.append((heading, [line(reader, one, codes, place) for one in part]))
    return made


def line(reader: Reader, entry: EntryView, codes: Codes, place: str) -> Line:
    """One entry in words. What is personal stays wrapped; the template alone shows it."""
    icon, lead, tone = _LOOKS[entry.kind]
    if entry.kind is Kind.CREATED and place.startswith("order/"):
        lead = N_("Запись создана")
    said = entry.said
    base = Line(
        id=str(entry.id),
        kind=entry.kind.value,
        icon=icon,
        tone=tone,
        lead=reader._(lead),
        time=formats.clock(entry.at, reader.zone),
        full=formats.moment_full(entry.at, reader.zone, reader.language),
        who=who_of(reader, entry.source, codes.name_of(entry.author_number)),
        said=said,
        hidden=entry.hidden,
        gone=entry.gone,
        private=entry.private,
        for_buyer=entry.for_buyer and entry.source != "buyer",
        deleted=entry.deleted_at is not None,
        edited=entry.edited_at is not None,
        mine=entry.mine and entry.source == "user",
        file=entry.kind is Kind.FILE and reader.may(Permission.FILE_READ),
        version=entry.version,
    )
    base = _with_order(reader, entry, codes, place, base)
    finish = _FINISH.get(entry.kind)
    return base if finish is None else finish(reader, entry, codes, base)


def _with_order(reader: Reader, entry: EntryView, codes: Codes, place: str, base: Line) -> Line:
    """Name the order an entry of a client's stream belongs to; tell of a new order in full."""
    order = entry.order
    person = ""
    if entry.client_number is not None:
        person = reader._("контактное лицо № %(number)s") % {
            "number": formats.number(entry.client_number, reader.language)
        }
    if order is None:
        return replace(base, about=person)
    number = formats.order_number(order.number)
    here = place == f"order/{order.number}"
    if entry.kind is Kind.ORDER:
        status = codes.statuses.get(order.status, order_rows.GONE)
        total = formats.money(order.total, reader.language)
        return replace(
            base,
            lead=reader._("Заказ принят")
            if here
            else reader._("Заказ № %(number)s") % {"number": number},
            href="" if here else f"/orders/{order.number}",
            about=reader._("на %(sum)s") % {"sum": total},
            status=None if here else (status.name or order.status, status.tone, status.shape),
            more="" if here else order_rows.goods(reader, order.summary, order.lines_count),
        )
    if here:
        return base
    text = reader._("заказ № %(number)s") % {"number": number}
    return replace(base, about=f"{text}, {person}" if person else text)


def _folded(reader: Reader, entry: EntryView, codes: Codes, base: Line) -> Line:
    """A deed: one field is told whole, several fold into a line that opens."""
    fields = tuple(
        Field(
            reader._(look_of_field(one.field)[1]),
            shown_value(reader, one.field, one.old),
            shown_value(reader, one.field, one.new),
        )
        if (made := codes.made(one.field)) is None
        else Field(
            made.name,
            history_words(made, one.old, reader.zone, reader.language),
            history_words(made, one.new, reader.zone, reader.language),
        )
        for one in entry.fields
    )
    if len(fields) == 1:
        icon, label, tone = look_of_field(entry.fields[0].field)
        made = codes.made(entry.fields[0].field)
        lead = reader._(label) if made is None else made.name
        return replace(base, icon=icon, tone=tone, lead=lead, fields=fields)
    count = max(int(entry.data.get("count", 0)), len(fields))
    if not count:
        return base
    if entry.kind is Kind.STATUS:
        at = next((n for n, one in enumerate(entry.fields) if one.field == "status"), 0)
        return replace(
            base,
            fields=(fields[at], *fields[:at], *fields[at + 1 :]) if fields else (),
            folded=reader.ngettext(
                "ещё %(num)s изменение", "ещё %(num)s изменений", max(count - 1, 1)
            ),
        )
    names = list(dict.fromkeys(one.label.lower() for one in fields))
    return replace(
        base,
        lead=reader.ngettext("Изменено %(num)s поле", "Изменено %(num)s полей", count),
        about=", ".join(names[:4]),
        fields=fields,
        folded=reader._("показать"),
    )


def _payment(reader: Reader, entry: EntryView, codes: Codes, base: Line) -> Line:
    amount = int(entry.data.get("amount", 0))
    if not amount:
        return _folded(reader, entry, codes, base)
    lead = reader._("Платёж удалён") if entry.data.get("gone") else base.lead
    state = {
        "paid": reader._("оплачен"),
        "not-paid": reader._("не оплачен"),
        "refunded": reader._("возвращён"),
    }.get(str(entry.data.get("state", "")), "")
    total = formats.money(amount, reader.language)
    about = ", ".join(one for one in (state, base.about) if one)
    return replace(base, lead=f"{lead} {total}", about=about)


def _attempt(reader: Reader, entry: EntryView, codes: Codes, base: Line) -> Line:
    del codes
    text = reader._("попытка %(num)s") % {"num": int(entry.data.get("attempt", 1))}
    return replace(base, about=", ".join(one for one in (text, base.about) if one))


def _file(reader: Reader, entry: EntryView, codes: Codes, base: Line) -> Line:
    del codes
    size = formats.size(int(entry.data.get("size", 0)), reader.language)
    return replace(base, about=", ".join(one for one in (size, base.about) if one))


def _paper(reader: Reader, entry: EntryView, codes: Codes, base: Line) -> Line:
    del codes
    kind, number = str(entry.data.get("paper", "")), int(entry.data.get("number", 0))
    if kind not in set(PaperKind) or not reader.may(Permission.PAPER_MAKE):
        return base
    name = reader._(PAPER_NAMES[PaperKind(kind)])
    shown = str(entry.data.get("shown", ""))
    return replace(base, lead=f"{name} № {shown}", href=f"/papers/{number}")


def _done_task(reader: Reader, entry: EntryView, codes: Codes, base: Line) -> Line:
    del reader, codes
    return base if entry.task is None else replace(base, title=entry.task.title)


def _quality(reader: Reader, entry: EntryView, codes: Codes, base: Line) -> Line:
    state = str(entry.data.get("state", Progress.OPEN.value))
    name, tone, shape = STATES.get(state, STATES[Progress.OPEN.value])
    sort = SORT_NAMES.get(str(entry.data.get("sort", "")), "")
    about = [base.about, reader._(sort) if sort else "", codes.name_of(entry.concerns)]
    if entry.planned_at is not None:
        about.append(
            reader._("срок %(when)s")
            % {
                "when": formats.moment_short(
                    entry.planned_at, reader.now, reader.zone, reader.language
                )
            }
        )
    moves: tuple[tuple[str, str], ...] = ()
    if base.mine or reader.may(Permission.QUALITY_MANAGE):
        moves = tuple((code, reader._(one[0])) for code, one in STATES.items() if code != state)
    return replace(
        base,
        status=(reader._(name), tone, shape),
        about=", ".join(one for one in about if one),
        moves=moves,
    )


def _letter(reader: Reader, entry: EntryView, codes: Codes, base: Line) -> Line:
    del codes
    reason = letter_words.reason_of(reader, str(entry.data.get("reason", "")))
    return replace(
        base,
        status=letter_words.state_of(reader, str(entry.data.get("state", ""))),
        about=", ".join(one for one in (reason, base.about) if one),
    )


def _message(reader: Reader, entry: EntryView, codes: Codes, base: Line) -> Line:
    """A text message: what became of it, and what it cost."""
    del codes
    reason = message_words.reason_of(reader, str(entry.data.get("reason", "")))
    price = entry.data.get("price")
    cost = message_words.money(reader, price) if isinstance(price, int) else ""
    due, said = message_words.due_of(entry.data.get("due")), ""
    if due is not None and due > reader.now:
        when = formats.moment_short(due, reader.now, reader.zone, reader.language)
        said = reader._("уйдёт %(when)s") % {"when": when}
    return replace(
        base,
        lead=reader._("СМС") if entry.data.get("channel") == SMS else base.lead,
        status=message_words.state_of(reader, str(entry.data.get("state", "")))
        if "state" in entry.data
        else None,
        about=", ".join(one for one in (said, reason, cost, base.about) if one),
    )


_FINISH: Final[Mapping[Kind, Callable[[Reader, EntryView, Codes, Line], Line]]] = {
    Kind.STATUS: _folded,
    Kind.SHIPMENT: _folded,
    Kind.CHANGE: _folded,
    Kind.PAYMENT: _payment,
    Kind.NO_ANSWER: _attempt,
    Kind.COMPLAINT: _quality,
    Kind.VIOLATION: _quality,
    Kind.FILE: _file,
    Kind.LETTER: _letter,
    Kind.MESSAGE: _message,
    Kind.DOCUMENT: _paper,
    Kind.TASK: _done_task,
    Kind.CART: stream_deeds.cart,
    Kind.CALL: stream_deeds.call,
}
"""What a line of a kind has besides what every line has."""


# --- planned ---


def _plans(reader: Reader, page: StreamPage, codes: Codes) -> list[Plan]:
    """Tasks and deadlines together, the next first."""
    found: list[tuple[datetime, Plan]] = [
        (one.due_at, _task_plan(reader, one, codes)) for one in page.tasks
    ]
    found += [
        (one.planned_at, _quality_plan(reader, one, one.planned_at, codes))
        for one in page.planned
        if one.planned_at is not None and one.kind in QUALITY
    ]
    return [plan for _, plan in sorted(found, key=lambda pair: pair[0])]


def _task_plan(reader: Reader, one: StreamTask, codes: Codes) -> Plan:
    name = codes.name_of(one.performer_number)
    when, tone = _when(reader, one.due_at, all_day=one.all_day)
    return Plan(
        title=reader._("скрыто") if one.title is None else one.title,
        when=when,
        tone=tone,
        full=formats.moment_full(one.due_at, reader.zone, reader.language),
        href=f"/tasks/{one.number}",
        who=name,
        who_initials=initials(name),
        who_tone=tone_of(one.performer_number),
        close=f"/tasks/{one.number}/done" if one.mine else "",
        ask=one.ask,
    )


def _quality_plan(reader: Reader, one: EntryView, at: datetime, codes: Codes) -> Plan:
    name = codes.name_of(one.concerns)
    when, tone = _when(reader, at, all_day=False)
    return Plan(
        title=reader._(_LOOKS[one.kind][1]),
        when=when,
        tone=tone,
        full=formats.moment_full(at, reader.zone, reader.language),
        href=f"#e-{one.id}",
        badge=reader._(SORT_NAMES.get(str(one.data.get("sort", "")), N_("другое"))),
        who=name,
        who_initials=initials(name),
        who_tone=tone_of(one.concerns),
    )


def _when(reader: Reader, at: datetime, *, all_day: bool) -> tuple[str, Tone]:
    """When it is due, in words; late is red, today amber."""
    local = at.astimezone(reader.zone)
    if all_day:
        text = formats.day_short(local.date(), reader.today, reader.language)
    else:
        text = formats.moment_short(at, reader.now, reader.zone, reader.language)
    if at < reader.now:
        return text, "bad"
    return text, "warn" if local.date() == reader.today else ""


# --- the input line ---

EVENING: Final = time(18)
DEADLINE: Final = timedelta(days=3)
"""What a complaint is given unless another day is chosen."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form of a new entry; `form` is its own: sent twice, it writes once."""

    kind: str = "note"
    text: str = ""
    title: str = ""
    later: str = "1h"
    call_at: str = ""
    sort: str = "complaint:goods"
    concerns: str = ""
    when: str = ""
    private: bool = False
    for_buyer: bool = False
    form: UUID = field(default_factory=uuid7)


def fresh(reader: Reader) -> Typed:
    """An empty form; the deadline of a complaint is already in it."""
    day = (reader.now + DEADLINE).astimezone(reader.zone).date()
    return Typed(when=f"{day.isoformat()}T{EVENING:%H:%M}")
