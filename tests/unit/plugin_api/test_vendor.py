"""Whatever a service does wrong, a plugin's event waits, comes again or is given up, as it must."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from appliance.plugin_api import core as core_file
from appliance.plugin_api.fakes import Fake, FakeReply, FakeRequest, Limit, said, transport
from appliance.plugin_api.outcomes import Pause, Permanent, Retry
from appliance.plugin_api.pace import Pace
from appliance.plugin_api.testing import Box
from appliance.plugin_api.vendor import Vendor


class Clock:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Service(Fake):
    """Counts parcels; what it says to one key it says to no other."""

    def __init__(self) -> None:
        super().__init__()
        self.booked = 0

    def answer(self, request: FakeRequest) -> FakeReply:
        match request.headers.get("authorization", ""):
            case "good":
                self.booked += request.method == "POST"
                return said({"count": str(self.booked), "note": None, "new": 1})
            case "poor":
                return FakeReply(status=403)
            case _:
                return FakeReply(status=401)


class Count(msgspec.Struct):
    count: int
    note: str = "none"


class Bench:
    def __init__(self, key: str = "good") -> None:
        self.clock = Clock()
        self.service = Service()
        self.pace = Pace(100, 1.0, clock=self.clock, sleep=self.clock.sleep)
        self.box = Box()
        self.vendor = Vendor(
            "https://api.example.ru/v1",
            {"authorization": key},
            self.pace,
            "shop",
            transport=transport(self.service),
        )

    async def ask(self, method: str = "GET") -> Any:
        return await self.vendor.ask(self.box.core(), method, "parcels")

    @property
    def codes(self) -> list[str]:
        return [code for code, _, _ in self.box.journal]


async def test_an_answer_is_read_though_numbers_are_strings_and_fields_are_null_or_new() -> None:
    bench = Bench()
    reply = await bench.ask("POST")
    assert (reply.status, reply.json(Count)) == (200, Count(1))
    assert bench.service.requests[0].path == "/v1/parcels"
    with pytest.raises(Retry, match="answer_garbled"):
        reply.json(list[int])


@pytest.mark.parametrize("trouble", ["down", "slow", "failing", "lost"])
async def test_a_service_that_is_down_is_not_asked_again_and_is_spoken_of_once(
    trouble: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench()
    bench.service.trouble = trouble
    for _ in range(2):
        with pytest.raises(Pause):
            await bench.ask()
    assert len(bench.service.requests) == 1
    bench.service.trouble = ""
    core_file.PAUSED.clear()  # two minutes are over
    await bench.ask()
    assert bench.codes == ["vendor.down", "vendor.up"]


@pytest.mark.parametrize("trouble", ["html", "garbled"])
async def test_an_answer_that_is_no_json_is_asked_for_again(trouble: Any) -> None:
    bench = Bench()
    bench.service.fail(trouble)
    with pytest.raises(Retry, match="answer_garbled"):
        await bench.ask()
    assert (await bench.ask()).is_good
    assert bench.codes == ["vendor.answer_garbled", "vendor.up"]


async def test_a_short_pause_that_is_named_is_waited_for_and_a_long_one_stops_the_account() -> None:
    bench = Bench()
    bench.service.pause = 5
    bench.service.fail("too_many")
    assert (await bench.ask()).is_good
    assert bench.clock.slept == [5.0]
    bench.service.pause = 600
    bench.service.fail("too_many")
    with pytest.raises(Pause) as paused:
        await bench.ask()
    assert paused.value.seconds == 600
    assert bench.pace.wait("shop") == 600
    bench = Bench()
    bench.service.fail("too_many")  # and names no pause
    with pytest.raises(Pause):
        await bench.ask()
    assert bench.codes == ["vendor.too_many"]


@pytest.mark.parametrize(
    ("named", "seconds"),
    [("600", 600), ("0", 120), ("inf", 86_400), ("1e300", 86_400), ("nan", 120), ("-5", 120),
     ("soon", 120), ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400), ("99999999999", 86_400)],
)  # fmt: skip
async def test_no_pause_that_a_service_names_stops_an_account_for_ever(
    named: str, seconds: float
) -> None:
    bench = Bench()
    bench.service.answer = lambda _: FakeReply(  # type: ignore[method-assign]
        status=429, headers={"retry-after": named}
    )
    with pytest.raises(Pause) as paused:
        await bench.ask()
    assert paused.value.seconds == seconds


async def test_a_key_that_is_refused_makes_everything_wait_and_a_poor_one_ends_the_request() -> (
    None
):
    bench = Bench("old")
    with pytest.raises(Pause) as paused:
        await bench.ask()
    assert paused.value.code == "access_refused"
    poor = Bench("poor")
    with pytest.raises(Permanent, match="access_refused"):
        await poor.ask()
    assert (bench.codes, poor.codes) == (["vendor.access_refused"], ["vendor.forbidden"])


Made = Callable[[Clock], Pace]


@pytest.mark.parametrize(
    ("made", "moments"),
    [
        pytest.param(
            lambda c: Pace(3, 10, clock=c, sleep=c.sleep), [0, 0, 0, 10, 10, 10, 20], id="window"
        ),
        pytest.param(
            lambda c: Pace(10, 10, burst=3, clock=c, sleep=c.sleep),
            [0, 0, 0, 1, 2, 3, 4],
            id="burst",
        ),
        pytest.param(
            lambda c: Pace(3, 10, spacing=2, clock=c, sleep=c.sleep),
            [0, 2, 4, 10, 12, 14, 20],
            id="spacing",
        ),
    ],
)
async def test_a_pace_lets_pass_what_the_service_allows_and_no_more(
    made: Made, moments: list[float]
) -> None:
    clock = Clock()
    pace, passed = made(clock), list[float]()
    for _ in moments:
        await pace.take("token")
        passed.append(clock.now)
    assert passed == moments
    before = clock.now
    await pace.take("another")  # who is counted for himself does not wait for others
    assert clock.now == before


@pytest.mark.parametrize(("burst", "next_at"), [(0, 60.0), (20, 2.0)])
async def test_a_refusal_that_counts_manifold_makes_others_wait(
    burst: float, next_at: float
) -> None:
    clock = Clock()
    pace = Pace(300 if burst else 30, 60, burst=burst, clock=clock, sleep=clock.sleep)
    service = Service()
    vendor = Vendor(
        "https://api.example.ru", {"authorization": "poor"}, pace, "shop", penalty=9,
        transport=transport(service),
    )  # fmt: skip
    for _ in range(3):
        with pytest.raises(Permanent):
            await vendor.ask(Box().core(), "GET", "parcels")
    # Three refusals were thirty units: ten more than the bucket held, all that the window allows.
    await pace.take("shop")
    assert clock.now >= next_at


def test_a_limit_of_a_fake_counts_every_stretch_of_time() -> None:
    service = Service()
    limit, moment = Limit(2, 60), service.clock()
    assert [limit.wait("key", moment) for _ in range(3)] == [0.0, 0.0, 60.0]
    assert limit.wait("other", moment) == 0.0
