"""The description fits what the door does, and is read in the box itself."""

import re
from typing import Any

import msgspec
import pytest

from appliance.api.v1 import openapi
from appliance.api.v1.operation import Compiled
from appliance.api.v1.table import OPERATIONS
from tests.integration.api_v1.conftest import Programs


def test_every_example_of_a_body_is_one_that_the_door_decodes() -> None:
    described = openapi.describe()["paths"]
    for one in OPERATIONS:
        made = Compiled(one)
        if made.body is None:
            continue
        body = described[one.path][one.method.lower()]["requestBody"]
        example = body["content"]["application/json"]["example"]
        msgspec.json.decode(msgspec.json.encode(example), type=made.body.wire)


def test_no_reading_takes_a_version_and_every_search_goes_on_by_cursor() -> None:
    for path, item in openapi.describe()["paths"].items():
        for method, one in item.items():
            names = {parameter["name"] for parameter in one["parameters"]}
            assert method != "get" or not names & {"If-Match", "Idempotency-Key"}, path
            if path.endswith("/search"):
                body = one["requestBody"]["content"]["application/json"]["schema"]
                kind = body["$ref"].rpartition("/")[2]
                fields = openapi.describe()["components"]["schemas"][kind]["properties"]
                assert "cursor" in fields, path


@pytest.mark.checklist(55)
async def test_the_description_and_the_reference_are_read_without_a_key(
    programs: Programs,
) -> None:
    answer = await programs.http.get("/api/v1/openapi.json")
    described: dict[str, Any] = answer.json()
    assert (answer.status_code, described["openapi"]) == (200, "3.1.0")
    assert "/orders.ndjson" in described["paths"]
    for language, title in (("ru", "Справочник API"), ("en", "API reference")):
        page = await programs.http.get(f"/api/v1/reference?lang={language}")
        assert page.status_code == 200 and title in page.text
        links = set(re.findall(r'href="(/api/v1/[^"?]+)', page.text))
        for link in links:
            assert (await programs.http.get(link)).status_code == 200
        section = await programs.http.get(f"/api/v1/reference/orders?lang={language}")
        assert "/orders/{number}/status" in section.text
        assert "<script" not in section.text and "style=" not in section.text
