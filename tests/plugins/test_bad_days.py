"""Bad days of the three marketplaces, each asked for the same in the same words.

What a service can do to one plugin alone is shown in its own tests; `docs/bad-days.md` says where.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from appliance.plugin_api import calls, marketplaces
from appliance.plugin_api.core import PAUSED
from appliance.plugin_api.fakes import FakeReply, FakeRequest, said
from appliance.plugin_api.outcomes import Pause, Permanent, Retry
from appliance.plugin_api.testing import Box
from appliance.storage.statements import execute
from plugins.marketplace_ozon import orders as ozon_orders
from plugins.marketplace_wildberries.stock import NOT_TAKEN
from plugins.marketplace_yandex import orders as yandex_orders
from tests.house_fixture import TestHouse
from tests.integration.markets.market import goods, stock_of
from tests.plugins.market_stalls import OzonStall, Stall, WildberriesStall, YandexStall

STALLS: Final[Mapping[str, type[Stall]]] = {
    "ozon": OzonStall,
    "wildberries": WildberriesStall,
    "yandex": YandexStall,
}
ON_ONE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


@pytest.fixture(params=STALLS)
def stall(
    house: TestHouse, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Stall:
    """A marketplace on a driven clock, pauses of the plugin's process among it."""
    monkeypatch.setattr(calls, "utc_now", house.clock)
    made = STALLS[request.param](house)
    if made.shop.checked is not None:
        made.shop.checked.trouble = True
    return made


async def postings(stall: Stall) -> int:
    ((found,),) = await stall.shop.house.rows("SELECT COUNT(*) FROM posting")
    return int(str(found))


def asked(stall: Stall) -> int:
    """How many requests came there."""
    return len(stall.shop.fake.requests)


# --- the service does not answer, or not now ---


@ON_ONE
async def test_hours_of_500_lose_no_order_cost_few_requests_and_are_said_once(
    stall: Stall,
) -> None:
    fake, clock = stall.shop.fake, stall.shop.house.clock
    await stall.poll()
    stall.buy("A-1")
    fake.trouble, before, rounds = "failing", asked(stall), 6 * 3
    for _ in range(rounds):  # six hours
        with pytest.raises(Pause):
            await stall.poll()
        clock.pass_(minutes=1)  # sooner than the pause ends
        with pytest.raises(Pause):
            await stall.poll()
        clock.pass_(minutes=19)
    assert asked(stall) - before == rounds
    fake.trouble = ""
    await stall.poll()
    assert await postings(stall) == 1
    journal = await stall.shop.journal()
    assert (journal.count("vendor.down"), journal.count("vendor.up")) == (1, 1)


@ON_ONE
async def test_a_long_pause_that_is_named_is_kept_to_the_minute(stall: Stall) -> None:
    fake, clock = stall.shop.fake, stall.shop.house.clock
    await stall.poll()
    stall.buy("A-1")
    fake.pause = 1800
    fake.fail("too_many")
    with pytest.raises((Pause, Retry)):
        await stall.poll()
    before = asked(stall)
    clock.pass_(minutes=27)  # what is a minute away is waited for in place
    with pytest.raises((Pause, Retry)):
        await stall.poll()
    assert asked(stall) == before
    clock.pass_(minutes=4)
    await stall.poll()
    assert await postings(stall) == 1
    assert {"vendor.too_many", "limit"} & set(await stall.shop.journal())


# --- what it answers is late, garbled, cut into pages ---


def _late_at_ozon(stall: Stall, at: datetime) -> None:
    (one,) = stall.shop.fake.postings.values()
    one["changed_at"] = at


def _late_at_wb(stall: Stall, at: datetime) -> None:
    ((number, one),) = stall.shop.fake.orders.items()
    stall.shop.fake.move(number, "waiting", "confirm")  # what is new, WB lists without a date
    one["_at"] = at


def _late_at_yandex(stall: Stall, at: datetime) -> None:
    (one,) = stall.shop.fake.orders.values()
    one["updated"] = at


LATE: Final[Mapping[type[Stall], Callable[[Stall, datetime], None]]] = {
    OzonStall: _late_at_ozon,
    WildberriesStall: _late_at_wb,
    YandexStall: _late_at_yandex,
}


@ON_ONE
async def test_an_order_that_is_shown_late_is_found_by_the_overlap(stall: Stall) -> None:
    clock = stall.shop.house.clock
    await stall.poll()
    clock.pass_(minutes=1)
    stall.buy("A-1")
    LATE[type(stall)](stall, clock.now - timedelta(minutes=10))
    await stall.poll()
    assert await postings(stall) == 1


