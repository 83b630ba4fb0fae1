"""Reports say what the lists of records say, kept or counted now, for everybody his own."""

from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from appliance.actions import orders, payments, reports
from appliance.actions.payments import PaymentSelector
from appliance.domain.orders import OrderChange, OrderSelector, PaymentDraft
from appliance.domain.reports import Asked, Cut, Figures, Report, Span, days_of, summed
from appliance.errors import Denied, Invalid
from appliance.jobs.tallies import settle_reports
from appliance.storage import references as stored
from appliance.storage import report_days
from appliance.storage.references import lists
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import draft
from tests.web_house import fill

MOSCOW = "Europe/Moscow"
ZONE = ZoneInfo(MOSCOW)
WHOLE = Span(date(2025, 12, 1), date(2026, 2, 1))


def asked(cut: Cut = Cut.DAY, span: Span = WHOLE, **more: object) -> Asked:
    return Asked(span=span, cut=cut, zone=MOSCOW, **more)  # type: ignore[arg-type]


async def settle(house: TestHouse) -> None:
    while await settle_reports(house.system, MOSCOW):
        pass


async def told(house: TestHouse, cut: Cut, name: str = "head") -> Report:
    return await reports.sales(house.actor_for(name), asked(cut))


@pytest.mark.checklist(44)
@pytest.mark.checklist(177)
@pytest.mark.parametrize("kept", [False, True])
async def test_every_cut_adds_up_to_what_the_orders_say(house: TestHouse, kept: bool) -> None:
    await fill(house, 30, 400, house.clock.now)
    if kept:
        await settle(house)
    rows = await house.rows("SELECT manager_id, status, total, paid_total FROM orders")
    known = (await house.database.read(lists)).statuses
    gone = [row for row in rows if known[str(row[1])].group == "cancel"]
    done = [row for row in rows if known[str(row[1])].group == "complete"]
    for cut in (Cut.DAY, Cut.MANAGER, Cut.DEPARTMENT, Cut.SHOP, Cut.METHOD, Cut.SOURCE, Cut.REGION):
        report = await told(house, cut)
        assert summed(one.now for one in report.rows) == report.total, cut
        assert report.total.placed == len(rows)
        assert report.total.cancelled == len(gone)
        assert report.total.closed == len(done)
        assert report.total.sales == sum(int(str(row[2])) for row in rows if row not in gone)
        assert report.total.paid == sum(int(str(row[3])) for row in rows)
    places = await house.rows(
        "SELECT c.region, COUNT(*) FROM orders o JOIN customer c ON c.id = o.customer_id "
        "GROUP BY c.region"
    )
    by_region = await told(house, Cut.REGION)
    assert {one.key: one.now.placed for one in by_region.rows} == dict(places)
    people = Counter(row[0] for row in rows)
    by_manager = await told(house, Cut.MANAGER)
    assert sorted(one.now.placed for one in by_manager.rows) == sorted(people.values())


async def test_goods_are_summed_by_product_over_orders_that_hold(house: TestHouse) -> None:
    await fill(house, 30, 400, house.clock.now)
    before = await told(house, Cut.PRODUCT)
    own = await told(house, Cut.PRODUCT, "seller")
    two = asked(Cut.PRODUCT, managers=(0, 1), shops=("main",))
    some = await reports.sales(house.actor_for("head"), two)
    await settle(house)
    after = await told(house, Cut.PRODUCT)
    assert after.rows == before.rows
    assert after.kept_days > 0
    assert (await told(house, Cut.PRODUCT, "seller")).rows == own.rows
    assert (await reports.sales(house.actor_for("head"), two)).rows == some.rows != own.rows
    lines = await house.rows(
        "SELECT SUM(l.total) FROM order_line l JOIN orders o ON o.id = l.order_id "
        "JOIN order_status s ON s.code = o.status WHERE s.status_group <> 'cancel'"
    )
    assert sum(one.now.sales for one in after.rows) + after.rest.sales == int(str(lines[0][0]))
    seller = await told(house, Cut.PRODUCT, "seller")
    assert 0 < sum(one.now.sales for one in seller.rows) < int(str(lines[0][0]))


@pytest.mark.checklist(182)
async def test_a_seller_sees_his_own_sales_and_no_others_whatever_he_asks(house: TestHouse) -> None:
    await fill(house, 30, 400, house.clock.now)
    await settle(house)
    mine = house.users["seller"]
    own = await house.rows("SELECT COUNT(*) FROM orders WHERE manager_id = {}", mine)
    for more in ({}, {"managers": (1,)}):
        for cut in Cut:
            report = await reports.sales(house.actor_for("seller"), asked(cut, **more))
            assert report.own
            assert report.total.placed == own[0][0]
    rival = await reports.sales(house.actor_for("seller"), asked(Cut.MANAGER, managers=(2,)))
    assert rival.rows == ()
    assert rival.total == Figures()
    stranger = await reports.sales(house.actor_for("head"), asked(managers=(999,)))
    nobody = await house.rows("SELECT COUNT(*) FROM orders WHERE manager_id IS NULL")
    assert stranger.total.placed == nobody[0][0]


