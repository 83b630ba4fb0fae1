"""Rules 8, 10-14, 16-27, 39 and the bad input of orders."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.house_fixture import TestHouse
from tests.integration.api_v5.conftest import Caller, Keys
from tests.integration.api_v5.orders_sent import MUG, SHIRT, order


async def test_an_order_is_answered_as_it_was_stored(shop: Caller) -> None:
    body = await shop.post("orders/create", order=order())
    assert shop.status == 201
    stored = body["order"]
    assert body["id"] == stored["id"] == 1
    assert stored["number"] == "1044"
    assert stored["site"] == "main"
    assert stored["createdAt"] == "2026-02-01 12:30:00"
    assert (stored["summ"], stored["totalSumm"]) == (2951, 3251)
    assert stored["delivery"]["address"]["text"] == "ул. Ленина, 1 || кв. 2"
    assert stored["items"][0]["externalIds"] == [{"code": "woocomerce", "value": "55_12"}]
    assert stored["items"][1]["properties"]["colour"]["value"] == "белый"
    (payment,) = stored["payments"].values()
    assert (payment["externalId"], payment["amount"]) == ("1044-65c0d", 2700)


async def test_rule_16_a_first_name_is_enough(shop: Caller) -> None:
    body = await shop.post("orders/create", order={"firstName": "Олег"})
    assert shop.status == 201
    assert body["order"]["status"] == "new"
    assert body["order"]["customer"]["id"] == 1
    assert body["order"]["orderMethod"] == "shopping-cart"
    assert body["order"]["payments"] == []
    assert body["order"]["customFields"] == []


async def test_rule_17_a_repeated_create_is_refused_in_the_known_words(shop: Caller) -> None:
    await shop.post("orders/create", order=order())
    body = await shop.post("orders/create", order=order())
    assert (shop.status, body["errorMsg"]) == (400, "Order already exists.")


async def test_the_same_order_fifty_times_at_once_is_one_order(
    shop: Caller, house: TestHouse
) -> None:
    callers = [Caller(shop.http, shop.key) for _ in range(50)]
    await asyncio.gather(*(one.post("orders/create", order=order()) for one in callers))
    assert sorted(one.status for one in callers) == [201] + [400] * 49
    assert len(await house.rows("SELECT id FROM orders")) == 1
    assert len(await house.rows("SELECT id FROM customer")) == 1


async def test_rule_13_an_external_id_is_a_text_whatever_it_came_as(shop: Caller) -> None:
    await shop.post("orders/create", order={"externalId": 5})
    assert (await shop.get("orders/5"))["order"]["externalId"] == "5"
    body = await shop.get("orders", "filter[externalIds][]=5")
    assert [one["externalId"] for one in body["orders"]] == ["5"]


async def test_rule_14_orders_are_named_by_external_id_unless_told_otherwise(
    shop: Caller,
) -> None:
    await shop.post("orders/create", order={"externalId": "77"})
    assert (await shop.get("orders/77"))["order"]["id"] == 1
    assert (await shop.get("orders/1", "by=id"))["order"]["externalId"] == "77"
    await shop.get("orders/1")
    assert shop.status == 404
    await shop.get("orders/abc", "by=id")
    assert shop.status == 400


async def test_rule_15_shops_have_external_ids_of_their_own(shop: Caller, other: Caller) -> None:
    await shop.post("orders/create", order=order())
    await other.post("orders/create", order=order())
    assert other.status == 201
    assert (await shop.get("orders/1044"))["order"]["id"] == 1
    assert (await other.get("orders/1044"))["order"]["id"] == 2


async def test_rule_18_and_20_good_rows_of_a_batch_stay_in_their_order(shop: Caller) -> None:
    rows = [order(str(number)) for number in range(101, 105)]
    rows[1]["items"] = [{"offer": {"id": 9}, "quantity": 1}]
    body = await shop.post("orders/upload", orders=rows)
    assert (shop.status, body["errorMsg"]) == (460, "Orders are loaded with errors")
    assert [one["externalId"] for one in body["uploadedOrders"]] == ["101", "103", "104"]
    assert body["failedOrders"] == [{"externalId": "102"}]
    assert body["errors"] == ["orders[1].items[0].offer.id: Offer with id 9 not found."]
    assert (await shop.get("orders"))["pagination"]["totalCount"] == 3


async def test_a_repeated_batch_brings_orders_up_to_date(shop: Caller) -> None:
    rows = [order("1"), order("2")]
    first = await shop.post("orders/upload", orders=rows)
    rows[1] |= {"status": "complete", "items": [SHIRT]}
    second = await shop.post("orders/upload", orders=rows)
    assert shop.status == 200
    assert second["uploadedOrders"] == first["uploadedOrders"]
    assert (await shop.get("orders/2"))["order"]["status"] == "complete"
    assert len((await shop.get("orders/2"))["order"]["items"]) == 1
    assert len((await shop.get("orders/1"))["order"]["items"]) == 3


async def test_rule_19_a_batch_of_51_is_refused(shop: Caller) -> None:
    await shop.post("orders/upload", orders=[{"externalId": str(one)} for one in range(51)])
    assert shop.status == 400
    assert (await shop.get("orders"))["orders"] == []


async def _edited(shop: Caller, **change: Any) -> dict[str, Any]:
    return (await shop.post("orders/1/edit", by="id", order=change))["order"]


async def test_rule_21_a_partial_line_keeps_its_price_and_quantity(shop: Caller) -> None:
    created = (await shop.post("orders/create", order=order()))["order"]
    line = {"id": created["items"][0]["id"], "externalIds": [{"code": "woocomerce", "value": "9"}]}
    edited = await _edited(shop, items=[line])
    assert len(edited["items"]) == 1
    assert (edited["items"][0]["initialPrice"], edited["items"][0]["quantity"]) == (1200, 2)
    assert edited["items"][0]["externalIds"] == [{"code": "woocomerce", "value": "9"}]
    untouched = await _edited(shop, number="1044")
    assert untouched["items"] == edited["items"]
    assert (await _edited(shop, items=[]))["items"] == []


async def test_rule_22_a_line_with_the_same_offer_is_the_same_line(shop: Caller) -> None:
    created = (await shop.post("orders/create", order=order(items=[SHIRT, MUG])))["order"]
    bare = [{"offer": {"externalId": "55"}, "quantity": 3}, {**MUG, "quantity": "2"}]
    edited = await _edited(shop, items=bare)
    assert [one["id"] for one in edited["items"]] == [one["id"] for one in created["items"]]
    assert [one["quantity"] for one in edited["items"]] == [3, 2]
    assert edited["items"][0]["initialPrice"] == 1200


async def test_rule_23_a_discount_of_the_order_spreads_and_delivery_counts(shop: Caller) -> None:
    items = [
        {"productName": "А", "initialPrice": 100, "quantity": 2},
        {"productName": "Б", "initialPrice": 200, "quantity": 1},
    ]
    body = await shop.post(
        "orders/create",
        order={"items": items, "discountManualAmount": "40,00", "delivery": {"cost": "300"}},
    )
    stored = body["order"]
    assert stored["totalSumm"] == 400 - 40 + 300
    assert [one["discountTotal"] for one in stored["items"]] == [10, 20]
    assert stored["items"][0]["discounts"] == [{"type": "manual_order", "amount": 10}]


async def test_rule_24_an_unknown_code_is_named_and_an_unknown_field_ignored(
    shop: Caller,
) -> None:
    body = await shop.post("orders/create", order=order(status="nope"))
    assert shop.status == 400
    assert body["errors"] == {"status": '"Status" with "code"="nope" does not exist.'}
    bad = order(payments=[{"type": "barter"}], delivery={"code": "pigeon"})
    body = await shop.post("orders/create", order=bad)
    assert body["errors"] == {
        "delivery.code": '"DeliveryType" with "code"="pigeon" does not exist.',
        "payments[0].type": '"PaymentType" with "code"="barter" does not exist.',
    }
    await shop.post("orders/create", order=order(customFields={"ps_company": "ООО"}))
    assert shop.status == 201


async def test_rule_25_an_unknown_client_does_not_lose_the_order(shop: Caller) -> None:
    body = await shop.post("orders/create", order=order(customer={"externalId": "404"}))
    assert shop.status == 201
    assert (await shop.get("customers/404"))["customer"]["id"] == body["order"]["customer"]["id"]


async def test_an_order_goes_to_the_client_it_names(shop: Caller) -> None:
    added = await shop.post("customers/create", customer={"externalId": "17", "firstName": "Яна"})
    body = await shop.post("orders/create", order=order(customer={"id": added["id"]}))
    assert body["order"]["customer"]["id"] == added["id"]
    again = await shop.post("orders/create", order=order("2", customer={"externalId": 17}))
    assert again["order"]["customer"]["id"] == added["id"]


async def test_an_unknown_offer_id_is_refused_and_an_unknown_article_makes_a_product_to_check(
    shop: Caller, house: TestHouse
) -> None:
    body = await shop.post("orders/create", order=order(items=[{"offer": {"id": 9}}]))
    assert (shop.status, body["errorMsg"]) == (400, "Order is not loaded")
    assert body["errors"] == {"items[0].offer.id": "Offer with id 9 not found."}
    assert await house.rows("SELECT id FROM product") == []
    await shop.post("orders/create", order=order())
    assert shop.status == 201
    rows = await house.rows("SELECT name, to_check FROM product ORDER BY number")
    assert [row[0] for row in rows] == ["Футболка", "Кружка", "Упаковка"]
    assert all(row[1] for row in rows)


@pytest.mark.parametrize("amount", ["1,200,50", "1.200.50", "много", "NaN", True, {}, "1e5"])
async def test_an_amount_that_is_none_is_refused_by_its_path(shop: Caller, amount: Any) -> None:
    bad = order(items=[{**SHIRT, "initialPrice": amount}])
    body = await shop.post("orders/create", order=bad)
    assert (shop.status, body["errorMsg"]) == (400, "Errors in the entity format")
    assert "decimal separator" in body["errors"]["items[0].initialPrice"]


@pytest.mark.parametrize("amount", ["1200,50", "1200.5000", "1 200,5", 1200.5])
async def test_an_amount_may_be_spelled_in_several_ways(shop: Caller, amount: Any) -> None:
    body = await shop.post("orders/create", order={"items": [{**SHIRT, "initialPrice": amount}]})
    assert body["order"]["items"][0]["initialPrice"] == 1200.5


async def test_a_phone_with_letters_is_kept_as_typed_and_flagged(
    shop: Caller, house: TestHouse
) -> None:
    typed = "8 (912) ABC-12-34, звонить вечером"
    body = await shop.post("orders/create", order=order(phone=typed))
    assert shop.status == 201
    assert body["order"]["phone"] == typed
    assert await house.rows("SELECT phone_readable FROM orders") == [(False,)]


async def test_dates_that_are_none_are_refused(shop: Caller) -> None:
    body = await shop.post("orders/create", order=order(createdAt="вчера"))
    assert shop.status == 400
    assert list(body["errors"]) == ["createdAt"]


async def test_rule_8_a_page_past_the_end_is_empty_with_the_same_totals(shop: Caller) -> None:
    for number in range(3):
        await shop.post("orders/create", order={"externalId": str(number)})
    first = await shop.get("orders", "limit=20&page=1")
    last = await shop.get("orders", "limit=20&page=9")
    assert last["orders"] == []
    assert last["pagination"] == first["pagination"] | {"currentPage": 9}
    assert first["pagination"] == {
        "limit": 20,
        "totalCount": 3,
        "currentPage": 1,
        "totalPageCount": 1,
    }


async def test_rule_10_both_styles_of_lists_mean_the_same(shop: Caller) -> None:
    for number in range(3):
        await shop.post("orders/create", order={"externalId": str(number)})
    php = await shop.get("orders", "filter[ids][0]=1&filter[ids][1]=3")
    python = await shop.get("orders", "filter[ids][]=1&filter[ids][]=3")
    assert [one["id"] for one in php["orders"]] == [3, 1]
    assert php["orders"] == python["orders"]


async def test_rule_11_a_false_filter_is_a_filter(shop: Caller) -> None:
    await shop.post("orders/create", order=order())
    assert len((await shop.get("orders", "filter[expired]=0"))["orders"]) == 1
    assert (await shop.get("orders", "filter[expired]=1"))["orders"] == []


async def test_rule_12_a_long_list_of_ids_is_answered_whole(shop: Caller) -> None:
    await shop.post("orders/upload", orders=[{"externalId": str(one)} for one in range(30)])
    query = "&".join(f"filter[externalIds][]={one}" for one in range(30))
    assert len((await shop.get("orders", query))["orders"]) == 30


async def test_filters_narrow_the_list(shop: Caller) -> None:
    await shop.post("orders/create", order=order("1"))
    await shop.post("orders/create", order={"externalId": "2", "status": "complete"})
    for query, found in (
        ("filter[extendedStatus][]=complete", ["2"]),
        ("filter[extendedStatus][]=new", ["1"]),
        ("filter[minPrice]=100", ["1"]),
        ("filter[customerId]=1", ["1"]),
        ("filter[deliveryTypes][]=courier", ["1"]),
        ("filter[createdAtTo]=2026-01-31", []),
        ("filter[createdAtFrom]=2026-02-01&filter[createdAtTo]=2026-02-01", ["2", "1"]),
    ):
        body = await shop.get("orders", query)
        assert [one["externalId"] for one in body["orders"]] == found, query


async def test_rule_26_an_unknown_number_is_passed_over_when_ids_are_fixed(shop: Caller) -> None:
    await shop.post("orders/create", order={"firstName": "Олег"})
    await shop.post(
        "orders/fix-external-ids", orders=[{"id": 1, "externalId": 88}, {"id": 99, "externalId": 9}]
    )
    assert shop.status == 200
    assert (await shop.get("orders/88"))["order"]["id"] == 1


async def test_an_external_id_of_another_order_is_not_given_twice(shop: Caller) -> None:
    await shop.post("orders/upload", orders=[{"externalId": "1"}, {"externalId": "2"}])
    await shop.post("orders/fix-external-ids", orders=[{"id": 2, "externalId": "1"}])
    assert shop.status == 400


async def test_rule_27_payments_are_made_changed_and_taken_away(shop: Caller) -> None:
    await shop.post("orders/create", order=order(payments=[]))
    payment = {
        "order": {"externalId": 1044},
        "type": "cash",
        "amount": "100,50",
        "externalId": "p-1",
    }
    made = await shop.post("orders/payments/create", payment=payment)
    assert shop.status == 201
    await shop.post("orders/payments/create", payment=payment)
    assert shop.status == 400
    await shop.post("orders/payments/p-1/edit", by="externalId", payment={"status": "paid"})
    assert (await shop.get("orders/1044"))["order"]["prepaySum"] == 100.5
    await shop.post(f"orders/payments/{made['id']}/edit", by="id", payment={"amount": 7})
    assert (await shop.get("orders/1044"))["order"]["prepaySum"] == 7
    await shop.post("orders/payments/p-1/edit", payment={"amount": 8})  # rule 14: id, then ours
    assert shop.status == 200
    await shop.post(f"orders/payments/{made['id']}/delete")
    assert (await shop.get("orders/1044"))["order"]["payments"] == []
    body = await shop.post("orders/payments/12345/delete")
    assert (shop.status, body["errorMsg"]) == (404, "Payment not found")


async def test_statuses_of_many_orders_are_told_at_once(shop: Caller) -> None:
    await shop.post("orders/create", order=order())
    body = await shop.get("orders/statuses", "ids[0]=1&externalIds[]=none")
    assert body["orders"] == [{"id": 1, "externalId": "1044", "status": "new", "group": "new"}]
    await shop.get("orders/statuses")
    assert shop.status == 400


async def test_rule_39_times_are_local_and_bare(shop: Caller) -> None:
    body = await shop.post("orders/create", order=order())
    stored = body["order"]
    for key in ("createdAt", "statusUpdatedAt", "markDatetime"):
        assert stored[key] == "2026-02-01 12:30:00"
    assert stored["items"][0]["createdAt"] == "2026-02-01 12:30:00"


async def test_an_edit_keeps_what_it_does_not_name(shop: Caller) -> None:
    await shop.post("orders/create", order=order())
    edited = (
        await shop.post(
            "orders/1044/edit",
            order={"status": "client-confirmed", "delivery": {"address": {"city": "Тверь"}}},
        )
    )["order"]
    assert edited["status"] == "client-confirmed"
    assert edited["firstName"] == "Анна"
    assert edited["delivery"]["address"]["city"] == "Тверь"
    assert edited["delivery"]["address"]["index"] == "101000"
    assert edited["delivery"]["cost"] == 300
    assert edited["customer"]["address"]["text"] == ""
    await shop.post("orders/none/edit", order={})
    assert shop.status == 404


async def test_what_a_module_read_it_may_send_back(shop: Caller) -> None:
    """Rule 47, the second half: read-only keys are ignored."""
    await shop.post("orders/create", order=order())
    whole = (await shop.get("orders/1044"))["order"]
    edited = await shop.post("orders/1044/edit", order=whole)
    assert shop.status == 200
    assert edited["order"] == whole


async def test_an_order_is_found_by_the_number_its_shop_gave_it(shop: Caller) -> None:
    await shop.post("orders/create", order={"externalId": "1", "number": "A-77"})
    await shop.post("orders/create", order={"externalId": "2"})
    body = await shop.get("orders", "filter[numbers][]=A-77")
    assert [one["externalId"] for one in body["orders"]] == ["1"]
    payment = {"order": {"number": "A-77"}, "type": "cash", "amount": 5}
    await shop.post("orders/payments/create", payment=payment)
    assert shop.status == 201
    await shop.post("orders/payments/create", payment=payment | {"order": {"number": "none"}})
    assert shop.status == 404
    await shop.post("orders/payments/create", payment={"type": "cash"})
    assert shop.status == 400


async def test_a_key_that_may_only_write_loses_nothing(keys: Keys, http: httpx.AsyncClient) -> None:
    writer = Caller(http, await keys.make(scopes=("order_write",)))
    body = await writer.post("orders/upload", orders=[order()])
    assert writer.status == 200
    assert body["uploadedOrders"] == [{"id": 1, "externalId": "1044"}]
    assert body["orders"] == []
    await writer.get("orders/1044")
    assert writer.status == 403


@pytest.mark.parametrize(
    "odd",
    [
        {"externalId": "a\x00b"},
        {"externalId": 2**70},
        {"firstName": ["x"], "items": "none"},
        {"items": [None]},
        {"items": [{"quantity": -5, "initialPrice": -1}]},
        {"items": [{"quantity": 10**15, "initialPrice": 10**15}]},
        {"customer": {"id": 2**63}},
        {"customer": "17"},
        {"delivery": [], "payments": {}, "customFields": [], "items": {}},
        {"delivery": {"address": "ул. Ленина", "time": "после обеда"}},
        {"managerId": 404},
        {"number": "9" * 40},
        {"createdAt": "9999-12-31 23:59:59"},
        {"payments": [{"amount": "-10", "type": "cash"}]},
        {"delivery": {"time": {"from": "10:00:00+03:00"}, "date": "2026-02-03 00:00:00"}},
        {"shipmentStore": "nowhere", "shipmentDate": "2026-02-30"},
        {"source": {"source": "x" * 300}},
        {"firstName": "Я" * 19_999},
    ],
)
async def test_odd_entities_are_taken_or_refused_and_never_break_the_box(
    shop: Caller, odd: dict[str, Any]
) -> None:
    await shop.post("orders/create", order=odd)
    assert shop.status in {201, 400}
    await shop.post("orders/upload", orders=[odd])
    assert shop.status in {200, 460}


@pytest.mark.parametrize(
    "query",
    [
        "filter[ids][]=x",
        "filter[ids][]=99999999999999999999",
        "filter[externalIds][]=%00",
        "filter[externalIds][x][y]=1",
        "filter[createdAtFrom]=never",
        "filter[minPrice]=1,2,3",
        "filter=text",
        "filter[customer]=%25%27_",
        "page=0",
        "page=-1",
        "limit=abc",
        "by=name",
        "filter[a][b][c][d][e][f]=1",
        "&&&===[][]",
        "filter[][]=1",
    ],
)
async def test_odd_questions_never_break_the_box(shop: Caller, query: str) -> None:
    for path in ("orders", "customers", "orders/history", "store/inventories", "orders/1"):
        await shop.get(path, query)
        assert shop.status in {200, 400, 404}, path
