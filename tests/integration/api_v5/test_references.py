"""Lists of codes and goods: rules 28-31 and 40."""

from typing import Any

from appliance.actions import fields, legal_entities, products
from appliance.domain.fields import CustomField, FieldType, Option, Owner
from appliance.domain.ids import uuid7
from appliance.domain.papers import EntityDraft, OwnRequisites
from appliance.domain.products import ProductDraft, VariantDraft
from tests.house_fixture import TestHouse
from tests.integration.api_v5.conftest import Caller

MAPS = {
    "sites": "sites",
    "statuses": "statuses",
    "status-groups": "statusGroups",
    "delivery-types": "deliveryTypes",
    "payment-types": "paymentTypes",
    "payment-statuses": "paymentStatuses",
    "order-methods": "orderMethods",
    "order-types": "orderTypes",
    "units": "units",
}
LISTS = {"stores": "stores", "price-types": "priceTypes", "countries": "countriesIso"}


async def test_rule_28_containers_are_as_modules_expect_and_active_is_a_boolean(
    shop: Caller,
) -> None:
    for name, key in MAPS.items():
        found: dict[str, Any] = (await shop.get(f"reference/{name}"))[key]
        assert found, name
        for code, entry in found.items():
            assert entry["code"] == code
            assert name == "sites" or entry["active"] is True
    for name, key in LISTS.items():
        assert isinstance((await shop.get(f"reference/{name}"))[key], list), name
    prices = (await shop.get("reference/price-types"))["priceTypes"]
    assert [one["default"] for one in prices if one["code"] == "base"] == [True]


async def test_money_that_came_must_count_as_come(shop: Caller) -> None:
    found = (await shop.get("reference/payment-statuses"))["paymentStatuses"]
    assert found["paid"]["paymentComplete"] is True
    assert found["not-paid"]["paymentComplete"] is False


async def test_rule_29_an_unknown_status_is_made_and_an_unknown_site_refused(
    shop: Caller,
) -> None:
    new = {"name": "Ждём поставку", "group": "approval", "ordering": 45}
    await shop.post("reference/statuses/waiting/edit", status=new)
    assert shop.status == 201
    found = (await shop.get("reference/statuses"))["statuses"]["waiting"]
    assert (found["name"], found["group"], found["active"]) == ("Ждём поставку", "approval", True)
    await shop.post("reference/statuses/waiting/edit", status={"active": False})
    assert shop.status == 200
    found = (await shop.get("reference/statuses"))["statuses"]["waiting"]
    assert (found["name"], found["active"]) == ("Ждём поставку", False)
    await shop.post("reference/sites/nowhere/edit", site={"name": "X"})
    assert shop.status == 400
    await shop.post("reference/statuses/x/edit", status={"name": "X", "group": "nope"})
    assert shop.status == 400


async def test_plain_lists_take_new_entries_and_keep_what_is_not_ours(shop: Caller) -> None:
    for name, field, key in (
        ("delivery-types", "deliveryType", "deliveryTypes"),
        ("payment-types", "paymentType", "paymentTypes"),
        ("order-methods", "orderMethod", "orderMethods"),
        ("price-types", "priceTypes", "priceTypes"),
    ):
        entry = {"name": "Новое", "code": "brand-new", "description": "как есть"}
        await shop.post(f"reference/{name}/brand-new-{name}/edit", **{field: entry})
        assert shop.status == 201, name
        found = (await shop.get(f"reference/{name}"))[key]
        listed = found if isinstance(found, list) else list(found.values())
        made = next(one for one in listed if one["code"] == f"brand-new-{name}")
        assert (made["name"], made["description"]) == ("Новое", "как есть")


async def test_rule_31_statuses_deliveries_and_payments_share_no_code(shop: Caller) -> None:
    seen: set[str] = set()
    for name in ("statuses", "delivery-types", "payment-types"):
        codes = set((await shop.get(f"reference/{name}"))[MAPS[name]])
        assert not seen & codes
        seen |= codes
    await shop.post("reference/payment-types/courier/edit", paymentType={"name": "Курьеру"})
    assert shop.status == 400


async def test_rule_30_a_key_sees_one_site_with_its_currency(shop: Caller, other: Caller) -> None:
    sites = (await shop.get("reference/sites"))["sites"]
    assert list(sites) == ["main"]
    assert sites["main"]["currency"] == "RUB"
    assert list((await other.get("reference/sites"))["sites"]) == ["second"]
    change = {"ymlUrl": "https://shop.example/simla.xml", "loadFromYml": True}
    await shop.post("reference/sites/main/edit", site=change)
    assert shop.status == 200
    found = (await shop.get("reference/sites"))["sites"]["main"]
    assert (found["ymlUrl"], found["loadFromYml"]) == (change["ymlUrl"], True)
    await other.post("reference/sites/main/edit", site=change)
    assert other.status == 400


