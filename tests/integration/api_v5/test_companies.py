"""An order with an INN belongs to a company and names its person; costs go to whom they may."""

import httpx
import pytest

from tests.house_fixture import TestHouse
from tests.integration.api_v5.conftest import Caller, Keys
from tests.integration.api_v5.orders_sent import order

FIRM = {
    "contragentType": "legal-entity",
    "legalName": "ООО «Луч»",
    "INN": "7707083893",
    "KPP": "770701001",
}


@pytest.mark.checklist(108)
async def test_an_order_with_an_inn_makes_the_company_once_with_its_person(
    shop: Caller, house: TestHouse
) -> None:
    first = await shop.post("orders/create", order=order(1, contragent=FIRM))
    assert shop.status == 201
    said = first["order"]["contragent"]
    assert {key: said[key] for key in FIRM} == FIRM
    again = await shop.post(
        "orders/create", order=order(2, contragent=FIRM, firstName="Анна", phone="89051112233")
    )
    assert again["order"]["customer"]["id"] == first["order"]["customer"]["id"]
    assert await house.rows("SELECT kind FROM customer ORDER BY number") == [
        ("company",),
        ("person",),
    ]
    assert await house.rows(
        "SELECT a.kind, b.kind, k.role FROM company_contact k "
        "JOIN customer a ON a.id = k.company_id JOIN customer b ON b.id = k.customer_id"
    ) == [("company", "person", "buyer")]
    await shop.post("orders/create", order=order(3))
    kinds = await house.rows(
        "SELECT c.kind FROM orders o JOIN customer c ON c.id = o.customer_id ORDER BY o.number"
    )
    assert kinds == [("company",), ("company",), ("person",)]


async def test_an_impossible_inn_loses_no_order(shop: Caller, house: TestHouse) -> None:
    await shop.post("orders/create", order=order(contragent=FIRM | {"INN": "7707083890"}))
    assert shop.status == 201
    assert await house.rows("SELECT kind FROM customer") == [("person",)]


async def test_a_program_that_only_reads_the_store_learns_no_costs(
    shop: Caller, keys: Keys, http: httpx.AsyncClient
) -> None:
    await shop.post("orders/create", order=order())
    seen = await shop.get("store/inventories")
    assert all("purchasePrice" in one for one in seen["offers"])
    reader = Caller(http, await keys.make(scopes=("store_read",)))
    for path, name in (("store/inventories", "offers"), ("store/products", "products")):
        body = await reader.get(path)
        assert reader.status == 200
        assert body[name]
        assert "purchasePrice" not in str(body)


async def test_an_order_of_a_company_names_its_person_and_its_legal_entity(shop: Caller) -> None:
    legal = {"contragentType": "legal-entity", "legalName": "ООО «Лютик»", "INN": "7707083893"}
    made = (await shop.post("orders/create", order=order(5, contragent=legal)))["order"]
    assert made["customer"]["type"] == "customer_corporate"
    assert (made["contact"]["type"], made["contact"]["firstName"]) == ("customer", "Анна")
    assert made["contact"]["id"] != made["customer"]["id"]
    assert made["company"]["contragent"]["INN"] == "7707083893"
    feed = (await shop.get("orders/history"))["history"]
    assert feed[0]["order"]["company"] == made["company"]

    # what an edit says of the legal side is kept; that somebody is a plain person says nothing
    await shop.post("orders/5/edit", order={"contragent": {"contragentType": "individual"}})
    edited = await shop.post("orders/5/edit", order={"contragent": {"KPP": "773601001"}})
    assert edited["order"]["contragent"]["KPP"] == "773601001"
    assert edited["order"]["contragent"]["contragentType"] == "legal-entity"


async def test_an_order_of_a_known_company_names_its_person_by_his_id(shop: Caller) -> None:
    person = await shop.post("customers/create", customer={"externalId": "p", "firstName": "Олег"})
    firm = await shop.post("customers-corporate/create", customerCorporate={"nickName": "Лютик"})
    sent = order(6, customer={"id": firm["id"]}, contact={"externalId": "p"}, phone="", email="")
    made = (await shop.post("orders/create", order=sent))["order"]
    assert made["customer"]["id"] == firm["id"]
    assert made["contact"]["id"] == person["id"]
    again = order(7, customer={"id": firm["id"]}, contact={"externalId": "nobody"})
    assert (await shop.post("orders/create", order=again))["order"]["customer"]["id"] == firm["id"]
    contacts = (await shop.get(f"customers-corporate/{firm['id']}/contacts", "by=id"))["contacts"]
    assert [one["id"] for one in contacts] == [person["id"]]
