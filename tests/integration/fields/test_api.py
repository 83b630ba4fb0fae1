"""Fields that an administrator made, as a shop's module reads and writes them."""

from typing import Any

import pytest

from appliance.domain.fields import FieldType, Owner
from tests.house_fixture import TestHouse
from tests.integration.api_v5.conftest import Caller
from tests.integration.fields.made import field, make


@pytest.mark.checklist(129)
async def test_a_module_makes_a_field_fills_it_in_and_reads_it_back(shop: Caller) -> None:
    made = {"code": "ps_company", "name": "Компания", "type": "string"}
    answer = await shop.post("custom-fields/order/create", customField=made)
    assert (shop.status, answer["code"]) == (201, "ps_company")
    await shop.post("custom-fields/order/create", customField=made)
    assert shop.status == 400
    listed = await shop.get("custom-fields", "filter[entity]=order")
    assert [one["code"] for one in listed["customFields"]] == ["ps_company"]
    order = {
        "externalId": "7",
        "firstName": "Анна",
        "customFields": {"ps_company": "Чай", "x": "?"},
    }
    await shop.post("orders/create", order=order)
    read = await shop.get("orders/7")
    assert read["order"]["customFields"] == {"ps_company": "Чай"}


async def test_values_of_every_kind_go_both_ways(shop: Caller, house: TestHouse) -> None:
    await make(
        house,
        field("price", FieldType.MONEY),
        field("rate", FieldType.NUMBER),
        field("met", FieldType.MOMENT),
        field("on", FieldType.FLAG),
        field("sizes", FieldType.CHOICES),
        field("memo", personal=True),
    )
    sent: dict[str, Any] = {
        "price": 10.5,
        "rate": "3",
        "met": "2026-11-21 14:05:00",
        "on": True,
        "sizes": ["s", "l"],
        "memo": "тихий",
    }
    await shop.post("customers/create", customer={"externalId": "5", "customFields": sent})
    assert shop.status == 201
    read = (await shop.get("customers/5"))["customer"]["customFields"]
    assert read == {**sent, "rate": 3}
    await shop.post("customers/5/edit", customer={"customFields": {"memo": None, "price": 11}})
    read = (await shop.get("customers/5"))["customer"]["customFields"]
    assert "memo" not in read
    assert read["price"] == 11
    feed = await shop.get("customers/history")
    told = [
        (e["field"], e["oldValue"], e["newValue"])
        for e in feed["history"]
        if "custom" in e["field"]
    ]
    assert told == [("custom_price", 10.5, 11), ("custom_memo", "тихий", None)]


async def test_a_wrong_value_is_named_by_its_path(shop: Caller, house: TestHouse) -> None:
    await make(house, field("met", FieldType.DAY, Owner.ORDER))
    answer = await shop.post(
        "orders/create",
        order={"externalId": "9", "firstName": "Анна", "customFields": {"met": "когда-то"}},
    )
    assert shop.status == 400
    assert list(answer["errors"]) == ["customFields.met"]
