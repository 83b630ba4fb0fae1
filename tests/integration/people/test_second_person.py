"""Four eyes: keys and places of copies change when another administrator agreed to just that."""

from datetime import timedelta

import pytest

from appliance.actions import agreements, backups, box, roles_admin, upkeep
from appliance.domain.access import Actor, ActorKind
from appliance.domain.agreements import Deed, Hands
from appliance.domain.backups import CopyPlan
from appliance.domain.health import Deciding, Queue, State, judge
from appliance.domain.personal import Personal
from appliance.errors import HouseError
from appliance.storage.statements import execute
from tests.house_fixture import TestHouse
from tests.tui.test_health import MACHINE

CHANGE = "passphrase added"
PLAN = CopyPlan(targets=("/mnt/elsewhere",))


async def refused(work: object) -> str:
    with pytest.raises(HouseError) as error:
        await work  # type: ignore[misc]
    return error.value.code


async def two(house: TestHouse) -> tuple[Actor, Actor]:
    """Two administrators, each in a browser of his own."""
    first = house.actor_for("administrator")._replace(step_up=True, session="aaaaaaaa")
    await roles_admin.seed_presets(house.system)
    second_id = house.users["head"]
    await house.database.write(
        lambda: execute("UPDATE users SET roles = 'administrator' WHERE id = {}", second_id)
    )
    second = first._replace(id=second_id, number=6, session="bbbbbbbb")
    return first, second


async def test_a_change_of_keys_waits_for_another_administrator_and_is_used_up(
    house: TestHouse,
) -> None:
    first, second = await two(house)
    assert await refused(box.change_slots(first, CHANGE)) == "agreement_needed"
    asked = await agreements.ask(first, Deed.SLOTS, CHANGE)
    assert (await agreements.ask(first, Deed.SLOTS, CHANGE)).number == asked.number
    told = await house.rows("SELECT user_id, entity_number FROM notice WHERE kind = 'hands.wait'")
    assert told == [(second.id, asked.number)], "the one who may agree, once; not who asks"
    assert (await upkeep.look(house.system)).deciding.asked == 1
    red = judge(MACHINE, Queue(), (), house.clock.now, deciding=Deciding(asked=1, approvals=1))
    assert {"hands.wait", "approvals.wait"} <= {x.code for x in red if x.state is State.BAD}
    assert await refused(agreements.agree(first, asked.number)) == "approve_own"
    same = second._replace(session=first.session)
    assert await refused(agreements.agree(same, asked.number)) == "approve_same_session"
    nobody = second._replace(kind=ActorKind.CONSOLE, number=0)
    assert await refused(agreements.agree(nobody, asked.number)) == "approve_nobody"
    await agreements.agree(second, asked.number)
    assert (await upkeep.look(house.system)).deciding.asked == 0
    assert await refused(agreements.agree(second, asked.number)) == "approved_already"
    other = box.change_slots(first, "slot 2 removed")
    assert await refused(other) == "agreement_needed", "agreed was to another change"
    assert await refused(box.change_slots(second, CHANGE)) == "agreement_needed", "and to another"
    await box.change_slots(first, CHANGE)
    assert await refused(box.change_slots(first, CHANGE)) == "agreement_needed", "once"

    again = await agreements.ask(first, Deed.SLOTS, CHANGE)
    house.clock.now += timedelta(days=3)
    assert await refused(agreements.agree(second, again.number)) == "agreement_not_found"
    moved = await agreements.ask(first, Deed.COPIES, PLAN.places)
    await agreements.refuse(second, moved.number)
    assert await refused(backups.change_plan(first, PLAN, moves=True)) == "agreement_needed"
    await backups.change_plan(first, PLAN)  # how often and how many: one is enough


async def test_who_is_alone_goes_on_unless_two_are_asked_for_in_any_case(house: TestHouse) -> None:
    first = house.actor_for("administrator")._replace(step_up=True, session="aaaaaaaa")
    await roles_admin.seed_presets(house.system)
    root = house.system._replace(kind=ActorKind.CONSOLE, number=0, grants=first.grants)
    await box.change_slots(first, CHANGE)
    await agreements.set_hands(first, Hands.ALWAYS)
    assert await refused(box.change_slots(root, CHANGE)) == "agreement_named"
    assert await refused(box.change_slots(first, CHANGE)) == "agreement_needed"
    assert await refused(agreements.set_hands(first, Hands.AUTO)) == "agreement_needed"
    asked = await agreements.ask(first, Deed.SLOTS, CHANGE)
    code = house.vault.replace_recovery_code().text
    wrong = agreements.agree_by_code(first, asked.number, Personal("A" * 36))
    assert (await refused(wrong)).startswith("recovery_code")
    await agreements.agree_by_code(first, asked.number, Personal(code))
    house.clock.now += timedelta(hours=71)
    assert await refused(box.change_slots(first, CHANGE)) == "agreement_needed", "the pause runs"
    house.clock.now += timedelta(hours=1)
    await box.change_slots(first, CHANGE)
