"""Towns, offices and tariffs of CDEK's fake."""

from typing import Any, Final
from uuid import UUID, uuid5

NAMESPACE: Final = UUID("5b1c1a10-9c1f-4d0e-8b1e-0c6f3a9d7e21")
TOWNS: Final = {
    44: ("Москва", "101000"),
    137: ("Санкт-Петербург", "190000"),
    245: ("Тверь", "170000"),
}
TARIFFS: Final = (
    (136, "Посылка склад-склад", 4, 220.0, 2, 4),
    (137, "Посылка склад-дверь", 3, 410.0, 2, 4),
    (138, "Посылка дверь-склад", 2, 390.0, 3, 5),
    (139, "Посылка дверь-дверь", 1, 520.0, 3, 5),
    (368, "Посылка склад-постамат", 7, 205.0, 2, 5),
    (483, "Экспресс склад-склад", 4, 480.0, 1, 1),
)
"""Code, name, mode, roubles, least and most days."""


def _office(code: str, town: int, address: str, kind: str = "PVZ") -> dict[str, Any]:
    name = TOWNS[town][0]
    return {
        "code": code, "uuid": str(uuid5(NAMESPACE, code)), "type": kind, "work_time": "10:00-20:00",
        "phones": [{"number": "+70000000000"}], "owner_code": "cdek", "take_only": False,
        "is_handout": True, "is_reception": kind == "PVZ", "is_dressing_room": False,
        "have_cashless": True, "have_cash": kind == "PVZ", "have_fast_payment_system": True,
        "allowed_cod": kind == "PVZ", "status": "ACTIVE", "weight_max": 30.0,
        "work_time_list": [{"day": 1, "time": "10:00/20:00"}],
        "location": {
            "country_code": "RU", "region_code": 1, "region": name, "city_code": town, "city": name,
            "longitude": 37.6, "latitude": 55.7, "address": address,
            "address_full": f"Россия, {name}, {address}",
        },
    }  # fmt: skip


OFFICES: Final = (
    _office("TVR1", 245, "ул. Садовая, 7"),
    _office("TVR2", 245, "наб. Речная, 2"),
    _office("TVR9", 245, "пл. Ленина, 1", "POSTAMAT"),
    _office("MSK5", 44, "ул. Тверская, 5"),
)
