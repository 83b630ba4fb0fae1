"""What a column may be: fields by kind, their names in files, and guessing one by the other."""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from appliance.domain.fields import CustomField, FieldType, Owner
from appliance.domain.imports import ImportKind


class Field(NamedTuple):
    """A field that a column may fill.

    Attributes:
        label: msgid.
        words: what files call it: Russian and English, in small letters.
        many: several columns may bring it.
    """

    code: str
    label: str
    words: tuple[str, ...]
    many: bool = False


def _f(code: str, label: str, *words: str, many: bool = False) -> Field:
    return Field(code, label, (label.lower(), *words), many)


_REACH: Final = (
    _f("phone", "Телефон", "телефоны", "тел", "мобильный телефон", "мобильный", "рабочий телефон",
       "контактный телефон", "телефон клиента", "phone", "phones", "mobile", "phone number", "tel",
       "домашний телефон", "другой телефон", many=True),
    _f("email", "Почта", "e-mail", "email", "эл. почта", "электронная почта", "почта клиента",
       "рабочий e-mail", "рабочий email", "частный e-mail", "mail", "email address", many=True),
    _f("messenger", "Мессенджер", "телеграм", "telegram", "whatsapp", "viber", "vk", many=True),
)  # fmt: skip
_PLACE: Final = (
    _f("index", "Индекс", "почтовый индекс", "zip", "postcode", "postal code"),
    _f("region_text", "Область", "регион", "край", "region", "state"),
    _f("city", "Город", "населённый пункт", "населенный пункт", "city", "town"),
    _f("street", "Улица", "street"),
    _f("building", "Дом", "номер дома", "house", "building"),
    _f("flat", "Квартира", "офис", "кв", "flat", "apartment"),
    _f("address", "Адрес целиком", "адрес", "адрес доставки", "фактический адрес", "address"),
)
_ABOUT: Final = (
    _f("comment", "Заметка", "комментарий", "примечание", "описание", "comment", "note", "notes"),
    _f("tags", "Метки", "теги", "тэги", "tags", "labels"),
    _f("manager", "Менеджер", "ответственный", "ответственный менеджер", "owner", "manager",
       "responsible", "assigned to"),
    _f("source", "Источник", "рекламный источник", "source", "lead source", "utm_source"),
    _f("external_id", "Код в другой программе", "id", "внешний id", "внешний код", "код",
       "код клиента", "externalid", "external id", "идентификатор"),
    _f("created_at", "Дата создания", "создан", "дата регистрации", "дата создания контакта",
       "created", "created at", "date created", "когда создан"),
)  # fmt: skip
_NAME: Final = (
    _f("last_name", "Фамилия", "last name", "surname", "lastname", "family name"),
    _f("first_name", "Имя", "first name", "firstname", "given name"),
    _f("patronymic", "Отчество", "middle name", "patronymic", "second name"),
    _f("full_name", "Имя целиком", "фио", "ф.и.о.", "клиент", "контакт", "покупатель",
       "наименование", "полное имя", "full name", "name", "customer", "контактное лицо"),
)  # fmt: skip
_REQUISITES: Final = (
    _f("inn", "ИНН", "inn", "tin", "инн клиента", "инн компании", "инн/кпп"),
    _f("kpp", "КПП", "kpp"),
    _f("ogrn", "ОГРН", "ogrn", "огрн/огрнип"),
    _f("legal_address", "Юридический адрес", "юр. адрес", "legal address"),
    _f("bik", "БИК", "bik", "бик банка"),
    _f("bank", "Банк", "наименование банка", "bank"),
    _f("bank_account", "Расчётный счёт", "расчетный счет", "р/с", "р/счет", "account"),
    _f("corr_account", "Корр. счёт", "корр. счет", "корреспондентский счет", "к/с"),
)
_COMPANY: Final = (
    _f("company_name", "Название", "компания", "название компании", "организация", "company",
       "company name", "наименование", "юр. лицо", "краткое наименование"),
    _f("legal_name", "Полное название", "полное наименование", "юридическое название",
       "полное юридическое наименование", "legal name"),
)  # fmt: skip
_GOODS: Final = (
    _f("sku", "Артикул", "sku", "article", "артикул товара", "vendor code", "код товара"),
    _f("barcode", "Штрихкод", "штрих-код", "ean", "ean13", "barcode", "gtin"),
)

