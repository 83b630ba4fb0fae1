"""What this door answers, as OpenAPI 3.1: for people who write programs, and for tests.

It is no path of the API: the reference knows none, and a path it does not know answers 404. It
stands in `docs/api-v5.json`, written by `scripts/docs`.
"""

from collections.abc import Mapping
from typing import Any, Final

from appliance.api.v5 import corporate, files, history, loyalty, notes, people, references, store
from appliance.api.v5 import custom_fields as fields
from appliance.api.v5 import filters as known
from appliance.api.v5 import tasks as task_calls
from appliance.api.v5.door import VERSIONED
from appliance.api.v5.routes import make_routes

LISTS: Final[Mapping[str, frozenset[str]]] = {
    "customers": known.CUSTOMER_FILTERS,
    "customers/history": history.CUSTOMER_KEYS,
    "customers/notes": notes.FILTERS,
    "customers-corporate": known.CORPORATE_FILTERS,
    "customers-corporate/history": history.CUSTOMER_KEYS,
    "customers-corporate/notes": notes.FILTERS,
    "customers-corporate/*/addresses": corporate.PART_FILTERS,
    "customers-corporate/*/companies": corporate.PART_FILTERS,
    "customers-corporate/*/contacts": corporate.CONTACT_FILTERS,
    "orders": known.ORDER_FILTERS,
    "orders/history": history.ORDER_KEYS,
    "custom-fields": fields.KEYS,
    "files": files.FILTERS,
    "loyalty/accounts": loyalty.ACCOUNT_FILTERS,
    "loyalty/loyalties": loyalty.PROGRAMME_FILTERS,
    "segments": frozenset(),
    "store/inventories": store.INVENTORY_FILTERS,
    "store/offers": store.OFFER_FILTERS,
    "store/product-groups": store.GROUP_FILTERS,
    "store/products": store.PRODUCT_FILTERS,
    "store/products/properties": frozenset(),
    "store/products/properties/values": frozenset(),
    "custom-fields/dictionaries": fields.DICTIONARY_KEYS,
    "tasks": task_calls.FILTERS,
    "tasks/history": task_calls.HISTORY_KEYS,
    "tasks/*/comments": frozenset(),
    "user-groups": frozenset(),
    "users": people.FILTERS,
}
"""Lists with pages → filters they take."""

QUERIES: Final[Mapping[str, tuple[str, ...]]] = {
    "orders/statuses": ("ids[]", "externalIds[]"),
    "features/check": ("features[]",),
    "telephony/manager": ("phone", "details", "ignoreStatus"),
}
"""Further parameters of a query."""

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "customers/create": ("customer",),
    "customers/*/edit": ("customer",),
    "customers/upload": ("customers",),
    "customers/fix-external-ids": ("customers",),
    "customers/combine": ("customers", "resultCustomer"),
    "customers/notes/create": ("note",),
    "customers-corporate/create": ("customerCorporate",),
    "customers-corporate/*/edit": ("customerCorporate",),
    "customers-corporate/upload": ("customersCorporate",),
    "customers-corporate/fix-external-ids": ("customersCorporate",),
    "customers-corporate/combine": ("customers", "resultCustomer"),
    "customers-corporate/notes/create": ("note",),
    "customers-corporate/*/addresses/create": ("address",),
    "customers-corporate/*/addresses/*/edit": ("address",),
    "customers-corporate/*/companies/create": ("company",),
    "customers-corporate/*/companies/*/edit": ("company",),
    "customers-corporate/*/contacts/create": ("contact",),
    "customers-corporate/*/contacts/*/edit": ("contact",),
    "orders/create": ("order",),
    "orders/*/edit": ("order",),
    "orders/upload": ("orders",),
    "orders/fix-external-ids": ("orders",),
    "orders/combine": ("order", "resultOrder"),
    "orders/links/create": ("link",),
    "orders/payments/create": ("payment",),
    "orders/payments/*/edit": ("payment",),
    "orders/loyalty/apply": ("order",),
    "orders/loyalty/cancel-bonus-operations": ("order",),
    "loyalty/account/create": ("loyaltyAccount",),
    "loyalty/account/*/edit": ("loyaltyAccount",),
    "loyalty/calculate": ("order",),
    "verification/sms/confirm": ("verification",),
    "customer-interaction/*/cart/set": ("cart",),
    "customer-interaction/*/cart/clear": ("cart",),
    "store/inventories/upload": ("offers",),
    "store/prices/upload": ("prices",),
    "integration-modules/*/edit": ("integrationModule",),
    "tasks/create": ("task",),
    "tasks/*/edit": ("task",),
    "custom-fields/*/create": ("customField",),
    "custom-fields/*/*/edit": ("customField",),
    "custom-fields/dictionaries/*/edit": ("customDictionary",),
    "files/*/edit": ("file",),
    "telephony/call/event": ("event",),
    "telephony/calls/upload": ("calls",),
    "reference/sites/*/edit": ("site",),
    "reference/statuses/*/edit": ("status",),
    "reference/stores/*/edit": ("store",),
    **{f"reference/{name}/*/edit": form.fields[:1] for name, form in references.FORMS.items()},
}
"""Writing calls → fields of the form that hold JSON."""

