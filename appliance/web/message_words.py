"""Text messages in words: states, templates, reasons, parts and prices."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from appliance.domain import formats
from appliance.domain.message_parts import Measure
from appliance.domain.messages import MessageState, MessageView, Template, Today
from appliance.web.answers import WebRequest, site_of
from appliance.web.parts import Tone
from appliance.web.screens import Reader
from appliance.web.shell import N_

STATES: Final[Mapping[str, tuple[str, Tone, str]]] = {
    MessageState.QUEUED: (N_("ждёт отправки"), "grey", "ring"),
    MessageState.SENT: (N_("отправлена"), "info", "half"),
    MessageState.DELIVERED: (N_("доставлена"), "ok", "check"),
    MessageState.READ: (N_("прочитана"), "ok", "check"),
    MessageState.FAILED: (N_("не дошла"), "bad", "cross"),
    MessageState.EXPIRED: (N_("телефон был выключен"), "warn", "cross"),
    MessageState.UNKNOWN: (N_("неизвестно, дошла ли"), "warn", "half"),
    MessageState.CANCELLED: (N_("отозвана"), "grey", "cross"),
}
NAMES: Final[Mapping[str, str]] = {
    "status": N_("Статус заказа"),
    "pay": N_("Ссылка на оплату"),
    "ready": N_("Можно забирать"),
    "missed": N_("Не дозвонились"),
    "free": N_("Своими словами"),
}
"""The release's templates → what they are called."""
REASONS: Final[Mapping[str, str]] = {
    "message_no_ground": N_("основания писать клиенту больше нет"),
    "message_day_full": N_("дневной предел СМС исчерпан"),
    "message_unreadable": N_("данные клиента закрыты или уничтожены"),
    "number_wrong": N_("номер неверный"),
    "unreachable": N_("номер недоступен"),
    "text_refused": N_("служба не приняла текст или имя отправителя"),
    "blocked": N_("оператор не пропускает СМС на этот номер"),
    "no_money": N_("на счёте службы не хватило денег"),
    "refused": N_("служба отказала"),
    "lost": N_("служба о ней не знает"),
    "silent": N_("служба так и не ответила, что с ней"),
}
"""Code that a plugin reports, or the box finds → why a message did not arrive."""


def name_of(reader: Reader, one: Template) -> str:
    """What a template is called."""
    return one.name if one.own else reader._(NAMES.get(one.code, N_("Своими словами")))


def state_of(reader: Reader, code: str) -> tuple[str, Tone, str]:
    """Name, tone and shape of a state."""
    name, tone, shape = STATES.get(code, STATES[MessageState.QUEUED])
    return reader._(name), tone, shape


def reason_of(reader: Reader, code: str) -> str:
    """Why a message did not arrive; empty for no reason."""
    return reader._(REASONS.get(code, N_("служба отказала"))) if code else ""


def money(reader: Reader, kopecks: int | None) -> str:
    """A price; empty where nobody named one."""
    return "" if kopecks is None else formats.money(kopecks, reader.language, exact=True)


def providers(request: WebRequest) -> list[str]:
    """Plugins that send text messages and run, by name."""
    host = site_of(request).desk
    return [] if host is None else sorted(host.providing("messages"))


def today(reader: Reader, found: Today) -> str:
    """«сегодня ушло 12 СМС на 45,60 ₽»."""
    count = reader.ngettext("%(num)s СМС", "%(num)s СМС", found.sent)
    return reader._("сегодня ушло %(count)s на %(sum)s") % {
        "count": count,
        "sum": money(reader, found.spent),
    }


def parts_of(reader: Reader, found: Measure) -> str:
    """«2 СМС, 96 знаков, до следующей 38»."""
    if not found.units:
        return ""
    parts = reader.ngettext("%(num)s СМС", "%(num)s СМС", found.parts)
    signs = reader.ngettext("%(num)s знак", "%(num)s знаков", found.units)
    left = reader.ngettext("ещё %(num)s знак", "ещё %(num)s знаков", found.left)
    return reader._("%(parts)s: %(signs)s, в эту часть войдёт %(left)s") % {
        "parts": parts,
        "signs": signs,
        "left": left,
    }


def until(moment: datetime, zone: str) -> str:
    """When a message leaves that waits for the morning, by the recipient's clock."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local.hour}:{local.minute:02}"


def due_of(said: Any) -> datetime | None:
    """The moment before which a message does not leave, off its line in the stream."""
    try:
        return datetime.fromisoformat(str(said)) if said else None
    except ValueError:
        return None


def row(reader: Reader, one: MessageView, author: str, names: Mapping[str, str]) -> dict[str, Any]:
    """A message in the list."""
    name, tone, shape = state_of(reader, one.state.value)
    about, href = "", ""
    if one.order_number:
        about = reader._("Заказ № %(number)s") % {"number": formats.order_number(one.order_number)}
        href = f"/orders/{one.order_number}"
    elif one.client_number:
        about = reader._("Клиент № %(number)s") % {"number": one.client_number}
        href = f"/clients/{one.client_number}"
    reason = reason_of(reader, one.reason) if one.reason else ""
    waits = one.state is MessageState.QUEUED and one.due_at > reader.now
    if waits:
        when = formats.moment_short(one.due_at, reader.now, reader.zone, reader.language)
        reason = ", ".join(
            one for one in (reason, reader._("уйдёт %(when)s") % {"when": when}) if one
        )
    return {
        "number": one.number,
        "kind": names.get(one.kind, reader._("СМС")),
        "about": about,
        "href": href,
        "state": name,
        "tone": tone,
        "shape": shape,
        "reason": reason,
        "author": author or reader._("коробка"),
        "parts": one.parts,
        "price": money(reader, one.price),
        "when": formats.moment_short(one.created_at, reader.now, reader.zone, reader.language),
        "may_cancel": one.state is MessageState.QUEUED,
    }
