"""Offers with prices and stock, whole and in parts (reference 8.5 and 8.6)."""

from collections.abc import Iterator

from plugins.exchange_1c import values
from plugins.exchange_1c.catalogue import NAME, pairs, removed, several, text_or_none
from plugins.exchange_1c.records import Note, Offer, Price
from plugins.exchange_1c.xml import Node


def offer(node: Node, notes: list[Note]) -> Offer:
    """An offer, with exactly the parts that the file has."""
    own = _id(node)
    unit = node.first("БазоваяЕдиница")
    name = text_or_none(node, "Наименование")
    return Offer(
        id=own,
        removed=removed(node),
        name=None if name is None else name[:NAME],
        article=text_or_none(node, "Артикул"),
        barcode=text_or_none(node, "Штрихкод"),
        unit_code=None if unit is None else unit.attributes.get("Код", unit.text).strip(),
        characteristics=pairs(node, "ХарактеристикиТовара", "ХарактеристикаТовара"),
        properties=_properties(node),
        prices=_prices(node, own, notes),
        total_milli=_total(node, own, notes),
        stock=_stock(node, own, notes),
    )


def _id(node: Node) -> str:
    """`product#characteristic`; changes-only packages give the two apart."""
    own = node.inner("Ид")
    apart = values.characteristic(node.inner("ИдХарактеристики"))
    return f"{own}#{apart}" if apart and "#" not in own else own


def _properties(node: Node) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    if node.first("ЗначенияСвойств") is None:
        return None
    return several(node, "ЗначенияСвойств", "ЗначенияСвойства", "Ид")


def _prices(node: Node, own: str, notes: list[Note]) -> tuple[Price, ...] | None:
    section = node.first("Цены")
    if section is None:
        return None
    found: list[Price] = []
    for one in section.children:
        if one.name != "Цена":
            continue
        amount = values.kopecks(one.inner("ЦенаЗаЕдиницу"))
        if amount is None or amount < 0:
            notes.append(Note("price_unreadable", own))
            continue
        found.append(
            Price(
                kind=one.inner("ИдТипаЦены"),
                amount=amount,
                currency=values.currency(one.inner("Валюта")),
                unit=_unit(one),
            )
        )
    return tuple(found)


def _unit(node: Node) -> str:
    found = node.first("Единица")
    if found is None:
        return ""
    return found.text or found.inner("Код").strip()


def _total(node: Node, own: str, notes: list[Note]) -> int | None:
    """The figure over all stores, of 2.0x or of a rests file that names no store."""
    found = node.first("Количество")
    if found is None:
        rests = [one for one in node.under("Остатки", "Остаток") if one.first("Склад") is None]
        found = next((one.first("Количество") for one in rests), None)
    if found is None or not found.text:
        return None
    total = values.milli(found.text)
    if total is None:
        notes.append(Note("stock_unreadable", own))
    return total


def _stock(node: Node, own: str, notes: list[Note]) -> tuple[tuple[str, int], ...] | None:
    found: dict[str, int] = {}
    seen = False
    for store, text in _places(node):
        seen = True
        figure = values.milli(text)
        if figure is None or not store:
            notes.append(Note("stock_unreadable", own))
        else:
            found[store] = figure
    return tuple(found.items()) if seen else None


def _places(node: Node) -> Iterator[tuple[str, str]]:
    """Store and figure, in the three spellings that are in use."""
    for child in node.children:
        if child.name == "Склад":
            yield from _spelled(child)
        elif child.name == "Склады":
            yield from _spelled(child)
            for one in child.children:
                yield from _spelled(one)
    for rest in node.under("Остатки", "Остаток"):
        for one in rest.children:
            if one.name == "Склад":
                yield one.inner("Ид"), one.inner("Количество")


def _spelled(node: Node) -> Iterator[tuple[str, str]]:
    """A store spelled as attributes."""
    if "ИдСклада" in node.attributes:
        yield node.attributes["ИдСклада"], node.attributes.get("КоличествоНаСкладе", "")
