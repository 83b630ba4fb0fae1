"""Connections of shops in words: steps, modules and what these demand, runs of catalogues."""

from collections.abc import Callable, Mapping
from typing import Final

from appliance.domain.catalogue_runs import Origin, Outcome, RunState
from appliance.domain.shops import DEMANDS, Cms, Step
from appliance.web.shell import N_

STEPS: Final[Mapping[Step, str]] = {
    Step.SHOP: N_("Магазин"),
    Step.KEY: N_("Адрес и ключ"),
    Step.CHECK: N_("Проверка связи"),
    Step.CATALOGUE: N_("Каталог"),
    Step.DEFAULTS: N_("Заказы"),
    Step.IMPORT: N_("Первый импорт"),
}
KINDS: Final[Mapping[Cms, str]] = {
    Cms.OPENCART: "OpenCart",
    Cms.BITRIX: N_("1С-Битрикс"),
    Cms.WOOCOMMERCE: "WooCommerce",
    Cms.PRESTASHOP: "PrestaShop",
    Cms.SCRIPT: N_("Своя программа"),
}
PERIODS: Final[Mapping[int, str]] = {
    0: N_("только по кнопке и по просьбе магазина"),
    15: N_("каждые 15 минут"),
    60: N_("каждый час"),
    240: N_("каждые 4 часа"),
    1440: N_("раз в сутки"),
}
STATES: Final[Mapping[RunState, tuple[str, str, str]]] = {
    RunState.WAITING: (N_("ждёт очереди"), "grey", "ring"),
    RunState.FETCHING: (N_("скачивается"), "info", "half"),
    RunState.READING: (N_("проверяется целиком"), "info", "half"),
    RunState.TAKING: (N_("принимается"), "info", "half"),
    RunState.DONE: (N_("принят"), "ok", "check"),
    RunState.SAME: (N_("не изменился"), "ok", "check"),
    RunState.FAILED: (N_("не принят"), "bad", "cross"),
}
ORIGINS: Final[Mapping[Origin, str]] = {
    Origin.SCHEDULE: N_("по расписанию"),
    Origin.SHOP: N_("по просьбе магазина"),
    Origin.ADDRESS: N_("по кнопке"),
    Origin.FILE: N_("из файла"),
}
OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.CREATED: N_("Создано"),
    Outcome.UPDATED: N_("Обновлено"),
    Outcome.SAME: N_("Без изменений"),
    Outcome.SKIPPED: N_("Пропущено"),
    Outcome.FAILED: N_("Не принято"),
    Outcome.HIDDEN: N_("Снято с продажи"),
    Outcome.NOTED: N_("С замечанием"),
}
FIELDS: Final[Mapping[str, str]] = {
    "id": "id",
    "name": N_("название"),
    "price": N_("цена"),
    "purchasePrice": N_("закупочная цена"),
    "quantity": N_("остаток"),
    "weight": N_("вес"),
    "dimensions": N_("размеры"),
    "vatRate": N_("НДС"),
    "unit": N_("единица"),
    "categoryId": N_("группа"),
}
ALIAS: Final = "/retailcrm.ru"
"""The path under which the box answers a module that looks for its vendor's name."""


OVERRIDE_PLACE: Final = (
    "wp-content/retailcrm-custom/validators/url-validator/class-wc-retailcrm-url-validator.php"
)
"""Where the module itself looks for a class in place of its own."""


def address_for(base: str, cms: str) -> str:
    """What is typed into the module as the address of the system."""
    found = DEMANDS.get(Cms(cms)) if cms in set(Cms) else None
    return base + ALIAS if found is not None and found.alias else base


_SAID: Final[tuple[tuple[str, bool, str, str], ...]] = (
    ("https", True, N_("Только https://"), N_("У коробки он есть сразу")),
    (
        "https",
        False,
        N_("Любой адрес"),
        N_("Сертификат коробки сделайте доверенным или отключите проверку"),
    ),
    (
        "root",
        True,
        N_("Порт 443 и без пути"),
        N_("Модуль хранит только имя: наружная дверь должна слушать порт 443"),
    ),
    (
        "proof",
        True,
        N_("Настоящий сертификат"),
        N_("Подойдёт Let’s Encrypt; самоподписанный модуль отвергнет"),
    ),
    (
        "public",
        True,
        N_("Имя, видимое из интернета"),
        N_("Адреса локальной сети вроде 192.168.… модуль не примет"),
    ),
    (
        "alias",
        True,
        N_("В адресе должно стоять имя поставщика"),
        N_("Впишите %(address)s: коробка отвечает и там"),
    ),
    ("alias", True, N_("Ключ ровно из 32 знаков"), N_("Ключи коробки такие и есть")),
    (
        "override",
        True,
        N_("Форма принимает только домены поставщика"),
        N_("Проверку адреса заменяет класс по пути %(place)s"),
    ),
    (
        "tells",
        True,
        N_("Адрес каталога модуль сообщит сам"),
        N_("На шаге «Каталог» он уже будет заполнен"),
    ),
    (
        "tells",
        False,
        N_("Адрес каталога вписывают здесь"),
        N_("Обычно это %(path)s от корня сайта"),
    ),
)
"""Demand, whether it is made, what it is, what to do about it."""


def demands_of(cms: str, translate: Callable[[str], str], base: str) -> list[tuple[str, str]]:
    """What a module demands of the address in sentences: (demand, what to do)."""
    if cms not in set(Cms):
        return []
    asked = DEMANDS[Cms(cms)]
    places = {"address": base + ALIAS, "place": OVERRIDE_PLACE, "path": asked.catalogue}
    return [
        (translate(what), translate(why) % places)
        for name, made, what, why in _SAID
        if getattr(asked, name) is made and not (name == "tells" and not (made or asked.catalogue))
    ]
