"""Rules 1, 3-7, 9, 13, 39, 43-47 of the reference's section 14."""

import json
from datetime import timedelta

import httpx
import pytest

from appliance.actions import _actors, catalogue_runs
from appliance.api.v5.routes import make_v5_handlers
from appliance.domain.catalogue_runs import Origin
from appliance.http.app import Parts, make_app
from appliance.http.authentication import DoorName
from tests.house_fixture import TestHouse
from tests.integration.api_v5.conftest import Caller, Keys
from tests.integration.api_v5.orders_sent import order

MISSING = '"apiKey" is missing.'
WRONG = 'Wrong "apiKey" value.'


@pytest.mark.parametrize("multipart", [False, True])
async def test_rule_1_both_forms_mean_the_same(shop: Caller, multipart: bool) -> None:
    body = await shop.post("orders/create", multipart=multipart, order=order(), site="main")
    assert shop.status == 201
    assert body["order"]["externalId"] == "1044"
    assert body["order"]["firstName"] == "Анна"
    assert body["order"]["totalSumm"] == 2400 + 501 + 50 + 300


async def test_rule_3_a_key_is_taken_from_header_query_and_body(
    shop: Caller, http: httpx.AsyncClient
) -> None:
    key = shop.key
    for answer in (
        await http.get("/api/v5/orders", headers={"X-Api-Key": key}),
        await http.get("/api/v5/orders", params={"apiKey": key}),
        await http.post("/api/v5/orders/create", data={"apiKey": key, "order": "{}"}),
        await http.post(
            "/api/v5/orders/upload", files={"apiKey": (None, key), "orders": (None, "[]")}
        ),
    ):
        assert answer.status_code < 400, answer.text


async def test_rule_3_the_header_wins_over_a_wrong_key_elsewhere(
    shop: Caller, http: httpx.AsyncClient
) -> None:
    answer = await http.get(
        "/api/v5/orders", params={"apiKey": "x"}, headers={"x-api-key": shop.key}
    )
    assert answer.status_code == 200


async def test_rule_3_missing_wrong_and_weak_keys_have_texts_of_their_own(
    keys: Keys, http: httpx.AsyncClient
) -> None:
    bare = Caller(http, "")
    assert (await bare.get("orders"))["errorMsg"] == MISSING
    assert bare.status == 403
    stranger = Caller(http, "x" * 32)
    assert (await stranger.get("orders"))["errorMsg"] == WRONG
    assert stranger.status == 403
    weak = Caller(http, await keys.make(scopes=("reference_read",)))
    assert (await weak.get("orders"))["errorMsg"] == "Access denied."
    assert weak.status == 403


async def test_an_expired_key_is_a_wrong_key(
    house: TestHouse, keys: Keys, http: httpx.AsyncClient
) -> None:
    caller = Caller(http, await keys.make(ends=house.clock.now + timedelta(days=1)))
    await caller.get("orders")
    assert caller.status == 200
    house.clock.pass_(days=2)
    assert (await caller.get("orders"))["errorMsg"] == WRONG
    _actors.forget_actors()
    assert (await caller.get("orders"))["errorMsg"] == WRONG


async def test_a_key_of_another_shop_cannot_write_into_this_one(
    other: Caller, shop: Caller
) -> None:
    body = await other.post("orders/create", order=order(), site="main")
    assert (other.status, body["errorMsg"]) == (403, "Access denied.")
    await shop.post("orders/create", order=order())
    await other.get("orders/1044")
    assert other.status == 404
    await other.get("orders/1", "by=id")
    assert other.status == 404
    assert (await other.get("orders"))["orders"] == []
    await other.post("orders/1/edit", order={"status": "complete"}, by="id")
    assert other.status == 404
    await other.get("orders", "filter[sites][]=main")
    assert other.status == 403


@pytest.mark.parametrize("path", ["nothing", "orders/1044/nothing", "/api/v9/orders", "/api/x"])
async def test_rule_6_an_unknown_path_is_said_in_json(shop: Caller, path: str) -> None:
    body = await shop.get(path)
    assert (shop.status, body["errorMsg"]) == (404, "API method not found")


