"""Calls of scripts that talk to the box every day: notes, merges, links, colleagues, goods."""

from tests.house_fixture import TestHouse
from tests.integration.api_v5.conftest import Caller
from tests.integration.api_v5.orders_sent import MUG, SHIRT, order


async def test_notes_are_written_read_and_taken_back(
    shop: Caller, other: Caller, house: TestHouse
) -> None:
    client = await shop.post("customers/create", customer={"externalId": "17", "firstName": "Пётр"})
    firm = await shop.post("customers-corporate/create", customerCorporate={"nickName": "Лютик"})
    note = {"text": "Просил звонить вечером", "customer": {"externalId": "17"}}
    made = await shop.post("customers/notes/create", note=note)
    assert shop.status == 201
    await shop.post("customers/notes/create", note={"text": "Ещё", "customer": {"id": 999}})
    assert shop.status == 404
    await shop.post("customers/notes/create", note={"text": " ", "customer": {"id": client["id"]}})
    assert shop.status == 400
    found = await shop.get("customers/notes", f"filter[customerIds][]={client['id']}")
    assert [(one["id"], one["text"]) for one in found["notes"]] == [(made["id"], note["text"])]
    assert found["notes"][0]["customer"]["externalId"] == "17"
    assert (await shop.get("customers/notes", f"filter[ids][]={made['id']}"))["notes"]

    of_firm = await shop.post(
        "customers-corporate/notes/create", note={"text": "Склад", "customer": firm}
    )
    listed = (await shop.get("customers-corporate/notes"))["notes"]
    assert [one["id"] for one in listed] == [of_firm["id"]]
    assert (await other.get("customers/notes"))["notes"] == []
    await other.post(f"customers/notes/{made['id']}/delete")
    assert other.status == 404

    # the colleague who looks at the client reads the same words in his stream
    lines = await house.rows("SELECT kind, source FROM timeline_entry WHERE kind = 'note'")
    assert lines == [("note", "api")] * 2
    await shop.post(f"customers/notes/{made['id']}/delete")
    assert shop.status == 200
    assert (await shop.get("customers/notes"))["notes"] == []
    await shop.post(f"customers/notes/{made['id']}/delete")
    assert shop.status == 404


async def test_clients_are_combined_once_however_often_it_is_said(shop: Caller) -> None:
    rows = [{"externalId": str(n), "firstName": "Анна", "lastName": f"{n}"} for n in range(3)]
    done = await shop.post("customers/upload", customers=rows)
    ids = [one["id"] for one in done["uploadedCustomers"]]
    sent = {
        "customers": [{"id": ids[1]}, {"id": ids[2]}],
        "resultCustomer": {"id": ids[0]},
    }
    for _ in range(2):
        await shop.post("customers/combine", **sent)
        assert shop.status == 200
    # whoever was taken in is found by the shop's own id as before
    assert (await shop.get("customers/2"))["customer"]["id"] == ids[0]
    assert (await shop.get("customers"))["pagination"]["totalCount"] == 1
    await shop.post("customers/combine", customers=[{"id": 999}], resultCustomer={"id": ids[0]})
    assert shop.status == 404
    await shop.post("customers/combine", customers=[{"id": ids[0]}], resultCustomer={"id": ids[0]})
    assert shop.status == 400


