"""Ozon is down for six hours: nothing is lost, doubled or late, and nobody else notices."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from appliance.actions import market_desk, orders
from appliance.domain.events import EVENTS, OrderPlaced, ServiceWished
from appliance.plugin_api.outcomes import Pause
from appliance.plugin_host.keeper import LONGEST_PAUSE
from appliance.plugin_host.postman import Postman, plugin_subscriber
from appliance.storage import outbox
from plugins.marketplace_ozon import deeds
from tests.house_fixture import open_test_house
from tests.integration.markets.market import goods
from tests.integration.orders.drafts import draft
from tests.plugins.marketplace_ozon.shop import Ozon

DOWN = timedelta(hours=6)
STEP = timedelta(minutes=1)
BEFORE, MEANWHILE = 20, 12
"""Postings that wait to be packed when it goes down, and those bought while it is."""


class Day:
    """The box's real postman with Ozon's plugin and another one, on a clock that is driven."""

    def __init__(self, ozon: Ozon) -> None:
        self.ozon = ozon
        self.clock = ozon.house.clock
        self.steady: dict[str, datetime] = {}
        self.tries = 0
        self.postman = Postman(ozon.house.database, self.clock, {})
        for name, event, take in (
            ("marketplace_ozon", ServiceWished.name, self._ozon),
            ("steady", OrderPlaced.name, self._steady),
        ):
            self.postman.admit(
                f"plugin:{name}", plugin_subscriber(name, (event,), take, seconds=60, is_on=True)
            )

    async def _ozon(
        self, name: str, event: str, payload: bytes, delivery: UUID, attempt: int
    ) -> None:
        self.tries += 1
        wish = msgspec.json.decode(payload, type=EVENTS[event])
        assert isinstance(wish, ServiceWished)
        try:
            await deeds.wished(wish, self.ozon.core())
        except Pause as error:  # as the keeper of processes hands it on
            raise Pause(min(error.seconds, LONGEST_PAUSE), error.account) from None

    async def _steady(
        self, name: str, event: str, payload: bytes, delivery: UUID, attempt: int
    ) -> None:
        assert str(delivery) not in self.steady
        self.steady[str(delivery)] = self.clock.now

    async def pass_(self) -> None:
        """A minute with what the timetable does in it."""
        self.clock.now += STEP
        await self.postman.run_due()
        with suppress(Pause):
            await self.ozon.poll()

    async def count(self, sql: str) -> Counter[str]:
        rows = await self.ozon.house.rows(sql)
        return Counter(str(row[0]) for row in rows)


@pytest.fixture
async def day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Day]:
    async with open_test_house(tmp_path) as house:
        monkeypatch.setattr("appliance.plugin_api.calls.utc_now", house.clock)
        one = Day(Ozon(house))
        yield one
        await one.postman.stop()
        outbox.set_subscribers({})


async def six_hours_down(day: Day) -> list[str]:
    """Work that goes on without Ozon; postings that were wished to be packed, in their order."""
    ozon, wished, steps = day.ozon, list[str](), int(DOWN / STEP)
    head = ozon.house.actor_for("head")
    known = await ozon.house.rows("SELECT order_number, posting FROM posting ORDER BY order_number")
    for step in range(steps):
        await day.pass_()
        if step % (steps // BEFORE) == 0 and len(wished) < BEFORE:
            number, posting = known[len(wished)]
            await market_desk.wish(head, int(str(number)), "pack")
            wished.append(str(posting))
        if step % (steps // MEANWHILE) == 0:
            ozon.fake.place(("A-1", 1, "10"))
            await orders.place(ozon.house.shop_key(), draft(None))
    assert not any(ozon.fake.postings[one]["packed_at"] for one in wished)
    assert day.tries <= BEFORE + DOWN / timedelta(minutes=2)  # asked once in two minutes
    return wished


async def test_after_six_hours_down_all_goes_on_within_three_minutes_in_order_and_once(
    day: Day,
) -> None:
    ozon, fake = day.ozon, day.ozon.fake
    await goods(**{"A-1": 100})
    for _ in range(BEFORE):
        fake.place(("A-1", 1, "10"))
    await ozon.poll()
    if ozon.checked is not None:
        ozon.checked.trouble = True
    fake.trouble = "down"
    wished = await six_hours_down(day)

    fake.trouble = ""
    back = day.clock.now
    while await day.count("SELECT state FROM event_delivery WHERE state <> 'done'"):
        await day.pass_()
        assert day.clock.now - back < timedelta(minutes=10)
    packed = [fake.postings[one]["packed_at"] for one in wished]
    assert packed[0] - back <= timedelta(minutes=3)
    assert packed == sorted(packed)
    ships = [one for one in fake.requests if one.path.endswith("/ship")]
    assert Counter(msgspec.json.decode(one.body)["posting_number"] for one in ships) == Counter(
        wished
    )
    for _ in range(2):
        await day.pass_()
    assert await day.count("SELECT posting FROM posting") == Counter(fake.postings.keys())
    assert await day.count("SELECT wish FROM posting WHERE posting.wish <> ''") == Counter()
    assert set(await day.count("SELECT attempts FROM event_delivery")) == {"1"}
    told = await ozon.house.rows(
        "SELECT id, created_at FROM event_delivery WHERE subscriber = 'plugin:steady'"
    )
    assert len(told) == len(day.steady) == BEFORE + 2 * MEANWHILE
    for delivery, at in told:  # the other plugin heard of each order at the next turn
        assert day.steady[str(delivery)] - datetime.fromisoformat(str(at)) <= STEP
