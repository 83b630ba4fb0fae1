"""Fields of the change feed in words: a sign, a name, a value as people read it."""

from collections.abc import Mapping

from appliance.domain import formats
from appliance.domain.personal import Personal
from appliance.web import client_events, operator_words, parcel_words
from appliance.web.courier_words import REFUSALS
from appliance.web.parts import Tone
from appliance.web.screens import Reader
from appliance.web.shell import N_

_LOOKS: Mapping[str, tuple[str, str, Tone]] = {
    "create": ("shopping-bag", N_("Заказ принят"), "info"),
    "status": ("circle-dot", N_("Статус"), "accent"),
    "manager": ("user-round", N_("Ответственный"), ""),
    "stage": ("circle-dot", N_("Этап"), "accent"),
    "amount": ("banknote", N_("Сумма"), ""),
    "expected_on": ("calendar", N_("Ждём к"), ""),
    "lines": ("package", N_("Товары"), ""),
    "source": ("tag", N_("Источник"), ""),
    "deal_title": ("pencil", N_("Название"), ""),
    "deal_note": ("pencil", N_("Заметка"), ""),
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
    "integration_delivery_data.track_number": ("truck", N_("Трек-номер"), ""),
    "integration_delivery_data.status": ("truck", N_("Посылка"), ""),
    "delivery_request": ("truck", N_("Заявка перевозчику"), ""),
    "delivery_net_cost": ("truck", N_("Перевозчик берёт"), ""),
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
    "nick_name": ("building-2", N_("Название"), ""),
    "commentary": ("pencil", N_("Комментарий"), "warn"),
    "phones": ("phone", N_("Телефон"), ""),
    "contragent": ("file-text", N_("Реквизиты"), ""),
    "sex": ("user-round", N_("Пол"), ""),
    "vip": ("user-round", N_("VIP"), ""),
    "bad": ("user-round", N_("Проблемный"), ""),
    "delivery_time": ("calendar", N_("Время доставки"), ""),
    "external_id": ("link", N_("Номер у магазина"), ""),
    "comment": ("pencil", N_("Комментарий"), ""),
    "discount_manual_amount": ("percent", N_("Скидка"), ""),
    "discount_manual_percent": ("percent", N_("Скидка"), ""),
    "shipment_date": ("calendar", N_("День отгрузки"), ""),
    "shipment_store": ("store", N_("Склад"), ""),
    "shipped": ("truck", N_("Отгрузка"), ""),
    "link": ("link", N_("Связанный заказ"), ""),
    "combined_to": ("link", N_("Объединён с заказом"), ""),
    "shipments": ("truck", N_("Отгрузка"), ""),
    "returns": ("rotate-ccw", N_("Возврат товара"), ""),
    "fulfilment": ("warehouse", N_("Склад оператора"), ""),
    "refused": ("undo-2", N_("Отказ при вручении"), "bad"),
    "shelf": ("package-x", N_("Нет на полке"), "warn"),
    "delivered_at": ("circle-check", N_("Вручено"), "ok"),
}
_SIGNS: Mapping[str, str] = {
    "company_contact": "users",
    "credit_limit": "banknote",
    "pay_days": "calendar",
    "stop": "ban",
    "date": "calendar",
    "wishes": "message-square",
    "supplier_price": "banknote",
    "messenger": "message-square",
    "source": "tag",
}
"""Signs of a client's own fields; names of those are in `client_events`."""
_ACTORS: Mapping[str, str] = {
    "api": N_("программа"),
    "rule": N_("правило"),
    "code": N_("коробка"),
    "buyer": N_("покупатель"),
}
_MONEY = frozenset(
    {
        "credit_limit", "amount", "delivery_cost", "delivery_net_cost", "payments.amount",
        "order_product.initial_price",
    }
)  # fmt: skip


def who_of(reader: Reader, source: str, name: str) -> str:
    """Who did it: a colleague by name, or what kind of program."""
    if name or source not in _ACTORS:
        return name
    return reader._(_ACTORS[source])


def look_of_field(field: str) -> tuple[str, str, Tone]:
    """Sign, name (a msgid) and tone of a field."""
    family = field.partition(".")[0]
    name = client_events.NAMES.get(field) or client_events.FAMILIES.get(family)
    if field not in _LOOKS and family not in _LOOKS and name:
        return _SIGNS.get(family, "pencil"), name, ""
    return _LOOKS.get(field) or _LOOKS.get(family) or ("history", N_("Изменение"), "")


def shown_value(
    reader: Reader, field: str, value: Personal[str] | str | None
) -> Personal[str] | str:
    """A value in words; a personal one stays wrapped, nothing is an empty text."""
    if field == "supplier_price":
        return ""  # what goods cost is on the card, for those who may see it
    if value is None or isinstance(value, Personal):
        return value or ""
    if value in {"True", "False"}:
        return reader._("да") if value == "True" else reader._("нет")
    if field in _MONEY and value.lstrip("-").isdigit():
        return formats.money(int(value), reader.language)
    return _worded(reader, field, value)


def _worded(reader: Reader, field: str, value: str) -> str:
    """A code of a list of ours in words."""
    if field == "integration_delivery_data.status":
        return parcel_words.state(value, reader.language)
    if field == "fulfilment":
        return operator_words.stage_name(reader, value)
    known = {"delivery_request": parcel_words.REQUESTS, "refused": REFUSALS}.get(field, {})
    return reader._(known[value]) if value in known else value
