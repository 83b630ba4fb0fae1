"""Documents of a 1C base about orders, and what it reads of the site's."""

from collections.abc import Iterable, Mapping
from xml.etree import ElementTree as Tree

from tests.onec_client.base import BITRIX, Profile

DAY = "2026-02-03"


def document(
    profile: Profile,
    order: str,
    operation: str,
    own: str,
    goods: Mapping[str, int],
    *,
    removed: bool = False,
) -> bytes:
    """A document of goods of an order: beside it in a container, or inside it.

    Args:
        profile: of the base.
        order: the site's number.
        operation: kind of document.
        own: its number in the base.
        goods: id of a good → pieces.
        removed: it is marked for deletion.
    """
    lines = "".join(
        f"<Товар><Ид>{one}</Ид><Наименование>{one}</Наименование><Количество>{count}</Количество>"
        "</Товар>"
        for one, count in goods.items()
    )
    marked = "<ПометкаУдаления>true</ПометкаУдаления>" if removed else ""
    inside = (
        f"<Ид>{own}</Ид><Номер>{own}</Номер><Дата>{DAY}</Дата><ХозОперация>{operation}"
        f"</ХозОперация>{marked}<Основание>{order}</Основание><Товары>{lines}</Товары>"
    )
    head = (
        f"<Ид>of-{order}</Ид><Номер>{order}</Номер><Дата>{DAY}</Дата>"
        "<ХозОперация>Заказ товара</ХозОперация>"
    )
    if profile is BITRIX:
        body = f"<Контейнер><Документ>{head}</Документ><Документ>{inside}</Документ></Контейнер>"
    else:
        under = f"<ПодчиненныйДокумент>{inside}</ПодчиненныйДокумент>"
        body = f"<Документ>{head}<ПодчиненныеДокументы>{under}</ПодчиненныеДокументы></Документ>"
    root = "КоммерческаяИнформация"
    return f'<?xml version="1.0" encoding="UTF-8"?><{root}>{body}</{root}>'.encode()


def read(root: Tree.Element, operation: str) -> list[tuple[str, dict[str, str]]]:
    """Documents of one kind that the site told of: order they stand on, id of a good → quantity."""
    return [
        (_text(one, "Основание"), dict(_goods(one)))
        for one in root.iter()
        if _text(one, "ХозОперация") == operation
    ]


def _goods(one: Tree.Element) -> Iterable[tuple[str, str]]:
    for good in one.iterfind("Товары/Товар"):
        yield _text(good, "Ид"), _text(good, "Количество")


def _text(one: Tree.Element, name: str) -> str:
    return one.findtext(name) or ""
