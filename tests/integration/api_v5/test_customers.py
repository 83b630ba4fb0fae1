"""Clients: rules 12, 13, 15, 26 and the semantics of section 6.1."""

from urllib.parse import urlencode

import httpx
import pytest

from tests.house_fixture import TestHouse
from tests.integration.api_v5.conftest import Caller, Keys
from tests.integration.api_v5.orders_sent import CUSTOMER


async def test_a_client_is_added_and_read_back(shop: Caller) -> None:
    added = await shop.post("customers/create", customer=CUSTOMER)
    assert (shop.status, added["id"]) == (201, 1)
    read = (await shop.get("customers/17"))["customer"]
    assert read["externalId"] == "17"
    assert (read["firstName"], read["lastName"]) == ("Пётр", "Ветров")
    assert read["phones"] == [{"number": "+7 (900) 123-45-67"}]
    assert read["email"] == "petr@example.ru"
    assert read["address"]["city"] == "Тверь"
    assert read["address"]["text"] == "Тверь, Садовая, 3"
    assert read["birthday"] == "1990-05-06"
    assert read["ordersCount"] == 0
    assert read["tags"][0]["name"] == "опт"
    assert (await shop.get("customers/1", "by=id"))["customer"] == read


async def test_every_client_has_a_purpose_with_its_basis(shop: Caller, house: TestHouse) -> None:
    await shop.post("customers/create", customer=CUSTOMER)
    assert await house.rows("SELECT code, basis, source FROM purpose") == [
        ("order", "contract", "api:main")
    ]


async def test_a_consent_to_a_text_nobody_knows_is_refused(shop: Caller, house: TestHouse) -> None:
    consent = {"purpose": "mailing", "textCode": "none", "textVersion": 1}
    await shop.post("customers/create", customer=CUSTOMER | {"consents": [consent]})
    assert shop.status == 400
    assert await house.rows("SELECT id FROM customer") == []


async def test_a_repeated_external_id_is_refused_on_create_and_taken_over_on_upload(
    shop: Caller,
) -> None:
    await shop.post("customers/create", customer=CUSTOMER)
    body = await shop.post("customers/create", customer=CUSTOMER)
    assert shop.status == 400
    assert body["errors"] == {"externalId": "Customer with externalId=17 already exists"}
    rows = [CUSTOMER | {"firstName": "Павел"}, {"externalId": 18, "firstName": "Рита"}]
    body = await shop.post("customers/upload", customers=rows)
    assert shop.status == 200
    assert body["uploadedCustomers"] == [
        {"id": 1, "externalId": "17"},
        {"id": 2, "externalId": "18"},
    ]
    assert (await shop.get("customers/17"))["customer"]["firstName"] == "Павел"


async def test_a_client_without_name_phone_and_mail_is_taken(shop: Caller) -> None:
    await shop.post("customers/create", customer={"externalId": "1"})
    assert shop.status == 201
    read = (await shop.get("customers/1"))["customer"]
    assert (read["phones"], read["email"], read["address"]) == ([], "", {"text": ""})


async def test_an_edit_merges_and_clears(shop: Caller) -> None:
    await shop.post("customers/create", customer=CUSTOMER)
    change = {
        "lastName": "",
        "phones": [{"number": "8 900 765-43-21"}],
        "address": {"city": "Орёл"},
        "addTags": ["вип"],
        "removeTags": ["опт"],
        "ordersCount": 9,
        "vip": "1",
    }
    body = await shop.post("customers/17/edit", customer=change)
    assert (shop.status, body["id"]) == (200, 1)
    read = (await shop.get("customers/17"))["customer"]
    assert (read["firstName"], read["lastName"], read["vip"]) == ("Пётр", "", True)
    assert read["phones"] == [{"number": "8 900 765-43-21"}]
    assert read["email"] == "petr@example.ru"
    assert (read["address"]["city"], read["address"]["building"]) == ("Орёл", "3")
    assert [tag["name"] for tag in read["tags"]] == ["вип"]
    await shop.post("customers/404/edit", customer={})
    assert shop.status == 404


