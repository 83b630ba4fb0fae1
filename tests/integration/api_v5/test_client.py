"""The unmodified client of PyPI against a server that really listens."""

import asyncio
import json
import socket
from typing import Any
from urllib.parse import urlencode

import retailcrm

from tests.house_fixture import TestHouse
from tests.integration.api_v5.conftest import Caller, Served
from tests.integration.api_v5.orders_sent import CUSTOMER, SHIRT, order


def _body(answer: Any) -> dict[str, Any]:
    assert answer.is_successful(), answer.get_response()
    return answer.get_response()


async def test_the_client_sends_a_client_and_his_orders_and_reads_them_back(
    served: Served,
) -> None:
    crm, ask = served.client, served.ask
    assert _body(await ask(crm.api_versions))["versions"] == ["5.0"]
    assert _body(await ask(crm.customer_create, CUSTOMER, "main"))["id"] == 1
    made = _body(await ask(crm.order_create, order(customer={"externalId": 17}), "main"))
    assert made["order"]["customer"]["id"] == 1
    read = _body(await ask(crm.order, "1044"))["order"]
    assert read["firstName"] == "Анна"
    assert read["customer"]["firstName"] == "Пётр"
    change = {"externalId": 1044, "status": "complete", "items": [{**SHIRT, "quantity": 5}]}
    edited = _body(await ask(crm.order_edit, change, "externalId", "main"))["order"]
    assert (edited["status"], edited["summ"]) == ("complete", 6000)
    found = _body(await ask(crm.customers, {"email": "petr@example.ru"}))["customers"]
    assert [one["id"] for one in found] == [1]
    assert _body(await ask(crm.orders, {"externalIds": ["1044"], "ids": [1]}))["orders"]


async def test_the_client_uploads_and_pulls_the_feed(served: Served) -> None:
    crm, ask = served.client, served.ask
    rows = [{"externalId": str(number), "firstName": "Олег"} for number in range(5)]
    body = _body(await ask(crm.customers_upload, rows, "main"))
    assert [one["id"] for one in body["uploadedCustomers"]] == [1, 2, 3, 4, 5]
    rows = [order(str(number)) for number in range(5)]
    assert len(_body(await ask(crm.orders_upload, rows, "main"))["uploadedOrders"]) == 5
    feed = _body(await ask(crm.orders_history, {"sinceId": 0}))["history"]
    assert [one["order"]["externalId"] for one in feed if one.get("created")] == list("01234")
    since = feed[-1]["id"]
    assert _body(await ask(crm.orders_history, {"sinceId": since}))["history"] == []
    feed = _body(await ask(crm.customers_history, None))["history"]
    assert len([one for one in feed if one.get("created")]) == 5 + 1  # Anna came with her orders
    fixed = [{"id": 1, "externalId": "one"}]
    _body(await ask(crm.customers_fix_external_ids, fixed, "main"))
    assert _body(await ask(crm.customer, "one"))["customer"]["id"] == 1


async def test_the_client_reads_lists_goods_and_payments(served: Served) -> None:
    crm, ask = served.client, served.ask
    assert "new" in _body(await ask(crm.statuses))["statuses"]
    assert _body(await ask(crm.price_types))["priceTypes"]
    assert _body(await ask(crm.inventories))["offers"] == []
    assert _body(await ask(crm.sites))["sites"]["main"]["code"] == "main"
    _body(await ask(crm.order_create, order(payments=[]), "main"))
    payment = {"order": {"externalId": "1044"}, "type": "cash", "amount": 10}
    paid = _body(await ask(crm.order_payment_create, payment, "main"))
    assert paid["id"] == 1
    standing = _body(await ask(crm.orders_statuses, [1], ["none"]))["orders"]
    assert [one["status"] for one in standing] == ["new"]
    _body(await ask(crm.order_payment_delete, paid["id"]))