FIELDS: Final[dict[ImportKind, tuple[Field, ...]]] = {
    ImportKind.CLIENTS: (
        *_NAME,
        *_REACH,
        _f("birthday", "День рождения", "дата рождения", "др", "birthday", "birth date",
           "date of birth"),
        _f("sex", "Пол", "sex", "gender"),
        *_PLACE,
        *_ABOUT,
        _f("vip", "VIP", "вип"),
    ),
    ImportKind.COMPANIES: (*_COMPANY, *_REACH, *_REQUISITES, *_PLACE, *_ABOUT),
    ImportKind.PRODUCTS: (
        _f("name", "Название", "наименование", "номенклатура", "товар", "наименование товара",
           "название товара", "товары (работы, услуги)", "наименование товаров", "name", "title",
           "product", "product name"),
        *_GOODS,
        _f("price", "Цена", "цена продажи", "розничная цена", "розничная", "цена, руб.",
           "стоимость", "price", "retail price", "цена розничная"),
        _f("purchase_price", "Закупочная цена", "закупка", "себестоимость", "закупочная", "cost",
           "purchase price", "цена закупки"),
        _f("group", "Группа", "категория", "раздел", "номенклатурная группа", "category", "group"),
        _f("manufacturer", "Производитель", "бренд", "марка", "brand", "vendor", "manufacturer"),
        _f("unit", "Единица", "ед.", "ед. изм.", "единица измерения", "базовая единица", "unit"),
        _f("weight", "Вес, г", "вес", "вес, грамм", "weight"),
        _f("vat", "НДС", "ставка ндс", "vat"),
        _f("quantity", "Остаток", "остатки", "количество", "кол-во", "в наличии", "stock", "qty",
           "quantity"),
        _f("external_id", "Код в другой программе", "id", "код", "внешний код", "xml_id",
           "external id", "guid", "ид"),
    ),
    ImportKind.STOCK: (
        *_GOODS,
        _f("quantity", "Количество", "остаток", "остатки", "кол-во", "в наличии", "quantity",
           "stock", "qty", "конечный остаток"),
        _f("purchase_price", "Закупочная цена", "цена", "себестоимость", "cost", "price"),
        _f("external_id", "Код в другой программе", "код", "id", "xml_id", "external id"),
    ),
    ImportKind.ORDERS: (
        _f("number", "Номер заказа", "заказ", "номер", "№", "№ заказа", "order", "order number",
           "number", "id", "id заказа"),
        _f("created_at", "Дата заказа", "дата", "дата создания", "создан", "дата оформления",
           "created", "created at", "date"),
        _f("status", "Статус", "статус заказа", "состояние", "status"),
        *_NAME,
        *_REACH[:2],
        *_GOODS[:1],
        _f("product", "Товар", "название товара", "наименование товара", "номенклатура",
           "позиция", "product", "product name", "item"),
        _f("quantity", "Количество", "кол-во", "количество товара", "quantity", "qty"),
        _f("price", "Цена", "цена товара", "цена за единицу", "price"),
        _f("total", "Сумма заказа", "сумма", "итого", "стоимость заказа", "total", "amount",
           "сумма (к оплате)"),
        _f("paid", "Оплачено", "оплата", "сумма оплаты", "paid"),
        _f("payment_type", "Способ оплаты", "тип оплаты", "вид оплаты", "payment method"),
        _f("delivery_type", "Способ доставки", "тип доставки", "доставка", "delivery"),
        _f("delivery_cost", "Стоимость доставки", "цена доставки", "delivery cost"),
        *_PLACE,
        _f("comment", "Комментарий покупателя", "комментарий", "комментарий клиента",
           "примечание", "comment"),
        *_ABOUT[2:4],
    ),
    ImportKind.DEALS: (
        _f("name", "Название", "сделка", "название сделки", "наименование", "deal", "deal name",
           "title"),
        _f("amount", "Сумма", "бюджет", "бюджет сделки", "сумма сделки", "amount", "budget",
           "price"),
        _f("stage", "Стадия", "стадия сделки", "этап", "этап сделки", "статус", "stage", "status"),
        *_NAME,
        *_REACH[:2],
        _f("due", "Ожидаемая дата", "дата завершения", "предполагаемая дата закрытия", "close date",
           "дата закрытия"),
        *_ABOUT,
    ),
    ImportKind.TASKS: (
        _f("title", "Задача", "название", "текст", "текст задачи", "тема", "что сделать", "title",
           "task", "subject"),
        _f("due", "Срок", "дата", "дедлайн", "крайний срок", "due", "due date", "deadline",
           "выполнить до"),
        _f("performer", "Исполнитель", "ответственный", "кому", "assignee", "responsible"),
        _f("phone", "Телефон клиента", "телефон", "phone"),
        _f("email", "Почта клиента", "e-mail", "email"),
        _f("note", "Заметка", "комментарий", "описание", "note", "description"),
    ),
}  # fmt: skip
"""Kind → what its columns may be."""

