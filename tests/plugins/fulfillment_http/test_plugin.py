"""The plugin and the operator: every answer it may get, twice, late, out of order."""

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
from appliance.plugin_api.fakes import FakePush, FakeReply, FakeRequest
from appliance.plugin_api.hooks import RouteRequest
from appliance.plugin_api.messages import Account
from appliance.plugin_api.outcomes import Pause, Permanent, Retry
from appliance.plugin_api.testing import Box
from plugins import fulfillment_http as hand
from plugins.fulfillment_http import contract as c
from plugins.fulfillment_http import reading
from plugins.fulfillment_http.fake import Fake
from plugins.fulfillment_http.sides import SIDES
from plugins.fulfillment_http.signing import signed
from tests.plugins.fulfillment_http.operators import (
    KEY,
    SECRET,
    Clock,
    checked_transport,
    loose_transport,
)
from tests.plugins.loosely import loosen

ORDER = uuid4()
KEYS = {"accounts": ["account"], "skus": ["account", "sku"]}


class Desk:
    """The box's side of the reports: takes each `ref` once."""

    def __init__(self) -> None:
        self.one = wire.Fulfilment(
            id=uuid4(), order_id=ORDER, order_number=1044, order_no="1044", account="main",
            stage="queued", want="send", total=240_000,
            lines=(
                wire.FulfilmentLine(
                    line=7, sku="L-1", name="Лампа", quantity_milli=2000, price=120_000
                ),
            ),
        )  # fmt: skip
        self.refs: list[str] = []
        self.withheld = False

    def fulfilment(self, asked: wire.FulfilmentAsked) -> wire.Fulfilment:
        assert asked.id == self.one.id
        return self.one

    def report(self, told: wire.FulfilmentReport) -> wire.FulfilmentTaken:
        if told.id is None and told.order_no != self.one.order_no:
            return wire.FulfilmentTaken(outcome="unknown")
        known = told.ref in self.refs
        self.refs.append(told.ref)
        troubles = {"shortage": "shortage", "refused": "refused"}
        return wire.FulfilmentTaken(
            outcome="known" if known else "taken",
            order_id=ORDER,
            order_number=1044,
            stage=told.stage,
            trouble=told.snag or troubles.get(told.stage, ""),
        )

    def orders(self, asked: calls.OrdersAsked) -> calls.Orders:
        assert asked.purpose == "delivery"
        moment = datetime(2026, 3, 2, tzinfo=UTC)
        person: dict[str, Any] = {} if self.withheld else {"name": Personal("Анна Сухова")}
        return calls.Orders(
            orders=(
                calls.Order(
                    id=ORDER, number=1044, shown_number="1044", version=1, shop="main",
                    status="new", status_group="new", created_at=moment, updated_at=moment,
                    total=240_000, paid_total=0, withheld=self.withheld, **person,
                ),
            )
        )  # fmt: skip


@pytest.fixture
def operator() -> Iterator[Fake]:
    fake = Fake(KEY, SECRET, Clock())
    fake.room.count("", "L-1", 10_000)
    SIDES.transport = checked_transport(fake)
    SIDES.forget()
    yield fake
    SIDES.transport = None
    SIDES.forget()


def box_of(desk: Desk, **more: str) -> Box:
    settings = {"address": "https://operator.example/v1", "key": KEY, "secret": SECRET, **more}
    box = Box(keys=KEYS, accounts=[Account(code="main", settings=settings)])
    box.answers |= {
        "fulfilment": desk.fulfilment,
        "fulfilment_report": desk.report,
        "orders": desk.orders,
        "stock_put": lambda given: wire.StockTaken(taken=len(given.rows)),
        "fulfilments_open": lambda asked: wire.FulfilmentsFound(
            found=() if asked.after else (msgspec.structs.replace(desk.one, stage="picking"),)
        ),
    }
    return box


