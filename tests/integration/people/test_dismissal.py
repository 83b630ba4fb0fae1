"""Somebody goes: out at once, his work in other hands, and what he saw on paper."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from appliance.actions import dismissal, orders, roles_admin, tasks
from appliance.cli.leaving import write_trail
from appliance.domain.orders import CustomerRef
from appliance.domain.personal import Personal
from appliance.domain.tasks import NewTask
from appliance.errors import Conflict, Denied, HouseError, Invalid
from appliance.jobs import dismissals as job
from tests.house_fixture import TestHouse
from tests.integration.deals.scene import client, deal
from tests.integration.orders.drafts import draft as order_draft

ZONE = ZoneInfo("Europe/Moscow")
SELLER, RIVAL = 1, 2


async def led(house: TestHouse, name: str) -> list[int]:
    """How many clients, orders, deals and open tasks somebody leads."""
    found: list[int] = []
    for table, column in (
        ("customer", "owner_id"), ("orders", "manager_id"), ("deal", "manager_id"),
        ("task", "performer_id"),
    ):  # fmt: skip
        sql = f'SELECT COUNT(*) FROM "{table}" WHERE {column} = {{}}'  # noqa: S608 - our own names
        found.append((await house.rows(sql, house.users[name]))[0][0])  # type: ignore[arg-type]
    return found


@pytest.mark.checklist(137)
async def test_everything_goes_to_the_heir_in_steps_that_may_be_cut_short(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    await roles_admin.seed_presets(house.system)
    number = await client(house)
    await client(house, last="Вторая")
    made = await deal(house, customer_number=number)
    placed = await orders.place(
        house.actor_for("seller"),
        order_draft("d-1", customer_ref=CustomerRef(number=number), manager_number=SELLER),
    )
    assert made and placed
    due = house.clock.now + timedelta(hours=1)
    seller = house.actor_for("seller")
    await tasks.create(seller, NewTask(title=Personal("Позвонить"), due_at=due))
    before = await led(house, "seller")
    assert all(before), before
    boss = house.actor_for("administrator")._replace(step_up=True)
    with pytest.raises(Denied):
        await dismissal.begin(house.actor_for("administrator"), SELLER, RIVAL)
    with pytest.raises(Invalid, match="heir_unfit"):
        await dismissal.begin(boss, SELLER, SELLER)
    await dismissal.begin(boss, SELLER, RIVAL)
    with pytest.raises(Conflict, match="dismissal_running"):
        await dismissal.begin(boss, SELLER, RIVAL)
    active = await house.rows("SELECT active FROM users WHERE number = {}", SELLER)
    assert not active[0][0], "the door is shut before anything is handed over"
    assert await dismissal.step(house.system, house.users["seller"], ZONE, 1)
    monkeypatch.setattr(dismissal, "STEP", 1)
    assert await job.hand_over(house.system, ZONE) == 1
    assert await led(house, "seller") == [0, 0, 0, 0]
    assert await led(house, "rival") == before
    state = await dismissal.state(boss, SELLER)
    assert (state.runs, sum(state.refused.values())) == (False, 0)
    assert state.moved == {"clients": 2, "orders": 1, "deals": 1, "tasks": 1}
    assert await job.hand_over(house.system, ZONE) == 0
    history = await house.rows("SELECT COUNT(*) FROM change_entry WHERE field = 'manager'")
    assert history[0][0] >= 2, "it stands in the histories"  # type: ignore[operator]


def test_a_trail_is_never_written_over_a_file(tmp_path: Path) -> None:
    line = {
        "what": "client", "name": "15", "fields": "name, phone", "times": 3,
        "first": "2026-02-01T09:30:00+00:00", "last": "2026-02-02T09:30:00+00:00",
    }  # fmt: skip
    out = tmp_path / "trail.csv"
    assert write_trail(out, {"lines": [line]}) == 1
    assert '15;"name, phone";3' in out.read_text("utf-8-sig").replace("'", '"') or (
        "15;name, phone;3" in out.read_text("utf-8-sig")
    )
    assert out.stat().st_mode & 0o077 == 0
    with pytest.raises(HouseError, match="file_exists"):
        write_trail(out, {"lines": []})