@pytest.mark.checklist(183)
async def test_cost_and_margin_are_told_by_right_only(house: TestHouse) -> None:
    await fill(house, 30, 400, house.clock.now)
    for cut in Cut:
        seller = await told(house, cut, "seller")
        assert not seller.may_cost
        assert all(one.now.cost == 0 for one in (*seller.rows,))
        assert seller.total.cost == 0
    head = await told(house, Cut.MANAGER)
    assert head.may_cost
    costs = await house.rows(
        "SELECT SUM(o.purchase_total + o.delivery_cost) FROM orders o "
        "JOIN order_status s ON s.code = o.status WHERE s.status_group <> 'cancel'"
    )
    assert head.total.cost == int(str(costs[0][0])) > 0


@pytest.mark.parametrize("name", ["storekeeper", "courier", "administrator", "data_officer"])
async def test_other_roles_are_refused(house: TestHouse, name: str) -> None:
    with pytest.raises(Denied):
        await told(house, Cut.DAY, name)
    with pytest.raises(Denied):
        await reports.funnel(house.actor_for(name), WHOLE, MOSCOW)


async def test_a_seller_takes_no_file_and_a_head_says_why(house: TestHouse) -> None:
    with pytest.raises(Denied):
        await reports.export(house.actor_for("seller"), asked(), "сверка с планом")
    with pytest.raises(Invalid) as refused:
        await reports.export(house.actor_for("head"), asked(), " ")
    assert refused.value.fields == {"reason": "reason_required"}
    await reports.export(house.actor_for("head"), asked(), "сверка с планом")
    with pytest.raises(Denied) as again:
        await reports.export(house.actor_for("head"), asked(Cut.CLIENT), "сверка с планом")
    assert again.value.code == "step_up_needed"


