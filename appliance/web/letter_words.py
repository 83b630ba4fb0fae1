"""Letters in words: states, templates, reasons."""

from collections.abc import Mapping
from typing import Any, Final

from appliance.domain import formats
from appliance.domain.letters import LetterState, LetterView
from appliance.web import texts
from appliance.web.parts import Tone
from appliance.web.screens import Reader
from appliance.web.shell import N_

STATES: Final[Mapping[str, tuple[str, Tone, str]]] = {
    LetterState.WAITING: (N_("ждёт отправки"), "grey", "ring"),
    LetterState.SENDING: (N_("отправляется"), "info", "half"),
    LetterState.RETRY: (N_("повторим позже"), "warn", "half"),
    LetterState.SENT: (N_("отправлено"), "ok", "check"),
    LetterState.REFUSED: (N_("не принято"), "bad", "cross"),
    LetterState.CANCELLED: (N_("отозвано"), "grey", "cross"),
}
NAMES: Final[Mapping[str, str]] = {
    "status": N_("Ссылка на заказ"),
    "invoice": N_("Счёт"),
    "document": N_("Документы"),
    "letter": N_("Своими словами"),
    "notice": N_("Уведомление коллеге"),
}
"""Template → what it is called."""

FIELDS: Final[Mapping[str, str]] = {
    "name": N_("имя клиента"),
    "number": N_("номер заказа"),
    "status": N_("статус заказа"),
    "sum": N_("сумма заказа"),
    "to_pay": N_("осталось оплатить"),
    "pay_link": N_("ссылка на оплату, если она сделана"),
    "track": N_("трек-номер"),
    "link": N_("ссылка"),
    "shop": N_("магазин"),
    "manager": N_("кто пишет"),
    "title": N_("что случилось"),
    "record": N_("с чем"),
}
"""Name in a template → what it stands for."""


def state_of(reader: Reader, code: str) -> tuple[str, Tone, str]:
    """Name, tone and shape of a state."""
    name, tone, shape = STATES.get(code, STATES[LetterState.WAITING])
    return reader._(name), tone, shape


def reason_of(reader: Reader, code: str) -> str:
    """Why a letter did not go, in a sentence; empty for no reason."""
    return texts.error(code, reader.language).title if code else ""


def row(reader: Reader, one: LetterView, author: str) -> dict[str, Any]:
    """A letter in the list."""
    name, tone, shape = state_of(reader, one.state.value)
    about, href = "", ""
    if one.order_number:
        about = reader._("Заказ № %(number)s") % {"number": formats.order_number(one.order_number)}
        href = f"/orders/{one.order_number}"
    elif one.deal_number:
        about = reader._("Сделка № %(number)s") % {"number": one.deal_number}
        href = f"/deals/{one.deal_number}"
    elif one.client_number:
        about = reader._("Клиент № %(number)s") % {"number": one.client_number}
        href = f"/clients/{one.client_number}"
    return {
        "number": one.number,
        "kind": reader._(NAMES.get(one.kind, N_("Письмо"))),
        "about": about,
        "href": href,
        "state": name,
        "tone": tone,
        "shape": shape,
        "reason": reason_of(reader, one.reason) if one.reason else "",
        "author": author or reader._("коробка"),
        "when": formats.moment_short(one.created_at, reader.now, reader.zone, reader.language),
        "may_cancel": one.state in (LetterState.WAITING, LetterState.RETRY),
    }
