"""One field of many records: a look first, the change in steps, all of it back by one press."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.actions import bulk, customers, deeds, orders, tasks
from appliance.actions.bulk import Choice
from appliance.domain.access import Actor
from appliance.domain.bulk import MOST_AT_ONCE, BulkChange, BulkState, Section
from appliance.domain.client_lists import BARE
from appliance.domain.customers import CustomerChange
from appliance.domain.orders import OrderFilter
from appliance.domain.personal import Personal
from appliance.domain.tasks import NewTask, TaskFilter
from appliance.errors import Denied, Invalid, NotFound
from appliance.jobs.bulk import BulkEditor
from appliance.roles import PRESETS
from appliance.storage import roles_store
from tests.house_fixture import SHOP, TestHouse
from tests.integration.clients.people import added, phone, ref
from tests.integration.duplicates.pairs import anna, card, order_of

ZONE = ZoneInfo("Europe/Moscow")


def to(section: Section, field: str, value: str) -> BulkChange:
    return BulkChange(section=section, field=field, value=value)


async def status_of(house: TestHouse, number: int) -> str:
    rows = await house.rows("SELECT status FROM orders WHERE number = {}", number)
    return str(rows[0][0])


async def hold_roles(house: TestHouse) -> None:
    """Keep the preset roles, as a box does: a change in steps asks for its maker's rights anew."""

    async def put() -> None:
        for code, grants in PRESETS.items():
            await roles_store.put(code, code, roles_store.written(grants), preset=True)

    await house.database.write(put)


async def newest(house: TestHouse, actor: Actor) -> bulk.Done | None:
    deed = (await deeds.mine(actor)).rows[0]
    job = await bulk.take_back(actor, deed.id)
    return None if job is None else bulk.Done((await bulk.progress(actor, job)).outcome, job)


async def test_a_look_says_what_changes_what_is_so_and_what_is_refused_and_writes_nothing(
    house: TestHouse,
) -> None:
    head, one = house.actor_for("head"), await anna(house)
    made = [await order_of(house, one.number, str(n)) for n in range(4)]
    target = made[0].next_statuses[0].code
    await orders.set_status(house.system, made[1].id, target)
    await orders.set_status(house.shop_key(), made[2].id, "complete")
    numbers = tuple(order.number for order in made)
    before = [await status_of(house, number) for number in numbers]
    looked = await bulk.look(
        head, to(Section.ORDERS, "status", target), Choice((*numbers, 99_999)), ZONE
    )
    assert (looked.outcome.changed, looked.outcome.same, looked.total) == (2, 1, 5)
    assert {(one.code, one.numbers) for one in looked.outcome.refused} == {
        ("status_move_refused", (made[2].number,)),
        ("order_not_found", (99_999,)),
    }
    assert [await status_of(house, number) for number in numbers] == before
    done = await bulk.apply(
        head, to(Section.ORDERS, "status", target), Choice((*numbers, 99_999)), ZONE
    )
    assert done.job is None and done.outcome.changed == 2
    assert await status_of(house, made[0].number) == target
    assert await newest(house, head) is None
    assert [await status_of(house, number) for number in numbers] == before


async def test_tags_and_managers_of_clients_change_and_come_back(house: TestHouse) -> None:
    head = house.actor_for("head")
    people = [
        await added(house, contacts=(phone(f"+7 495 000-00-0{n}"),), tags=("опт",) if n else ())
        for n in range(3)
    ]
    numbers = tuple(one.number for one in people)
    for field, value in (("tag_add", "выставка"), ("manager", "1"), ("vip", "1")):
        done = await bulk.apply(head, to(Section.CLIENTS, field, value), Choice(numbers), ZONE)
        assert done.outcome.changed == 3
    done = await bulk.apply(head, to(Section.CLIENTS, "tag_drop", "опт"), Choice(numbers), ZONE)
    assert (done.outcome.changed, done.outcome.same) == (2, 1)
    # Somebody changes one of them since: his change stays, the others come back.
    await customers.edit(house.system, SHOP, ref(numbers[0]), CustomerChange(vip=False))
    for _ in range(4):
        found = [one for one in (await deeds.mine(head)).rows if one.state == "open"]
        await bulk.take_back(head, next(one for one in found if one.undoes is None).id)
    views = [await card(house, number) for number in numbers]
    assert [(set(one.tags), one.vip, one.owner_number) for one in views] == [
        (set(), False, None),
        ({"опт"}, False, None),
        ({"опт"}, False, None),
    ]


async def test_tasks_get_another_day_and_performer_and_come_back(house: TestHouse) -> None:
    head = house.actor_for("head")
    due = datetime(2027, 3, 1, 11, tzinfo=UTC)
    made = [
        await tasks.create(head, NewTask(title=Personal(f"Дело {n}"), due_at=due)) for n in range(3)
    ]
    numbers = tuple(one.number for one in made)
    await tasks.cancel(head, numbers[2])
    done = await bulk.apply(head, to(Section.TASKS, "due", "2027-03-05"), Choice(numbers), ZONE)
    assert (done.outcome.changed, [one.code for one in done.outcome.refused]) == (
        2,
        ["task_closed"],
    )
    rows = await house.rows("SELECT due_at, postponed FROM task ORDER BY number")
    assert [(moment, count) for moment, count in rows[:2]] == [(due + timedelta(days=4), 1)] * 2
    assert (await deeds.look(head, done.outcome.set_id)).works  # pyright: ignore[reportArgumentType]
    await newest(house, head)
    rows = await house.rows("SELECT due_at, postponed FROM task ORDER BY number")
    assert rows == [(due, 0)] * 3
    await bulk.apply(head, to(Section.TASKS, "cancel", "1"), Choice(numbers), ZONE)
    await newest(house, head)
    rows = await house.rows("SELECT state FROM task ORDER BY number")
    assert rows == [("open",), ("open",), ("cancelled",)]