BARE: Final = frozenset(
    {
        "orders/payments/*/delete",
        "customers/notes/*/delete",
        "customers-corporate/notes/*/delete",
        "loyalty/account/*/activate",
        "files/*/delete",
    }
)
"""Writing calls without a field."""

RAW: Final = "files/upload"
DOWNLOAD: Final = "files/*/download"
_STATUSES: Final = {
    "400": "Refused: `errorMsg` says why, `errors` where.",
    "403": "No key, a wrong key, or one without this right.",
    "404": "There is no such record, or not for this key.",
    "405": "The wrong verb.",
    "413": "The body is longer than 34 MB.",
    "460": "Some rows of a batch failed; the others are stored.",
    "503": "The box is locked, or cannot write: try again later.",
}


def describe() -> dict[str, Any]:
    """The whole description."""
    paths: dict[str, dict[str, Any]] = {}
    for method, pattern in sorted(make_routes()):
        versioned = pattern[0] == VERSIONED
        plain = "/".join(pattern[1:] if versioned else pattern)
        names = _names(pattern[1:] if versioned else pattern)
        shown = f"/api/{'v5/' if versioned else ''}{_filled(plain, names)}"
        paths.setdefault(shown, {})[method.lower()] = _operation(method, plain, names)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Korobka: API as shop modules know it", "version": "5.0"},
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-API-KEY"}},
            "schemas": {"Answer": _ANSWER},
        },
        "security": [{"key": []}],
    }


_ANSWER: Final = {
    "type": "object",
    "properties": {"success": {"type": "boolean"}, "errorMsg": {"type": "string"}},
    "required": ["success"],
}
_WORDS: Final = ("x", "y", "z")


def _names(parts: tuple[str, ...]) -> list[str]:
    return [_WORDS[place] for place in range(sum(part == "*" for part in parts))]


def _filled(plain: str, names: list[str]) -> str:
    for name in names:
        plain = plain.replace("*", f"{{{name}}}", 1)
    return plain


def _operation(method: str, plain: str, names: list[str]) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in names
    ]
    if method == "GET":
        parameters += _query(plain)
    answers: dict[str, Any] = {
        status: {"description": text, "content": _json()} for status, text in _STATUSES.items()
    }
    raw: dict[str, Any] = {"application/octet-stream": {}}
    kind = raw if plain == DOWNLOAD else _json()
    answers["200"] = {"description": "Done.", "content": kind}
    if method == "POST":
        answers["201"] = {"description": "Made.", "content": _json()}
    operation: dict[str, Any] = {"parameters": parameters, "responses": answers}
    if method == "POST":
        operation["requestBody"] = _body(plain)
    return operation


def _json() -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}}


def _text(name: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": "string"}}


def _query(plain: str) -> list[dict[str, Any]]:
    found = [_text(name) for name in QUERIES.get(plain, ())]
    if plain in LISTS:
        limits = [20, 50, 100, 250] if plain.startswith("store/") else [20, 50, 100]
        found += [
            {"name": "limit", "in": "query", "schema": {"type": "integer", "enum": limits}},
            {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}},
            *(_text(f"filter[{name}]") for name in sorted(LISTS[plain])),
        ]
    if "*" in plain:
        found += [_text(name) for name in ("by", "site")]
    return found


def _body(plain: str) -> dict[str, Any]:
    if plain == RAW:
        return {"required": True, "content": {"application/octet-stream": {"schema": {}}}}
    properties: dict[str, Any] = {
        name: {"type": "string", "contentMediaType": "application/json"}
        for name in FIELDS.get(plain, ())
    }
    for name in ("by", "site", "entityBy", "siteBy"):
        properties[name] = {"type": "string"}
    form = {
        "schema": {
            "type": "object",
            "properties": properties,
            "required": list(FIELDS.get(plain, ())),
        }
    }
    return {
        "required": bool(FIELDS.get(plain)),
        "content": {"application/x-www-form-urlencoded": form, "multipart/form-data": form},
    }
