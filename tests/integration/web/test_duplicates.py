"""The desk of doubles, as a browser sees it."""

import re

import pytest

from appliance.actions import duplicates
from appliance.jobs.doubles import look_for_doubles
from tests.integration.duplicates.pairs import anna, double
from tests.web_house import WebHouse


async def test_the_desk_shows_a_pair_and_merges_it(door: WebHouse) -> None:
    one, other = await anna(door.house), await double(door.house)
    await look_for_doubles(door.house.system)
    head = await door.browser("head")
    page = await head.get("/data/duplicates")
    assert page.status_code == 200 and "телефон" in page.text
    href = f"/data/duplicates/{one.number}/{other.number}"
    assert href in page.text
    card = await head.get(href)
    assert card.status_code == 200 and "Садовая, 1" in card.text and "Новая, 2" in card.text
    seen = dict(re.findall(r'name="(\w+_version)" value="(\d+)"', card.text))
    done = await head.post(f"{href}/merge", {**seen, "first_name": "other"}, htmx=False)
    assert done.status_code == 303
    after = await head.get(done.headers["location"])
    assert "теперь одна карточка" in after.text
    back = re.findall(r"/data/duplicates/merges/[0-9a-f-]+", after.text)[0]
    assert (await head.get(back)).status_code == 200
    parted = await head.post(f"{back}/undo", htmx=False)
    assert parted.headers["location"] == f"/clients/{other.number}"


async def test_a_card_changed_meanwhile_is_not_merged_blindly(door: WebHouse) -> None:
    one, other = await anna(door.house), await double(door.house)
    head = await door.browser("head")
    href = f"/data/duplicates/{one.number}/{other.number}"
    stale = {"mine_version": "1", "other_version": "9"}
    refused = await head.post(f"{href}/merge", stale, htmx=False)
    assert refused.status_code == 409 and 'role="alert"' in refused.text


async def test_whoever_may_not_merge_sees_no_desk(door: WebHouse) -> None:
    seller = await door.browser("seller")
    assert (await seller.get("/data/duplicates")).status_code == 403
    assert "/data/duplicates" not in (await seller.get("/clients")).text


@pytest.mark.checklist(82)
async def test_a_form_is_told_whose_the_typed_phone_is(door: WebHouse) -> None:
    one = await anna(door.house)
    head, seller = await door.browser("head"), await door.browser("seller")
    typed = {"phone": "+7 912 000-12-34"}
    warned = await head.post("/data/duplicates/suggest", typed)
    assert f"/clients/{one.number}" in warned.text and "Сухова" in warned.text
    others = await seller.post("/data/duplicates/suggest", typed)
    assert "никто не ведёт" in others.text and "Сухова" not in others.text
    assert "strip" not in (await head.post("/data/duplicates/suggest", {"phone": "+7 912"})).text


async def test_a_merged_client_s_page_leads_to_the_one_that_stays(door: WebHouse) -> None:
    one, other = await anna(door.house), await double(door.house)
    head = await door.browser("head")
    await duplicates.merge(door.house.actor_for("head"), one.number, other.number)
    led = await head.get(f"/clients/{other.number}")
    assert (led.status_code, led.headers.get("location")) == (303, f"/clients/{one.number}")
    assert (await head.get(f"/clients/{one.number}")).status_code == 200