async def test_all_of_a_filter_changes_in_steps_and_comes_back_in_steps(house: TestHouse) -> None:
    head = house.actor_for("head")
    await hold_roles(house)
    due = datetime(2027, 3, 1, 11, tzinfo=UTC)
    count = MOST_AT_ONCE + 10
    for n in range(count):
        await tasks.create(head, NewTask(title=Personal(f"Дело {n}"), due_at=due))
    change = to(Section.TASKS, "due", "2027-04-01")
    looked = await bulk.look(head, change, Choice(asked=TaskFilter(mine=True)), ZONE)
    assert (looked.total, looked.outcome.changed) == (count, count)
    done = await bulk.apply(head, change, Choice(asked=TaskFilter(mine=True)), ZONE)
    assert done.job is not None
    assert await bulk.step((await bulk.work(house.system))[0].maker, done.job, ZONE)
    half = await bulk.progress(head, done.job)
    assert (half.state, half.outcome.changed, half.total) == (
        BulkState.RUNNING, bulk.STEP, count,
    )  # fmt: skip
    # The process dies here: another one goes on behind the records that are done.
    await BulkEditor(house.system, ZONE).run()
    view = await bulk.progress(head, done.job)
    assert (view.state, view.outcome.changed) == (BulkState.DONE, count)
    assert await house.rows("SELECT COUNT(*) FROM task WHERE postponed = 1") == [(count,)]
    with pytest.raises(NotFound):
        await bulk.progress(house.actor_for("seller"), done.job)
    back = await newest(house, head)
    assert back is not None and back.job is not None
    await BulkEditor(house.system, ZONE).run()
    view = await bulk.progress(head, back.job)
    assert (view.state, view.back, view.outcome.changed) == (BulkState.DONE, True, count)
    assert await house.rows("SELECT COUNT(*) FROM task WHERE postponed = 0") == [(count,)]


async def test_a_change_that_was_stopped_leaves_the_rest(house: TestHouse) -> None:
    head, one = house.actor_for("head"), await anna(house)
    made = [await order_of(house, one.number, str(n)) for n in range(MOST_AT_ONCE + 1)]
    change = to(Section.ORDERS, "manager", "1")
    done = await bulk.apply(head, change, Choice(asked=OrderFilter()), ZONE)
    assert done.job is not None
    await bulk.step(head, done.job, ZONE)
    await bulk.stop(head, done.job)
    await BulkEditor(house.system, ZONE).run()
    rows = await house.rows("SELECT COUNT(*) FROM orders WHERE manager_id IS NOT NULL")
    assert rows == [(bulk.STEP,)]
    assert len(made) > bulk.STEP


async def test_whoever_may_not_change_the_field_changes_nothing(house: TestHouse) -> None:
    one = await anna(house)
    order = await order_of(house, one.number, "1")
    for role, change in (
        ("seller", to(Section.ORDERS, "manager", "1")),
        ("seller", to(Section.CLIENTS, "manager", "1")),
        ("storekeeper", to(Section.ORDERS, "method", "phone")),
        ("accountant", to(Section.CLIENTS, "tag_add", "опт")),
    ):
        for deed in (bulk.look, bulk.apply):
            with pytest.raises(Denied):
                await deed(house.actor_for(role), change, Choice((order.number,)), ZONE)
    # A seller changes his own only: for him the others are not there.
    seller = house.actor_for("seller")
    done = await bulk.apply(
        seller, to(Section.CLIENTS, "tag_add", "опт"), Choice((one.number,)), ZONE
    )
    assert [one.code for one in done.outcome.refused] == ["customer_not_found"]


@pytest.mark.parametrize(
    ("section", "field", "value"),
    [
        (Section.ORDERS, "status", "нет такого"),
        (Section.ORDERS, "ship_day", "31.02"),
        (Section.ORDERS, "summary", "x"),
        (Section.CLIENTS, "tag_add", "  "),
        (Section.CLIENTS, "manager", "-1"),
        (Section.TASKS, "performer", "0"),
        (Section.TASKS, "performer", "999"),
    ],
)
async def test_a_value_no_record_could_take_is_refused_at_once(
    house: TestHouse, section: Section, field: str, value: str
) -> None:
    with pytest.raises(Invalid):
        await bulk.look(house.actor_for("head"), to(section, field, value), Choice((1,)), ZONE)


async def test_nothing_chosen_is_said_so(house: TestHouse) -> None:
    change = to(Section.CLIENTS, "vip", "1")
    with pytest.raises(Invalid, match="bulk_nothing"):
        await bulk.apply(house.actor_for("head"), change, Choice(asked=BARE), ZONE)
