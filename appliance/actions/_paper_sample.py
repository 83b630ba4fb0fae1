"""An invented order for the preview of a template: whoever edits it sees no client."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from appliance.actions import _papers
from appliance.domain import barcodes
from appliance.domain.papers import OwnEntity, OwnRequisites, PaperKind, Sheet
from appliance.domain.personal import Personal

_ENTITY: Final = OwnRequisites(
    name="ООО «Ваша компания»",
    full_name="Общество с ограниченной ответственностью «Ваша компания»",
    inn="0000000000",
    kpp="000000000",
    address="г. Город, ул. Улица, д. 1",
    bank="БАНК, г. Город",
    bik="000000000",
    account="00000000000000000000",
    corr_account="00000000000000000000",
    director="Фамилия И. О.",
    director_post="Директор",
)


def _line(place: int, name: str, quantity: str, price: str, total: str) -> Mapping[str, Any]:
    return {
        "place": place, "name": name, "sku": f"АРТ-{place}", "unit": "шт.", "service": False,
        "barcode": f"460000000001{place}", "weight": "0,5", "quantity": quantity, "price": price,
        "total": total, "net": total, "net_price": price, "vat": "без НДС", "vat_name": "без НДС",
    }  # fmt: skip


_LINES: Final[Sequence[Mapping[str, Any]]] = (
    _line(1, "Чайник стальной, 1,7 л", "1", "3 200,00", "3 200,00"),
    _line(2, "Фильтр для воды", "2", "545,00", "1 090,00"),
    _line(3, "Доставка: Курьер", "1", "300,00", "300,00"),
)


def sample(kind: PaperKind, text: str, ours: OwnEntity | None) -> Sheet:
    """What a template is previewed with."""
    parts = _ENTITY if ours is None else ours.parts
    seller = {
        **{name: getattr(parts, name) for name in OwnRequisites.__struct_fields__},
        "full_name": parts.full_name or parts.name,
        "director_post": parts.director_post or "Руководитель",
        "logo": False, "stamp": False, "signature": False,
    }  # fmt: skip
    fields: Mapping[str, object] = {
        "doc": {
            "title": _papers.TITLES[kind], "number": "17", "day": "02.03.2026",
            "day_words": "2 марта 2026 г.", "payable": True,
        },
        "seller": seller,
        "buyer": {
            "name": "Примерова Анна Ивановна", "contact": "Примерова Анна Ивановна", "inn": "",
            "kpp": "", "address": "г. Тверь, ул. Садовая, д. 1, кв. 2", "bank": "", "bik": "",
            "account": "", "corr_account": "", "phone": "+7 9•• •••-12-34", "is_company": False,
        },
        "order": {
            "number": "1044", "day": "01.03.2026", "paid": "", "left": "4 590,00",
            "to_collect": "4 590,00", "delivery": "Курьер", "when": "3 марта, 10:00–14:00",
            "address": "г. Тверь, ул. Садовая, д. 1, кв. 2", "notes": "домофон 2", "comment":
            "Позвоните за час", "track": "", "warehouse": "Основной склад", "weight": "1,5 кг",
            "shop": "Основной магазин", "manager": "Иванов Пётр",
        },
        "lines": _LINES,
        "totals": {
            "discount": "", "total": "4 590,00", "net": "4 590,00", "vat_sum": "без НДС",
            "vat": [], "count": 3, "goods_count": 2, "quantity": "3",
            "words": "Четыре тысячи пятьсот девяносто рублей 00 копеек",
        },
    }  # fmt: skip
    pictures = {
        "qr.svg": _papers.square("ST00012|Name=ООО «Ваша компания»"),
        "bars.svg": barcodes.drawing("1044"),
        "order.svg": _papers.square("1044"),
    }
    return Sheet(template=text, fields=Personal(fields), pictures=pictures)
