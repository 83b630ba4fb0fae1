"""The rules by which traffic is held against vendors' own descriptions."""

import json

import httpx
import msgspec
import pytest

from tests.vendors.contract import Several, checked, description, there
from tests.vendors.normalising import Normal, assembled
from tests.vendors.shapes import Operation, Shapes

STOCKS = "/v2/campaigns/12/offers/stocks"
GOOD = {"skus": [{"sku": "A-1", "items": [{"count": 3}]}]}


def market():
    return description("yandex-market.json")


def test_a_request_the_vendor_describes_passes():
    market().check_request("PUT", STOCKS, json.dumps(GOOD).encode())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"skus": [{"sku": "A-1", "items": [{"count": "three"}]}]}, "count"),
        ({"skus": [{"sku": "A-1", "itens": [], "items": [{"count": 3}]}]}, "itens"),
        ({}, "skus"),
    ],
)
def test_a_misspelt_missing_or_mistyped_field_is_named(changed: dict[str, object], said: str):
    with pytest.raises(AssertionError, match=said):
        market().check_request("PUT", STOCKS, json.dumps(changed).encode())


def test_a_path_or_a_query_the_vendor_does_not_have_is_refused():
    with pytest.raises(AssertionError, match="there is no"):
        market().check_request("PUT", "/v2/campaigns/12/offers/stock", b"{}")
    with pytest.raises(AssertionError, match="knows no query"):
        market().check_request("GET", "/v2/campaigns", query="pagetoken=1")


def test_an_answer_is_held_too_but_for_statuses_vendors_seldom_describe():
    with pytest.raises(AssertionError, match="campaigns"):
        market().check_answer("GET", "/v2/campaigns", 200, b'{"campaigns": 7}')
    with pytest.raises(AssertionError, match="never answers"):
        market().check_answer("GET", "/v2/campaigns", 299, b"{}")
    market().check_answer("GET", "/v2/campaigns", 503, b"<html>", "text/html")


def test_a_base_of_addresses_is_taken_off_and_asked_for():
    warehouse = description("moysklad.json", "/api/remap/1.2")
    warehouse.check_request("GET", "/api/remap/1.2/entity/customerorder", query="limit=100")
    with pytest.raises(AssertionError, match="is not under"):
        warehouse.check_request("GET", "/entity/customerorder")


def test_of_several_files_the_one_that_knows_the_path_says_what_is_wrong():
    both = Several([market(), description("yandex-market-notification.json")])
    both.check_request("PUT", STOCKS, json.dumps(GOOD).encode())
    with pytest.raises(AssertionError, match="skus"):
        both.check_request("PUT", STOCKS, b"{}")


def test_what_an_exporter_dropped_is_restored_and_what_it_invented_is_mended():
    broken = {
        "type": "object",
        "properties": {
            "weight": {"format": "int32"},
            "name": {"maxLength": 5},
            "flag": {"type": "bool", "enum": None},
            "posting_id": {"type": "string", "pattern": " YYYY-MM-DD"},
        },
    }
    mend = Normal(restore=True, loose_ids=True, patterns=False,
                  types={"bool": {"type": "boolean"}})  # fmt: skip
    made = assembled({}, broken, mend, closed=True)
    fields = made["properties"]
    assert fields["weight"] == {"type": "integer"}
    assert fields["name"] == {"type": "string", "maxLength": 5}
    assert fields["flag"] == {"type": "boolean"}
    assert fields["posting_id"] == {"type": ["integer", "string"]}
    assert made["unevaluatedProperties"] is False


async def test_traffic_through_the_transport_is_checked_both_ways():
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"status": "SURE"})

    through = checked(httpx.MockTransport(answer), market())
    async with httpx.AsyncClient(transport=through, base_url="https://market.example") as client:
        with pytest.raises(AssertionError, match="200"):
            await client.put(STOCKS, json=GOOD)
        through.trouble = True
        await client.put(STOCKS, json=GOOD)
        with pytest.raises(AssertionError, match="body"):
            await client.put(STOCKS, json={"skus": 1})
    assert through.seen == [("PUT", STOCKS)] * 2


class Tariff(msgspec.Struct, forbid_unknown_fields=True, rename="kebab"):
    index_to: str
    mass: int


def test_vendors_without_a_description_are_held_against_structs():
    post = Shapes("post", {"POST /1.0/tariff": Operation(Tariff, {200: dict}, ("lang",))})
    post.check_request("POST", "/1.0/tariff", b'{"index-to": "101000", "mass": 500}')
    post.check_answer("POST", "/1.0/tariff", 429, b"")
    for body, query in ((b'{"index-to": "1"}', ""), (b'{"index-to":"1","mass":1,"x":2}', ""),
                        (b'{"index-to": "101000", "mass": 500}', "token=1")):  # fmt: skip
        with pytest.raises(AssertionError):
            post.check_request("POST", "/1.0/tariff", body, query)
    with pytest.raises(AssertionError, match="302"):
        post.check_answer("POST", "/1.0/tariff", 302, b"")


if there():  # without the descriptions there is nothing to ask

    @pytest.mark.parametrize(
        "name",
        ["ozon-seller.json", "cdek-v2.json", "yookassa.yaml", "wildberries-03-orders-fbs.yaml"],
    )
    def test_every_schema_of_a_description_can_be_held_against(name: str):
        assert description(name).held() > 50
