"""Two people on one client's form: what the fields are called, and the form put together."""

from collections.abc import Mapping
from typing import Any, Final

from litestar.datastructures import FormMultiDict

from appliance.domain.client_forms import texts_of
from appliance.domain.customers import CustomerView
from appliance.domain.fields import CHOSEN, HISTORY, FieldType, FieldValue
from appliance.domain.form_texts import Text
from appliance.domain.personal import Personal
from appliance.web import merging
from appliance.web.client_reading import Typed
from appliance.web.merging import Field, Merged
from appliance.web.screens import Reader
from appliance.web.shell import N_

LABELS: Final[Mapping[str, str]] = {
    "company_name": N_("Название"),
    "last_name": N_("Фамилия"),
    "first_name": N_("Имя"),
    "patronymic": N_("Отчество"),
    "birthday": N_("День рождения"),
    "city": N_("Город"),
    "street": N_("Улица"),
    "building": N_("Дом"),
    "flat": N_("Квартира, офис"),
    "index": N_("Индекс"),
    "text": N_("Адрес одной строкой"),
    "notes": N_("Как пройти"),
    "tags": N_("Метки"),
    "sizes": N_("Размеры"),
    "brands": N_("Марки"),
    "wish": N_("Пожелание"),
    "comment": N_("Заметка о клиенте"),
    "fleet": N_("Автопарк"),
    "culture": N_("Культура"),
    "software": N_("Программы"),
    "legal_name": N_("Юридическое название"),
    "inn": N_("ИНН"),
    "kpp": N_("КПП"),
    "ogrn": N_("ОГРН"),
    "ogrnip": N_("ОГРНИП"),
    "bik": N_("БИК"),
    "bank_account": N_("Расчётный счёт"),
    "corr_account": N_("Корр. счёт"),
    "bank": N_("Банк"),
    "legal_address": N_("Юридический адрес"),
    "src_source": N_("Источник"),
    "src_medium": N_("Канал"),
    "src_campaign": N_("Кампания"),
    "src_content": N_("Объявление"),
    "src_keyword": N_("Ключевое слово"),
    "src_client_id": N_("Метка посетителя"),
}
CHOICES: Final[Mapping[str, tuple[str, str]]] = {
    "sex": (N_("Пол"), "sexes"),
    "party": (N_("Кем приходится"), "parties"),
    "region": (N_("Регион"), "regions"),
    "channel": (N_("Как связаться"), "channels"),
    "delivery_type": (N_("Доставка"), "deliveries"),
    "payment_type": (N_("Оплата"), "payments"),
    "contragent_type": (N_("Форма"), "legal_kinds"),
}
"""Input → its name and the choices of the form that say its codes in words."""
TICKS: Final[Mapping[str, str]] = {"vip": N_("VIP"), "bad": N_("Проблемный")}


def fields_of(reader: Reader, one: CustomerView, choices: Mapping[str, Any]) -> dict[str, Field]:
    """What can be merged of a client, as the form names it."""
    _ = reader._
    known = {name: Field(_(label)) for name, label in LABELS.items()}
    known |= {
        name: Field(_(label), dict(choices[codes])) for name, (label, codes) in CHOICES.items()
    }
    yes = {"1": _("да"), "": _("нет")}
    known |= {name: Field(_(label), yes, several=True) for name, label in TICKS.items()}
    known |= {value.field.history: _made(reader, value) for value in one.custom}
    return known


def _made(reader: Reader, value: FieldValue) -> Field:
    field = value.field
    words: dict[str, str] = {}
    if field.type is FieldType.FLAG:
        words = {"1": reader._("да"), "0": reader._("нет")}
    elif field.type in CHOSEN:
        words = {option.code: option.name for option in field.options}
    return Field(field.name, words, several=field.type is FieldType.CHOICES)


def mine_of(
    typed: Typed, fields: Mapping[str, Field], theirs: Mapping[str, Text]
) -> dict[str, Text]:
    """What was typed into the fields that can be merged; wrapped where the stored one is."""
    found: dict[str, Text] = {}
    for name, field in fields.items():
        made = name.startswith(HISTORY)
        text = ",".join(typed.whole(name)) if field.several or made else typed.text(name)
        found[name] = text if isinstance(theirs.get(name), str) else Personal(text)
    return found


def put_together(
    reader: Reader, one: CustomerView, form: FormMultiDict, choices: Mapping[str, Any]
) -> tuple[Typed, Merged]:
    """The form as it goes on after somebody else saved the client, and what has to be chosen."""
    fields = fields_of(reader, one, choices)
    typed = Typed(merging.settled(form))
    theirs = texts_of(one, reader.zone, reader.language)
    merged = merging.merge(
        fields, was=opened(form), theirs=theirs, mine=mine_of(typed, fields, theirs)
    )
    several = frozenset(name for name, field in fields.items() if field.several)
    over = {name: text for name, text in merged.values.items() if name in theirs}
    return Typed(merging.settled(form), over, several), merged


def opened(form: FormMultiDict) -> dict[str, str]:
    """What the inputs held when the form was opened."""
    said = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    return merging.opened(said)
