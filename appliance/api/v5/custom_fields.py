"""Fields that an administrator made: their definitions, and values on the wire."""

from collections.abc import Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from appliance.actions import fields
from appliance.api.v5 import wire
from appliance.api.v5.call import Answer, Call, paging
from appliance.api.v5.entity import CODE, Entity
from appliance.api.v5.errors import ENTITY, Refused
from appliance.domain.fields import (
    CustomField,
    FieldType,
    FieldValue,
    Form,
    Given,
    Option,
    Owner,
    kept,
    typed,
)
from appliance.domain.fields import wire as as_wire
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.errors import Conflict, NotFound

ENTITIES: Final = {
    "order": Owner.ORDER,
    "customer": Owner.CUSTOMER,
    "customer_corporate": Owner.COMPANY,
    "company": Owner.COMPANY,
}
"""Word on the wire → whose fields; others of ours go by their own word."""
_NAMES: Final = {Owner.COMPANY: "customer_corporate"}
_TYPES: Final = {FieldType.MONEY: "numeric", FieldType.PHONE: "string", FieldType.LINK: "string"}
"""Types the wire has no word of its own for."""
_READ: Final = {**{one.value: one for one in FieldType}, "integer": FieldType.NUMBER}
KEYS: Final = frozenset({"entity", "type", "viewMode", "displayArea", "name", "code", "inFilter"})


def shown_values(values: Sequence[FieldValue], zone: ZoneInfo) -> dict[str, Any] | list[Any]:
    """Values of a record by code; an empty list for none, as modules expect."""
    found = {
        one.field.code: as_wire(one.field, value, zone)
        for one in values
        if (value := one.plain) is not None
    }
    return found or []


def given_values(entity: Entity) -> Personal[Given] | None:
    """Values that came with a record; None where it has none."""
    raw = entity.raw.get("customFields")
    if not isinstance(raw, dict) or not raw:
        return None
    values: dict[str, Any] = raw  # pyright: ignore[reportUnknownVariableType]  JSON
    return Personal(Given(values=values, form=Form.WIRE, zone=entity.zone.key))


def shown_change(field: CustomField | None, value: Any, zone: ZoneInfo) -> Any:
    """A value of the feed as programs read it."""
    return value if field is None else as_wire(field, kept(field, value), zone)


def _definition(one: CustomField, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "name": one.name,
        "code": one.code,
        "entity": _NAMES.get(one.owner, one.owner.value),
        "type": _TYPES.get(one.type, one.type.value),
        "required": one.required,
        "inFilter": one.in_filter,
        "inList": one.in_list,
        "inGroupActions": False,
        "ordering": one.position,
        "displayArea": "customer" if one.owner in {Owner.CUSTOMER, Owner.COMPANY} else "order",
        "viewMode": "editable",
        "default": "".join(typed(one, one.default, zone)),
        "defaultTyped": as_wire(one, one.default, zone),
    }


def _owner(word: str) -> Owner:
    if word in ENTITIES:
        return ENTITIES[word]
    if word in set(Owner):
        return Owner(word)
    raise NotFound


async def index(call: Call) -> Answer:
    """`GET custom-fields`."""
    pages, given = paging(call), call.filter(KEYS)
    known = (await fields.offered(call.actor)).fields
    asked = wire.text_of(given, "entity")
    owners = [_owner(asked)] if asked else list(Owner)
    types = set(wire.texts_of(given, "type"))
    code, name = wire.text_of(given, "code"), wire.text_of(given, "name").casefold()
    found = [
        shown
        for owner in owners
        for one in known[owner].values()
        for shown in [_definition(one, call.zone)]
        if (not types or shown["type"] in types)
        and (not code or one.code == code)
        and name in one.name.casefold()
    ]
    page = found[(pages.page - 1) * pages.limit :][: pages.limit]
    return Answer({"pagination": pages.shown(len(found)), "customFields": page})


async def show(call: Call) -> Answer:
    """`GET custom-fields/{entity}/{code}`."""
    owner, code = _owner(call.names[0]), call.names[1]
    found = (await fields.offered(call.actor)).fields[owner].get(code)
    if found is None:
        raise NotFound
    return Answer({"customField": _definition(found, call.zone)})


