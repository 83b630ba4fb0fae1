"""Bad days of the services that the shop sends by, is paid by and asks, each in the same words.

Those of the marketplaces stand in `test_bad_days`; `docs/bad-days.md` says where the rest does.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, Final

import pytest

from appliance.domain.personal import Personal
from appliance.plugin_api import calls
from appliance.plugin_api.client_messages import CostAsked
from appliance.plugin_api.fakes import Fake, transport
from appliance.plugin_api.hints import PartyAsked
from appliance.plugin_api.messages import Account
from appliance.plugin_api.outcomes import Pause
from appliance.plugin_api.pace import Pace
from appliance.plugin_api.testing import Box
from plugins import (
    fulfillment_http,
    hints_dadata,
    logistics_cdek,
    payments_yookassa,
    sms_smsc,
    warehouse_moysklad,
)
from plugins.fulfillment_http.fake import Fake as Operator
from plugins.fulfillment_http.sides import SIDES as OPERATORS
from plugins.hints_dadata.client import Client
from plugins.hints_dadata.fake import Fake as Hints
from plugins.payments_yookassa.fake import Fake as Till
from plugins.sms_smsc.fake import Fake as Texts
from plugins.warehouse_moysklad.fake import Fake as Shelves
from plugins.warehouse_moysklad.sides import SIDES as SHELVES
from tests.plugins.fulfillment_http.operators import KEY, SECRET, loose_transport
from tests.plugins.logistics_cdek.sides import Sides as CdekSides
from tests.plugins.logistics_russian_post.sides import Sides as PostSides

Ask = Callable[[], Awaitable[object]]


class Driven:
    """A clock that a test moves, for the plugin, its limits and the other side."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 31, 20, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, minutes: float) -> None:
        """Let time pass."""
        self.now += timedelta(minutes=minutes)

    def pace(self, *_: Any, **__: Any) -> Pace:
        """A limit on this clock, far from being met."""
        return Pace(1000, 1.0, clock=self._seconds, sleep=self._sleep)

    def _seconds(self) -> float:
        return self.now.timestamp()

    async def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Bench:
    """A plugin and its other side.

    Attributes:
        ask: makes the plugin ask something; the same again is asked again.
    """

    def __init__(self, fake: Fake, box: Box, ask: Ask) -> None:
        self.fake, self.box, self.ask = fake, box, ask

    @property
    def codes(self) -> list[str]:
        """Of the journal."""
        return [code for code, _, _ in self.box.journal]


def _cdek(clock: Driven, patch: pytest.MonkeyPatch) -> Bench:
    patch.setattr("plugins.logistics_cdek.client.PACE", clock.pace())
    sides = CdekSides()
    if sides.checked is not None:
        sides.checked.trouble = True
    return Bench(sides.fake, sides.box, lambda: logistics_cdek.subscribe(sides.box.core()))


def _post(clock: Driven, patch: pytest.MonkeyPatch) -> Bench:
    sides = PostSides()
    patch.setattr("plugins.logistics_russian_post.client.PACE", clock.pace())
    sides.fake.clock = clock
    sides.checked.trouble = True
    return Bench(sides.fake, sides.box, lambda: sides.wish("book", state="draft", carrier_id=""))


def _moysklad(clock: Driven, patch: pytest.MonkeyPatch) -> Bench:
    fake = Shelves("token-0123456789", clock)
    SHELVES.begin_anew(transport(fake), clock.pace())
    settings = {"address": "https://api.moysklad.ru/api/remap/1.2", "token": fake.token}
    box = Box(keys={"accounts": ["account"]}, accounts=[Account("main", "", settings)])
    return Bench(fake, box, lambda: warehouse_moysklad.pull(box.core()))


