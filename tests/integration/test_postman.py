"""Events reach every subscriber at least once, in order within a lane, or end as dead letters."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from appliance.actions import _gate, orders
from appliance.domain.events import CustomerChanged, Event, OrderChanged
from appliance.domain.ids import uuid7
from appliance.errors import Unavailable
from appliance.plugin_api.outcomes import Pause, Permanent, Retry
from appliance.plugin_host import postman as post
from appliance.plugin_host.postman import HANDLER_SECONDS, LEASE_OVER, Postman
from appliance.storage import deliveries, outbox
from appliance.storage.deliveries import PAUSES
from appliance.storage.tx import Tx
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import draft

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
        self.handlers = {
            (name, event): self._handler(name)
            for name in names or ("plugin",)
            for event in (CustomerChanged.name, OrderChanged.name)
        }
        self.postman = Postman(house.database, house.clock, self.handlers)
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
    again = Postman(house.database, house.clock, desk.handlers)
    assert await again.run_due() == 0  # still leased
    house.clock.now += LEASE_OVER + timedelta(seconds=HANDLER_SECONDS + 1)
    desk.then = hang
    began.clear()
    running = asyncio.create_task(again.run_due())
    await began.wait()
    running.cancel()
    await again.stop()
    desk.then = None
    third = Postman(house.database, house.clock, desk.handlers)
    await third.begin()  # the box was started anew: nobody holds anything
    assert await third.run_due() == 1
    assert desk.taken[0] == desk.taken[1] == desk.taken[2]
    assert await desk.rows() == [("done", 3, "")]


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
    handlers = {key: one for key, one in desk.handlers.items() if key[0] == "here"}
    await Postman(house.database, house.clock, handlers).run_due()
    assert [name for name, _, _ in desk.taken] == ["here"]
    assert sorted(await desk.rows()) == [("done", 1, ""), ("ready", 0, "")]


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


class Plug:
    """A plugin's end: notes what it was handed and then does what the test says."""

    def __init__(self, postman: Postman, name: str, *, is_on: bool = True) -> None:
        self.taken: list[tuple[str, UUID, int]] = []
        self.then: Callable[[UUID, int], Awaitable[None]] | None = None
        self.heard: Callable[[], None] = int
        events = (CustomerChanged.name,)
        postman.admit(
            f"plugin:{name}",
            post.plugin_subscriber(name, events, self.take, seconds=5, is_on=is_on),
        )

    async def take(
        self, name: str, event: str, payload: bytes, delivery: UUID, attempt: int
    ) -> None:
        self.taken.append((event, delivery, attempt))
        self.heard()
        if self.then is not None:
            await self.then(UUID(msgspec.json.decode(payload)["customer_id"]), attempt)


async def test_a_plugin_that_hangs_holds_up_nobody(house: TestHouse) -> None:
    desk = Desk(house, "house")
    slow, quick = Plug(desk.postman, "slow"), Plug(desk.postman, "quick")
    let_go, began, heard = asyncio.Event(), asyncio.Event(), asyncio.Event()
    slow.heard = quick.heard = heard.set

    async def hang(client: UUID, attempt: int) -> None:
        began.set()
        await let_go.wait()

    slow.then = hang
    await desk.happen(changed())
    desk.postman.poke()
    await began.wait()
    await desk.happen(changed(), changed(OTHER))
    desk.postman.poke()
    async with asyncio.timeout(5):
        while len(quick.taken) < 3 or len(slow.taken) < 2:
            await heard.wait()
            heard.clear()
    assert len(slow.taken) == 2  # the other client's lane goes on beside the one that hangs
    let_go.set()
    await desk.postman.run_due()
    assert len(slow.taken) == 3
    assert {row[0] for row in await desk.rows()} == {"done"}


async def test_a_dead_letter_holds_its_lane_until_it_is_retried_or_dropped(
    house: TestHouse,
) -> None:
    desk = Desk(house)
    desk.then = failing(Permanent("no such goods"), times=1)
    await desk.happen(changed(), changed(), changed(OTHER))
    assert await desk.postman.run_due() == 2
    await desk.happen(changed())
    house.clock.pass_(days=3)
    assert await desk.postman.run_due() == 0
    assert [row[0] for row in await desk.rows()] == ["dead", "held", "done", "held"]
    (dead,) = await house.database.read(lambda: deliveries.list_dead(10))
    assert await house.database.write(lambda: deliveries.retry(dead.id, house.clock.now))
    assert await desk.postman.run_due() == 3
    assert [subject for _, subject, _ in desk.taken][2:] == [CLIENT] * 3
    assert desk.taken[2][2] == desk.taken[0][2]

    desk.then = failing(Permanent(), times=1)
    await desk.happen(changed(), changed())
    assert await desk.postman.run_due() == 1
    (dead,) = await house.database.read(lambda: deliveries.list_dead(10))
    assert await house.database.write(lambda: deliveries.drop(dead.id))
    assert await desk.postman.run_due() == 1