OWNERS: Final[dict[ImportKind, Owner]] = {
    ImportKind.CLIENTS: Owner.CUSTOMER,
    ImportKind.COMPANIES: Owner.COMPANY,
    ImportKind.PRODUCTS: Owner.PRODUCT,
    ImportKind.ORDERS: Owner.ORDER,
    ImportKind.DEALS: Owner.DEAL,
    ImportKind.TASKS: Owner.TASK,
}
"""Kind → whose fields of the house's own making its columns may be, too."""


def fields_of(kind: ImportKind, made: Iterable[CustomField] = ()) -> tuple[Field, ...]:
    """What the columns of a kind may be; `made`: fields of the house's own making."""
    own = (
        Field(
            one.history,
            one.name,
            tuple(dict.fromkeys((plain(one.name), one.code.lower()))),
            many=one.type is FieldType.CHOICES,
        )
        for one in made
        if one.active
    )
    return (*FIELDS[kind], *own)


REQUIRED: Final[dict[ImportKind, tuple[tuple[str, ...], ...]]] = {
    ImportKind.CLIENTS: (("last_name", "first_name", "full_name", "phone", "email"),),
    ImportKind.COMPANIES: (("company_name", "legal_name"),),
    ImportKind.PRODUCTS: (("name",),),
    ImportKind.STOCK: (("sku", "barcode", "external_id"), ("quantity",)),
    ImportKind.ORDERS: (("number",), ("product", "sku", "total")),
    ImportKind.DEALS: (("name",),),
    ImportKind.TASKS: (("title",),),
}
"""Kind → groups of fields, of each of which a file needs one."""


class Preset(NamedTuple):
    """Headings of another program's export, paired by hand.

    Attributes:
        sure: headings that show whose file it is; all must be there.
        pairs: heading in small letters → field.
        verified: whether the headings were seen in a real file or in the program's own documents.
    """

    program: str
    kind: ImportKind
    sure: frozenset[str]
    pairs: dict[str, str]
    verified: bool