def _fulfilment(clock: Driven, patch: pytest.MonkeyPatch) -> Bench:
    fake = Operator(KEY, SECRET, clock)
    OPERATORS.transport = loose_transport(fake)
    patch.setattr(OPERATORS, "_pace", clock.pace())
    OPERATORS.forget()
    settings = {"address": "https://operator.example/v1", "key": KEY, "secret": SECRET}
    box = Box(keys={"accounts": ["account"]}, accounts=[Account("main", "", settings)])
    return Bench(fake, box, lambda: fulfillment_http.pull(box.core()))


def _yookassa(clock: Driven, patch: pytest.MonkeyPatch) -> Bench:
    fake = Till()
    patch.setattr(payments_yookassa, "transport", transport(fake))
    patch.setattr("plugins.payments_yookassa.client.pace", clock.pace())
    payments_yookassa._shops.clear()
    settings = {**fake.settings(), "address": "https://api.yookassa.ru/v3"}
    box = Box(accounts=[Account("main", "", settings)])
    return Bench(fake, box, lambda: payments_yookassa.diagnose(box.core(), ""))


def _smsc(clock: Driven, patch: pytest.MonkeyPatch) -> Bench:
    fake = Texts(clock=clock)
    patch.setattr(sms_smsc, "transport", transport(fake))
    patch.setattr("plugins.sms_smsc.client.pace", clock.pace())
    sms_smsc._services.clear()
    settings = {**fake.settings(), "address": "https://smsc.ru"}
    box = Box(accounts=[Account("main", "", settings)])
    asked = CostAsked(prefix="7912", units=3, parts=1)

    async def ask() -> None:
        sms_smsc._prices.clear()
        await box.ask(sms_smsc.cost, "messages.cost", asked)

    return Bench(fake, box, ask)


def _dadata(clock: Driven, patch: pytest.MonkeyPatch) -> Bench:
    fake = Hints()
    patch.setattr(import_module("plugins.hints_dadata.client"), "Pace", clock.pace)
    patch.setattr(hints_dadata, "client", Client(transport(fake)))
    box = Box({**fake.settings(), "address": "https://suggestions.dadata.ru"})
    asked = PartyAsked(number=Personal("7736207543"))
    return Bench(fake, box, lambda: box.ask(hints_dadata.party, "hints.party", asked))


BENCHES: Final[Mapping[str, Callable[[Driven, pytest.MonkeyPatch], Bench]]] = {
    "cdek": _cdek,
    "russian_post": _post,
    "moysklad": _moysklad,
    "fulfillment_http": _fulfilment,
    "yookassa": _yookassa,
    "smsc": _smsc,
    "dadata": _dadata,
}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Driven:
    made = Driven()
    monkeypatch.setattr(calls, "utc_now", made)
    return made


@pytest.fixture(params=BENCHES)
def bench(
    clock: Driven, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    yield BENCHES[request.param](clock, monkeypatch)
    OPERATORS.transport = None
    OPERATORS.forget()
    SHELVES.begin_anew()


async def test_hours_of_500_cost_few_requests_are_said_once_and_end_by_themselves(
    bench: Bench, clock: Driven
) -> None:
    bench.fake.trouble, rounds = "failing", 6 * 6
    for _ in range(rounds):  # six hours
        with pytest.raises(Pause):
            await bench.ask()
        clock.pass_(1)  # sooner than the pause ends
        with pytest.raises(Pause):
            await bench.ask()
        clock.pass_(9)
    assert len(bench.fake.requests) == rounds
    bench.fake.trouble = ""
    await bench.ask()
    assert (bench.codes.count("vendor.down"), bench.codes.count("vendor.up")) == (1, 1)


async def test_a_pause_that_is_named_is_kept_to_the_minute(bench: Bench, clock: Driven) -> None:
    bench.fake.pause = 600
    bench.fake.fail("too_many")
    for minutes in (9, 2):
        with pytest.raises(Pause):
            await bench.ask()
        assert len(bench.fake.requests) == 1
        clock.pass_(minutes)
    await bench.ask()
    assert bench.codes.count("vendor.too_many") == 1