async def create(call: Call) -> Answer:
    """`POST custom-fields/{entity}/create`: a module's own fields are made so."""
    owner = _owner(call.names[0])
    call.what, call.sent = "CustomField", wire.json_map(call.form, "customField")
    entity = Entity(call.sent, call.zone)
    code = entity.text("code", CODE)
    if code in (await fields.offered(call.actor)).fields[owner]:
        raise Refused(ENTITY, errors={"code": "This value is already used."})
    kind = _READ.get(entity.text("type") or "string")
    if kind is None:
        raise Refused(ENTITY, errors={"type": "This value is not valid."})
    one = CustomField(id=uuid7(), owner=owner, code=code, name="", type=kind)
    return await _put(call, entity, one, 201)


async def edit(call: Call) -> Answer:
    """`POST custom-fields/{entity}/{code}/edit`."""
    call.what, call.sent = "CustomField", wire.json_map(call.form, "customField")
    entity = Entity(call.sent, call.zone)
    known = (await fields.offered(call.actor)).fields[_owner(call.names[0])].get(call.names[1])
    if known is None:
        raise NotFound
    return await _put(call, entity, known, 200)


async def _put(call: Call, entity: Entity, one: CustomField, status: int) -> Answer:
    ordering = entity.integer("ordering")
    one = msgspec.structs.replace(
        one,
        name=entity.text("name", 100) or one.name,
        required=entity.flag("required") is True if "required" in entity else one.required,
        in_filter=entity.flag("inFilter") is True if "inFilter" in entity else one.in_filter,
        in_list=entity.flag("inList") is True if "inList" in entity else one.in_list,
        position=one.position if ordering is None else max(min(ordering, 10**6), 0),
    )
    default = entity.text("default") if "default" in entity else typed(one, one.default, call.zone)
    entity.check()
    try:
        await fields.put(call.actor, one, default)
    except Conflict:
        raise Refused(ENTITY, errors={"code": "This field cannot be changed so."}) from None
    return Answer({"code": one.code}, status)


async def dictionaries(call: Call) -> Answer:
    """`GET custom-fields/dictionaries`: the choices of each field that has some."""
    pages, given = paging(call), call.filter(DICTIONARY_KEYS)
    name, code = wire.text_of(given, "name").casefold(), wire.text_of(given, "code")
    found = [
        shown
        for shown in await _dictionaries(call)
        if name in shown["name"].casefold() and (not code or shown["code"] == code)
    ]
    page = found[(pages.page - 1) * pages.limit :][: pages.limit]
    return Answer({"pagination": pages.shown(len(found)), "customDictionaries": page})


async def dictionary(call: Call) -> Answer:
    """`GET custom-fields/dictionaries/{code}`."""
    known = next((one for one in await _dictionaries(call) if one["code"] == call.names[0]), None)
    if known is None:
        raise NotFound
    return Answer({"customDictionary": known})


async def dictionary_edit(call: Call) -> Answer:
    """`POST custom-fields/dictionaries/{code}/edit`: the choices of the field that has them."""
    call.what, call.sent = "CustomDictionary", wire.json_map(call.form, "customDictionary")
    entity = Entity(call.sent, call.zone)
    known = await _with_options(call, call.names[0])
    if known is None:
        raise NotFound
    rows = entity.parts("elements")
    places = [one.integer("ordering") or 0 for one in rows]
    options = [Option(code=one.text("code", 100), name=one.text("name", 100)) for one in rows]
    entity.check()
    if "elements" in entity:
        order = sorted(range(len(options)), key=lambda place: places[place])
        changed = msgspec.structs.replace(known, options=tuple(options[place] for place in order))
        await fields.put(call.actor, changed, typed(known, known.default, call.zone))
    return Answer({"code": known.code})


async def _with_options(call: Call, code: str) -> CustomField | None:
    every = (await fields.offered(call.actor)).fields.values()
    found = (of_owner.get(code) for of_owner in every)
    return next((one for one in found if one is not None and one.options), None)


async def _dictionaries(call: Call) -> list[dict[str, Any]]:
    """A dictionary belongs to its field here and goes by its code; the first of a code counts."""
    found: dict[str, dict[str, Any]] = {}
    for fields_of in (await fields.offered(call.actor)).fields.values():
        for one in fields_of.values():
            if one.options:
                elements = [
                    {"name": option.name, "code": option.code, "ordering": place}
                    for place, option in enumerate(one.options)
                    if option.active
                ]
                shown = {"name": one.name, "code": one.code, "elements": elements}
                found.setdefault(one.code, shown)
    return list(found.values())


DICTIONARY_KEYS: Final = frozenset({"name", "code"})