def wish(desk: Desk, deed: str) -> ServiceWished:
    return ServiceWished(
        plugin="fulfillment_http", kind="fulfilment", record_id=desk.one.id, deed=deed
    )


def reports(box: Box) -> list[tuple[str, str]]:
    return [(one.stage, one.snag) for one in box.of("fulfilment_report")]


def codes(box: Box) -> list[str]:
    return [code for code, _, _ in box.journal]


async def test_an_order_goes_once_however_often_it_is_wished(operator: Fake) -> None:
    desk = Desk()
    box = box_of(desk)
    await hand.wished(wish(desk, "send"), box.core())
    await hand.wished(wish(desk, "send"), box.core())  # the report was lost: it comes again
    assert list(operator.room.orders) == ["1044"]
    keys = [one.headers["idempotency-key"] for one in operator.requests if one.path == "/orders"]
    assert keys == [f"{desk.one.id}-1"] * 2
    told = operator.room.orders["1044"].given
    assert (told.recipient.name, told.cash_on_delivery) == ("Анна Сухова", 0)
    assert told.lines[0].price == 120_000
    assert reports(box) == [("accepted", ""), ("accepted", "")]
    assert [one.ref for one in box.of("fulfilment_report")] == ["taken-1", "taken-1"]
    assert sum(one.path.endswith("/skus/L-1") for one in operator.requests) == 1
    desk.one = msgspec.structs.replace(desk.one, revision=2)  # changed before it was reported
    await hand.wished(wish(desk, "send"), box.core())
    assert reports(box)[-1] == ("accepted", "")


async def test_a_refusal_a_person_without_grounds_and_a_late_change_are_for_people(
    operator: Fake,
) -> None:
    desk = Desk()
    box = box_of(desk)
    desk.withheld = True
    await hand.wished(wish(desk, "send"), box.core())
    assert reports(box) == [("refused", "")]
    assert box.of("fulfilment_report")[0].reason == "recipient_withheld"
    assert not operator.room.orders
    desk.withheld = False
    desk.refs.clear()
    await hand.wished(wish(desk, "send"), box.core())
    operator.act("pick", "1044")
    desk.one = msgspec.structs.replace(desk.one, want="change", revision=2)
    await hand.wished(wish(desk, "change"), box.core())
    operator.act("pack", "1044")
    desk.one = msgspec.structs.replace(desk.one, want="cancel", revision=2)
    await hand.wished(wish(desk, "cancel"), box.core())
    assert reports(box)[-2:] == [("", "changed_late"), ("", "too_late")]
    assert len(box.of("task")) == 3


async def test_what_the_operator_never_had_counts_as_cancelled(operator: Fake) -> None:
    desk = Desk()
    desk.one = msgspec.structs.replace(desk.one, want="cancel")
    box = box_of(desk)
    await hand.wished(wish(desk, "send"), box.core())
    await hand.wished(wish(desk, "cancel"), box.core())
    assert not operator.room.orders
    assert reports(box) == [("cancelled", "")]


