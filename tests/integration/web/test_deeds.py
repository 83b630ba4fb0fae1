"""My deeds, as a browser sees them."""

import re

from appliance.actions import customers
from appliance.domain.customers import CustomerChange
from appliance.domain.personal import Personal
from tests.house_fixture import SHOP
from tests.integration.clients.people import ref
from tests.integration.duplicates.pairs import anna, card
from tests.web_house import WebHouse


async def test_a_deed_is_listed_looked_at_and_taken_back(door: WebHouse) -> None:
    house = door.house
    one = await anna(house)
    head = house.actor_for("head")
    change = CustomerChange(first_name=Personal("Мария"), vip=True)
    await customers.edit(head, SHOP, ref(one.number), change)
    browser = await door.browser("head")
    page = await browser.get("/me/deeds")
    assert "Правка клиента" in page.text
    href = re.findall(r"/me/deeds/[0-9a-f-]+", page.text)[0]
    look = await browser.get(href)
    assert look.status_code == 200 and "Мария" in look.text and "Анна" in look.text
    done = await browser.post(f"{href}/undo", htmx=False)
    assert done.status_code == 303
    assert not (await card(house, one.number)).vip
    assert "Отмена действия" in (await browser.get("/me/deeds")).text
    again = await browser.post(f"{href}/undo", htmx=False)
    assert again.status_code == 409 and "уже отменено" in again.text
    assert (await (await door.browser("seller")).get(href)).status_code == 404
