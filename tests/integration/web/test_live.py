"""Streams carry topics, end with their session and with the box, and keep nobody signed in."""

import re
from uuid import UUID

import pytest

from appliance.domain.access import NOBODY, Actor, ActorKind
from appliance.web.hub import Colleague, Hub
from appliance.web.live import lines
from tests.web_house import WebHouse

ANNA = Colleague(1, "Анна Продавцова", "АП", 2)
BORIS = Colleague(2, "Борис Соседов", "БС", 3)
ORDER, CLIENT = UUID(int=1), UUID(int=2)
ACTOR = Actor(ActorKind.SYSTEM, NOBODY, {}, number=9)


async def _alive() -> bool:
    return True


async def _dead() -> bool:
    return False


async def test_a_fact_reaches_the_pages_it_concerns_and_no_others() -> None:
    hub = Hub()
    near, far = hub.join(ANNA, [f"order:{ORDER}"]), hub.join(BORIS, [f"customer:{UUID(int=3)}"])
    hub.publish(ACTOR, {"order", f"order:{ORDER}"})
    hub.publish(ACTOR, {"order", f"order:{ORDER}"})
    assert near.changed == {f"order:{ORDER}": 9}
    assert far.changed == {}


async def test_a_stream_says_which_topic_changed_and_nothing_of_the_record() -> None:
    hub = Hub()
    stream = hub.join(ANNA, ["customer"])
    told = lines(hub, stream, _alive)
    assert (await anext(told)).startswith(b"retry: 3000\nid: ")
    hub.publish(ACTOR, {"customer", f"customer:{CLIENT}"})
    said = b'event: changed\ndata: {"topic":"customer","by":9}\nid: '
    assert (await anext(told)).startswith(said)
    await told.aclose()


async def test_colleagues_at_one_record_see_each_other_and_nobody_sees_who_reads_a_list() -> None:
    hub = Hub()
    hub.join(ANNA, ["order", f"order:{ORDER}"])
    hub.join(BORIS, ["order", f"order:{ORDER}"])
    assert hub.people(f"order:{ORDER}", besides=1) == [BORIS]
    left = hub.join(BORIS, [f"order:{ORDER}"])
    hub.leave(left)
    hub.leave(left)
    assert hub.people(f"order:{ORDER}", besides=1) == [BORIS]
    assert all(":" in topic for stream in (left,) for topic in stream.presence)


async def test_what_changed_between_the_page_and_its_stream_is_told_at_once() -> None:
    hub = Hub()
    before = hub.mark()
    hub.publish(ACTOR, {"order", f"order:{ORDER}"})
    after = hub.mark()
    late = hub.join(ANNA, ["order", f"customer:{CLIENT}"], before)
    assert late.changed == {"order": 9} and late.bell.is_set()
    assert hub.join(ANNA, ["order"], after).changed == {}
    assert hub.join(ANNA, ["order"]).changed == {}


async def test_a_page_of_another_life_of_the_box_or_of_long_ago_is_read_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("appliance.web.hub.MOST_REMEMBERED", 1)
    old = Hub().mark()
    hub = Hub()
    early = hub.mark()
    hub.publish(ACTOR, {"order"})
    hub.publish(ACTOR, {"customer"})
    for mark in (old, early, "?", f"{early}x", early.partition("-")[0] + "-nan"):
        assert hub.join(ANNA, ["task"], mark).changed == {"task": 0}
    assert hub.join(ANNA, ["order"], hub.mark()).changed == {}


async def test_a_page_carries_the_moment_it_was_read_at(door: WebHouse) -> None:
    seller = await door.browser("seller")
    page = await seller.get("/orders")
    [mark] = re.findall(r'data-mark="([^"]+)"', page.text)
    hub = door.app.state.site.hub
    assert hub.join(ANNA, ["order"], mark).changed == {}
    hub.publish(ACTOR, {"order"})
    assert hub.join(ANNA, ["order"], mark).changed == {"order": 9}


async def test_streams_end_when_the_box_stops_and_none_is_opened_until_it_is_unlocked() -> None:
    hub = Hub()
    told = lines(hub, hub.join(ANNA, ["order"]), _alive)
    await anext(told)
    hub.end()
    assert [one async for one in told] == []
    assert hub.is_full
    hub.begin()
    assert not hub.is_full


async def test_a_stream_ends_with_its_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.web.live.BEAT_SECONDS", 0.0)
    hub = Hub()
    stream = hub.join(ANNA, ["order"])
    [only] = [one async for one in lines(hub, stream, _dead)]
    assert only.startswith(b"retry: 3000\n")
    hub.publish(ACTOR, {"order"})
    assert stream.changed == {}


async def test_a_page_that_reads_itself_anew_does_not_keep_anybody_signed_in(
    door: WebHouse,
) -> None:
    anna = await door.browser("seller")
    assert (await anna.get("/orders")).status_code == 200
    for _ in range(4):
        door.house.clock.pass_(minutes=4)
        answer = await anna.get("/orders", x_passive="1")
    assert answer.status_code in {303, 401}