async def test_the_client_reaches_everything_that_scripts_use_every_day(
    served: Served, house: TestHouse
) -> None:
    """Connection, references, clients, companies, orders, history, payments, stock, prices…"""
    crm, ask = served.client, served.ask
    for call in (
        crm.api_versions, crm.statuses, crm.status_groups, crm.delivery_types,
        crm.delivery_services, crm.payment_types, crm.payment_statuses, crm.order_methods,
        crm.order_types, crm.product_statuses, crm.price_types, crm.stores, crm.sites,
        crm.countries, crm.couriers, crm.cost_groups, crm.cost_items, crm.legal_entities,
        crm.mg_channels, crm.units, crm.users, crm.user_groups, crm.segments, crm.tasks,
        crm.custom_fields, crm.products, crm.product_groups, crm.products_properties,
        crm.inventories, crm.orders, crm.customers, crm.customers_corporate,
        crm.orders_history, crm.customers_history, crm.customers_corporate_history,
        crm.customer_notes, crm.customer_corporate_notes, crm.files, crm.settings,
        crm.loyalty_loyalties, crm.loyalty_accounts, crm.offers, crm.currencies,
        crm.tasks_history, crm.custom_dictionaries,
    ):  # fmt: skip
        _body(await ask(call))
    _body(await ask(crm.customer_create, CUSTOMER, "main"))
    firm = {"nickName": "Лютик", "externalId": "f1"}
    _body(await ask(crm.customer_corporate_create, firm, "main"))
    place = {"text": "Тверь, Садовая, 3", "name": "Склад", "externalId": "f1"}
    _body(await ask(crm.customer_corporate_addresses_create, place, "externalId", "main"))
    found = _body(await ask(crm.customer_corporate_addresses, "f1"))
    assert [one["name"] for one in found["addresses"]] == ["Склад"]
    _body(await ask(crm.order_create, order(), "main"))
    for amount in (7, 9):
        stock = [{"externalId": "55", "stores": [{"code": "main", "available": amount}]}]
        done = _body(await ask(crm.inventories_upload, stock, "main"))
        assert done["processedOffersCount"] == 1
    prices = [{"externalId": "55", "site": "main", "prices": [{"code": "base", "price": 990}]}]
    assert _body(await ask(crm.prices_upload, prices))["processedOffersCount"] == 1
    offers = _body(await ask(crm.offers))["offers"]
    assert {one.get("externalId"): one["price"] for one in offers}["55"] == 990
    note = {"text": "Звонить вечером", "customer": {"externalId": "17"}}
    _body(await ask(crm.customer_note_create, note, "main"))
    assert len(_body(await ask(crm.customer_notes))["notes"]) == 1
    call = {"phone": "+79001234567", "type": "in", "codes": ["seller"]}
    assert _body(await ask(crm.telephony_call_event, call))["notExistCodes"] == []
    cart = {"customer": {"externalId": "17"}, "items": [{"offer": {"externalId": "55"}}]}
    _body(await ask(crm.customer_interaction_cart_set, "main", cart))
    kept = _body(await ask(crm.customer_interaction_cart, "main", "17"))["cart"]
    assert len(kept["items"]) == 1


async def test_the_client_hears_of_refusals_in_their_words(served: Served) -> None:
    crm, ask = served.client, served.ask
    stranger = retailcrm.v5(served.address, "x" * 32)
    answer = await ask(stranger.orders)
    assert (answer.get_status_code(), answer.get_error_msg()) == (403, 'Wrong "apiKey" value.')
    answer = await ask(crm.order_create, order(status="nope"), "main")
    assert answer.get_error_msg() == "Errors in the entity format"
    assert answer.get_errors() == {"status": '"Status" with "code"="nope" does not exist.'}
    answer = await ask(crm.costs)
    assert (answer.get_status_code(), answer.get_error_msg()) == (404, "API method not found")


