"""Payment by link: one that works at a time, money written down once, late money never silent."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from appliance.actions import fiscal, orders, pay_chores, pay_links, payments
from appliance.domain.orders import OrderSelector, PaymentDraft
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Denied, Invalid
from appliance.plugin_api.core import Core, Refused
from appliance.plugin_api.pays import PaymentReport, ReceiptReport, RefundReport
from appliance.storage.statements import execute, insert
from appliance.storage.tables import PluginRow
from tests.house_fixture import TestHouse
from tests.integration.papers.scene import entity, order
from tests.integration.plugins.asking import plugin

NAME = "till"
WHOLE = 274_000


async def known(house: TestHouse) -> Core:
    """Have the box know an acquirer; what its plugin holds."""

    async def add() -> None:
        moment = datetime(2026, 5, 1, tzinfo=UTC)
        await insert(
            PluginRow, name=NAME, version="1.0.0", source="box", manifest="", asked="{}",
            state="running", installed_at=moment, changed_at=moment,
        )  # fmt: skip

    await house.write(add)
    return plugin(NAME, permissions=("payments.write",))


async def wishes(house: TestHouse) -> list[str]:
    rows = await house.rows(
        "SELECT payload FROM event_delivery WHERE subscriber = 'plugin:till' ORDER BY id"
    )
    texts = [str(row[0]) for row in rows]
    return [
        one.split('"kind":"')[1].split('"')[0] + ":" + one.split('"deed":"')[1].split('"')[0]
        for one in texts
    ]


async def paid(house: TestHouse, number: int) -> tuple[int, list[int]]:
    who = house.actor_for("accountant")
    view = (await orders.find_by(who, [OrderSelector(number=number)]))[0]
    return view.paid_total, [one.amount for one in view.payments]


async def state(house: TestHouse, number: int) -> list[str]:
    found = await pay_links.of_order(house.actor_for("accountant"), number)
    return [one.state.value for one in found.attempts]


async def tasks(house: TestHouse) -> int:
    return len(await house.rows("SELECT id FROM task"))


def report(key: UUID, **said: object) -> PaymentReport:
    return PaymentReport(id=key, **{"vendor_id": "v-1", **said})  # type: ignore[arg-type]


@pytest.mark.checklist(9)
@pytest.mark.checklist(8)
async def test_a_link_goes_from_issued_to_paid_to_refunded_and_each_counts_once(
    house: TestHouse,
) -> None:
    core, who = await known(house), house.actor_for("accountant")
    await entity(house)
    placed = await order(house)
    made = await pay_links.ask(who, placed.number, NAME)
    with pytest.raises(Conflict) as refused:
        await pay_links.ask(who, placed.number, NAME)
    assert refused.value.code == "link_active"
    asked = await core.pays.payment(made)
    assert asked is not None
    assert (asked.wished, asked.amount) == ("create", WHOLE)
    assert sum(one.total for one in asked.lines) == WHOLE
    assert [one.vat for one in asked.lines] == [2200, None]
    pending = report(made, done="create", state="pending", url="https://pay.example/1")
    settled = report(
        made, state="paid", way="sbp", receipt="waiting",
        payer=Personal({"payer_name": "АННА С.", "payer_card": "427612••••9012"}),
    )  # fmt: skip
    # In any order, and every one twice: the money counts once, what is late changes nothing.
    for one in (settled, pending, settled, pending):
        await core.pays.report(one)
    assert await state(house, placed.number) == ["paid"]
    assert await paid(house, placed.number) == (WHOLE, [WHOLE])
    view = (await orders.find_by(who, [OrderSelector(number=placed.number)]))[0]
    payer = view.payments[0].payer
    assert payer is not None
    assert (payer.reveal().name, payer.reveal().card) == ("АННА С.", "•••• 9012")
    assert payer.reveal().reference == "v-1"
    with pytest.raises(Invalid):
        await pay_links.refund(who, made, WHOLE + 1)
    back = await pay_links.refund(who, made, 74_000)
    with pytest.raises(Invalid):
        await pay_links.refund(who, made, WHOLE - 74_000 + 1)  # some of it is on its way already
    for _ in range(2):
        await core.pays.report_refund(RefundReport(id=back, state="done", vendor_id="r-1"))
    assert await paid(house, placed.number) == (WHOLE - 74_000, [WHOLE, -74_000])
    assert await state(house, placed.number) == ["partly_refunded"]
    # The rest goes back by the acquirer's own cabinet: the box follows, once.
    for _ in range(2):
        await core.pays.report(report(made, state="paid", refunded=WHOLE))
    assert await paid(house, placed.number) == (0, [WHOLE, -74_000, 74_000 - WHOLE])
    assert await state(house, placed.number) == ["refunded"]
    assert await wishes(house) == ["payment:create", "refund:create"]
    assert await tasks(house) == 0
    with pytest.raises(Denied):
        await pay_links.ask(house.actor_for("storekeeper"), placed.number, NAME)
    stranger = plugin("other", permissions=("payments.write",))
    assert await stranger.pays.payment(made) is None
    with pytest.raises(Refused):
        await stranger.pays.report(settled)


async def test_money_that_comes_after_all_becomes_a_task_and_is_never_lost(
    house: TestHouse,
) -> None:
    core, who = await known(house), house.actor_for("accountant")
    await entity(house)
    late, twice = await order(house, "late"), await order(house, "twice")
    first = await pay_links.ask(who, late.number, NAME)
    await pay_links.take_back(who, first)
    await orders.set_status(house.actor_for("head"), late.order_id, "cancel-other")
    await core.pays.report(report(first, state="paid"))
    assert await paid(house, late.number) == (WHOLE, [WHOLE])
    assert await tasks(house) == 1
    second = await pay_links.ask(who, twice.number, NAME)
    await core.pays.report(report(second, vendor_id="v-2", state="pending"))
    await payments.receive(who, twice.number, PaymentDraft(type="cash"))
    await core.pays.report(report(second, vendor_id="v-2", state="paid"))
    assert (await paid(house, twice.number))[0] == 2 * WHOLE
    assert await tasks(house) == 2
    unknown = await order(house, "unknown")
    third = await pay_links.ask(who, unknown.number, NAME)
    await core.pays.report(report(third, vendor_id="v-3", raw="what_is_this"))
    assert await state(house, unknown.number) == ["created"]
    await core.pays.report(
        report(third, vendor_id="v-3", done="create", state="failed", reason="fraud_suspected")
    )
    assert await state(house, unknown.number) == ["failed"]
    assert await pay_links.ask(who, unknown.number, NAME, 100) != third


async def test_a_hold_is_taken_when_the_order_is_packed_and_its_end_is_told_before(
    house: TestHouse,
) -> None:
    core, who = await known(house), house.actor_for("accountant")
    await entity(house)
    placed = await order(house)
    made = await pay_links.ask(who, placed.number, NAME, two_stage=True)
    until = house.clock() + timedelta(days=3)
    await core.pays.report(report(made, state="authorized", done="create", capture_by=until))
    assert await paid(house, placed.number) == (0, [])
    assert await pay_chores.run(house.system) == 0
    house.clock.pass_(days=2, hours=1)
    assert [await pay_chores.run(house.system) for _ in range(2)] == [1, 0]
    assert await tasks(house) == 1
    await orders.set_status(house.system, placed.order_id, "assembling-complete")
    assert [await pay_chores.run(house.system) for _ in range(2)] == [1, 0]
    assert await wishes(house) == ["payment:create", "payment:capture"]
    await core.pays.report(report(made, state="paid", done="capture"))
    assert await paid(house, placed.number) == (WHOLE, [WHOLE])


async def test_what_was_prepaid_gets_its_second_receipt_and_a_refused_one_is_an_alarm(
    house: TestHouse,
) -> None:
    core, who = await known(house), house.actor_for("accountant")
    await entity(house)
    placed = await order(house)
    made = await pay_links.ask(who, placed.number, NAME)
    await core.pays.report(report(made, state="paid", receipt="waiting"))
    await core.pays.report(report(made, receipt="done"))
    assert await pay_chores.run(house.system) == 0
    house.clock.pass_(hours=1)

    async def hand_over() -> None:
        await execute(
            "UPDATE orders SET delivered_at = {} WHERE id = {}", house.clock(), placed.order_id
        )

    await house.write(hand_over)
    assert [await pay_chores.run(house.system) for _ in range(2)] == [1, 0]
    assert (await wishes(house))[-1] == "receipt:create"
    (second,) = (await core.pays.open()).receipts
    assert {one.mode.value for one in second.lines} == {"full_payment"}
    assert sum(one.total for one in second.lines) == WHOLE
    failed = ReceiptReport(id=second.id, state="failed", reason="fiscal_storage_full")
    for _ in range(2):
        await core.pays.report_receipt(failed)
    assert await tasks(house) == 1


async def test_payments_without_a_receipt_are_listed_until_its_number_is_typed_in(
    house: TestHouse,
) -> None:
    who = house.actor_for("accountant")
    await entity(house)
    placed = await order(house)
    cash = await payments.receive(who, placed.number, PaymentDraft(type="cash", amount=100_000))
    await payments.receive(who, placed.number, PaymentDraft(type="bank-transfer", amount=1000))
    assert (await fiscal.without(who)).rows == ()  # nobody asked for the list yet
    await fiscal.set_rules(who, ("cash", "bank-card"), on=True)
    assert [one.number for one in (await fiscal.without(who)).rows] == [cash.number]
    with pytest.raises(Invalid):
        await fiscal.typed(who, cash.number, "  ")
    await fiscal.typed(who, cash.number, " ФД 1024 ")
    assert (await fiscal.without(who)).rows == ()
    with pytest.raises(Conflict):
        await fiscal.typed(who, cash.number, "ФД 1025")
    rows = await house.rows("SELECT told, total, state FROM receipt")
    assert rows == [("ФД 1024", 100_000, "done")]
