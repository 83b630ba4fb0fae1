"""Corporate clients: themselves, their addresses, legal entities, people and feed."""

from typing import Any

from tests.house_fixture import TestHouse
from tests.integration.api_v5.conftest import Caller

LEGAL: dict[str, Any] = {
    "contragentType": "legal-entity",
    "legalName": "ООО «Ромашка»",
    "INN": "7707083893",
    "KPP": "773601001",
}


async def test_a_company_with_its_parts_comes_back_as_it_was_sent(
    shop: Caller, other: Caller, house: TestHouse
) -> None:
    person = await shop.post(
        "customers/create", customer={"externalId": "p1", "firstName": "Анна", "email": "a@b.ru"}
    )
    made = await shop.post(
        "customers-corporate/create",
        customerCorporate={
            "externalId": "c1",
            "nickName": "Ромашка",
            "addresses": [{"city": "Тверь", "street": "Садовая", "name": "Склад", "isMain": True}],
            "companies": [{"externalId": "company_9", "name": "Ромашка", "contragent": LEGAL}],
            "customerContacts": [{"isMain": True, "customer": {"id": person["id"]}}],
        },
    )
    assert shop.status == 201
    whole = (await shop.get("customers-corporate/c1"))["customerCorporate"]
    assert (whole["id"], whole["type"]) == (made["id"], "customer_corporate")
    assert whole["nickName"] == "Ромашка"
    assert whole["mainAddress"]["name"] == "Склад"
    assert whole["mainCompany"]["externalId"] == "company_9"
    assert whole["mainCustomerContact"]["customer"]["externalId"] == "p1"

    # the first of a kind is what the card of the company shows
    base = "customers-corporate/c1"
    first = (await shop.get(f"{base}/addresses"))["addresses"]
    assert [one["text"] for one in first] == ["Тверь, Садовая"]
    second = await shop.post(
        f"{base}/addresses/create", address={"externalId": "7", "city": "Клин", "name": "Офис"}
    )
    assert shop.status == 201
    edited = await shop.post(f"{base}/addresses/7/edit", address={"house": "3", "isMain": True})
    assert edited["id"] == second["id"]
    both = {one["id"]: one for one in (await shop.get(f"{base}/addresses"))["addresses"]}
    assert [both[one]["isMain"] for one in (second["id"], first[0]["id"])] == [True, False]
    assert both[second["id"]]["city"] == "Клин"
    assert both[first[0]["id"]]["street"] == "Садовая"
    assert (await shop.get(f"customers/{made['id']}", "by=id"))["customer"]["address"][
        "city"
    ] == "Клин"

    company = (await shop.get(f"{base}/companies"))["companies"]
    assert [one["contragent"]["INN"] for one in company] == ["7707083893"]
    await shop.post(
        f"{base}/companies/company_9/edit",
        company={"brand": "Лютик", "address": {"externalId": "7"}},
    )
    company = (await shop.get(f"{base}/companies"))["companies"]
    assert (company[0]["brand"], company[0]["address"]["externalId"]) == ("Лютик", "7")
    await shop.post(f"{base}/companies/create", company={"contragent": {"INN": "500100732259"}})
    assert [one["isMain"] for one in (await shop.get(f"{base}/companies"))["companies"]] == [
        True,
        False,
    ]

    people = (await shop.get(f"{base}/contacts", "filter[contactExternalIds][]=p1"))["contacts"]
    assert [(one["id"], one["isMain"]) for one in people] == [(person["id"], True)]
    found = await shop.get("customers-corporate", f"filter[contactIds][]={person['id']}")
    assert [one["id"] for one in found["customersCorporate"]] == [made["id"]]
    found = await shop.get("customers-corporate", "filter[companyName]=Ромаш")
    assert found["pagination"]["totalCount"] in (0, 1)  # names come to the index a moment later

    # people and companies have lists and feeds of their own
    listed = (await shop.get("customers"))["customers"]
    assert [(one["id"], one["isContact"]) for one in listed] == [(person["id"], True)]
    feed = (await shop.get("customers-corporate/history"))["history"]
    assert feed[0]["created"] is True
    assert feed[0]["customer"]["type"] == "customer_corporate"
    fields = [one["field"] for one in feed]
    assert {"address", "company", "contact"} <= set(fields)
    people = (await shop.get("customers/history"))["history"]
    assert {one["customer"]["id"] for one in people} == {person["id"]}

    await other.get("customers-corporate/c1/addresses")
    assert other.status == 404
    cells = await house.rows("SELECT content FROM corporate_part")
    assert not any("Тверь".encode() in bytes(cell) for (cell,) in cells)  # type: ignore[arg-type]


