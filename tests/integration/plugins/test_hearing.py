"""An order is placed, and the plugin in its own process hears of it; off, paused, put aside."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio

from appliance.actions import _gate, orders, plugins
from appliance.domain.access import Actor
from appliance.domain.personal import Personal
from appliance.domain.plugins import Source
from appliance.plugin_host.desk import Desk
from appliance.plugin_host.finding import look
from appliance.plugin_host.postman import Postman
from appliance.storage import outbox
from tests.house_fixture import TestHouse, open_test_house
from tests.integration.orders.drafts import draft

HELLO = Path(__file__).parents[2] / "plugins" / "samples" / "hello"


class OneShelf:
    """Where one plugin lies, as it is in the tests."""

    def __init__(self) -> None:
        self.changed: Any = None

    def lying(self, name: str) -> Any:
        return look(HELLO, Source.PACKAGE)


class Box:
    """A house with the host of plugins, and `hello` approved."""

    def __init__(self, house: TestHouse, tmp_path: Path) -> None:
        self.house = house
        self.postman = Postman(house.database, house.clock, {})
        _gate.house().posted = self.postman.poke
        self.desk = Desk(cast(Any, OneShelf()), house.system, tmp_path / "plugin-files")
        self.desk.postman = self.postman
        self.administrator: Actor = house.actor_for("administrator")._replace(step_up=True)

    async def approve(self) -> None:
        found = look(HELLO, Source.PACKAGE).found
        await plugins.notice(self.house.system, [found])
        await self.desk.approve(self.administrator, "hello", found.version, found.asked)
        typed = {"address": Personal("https://shop.example.ru/")}
        await self.desk.set_up(self.administrator, "hello", typed)

    async def place(self) -> None:
        await orders.place(self.house.actor_for("head"), draft(None))

    async def heard(self, wanted: int) -> None:
        """Wait until the plugin counts so many orders."""
        async with asyncio.timeout(20):
            while (await self.desk.keeper.diagnose("hello"))[0].numbers["orders"] != wanted:  # noqa: ASYNC110 - in another process
                await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def nobody_subscribed() -> Iterator[None]:
    yield
    outbox.set_subscribers({})


@pytest_asyncio.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with open_test_house(tmp_path) as house:
        one = Box(house, tmp_path)
        yield one
        await one.desk.close()
        await one.postman.stop()


@pytest.mark.checklist(184)
async def test_events_reach_a_plugin_while_it_is_on_and_wait_while_it_is_paused(box: Box) -> None:
    await box.approve()
    await box.place()  # it is off: this one passes it by
    await box.desk.switch_on(box.administrator, "hello")
    await box.place()
    await box.heard(1)
    await box.desk.pause(box.administrator, "hello")
    await box.place()
    assert await box.house.rows("SELECT state FROM event_delivery WHERE state <> 'done'") != []
    await box.desk.switch_on(box.administrator, "hello")
    await box.heard(1)  # of a new process: the one that waited
    await box.desk.rest()  # the box is sealed
    assert box.desk.keeper.running == ()
    await box.desk.compare()  # and open again
    await box.heard(0)
