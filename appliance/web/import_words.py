"""Words of imports: kinds, states, grounds, and the names of fields."""

from typing import Final

from appliance.domain.imports import ImportKind, ImportState, Match
from appliance.domain.privacy import LegalBasis, PurposeCode
from appliance.web.shell import N_

KINDS: Final = {
    ImportKind.CLIENTS: N_("Клиенты"),
    ImportKind.COMPANIES: N_("Компании"),
    ImportKind.PRODUCTS: N_("Товары и цены"),
    ImportKind.STOCK: N_("Начальные остатки"),
    ImportKind.ORDERS: N_("Заказы"),
    ImportKind.DEALS: N_("Сделки"),
    ImportKind.TASKS: N_("Задачи"),
}
STATES: Final = {
    ImportState.NEW: (N_("ждёт столбцов"), "grey", "ring"),
    ImportState.READING: (N_("читается"), "info", "half"),
    ImportState.CHECKING: (N_("проверяется"), "info", "half"),
    ImportState.CHECKED: (N_("проверен"), "info", "ring"),
    ImportState.RUNNING: (N_("идёт"), "info", "half"),
    ImportState.PAUSED: (N_("на паузе"), "warn", "ring"),
    ImportState.DONE: (N_("завершён"), "ok", "check"),
    ImportState.UNDOING: (N_("возвращается"), "info", "half"),
    ImportState.UNDONE: (N_("возвращён"), "grey", "cross"),
    ImportState.FAILED: (N_("не прочитан"), "bad", "cross"),
}
"""State → words, tone, shape."""

MATCHES: Final = {
    Match.UPDATE: N_("обновить карточку"),
    Match.SKIP: N_("пропустить строку"),
    Match.CREATE: N_("завести второго"),
}
BASES: Final = {
    LegalBasis.CONTRACT: N_("Договор: покупали или собираются"),
    LegalBasis.CONSENT: N_("Согласие"),
    LegalBasis.INTEREST: N_("Законный интерес"),
    LegalBasis.LAW: N_("Обязанность по закону"),
}
PURPOSES: Final = {
    PurposeCode.ORDER: N_("Заказы"),
    PurposeCode.CALLBACK: N_("Связаться по просьбе"),
    PurposeCode.MAILING: N_("Рассылка"),
    PurposeCode.ACCOUNTING: N_("Учёт"),
}

FIELD_WORDS: Final = (
    N_("Фамилия"),
    N_("Имя"),
    N_("Отчество"),
    N_("Имя целиком"),
    N_("Телефон"),
    N_("Почта"),
    N_("Мессенджер"),
    N_("День рождения"),
    N_("Пол"),
    N_("Индекс"),
    N_("Область"),
    N_("Город"),
    N_("Улица"),
    N_("Дом"),
    N_("Квартира"),
    N_("Адрес целиком"),
    N_("Заметка"),
    N_("Метки"),
    N_("Менеджер"),
    N_("Источник"),
    N_("Код в другой программе"),
    N_("Дата создания"),
    N_("VIP"),
    N_("Название"),
    N_("Полное название"),
    N_("ИНН"),
    N_("КПП"),
    N_("ОГРН"),
    N_("Юридический адрес"),
    N_("БИК"),
    N_("Банк"),
    N_("Расчётный счёт"),
    N_("Корр. счёт"),
    N_("Артикул"),
    N_("Штрихкод"),
    N_("Цена"),
    N_("Закупочная цена"),
    N_("Группа"),
    N_("Производитель"),
    N_("Единица"),
    N_("Вес, г"),
    N_("НДС"),
    N_("Остаток"),
    N_("Количество"),
    N_("Номер заказа"),
    N_("Дата заказа"),
    N_("Статус"),
    N_("Товар"),
    N_("Сумма заказа"),
    N_("Оплачено"),
    N_("Способ оплаты"),
    N_("Способ доставки"),
    N_("Стоимость доставки"),
    N_("Комментарий покупателя"),
    N_("Сумма"),
    N_("Стадия"),
    N_("Ожидаемая дата"),
    N_("Задача"),
    N_("Срок"),
    N_("Исполнитель"),
    N_("Телефон клиента"),
    N_("Почта клиента"),
)
"""Labels of `domain.import_fields`, which knows no catalogue, for the translators."""
