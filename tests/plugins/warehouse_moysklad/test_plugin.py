"""МойСклад: orders out once, its states as they were mapped, what left and came back, stock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from appliance.domain.events import ServiceWished
from appliance.domain.personal import Personal
from appliance.plugin_api import calls
from appliance.plugin_api import fulfilments as wire
from appliance.plugin_api.hooks import RouteRequest
from appliance.plugin_api.messages import Account
from appliance.plugin_api.outcomes import Pause, Retry
from appliance.plugin_api.pace import Pace
from appliance.plugin_api.testing import Box
from plugins import warehouse_moysklad as sklad
from plugins.warehouse_moysklad import hooks, reading
from plugins.warehouse_moysklad.fake import Fake
from plugins.warehouse_moysklad.sides import SIDES, moment_of, written
from tests.plugins.loosely import loosen
from tests.plugins.warehouse_moysklad.described import described

ORDER, BUYER = uuid4(), uuid4()
TOKEN = "token-of-tests-0123456789"
HOOK = "hook-of-tests-0123456789"
CODE = "010460123456789021abCd!\x1d91EE10"
KEYS = {
    "accounts": ["account"],
    "goods": ["account", "sku"],
    "idents": ["account", "ident"],
    "demands": ["account", "demand"],
}


class Clock:
    """A clock that moves by itself, so that the vendor's limit is never met by accident."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC) - timedelta(hours=1)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=300)
        return self.now


class Desk:
    """The box's side: an order of two lamps, and reports taken once."""

    def __init__(self, fake: Fake) -> None:
        names = {"Собирается": "picking", "Отгружен": "shipped", "Отменён": "cancelled"}
        self.one = wire.Fulfilment(
            id=uuid4(), order_id=ORDER, order_number=1044, order_no="1044", account="main",
            stage="queued", want="send", total=240_000,
            lines=(
                wire.FulfilmentLine(
                    line=7, sku="L-1", name="Лампа", quantity_milli=2000, price=120_000
                ),
            ),
            stages={fake.states[name]["id"]: stage for name, stage in names.items()},
        )  # fmt: skip
        self.taken: list[wire.FulfilmentReport] = []

    def report(self, told: wire.FulfilmentReport) -> wire.FulfilmentTaken:
        known = told.ref in {one.ref for one in self.taken}
        if not known:
            self.taken.append(told)
            if told.remote_id:
                self.one = msgspec.structs.replace(self.one, remote_id=told.remote_id)
        return wire.FulfilmentTaken(
            outcome="known" if known else "taken",
            order_id=ORDER,
            order_number=1044,
            trouble=told.snag,
        )

    def orders(self, asked: calls.OrdersAsked) -> calls.Orders:
        assert asked.purpose == "delivery"
        moment = datetime(2026, 3, 2, tzinfo=UTC)
        return calls.Orders(
            orders=(
                calls.Order(
                    id=ORDER, number=1044, shown_number="1044", version=1, shop="main",
                    status="new", status_group="new", created_at=moment, updated_at=moment,
                    total=240_000, paid_total=0, customer_id=BUYER, customer_number=5,
                    name=Personal("Анна Сухова"), phone=Personal("+79120001234"),
                    address=Personal("Тверь, Садовая, 1"),
                ),
            )
        )  # fmt: skip


@pytest.fixture
def fake() -> Iterator[Fake]:
    made = Fake(TOKEN, Clock())
    made.good("L-1", 10)
    quick = Pace(1000, 1.0)
    SIDES.begin_anew(described(made), quick)
    hooks.hinted.clear()
    yield made
    SIDES.begin_anew()


def box_of(desk: Desk, **more: str) -> Box:
    settings = {"address": "https://api.moysklad.ru/api/remap/1.2", "token": TOKEN, **more}
    box = Box(keys=KEYS, accounts=[Account(code="main", settings=settings)])
    box.answers |= {
        "fulfilment": lambda _: desk.one,
        "fulfilment_report": desk.report,
        "orders": desk.orders,
        "stock_put": lambda given: wire.StockTaken(taken=len(given.rows)),
    }
    return box


def wish(desk: Desk, deed: str) -> ServiceWished:
    return ServiceWished(
        plugin="warehouse_moysklad", kind="fulfilment", record_id=desk.one.id, deed=deed
    )


def told(desk: Desk) -> list[str]:
    return [one.stage or one.own or one.snag for one in desk.taken]


