"""The fake operator behind a transport that holds every request and answer to the description."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs

from appliance.plugin_api.fakes import transport
from plugins import fulfillment_http
from plugins.fulfillment_http.fake import Fake

KEY = "test-key-0123456789"
SECRET = "test-secret-0123456789"
FILE = Path(fulfillment_http.__file__).with_name("openapi.json")
DESCRIPTION: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=10)
        return self.now


def schema_of(name: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(
        {"$ref": f"#/components/schemas/{name}", "components": DESCRIPTION["components"]}
    )


def operation(method: str, path: str) -> dict[str, Any] | None:
    """The described call that a request is."""
    for shape, calls in DESCRIPTION["paths"].items():
        parts, told = shape.strip("/").split("/"), path.strip("/").split("/")
        alike = len(parts) == len(told) and all(
            ours[0] == "{" or ours == theirs for ours, theirs in zip(parts, told, strict=True)
        )
        if alike and method.lower() in calls:
            return dict(calls[method.lower()])
    return None


def check(described: dict[str, Any], body: bytes) -> None:
    """Hold a body to the schema of a request or an answer."""
    content = described.get("content", {}).get("application/json")
    if content is not None:
        schema_of(content["schema"]["$ref"].rpartition("/")[2]).validate(json.loads(body))


def checked(operator: Fake, *, strict: bool = True) -> Callable[[httpx.Request], httpx.Response]:
    """What answers a client; `strict` holds requests to the description too."""
    plain = transport(operator).handler

    def answer(request: httpx.Request) -> httpx.Response:
        body = request.read()
        path = request.url.path.removeprefix("/v1")
        request.url = request.url.copy_with(path=path)
        call = operation(request.method, path)
        if strict:
            assert call is not None, f"{request.method} {path} is not described"
            if "requestBody" in call:
                check(call["requestBody"], body)
        well = operator.is_well
        reply = plain(request)
        assert isinstance(reply, httpx.Response)
        if call is not None and strict and well:
            described = call["responses"].get(str(reply.status_code))
            assert described is not None, f"{call['operationId']}: {reply.status_code}"
            check(described, reply.read())
        return reply

    return answer


def checked_transport(operator: Fake) -> httpx.MockTransport:
    """The same for the plugin's client."""
    return httpx.MockTransport(checked(operator))


def loose_transport(operator: Fake) -> httpx.MockTransport:
    """The same where the operator answers what no description knows."""
    return httpx.MockTransport(checked(operator, strict=False))
