"""The event line of a card: entries of the change feed in words, by days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from appliance.domain import formats
from appliance.domain.orders import HistoryEntry
from appliance.domain.personal import Personal
from appliance.web.parts import Tone
from appliance.web.screens import Reader
from appliance.web.shell import N_


@dataclass(frozen=True, slots=True)
class Event:
    """One event: a lead, what became, what it was before, who did it."""

    icon: str
    tone: Tone
    lead: str
    new: Personal[str] | str
    old: Personal[str] | str
    who: str
    time: str
    full: str


_LOOKS: Mapping[str, tuple[str, str, Tone]] = {
    "create": ("shopping-bag", N_("Заказ принят"), "info"),
    "status": ("circle-dot", N_("Статус"), "accent"),
    "manager": ("user-round", N_("Ответственный"), ""),
    "payments": ("banknote", N_("Платёж"), "ok"),
    "payments.status": ("banknote", N_("Состояние платежа"), "ok"),
    "payments.type": ("banknote", N_("Способ оплаты"), ""),
    "payments.amount": ("banknote", N_("Сумма платежа"), ""),
    "order_product": ("package", N_("Состав"), ""),
    "order_product.quantity": ("package", N_("Количество"), ""),
    "order_product.initial_price": ("package", N_("Цена"), ""),
    "order_product.status": ("package", N_("Состояние строки"), ""),
    "delivery_type": ("truck", N_("Способ доставки"), ""),
    "delivery_service": ("truck", N_("Служба доставки"), ""),
    "delivery_cost": ("truck", N_("Стоимость доставки"), ""),
    "delivery_date": ("calendar", N_("День доставки"), ""),
    "delivery_address": ("map-pin", N_("Адрес доставки"), ""),
    "track_number": ("truck", N_("Трек-номер"), ""),
    "order_method": ("store", N_("Способ оформления"), ""),
    "order_type": ("tag", N_("Тип заказа"), ""),
    "customer": ("user-round", N_("Клиент"), ""),
    "customer_comment": ("message-square", N_("Комментарий покупателя"), "warn"),
    "manager_comment": ("pencil", N_("Заметка"), "warn"),
    "status_comment": ("pencil", N_("Пояснение к статусу"), "warn"),
    "first_name": ("user-round", N_("Имя"), ""),
    "last_name": ("user-round", N_("Фамилия"), ""),
    "patronymic": ("user-round", N_("Отчество"), ""),
    "phone": ("phone", N_("Телефон"), ""),
    "additional_phone": ("phone", N_("Второй телефон"), ""),
    "email": ("mail", N_("Почта"), ""),
    "address": ("map-pin", N_("Адрес"), ""),
    "birthday": ("calendar", N_("День рождения"), ""),
    "tags": ("tag", N_("Метки"), ""),
    "comment": ("pencil", N_("Комментарий"), ""),
    "discount_manual_amount": ("percent", N_("Скидка"), ""),
    "discount_manual_percent": ("percent", N_("Скидка"), ""),
    "shipment_date": ("calendar", N_("День отгрузки"), ""),
    "shipment_store": ("store", N_("Склад"), ""),
    "shipped": ("truck", N_("Отгрузка"), ""),
    "shipments": ("truck", N_("Отгрузка"), ""),
    "delivered_at": ("circle-check", N_("Вручено"), "ok"),
}
_ACTORS: Mapping[str, str] = {"api": N_("программа"), "rule": N_("правило"), "code": N_("коробка")}
_MONEY = frozenset({"delivery_cost", "payments.amount", "order_product.initial_price"})


def days(reader: Reader, entries: Sequence[HistoryEntry]) -> list[tuple[str, list[Event]]]:
    """Events by days, the newest first."""
    made: list[tuple[str, list[Event]]] = []
    for day, part in groupby(entries, lambda one: one.at.astimezone(reader.zone).date()):
        made.append(
            (
                formats.day_heading(day, reader.today, reader.language),
                [event(reader, one) for one in part],
            )
        )
    return made


def event(reader: Reader, entry: HistoryEntry) -> Event:
    """One entry in words. A personal value stays `Personal`; the template alone shows it."""
    created = entry.field == "id" or (entry.field == "status" and entry.old is None)
    look = _LOOKS["create"] if created else _look(entry.field)
    return Event(
        icon=look[0],
        tone=look[2],
        lead=reader._(look[1]),
        new="" if entry.field == "id" else _shown(reader, entry.field, entry.new),
        old="" if created else _shown(reader, entry.field, entry.old),
        who=_who(reader, entry),
        **times(reader, entry.at),
    )


def _who(reader: Reader, entry: HistoryEntry) -> str:
    if entry.actor_name or entry.actor_kind not in _ACTORS:
        return entry.actor_name
    return reader._(_ACTORS[entry.actor_kind])


def _look(field: str) -> tuple[str, str, Tone]:
    return (
        _LOOKS.get(field) or _LOOKS.get(field.partition(".")[0]) or ("history", N_("Изменение"), "")
    )


def times(reader: Reader, at: datetime) -> dict[str, str]:
    """Time of day, and the whole moment for its tooltip."""
    return {
        "time": formats.clock(at, reader.zone),
        "full": formats.moment_full(at, reader.zone, reader.language),
    }


def _shown(reader: Reader, field: str, value: Personal[str] | str | None) -> Personal[str] | str:
    if value is None or isinstance(value, Personal):
        return value or ""
    if value in {"True", "False"}:
        return reader._("да") if value == "True" else reader._("нет")
    if field in _MONEY and value.lstrip("-").isdigit():
        return formats.money(int(value), reader.language)
    return value
