"""Fields of histories and their values in words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

from appliance.domain import formats
from appliance.domain.desk import Codes
from appliance.domain.fields import history_words
from appliance.domain.order_feed import MILLI_FIELDS, MONEY_FIELDS
from appliance.domain.personal import Personal
from appliance.web import changed_fields, client_events
from appliance.web.screens import Reader
from appliance.web.shell import N_

_OWN: Final = {
    "id": N_("Карточка заведена"),
    "merged": N_("Объединена с карточкой"),
    "combined_to": N_("Влилась в карточку"),
}


_TASKS: Final = {
    "due_at": N_("Срок"),
    "all_day": N_("Весь день"),
    "remind_at": N_("Напоминание"),
    "postponed": N_("Сколько раз отложена"),
    "performer_id": N_("Исполнитель"),
    "kind": N_("Вид"),
    "state": N_("Состояние"),
    "result": N_("Результат"),
    "title": N_("Что сделать"),
    "text": N_("Подробности"),
    "task": N_("Новая задача"),
}
_STATES: Final = {"open": N_("открыта"), "done": N_("сделана"), "cancelled": N_("отменена")}


def field_name(reader: Reader, entity: str, field: str, codes: Codes | None = None) -> str:
    """A field in words."""
    made = None if codes is None else codes.field_of(entity, field)
    if made is not None:
        return made.name
    if field in _OWN:
        return reader._(_OWN[field])
    if field.startswith("merged."):
        name = client_events.field_name(reader, field.removeprefix("merged."))
        return reader._("%(field)s второй карточки") % {"field": name}
    if entity == "task" and field in _TASKS:
        return reader._(_TASKS[field])
    if entity == "customer":
        return client_events.field_name(reader, field)
    return reader._(changed_fields.look_of_field(field)[1])


def shown(reader: Reader, entity: str, field: str, value: Any, codes: Codes) -> Personal[str] | str:
    """A value of a history as people read it; personal ones stay closed until the template."""
    made = codes.field_of(entity, field)
    if made is not None:
        return history_words(made, value, reader.zone, reader.language)
    if entity == "task" and isinstance(value, str):
        return _of_task(reader, field, value)
    return _shown(reader, field, value, codes)


def _shown(reader: Reader, field: str, value: Any, codes: Codes) -> Personal[str] | str:
    if value is None or isinstance(value, Personal):
        return cast("Personal[str] | None", value) or ""
    if isinstance(value, bool):
        return reader._("да") if value else reader._("нет")
    if isinstance(value, dict):
        return _coded(field, cast("Mapping[str, Any]", value), codes)
    if field in MONEY_FIELDS:
        return formats.money(int(value), reader.language)
    if field in MILLI_FIELDS:
        return formats.quantity(int(value), reader.language)
    return str(value)


def _of_task(reader: Reader, field: str, value: str) -> str:
    if field in ("due_at", "remind_at"):
        return formats.moment_full(datetime.fromisoformat(value), reader.zone, reader.language)
    return reader._(_STATES[value]) if field == "state" and value in _STATES else value


def _coded(field: str, value: Mapping[str, Any], codes: Codes) -> str:
    if field in ("manager", "performer_id"):
        return codes.name_of(value.get("id"))
    if field in ("merged", "combined_to", "customer"):
        return f"№ {value.get('id')}"
    code = str(value.get("code") or value.get("type") or value.get("id") or "")
    if field == "status":
        known = codes.statuses.get(code)
        return code if known is None else known.name
    lists: dict[str, Mapping[str, str]] = {
        "delivery_type": codes.deliveries,
        "order_method": codes.methods,
        "order_type": codes.types,
        "shipment_store": codes.warehouses,
    }
    return lists.get(field, {}).get(code, code)
