"""Calls about lists of codes."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from appliance.actions import references
from appliance.actions.legal_entities import listed as own_entities
from appliance.api.v5 import wire
from appliance.api.v5.call import Answer, Call
from appliance.api.v5.entity import CODE, NAME, Entity
from appliance.api.v5.errors import ENTITY, Refused
from appliance.domain.papers import VAT_BY_GOODS, OwnEntity
from appliance.domain.references import Reference, ReferenceKind, Shop, Status, Warehouse
from appliance.errors import Conflict, Invalid, NotFound

Kind = ReferenceKind


class Form(NamedTuple):
    """How a plain list is spelled.

    Attributes:
        listed: answer key of the list.
        fields: fields of an edit that hold the entry's JSON, first the usual one.
        as_array: a list and not a map by code.
        extra: what every entry has besides, unless it says otherwise.
    """

    kind: ReferenceKind
    listed: str
    fields: tuple[str, ...]
    as_array: bool = False
    extra: Mapping[str, Any] = {}


FORMS: Final[Mapping[str, Form]] = {
    "delivery-types": Form(
        Kind.DELIVERY_TYPE,
        "deliveryTypes",
        ("deliveryType",),
        extra={
            "defaultCost": 0,
            "defaultNetCost": 0,
            "vatRate": "none",
            "currency": "RUB",
            "paymentTypes": [],
            "deliveryServices": [],
            "deliveryPaymentTypes": [],
            "sites": [],
            "isDynamicCostCalculation": False,
            "isAutoCostCalculation": False,
            "isAutoNetCostCalculation": False,
            "isCostDependsOnRegionAndWeightAndSum": False,
            "isCostDependsOnDateTime": False,
        },
    ),
    "delivery-services": Form(Kind.DELIVERY_SERVICE, "deliveryServices", ("deliveryService",)),
    "payment-types": Form(
        Kind.PAYMENT_TYPE,
        "paymentTypes",
        ("paymentType",),
        extra={"deliveryTypes": [], "paymentStatuses": [], "sites": []},
    ),
    "payment-statuses": Form(
        Kind.PAYMENT_STATUS,
        "paymentStatuses",
        ("paymentStatus",),
        extra={"paymentComplete": False, "paymentTypes": []},
    ),
    "order-methods": Form(
        Kind.ORDER_METHOD, "orderMethods", ("orderMethod",), extra={"isFromPos": False}
    ),
    "order-types": Form(Kind.ORDER_TYPE, "orderTypes", ("orderType",)),
    "product-statuses": Form(
        Kind.PRODUCT_STATUS, "productStatuses", ("productStatus",), extra={"cancelStatus": False}
    ),
    "units": Form(Kind.UNIT, "units", ("unit", "units"), extra={"sym": ""}),
    "price-types": Form(
        Kind.PRICE_TYPE,
        "priceTypes",
        ("priceType", "priceTypes"),
        as_array=True,
        extra={"currency": "RUB", "geo": [], "groups": []},
    ),
}

_DEFAULTS: Final = ("defaultForCrm", "defaultForApi", "default")
_OWN: Final = frozenset({"id", "code", "name", "active", "ordering", *_DEFAULTS})
MOST_EXTRA: Final = 8_000
"""Characters of what is kept of an entry besides its own fields."""


def _entry(form: Form, entry: Reference) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "id": entry.number,
        "code": entry.code,
        "name": entry.name,
        "active": entry.active,
        "ordering": entry.position,
        **form.extra,
        **entry.extra,
    }
    if form.kind in {Kind.PRICE_TYPE, Kind.UNIT}:
        answer["default"] = entry.is_default
    else:
        answer |= {"defaultForCrm": entry.is_default, "defaultForApi": entry.is_default}
    return answer


def lister(form: Form) -> Callable[[Call], Any]:
    """The handler of `GET reference/<name>`."""

    async def entries(call: Call) -> Answer:
        found = await references.list_entries(call.actor, form.kind)
        shown = [_entry(form, one) for one in found]
        if form.as_array:
            return Answer({form.listed: shown})
        return Answer({form.listed: {one["code"]: one for one in shown} or []})

    return entries


def editor(form: Form) -> Callable[[Call], Any]:
    """The handler of `POST reference/<name>/{code}/edit`; an unknown code is a new entry."""

    async def edit(call: Call) -> Answer:
        entity = _sent(call, *form.fields)
        code = call.names[0]
        entries = await references.list_entries(call.actor, form.kind)
        known = next((one for one in entries if one.code == code), None)
        entry = known or Reference(number=0, code=code, name="")
        entry = _merged(entry, entity)
        entity.check()
        is_new = await _apart(references.edit_entry(call.actor, form.kind, entry), code)
        return Answer({}, 201 if is_new else 200)

    return edit


def _merged(entry: Reference, entity: Entity) -> Reference:
    extra = {**entry.extra, **{k: v for k, v in entity.raw.items() if k not in _OWN}}
    if len(msgspec.json.encode(extra)) > MOST_EXTRA:
        raise Refused(ENTITY, errors=["The entry is too large."])
    ordering = entity.integer("ordering")
    defaults = [entity.flag(name) for name in _DEFAULTS if name in entity]
    return Reference(
        number=entry.number,
        code=entry.code,
        name=entity.text("name", 200) or entry.name,
        active=entity.flag("active") is not False if "active" in entity else entry.active,
        position=entry.position if ordering is None else max(min(ordering, 10**6), 0),
        is_default=any(one is True for one in defaults) if defaults else entry.is_default,
        extra=extra,
    )


def _sent(call: Call, *fields: str) -> Entity:
    call.sent, call.what = wire.json_map(call.form, *fields), "Reference"
    return Entity(call.sent, call.zone)


async def _apart(run: Any, code: str) -> bool:
    """Store an entry.

    Raises:
        Refused: its code stands in another list that must not share it, or it has no name.
    """
    try:
        return await run
    except Conflict as error:
        if error.code != "code_taken":
            raise
        text = f'"code"="{code}" is used by a status, a delivery type or a payment type.'
        raise Refused(ENTITY, errors={"code": text}) from None


# --- statuses ---


async def statuses(call: Call) -> Answer:
    """`GET reference/statuses`."""
    found = await references.list_statuses(call.actor)
    listed = {
        one.code: {
            "name": one.name,
            "code": one.code,
            "active": one.active,
            "ordering": one.position,
            "group": one.group,
        }
        for one in found
    }
    return Answer({"statuses": listed or []})


async def status_groups(call: Call) -> Answer:
    """`GET reference/status-groups`."""
    by_group: dict[str, list[str]] = {}
    for one in await references.list_statuses(call.actor):
        by_group.setdefault(one.group, []).append(one.code)
    listed = {
        one.code: {
            "name": one.name,
            "code": one.code,
            "active": one.active,
            "ordering": one.position,
            "process": one.process,
            "statuses": by_group.get(one.code, []),
        }
        for one in await references.list_groups(call.actor)
    }
    return Answer({"statusGroups": listed or []})


async def status_edit(call: Call) -> Answer:
    """`POST reference/statuses/{code}/edit`."""
    entity = _sent(call, "status")
    code = call.names[0]
    listed = await references.list_statuses(call.actor)
    known = next((one for one in listed if one.code == code), None)
    ordering = entity.integer("ordering")
    status = known or Status(code=code, name="", group="")
    status = msgspec.structs.replace(
        status,
        name=entity.text("name", 200) or status.name,
        group=entity.text("group", CODE) or status.group or "new",
        active=entity.flag("active") is not False if "active" in entity else status.active,
        position=status.position if ordering is None else max(min(ordering, 10**6), 0),
    )
    entity.check()
    try:
        is_new = await _apart(references.edit_status(call.actor, status), code)
    except Invalid as error:
        if error.code == "status_group_unknown":
            raise Invalid("code_unknown", fields={"group": "code_unknown"}) from None
        raise
    return Answer({}, 201 if is_new else 200)


# --- shops ---


def _site(shop: Shop) -> dict[str, Any]:
    return {
        "id": shop.number,
        "name": shop.name,
        "code": shop.code,
        "url": shop.url,
        "currency": shop.currency,
        "countryIso": shop.country,
        "ymlUrl": shop.yml_url,
        "loadFromYml": shop.load_from_yml,
        "defaultForCrm": shop.number == 1,
        "contragent": {"contragentType": "legal-entity"},
        "isCatalogMainSite": True,
        "catalogId": str(shop.number),
        "ordering": shop.number,
    }


async def sites(call: Call) -> Answer:
    """`GET reference/sites`; a key sees its own."""
    found = await references.list_shops(call.actor)
    return Answer({"sites": {shop.code: _site(shop) for shop in found} or []})


async def site_edit(call: Call) -> Answer:
    """`POST reference/sites/{code}/edit`: tells where the shop and its catalogue are."""
    entity = _sent(call, "site")
    code = call.names[0]
    found = await references.list_shops(call.actor)
    known = next((shop for shop in found if shop.code == code), None)
    if known is None:
        raise Refused(ENTITY, errors={"code": f'"Site" with "code"="{code}" does not exist.'})
    shop = msgspec.structs.replace(
        known,
        name=entity.text("name", 200) or known.name,
        url=entity.text("url", 2000) if "url" in entity else known.url,
        yml_url=entity.text("ymlUrl", 2000) if "ymlUrl" in entity else known.yml_url,
        load_from_yml=(
            entity.flag("loadFromYml") is True if "loadFromYml" in entity else known.load_from_yml
        ),
        currency=entity.text("currency", 3) or known.currency,
        country=entity.text("countryIso", 2) or known.country,
    )
    entity.check()
    try:
        await references.edit_shop(call.actor, shop)
    except NotFound:
        raise Refused(ENTITY, errors={"code": "This site cannot be changed."}) from None
    return Answer({})


# --- warehouses ---


async def stores(call: Call) -> Answer:
    """`GET reference/stores`."""
    listed: list[dict[str, Any]] = []
    for one in await references.list_warehouses(call.actor):
        entry: dict[str, Any] = {
            "code": one.code,
            "name": one.name,
            "type": "store-type-warehouse",
            "inventoryType": "integer",
            "active": one.active,
            "address": {"countryIso": "RU"},
        }
        if one.external_id is not None:
            entry["externalId"] = one.external_id
        listed.append(entry)
    return Answer({"stores": listed})


async def store_edit(call: Call) -> Answer:
    """`POST reference/stores/{code}/edit`."""
    entity = _sent(call, "store")
    code = call.names[0]
    places = await references.list_warehouses(call.actor)
    known = next((one for one in places if one.code == code), None)
    place = known or Warehouse(number=0, code=code, name="")
    place = msgspec.structs.replace(
        place,
        name=entity.text("name", 200) or place.name,
        external_id=entity.text_or_none("externalId", NAME) or place.external_id,
        active=entity.flag("active") is not False if "active" in entity else place.active,
    )
    entity.check()
    is_new = await references.edit_warehouse(call.actor, place)
    return Answer({}, 201 if is_new else 200)


async def legal_entities(call: Call) -> Answer:
    """`GET reference/legal-entities`: under whose name the box writes its papers."""
    return Answer({"legalEntities": [_entity(one) for one in await own_entities(call.actor)]})


def _entity(one: OwnEntity) -> dict[str, Any]:
    parts = one.parts
    is_firm = parts.contragent_type == "legal-entity"
    known = {
        "legalName": parts.full_name or parts.name,
        "legalAddress": parts.address,
        "INN": parts.inn,
        "KPP": parts.kpp,
        "OGRN" if is_firm else "OGRNIP": parts.ogrn,
        "BIK": parts.bik,
        "bank": parts.bank,
        "bankAccount": parts.account,
        "corrAccount": parts.corr_account,
    }
    return {
        "code": f"entity-{one.number}",
        "active": one.active,
        "contragentType": parts.contragent_type,
        "countryIso": "RU",
        "vatRate": "none" if one.vat == VAT_BY_GOODS else one.vat,
        **{name: text for name, text in known.items() if text},
    }


async def currencies(call: Call) -> Answer:
    """`GET reference/currencies`: the box counts in roubles alone."""
    await references.list_shops(call.actor)
    rouble = {"id": 1, "code": "RUB", "isBase": True, "isAutoConvert": False}
    return Answer({"currencies": [rouble]})


async def countries(call: Call) -> Answer:
    """`GET reference/countries`."""
    shops = await references.list_shops(call.actor)
    return Answer({"countriesIso": list(dict.fromkeys(["RU", *(one.country for one in shops)]))})