async def test_an_account_that_is_down_waits_alone_and_costs_no_attempt(house: TestHouse) -> None:
    desk = Desk(house, "house")
    plug = Plug(desk.postman, "shop")
    down = True

    async def then(client: UUID, attempt: int) -> None:
        if client == CLIENT and down:
            raise Pause(120, account="first")

    plug.then = then
    await desk.happen(*[changed() for _ in range(5)], changed(OTHER))
    await desk.postman.run_due()
    assert len(plug.taken) == 2  # one found out for its account, the other account went on
    tries = 0
    for _ in range(30):  # an hour: asked once in two minutes, by one delivery
        house.clock.pass_(seconds=120)
        await desk.postman.run_due()
        tries += 1
        assert len(plug.taken) == 2 + tries
    assert {attempt for _, _, attempt in plug.taken} == {1}
    down = False
    house.clock.pass_(seconds=120)
    await desk.postman.run_due()
    assert len(plug.taken) == 2 + tries + 5
    assert {row[0] for row in await desk.rows()} == {"done"}


async def test_events_are_kept_for_a_plugin_that_is_paused_and_pass_by_one_that_is_off(
    house: TestHouse,
) -> None:
    desk = Desk(house, "house")
    Plug(desk.postman, "shop", is_on=False)
    await desk.happen(changed())
    await desk.postman.run_due()
    desk.postman.dismiss("plugin:shop")
    await desk.happen(changed())
    back = Plug(desk.postman, "shop")
    await desk.postman.run_due()
    assert len(back.taken) == 1
    gone = await house.database.write(lambda: deliveries.forget_subscriber("plugin:shop"))
    assert gone == 1


async def test_an_action_that_tells_something_pokes_the_postman_after_its_commit(
    house: TestHouse,
) -> None:
    desk = Desk(house, "house")
    heard = asyncio.Event()

    async def then(name: str, event: Event) -> None:
        heard.set()

    desk.then = then
    placed = await orders.place(house.shop_key(), draft())
    _gate.house().posted = desk.postman.poke
    await orders.set_status(house.shop_key(), placed.order_id, "complete")
    async with asyncio.timeout(5):
        await heard.wait()
    await desk.postman.stop()
    desk.postman.poke()  # after the end: nothing


async def test_what_waits_for_an_account_is_put_off_once_in_a_pause_however_much_comes(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten thousand waiting deliveries are not written anew for each one more: pages would wait."""
    desk = Desk(house, "house")
    plug = Plug(desk.postman, "shop")
    moved: list[int] = []
    put_off = deliveries.put_off

    async def counted(*told: Any) -> bool:
        moved.append(1)
        return await put_off(*told)

    monkeypatch.setattr(deliveries, "put_off", counted)
    monkeypatch.setattr(deliveries, "MOVED_AT_ONCE", 2)
    down = True

    async def then(client: UUID, attempt: int) -> None:
        if down:
            raise Pause(120, account="first")

    plug.then = then
    await desk.happen(*[changed(uuid7()) for _ in range(5)])
    await desk.postman.run_due()
    for _ in range(5):
        house.clock.pass_(seconds=1)
        await desk.happen(changed(uuid7()))
        await desk.postman.run_due()
    assert len(plug.taken) == 10  # each learned once which account it is for
    assert len(moved) == 1
    house.clock.pass_(seconds=115)
    await desk.postman.run_due()
    assert len(plug.taken) == 11
    assert len(moved) == 1 + 5  # the other nine, two in a transaction, and the look that ends it
    down = False
    house.clock.pass_(seconds=120)
    await desk.postman.run_due()
    assert len(plug.taken) == 21 and {attempt for _, _, attempt in plug.taken} == {1}
    first = sorted(delivery for _, delivery, _ in plug.taken[:10])
    assert sorted(delivery for _, delivery, _ in plug.taken[11:]) == first


async def test_a_plugin_that_is_away_is_asked_nothing_until_it_is_back(house: TestHouse) -> None:
    desk = Desk(house, "house")
    plug = Plug(desk.postman, "shop")
    away = True

    async def then(client: UUID, attempt: int) -> None:
        if away:
            raise post.Down(15)

    plug.then = then
    for _ in range(3):
        await desk.happen(*[changed(uuid7()) for _ in range(20)])
        await desk.postman.run_due()
    assert len(plug.taken) <= post.PLUGIN_WIDTH
    house.clock.pass_(seconds=15)
    away = False
    before = len(plug.taken)
    await desk.postman.run_due()
    assert len(plug.taken) == before + 60
    assert {attempt for _, _, attempt in plug.taken} == {1}
    away = True
    await desk.happen(changed(uuid7()))
    await desk.postman.run_due()
    away, heard = False, asyncio.Event()
    plug.heard = heard.set
    desk.postman.wake("plugin:shop")  # it is up again: nobody waits for the 15 s
    async with asyncio.timeout(5):
        await heard.wait()
    await desk.postman.stop()