async def test_an_order_whose_answer_was_lost_is_sent_again_and_is_one(
    served: Served, house: TestHouse
) -> None:
    """The line is cut after the request: the shop knows nothing and sends the order again."""
    body = urlencode({"order": json.dumps(order()), "site": "main"}).encode()
    head = (
        "POST /api/v5/orders/create HTTP/1.1\r\nhost: box\r\n"
        f"x-api-key: {served.client.api_key}\r\n"
        f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode()
    for sent in (head + body[: len(body) // 2], head + body, head + body):
        with socket.create_connection(("127.0.0.1", served.port)) as line:
            line.sendall(sent)
            line.shutdown(socket.SHUT_WR)
    answer = await served.ask(served.client.order_create, order(), "main")
    assert answer.get_status_code() in {201, 400}
    answer = await served.ask(served.client.order_create, order(), "main")
    assert answer.get_error_msg() == "Order already exists."
    assert len(await house.rows("SELECT id FROM orders")) == 1
    assert len(await house.rows("SELECT id FROM customer")) == 1
    assert (await served.ask(served.client.order, "1044")).get_response()["order"]["id"] == 1


async def test_fifty_clients_with_the_same_order_make_one(served: Served, house: TestHouse) -> None:
    crms = [retailcrm.v5(served.address, served.client.api_key) for _ in range(50)]
    answers = await asyncio.gather(*(served.ask(crm.order_create, order(), "main") for crm in crms))
    codes = sorted(answer.get_status_code() for answer in answers)
    assert codes == [201] + [400] * 49
    assert len(await house.rows("SELECT id FROM orders")) == 1


async def test_rule_45_a_body_announced_with_expect_is_asked_for(served: Served) -> None:
    body = urlencode({"order": json.dumps(order())}).encode()
    head = (
        "POST /api/v5/orders/create HTTP/1.1\r\nhost: box\r\n"
        f"x-api-key: {served.client.api_key}\r\n"
        "content-type: application/x-www-form-urlencoded\r\nexpect: 100-continue\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    ).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(head)
    assert b"100 Continue" in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    writer.write(body)
    assert b" 201 " in await asyncio.wait_for(reader.readline(), 5)
    writer.close()


async def test_the_client_sets_changes_and_reads_tasks(served: Served, house: TestHouse) -> None:
    crm, ask = served.client, served.ask
    _body(await ask(crm.order_create, order(), "main"))
    sent = {
        "text": "Перезвонить",
        "commentary": "О доставке",
        "datetime": "2026-03-01 14:30",
        "performerId": 1,
        "order": {"externalId": "1044"},
    }
    assert _body(await ask(crm.task_create, sent, "main"))["id"] == 1
    read = _body(await ask(crm.task, 1))["task"]
    assert (read["text"], read["commentary"], read["datetime"]) == (
        "Перезвонить",
        "О доставке",
        "2026-03-01 14:30",
    )
    assert (read["order"]["id"], read["performer"], read["complete"]) == (1, 1, False)
    _body(await ask(crm.task_edit, {"id": 1, "text": "Написать", "complete": True}, "main"))
    found = _body(await ask(crm.tasks, {"status": "completed", "orderNumber": "1"}))
    assert [(one["text"], one["complete"]) for one in found["tasks"]] == [("Написать", True)]
    assert found["pagination"]["totalCount"] == 1
    assert _body(await ask(crm.tasks, {"status": "performing"}))["tasks"] == []
    bare = await ask(crm.task_create, {"commentary": "Ни о чём"}, "main")
    assert bare.get_response()["errors"] == {
        "text": "This value should not be blank.",
        "performerId": "This value should not be blank.",
    }
    nobody = await ask(crm.task_create, sent | {"performerId": 404}, "main")
    assert nobody.get_response()["errors"] == {"performerId": "User with this id does not exist."}
    assert (await ask(crm.task, 77)).get_status_code() == 404
    told = await house.rows("SELECT source FROM change_entry WHERE entity = 'task'")
    assert told[0] == ("api",)


async def test_a_key_does_not_see_tasks_about_the_orders_of_another_shop(
    shop: Caller, other: Caller
) -> None:
    await shop.post("orders/create", site="main", order=order())
    task = {"text": "Тайна", "performerId": 1, "order": {"externalId": "1044"}}
    made = await shop.post("tasks/create", site="main", task=task)
    assert (await other.get("tasks"))["tasks"] == []
    await other.get(f"tasks/{made['id']}")
    assert other.status == 404
    await other.post(f"tasks/{made['id']}/edit", task={"text": "Чужое"})
    assert other.status == 404