async def test_companies_are_refused_and_batched_as_people_are(
    shop: Caller, house: TestHouse
) -> None:
    refused = await shop.post("customers-corporate/create", customerCorporate={"externalId": "x"})
    assert (shop.status, list(refused["errors"])) == (400, ["nickName"])
    rows = [{"externalId": "a", "nickName": "Альфа"}, {"externalId": "b"}]
    done = await shop.post("customers-corporate/upload", customersCorporate=rows)
    assert shop.status == 460
    assert [one["externalId"] for one in done["uploadedCustomers"]] == ["a"]
    assert done["failedCustomers"] == [{"externalId": "b"}]
    person = await shop.post("customers/create", customer={"externalId": "p", "firstName": "Ия"})
    address = {"externalId": "1", "city": "Тверь", "name": "Склад"}
    whole = {
        "externalId": "a",
        "nickName": "Альфа-2",
        "addresses": [address, {"city": "Клин"}],
        "companies": [{"externalId": "company_1", "contragent": LEGAL}],
        "customerContacts": [{"isMain": True, "customer": {"id": person["id"]}}],
    }
    # what is sent again is not doubled; what is known changes, also where its name is left out
    again = {"externalId": "a", "addresses": [{**address, "city": "Тула"}, {"city": "Клин"}]}
    for rows in ([whole], [whole], [again, {"externalId": "c"}]):
        done = await shop.post("customers-corporate/upload", customersCorporate=rows)
    found = await shop.get("customers-corporate/a/addresses")
    assert sorted(one["city"] for one in found["addresses"]) == ["Клин", "Тула"]
    assert len((await shop.get("customers-corporate/a/companies"))["companies"]) == 1
    assert len((await shop.get("customers-corporate/a/contacts"))["contacts"]) == 1
    # the report of the shop's connection has what was made, brought up to date and refused
    ((report,),) = await house.rows("SELECT value FROM setting WHERE key = {}", "shop.uploads.main")
    assert '"clients":{"created":1,"updated":3,"failed":2}' in str(report).replace(" ", "")
    number = done["uploadedCustomers"][0]["id"]
    edited = await shop.post(
        f"customers-corporate/{number}/edit", by="id", customersCorporate={"vip": True}
    )
    assert edited["id"] == number
    await shop.post(
        "customers-corporate/fix-external-ids", customersCorporate=[{"id": number, "externalId": 9}]
    )
    whole = (await shop.get("customers-corporate/9"))["customerCorporate"]
    assert (whole["nickName"], whole["vip"]) == ("Альфа-2", True)
    await shop.post("customers-corporate/9/addresses/5/edit", address={"city": "Тула"})
    assert shop.status == 404
    await shop.post("customers-corporate/9/contacts/create", contact={"customer": {"id": 999}})
    assert shop.status == 404
    await shop.post("customers-corporate/9/contacts/create", contact={})
    assert shop.status == 400


async def test_a_box_without_loyalty_says_so_as_modules_expect(shop: Caller) -> None:
    assert (await shop.get("loyalty/accounts", "filter[customerId]=1"))["loyaltyAccounts"] == []
    assert (await shop.get("loyalty/loyalties"))["loyalties"] == []
    order = {"items": [{"initialPrice": "10.50", "quantity": 2}], "delivery": {"cost": 3}}
    found = await shop.post("loyalty/calculate", order=order)
    assert (found["calculations"], found["order"]["totalSumm"]) == ([], 24)
    for path in ("loyalty/account/3", "loyalty/loyalties/1", "verification/sms/abc/status"):
        await shop.get(path)
        assert shop.status == 404
    for path, name in (
        ("loyalty/account/create", "loyaltyAccount"),
        ("orders/loyalty/apply", "order"),
    ):
        await shop.post(path, **{name: {}})
        assert shop.status == 400
