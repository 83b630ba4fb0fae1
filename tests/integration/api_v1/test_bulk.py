"""Whole exports and the feed of changes: in lines, under budgets, written down person by person."""

import json
from typing import Any

import pytest

from appliance.actions import outflow, roles_admin
from appliance.storage import disclosures
from tests.house_fixture import TestHouse
from tests.integration.api_v1.conftest import Program, Programs
from tests.integration.api_v1.test_door import order

KINDS = ("orders", "clients", "deals", "tasks", "products", "stock")


async def lines(program: Program, path: str) -> list[dict[str, Any]]:
    program.answer = await program.http.get(
        f"/api/v1{path}", headers={"authorization": f"Bearer {program.key}"}
    )
    return [json.loads(one) for one in program.answer.text.splitlines()]


async def placed(programs: Programs, most: int) -> list[int]:
    writer = await programs.make(scopes=("order_write",))
    made = [
        await writer.post(
            "/orders", order(contact={"first_name": "Ольга", "phone": f"+7916000000{one}"})
        )
        for one in range(most)
    ]
    return [one["number"] for one in made]


@pytest.mark.checklist(55)
async def test_everything_goes_out_in_lines_and_is_written_down(
    programs: Programs, house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outflow, "PAGE", 2)
    numbers = await placed(programs, 5)
    scopes = ("order_read", "customer_read", "store_read", "task_read")
    reader = await programs.make(scopes=scopes)
    rows = await lines(reader, "/orders.ndjson")
    assert [one["number"] for one in rows[:-1]] == numbers[::-1]
    assert rows[-1] == {"end": True, "records": 5}
    assert rows[0]["lines"][0]["price_kopecks"] == 45000
    rest = await lines(reader, f"/orders.ndjson?cursor={numbers[2]}")
    assert [one["number"] for one in rest[:-1]] == numbers[1::-1]
    people = await lines(reader, "/clients.ndjson")
    assert len(people) == 6 and "+79160000001" in reader.answer.text
    for kind in KINDS[3:]:
        assert (await lines(reader, f"/{kind}.ndjson"))[-1]["end"] is True
    await roles_admin.seed_presets(house.system)
    head = await programs.make(role="head")
    assert await lines(head, "/deals.ndjson") == [{"end": True, "records": 0}]
    handed = await house.database.read(lambda: disclosures.newest(100))
    told = {(one.plugin[:4], one.purpose) for _, one in handed}
    assert told == {("api:", "export")} and len(handed) == 5 + 2 + 5
    said = await reader.get("/orders.ndjson?status=new")
    assert said["errors"][0]["path"] == "status"
    blind = await programs.make(scopes=("store_read",))
    assert (await blind.get("/orders.ndjson"))["code"] == "denied"


async def test_a_stream_stops_where_the_keys_people_of_the_day_end(
    programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outflow, "PAGE", 2)
    await placed(programs, 5)
    reader = await programs.make(scopes=("order_read",), people_a_day=3)
    rows = await lines(reader, "/orders.ndjson")
    assert (len(rows), rows[-1]["records"]) == (3, 2)
    assert rows[-1]["problem"]["code"] == "people_budget_spent"
    assert "end" not in rows[-1]


async def test_the_feed_goes_on_from_any_number_and_shows_what_the_key_may_see(
    programs: Programs,
) -> None:
    numbers = await placed(programs, 2)
    reader = await programs.make(scopes=("order_read",))
    seen: list[dict[str, Any]] = []
    since, more = 0, True
    while more:
        page = await reader.get(f"/changes?since={since}&limit=3")
        seen += page["items"]
        since, more = page["last"], page["more"]
    assert {one["entity"] for one in seen} == {"order"}
    assert {one["number"] for one in seen} == set(numbers)
    assert [one["id"] for one in seen] == sorted(one["id"] for one in seen)
    again = await reader.get(f"/changes?since={since}")
    assert (again["items"], again["last"], again["more"]) == ([], since, False)
    far = await reader.get("/changes?since=9000000000000000")
    assert far["items"] == []
    whole = await programs.make(scopes=("order_read", "customer_read"))
    page = await whole.get("/changes?limit=200")
    assert {one["entity"] for one in page["items"]} == {"order", "customer"}
    narrow = await programs.make(scopes=("order_read", "customer_read"), fields=("email",))
    await narrow.get("/changes?limit=200")
    assert "Ольга" not in narrow.answer.text and "+7916" not in narrow.answer.text
