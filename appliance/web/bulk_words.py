"""What a change of many records is called, and what each field can get."""

from collections.abc import Mapping
from typing import Final

from appliance.actions import bulk
from appliance.domain.bulk import FIELDS, Section
from appliance.domain.desk import Codes
from appliance.domain.work import WorkWords
from appliance.web.client_filters import PARTIES
from appliance.web.screens import Reader
from appliance.web.shell import N_

TITLES: Final[Mapping[tuple[Section, str], str]] = {
    (Section.ORDERS, "status"): N_("Статус"),
    (Section.ORDERS, "manager"): N_("Ответственный"),
    (Section.ORDERS, "method"): N_("Способ оформления"),
    (Section.ORDERS, "type"): N_("Тип заказа"),
    (Section.ORDERS, "ship_day"): N_("Дата отгрузки"),
    (Section.CLIENTS, "manager"): N_("Ответственный"),
    (Section.CLIENTS, "tag_add"): N_("Добавить метку"),
    (Section.CLIENTS, "tag_drop"): N_("Снять метку"),
    (Section.CLIENTS, "vip"): N_("VIP"),
    (Section.CLIENTS, "bad"): N_("Проблемный"),
    (Section.CLIENTS, "party"): N_("Кто это"),
    (Section.TASKS, "performer"): N_("Исполнитель"),
    (Section.TASKS, "due"): N_("Срок"),
    (Section.TASKS, "kind"): N_("Вид"),
    (Section.TASKS, "cancel"): N_("Отменить задачи"),
}
KEYS: Final[Mapping[str, str]] = {
    "manager": "A",
    "performer": "A",
    "ship_day": "D",
    "due": "D",
    "tag_add": "L",
}
"""Keys of the list that open the window of a field."""
Options = list[tuple[str, str]]


def options(reader: Reader, field: str, codes: Codes, words: WorkWords | None) -> Options:
    """What a field can get: (value, words); empty where it is typed."""
    _ = reader._
    people = [(str(number), name) for number, name in codes.colleagues.items()]
    kinds = () if words is None else words.kinds.values()
    known: dict[str, Options] = {
        "manager": [*people, ("0", _("никто"))],
        "performer": people,
        "status": [(one.code, one.name) for one in codes.statuses.values() if one.active],
        "method": [*codes.methods.items()],
        "type": [*codes.types.items()],
        "kind": [(one.code, one.name) for one in kinds if one.active],
        "party": [(party.value, _(name)) for party, name in PARTIES.items()],
        "vip": [("1", _("да")), ("0", _("нет"))],
        "bad": [("1", _("да")), ("0", _("нет"))],
    }
    return known.get(field, [])


def done(reader: Reader, section: Section, count: int) -> str:
    """How many records were changed."""
    if section is Section.ORDERS:
        return reader.ngettext("Изменён %(num)s заказ", "Изменено %(num)s заказов", count)
    if section is Section.CLIENTS:
        return reader.ngettext("Изменён %(num)s клиент", "Изменено %(num)s клиентов", count)
    return reader.ngettext("Изменена %(num)s задача", "Изменено %(num)s задач", count)


def fields_for(reader: Reader, section: Section) -> list[tuple[str, str]]:
    """What the reader may change on this list: (field, words)."""
    return [
        (field, reader._(TITLES[section, field]))
        for field in FIELDS[section]
        if reader.may(bulk.right(section, field))
    ]
