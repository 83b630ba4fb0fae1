"""Codes that plugins of marketplaces bring, in words: for cards, lists and journals alike."""

from collections.abc import Mapping
from typing import Final

from appliance.domain.formats import Language
from appliance.web import texts
from appliance.web.shell import N_

BUTTONS: Final[Mapping[str, tuple[str, str]]] = {
    "confirm": (N_("Подтвердить"), "check"),
    "pack": (N_("Собрано"), "package-check"),
    "codes": (N_("Коды маркировки"), "scan-barcode"),
    "label": (N_("Этикетка"), "printer"),
    "act": (N_("Акт передачи"), "file-text"),
    "cancel": (N_("Отменить на маркетплейсе"), "ban"),
}
REFUSALS: Final[Mapping[str, str]] = {
    "codes_missing": N_("Сначала впишите коды маркировки каждой штуки"),
    "codes_refused": N_("Маркетплейс не принял коды: проверьте их в его кабинете"),
    "cancel_needs_words": N_("Для другой причины нужно пояснение"),
    "act_refused": N_("Маркетплейс не сделал акт: посмотрите отгрузку в его кабинете"),
    "label_not_now": N_("Будет, когда отправление собрано"),
    "has_incorrect_product_quantity": N_("Количество в заказе и на маркетплейсе разное"),
    "exemplar_info_not_filled_completely": N_("Маркетплейсу не хватает кодов маркировки"),
    "sku_stock_not_found": N_("На маркетплейсе нет такого товара на этом складе"),
    "not_in_catalogue": N_("Артикула нет в каталоге маркетплейса"),
    "price_zero": N_("Цена нулевая, не отправлена"),
    "no_answer": N_("Маркетплейс промолчал об этом товаре"),
    "invalid_price": N_("Маркетплейс не принял цену"),
    "price_held": N_("Маркетплейс придержал цену: подтвердите её в его кабинете"),
    "act_not_yet": N_("Отгрузка ещё не закрыта: акт будет, когда пройдёт час её закрытия"),
    "yandex_refused": N_("Маркетплейс отказал и не сказал почему: откройте заказ в его кабинете"),
    "wb_refused": N_("Маркетплейс отказал и не сказал почему: откройте заказ в его кабинете"),
    "price_waits": N_("Ждём ответа маркетплейса о цене"),
    "price_differs": N_("Размеры одной карточки стоят по-разному, а цена на карточке одна"),
    "price_quarantine": N_("Цена упала больше чем втрое и ждёт в карантине цен маркетплейса"),
    "price_cancelled": N_("Маркетплейс отменил загрузку цен"),
    "stock_not_taken": N_("Маркетплейс ответил «принято», но остаток не изменился"),
    "stock_too_much": N_("Остаток больше, чем принимает маркетплейс"),
    "stock_blocked": N_("Маркетплейс не даёт менять остатки: посмотрите его кабинет"),
    "stock_wrong_warehouse": N_("Склад на маркетплейсе не для товаров такого размера"),
    "store_processing": N_("Склад на маркетплейсе обновляется, отправим ещё раз"),
    "not_for_fbs": N_("Маркетплейс не даёт продавать этот товар по FBS"),
    "warehouse_unknown": N_("На маркетплейсе нет склада с номером из настроек"),
    "supply_not_packed": N_("В поставке есть несобранные задания: соберите все или уберите их"),
    "supply_unknown": N_("Задание не в поставке: сначала «В поставку» или «Собрано»"),
    "failedtoaddsupplyorder": N_("Маркетплейс не берёт задание в поставку: посмотрите его кабинет"),
    "statusmismatch": N_("На маркетплейсе у отправления уже другой статус"),
    "cancel_not_now": N_("Маркетплейс уже не даёт отменить"),
    "posting_unknown_there": N_("Маркетплейс не знает этого отправления"),
}
"""Codes that plugins bring, in words; one that nobody knows is shown as it is."""
JOURNAL: Final = frozenset({"deed_refused", "stock_refused", "price_refused"})
"""Lines of such plugins' journals that name a refusal as `why`, and a deed."""


def spoken(code: str, data: Mapping[str, int | str], language: Language) -> Mapping[str, int | str]:
    """Data of a line of the journal, with words in place of the codes that are known."""
    if code not in JOURNAL:
        return data
    say = texts.catalogue(language).gettext
    said = dict(data)
    if (why := said.get("why")) in REFUSALS:
        said["why"] = say(REFUSALS[str(why)])
    if (deed := said.get("deed")) in BUTTONS:
        said["deed"] = say(BUTTONS[str(deed)][0])
    return said
