"""Streams carry topics, end with their session and with the box, and keep nobody signed in."""

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
    assert await anext(told) == b"retry: 3000\n\n"
    hub.publish(ACTOR, {"customer", f"customer:{CLIENT}"})
    assert await anext(told) == b'event: changed\ndata: {"topic":"customer","by":9}\n\n'
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
    assert [one async for one in lines(hub, stream, _dead)] == [b"retry: 3000\n\n"]
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