PRESETS: Final = (
    # No file of these programs was at hand: headings are as their users write of them.
    Preset(
        "Битрикс24", ImportKind.CLIENTS, frozenset({"рабочий телефон", "ответственный"}),
        {
            "id": "external_id", "имя": "first_name", "фамилия": "last_name",
            "отчество": "patronymic", "дата рождения": "birthday", "рабочий телефон": "phone",
            "мобильный телефон": "phone", "домашний телефон": "phone", "другой телефон": "phone",
            "рабочий e-mail": "email", "частный e-mail": "email", "другой e-mail": "email",
            "адрес": "address", "комментарий": "comment", "источник": "source",
            "ответственный": "manager", "дата создания": "created_at", "должность": "",
            "обращение": "", "компания": "", "тип контакта": "",
        }, False,
    ),
    Preset(
        "Битрикс24", ImportKind.DEALS, frozenset({"стадия сделки"}),
        {
            "id": "external_id", "название сделки": "name", "сумма": "amount",
            "стадия сделки": "stage", "контакт": "full_name", "ответственный": "manager",
            "комментарий": "comment", "дата создания": "created_at", "валюта": "",
            "предполагаемая дата закрытия": "due", "источник": "source",
        }, False,
    ),
    Preset(
        "amoCRM", ImportKind.CLIENTS, frozenset({"наименование", "теги"}),
        {
            "id": "external_id", "наименование": "full_name", "имя": "first_name",
            "фамилия": "last_name", "рабочий телефон": "phone", "мобильный телефон": "phone",
            "рабочий email": "email", "личный email": "email", "теги": "tags", "тип": "",
            "ответственный": "manager", "дата создания": "created_at", "кем создан": "",
            "примечание 1": "comment", "должность": "", "название компании": "",
        }, False,
    ),
    Preset(
        "amoCRM", ImportKind.DEALS, frozenset({"этап сделки"}),
        {
            "id": "external_id", "название сделки": "name", "бюджет": "amount",
            "этап сделки": "stage", "ответственный": "manager", "дата создания": "created_at",
            "основной контакт": "full_name", "теги сделки": "", "рабочий телефон": "phone",
            "рабочий email": "email", "воронка": "",
        }, False,
    ),
    # Field names as in the program's published API; the headings of its file were not seen.
    Preset(
        "retailCRM", ImportKind.CLIENTS, frozenset({"внешний id", "менеджер"}),
        {
            "внешний id": "external_id", "фамилия": "last_name", "имя": "first_name",
            "отчество": "patronymic", "телефон": "phone", "email": "email", "e-mail": "email",
            "день рождения": "birthday", "пол": "sex", "адрес": "address", "город": "city",
            "регион": "region_text", "индекс": "index", "менеджер": "manager", "теги": "tags",
            "vip": "vip", "дата регистрации": "created_at", "магазин": "",
        }, False,
    ),
    Preset(
        "retailCRM", ImportKind.ORDERS, frozenset({"номер", "статус", "тип доставки"}),
        {
            "номер": "number", "дата": "created_at", "статус": "status", "фамилия": "last_name",
            "имя": "first_name", "отчество": "patronymic", "телефон": "phone", "email": "email",
            "сумма": "total", "тип оплаты": "payment_type", "тип доставки": "delivery_type",
            "адрес доставки": "address", "комментарий клиента": "comment", "менеджер": "manager",
            "товар": "product", "количество": "quantity", "цена": "price", "магазин": "",
        }, False,
    ),
    Preset(
        "1С", ImportKind.PRODUCTS, frozenset({"номенклатура", "цена"}),
        {
            "номенклатура": "name", "артикул": "sku", "код": "external_id", "цена": "price",
            "ед. изм.": "unit", "ед.": "unit", "штрихкод": "barcode", "остаток": "quantity",
            "номенклатурная группа": "group", "производитель": "manufacturer",
        }, False,
    ),
)  # fmt: skip

_NOISE = re.compile(r"[\s\u00a0_]+")
_TAIL = re.compile(r"[*:]+$|\s*\d+$|,?\s*(?:руб\.?|₽)$")


def plain(heading: str) -> str:
    """A heading as synonyms are written: small letters, single blanks, no star, no number."""
    text = _NOISE.sub(" ", heading.lower()).strip()
    return _TAIL.sub("", text).strip() or text


def preset_of(kind: ImportKind, head: Sequence[str]) -> Preset | None:
    """The program whose export this is, if its headings say so.

    Headings of one program may be among another's, so the one that knows most of them is meant.
    """
    words = {_NOISE.sub(" ", one.lower()).strip() for one in head}
    likely = [one for one in PRESETS if one.kind is kind and one.sure <= words]
    return max(likely, key=lambda one: len(words & one.pairs.keys()), default=None)


def guess(
    kind: ImportKind, head: Sequence[str], made: Iterable[CustomField] = ()
) -> tuple[str, ...]:
    """The likely field of each column, empty where nothing fits.

    >>> guess(ImportKind.CLIENTS, ["ФИО", "Телефон 2", "Любимый цвет"])
    ('full_name', 'phone', '')
    """
    known = preset_of(kind, head)
    ready = {} if known is None else known.pairs
    fields = fields_of(kind, made)
    single = {field.code for field in fields if not field.many}
    by_word: dict[str, str] = {}
    for field in fields:
        for word in field.words:
            by_word.setdefault(word, field.code)
    found: list[str] = []
    for heading in head:
        typed = _NOISE.sub(" ", heading.lower()).strip()
        code = ready.get(typed)
        if code is None:
            code = (
                by_word.get(typed) or by_word.get(plain(heading)) or _near(plain(heading), fields)
            )
        found.append("" if code in single and code in found else code)
    return tuple(found)


def _near(word: str, fields: Sequence[Field]) -> str:
    """A field one of whose longer words begins the heading."""
    for field in fields:
        if any(len(one) >= 5 and word.startswith(one) for one in field.words):
            return field.code
    return ""


def lacking(kind: ImportKind, columns: Sequence[str]) -> tuple[str, ...]:
    """First field of each group of which no column was paired."""
    return tuple(group[0] for group in REQUIRED[kind] if not set(group) & set(columns))
