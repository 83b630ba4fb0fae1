"""The frame of the native door: keys, problems, repeated requests, versions, people a day."""

import asyncio
from typing import Any

import httpx
import pytest

from appliance.actions import roles_admin
from appliance.api.v5.routes import make_v5_handlers
from appliance.http.app import Parts, make_app
from tests.house_fixture import TestHouse
from tests.integration.api_v1.conftest import Program, Programs, kept_door, kept_door_itself

PURPOSE = {
    "code": "order",
    "basis": "contract",
    "source": "api:main",
    "since": "2026-02-01T09:00:00Z",
}
CLIENT = {"first_name": "Ольга", "last_name": "Ветрова", "purposes": [PURPOSE]}


def order(**more: Any) -> dict[str, Any]:
    return {
        "shop": "main",
        "customer": {"first_name": "Ольга"},
        "contact": {"first_name": "Ольга", "phone": "+79161234567"},
        "lines": [{"product_name": "Кружка", "quantity_milli": 2000, "price_kopecks": 45000}],
        **more,
    }


@pytest.mark.checklist(55)
async def test_a_script_makes_a_client_and_an_order_with_a_scoped_key(programs: Programs) -> None:
    scopes = ("order_read", "order_write", "customer_read", "customer_write")
    program = await programs.make(scopes=scopes, shop="main")
    client = await program.post("/clients", CLIENT | {"shop": "main"})
    assert program.status == 201, client
    made = await program.post(
        "/orders", order(customer_ref={"number": client["number"]}), idempotency_key="a-1"
    )
    assert program.status == 201 and made["created"] is True
    number = made["number"]

    whole = await program.get(f"/orders/{number}")
    assert (whole["total_kopecks"], whole["lines"][0]["quantity_milli"]) == (90000, 2000)
    assert whole["contact"]["phone"] == "+79161234567"
    etag = program.answer.headers["etag"]

    listed = await program.get("/orders?statuses=new&limit=10")
    assert [one["number"] for one in listed["rows"]] == [number]
    assert listed["next_cursor"] is None

    await program.ask(
        "PATCH", f"/orders/{number}", {"discount_amount_kopecks": 5000}, if_match=etag
    )
    assert program.status == 200
    stale = await program.ask("PATCH", f"/orders/{number}", {"coupon": ""}, if_match=etag)
    assert (program.status, stale["code"]) == (412, "order_changed")
    await program.post(f"/orders/{number}/payments", {"draft": {"amount_kopecks": 10000}})
    assert program.status == 201
    moved = await program.post(f"/orders/{number}/status", {"status": "assembling"})
    assert program.status in {200, 422}, moved


async def test_an_order_says_what_left_of_it_and_what_services_have_of_it(
    programs: Programs,
) -> None:
    await roles_admin.seed_presets(programs.house.system)
    program = await programs.make(role="head")
    number = (await program.post("/orders", order()))["number"]
    outside = await program.get(f"/orders/{number}/services")
    assert outside == {"posting": None, "parcels": [], "links": [], "operator": None}
    await program.post(f"/orders/{number}/shipments", {"draft": {}, "send": True})
    assert program.status == 201
    (sent,) = (await program.get(f"/orders/{number}"))["shipments"]
    assert (sent["state"], sent["lines"][0]["quantity_milli"]) == ("dispatched", 2000)
    assert (await program.get("/orders/77/services"))["code"] == "order_not_found"


async def test_what_is_refused_says_where_in_the_readers_language(programs: Programs) -> None:
    program = await programs.make(scopes=("order_read", "order_write"))
    cases: list[tuple[Any, int, str, str]] = [
        (order(oddity=1), 422, "oddity", "field_not_known"),
        (order(lines=[{"price_kopecks": "много"}]), 422, "lines[0].price_kopecks", "field_type"),
        (order(lines=[{"price_kopecks": 2**65}]), 422, "lines[0].price_kopecks", "number_range"),
        (order(number="12\x00"), 422, "number", "text_nul"),
        ({"shop": "main"}, 422, "customer", "field_missing"),
    ]
    for body, status, path, code in cases:
        said = await program.post("/orders", body, accept_language="en")
        assert (program.status, said["code"]) == (status, "fields_wrong")
        assert [(one["path"], one["code"]) for one in said["errors"]] == [(path, code)]
        assert said["title"] == "Fields of the request do not fit"
    said = await program.get("/orders?oddity=1")
    assert (said["errors"][0]["path"], said["title"]) == ("oddity", "Поля запроса не подходят")
    said = await program.get("/orders?limit=9000")
    assert said["errors"][0]["code"] == "number_range"
    assert (await program.get("/nowhere"))["code"] == "operation_unknown"
    assert (await program.ask("PUT", "/orders"))["code"] == "method_not_allowed"
    assert (await program.get("/orders/999999"))["code"] == "order_not_found"
    assert (await program.get("/orders/99999999999999999999"))["code"] == "fields_wrong"


async def test_bodies_that_are_no_json_or_too_large_are_refused(programs: Programs) -> None:
    program = await programs.make(scopes=("order_write",))
    key = {"authorization": f"Bearer {program.key}"}

    async def send(content: bytes, kind: str = "application/json") -> tuple[int, str]:
        answer = await program.http.post(
            "/api/v1/orders", content=content, headers={**key, "content-type": kind}
        )
        return answer.status_code, answer.json()["code"]

    assert await send(b"{") == (400, "json_malformed")
    assert await send(b"[" * 100_000) == (422, "fields_wrong")
    assert await send(b'{"shop": "\xff"}') == (400, "json_malformed")
    assert await send(b"a=1", "application/x-www-form-urlencoded") == (415, "media_type")
    assert await send(b" " * (40 * 1024 * 1024)) == (413, "too_large")


