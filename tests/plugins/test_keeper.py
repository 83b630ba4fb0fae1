"""A plugin in a process of its own: asked, answering, ended, started again."""

from uuid import uuid4

import msgspec
import pytest

from appliance.domain.events import OrderPlaced
from appliance.plugin_api.hooks import RouteRequest
from appliance.plugin_api.outcomes import Pause, Permanent, Retry
from appliance.plugin_host.keeper import Keeper
from tests.plugins.conftest import HERE, enabled

HELLO = HERE / "samples" / "hello"


def placed(total: int) -> bytes:
    return msgspec.json.encode(OrderPlaced(order_id=uuid4(), customer_id=None, total=total))


async def deliver(keeper: Keeper, total: int) -> None:
    await keeper.deliver("hello", "order_placed", placed(total), uuid4(), 1)


async def test_a_plugin_is_told_asked_and_run_by_the_clock(keeper: Keeper) -> None:
    await keeper.start(enabled(HELLO))
    await deliver(keeper, 100)
    for total, outcome, said in (
        (1, Retry, "not_now"),
        (2, Pause, "30 s"),
        (3, Permanent, "never"),
    ):
        with pytest.raises(outcome, match=said):
            await deliver(keeper, total)
    with pytest.raises(Retry, match=r"^key_error$"):  # and no word of what it said
        await deliver(keeper, 4)
    reply = await keeper.request(
        "hello", RouteRequest(route="hook", method="POST", rest="a/b", body=b"x" * (12 << 20))
    )
    assert reply.body == f"POST a/b {12 << 20}".encode()
    assert [one.numbers for one in await keeper.diagnose("hello")] == [{"orders": 1}]
    await keeper.run_job("hello", "check")
    assert [one.numbers for one in await keeper.diagnose("hello")] == [{"orders": 0}]
    facts = keeper.facts("hello")
    assert facts is not None and facts.state == "running" and facts.restarts == 0