async def test_an_order_goes_once_with_its_reserve_and_a_change_replaces_its_lines(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(fake)
    box = box_of(desk)
    for good_ones in (0, 5):  # the first question; the order itself, which is made there
        fake.fail("", good_ones)
        fake.fail("lost")
        with pytest.raises(Pause):  # something was done there, we never heard
            await sklad.wished(wish(desk, "send"), box.core())
        SIDES.of(box.core(), "main").known.clear()
        box = box_of(desk)
    for _ in range(2):
        await sklad.wished(wish(desk, "send"), box_of(desk).core())
    assert len(fake.kept["customerorder"]) == len(fake.kept["counterparty"]) == 1
    order = fake.order("1044")
    assert order["syncId"] == str(desk.one.id)  # two that look at once make one, too
    creates = ("POST", "/api/remap/1.2/entity/customerorder")
    assert [(one.method, one.path) for one in fake.requests].count(creates) == 1
    assert (order["sum"], order["reservedSum"]) == (240_000.0, 2.0)
    assert order["shipmentAddress"] == "Тверь, Садовая, 1"
    assert fake.free(next(iter(fake.stock))) == 8
    more = msgspec.structs.replace(desk.one.lines[0], quantity_milli=3000)
    desk.one = msgspec.structs.replace(desk.one, want="change", revision=2, lines=(more,))
    await sklad.wished(wish(desk, "change"), box_of(desk).core())
    assert [one["quantity"] for one in fake.order("1044")["positions"]] == [3.0]
    assert [one.revision for one in desk.taken] == [1, 2]
    # What has left there is not changed any more: people settle it.
    monkeypatch.setattr(reading, "PAGE", 1)
    for track in ("T-1", "T-2"):
        fake.ship("1044", track, 1)
    await sklad.pull(box.core())
    assert [one.tracking for one in desk.taken if one.stage == "shipped"] == ["T-1", "T-2"]
    desk.one = msgspec.structs.replace(desk.one, revision=3)
    await sklad.wished(wish(desk, "change"), box_of(desk).core())
    assert told(desk)[-1] == "changed_late"


async def test_an_article_that_is_not_there_is_a_refusal_in_words(fake: Fake) -> None:
    desk = Desk(fake)
    strange = msgspec.structs.replace(desk.one.lines[0], sku="NO;1")
    desk.one = msgspec.structs.replace(desk.one, lines=(strange,))
    box = box_of(desk)
    await sklad.wished(wish(desk, "send"), box.core())
    assert (desk.taken[0].stage, desk.taken[0].reason) == ("refused", "sku_unknown")
    assert "customerorder" not in fake.kept


async def test_states_shipments_with_codes_and_returns_come_back(fake: Fake) -> None:
    desk = Desk(fake)
    box = box_of(desk)
    await sklad.wished(wish(desk, "send"), box.core())
    fake.do("state", order="1044", state="Собирается")
    for _ in range(2):
        await sklad.pull(box.core())
    fake.ship("1044", "T-1", 1, (CODE,))
    fake.ship("1044", "T-2")
    fake.do("state", order="1044", state="Отгружен")
    for _ in range(2):
        await sklad.pull(box.core())
    fake.do("take_back", order="1044")
    await sklad.pull(box.core())
    stages = {one: name for name, one in ((n, s["id"]) for n, s in fake.states.items())}
    assert [stages.get(one, one) for one in told(desk)] == [
        "accepted", "Собирается", "shipped", "shipped", "", "returned",
    ]  # fmt: skip
    first, second = (one for one in desk.taken if one.stage == "shipped")
    assert (first.tracking, first.lines[0].codes) == ("T-1", (CODE,))
    assert [one.lines[0].quantity_milli for one in (first, second)] == [1000, 1000]
    assert desk.taken[4].raw == "Отгружен"  # its shipments have said so already
    fake.do("state", order="1044", state="Упакован")
    await sklad.pull(box.core())
    assert box.journal[-1][0] == "state_unmapped"


async def test_a_cancel_lets_the_goods_go_and_is_too_late_once_they_left(fake: Fake) -> None:
    desk = Desk(fake)
    box = box_of(desk)
    await sklad.wished(wish(desk, "send"), box.core())
    desk.one = msgspec.structs.replace(desk.one, want="cancel")
    await sklad.wished(wish(desk, "cancel"), box.core())
    assert fake.free(next(iter(fake.stock))) == 10
    assert fake._state_name(fake.order("1044")) == "Отменён"
    assert told(desk)[-1] == "cancelled"
    other = Desk(fake)
    other.one = msgspec.structs.replace(other.one, order_no="1045")
    box = box_of(other)
    await sklad.wished(wish(other, "send"), box.core())
    fake.ship("1045", "T", 1)
    other.one = msgspec.structs.replace(other.one, want="cancel")
    await sklad.wished(wish(other, "cancel"), box.core())
    assert told(other)[-1] == "too_late"
    assert len(box.of("task")) == 1


async def test_stock_is_free_stock_whole_at_first_then_changes_and_null_is_no_zero(
    fake: Fake,
) -> None:
    desk = Desk(fake)
    box = box_of(desk)
    await sklad.wished(wish(desk, "send"), box.core())
    counted = fake.good("L-2", -3)
    fake.counting.add(fake.good("L-3", 7))
    fake.good("SET", 0, kind="bundle")
    fake.good("", 5)
    await sklad.stock(box.core())
    rows = {row.sku: row.available_milli for given in box.of("stock_put") for row in given.rows}
    assert rows == {"L-1": 8000, "L-2": -3000}
    assert ("stock_unknown", "warn", {"count": 1}) in box.journal
    clock = fake.clock
    assert isinstance(clock, Clock)
    clock.now = datetime.now(UTC) + timedelta(minutes=1)
    fake.do("count", article="L-2", pieces="4")
    await sklad.stock(box.core())
    (given,) = box.of("stock_put")[1:]
    assert [(row.sku, row.available_milli) for row in given.rows] == [("L-2", 4000)]
    assert counted in fake.stock


@pytest.mark.parametrize(
    ("trouble", "ends"),
    [("down", Pause), ("slow", Pause), ("failing", Pause), ("too_many", Pause),
     ("html", Retry), ("garbled", Retry), ("error_in_200", Retry)],
)  # fmt: skip
async def test_trouble_there_stops_the_account_and_loses_nothing(
    fake: Fake, trouble: Any, ends: type[Exception]
) -> None:
    desk = Desk(fake)
    await sklad.wished(wish(desk, "send"), box_of(desk).core())
    fake.do("state", order="1044", state="Собирается")
    fake.trouble = trouble
    SIDES.transport.trouble = True
    in_trouble = box_of(desk)
    for job in (sklad.pull, sklad.stock):
        with pytest.raises(ends):
            await job(in_trouble.core())
    assert len(desk.taken) == 1
    fake.trouble = ""
    SIDES.transport.trouble = False
    box = box_of(desk)
    await sklad.pull(box.core())
    assert len(desk.taken) == 2
    assert not in_trouble.of("stock_put")
    await sklad.stock(box.core())  # whole, as if it had never been tried
    assert [row.sku for given in box.of("stock_put") for row in given.rows] == ["L-1"]


async def test_numbers_as_strings_and_new_fields_change_nothing(fake: Fake) -> None:
    desk = Desk(fake)
    box = box_of(desk)
    SIDES.transport.trouble = True
    loosen(fake)
    await sklad.wished(wish(desk, "send"), box.core())
    fake.do("state", order="1044", state="Собирается")
    fake.ship("1044", "T-1", 1)
    await sklad.pull(box.core())
    await sklad.stock(box.core())
    assert [one.stage or one.raw for one in desk.taken] == ["accepted", "shipped", "Собирается"]
    assert [one.quantity_milli for one in desk.taken[1].lines] == [1000]
    rows = [row for given in box.of("stock_put") for row in given.rows]
    assert [(row.sku, row.available_milli) for row in rows] == [("L-1", 8000)]


async def test_errors_under_200_make_no_order_taken_and_no_article_unknown(fake: Fake) -> None:
    desk = Desk(fake)
    SIDES.transport.trouble = True
    for good_ones in range(6):  # articles, organization, warehouse, buyer, our order, the order
        fake.fail("", good_ones)
        fake.fail("error_in_200")
        with pytest.raises(Retry, match="error_in_answer"):
            await sklad.wished(wish(desk, "send"), box_of(desk).core())
        SIDES.of(box_of(desk).core(), "main").known.clear()
    assert desk.taken == []
    await sklad.wished(wish(desk, "send"), box_of(desk).core())
    assert told(desk) == ["accepted"] and len(fake.kept["customerorder"]) == 1


async def test_fields_that_are_gone_new_or_no_figures_hold_up_no_other_document(
    fake: Fake,
) -> None:
    desk = Desk(fake)
    box = box_of(desk)
    await sklad.wished(wish(desk, "send"), box.core())
    fake.ship("1044", "T-1", 1)
    fake.ship("1044", "T-2", 1)
    SIDES.transport.trouble = True
    first, second = fake.kept["demand"].values()
    first["positions"][0]["quantity"] = "a pair"
    second["positions"][0]["quantity"] = "1"
    second["novelty"] = {"x": 1}
    second.pop("shippingDocumentNumber", None)
    fake.order("1044")["state"] = None
    for _ in range(2):
        await sklad.pull(box.core())
    (shipped,) = [one for one in desk.taken if one.stage == "shipped"]
    assert [one.quantity_milli for one in shipped.lines] == [1000]
    assert [code for code, _, _ in box.journal].count("row_unread") == 1


async def test_a_pause_named_in_milliseconds_is_waited_for_in_place(fake: Fake) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        clock = fake.clock
        assert isinstance(clock, Clock)
        clock.now += timedelta(seconds=seconds)

    since = fake.clock()

    def passed() -> float:
        return (fake.clock() - since).total_seconds()

    ticks = Pace(1000, 1.0, clock=passed, sleep=sleep)
    SIDES.begin_anew(described(fake), ticks)
    box = box_of(Desk(fake))
    for _ in range(11):  # somebody else uses the same token up
        fake._limit.wait(TOKEN, since)
    assert [one.code for one in await sklad.diagnose(box.core(), "")] == ["connected"]
    assert len(fake.requests) == 2
    assert 0 < sum(waited) < 3.5


async def test_a_push_is_a_hint_once_and_from_our_account_only(fake: Fake) -> None:
    desk = Desk(fake)
    box = box_of(desk, box_address="https://crm.example.ru", hook=HOOK)
    await sklad.wished(wish(desk, "send"), box.core())
    await sklad.pushes(box.core())
    assert len(fake.kept["webhook"]) == len(hooks.WANTED)
    next(iter(fake.kept["webhook"].values()))["enabled"] = False  # it switches off what fails
    await sklad.pushes(box.core())
    assert all(one["enabled"] for one in fake.kept["webhook"].values())
    fake.copies = 5
    fake.do("state", order="1044", state="Собирается")
    before = len(fake.requests)
    for push in fake.pushes():
        path, _, query = push.path.partition("?")
        asked = RouteRequest(
            route="hook", method="POST", rest=path.removeprefix("/x/warehouse_moysklad/hook/"),
            query=query, body=push.body,
        )  # fmt: skip
        assert (await hooks.pushed(asked, box.core())).status == 204
        wrong = msgspec.structs.replace(asked, rest="main/guessed", query="")
        assert (await hooks.pushed(wrong, box.core())).status == 404
    assert len(fake.requests) == before  # nothing is asked while МойСклад waits 1.5 s
    await sklad.hints(box.core())
    assert len(desk.taken) == 2
    asked_before = len(fake.requests)
    await sklad.hints(box.core())
    assert len(fake.requests) == asked_before
    foreign = RouteRequest(
        route="hook",
        method="POST",
        rest=f"main/{HOOK}",
        body=b'{"events":[{"accountId":"00000000-0000-0000-0000-000000000001"}]}',
    )
    assert (await hooks.pushed(foreign, box.core())).status == 404
    assert [code for code, _, _ in box.journal].count("vendor.push_foreign") == 1


async def test_its_own_statuses_are_told_with_a_guess_where_it_gives_one(fake: Fake) -> None:
    box = box_of(Desk(fake))
    said = await box.ask(sklad.states, "warehouse.states", wire.StatesAsked(account="main"))
    assert [(one.name, one.hint) for one in said.states][-3:] == [
        ("Отгружен", ""), ("Доставлен", "delivered"), ("Отменён", "cancelled"),
    ]  # fmt: skip
    assert written(moment_of("2026-03-02 01:30:00")) == "2026-03-02 01:30:00"
    fake.token = "another"
    found = await sklad.diagnose(box.core(), "main")
    assert [one.code for one in found] == ["silent"]