@pytest.mark.parametrize(
    ("span", "code"),
    [
        (Span(date(2026, 2, 2), date(2026, 2, 1)), "period_reversed"),
        (Span(date(2020, 1, 1), date(2026, 2, 1)), "period_too_long"),
    ],
)
async def test_an_impossible_period_is_refused(house: TestHouse, span: Span, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        await reports.sales(house.actor_for("head"), asked(span=span))
    assert refused.value.fields == {"to": code}


# --- what moves a kept day ---

WHICH = OrderSelector(external_id="1044", shop="main")


async def _same_as_counted(house: TestHouse, zone: str = MOSCOW) -> None:
    """Tallies that hold say what the records say."""
    box = ZoneInfo(zone)

    async def compare() -> None:
        known = await lists()
        held = await report_days.kept(zone, *WHOLE)
        for day in days_of(WHOLE, box):
            if day.day not in held:
                continue
            for kind in report_days.Kept:
                fresh = await report_days.count(known, day, [kind])
                kept = await report_days.sums(
                    kind, "kind", (day.day, day.day, zone), report_days.EVERYBODY
                )
                assert summed(figures for _, figures in kept) == summed(fresh.values()), day

    await house.database.read(compare)


@pytest.mark.checklist(44)
async def test_an_old_order_that_moves_moves_its_own_day(house: TestHouse) -> None:
    key = house.shop_key()
    placed = datetime(2026, 1, 10, 20, 59, tzinfo=UTC)  # 23:59 in Moscow
    await orders.place(key, draft(created_at=placed, manager_number=1))
    await orders.place(key, draft("1045", created_at=placed.replace(hour=21, minute=0)))
    await settle(house)
    january = asked(span=Span(date(2026, 1, 9), date(2026, 1, 12)))
    report = await reports.sales(house.actor_for("head"), january)
    days = {one.key: one.now.placed for one in report.rows}
    assert days == {"2026-01-09": 0, "2026-01-10": 1, "2026-01-11": 1, "2026-01-12": 0}
    assert report.kept_days >= 2

    order = (await orders.find_by(key, [WHICH]))[0]
    await orders.set_status(house.system, order.id, "cancel-other")
    await _same_as_counted(house)
    report = await reports.sales(house.actor_for("head"), january)
    tenth = next(one.now for one in report.rows if one.key == "2026-01-10")
    assert (tenth.placed, tenth.cancelled, tenth.sales) == (1, 1, 0)
    await settle(house)
    assert (await reports.sales(house.actor_for("head"), january)).rows == report.rows


async def test_an_order_changed_while_its_day_is_counted_is_not_lost(house: TestHouse) -> None:
    placed = datetime(2026, 1, 10, 9, tzinfo=UTC)
    made = await orders.place(house.shop_key(), draft(created_at=placed))
    day = await reports.due(house.system, MOSCOW)
    while day is not None and day.day != placed.date():
        mark, _ = await reports.clear(house.system, day)
        assert await reports.keep(house.system, day, mark, None, MOSCOW)
        day = await reports.due(house.system, MOSCOW)
    assert day is not None
    mark, _ = await reports.clear(house.system, day)
    counted = await reports.count(house.system, day)
    await orders.set_status(house.system, made.order_id, "cancel-other")
    assert not await reports.keep(house.system, day, mark, counted, MOSCOW)
    first, _ = await reports.clear(house.system, day)  # two counts at once: the later one holds
    second, _ = await reports.clear(house.system, day)
    counted = await reports.count(house.system, day)
    assert not await reports.keep(house.system, day, first, counted, MOSCOW)
    assert await reports.keep(house.system, day, second, counted, MOSCOW)
    span = Span(day.day, day.day)
    unread = await reports.sales(house.actor_for("head"), asked(Cut.SHOP, span))
    assert (unread.kept_days, unread.total.cancelled) == (0, 1)
    assert await reports.keep(house.system, day, second, None, MOSCOW)
    kept = await reports.sales(house.actor_for("head"), asked(Cut.SHOP, span))
    assert (kept.kept_days, kept.total) == (1, unread.total)


async def test_money_counts_on_the_day_it_moved_and_a_refund_on_its_own(house: TestHouse) -> None:
    key = house.shop_key()
    await orders.place(key, draft(created_at=datetime(2026, 1, 5, 9, tzinfo=UTC), manager_number=1))
    paid = PaymentDraft(status="paid", amount=100_000, paid_at=datetime(2026, 1, 8, 9, tzinfo=UTC))
    made = await payments.create(key, WHICH, paid)
    span = Span(date(2026, 1, 4), date(2026, 1, 20))
    await settle(house)

    async def money(name: str = "head") -> dict[str, int]:
        report = await reports.sales(house.actor_for(name), asked(span=span))
        return {one.key: one.now.paid for one in report.rows if one.now.paid}

    assert await money() == {"2026-01-08": 100_000}
    moved = PaymentDraft(paid_at=datetime(2026, 1, 9, 9, tzinfo=UTC))
    await payments.edit(key, PaymentSelector(number=made.number), moved)
    back = PaymentDraft(status="paid", amount=-30_000, paid_at=datetime(2026, 1, 15, 9, tzinfo=UTC))
    await payments.create(key, WHICH, back)
    assert await money() == {"2026-01-09": 100_000, "2026-01-15": -30_000}
    assert await money("seller") == await money()
    await settle(house)
    await orders.edit(house.system, WHICH, OrderChange(manager_number=2))
    assert await money("seller") == {}
    assert await money("rival") == {"2026-01-09": 100_000, "2026-01-15": -30_000}
    await payments.delete(key, PaymentSelector(number=made.number))
    assert await money() == {"2026-01-15": -30_000}


async def test_a_day_is_as_long_as_the_clocks_of_the_box_make_it(house: TestHouse) -> None:
    berlin = "Europe/Berlin"
    key = house.shop_key()
    house.clock.now = datetime(2026, 4, 2, 9, tzinfo=UTC)
    for number, hour in ((1, 22), (2, 23)):  # midnight of 29 March is 23:00 UTC, of 30 March 22:00
        for day in (28, 29):
            at = datetime(2026, 3, day, hour, 30, tzinfo=UTC)
            await orders.place(key, draft(f"{day}-{number}", created_at=at))
    span = Span(date(2026, 3, 28), date(2026, 3, 30))
    wanted = Asked(span=span, cut=Cut.DAY, zone=berlin)
    live = await reports.sales(house.actor_for("head"), wanted)
    while await settle_reports(house.system, berlin):
        pass
    kept = await reports.sales(house.actor_for("head"), wanted)
    assert [one.now.placed for one in kept.rows] == [1, 1, 2]
    assert kept.rows == live.rows
    assert kept.kept_days == 3
    elsewhere = await reports.sales(house.actor_for("head"), asked(span=span))
    assert elsewhere.kept_days == 0  # tallies of another zone's days are no good here
    assert [one.now.placed for one in elsewhere.rows] == [0, 2, 2]


async def test_a_status_that_ends_orders_from_now_on_moves_all_days(house: TestHouse) -> None:
    key = house.shop_key()
    await orders.place(key, draft(created_at=datetime(2026, 1, 5, 9, tzinfo=UTC)))
    await settle(house)
    known = (await house.database.read(lists)).statuses
    first = next(one for one in known.values() if one.is_default)
    assert (await told(house, Cut.DAY)).total.cancelled == 0
    await house.write(lambda: stored.set_status(msgspec.structs.replace(first, group="cancel")))
    assert (await told(house, Cut.DAY)).total.cancelled == 1