async def test_orders_are_linked_and_combined(shop: Caller, house: TestHouse) -> None:
    first = await shop.post("orders/create", order=order(1, payments=[]))
    second = await shop.post("orders/create", order=order(2, items=[SHIRT, MUG], payments=[]))
    link = {"comment": "одна посылка", "orders": [{"id": first["id"]}, {"number": "2"}]}
    for _ in range(2):
        await shop.post("orders/links/create", link=link)
        assert shop.status == 201
    links = (await shop.get("orders/2"))["order"]["links"]
    assert [(one["comment"], one["order"]["externalId"]) for one in links] == [
        ("одна посылка", "1")
    ]
    assert len(await house.rows("SELECT 1 FROM order_link")) == 1
    await shop.post("orders/links/create", link={"orders": [{"id": first["id"]}]})
    assert shop.status == 400

    sent = {"order": {"id": second["id"]}, "resultOrder": {"id": first["id"]}}
    await shop.post("orders/combine", technique="both", **sent)
    assert shop.status == 400
    await shop.post("orders/combine", technique="summ", **sent)
    assert shop.status == 200
    kept = (await shop.get("orders/1"))["order"]
    counts = {one["productName"]: one["quantity"] for one in kept["items"]}
    assert counts == {"Футболка": 4, "Кружка": 2, "Упаковка": 1}
    assert kept["totalSumm"] == 4 * 1200 + 2 * 501 + 50 + 300
    statuses = {s["externalId"]: s["group"] for s in (
        await shop.get("orders/statuses", "externalIds[]=1&externalIds[]=2")
    )["orders"]}  # fmt: skip
    assert statuses == {"1": "new", "2": "cancel"}
    feed = (await shop.get("orders/history"))["history"]
    assert [one["combinedTo"] for one in feed if "combinedTo" in one] == [{"id": first["id"]}]
    await shop.post("orders/combine", technique="summ", **sent)
    assert shop.status == 400  # it is over already: nothing is counted twice


async def test_colleagues_groups_goods_and_modules_are_read(shop: Caller) -> None:
    users = (await shop.get("users", "limit=100"))["users"]
    known = {one["firstName"]: one for one in users}
    assert known["Жанна"]["isAdmin"] is True
    assert known["Анна"]["groups"][0]["code"] == "seller"
    assert all(one["email"] == "" for one in users)
    one = (await shop.get(f"users/{known['Анна']['id']}"))["user"]
    assert one["lastName"] == "Продавцова"
    assert len((await shop.get("users", "filter[isAdmin]=1"))["users"]) == 1
    groups = (await shop.get("user-groups"))["groups"]
    assert all(one["isDeliveryMen"] is (one["code"] == "courier") for one in groups)
    assert (await shop.get("segments"))["segments"] == []
    await shop.get("users/999")
    assert shop.status == 404

    await shop.post("orders/create", order=order(7))
    offers = (await shop.get("store/offers", "limit=250"))["offers"]
    assert {"Футболка", "Кружка"} <= {one["product"]["name"] for one in offers}
    assert (await shop.get("store/product-groups"))["productGroup"] == []
    assert (await shop.get("store/products/properties"))["properties"] == []

    module = {"name": "OpenCart", "clientId": "abc", "actions": {"activity": "/a"}}
    for _ in range(2):
        answer = await shop.post("integration-modules/opencart-abc/edit", integrationModule=module)
        assert answer["info"] == []
    shown = (await shop.get("integration-modules/opencart-abc"))["integrationModule"]
    assert (shown["clientId"], shown["actions"]) == ("abc", {"activity": "/a"})
    await shop.get("integration-modules/other")
    assert shop.status == 404
    # a kind of module that would take its own order for news is not told of it
    assert (await shop.get("orders/history"))["history"] == []
    asked = await shop.get("features/check", "features[]=loyalty&features[]=store")
    assert [one["available"] for one in asked["features"]] == [False, True]


async def test_the_feed_of_tasks_tells_each_change_once_and_to_its_shop_alone(
    shop: Caller, other: Caller
) -> None:
    await shop.post("orders/create", order=order(1))
    sent = {"text": "Позвонить", "performerId": 1, "order": {"externalId": "1"}}
    made = await shop.post("tasks/create", task=sent)
    await shop.post(f"tasks/{made['id']}/edit", task={"text": "Написать", "complete": True})
    page = await shop.get("tasks/history")
    assert all(one["task"]["id"] == made["id"] for one in page["history"])
    changed = {one["field"]: one["newValue"] for one in page["history"]}
    assert (changed["text"], changed["state"]) == ("Написать", "done")
    ids = [one["id"] for one in page["history"]]
    assert ids == sorted(set(ids))
    assert (await shop.get("tasks/history", f"filter[sinceId]={ids[-1]}"))["history"] == []
    assert (await other.get("tasks/history"))["history"] == []
    assert (await shop.get(f"tasks/{made['id']}/comments"))["comments"] == []