async def test_a_double_is_found_by_mail_and_by_phone(shop: Caller) -> None:
    await shop.post("customers/create", customer=CUSTOMER)
    await shop.post("customers/create", customer={"externalId": "2", "email": "other@example.ru"})
    for query in (
        "filter[email]=petr@example.ru",
        "filter[email]=PETR@example.ru&filter[isContact]=0",
        "filter[ids][]=1",
        "filter[externalIds][]=17",
        "filter[sites][]=main&filter[externalIds][0]=17",
    ):
        body = await shop.get("customers", query)
        assert [one["id"] for one in body["customers"]] == [1], query
    assert (await shop.get("customers", "filter[isContact]=1"))["customers"] == []
    body = await shop.get("customers")
    assert [one["id"] for one in body["customers"]] == [2, 1]
    assert body["pagination"]["totalCount"] == 2


async def test_rule_12_a_long_list_of_ids_is_answered_whole(shop: Caller) -> None:
    await shop.post("customers/upload", customers=[{"externalId": str(one)} for one in range(25)])
    query = "&".join(f"filter[ids][{one}]={one + 1}" for one in range(25))
    assert len((await shop.get("customers", query))["customers"]) == 25


async def test_rule_26_ids_are_fixed_and_unknown_ones_passed_over(shop: Caller) -> None:
    await shop.post("customers/create", customer={"firstName": "Яна"})
    pairs = [{"id": 1, "externalId": "55"}, {"id": 404, "externalId": "56"}]
    await shop.post("customers/fix-external-ids", customers=pairs)
    assert shop.status == 200
    assert (await shop.get("customers/55"))["customer"]["id"] == 1


async def test_a_batch_with_a_bad_row_keeps_the_good_ones(shop: Caller) -> None:
    rows = [{"externalId": "1"}, {"externalId": "2", "birthday": "тогда"}, {"externalId": "3"}]
    body = await shop.post("customers/upload", customers=rows)
    assert (shop.status, body["errorMsg"]) == (460, "Customers are loaded with errors")
    assert [one["externalId"] for one in body["uploadedCustomers"]] == ["1", "3"]
    assert body["failedCustomers"] == [{"externalId": "2"}]


async def test_a_client_of_another_shop_is_not_there(shop: Caller, other: Caller) -> None:
    await shop.post("customers/create", customer=CUSTOMER)
    await other.get("customers/17")
    assert other.status == 404
    await other.get("customers/1", "by=id")
    assert other.status == 404
    assert (await other.get("customers"))["customers"] == []
    assert (await other.get("customers", "filter[email]=petr@example.ru"))["customers"] == []
    await other.post("customers/1/edit", by="id", customer={"firstName": "X"})
    assert other.status == 404
    await other.post("customers/create", customer=CUSTOMER)
    assert other.status == 201


async def test_a_shop_learns_nothing_of_anothers_client_by_guessing_his_number(
    shop: Caller, other: Caller
) -> None:
    await shop.post("customers/create", customer=CUSTOMER)
    body = await other.post("orders/create", order={"firstName": "Олег", "customer": {"id": 1}})
    assert other.status == 201  # an order is not lost for it
    assert body["order"]["customer"]["id"] == 2
    assert "Ветров" not in str(body)


async def test_one_buyer_of_two_shops_is_one_client_whom_both_may_read(
    shop: Caller, other: Caller
) -> None:
    await shop.post("customers/create", customer=CUSTOMER)
    buyer = {"email": "petr@example.ru", "firstName": "Пётр"}
    body = await other.post("orders/create", order=buyer)
    assert body["order"]["customer"]["id"] == 1
    assert (await other.get("customers/1", "by=id"))["customer"]["lastName"] == "Ветров"


@pytest.mark.parametrize("phone", ["+7 (900) 123-45-67", "89001234567", "9001234567"])
async def test_a_client_is_found_by_any_spelling_of_his_phone(shop: Caller, phone: str) -> None:
    await shop.post("customers/create", customer=CUSTOMER)
    body = await shop.get("customers", urlencode({"filter[name]": phone}))
    assert [one["id"] for one in body["customers"]] == [1]


async def test_a_key_of_no_shop_must_say_which_one(keys: Keys, http: httpx.AsyncClient) -> None:
    free = Caller(http, await keys.make(shop=""))
    body = await free.post("customers/create", customer=CUSTOMER)
    assert (free.status, body["errorMsg"]) == (400, "Parameter 'site' is missing")
    body = await free.post("customers/create", customer=CUSTOMER, site="nowhere")
    assert body["errors"] == {"site": '"Site" with "code"="nowhere" does not exist.'}
    await free.post("customers/create", customer=CUSTOMER, site="second")
    assert free.status == 201
    assert (await free.get("customers/17", "site=second"))["customer"]["site"] == "second"
