"""Who gets an order, by which rule; the queue; alarms on orders that wait too long."""

import asyncio
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest

from appliance.actions import assignment, orders, references
from appliance.actions.assignment import raise_alarms, take_next
from appliance.domain.assignment import Alarms, Rule, Spreading
from appliance.errors import Conflict, Denied, NotFound
from appliance.storage.statements import execute
from tests.house_fixture import PEOPLE, TestHouse
from tests.integration.orders.drafts import FREE, LAMP, draft

ZONE = ZoneInfo("Europe/Moscow")


async def incoming(house: TestHouse, at: int, **changes: Any) -> int:
    """An order of somebody new; its number."""
    phone = f"8 (912) 000-{at // 100:02d}-{at % 100:02d}"
    given = draft(changes.pop("external_id", f"A-{at}"), phone=phone, **changes)
    mail = msgspec.structs.replace(given.customer, contacts=given.customer.contacts[1:])
    return (await orders.place(house.system, msgspec.structs.replace(given, customer=mail))).number


async def managers(house: TestHouse) -> list[tuple[object, ...]]:
    """Manager's number and reason of every order, in order."""
    return await house.rows(
        "SELECT COALESCE(u.number, 0), o.assigned_by FROM orders o "
        "LEFT JOIN users u ON u.id = o.manager_id ORDER BY o.number"
    )


async def rule(house: TestHouse, name: str, **changes: Any) -> int:
    return await assignment.put_rule(house.actor_for("head"), Rule(name=name, **changes))


@pytest.mark.checklist(104)
async def test_a_hundred_orders_are_shared_evenly_and_none_stays_without_a_manager(
    house: TestHouse,
) -> None:
    people = tuple(PEOPLE[name][0] for name in ("seller", "rival", "operator", "head"))
    await rule(house, "Всем по очереди", people=people, way=Spreading.ROUND_ROBIN)
    for at in range(100):
        await incoming(house, at, lines=(FREE,))
    found = [row[0] for row in await managers(house)]
    assert {one: found.count(one) for one in set(found)} == dict.fromkeys(people, 25)


@pytest.mark.checklist(105)
async def test_a_vip_goes_to_the_manager_of_vips_even_if_others_are_free(house: TestHouse) -> None:
    await references.set_assignment(house.system, Spreading.LEAST_LOADED)
    await rule(house, "VIP", vip=True, people=(2,), way=Spreading.LEAST_LOADED)
    given = draft("V")
    vip = msgspec.structs.replace(given.customer, vip=True)
    await orders.place(house.system, msgspec.structs.replace(given, customer=vip))
    assert await managers(house) == [(2, "least_loaded")]
    parts = await house.rows("SELECT part FROM change_entry WHERE field = 'manager'")
    assert "VIP" in str(parts)


@pytest.mark.checklist(94)
async def test_rules_are_asked_in_their_order_after_the_clients_own_manager(
    house: TestHouse,
) -> None:
    head = house.actor_for("head")
    wholesale = await rule(house, "Опт", order_types=("eshop-legal",), people=(6,))
    dear = await rule(house, "Дорогие", least_total=200_000, people=(3,))
    await rule(house, "Никого", people=(), department="нет-такого")  # nobody there: the next one
    await incoming(house, 1, order_type="eshop-legal", lines=(LAMP,))
    await incoming(house, 2, lines=(LAMP,))
    await incoming(house, 3, lines=(FREE,))
    await assignment.move_rule(head, dear, -1)
    await incoming(house, 4, order_type="eshop-legal", lines=(LAMP,))
    await incoming(house, 1, external_id="again", lines=(LAMP,))
    assert [row[0] for row in await managers(house)] == [6, 3, 0, 3, 6]
    assert (await managers(house))[4][1] == "client_owner"
    assert wholesale != dear