async def test_nobody_comes_in_without_a_key(programs: Programs) -> None:
    stranger = Program(programs.http, "x" * 32)
    assert (await stranger.get("/orders"))["code"] == "api_key_wrong"
    assert stranger.status == 401
    assert stranger.answer.headers["www-authenticate"].startswith("Bearer")
    answer = await programs.http.get("/api/v1/orders")
    assert (answer.status_code, answer.json()["code"]) == (401, "api_key_missing")


async def test_a_key_may_do_what_its_scopes_and_role_give_and_no_more(programs: Programs) -> None:
    reader = await programs.make(scopes=("order_read",))
    assert (await reader.post("/orders", order()))["code"] == "denied"
    assert reader.status == 403
    await roles_admin.seed_presets(programs.house.system)
    picker = await programs.make(role="storekeeper")
    writer = await programs.make(scopes=("order_write",))
    made = await writer.post("/orders", order())
    seen = await picker.get(f"/orders/{made['number']}")
    assert seen["contact"]["first_name"] == "Ольга"
    assert "9161234567" not in picker.answer.text
    narrow = await programs.make(scopes=("order_read",), fields=("phone",))
    seen = await narrow.get(f"/orders/{made['number']}")
    assert "Ольга" not in narrow.answer.text and seen["number"] == made["number"]
    assert (await picker.get("/users"))["code"] == "denied"


async def test_a_request_repeated_under_its_key_is_done_once(
    programs: Programs, house: TestHouse
) -> None:
    program = await programs.make(scopes=("order_write",))

    async def send() -> tuple[int, bytes]:
        one = Program(programs.http, program.key)
        await one.post("/orders", order(), idempotency_key="k-1")
        return one.status, one.answer.content

    answers = await asyncio.gather(*(send() for _ in range(20)))
    assert len(set(answers)) == 1 and answers[0][0] == 201
    assert len(await house.rows("SELECT id FROM orders")) == 1
    said = await program.post("/orders", order(coupon="X"), idempotency_key="k-1")
    assert (program.status, said["code"]) == (409, "idempotency_key_reused")
    other = await programs.make(scopes=("order_write",))
    await other.post("/orders", order(), idempotency_key="k-1")
    assert len(await house.rows("SELECT id FROM orders")) == 2
    house.clock.pass_(hours=25)
    await program.post("/orders", order(coupon="X"), idempotency_key="k-1")
    assert program.status != 409


async def test_a_key_reads_no_more_people_a_day_than_it_was_given(
    programs: Programs, house: TestHouse
) -> None:
    writer = await programs.make(scopes=("order_write",))
    numbers = [
        (await writer.post("/orders", order(contact={"first_name": "Ольга", "phone": phone})))[
            "number"
        ]
        for phone in ("+79161234567", "+79161234568", "+79161234569")
    ]
    reader = await programs.make(scopes=("order_read",), people_a_day=2)
    for number in (*numbers[:2], *numbers[:2]):
        await reader.get(f"/orders/{number}")
        assert reader.status == 200
    said = await reader.get(f"/orders/{numbers[2]}")
    assert (reader.status, said["code"]) == (429, "people_budget_spent")
    assert "9161234569" not in reader.answer.text
    assert int(reader.answer.headers["retry-after"]) > 0
    house.clock.pass_(hours=25)
    await reader.get(f"/orders/{numbers[2]}")
    assert reader.status == 200


async def test_an_answer_that_must_not_be_kept_takes_no_idempotency_key(
    programs: Programs, house: TestHouse
) -> None:
    await roles_admin.seed_presets(house.system)
    head = await programs.make(role="head")
    administrator = await programs.make(role="administrator")
    hook = {"name": "x", "url": "https://shop.example.ru/", "events": ["order_placed"]}
    said = await administrator.post("/webhooks", hook, idempotency_key="k")
    assert (administrator.status, said["code"]) == (400, "idempotency_not_here")
    path = "/clients/contacts/01a202e0-9273-7cc2-aca6-4d5fb0988d30/reveal"
    assert (await head.post(path, idempotency_key="k"))["code"] == "idempotency_not_here"
    await head.post("/orders/search", {"filter": {}}, idempotency_key="k")
    assert head.status == 200
    assert await house.rows("SELECT id FROM request_repeat") == []


async def test_from_outside_no_key_manages_the_box_or_its_people(
    programs: Programs, house: TestHouse
) -> None:
    await roles_admin.seed_presets(house.system)
    outside = httpx.ASGITransport(kept_door(), client=("93.184.216.34", 40000))  # pyright: ignore[reportArgumentType]
    async with httpx.AsyncClient(transport=outside, base_url="http://box") as http:
        far = Program(http, (await programs.make(role="administrator")).key)
        assert (await far.get("/users"))["code"] == "denied"
        assert (await far.get("/products"))["products"] == []
    near = Program(programs.http, far.key)
    assert (await near.get("/users"))["items"]


async def test_a_locked_box_says_so_in_this_doors_words() -> None:
    handlers = make_v5_handlers(native=kept_door_itself())
    app = make_app("staff", Parts(handlers=handlers, is_sealed=lambda: True))
    transport = httpx.ASGITransport(app)  # pyright: ignore[reportArgumentType]
    async with httpx.AsyncClient(transport=transport, base_url="http://box") as http:
        answer = await http.get("/api/v1/orders")
    assert (answer.status_code, answer.json()["code"]) == (503, "sealed")
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.headers["retry-after"] == "30"