async def test_rule_6_a_wrong_verb_is_said_in_json(shop: Caller) -> None:
    for body in (
        await shop.get("orders/create/"),
        await shop.post("orders/statuses"),
        await shop.get("orders/1/edit"),
    ):
        assert (shop.status, body["errorMsg"]) == (405, "Method Not Allowed")
    body = await shop.post("orders/packs")
    assert (shop.status, body["errorMsg"]) == (404, "API method not found")


async def test_rule_4_and_5_refusals_are_json_with_flat_errors(shop: Caller) -> None:
    for content, kind in (
        (b"order=this is not json", "application/x-www-form-urlencoded"),
        (b"order=%ff%fe", "application/x-www-form-urlencoded"),
        (b'{"order": {}}', "application/json"),
        (b"", "application/x-www-form-urlencoded"),
        (b"order=[1,2]", "application/x-www-form-urlencoded"),
        (b"order=" + b"[" * 100_000, "application/x-www-form-urlencoded"),
    ):
        await shop.raw("orders/create", content, kind)  # the caller checks the shape
        assert shop.status == 400


async def test_half_a_multipart_body_is_refused_whole(shop: Caller, house: TestHouse) -> None:
    whole = (
        b'--b\r\nContent-Disposition: form-data; name="order"\r\n\r\n'
        + json.dumps(order()).encode()
        + b"\r\n--b--\r\n"
    )
    for end in (len(whole) - 8, len(whole) // 2, 20):
        body = await shop.raw("orders/create", whole[:end], "multipart/form-data; boundary=b")
        assert (shop.status, body["errorMsg"]) == (400, "Errors in the input parameters")
    await shop.raw("orders/create", whole, "multipart/form-data")
    assert shop.status == 400
    assert await house.rows("SELECT id FROM orders") == []


async def test_a_parameter_that_is_missing_is_named(shop: Caller) -> None:
    body = await shop.post("orders/create", site="main")
    assert body["errorMsg"] == "Parameter 'order' is missing"


async def test_rule_7_only_known_limits_are_taken(shop: Caller) -> None:
    for path, limit, status in (
        ("orders", 300, 400),
        ("orders", 250, 400),
        ("orders", 100, 200),
        ("customers", 21, 400),
        ("store/inventories", 250, 200),
        ("store/products", 250, 200),
        ("orders/history", 100, 200),
    ):
        await shop.get(path, f"limit={limit}")
        assert shop.status == status, (path, limit)


async def test_rule_9_none_is_absence(shop: Caller) -> None:
    await shop.get("orders", "filter=None&limit=None&page=None&site=None")
    assert shop.status == 200


async def test_an_unknown_filter_is_refused_and_not_ignored(shop: Caller) -> None:
    body = await shop.get("customers", "filter[favouriteColour]=red")
    assert shop.status == 400
    assert body["errors"] == ["filter[favouriteColour]: unknown filter."]


async def test_rule_47_noise_in_the_query_is_ignored(shop: Caller) -> None:
    await shop.get("orders", "cms_source=WordPress&module_version=5.0.14&php_version=8")
    assert shop.status == 200


async def test_rule_46_nothing_redirects(shop: Caller) -> None:
    for path in ("/api/v5/orders/", "//api/v5/orders", "/retailcrm.ru/api/v5/orders"):
        answer = await shop.http.get(f"http://box{path}", headers={"x-api-key": shop.key})
        assert answer.status_code in {200, 404}, path
    answer = await shop.http.get("/retailcrm.ru/api/credentials", headers={"x-api-key": shop.key})
    assert answer.status_code == 200


async def test_a_path_is_decoded_once(shop: Caller) -> None:
    await shop.post("customers/create", customer={"externalId": "12/3", "firstName": "Яна"})
    body = await shop.get("/api/v5/customers/12%2F3")
    assert body["customer"]["externalId"] == "12/3"
    await shop.post("customers/create", customer={"externalId": "50%25", "firstName": "Яна"})
    body = await shop.get("/api/v5/customers/50%2525")
    assert body["customer"]["externalId"] == "50%25"


async def test_a_body_beyond_the_limit_is_refused_in_json(shop: Caller) -> None:
    body = await shop.raw(
        "orders/upload", b"orders=" + b"x" * (34 * 2**20), "application/x-www-form-urlencoded"
    )
    assert (shop.status, body["success"]) == (413, False)


async def test_rule_45_a_body_of_32_mb_is_read(shop: Caller) -> None:
    body = await shop.post(
        "orders/upload", orders=[order("1", managerComment="x" * (32 * 2**20 - 4000))]
    )
    assert shop.status == 460  # read whole; the comment alone is refused
    assert body["errors"] == ["orders[0].managerComment: This value is too long."]


async def test_rule_44_what_the_box_has_not_is_empty_or_absent_but_no_error_of_ours(
    shop: Caller,
) -> None:
    for path in (
        "customers-corporate",
        "customers-corporate/history",
        "customers-corporate/7",
        "customers-corporate/7/companies",
        "loyalty/account/7",
        "customer-interaction/main/cart/17",
        "loyalty/accounts",
        "custom-fields",
        "users",
        "tasks",
    ):
        await shop.get(path)
        assert shop.status in {200, 404}, path
    await shop.post("delivery/calculate", order={})
    assert shop.status == 404
    assert (await shop.get("customer-interaction/main/cart/17"))["cart"] == []


async def test_credentials_say_what_a_module_checks_before_it_connects(
    shop: Caller, keys: Keys, http: httpx.AsyncClient
) -> None:
    body = await shop.get("/api/credentials")
    assert body["siteAccess"] == "access_selective"
    assert body["sitesAvailable"] == ["main"]
    assert {"/api/reference/sites", "/api/reference/sites/{code}/edit"} <= set(body["credentials"])
    assert {"order_read", "order_write", "analytics_write", "verification_write"} <= set(
        body["scopes"]
    )
    weak = Caller(http, await keys.make(scopes=("order_read",)))
    assert (await weak.get("/api/credentials"))["scopes"] == ["order_read"]
    free = Caller(http, await keys.make(shop=""))
    assert (await free.get("/api/credentials"))["siteAccess"] == "access_full"


async def test_the_box_says_its_version_zone_and_address(shop: Caller) -> None:
    assert (await shop.get("/api/api-versions"))["versions"] == ["5.0"]
    assert (await shop.get("settings"))["settings"]["timezone"] == {"value": "Europe/Moscow"}
    assert (await shop.get("/api/system-info"))["publicUrl"] == "https://box"


async def test_rule_41_a_new_import_is_asked_for_and_answered_at_once(
    shop: Caller, house: TestHouse
) -> None:
    assert await shop.get("statistic/update") == {"success": True}
    assert await catalogue_runs.work(house.system) == []  # nobody said where the catalogue is
    site = {"code": "main", "ymlUrl": "https://shop.example/simla.xml"}
    await shop.post("reference/sites/main/edit", site=site)
    for _ in range(2):  # a run that waits is the answer
        assert await shop.get("statistic/update") == {"success": True}
    (task,) = await catalogue_runs.work(house.system)
    assert (task.url, task.run.origin) == ("https://shop.example/simla.xml", Origin.SHOP)


async def test_a_locked_box_says_so_in_json(shop: Caller, house: TestHouse) -> None:
    house.vault.seal()
    _actors.forget_actors()
    await shop.post("orders/create", order=order())
    assert shop.status == 503


@pytest.mark.parametrize("door", ["staff", "outer"])
async def test_both_doors_of_the_box_hold_this_one(shop: Caller, door: DoorName) -> None:
    app = make_app(door, Parts(handlers=make_v5_handlers(), is_sealed=lambda: False))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://box") as client:
        caller = Caller(client, shop.key)
        await caller.post("orders/create", order=order(), site="main")
        assert caller.status == 201
        assert (await caller.get("/retailcrm.ru/api/v5/orders/1044"))["order"]["id"] == 1
        assert (await caller.get("/api/nothing"))["errorMsg"] == "API method not found"
        assert (await Caller(client, "").get("/api/credentials"))["errorMsg"] == MISSING


@pytest.mark.parametrize("door", ["staff", "outer"])
async def test_a_sealed_door_answers_modules_in_their_words(shop: Caller, door: DoorName) -> None:
    app = make_app(door, Parts(handlers=make_v5_handlers(), is_sealed=lambda: True))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://box"
    ) as client:
        caller = Caller(client, shop.key)
        body = await caller.get("orders")
        assert (caller.status, body["success"]) == (503, False)
