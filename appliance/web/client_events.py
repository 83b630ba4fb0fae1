"""Names of a client's fields, as history and the conflict dialogue say them."""

from collections.abc import Mapping
from typing import Final

from appliance.web.screens import Reader
from appliance.web.shell import N_

NAMES: Final[Mapping[str, str]] = {
    "first_name": N_("Имя"),
    "last_name": N_("Фамилия"),
    "patronymic": N_("Отчество"),
    "nick_name": N_("Название"),
    "birthday": N_("День рождения"),
    "date": N_("Памятный день"),
    "sex": N_("Пол"),
    "commentary": N_("Заметка"),
    "phones": N_("Телефон"),
    "email": N_("Почта"),
    "messenger": N_("Мессенджер"),
    "tags": N_("Метки"),
    "vip": N_("VIP"),
    "bad": N_("Проблемный"),
    "manager": N_("Кто ведёт"),
    "party": N_("Кем приходится"),
    "region": N_("Регион"),
    "source": N_("Источник"),
    "external_id": N_("У магазина"),
    "fleet": N_("Автопарк"),
    "culture": N_("Культура"),
    "software": N_("Программы"),
    "stop_note": N_("Почему стоп"),
    "stop": N_("Стоп"),
    "credit_limit": N_("Лимит долга"),
    "pay_days": N_("Отсрочка"),
    "wishes.channel": N_("Как связаться"),
    "wishes.delivery_type": N_("Доставка по умолчанию"),
    "wishes.payment_type": N_("Оплата по умолчанию"),
    "wishes.note": N_("Пожелание"),
    "wishes.sizes": N_("Размеры"),
    "wishes.brands": N_("Марки"),
    "contragent.inn": N_("ИНН"),
    "contragent.kpp": N_("КПП"),
    "contragent.ogrn": N_("ОГРН"),
    "contragent.bik": N_("БИК"),
    "contragent.bank_account": N_("Счёт"),
    "company_contact": N_("Представитель"),
    "corporate_address": N_("Адрес компании"),
    "corporate_company": N_("Юрлицо компании"),
    "supplier_price": N_("Закупочная цена"),
}
FAMILIES: Final[Mapping[str, str]] = {
    "address": N_("Адрес"),
    "contragent": N_("Реквизиты"),
    "wishes": N_("Пожелания"),
}


def field_name(reader: Reader, field: str) -> str:
    """A field in words."""
    name = NAMES.get(field) or FAMILIES.get(field.partition(".")[0])
    return reader._(name) if name else reader._("Карточка")
