"""Baskets and calls: what shops and exchanges say ends on the client's card."""

from urllib.parse import quote

import msgspec

from tests.house_fixture import PEOPLE, TestHouse
from tests.integration.api_v5.conftest import Caller
from tests.integration.api_v5.orders_sent import CUSTOMER, order


async def lines_of(house: TestHouse, kind: str) -> list[dict[str, object]]:
    rows = await house.rows("SELECT data FROM timeline_entry WHERE kind = {}", kind)
    return [msgspec.json.decode(row[0]) for row in rows]  # type: ignore[arg-type]


async def test_a_basket_is_kept_shown_and_cleared(
    shop: Caller, other: Caller, house: TestHouse
) -> None:
    await shop.post("orders/create", order=order(5))  # its goods are known from now on
    await shop.post("customers/create", customer=CUSTOMER)
    path = "customer-interaction/main/cart"
    assert (await shop.get(f"{path}/17"))["cart"] == []
    cart = {
        "customer": {"externalId": "17"},
        "externalId": "b-1",
        "link": "https://shop.example/cart/abc",
        "items": [
            {"offer": {"externalId": 55}, "quantity": 2, "price": "1200.50"},
            {"offer": {"externalId": "nobody knows it"}, "quantity": 1, "price": 5},
        ],
    }
    for _ in range(2):
        await shop.post(f"{path}/set", cart=cart)
        assert shop.status == 200
    kept = (await shop.get(f"{path}/17"))["cart"]
    [item] = kept["items"]
    assert (item["offer"]["externalId"], item["quantity"], item["price"]) == ("55", 2, 1200.5)
    assert kept["link"] == cart["link"]
    assert kept["createdAt"].endswith("+03:00")
    assert "T" not in kept["createdAt"]
    # one line in the stream, however often the shop says it
    assert await lines_of(house, "cart") == [{"count": 1, "total": 240100, "state": "open"}]
    await shop.post(f"{path}/set", cart=cart | {"droppedAt": "2026-02-01 12:00:00"})
    assert [one["state"] for one in await lines_of(house, "cart")] == ["dropped"]
    [(link,)] = await house.rows("SELECT link FROM cart")
    assert b"shop.example" not in bytes(link)  # type: ignore[arg-type]

    await other.get(f"{path}/17")
    assert other.status == 403
    await shop.post(f"{path}/clear", cart={"customer": {"externalId": "17"}})
    assert (await shop.get(f"{path}/17"))["cart"] == []
    assert [one["state"] for one in await lines_of(house, "cart")] == ["cleared"]
    await shop.post(f"{path}/clear", cart={"customer": {"externalId": "17"}})
    assert shop.status == 200
    await shop.post(f"{path}/set", cart={"customer": {"browserId": "x"}, "items": []})
    assert shop.status == 200
    await shop.post(f"{path}/set", cart={"items": []})
    assert shop.status == 400
    await shop.post(f"{path}/set", cart={"customer": {"externalId": "nobody"}})
    assert shop.status == 404


async def test_an_exchange_shows_a_card_and_leaves_the_call_in_the_stream(
    shop: Caller, house: TestHouse
) -> None:
    made = await shop.post("customers/create", customer=CUSTOMER)
    phone, seller = "8 900 123-45-67", PEOPLE["seller"][0]
    who = await shop.get("telephony/manager", f"phone={quote(phone)}&details=1")
    assert who["customer"]["id"] == made["id"]
    assert who["links"]["customerLink"].endswith(f"/clients/{made['id']}")
    unknown = await shop.get("telephony/manager", "phone=84822000000")
    assert (unknown["customer"], unknown["manager"]) == ([], [])

    ring = {
        "phone": phone, "type": "in", "codes": ["seller", "ghost"], "userIds": [seller, 999],
        "callExternalId": "pbx-7",
    }  # fmt: skip
    for _ in range(2):
        told = await shop.post("telephony/call/event", event=ring)
        assert (told["notExistCodes"], told["notExistUsers"]) == (["ghost"], [999])
    [(state, user)] = await house.rows("SELECT state, user_id FROM call")
    assert (state, user) == ("ringing", house.users["seller"])
    ended = ring | {"type": "hangup", "hangupStatus": "answered"}
    await shop.post("telephony/call/event", event=ended)
    log = {
        "date": "2026-02-01 12:29:00", "type": "in", "phone": phone, "userId": seller,
        "result": "answered", "duration": 65, "durationWaiting": 7, "externalId": "pbx-7",
        "recordUrl": "https://pbx.example/7.mp3",
    }  # fmt: skip
    done = await shop.post("telephony/calls/upload", calls=[log])
    assert (done["processedCallsCount"], done["duplicateCalls"]) == (1, [])
    done = await shop.post("telephony/calls/upload", calls=[log])
    assert done["duplicateCalls"] == ["pbx-7"]
    assert await house.rows("SELECT state FROM call") == [("ended",)]
    [line] = await lines_of(house, "call")
    assert (line["seconds"], line["result"], line["user"]) == (65, "answered", seller)
    [(cell,)] = await house.rows("SELECT text FROM timeline_entry WHERE kind = 'call'")
    assert b"pbx.example" not in bytes(cell)  # type: ignore[arg-type]

    for sent in ({}, {"type": "in"}, {"type": "knock", "phone": "1"}):
        await shop.post("telephony/call/event", event=sent)
        assert shop.status == 400
    await shop.post("telephony/calls/upload", calls=[{"phone": "1"}])
    assert shop.status == 400
    await shop.post("telephony/calls/upload", calls=[log] * 51)
    assert shop.status == 400
