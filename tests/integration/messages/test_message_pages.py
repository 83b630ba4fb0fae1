"""The window of a message on cards, its price while typing, the pages of templates and rules."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from appliance.actions import messages
from appliance.plugin_api.client_messages import Report
from tests.integration.messages.scene import known
from tests.integration.papers.scene import order
from tests.message_desk import NAME, MessageDesk
from tests.web_house import WebHouse, open_web_house

FORM = "0198c0de-0000-7000-8000-000000000001"
WORDS = "Тёплый дом: ваш заказ готов, можно забирать сегодня до восьми вечера, ждём вас!"


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[WebHouse]:
    async with open_web_house(tmp_path) as opened:
        yield opened


def connected(door: WebHouse) -> MessageDesk:
    desk: Any = MessageDesk()
    door.app.state["site"] = replace(door.app.state.site, desk=desk)
    return desk


@pytest.mark.checklist(48)
async def test_a_message_is_priced_while_it_is_typed_sent_once_and_followed_on_the_card(
    door: WebHouse,
) -> None:
    core, number = await known(door.house), (await order(door.house)).number
    head, here = await door.browser("head"), f"/sms/order/{number}"
    off = await head.get(here)
    assert "не подключена" in off.text
    desk = connected(door)
    window = (await head.get(f"{here}?template=ready")).text
    assert "готов, можно забирать" in window and "9120001234" not in window
    assert 'name="prefix-order" value="7912"' in window and 'name="shop" value="main"' in window
    typed = {"form": FORM, "template": "free", "to": "order", "prefix-order": "7912",
             "shop": "main", "text": WORDS}  # fmt: skip
    price = (await head.post(f"{here}/measure", typed)).text
    assert "2 СМС" in price and "7,60" in price and "TEPLYDOM" in price
    (asked,) = desk.asked
    assert (asked.prefix, asked.parts, asked.units) == ("7912", 2, len(WORDS))
    assert asked.shop == "main"
    desk.silent = True
    price = (await head.post(f"{here}/measure", typed)).text
    assert "2 СМС" in price and "7,60" not in price
    refused = await head.post(here, typed | {"to": "other", "other": "8 800 555-35-35"})
    assert refused.status_code == 422
    assert "8-800" in refused.text and WORDS in refused.text and "aria-invalid" in refused.text
    for _ in range(2):
        assert (await head.post(here, typed)).status_code == 200
    card = (await head.get(f"/orders/{number}")).text
    assert "ждёт отправки" in card and WORDS in card
    (row,) = (await messages.page(door.house.actor_for("head"))).rows
    taken = await core.messages.take(row.id)
    assert taken is not None
    for said in (Report(id=row.id, state="sent", price=760), Report(id=row.id, state="delivered")):
        await core.messages.report(said)
    card = (await head.get(f"/orders/{number}")).text
    assert "доставлена" in card and "7,60" in card
    listed = (await head.get("/mail/sms")).text
    assert "доставлена" in listed and f"/orders/{number}" in listed and "9120001234" not in listed
    client = await head.get("/sms/client/1")
    assert client.status_code == 200
    assert (await (await door.browser("storekeeper")).get(here)).status_code == 403
    assert (await (await door.browser("seller")).get("/mail/sms")).status_code == 403


async def test_templates_and_rules_are_kept_and_what_is_wrong_comes_back_as_typed(
    door: WebHouse,
) -> None:
    await known(door.house)
    await order(door.house)
    connected(door)
    head = await door.browser("head")
    assert "заказ № 10-4821" in (await head.get("/mail/sms/templates")).text
    mine = {"name": "Скидка", "body": "{{ shop }}: скидка для {{ name }}", "advert": "1"}
    wrong = await head.post(
        "/mail/sms/templates/new", mine | {"body": "{{ nobody }}", "do": "save"}
    )
    assert wrong.status_code == 422 and "{{ nobody }}" in wrong.text
    kept = await head.post("/mail/sms/templates/new", mine | {"do": "save"}, htmx=False)
    place = kept.headers["location"]
    assert "скидка для Анна" in (await head.get(place)).text
    code = place.partition("code=")[2].partition("&")[0]
    assert "Скидка" in (await head.get("/sms/client/1")).text
    await head.post(f"/mail/sms/templates/{code}", {"do": "drop"}, htmx=False)
    assert "Скидка" not in (await head.get("/mail/sms/templates")).text
    rules = {"quiet_from": "22:00", "quiet_to": "8:30", "most_a_day": "3", "least": "500",
             "box_a_day": "200", "spend_a_day": "750,50",
             "tells": "delivery", "plugin": NAME}  # fmt: skip
    bad = await head.post(
        "/mail/sms/rules", rules | {"quiet_to": "утро", "most_a_day": "0", "box_a_day": "много"}
    )
    assert bad.status_code == 422 and "утро" in bad.text and 'value="много"' in bad.text
    assert (await head.post("/mail/sms/rules", rules, htmx=False)).status_code == 303
    page = (await head.get("/mail/sms/rules")).text
    assert 'value="22:00"' in page and 'value="8:30"' in page and 'value="500"' in page
    assert 'value="200"' in page and 'value="750,50"' in page
