"""The feeds: rules 32-37 and section 8."""

from typing import Any

import pytest

from appliance.actions import orders
from appliance.domain.orders import OrderChange, OrderSelector
from appliance.domain.personal import Personal
from tests.house_fixture import TestHouse
from tests.integration.api_v5.conftest import Caller, Keys
from tests.integration.api_v5.orders_sent import CUSTOMER, SHIRT, order


async def _read(shop: Caller, what: str = "orders", since: int = 0) -> list[dict[str, Any]]:
    body = await shop.get(f"{what}/history", f"filter[sinceId]={since}&limit=100")
    return body["history"]


async def test_rule_32_ids_ascend_since_is_exclusive_and_totals_are_of_the_rest(
    shop: Caller,
) -> None:
    for number in range(25):
        await shop.post("orders/create", order={"externalId": str(number)})
    seen: list[int] = []
    since = 0
    while True:
        body = await shop.get("orders/history", f"filter[sinceId]={since}&limit=20&page=1")
        seen += [one["id"] for one in body["history"]]
        pages = body["pagination"]
        assert bool(body["history"]) or pages["totalPageCount"] == 0
        if pages["currentPage"] >= pages["totalPageCount"]:
            break
        since = seen[-1]
    assert seen == sorted(set(seen))
    assert len(seen) == 25
    assert (await shop.get("orders/history", f"filter[sinceId]={seen[-1]}"))["history"] == []
    await shop.get("orders/history", "filter[sinceId]=0&page=2")
    assert shop.status == 400


async def test_rule_33_flags_are_there_only_when_true(shop: Caller) -> None:
    await shop.post("orders/create", order=order())
    await shop.post("orders/1044/edit", order={"status": "complete"})
    created, *changes = await _read(shop)
    assert created["created"] is True
    assert (created["field"], created["oldValue"]) == ("status", None)
    assert created["newValue"] == {"code": "new"}
    assert changes
    for entry in changes:
        assert "created" not in entry
        assert "deleted" not in entry
    assert changes[0]["field"] == "status"
    assert changes[0]["order"] == {
        "id": 1,
        "externalId": "1044",
        "site": "main",
        "status": "complete",
    }


async def test_rule_34_and_35_current_is_true_only_for_the_reading_key(
    shop: Caller, keys: Keys
) -> None:
    second = Caller(shop.http, await keys.make())
    await shop.post("orders/create", order=order())
    assert {one["apiKey"]["current"] for one in await _read(shop)} == {True}
    assert {one["apiKey"]["current"] for one in await _read(second)} == {False}
    assert {one["source"] for one in await _read(shop)} == {"api"}


async def test_rule_36_a_creation_holds_the_whole_order(shop: Caller) -> None:
    await shop.post("orders/create", order=order())
    whole = (await _read(shop))[0]["order"]
    assert whole["customer"]["address"] == {"text": ""}
    assert whole["delivery"]["address"]["city"] == "Москва"
    assert len(whole["items"]) == 3
    assert whole["firstName"] == "Анна"


async def test_rule_37_old_entries_carry_an_id_given_later(shop: Caller, house: TestHouse) -> None:
    await shop.post("orders/create", order={"firstName": "Олег"})
    await shop.post("customers/create", customer={"firstName": "Яна"})
    await shop.post("orders/fix-external-ids", orders=[{"id": 1, "externalId": 88}])
    await shop.post("customers/fix-external-ids", customers=[{"id": 2, "externalId": 89}])
    assert (await _read(shop))[0]["order"]["externalId"] == "88"
    created = [one for one in await _read(shop, "customers") if one.get("created")]
    assert created[1]["customer"]["externalId"] == "89"


@pytest.mark.checklist(116)
async def test_what_a_person_changes_reaches_the_shop_in_its_units(
    shop: Caller, house: TestHouse
) -> None:
    await shop.post("orders/create", order=order())
    since = (await _read(shop))[-1]["id"]
    change = OrderChange(
        contact=Personal({"first_name": "Инна", "discount_reason": "Давний покупатель"}),
        discount_amount=10_050,
        status="no-call",
    )
    await orders.edit(house.actor_for("head"), OrderSelector(number=1), change)
    entries = {one["field"]: one for one in await _read(shop, since=since)}
    assert entries["first_name"]["oldValue"] == "Анна"
    assert entries["first_name"]["newValue"] == "Инна"
    assert entries["discount_manual_amount"]["newValue"] == 100.5
    assert entries["status"]["newValue"] == {"code": "no-call"}
    for entry in entries.values():
        assert entry["source"] == "user"
        assert entry["user"] == {"id": 6}
        assert "apiKey" not in entry
    assert entries["status"]["order"]["status"] == "no-call"


async def test_changed_lines_name_the_shops_own_ids(shop: Caller) -> None:
    await shop.post("orders/create", order=order())
    since = (await _read(shop))[-1]["id"]
    await shop.post("orders/1044/edit", order={"items": [{**SHIRT, "quantity": 5}]})
    entries = await _read(shop, since=since)
    changed = next(one for one in entries if one["field"] == "order_product.quantity")
    assert (changed["oldValue"], changed["newValue"]) == (2, 5)
    assert changed["item"]["offer"]["externalId"] == "55"
    assert changed["item"]["externalIds"] == [{"code": "woocomerce", "value": "55_12"}]
    removed = [one for one in entries if one["field"] == "order_product"]
    assert all(one["newValue"] is None and one["oldValue"]["id"] for one in removed)
    assert {one["item"]["productName"] for one in removed} == {"Кружка", "Упаковка"}


async def test_a_client_made_and_changed_is_in_his_feed(shop: Caller) -> None:
    await shop.post("customers/create", customer=CUSTOMER)
    await shop.post(
        "customers/17/edit", customer={"firstName": "Павел", "contragent": {"INN": "7707083893"}}
    )
    created, *changes = await _read(shop, "customers")
    assert (created["created"], created["field"], created["newValue"]) == (True, "id", 1)
    assert created["customer"]["address"]["city"] == "Тверь"
    fields = {one["field"]: one for one in changes}
    assert fields["first_name"]["oldValue"] == "Пётр"
    assert fields["first_name"]["newValue"] == "Павел"
    assert fields["contragent.i_n_n"]["newValue"] == "7707083893"
    assert fields["first_name"]["customer"]["externalId"] == "17"


@pytest.mark.parametrize("what", ["orders", "customers"])
async def test_a_feed_is_narrowed_by_day_and_by_record(shop: Caller, what: str) -> None:
    await shop.post("orders/create", order=order("1", customer={"externalId": "7"}))
    await shop.post("orders/create", order={"externalId": "2", "firstName": "Олег"})
    one = what.removesuffix("s")
    both = await shop.get(f"{what}/history", "filter[startDate]=2026-02-01 00:00:00")
    assert {entry[one]["id"] for entry in both["history"]} == {1, 2}
    for query in (f"filter[{one}Id]=1", f"filter[{one}ExternalId]={'1' if one == 'order' else 7}"):
        body = await shop.get(f"{what}/history", query)
        assert {entry[one]["id"] for entry in body["history"]} == {1}, query
    later = await shop.get(f"{what}/history", "filter[startDate]=2026-02-02")
    assert later["history"] == []
    assert later["generatedAt"] == "2026-02-01 12:30:00"


async def test_a_feed_shows_nothing_of_another_shop(shop: Caller, other: Caller) -> None:
    await shop.post("orders/create", order=order())
    assert await _read(other) == []
    assert await _read(other, "customers") == []