@ON_ONE
async def test_orders_and_goods_of_many_pages_are_read_to_the_last(
    stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place, name in (
        ("ozon.client", "PAGE"), ("ozon.client", "GOODS_PAGE"), ("wildberries.client", "PAGE"),
        ("wildberries.catalogue", "MANY"), ("yandex.client", "PAGE"),
        ("yandex.client", "OFFERS_PAGE"),
    ):  # fmt: skip
        monkeypatch.setattr(f"plugins.marketplace_{place}.{name}", 2)
    articles = [f"A-{n}" for n in range(5)]
    for one in articles:
        stall.offer(one)
        stall.buy(one)
    if isinstance(stall, WildberriesStall):
        for number in stall.shop.fake.orders:
            stall.shop.fake.move(number, "waiting", "confirm")
    await stall.poll()
    assert await postings(stall) == 5
    on_show = [f"B-{n}" for n in range(5)]  # offered, and never bought
    for one in on_show:
        stall.offer(one)
    await stall.learn()
    found = await stall.shop.house.rows("SELECT article FROM market_offer ORDER BY article")
    assert [row[0] for row in found] == articles + on_show


HINTED: Final = {OzonStall: ozon_orders.hinted, YandexStall: yandex_orders.hinted}


@ON_ONE
@pytest.mark.parametrize("stall", ["ozon", "yandex"], indirect=True)
async def test_a_hint_whose_order_cannot_be_read_keeps_no_other_waiting(stall: Stall) -> None:
    fake, core = stall.shop.fake, stall.shop.core()
    for _ in range(3):
        stall.buy("A-1")
    numbers = [str(one) for one in getattr(fake, "postings", None) or fake.orders]
    for one in numbers:
        await marketplaces.hint(core, "main", one)
    take = fake.take

    def odd(request: FakeRequest) -> FakeReply:
        found = take(request)
        return FakeReply(body=b"<html>") if numbers[1].encode() in request.body else found

    fake.take = odd
    with pytest.raises(Retry, match="answer_garbled"):
        await HINTED[type(stall)](core)
    assert await postings(stall) == 2
    fake.take = take
    await HINTED[type(stall)](core)
    assert await postings(stall) == 3
    before = asked(stall)
    await HINTED[type(stall)](core)
    assert asked(stall) == before  # what was read is hinted at no more


# --- what it sells makes no sense here ---


@ON_ONE
async def test_an_article_that_nobody_knows_is_ordered_all_the_same_and_shown_as_unmatched(
    stall: Stall,
) -> None:
    stall.buy("NOBODYS")
    await stall.poll()
    assert await postings(stall) == 1
    assert await stall.shop.house.rows("SELECT COUNT(*) FROM orders") == [(1,)]
    unmatched = "SELECT article FROM market_offer WHERE variant_id IS NULL"
    assert await stall.shop.house.rows(unmatched) == [("NOBODYS",)]
    assert "postings_taken" in await stall.shop.journal()
    # Once it is known, what waits is set aside, and what is bought next.
    await goods(NOBODYS=4)
    await stall.learn()
    assert await stock_of(stall.shop.house, "NOBODYS") == (4000, 1000)
    stall.buy("NOBODYS")
    await stall.poll()
    assert await stock_of(stall.shop.house, "NOBODYS") == (4000, 2000)


@ON_ONE
async def test_less_than_nothing_is_told_as_none_and_never_as_it_is(stall: Stall) -> None:
    await goods(**{"A-1": 2})
    stall.offer("A-1")
    await stall.learn()

    async def short() -> None:
        await execute("UPDATE stock SET reserved_milli = on_hand_milli + {}", 3000)

    await stall.shop.house.write(short)
    await stall.send()
    assert stall.shelf() == {"A-1": 0}
    assert [one[1] for one in stall.told()] == [0]
    errors = await stall.shop.house.rows("SELECT stock_error FROM market_offer")
    assert errors == [("",)] and NOT_TAKEN not in await stall.shop.journal()


@ON_ONE
async def test_an_order_for_nothing_is_an_order(stall: Stall) -> None:
    match stall:
        case OzonStall():
            stall.shop.fake.place(("A-1", 1, "0"))
        case WildberriesStall():
            stall.shop.fake.place("A-1", price=0)
        case _:
            stall.shop.fake.place(("A-1", 1, 0))
    await stall.poll()
    assert await stall.shop.house.rows("SELECT total FROM orders") == [(0,)]


# --- keys that end ---


@pytest.mark.parametrize(
    ("left", "days"),
    [(timedelta(days=14, seconds=1), None), (timedelta(days=14), 14), (timedelta(days=1), 1),
     (timedelta(hours=-1), 0), (None, None)],
)  # fmt: skip
async def test_the_end_of_a_key_is_said_from_fourteen_days_before(
    left: timedelta | None, days: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = datetime(2026, 3, 31, 23, 59, tzinfo=UTC)
    monkeypatch.setattr(marketplaces.CLOCK, "now", lambda: moment)
    box, until = Box(), None if left is None else moment + left
    await marketplaces.warn_key(box.core(), "main", until)
    assert [one.until for one in box.of("key_until")] == [until]
    told = [(code, data["days"]) for code, _, data in box.journal]
    assert told == ([] if days is None else [("key_ends", days)])


# --- one of several ---


@ON_ONE
async def test_a_forbidden_key_is_said_and_no_order_is_lost(stall: Stall) -> None:
    fake = stall.shop.fake
    stall.buy("A-1")
    take: Callable[[FakeRequest], FakeReply] = fake.take
    fake.take = lambda _: said({"message": "no"}, 403)
    with pytest.raises(Permanent, match="access_refused"):
        await stall.poll()
    fake.take = take
    PAUSED.clear()
    await stall.poll()
    assert await postings(stall) == 1
    assert "vendor.forbidden" in await stall.shop.journal()