async def _goods(house: TestHouse) -> None:
    variant = VariantDraft(
        external_id="55",
        xml_id="SKU-55",
        sku="SKU-55",
        name="Футболка, M",
        prices={"base": 120_000},
    )
    draft = ProductDraft(external_id="P55", name="Футболка", shop="main", variants=(variant,))
    await products.upload(house.system, [draft])


async def test_rule_40_stock_is_uploaded_and_read(shop: Caller, house: TestHouse) -> None:
    await _goods(house)
    offers = [
        {
            "externalId": "55",
            "stores": [{"code": "main", "available": "7.5", "purchasePrice": 700}],
        },
        {"externalId": "none", "stores": [{"code": "main", "available": 1}]},
    ]
    body = await shop.post("store/inventories/upload", offers=offers)
    assert shop.status == 200
    assert body["processedOffersCount"] == 1
    assert body["notFoundOffers"] == [{"externalId": "none"}]
    found = (await shop.get("store/inventories", "filter[details]=1&limit=250"))["offers"]
    assert found[0]["quantity"] == 7.5
    assert found[0]["stores"] == [{"store": "main", "quantity": 7.5, "purchasePrice": 700}]
    bare = (await shop.get("store/inventories", "filter[details]=0"))["offers"]
    assert "stores" not in bare[0]
    assert bare[0]["externalId"] == "55"
    assert (await shop.get("store/inventories", "page=9"))["offers"] == []
    await shop.post("store/inventories/upload", offers=[{"externalId": "55"}])
    assert shop.status == 400


async def test_prices_are_uploaded_and_read(shop: Caller, house: TestHouse) -> None:
    await _goods(house)
    prices = [{"xmlId": "SKU-55", "prices": [{"code": "base", "price": "990,00"}]}]
    body = await shop.post("store/prices/upload", prices=prices)
    assert body["processedOffersCount"] == 1
    found = (await shop.get("store/products", "filter[name]=Футболка"))["products"]
    assert (found[0]["minPrice"], found[0]["offers"][0]["price"]) == (990, 990)
    assert (await shop.get("store/product-groups"))["productGroup"] == []
    bad = [{"xmlId": "SKU-55", "prices": [{"code": "nope", "price": 1}]}]
    await shop.post("store/prices/upload", prices=bad)
    assert shop.status == 400


async def test_a_sold_piece_is_no_longer_free(shop: Caller, house: TestHouse) -> None:
    await _goods(house)
    stock = [{"externalId": "55", "stores": [{"code": "main", "available": 3}]}]
    await shop.post("store/inventories/upload", offers=stock)
    line = {"offer": {"externalId": "55"}, "quantity": 2, "initialPrice": 1200}
    await shop.post("orders/create", order={"items": [line]})
    assert (await shop.get("store/inventories"))["offers"][0]["quantity"] == 1


async def test_couriers_currency_own_entities_and_choices_are_those_of_the_box(
    shop: Caller, house: TestHouse
) -> None:
    parts = OwnRequisites(name="Лампа", full_name="ООО «Лампа»", inn="7707083893", director="Ян")
    await legal_entities.put(house.system, EntityDraft(parts=parts))
    (courier,) = (await shop.get("reference/couriers"))["couriers"]
    assert (courier["firstName"], courier["active"], courier["phone"]) == (
        "Илья", True, {"number": ""},
    )  # fmt: skip
    assert [one["code"] for one in (await shop.get("reference/currencies"))["currencies"]] == [
        "RUB"
    ]
    (firm,) = (await shop.get("reference/legal-entities"))["legalEntities"]
    assert (firm["legalName"], firm["INN"], firm["contragentType"]) == (
        "ООО «Лампа»", "7707083893", "legal-entity",
    )  # fmt: skip
    assert "Ян" not in str(firm)

    options = (Option(code="a", name="Астра"), Option(code="b", name="Бук"))
    field = CustomField(
        id=uuid7(), owner=Owner.ORDER, code="kind", name="Вид", type=FieldType.CHOICE,
        options=options,
    )  # fmt: skip
    await fields.put(house.system, field)
    elements = [
        {"code": "c", "name": "Вяз", "ordering": 2}, {"code": "b", "name": "Бук", "ordering": 1},
    ]  # fmt: skip
    path = "custom-fields/dictionaries/kind"
    await shop.post(f"{path}/edit", customDictionary={"name": "Вид", "elements": elements})
    assert shop.status == 200
    kept = (await shop.get(path))["customDictionary"]["elements"]
    assert [one["name"] for one in kept] == ["Бук", "Вяз"]  # «Астра» stays in records only
    await shop.post(f"{path}/edit", customDictionary={"elements": [{"name": "Безымянный"}]})
    assert shop.status == 400
    await shop.post("custom-fields/dictionaries/none/edit", customDictionary={"elements": []})
    assert shop.status == 404
