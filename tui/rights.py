"""Words for what a role may do: permissions, how far they reach, which fields they show."""

from collections.abc import Mapping
from typing import Any, Final

from tui.texts import N_, _

PERMISSIONS: Final[Mapping[str, str]] = {
    "order.view": N_("Заказы: видеть"),
    "order.create": N_("Заказы: заводить"),
    "order.edit": N_("Заказы: менять"),
    "order.status": N_("Заказы: менять статус"),
    "order.assign": N_("Заказы: назначать менеджера"),
    "order.take": N_("Заказы: брать себе"),
    "assignment.edit": N_("Заказы: правила раздачи"),
    "order.pay": N_("Заказы: оплаты"),
    "order.ship": N_("Заказы: отгрузка"),
    "order.margin": N_("Заказы: видеть маржу"),
    "order.discount": N_("Заказы: скидка вручную"),
    "coupon.edit": N_("Купоны: заводить и менять"),
    "customer.view": N_("Клиенты: видеть"),
    "customer.create": N_("Клиенты: заводить"),
    "customer.edit": N_("Клиенты: менять"),
    "customer.reveal": N_("Клиенты: открывать телефон"),
    "customer.find_owner": N_("Клиенты: узнать, чей"),
    "customer.take": N_("Клиенты: брать себе"),
    "customer.credit": N_("Клиенты: кредит и отсрочка"),
    "customer.dossier": N_("Клиенты: досье по запросу"),
    "customer.merge": N_("Клиенты: соединять двойников"),
    "deal.view": N_("Сделки: видеть"),
    "deal.create": N_("Сделки: заводить"),
    "deal.edit": N_("Сделки: менять"),
    "deal.assign": N_("Сделки: назначать менеджера"),
    "pipeline.edit": N_("Сделки: воронки"),
    "call.take": N_("Звонки: принимать"),
    "call.report": N_("Звонки: сообщать о них (станция)"),
    "call.ask": N_("Звонки: спрашивать, чей номер (станция)"),
    "timeline.write": N_("Лента: писать заметки"),
    "timeline.private": N_("Лента: видеть личные заметки"),
    "file.read": N_("Файлы: открывать"),
    "quality.manage": N_("Качество данных"),
    "product.view": N_("Товары: видеть"),
    "product.edit": N_("Товары: менять"),
    "product.cost": N_("Товары: закупочная цена"),
    "stock.edit": N_("Склад: остатки и документы"),
    "stock.dispatch": N_("Склад: сборка и упаковка"),
    "courier.run": N_("Доставка: рейсы курьера"),
    "payment.carry": N_("Оплаты: вести за эквайера (плагин)"),
    "payment.reconcile": N_("Оплаты: сверка с банком"),
    "paper.make": N_("Бумаги: печатать"),
    "paper.setup": N_("Бумаги: бланки"),
    "feed.manage": N_("Выгрузки товаров: настраивать"),
    "feed.read": N_("История для программ: читать"),
    "reference.view": N_("Справочники: видеть"),
    "reference.edit": N_("Справочники: менять"),
    "field.manage": N_("Свои поля: заводить"),
    "task.view": N_("Задачи: видеть"),
    "task.edit": N_("Задачи: менять"),
    "task.report": N_("Задачи: отчёт"),
    "plan.edit": N_("Планы продаж: ставить"),
    "view.share": N_("Виды списков: делиться"),
    "data.import": N_("Данные: загружать файлом"),
    "data.export": N_("Данные: выгружать файлом"),
    "report.view": N_("Отчёты: видеть"),
    "report.export": N_("Отчёты: выгружать"),
    "user.manage": N_("Сотрудники: управлять"),
    "role.manage": N_("Роли: менять"),
    "key.manage": N_("Ключи программ: управлять"),
    "privacy.edit": N_("Согласия и тексты: менять"),
    "audit.view": N_("Журнал: видеть"),
    "subject.request": N_("Заявления людей: вести"),
    "subject.approve": N_("Уничтожение: одобрять"),
    "evidence.read": N_("Акты об уничтожении: читать"),
    "box.manage": N_("Коробка: управлять"),
    "plugin.manage": N_("Плагины: ставить и разрешать"),
    "plugin.enter": N_("Плагины: обращаться по их адресам"),
    "open.plugin": N_("Плагины: своё место в коробке"),
    "letter.send": N_("Письма: отправлять"),
    "message.send": N_("СМС: отправлять"),
    "message.carry": N_("СМС: вести за службу (плагин)"),
    "mail.manage": N_("Письма: почта и шаблоны"),
    "open.self": N_("Своё: страницы и настройки"),
    "parcel.book": N_("Посылки: заявки перевозчикам"),
    "parcel.carry": N_("Посылки: плагин перевозчика"),
    "fulfilment.report": N_("Фулфилмент: плагин оператора"),
}
"""Permissions as people say them; one of a newer box goes by its name."""

SCOPES: Final[Mapping[str, str]] = {
    "none": N_("нет"),
    "own": N_("свои"),
    "department": N_("отдел"),
    "branch": N_("филиал"),
    "all": N_("все"),
}
ACCESSES: Final[Mapping[str, str]] = {
    "hidden": N_("не видно"),
    "masked": N_("под точками"),
    "visible": N_("видно"),
}
FIELDS: Final[Mapping[str, str]] = {
    "name": N_("имя"),
    "phone": N_("телефон"),
    "email": N_("почта"),
    "address": N_("адрес"),
    "comment": N_("заметки"),
    "tax_id": N_("ИНН"),
    "birthday": N_("день рождения"),
}

Grants = dict[str, dict[str, Any]]
"""Permission → `{"scope": …, "fields": {field: access}}`, as the box says it."""


def permission(name: str) -> str:
    """What a permission allows, in words."""
    return _(PERMISSIONS[name]) if name in PERMISSIONS else name


def scope_of(grants: Grants, name: str) -> str:
    """How far a permission reaches; `none` where it is not granted."""
    return str(grants.get(name, {}).get("scope", "none"))


def fields_of(grants: Grants, name: str) -> str:
    """Which personal fields a permission shows, in words; empty where that does not matter."""
    shown: Mapping[str, str] = grants.get(name, {}).get("fields") or {}
    parts = [
        f"{_(words)} {_(ACCESSES[shown.get(field, 'hidden')])}"
        for field, words in FIELDS.items()
        if field in shown
    ]
    return ", ".join(parts)


def next_scope(scope: str) -> str:
    """The one that a press of the space bar turns to."""
    order = list(SCOPES)
    return order[(order.index(scope) + 1) % len(order)]


def next_access(access: str) -> str:
    """The same for a field."""
    order = list(ACCESSES)
    return order[(order.index(access) + 1) % len(order)]
