"""Events leave for any address, signed, in order, once or again under the same id."""

import msgspec
import pytest

from appliance.domain.events import EVENTS, OrderPlaced
from appliance.domain.ids import uuid7
from appliance.plugin_api.outcomes import Pause, Permanent
from appliance.plugin_api.testing import Box
from plugins import webhook_relay
from plugins.webhook_relay.client import Client, account_of
from plugins.webhook_relay.fake import Receiver

SECRET = "0123456789abcdef"
URL = "https://shop.example.ru/hook"
PLACED = OrderPlaced(order_id=uuid7(), customer_id=uuid7(), total=120_000)


@pytest.fixture
def other() -> Receiver:
    receiver = Receiver(SECRET)
    webhook_relay.client = Client(receiver.transport())
    return receiver


def box(**settings: str) -> Box:
    return Box({"url": URL, "secret": SECRET, **settings})


async def test_an_event_arrives_signed_and_a_repetition_has_the_same_id(other: Receiver) -> None:
    here = box()
    core = here.core()
    await webhook_relay.relay(PLACED, core)
    await webhook_relay.relay(PLACED, core)  # the answer was lost: it comes again
    assert list(other.taken) == [str(core.delivery_id)]
    told = other.taken[str(core.delivery_id)]
    assert told["event"] == "order_placed"
    assert msgspec.convert(told["data"], OrderPlaced) == PLACED
    assert here.journal[0] == ("sent", "ok", {"event": "order_placed", "status": 204})


async def test_an_address_that_is_down_is_not_asked_again_before_its_time(other: Receiver) -> None:
    here = box()
    for answer, after, seconds in ((0, "", 120), (503, "", 120), (429, "600", 600)):
        webhook_relay.client = Client(other.transport())
        here = box()
        other.answers, other.retry_after, other.requests = [answer], after, 0
        with pytest.raises(Pause) as paused:
            await webhook_relay.relay(PLACED, here.core())
        assert (paused.value.seconds, paused.value.account) == (seconds, "shop.example.ru")
        with pytest.raises(Pause):
            await webhook_relay.relay(PLACED, here.core())
        assert other.requests == 1
    assert here.journal == [("down", "warn", {"status": 429})]


async def test_a_refusal_is_for_good_and_stands_in_the_journal(other: Receiver) -> None:
    here = box(secret="another secret of theirs")
    with pytest.raises(Permanent):
        await webhook_relay.relay(PLACED, here.core())
    assert here.journal == [("refused", "bad", {"event": "order_placed", "status": 401})]
    assert not webhook_relay.diagnose()[0].is_good


async def test_only_the_events_that_were_asked_for_go(other: Receiver) -> None:
    await webhook_relay.relay(PLACED, box(only="order_changed, customer_changed").core())
    assert other.requests == 0
    await webhook_relay.relay(PLACED, box(only="order_placed").core())
    assert other.requests == 1


def test_every_event_but_the_boxs_own_post_and_what_is_for_one_plugin_is_relayed() -> None:
    own = {"letter_requested", "service_wished"}
    assert {one.name for one in webhook_relay.EVENTS} == set(EVENTS) - own
    assert account_of("https://user:pass@Shop.example.ru:8443/x") == "shop.example.ru:8443"