@pytest.mark.checklist(106)
async def test_people_who_take_from_the_queue_at_once_get_different_orders(
    house: TestHouse,
) -> None:
    await references.set_assignment(house.system, Spreading.QUEUE)
    for at in range(6):
        await incoming(house, at)
    assert set(await managers(house)) == {(0, "queue")}

    async def take(name: str) -> int | None:
        try:
            return await take_next(house.actor_for(name))
        except (Conflict, NotFound):
            return None

    taken = await asyncio.gather(*(take(name) for name in ("seller", "rival", "operator") * 3))
    got = [one for one in taken if one is not None]
    assert len(got) == 6
    assert len(set(got)) == 6
    assert {row[1] for row in await managers(house)} == {"taken"}
    with pytest.raises(NotFound):
        await take_next(house.actor_for("seller"))


async def test_a_storekeeper_takes_no_order_and_a_seller_changes_no_rule(house: TestHouse) -> None:
    with pytest.raises(Denied):
        await take_next(house.actor_for("storekeeper"))
    with pytest.raises(Denied):
        await assignment.put_rule(house.actor_for("seller"), Rule(name="Мне"))


async def test_a_trial_of_the_rules_changes_nothing(house: TestHouse) -> None:
    for at in range(4):
        await incoming(house, at)
    await rule(house, "Всё Борису", people=(2,), way=Spreading.RANDOM)
    before = await managers(house)
    tried = await assignment.dry_run(house.actor_for("head"))
    assert [(one.would_be, one.rule) for one in tried] == [(2, "Всё Борису")] * 4
    assert await managers(house) == before


@pytest.mark.checklist(104)
async def test_an_order_nobody_touched_raises_one_alarm_in_working_hours(house: TestHouse) -> None:
    house.clock.now = house.clock.now.replace(month=3, day=6, hour=14)  # Friday, 17:00 in Moscow
    await incoming(house, 1)
    house.clock.pass_(hours=10)
    assert await raise_alarms(house.system, ZONE) == 0  # the working day ended an hour later
    house.clock.now = house.clock.now.replace(day=10, hour=8)  # Tuesday after a holiday
    assert await raise_alarms(house.system, ZONE) == 1
    assert await raise_alarms(house.system, ZONE) == 0
    told = await house.rows("SELECT kind FROM notice ORDER BY kind")
    assert ("order.untouched",) in told
    assert len(await house.rows("SELECT id FROM task")) == 1


async def test_orders_of_a_base_that_was_brought_in_bury_nobody_under_tasks(
    house: TestHouse,
) -> None:
    await incoming(house, 1)
    house.clock.pass_(days=40)
    number = await incoming(house, 2)
    house.clock.pass_(days=5)
    assert await raise_alarms(house.system, ZONE) == 1
    told = await house.rows("SELECT entity_number FROM notice WHERE kind = 'order.untouched'")
    assert set(told) == {(number,)}


@pytest.mark.checklist(110)
async def test_a_confirmed_order_nobody_paid_warns_its_manager_with_a_task(
    house: TestHouse,
) -> None:
    await references.set_assignment(house.system, Spreading.LEAST_LOADED)
    number = await incoming(house, 1, lines=(LAMP,))
    (order_id,) = (await house.rows("SELECT id FROM orders WHERE number = {}", number))[0]
    assert isinstance(order_id, UUID)
    await orders.set_status(house.system, order_id, "client-confirmed")
    alarms = Alarms(untouched_hours=0, unpaid_hours=4)
    await assignment.set_others(house.actor_for("head"), Spreading.LEAST_LOADED, alarms)
    house.clock.pass_(hours=3)
    assert await raise_alarms(house.system, ZONE) == 0
    house.clock.pass_(days=3)
    assert await raise_alarms(house.system, ZONE) == 1
    rows = await house.rows(
        "SELECT n.kind FROM notice n JOIN users u ON u.id = n.user_id WHERE u.number = 1"
    )
    assert ("order.unpaid",) in rows
    performers = await house.rows(
        "SELECT u.number FROM task t JOIN users u ON u.id = t.performer_id"
    )
    assert performers == [(1,)]
    await house.write(lambda: execute("UPDATE orders SET paid_total = total"))
    assert await raise_alarms(house.system, ZONE) == 0
