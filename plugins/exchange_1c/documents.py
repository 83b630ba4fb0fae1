"""Documents that 1C sends: orders with what became of them (reference 10)."""

import msgspec

from plugins.exchange_1c import values
from plugins.exchange_1c.catalogue import removed
from plugins.exchange_1c.records import Document, Line
from plugins.exchange_1c.xml import Node

SERVICE = "услуга"
ORDER = "заказ товара"


def document(node: Node) -> Document:
    """A document without its buyer."""
    return Document(
        id=node.inner("Ид"),
        number=node.inner("Номер"),
        operation=node.inner("ХозОперация"),
        day=values.day(node.inner("Дата")),
        at=values.clock(node.inner("Время")),
        role=node.inner("Роль"),
        currency=values.currency(node.inner("Валюта")),
        amount=values.kopecks(node.inner("Сумма")),
        basis=node.inner("Основание"),
        lines=tuple(_line(one) for one in node.under("Товары", "Товар")),
        requisites=_requisites(node),
        removed=removed(node),
        under=tuple(
            document(one) for one in node.under("ПодчиненныеДокументы", "ПодчиненныйДокумент")
        ),
    )


def container(node: Node) -> tuple[Document, ...]:
    """The documents of one order in 3.1: the order, its payments, its shipments."""
    found = [document(one) for one in node.children if one.name == "Документ"]
    number = next((one.number for one in found if one.operation.strip().casefold() == ORDER), "")
    return tuple(
        msgspec.structs.replace(one, basis=number) if number and not one.basis else one
        for one in found
    )


def _requisites(node: Node) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in node.under("ЗначенияРеквизитов", "ЗначениеРеквизита"):
        found.setdefault(one.inner("Наименование"), one.inner("Значение"))
    for name in ("Номер1С", "Дата1С"):
        if told := node.inner(name):
            found.setdefault(name, told)
    return found


def _line(node: Node) -> Line:
    named = _requisites(node)
    price = node.first("ЦенаЗаЕдиницу")
    return Line(
        id=node.inner("Ид"),
        name=node.inner("Наименование"),
        article=node.inner("Артикул"),
        quantity_milli=values.milli(node.inner("Количество")),
        price=values.kopecks(node.inner("Цена") if price is None else price.text),
        amount=values.kopecks(node.inner("Сумма")),
        service=named.get("ТипНоменклатуры", "").casefold() == SERVICE,
    )