async def test_the_log_is_read_in_order_from_where_it_was_read_to(
    operator: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE", 3)
    desk = Desk()
    box = box_of(desk)
    await hand.wished(wish(desk, "send"), box.core())
    operator.act("pick", "1044")
    code = c.LineTold(line=7, sku="L-1", quantity=2, codes=("0104\x1d91",))
    operator.act("pack", "1044", c.SandboxDeed(lines=(code,)))
    one = c.LineTold(line=7, sku="L-1", quantity=1)
    operator.act("ship", "1044", c.SandboxDeed(lines=(one,), tracking="T-1"))
    await hand.pull(box.core())
    assert len(box.of("fulfilment_report")) == 1 + 4  # two pages at once
    await hand.pull(box.core())
    told = box.of("fulfilment_report")[1:]
    assert [(one.seq, one.stage) for one in told] == [
        (1, "accepted"), (2, "picking"), (3, "packed"), (4, "shipped"),
    ]  # fmt: skip
    assert told[2].lines[0].codes == ("0104\x1d91",)
    assert told[2].lines[0].quantity_milli == 0  # packing moves no goods
    assert (told[3].tracking, told[3].lines[0].quantity_milli) == ("T-1", 1000)
    operator.act("ship", "1044")
    await hand.pull(box.core())
    assert box.of("fulfilment_report")[-1].seq == 5


def pushed(push: FakePush, **headers: str) -> RouteRequest:
    heads = {**push.headers, **headers}
    return RouteRequest(route="events", method="POST", headers=tuple(heads.items()), body=push.body)


async def test_a_push_is_believed_only_signed_and_fresh_and_five_of_them_change_nothing(
    operator: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk()
    box = box_of(desk)
    monkeypatch.setattr(hand, "utc_now", operator.clock)
    await hand.wished(wish(desk, "send"), box.core())
    operator.act("pick", "1044")
    operator.copies, operator.reorder = 5, True
    pushes = operator.pushes()
    assert len(pushes) == 10
    for push in pushes:
        assert (await hand.pushed(pushed(push), box.core())).status == 204
    assert [one.seq for one in box.of("fulfilment_report")[1:]] == [1, 2]
    wrong = pushed(pushes[0], **{"x-signature": "sha256=" + "0" * 64})
    assert (await hand.pushed(wrong, box.core())).status == 401
    old = str(int(operator.clock().timestamp()) - 301)
    late = pushed(
        pushes[0], **{"x-timestamp": old, "x-signature": signed(SECRET, old, pushes[0].body)}
    )
    assert (await hand.pushed(late, box.core())).status == 401
    assert codes(box).count("push_refused") == 1  # whoever knocks does not flood the journal


@pytest.mark.parametrize(
    ("trouble", "ends"),
    [("down", Pause), ("slow", Pause), ("failing", Pause), ("too_many", Pause),
     ("html", Retry), ("garbled", Retry), ("error_in_200", Retry)],
)  # fmt: skip
async def test_an_operator_in_trouble_stops_its_account_and_loses_nothing(
    operator: Fake, trouble: Any, ends: type[Exception]
) -> None:
    desk = Desk()
    box = box_of(desk)
    await hand.wished(wish(desk, "send"), box.core())
    operator.act("pick", "1044")
    operator.trouble = trouble
    with pytest.raises(ends):  # a job of the clock: the next one comes by itself
        await hand.pull(box.core())
    assert await reading.read_to(box.core(), SIDES.of(box.core(), "main")) == 0
    operator.trouble = ""
    calls_before = len(box.of("fulfilment_report"))
    fresh = box_of(desk)  # the pause is over
    await hand.pull(fresh.core())
    assert [one.stage for one in fresh.of("fulfilment_report")] == ["accepted", "picking"]
    assert calls_before == 1


async def test_an_error_under_200_is_no_answer_and_nothing_is_sent_twice(operator: Fake) -> None:
    desk = Desk()
    box = box_of(desk)
    operator.fail("lost", 2)  # it did what it was asked, we never heard
    for _ in range(2):
        with pytest.raises(Pause):
            await hand.wished(wish(desk, "send"), box.core())
        box = box_of(desk)
    await hand.wished(wish(desk, "send"), box.core())
    assert list(operator.room.orders) == ["1044"]
    operator.trouble = "error_in_200"
    fresh = box_of(desk)
    for job in (hand.pull, hand.stock, hand.compare):  # no log, no shelf and no order is empty
        with pytest.raises(Retry):
            await job(fresh.core())
    assert not fresh.of("fulfilment_report") and not fresh.of("task")


async def test_the_test_of_the_connection_tries_address_and_key_and_takes_nothing(
    operator: Fake,
) -> None:
    desk = Desk()
    box = box_of(desk)
    await hand.wished(wish(desk, "send"), box.core())
    (found,) = await hand.diagnose(box.core(), "")
    assert (found.code, found.is_good, found.account) == ("connected", True, "main")
    assert found.numbers["events"] >= 1
    assert await reading.read_to(box.core(), SIDES.of(box.core(), "main")) == 0
    SIDES.forget()
    operator.key = "another"
    (refused,) = await hand.diagnose(box_of(desk).core(), "main")
    assert (refused.code, refused.is_good) == ("silent", False)


async def test_an_unknown_order_and_an_unknown_status_are_lines_of_the_journal(
    operator: Fake,
) -> None:
    desk = Desk()
    box = box_of(desk)
    core, side = box.core(), SIDES.of(box.core(), "main")
    event = c.Event(
        event_id="e-1", seq=1, occurred_at=datetime(2026, 3, 2, tzinfo=UTC), order_no="none",
        status="picking",
    )  # fmt: skip
    await reading._take(core, side, event)
    odd = msgspec.structs.replace(event, order_no="1044", status="teleported")  # type: ignore[arg-type]
    await reading._take(core, side, odd)
    assert codes(box) == ["order_unknown", "status_unknown"]
    assert box.of("fulfilment_report")[-1].stage == ""
    assert operator.requests == type(operator.requests)(maxlen=operator.requests.maxlen)


async def test_a_status_that_nobody_heard_of_keeps_the_rest_of_the_log_from_nobody(
    operator: Fake,
) -> None:
    desk = Desk()
    box = box_of(desk)
    await hand.wished(wish(desk, "send"), box.core())
    operator.act("pick", "1044")
    operator.act("pack", "1044")
    (taken, picked, packed) = operator.room.events
    odd = c.LineTold(line=7, sku="L-1", quantity=2, condition="soaked")  # type: ignore[arg-type]
    operator.room.events[1] = msgspec.structs.replace(
        picked,
        status="teleported",
        lines=(odd,),  # type: ignore[arg-type]
    )
    SIDES.transport = loose_transport(operator)  # no description knows what comes now
    SIDES.forget()
    await hand.pull(box.core())
    assert [one.raw for one in box.of("fulfilment_report")[1:]] == [
        "accepted", "teleported", "packed",
    ]  # fmt: skip
    assert codes(box).count("status_unknown") == 1
    assert await reading.read_to(box.core(), SIDES.of(box.core(), "main")) == packed.seq
    order = operator.room.orders["1044"]
    order.status, order.at = "teleported", datetime.now(UTC)  # type: ignore[assignment]
    await hand.compare(box.core())
    assert not box.of("task") and taken.seq == 1


async def test_numbers_as_strings_and_fields_gone_or_new_change_nothing(operator: Fake) -> None:
    desk = Desk()
    box = box_of(desk)
    SIDES.transport = loose_transport(operator)
    SIDES.forget()
    loosen(operator)
    await hand.wished(wish(desk, "send"), box.core())
    for deed in ("pick", "pack", "ship"):
        operator.act(deed, "1044")
    operator.room.places["", "L-1"].on_hand = -1000
    bare = msgspec.structs.replace(operator.room.events[-1], carrier="", tracking="", reason="")
    operator.room.events[-1] = bare
    await hand.pull(box.core())
    reported = box.of("fulfilment_report")
    assert [one.stage for one in reported] == [
        "accepted", "accepted", "picking", "packed", "shipped",
    ]  # fmt: skip
    assert [one.quantity_milli for one in reported[-1].lines] == [2000]
    unknown = wire.StockTaken(taken=0, unknown=("L-1",))
    box.answers["stock_put"] = lambda _: unknown
    await hand.stock(box.core())
    ((row,),) = (given.rows for given in box.of("stock_put"))
    assert (row.sku, row.available_milli) == ("L-1", -1000)
    assert ("stock_unknown", "warn", {"count": 1}) in box.journal


async def test_an_account_without_rights_stops_no_other(operator: Fake) -> None:
    desk = Desk()
    box = box_of(desk)
    (known,) = box.core().accounts()
    box = Box(keys=KEYS, accounts=[Account(code="poor", settings=known.settings), known])
    box.answers["fulfilment_report"] = desk.report
    await hand.wished(wish(desk, "send"), box_of(desk).core())
    take, asked = operator.take, list[int]()

    def poor(request: FakeRequest) -> FakeReply:
        asked.append(1)
        return FakeReply(status=403) if len(asked) == 1 else take(request)

    operator.take = poor  # type: ignore[method-assign]
    SIDES.transport = loose_transport(operator)
    SIDES.forget()
    with pytest.raises(Permanent, match="access_refused"):
        await hand.pull(box.core())
    assert reports(box) == [("accepted", "")]


async def test_stock_is_read_whole_once_then_what_changed_and_negative_is_told(
    operator: Fake,
) -> None:
    desk = Desk()
    box = box_of(desk)
    for number in range(120):
        operator.room.count("", f"S-{number}", number * 1000)
    operator.room.places["", "S-0"].reserved = 3000
    assert isinstance(operator.clock, Clock)
    operator.clock.now += timedelta(hours=1)
    await hand.stock(box.core())
    rows = [row for given in box.of("stock_put") for row in given.rows]
    assert len(rows) == 121
    assert next(one for one in rows if one.sku == "S-0").available_milli == -3000
    told_at = {given.as_of for given in box.of("stock_put")}
    # As it stood by the operator's clock, which is months from ours.
    assert {abs(operator.clock.now - one) < timedelta(minutes=1) for one in told_at} == {True}
    before = len(operator.requests)
    # It moved while all was read, and is shown late.
    operator.room.count("", "L-1", 7000)
    operator.room.places["", "L-1"].at = max(told_at) - timedelta(minutes=1)
    await hand.stock(box.core())
    asked = list(operator.requests)[before:]
    assert len(asked) == 1
    assert "changed_since" in asked[0].args
    changed = {row.sku: row.available_milli for row in box.of("stock_put")[-1].rows}
    assert changed["L-1"] == 7000


async def test_a_difference_becomes_a_task_and_no_correction(operator: Fake) -> None:
    desk = Desk()
    box = box_of(desk)
    await hand.compare(box.core())
    assert [one.title.reveal() for one in box.of("task")] == ["Заказа № 1044 нет у оператора"]
    assert box.of("fulfilment_report") == []
    assert box.journal[-1][2] == {"orders": 1, "differences": 1}


async def test_a_wish_of_another_kind_is_not_ours(operator: Fake) -> None:
    desk = Desk()
    box = box_of(desk)
    other = ServiceWished(plugin="x", kind="parcel", record_id=uuid4(), deed="book")
    await hand.wished(other, box.core())
    assert not box.asked and not operator.requests


async def test_a_label_is_passed_on_as_bytes_where_the_shop_chooses_the_carrier(
    operator: Fake,
) -> None:
    desk = Desk()
    box = box_of(desk, carrier="shop")
    body = b"%PDF-1.4 label"
    given = wire.FulfilmentLabel(media="application/pdf", body=Personal(body))
    box.answers["fulfilment_label"] = lambda _: given
    await hand.wished(wish(desk, "send"), box.core())
    await hand.wished(wish(desk, "label"), box.core())
    assert operator.labels == {"1044": ("application/pdf", body)}
    operator.act("pick", "1044")
    operator.act("pack", "1044")
    operator.act("ship", "1044")
    await hand.wished(wish(desk, "label"), box.core())
    assert codes(box)[-1] == "label_refused"
    box.answers["fulfilment_label"] = lambda _: wire.FulfilmentLabel(
        media="text/html", body=Personal(b"<html>")
    )
    await hand.wished(wish(desk, "label"), box.core())
    assert codes(box)[-1] == "label_unfit"
