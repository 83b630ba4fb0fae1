"""Events reach every subscriber at least once, in order within a lane, or end as dead letters."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from appliance.domain.events import CustomerChanged, Event, OrderChanged
from appliance.domain.ids import uuid7
from appliance.errors import Unavailable
from appliance.plugin_api.outcomes import Permanent, Retry
from appliance.plugin_host import postman as post
from appliance.plugin_host.postman import Postman
from appliance.storage import deliveries, outbox
from appliance.storage.deliveries import LEASE, PAUSES
from appliance.storage.tx import Tx
from tests.house_fixture import TestHouse

Taken = list[tuple[str, UUID, UUID]]
CLIENT, OTHER = uuid7(), uuid7()


@pytest.fixture(autouse=True)
def nobody_subscribed() -> Iterator[None]:
    yield
    outbox.set_subscribers({})


class Desk:
    """A subscriber that notes what it took and then does what the test says."""

    def __init__(self, house: TestHouse, *names: str) -> None:
        self.house = house
        self.taken: Taken = []
        self.then: Callable[[str, Event], Awaitable[None]] | None = None
        self.postman = Postman(
            house.database,
            house.clock,
            {
                (name, event): self._handler(name)
                for name in names or ("plugin",)
                for event in (CustomerChanged.name, OrderChanged.name)
            },
        )
        self.postman.subscribe()

    def _handler(self, name: str) -> Any:
        async def take(event: Event, delivery: UUID) -> None:
            subject = event.customer_id if isinstance(event, CustomerChanged) else event.order_id  # type: ignore[attr-defined]
            self.taken.append((name, subject, delivery))
            if self.then is not None:
                await self.then(name, event)

        return take

    async def happen(self, *events: Event) -> None:
        async def body() -> None:
            tx = Tx(
                self.house.system,
                self.house.system.grants["house.upkeep"],
                self.house.vault,
                self.house.index,
                self.house.clock.now,
            )
            for event in events:
                tx.emit(event)
            await outbox.enqueue(tx)

        await self.house.write(body)

    async def rows(self) -> list[tuple[Any, ...]]:
        return await self.house.rows(
            "SELECT state, attempts, last_error FROM event_delivery ORDER BY id"
        )


def failing(error: Exception, times: int = 1_000_000) -> Callable[[str, Event], Awaitable[None]]:
    left = [times]

    async def then(name: str, event: Event) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise error

    return then


def changed(client: UUID = CLIENT, *, created: bool = False) -> CustomerChanged:
    return CustomerChanged(customer_id=client, created=created)


async def test_every_subscriber_gets_an_event_once(house: TestHouse) -> None:
    desk = Desk(house, "a", "b")
    await desk.happen(changed())
    assert await desk.postman.run_due() == 2
    assert await desk.postman.run_due() == 0
    assert {name for name, _, _ in desk.taken} == {"a", "b"}
    assert await desk.rows() == [("done", 1, "")] * 2


async def test_what_was_not_committed_is_not_delivered(house: TestHouse) -> None:
    desk = Desk(house)

    async def fail() -> None:
        tx = Tx(
            house.system,
            house.system.grants["house.upkeep"],
            house.vault,
            house.index,
            house.clock.now,
        )
        tx.emit(changed())
        await outbox.enqueue(tx)
        raise LookupError

    with pytest.raises(LookupError):
        await house.write(fail)
    assert await desk.postman.run_due() == 0


async def test_a_failure_is_tried_again_on_schedule_under_the_same_id(house: TestHouse) -> None:
    desk = Desk(house)
    desk.then = failing(Retry("gateway answered 503"), times=len(PAUSES))
    await desk.happen(changed())
    for pause in PAUSES:
        assert await desk.postman.run_due() == 1
        house.clock.pass_(seconds=pause - 1)
        assert await desk.postman.run_due() == 0
        house.clock.pass_(seconds=1)
    assert await desk.postman.run_due() == 1
    assert await desk.rows() == [("done", len(PAUSES) + 1, "")]
    assert len({delivery for _, _, delivery in desk.taken}) == 1


async def test_the_seventh_failure_makes_a_dead_letter_that_can_be_brought_back(
    house: TestHouse,
) -> None:
    desk = Desk(house)
    desk.then = failing(Unavailable("disk_full"))
    await desk.happen(changed())
    for pause in (*PAUSES, 0):
        await desk.postman.run_due()
        house.clock.pass_(seconds=pause)
    assert await desk.rows() == [("dead", 7, "disk_full")]
    house.clock.pass_(days=30)
    assert await desk.postman.run_due() == 0
    assert await house.database.read(deliveries.count_dead) == 1
    (dead,) = await house.database.read(lambda: deliveries.list_dead(10))
    desk.then = None
    assert await house.database.write(lambda: deliveries.retry(dead[0], house.clock.now))
    assert await desk.postman.run_due() == 1
    assert await desk.rows() == [("done", 1, "")]
    assert not await house.database.write(lambda: deliveries.retry(dead[0], house.clock.now))


async def test_a_refusal_for_good_is_dead_at_once_and_keeps_no_text(house: TestHouse) -> None:
    desk = Desk(house)
    desk.then = failing(Permanent("Канарейкина"))
    await desk.happen(changed())
    assert await desk.postman.run_due() == 1
    assert await desk.rows() == [("dead", 1, "Permanent")]


async def test_events_of_one_lane_wait_for_the_one_before_and_other_lanes_do_not(
    house: TestHouse,
) -> None:
    desk = Desk(house)
    order = OrderChanged(order_id=uuid7(), fields=())
    await desk.happen(changed(created=True), changed(), changed(OTHER), order)
    desk.then = failing(Retry(), times=1)
    assert await desk.postman.run_due() == 3
    assert [subject for _, subject, _ in desk.taken] == [CLIENT, OTHER, order.order_id]
    house.clock.pass_(seconds=PAUSES[0])
    assert await desk.postman.run_due() == 2
    assert [subject for _, subject, _ in desk.taken][3:] == [CLIENT, CLIENT]
    assert desk.taken[3][2] == desk.taken[0][2]


async def test_one_subscriber_that_fails_does_not_hold_up_another(house: TestHouse) -> None:
    desk = Desk(house, "bad", "good")

    async def then(name: str, event: Event) -> None:
        if name == "bad":
            raise Retry

    desk.then = then
    await desk.happen(changed(), changed())
    await desk.postman.run_due()
    assert [name for name, _, _ in desk.taken].count("good") == 2
    assert [name for name, _, _ in desk.taken].count("bad") == 1


async def test_a_crash_after_the_handler_and_before_the_note_delivers_again(
    house: TestHouse,
) -> None:
    """At least once: the subscriber sees the same id and can tell."""
    desk = Desk(house)
    began = asyncio.Event()

    async def hang(name: str, event: Event) -> None:
        began.set()
        await asyncio.Event().wait()

    desk.then = hang
    await desk.happen(changed())
    running = asyncio.create_task(desk.postman.run_due())
    await began.wait()
    running.cancel()  # as a process that is killed: nothing is noted
    await asyncio.gather(running, return_exceptions=True)
    desk.then = None
    again = Postman(house.database, house.clock, desk.postman._handlers)
    assert await again.run_due() == 0  # still leased
    house.clock.now += LEASE + timedelta(seconds=1)
    assert await again.run_due() == 1
    assert desk.taken[0] == desk.taken[1]
    assert await desk.rows() == [("done", 2, "")]


async def test_a_handler_that_hangs_is_cut_off_and_tried_again(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "HANDLER_SECONDS", 0.02)
    desk = Desk(house)

    async def hang(name: str, event: Event) -> None:
        await asyncio.Event().wait()

    desk.then = hang
    await desk.happen(changed())
    assert await desk.postman.run_due() == 1
    assert await desk.rows() == [("ready", 1, "TimeoutError")]


async def test_an_event_that_nobody_here_knows_waits_and_holds_up_nobody(house: TestHouse) -> None:
    desk = Desk(house, "gone", "here")
    await desk.happen(changed())
    handlers = {key: one for key, one in desk.postman._handlers.items() if key[0] == "here"}
    await Postman(house.database, house.clock, handlers).run_due()
    assert [name for name, _, _ in desk.taken] == ["here"]
    assert sorted(await desk.rows()) == [("done", 1, ""), ("ready", 1, "KeyError")]


async def test_two_rounds_at_once_deliver_once(house: TestHouse) -> None:
    desk = Desk(house)
    await desk.happen(changed(), changed(OTHER))
    tried = await asyncio.gather(*(desk.postman.run_due() for _ in range(3)))
    assert sum(tried) == 2
    assert len(desk.taken) == 2


async def test_only_what_was_delivered_long_ago_is_purged(house: TestHouse) -> None:
    desk = Desk(house)
    await desk.happen(changed())
    await desk.postman.run_due()
    desk.then = failing(Permanent())
    await desk.happen(changed())
    await desk.postman.run_due()
    house.clock.now += deliveries.KEPT
    await desk.happen(changed(OTHER))
    house.clock.pass_(seconds=1)
    assert await house.database.write(lambda: deliveries.purge(house.clock.now)) == 1
    assert [row[0] for row in await desk.rows()] == ["dead", "ready"]
