"""Goods and the classifier: elements into records (reference 8.3 and 8.4)."""

from plugins.exchange_1c import values
from plugins.exchange_1c.records import Good, Group, Note, PriceType, Property, Store, Unit
from plugins.exchange_1c.xml import Node

LONG = 1_000_000
"""Characters of a description that are kept."""
NAME = 250
EXTRA = 4_000
"""Characters of an element nobody knows."""
REMOVED = frozenset({"удален", "удалён"})


def removed(node: Node) -> bool:
    """Whether 1C says that this was deleted; the only signs of it that can be trusted."""
    if node.said("Статус").strip().casefold() in REMOVED:
        return True
    return values.truth(node.said("ПометкаУдаления")) is True


def text_or_none(node: Node, name: str) -> str | None:
    """Text of a child: None where the element is absent, empty where it is empty."""
    found = node.first(name)
    return None if found is None else found.text


def pairs(node: Node, outer: str, inner: str) -> tuple[tuple[str, str], ...] | None:
    """`Наименование` and `Значение` of a list of characteristics; None where it is absent."""
    found = node.first(outer)
    if found is None:
        return None
    return tuple(
        (one.inner("Наименование"), one.inner("Значение"))
        for one in found.children
        if one.name == inner
    )


def several(
    node: Node, outer: str, inner: str, key: str
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Keys with all their values: of properties and requisites."""
    return tuple(
        (
            one.inner(key),
            tuple(each.text for each in one.children if each.name == "Значение"),
        )
        for one in node.under(outer, inner)
    )


def group(node: Node, parent: str) -> Group:
    """A group."""
    return Group(
        id=node.inner("Ид"),
        name=node.inner("Наименование")[:NAME],
        parent=parent,
        removed=removed(node),
    )


def properties_of(node: Node) -> Property:
    """A property with its dictionary."""
    found = {
        one.inner("ИдЗначения"): one.inner("Значение")
        for one in node.under("ВариантыЗначений", "Справочник")
    }
    return Property(
        id=node.inner("Ид"),
        name=node.inner("Наименование")[:NAME],
        kind=node.inner("ТипЗначений"),
        values={one: text for one, text in found.items() if one},
        for_offers=values.truth(node.inner("ДляПредложений")) is True,
        removed=removed(node),
    )


def price_type(node: Node) -> PriceType:
    """A kind of price."""
    tax = node.first("Налог")
    return PriceType(
        id=node.inner("Ид"),
        name=node.inner("Наименование")[:NAME],
        currency=values.currency(node.inner("Валюта")),
        taxed=None if tax is None else values.truth(tax.inner("УчтеноВСумме")),
        removed=removed(node),
    )


def store(node: Node) -> Store:
    """A warehouse; its address and people stay in the file."""
    return Store(id=node.inner("Ид"), name=node.inner("Наименование")[:NAME], removed=removed(node))


def unit(node: Node) -> Unit:
    """A unit."""
    return Unit(
        code=(node.inner("Код") or node.inner("Ид")).strip(),
        short=node.inner("НаименованиеКраткое"),
        full=node.inner("НаименованиеПолное"),
    )


def good(node: Node, notes: list[Note]) -> Good:
    """A good, with everything unknown kept aside."""
    found = _plain(node)
    own = node.inner("Ид")
    description = found.get("Описание")
    if description is not None and len(description) > LONG:
        notes.append(Note("text_cut", own))
        description = description[:LONG]
    requisites = several(node, "ЗначенияРеквизитов", "ЗначениеРеквизита", "Наименование")
    named = {name: kept[0] for name, kept in requisites if kept}
    code, unit_name = _unit(node)
    maker = node.first("Изготовитель")
    return Good(
        id=own,
        removed=removed(node),
        name=_name(found, notes, own),
        article=found.get("Артикул"),
        code=found.get("Код") or named.get("Код"),
        barcode=found.get("Штрихкод"),
        unit_code=code,
        unit_name=unit_name,
        groups=_groups(node),
        description=description,
        html=values.truth(named.get("ОписаниеВФорматеHTML", "")) is True,
        pictures=_pictures(node),
        properties=_properties(node),
        characteristics=pairs(node, "ХарактеристикиТовара", "ХарактеристикаТовара"),
        vat=_vat(node),
        maker=None if maker is None else maker.inner("Наименование") or maker.text,
        country=found.get("Страна"),
        brand=found.get("ТорговаяМарка"),
        grams=values.grams(found.get("Вес") or named.get("Вес", "")),
        requisites=requisites,
        extra=_extra(node),
    )


_TEXTS = frozenset(
    {
        "Наименование",
        "Артикул",
        "Код",
        "Штрихкод",
        "Описание",
        "Страна",
        "ТорговаяМарка",
        "Вес",
    }
)
_KNOWN = _TEXTS | {
    "Ид",
    "БазоваяЕдиница",
    "Группы",
    "Картинка",
    "Статус",
    "ПометкаУдаления",
    "НомерВерсии",
    "Изготовитель",
    "СтавкиНалогов",
    "ЗначенияСвойств",
    "ХарактеристикиТовара",
    "ЗначенияРеквизитов",
}


def _plain(node: Node) -> dict[str, str]:
    found: dict[str, str] = {}
    for child in node.children:
        if child.name in _TEXTS:
            found.setdefault(child.name, child.text)
    return found


def _name(found: dict[str, str], notes: list[Note], own: str) -> str | None:
    name = found.get("Наименование")
    if name is not None and len(name) > NAME:
        notes.append(Note("name_cut", own))
        return name[:NAME]
    return name


def _unit(node: Node) -> tuple[str | None, str | None]:
    """Code and name; 3.1 gives the bare code as text, 2.0x gives it as an attribute."""
    found = node.first("БазоваяЕдиница")
    if found is None:
        return None, None
    code = found.attributes.get("Код", "").strip()
    if not code and found.text.strip().isdigit():
        return found.text.strip(), ""
    return code, found.text or found.attributes.get("НаименованиеПолное", "")


def _groups(node: Node) -> tuple[str, ...] | None:
    found = node.first("Группы")
    if found is None:
        return None
    return tuple(one.text for one in found.children if one.name == "Ид" and one.text)


def _pictures(node: Node) -> tuple[str, ...] | None:
    """Paths, the main one first; an empty element alone clears them."""
    found = [one.text for one in node.children if one.name == "Картинка"]
    return tuple(one for one in found if one) if found else None


def _properties(node: Node) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    if node.first("ЗначенияСвойств") is None:
        return None
    return several(node, "ЗначенияСвойств", "ЗначенияСвойства", "Ид")


def _vat(node: Node) -> str | None:
    for one in node.under("СтавкиНалогов", "СтавкаНалога"):
        if one.inner("Наименование").casefold() in ("ндс", ""):
            return one.inner("Ставка")
    return None


def _extra(node: Node) -> tuple[tuple[str, str], ...]:
    return tuple(
        (child.name, flat(child)[:EXTRA]) for child in node.children if child.name not in _KNOWN
    )


def flat(node: Node) -> str:
    """An unknown element as text: what is inside it, by name."""
    if not node.children:
        return node.text
    return "; ".join(f"{one.name}: {flat(one)}" for one in node.children)
