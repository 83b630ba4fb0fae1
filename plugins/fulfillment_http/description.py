"""The contract as an OpenAPI 3.1 document, built from its structs.

`python -m plugins.fulfillment_http.description > plugins/fulfillment_http/openapi.json`
"""

import json
import sys
from typing import Any, Final

import msgspec

from plugins.fulfillment_http import contract as c

STRUCTS: Final = (
    c.SkuGiven,
    c.OrderGiven,
    c.OrderChange,
    c.OrderTold,
    c.OrdersTold,
    c.CancelTold,
    c.Event,
    c.EventsTold,
    c.StockTold,
    c.SandboxDeed,
    c.SandboxStock,
    c.Trouble,
)
_NUMBER: Final = {"name": "order_no", "in": "path", "required": True, "schema": {"type": "string"}}
_SINCE: Final = {
    "name": "changed_since",
    "in": "query",
    "schema": {"type": "string", "format": "date-time"},
    "description": "Only what changed at or after this moment; without it, everything.",
}
_CURSOR: Final = {
    "name": "cursor",
    "in": "query",
    "schema": {"type": "string"},
    "description": "`next_cursor` of the page before.",
}
_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 8, "maxLength": 64},
    "description": "The same key and body: 200 and the order as it is. Another body: 409.",
}


def _ref(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _json(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {"application/json": {"schema": _ref(kind)}}


def _says(text: str, kind: type[msgspec.Struct] | None = None) -> dict[str, Any]:
    return {"description": text} if kind is None else {"description": text, "content": _json(kind)}


def _call(
    name: str,
    summary: str,
    answers: dict[str, Any],
    *,
    parameters: tuple[dict[str, Any], ...] = (),
    takes: type[msgspec.Struct] | None = None,
) -> dict[str, Any]:
    refusals = {
        "401": _says("The key is not known.", c.Trouble),
        "429": _says("Too many; `Retry-After` says how many seconds to wait.", c.Trouble),
    }
    call: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "responses": answers | refusals,
    }
    if parameters:
        call["parameters"] = list(parameters)
    if takes is not None:
        call["requestBody"] = {"required": True, "content": _json(takes)}
    return call


_GONE: Final = _says("No such order.", c.Trouble)
_LATE: Final = _says("Too late: `status` says where it stands.", c.Trouble)
_WRONG: Final = _says("It cannot be taken: `code` and `field` say why.", c.Trouble)


def paths() -> dict[str, Any]:
    """Every call of an operator's side."""
    sku = {"name": "sku", "in": "path", "required": True, "schema": {"type": "string"}}
    after = {"name": "after", "in": "query", "schema": {"type": "integer", "minimum": 0}}
    limit = {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": 500},
    }
    label = _call(
        "putLabel",
        "The carrier's label, as bytes; again: it replaces the one before",
        {"204": _says("Kept."), "404": _GONE, "409": _LATE},
        parameters=(_NUMBER,),
    )
    binary = {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}
    label["requestBody"] = {
        "required": True,
        "content": {"application/pdf": binary, "application/zpl": binary},
    }
    return {
        "/skus/{sku}": {
            "put": _call(
                "putSku",
                "Add or change a good",
                {"200": _says("Known."), "422": _WRONG},
                parameters=(sku,),
                takes=c.SkuGiven,
            )
        },
        "/orders": {
            "post": _call(
                "createOrder",
                "Hand an order over; safe to repeat",
                {
                    "201": _says("New.", c.OrderTold),
                    "200": _says("The same was here before.", c.OrderTold),
                    "409": _says("The key came before with another body.", c.Trouble),
                    "422": _WRONG,
                },
                parameters=(_KEY,),
                takes=c.OrderGiven,
            ),
            "get": _call(
                "listOrders",
                "Orders, oldest change first",
                {"200": _says("A page.", c.OrdersTold)},
                parameters=(_SINCE, _CURSOR),
            ),
        },
        "/orders/{order_no}": {
            "get": _call(
                "getOrder",
                "One order",
                {"200": _says("As it is.", c.OrderTold), "404": _GONE},
                parameters=(_NUMBER,),
            ),
            "patch": _call(
                "changeOrder",
                "Change an order before it is picked",
                {"200": _says("Changed.", c.OrderTold), "404": _GONE, "409": _LATE, "422": _WRONG},
                parameters=(_NUMBER,),
                takes=c.OrderChange,
            ),
        },
        "/orders/{order_no}/cancel": {
            "post": _call(
                "cancelOrder",
                "Cancel an order, if it is not too late; safe to repeat",
                {"200": _says("What came of it.", c.CancelTold), "404": _GONE},
                parameters=(_NUMBER,),
            )
        },
        "/orders/{order_no}/label": {"put": label},
        "/stock": {
            "get": _call(
                "listStock",
                "Stock: all of it, or what changed since",
                {"200": _says("A page.", c.StockTold)},
                parameters=(_SINCE, _CURSOR),
            )
        },
        "/events": {
            "get": _call(
                "listEvents",
                "The log of events after a number, in order",
                {"200": _says("Events.", c.EventsTold)},
                parameters=(after, limit),
            )
        },
    }


def sandbox() -> dict[str, Any]:
    """Calls of a sandbox alone: with them the conformance test does what people would do."""
    sku = {"name": "sku", "in": "path", "required": True, "schema": {"type": "string"}}
    words = ["reserve", "shortage", "pick", "pack", "ship", "deliver", "return_arrive"]
    deed = {
        "name": "deed",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "enum": [*words, "return_check"]},
    }
    return {
        "/sandbox/orders/{order_no}/{deed}": {
            "post": _call(
                "sandboxDeed",
                "Sandbox only: move an order on, as people at the warehouse would",
                {"200": _says("As it is now.", c.OrderTold), "404": _GONE, "409": _LATE},
                parameters=(_NUMBER, deed),
                takes=c.SandboxDeed,
            )
        },
        "/sandbox/stock/{sku}": {
            "put": _call(
                "sandboxStock",
                "Sandbox only: count a good anew",
                {"204": _says("Counted.")},
                parameters=(sku,),
                takes=c.SandboxStock,
            )
        },
    }


def _push() -> dict[str, Any]:
    heads = [
        {
            "name": name,
            "in": "header",
            "required": True,
            "schema": {"type": "string", "pattern": pattern},
            "description": text,
        }
        for name, pattern, text in (
            ("X-Timestamp", "^[0-9]{1,12}$", "Seconds since 1970 when it was sent."),
            (
                "X-Signature",
                "^sha256=[0-9a-f]{64}$",
                "HMAC-SHA256(secret, timestamp + '.' + raw body), in hex.",
            ),
        )
    ]
    return {
        "post": {
            "operationId": "event",
            "summary": "The operator pushes an event; repeated for 24 hours until a 2xx",
            "parameters": heads,
            "requestBody": {"required": True, "content": _json(c.Event)},
            "responses": {"204": _says("Taken."), "401": _says("The signature is wrong or old.")},
        }
    }


def describe() -> dict[str, Any]:
    """The document."""
    _, schemas = msgspec.json.schema_components(STRUCTS, ref_template="#/components/schemas/{name}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fulfilment operator",
            "version": c.VERSION,
            "description": "What an operator serves so that shops can hand orders over to it. "
            "docs/fulfillment.md explains it; a conformance test comes with it.",
        },
        "security": [{"key": []}],
        "paths": paths() | sandbox(),
        "webhooks": {"event": _push()},
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def text() -> str:
    """The document as the file holds it."""
    return json.dumps(describe(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
