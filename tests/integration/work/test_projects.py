"""Projects: what members see, who changes them, when they are closed."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.actions import projects, tasks
from appliance.actions.projects import ProjectDraft
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.domain.tasks import NewTask, Result
from appliance.errors import Conflict, Denied, Invalid, NotFound
from tests.house_fixture import TestHouse


@pytest.mark.checklist(155)
async def test_a_project_is_begun_once_shared_filled_and_closed_when_nothing_is_left(
    house: TestHouse,
) -> None:
    seller, head = house.actor_for("seller"), house.actor_for("head")
    draft = ProjectDraft(name="  Ярмарка   в мае ", members=(head.number,), form=uuid7())
    number = await projects.create(seller, draft)
    assert await projects.create(seller, draft) == number
    due_at = house.clock.now + timedelta(hours=3)
    new = NewTask(title=Personal("Заказать стенд"), due_at=due_at, project=number)
    made = await tasks.create(seller, new)
    found = await projects.card(head, number)
    assert (found.project.name, found.project.tasks, len(found.tasks)) == ("Ярмарка в мае", 1, 1)
    assert set(found.project.members) == {seller.number, head.number}
    with pytest.raises(NotFound):
        await projects.card(house.actor_for("accountant"), number)
    with pytest.raises(Conflict) as left:
        await projects.set_open(seller, number, is_open=False)
    assert left.value.code == "project_has_tasks"
    await tasks.close(seller, made.number, Result(), ZoneInfo("UTC"))
    await projects.set_open(seller, number, is_open=False)
    assert not (await projects.index(head)).projects[0].open
    with pytest.raises(Invalid) as empty:
        await projects.edit(seller, number, ProjectDraft(name=" "))
    assert empty.value.fields == {"name": "project_name_empty"}
    told = await house.rows(
        "SELECT field, kind, old_value, new_value FROM change_entry WHERE entity = 'project'"
    )
    assert told == [
        ("project", "create", None, None),
        ("state", "change", '"open"', '"done"'),
    ]


async def test_a_member_does_not_change_the_project_of_another(house: TestHouse) -> None:
    keeper = house.actor_for("storekeeper")
    draft = ProjectDraft(name="Склад", members=(keeper.number,))
    number = await projects.create(house.actor_for("seller"), draft)
    with pytest.raises(Denied):
        await projects.edit(keeper, number, ProjectDraft(name="Мой склад"))
    await projects.edit(house.actor_for("head"), number, ProjectDraft(name="Склад и двор"))
    with pytest.raises(NotFound):  # the head left him out
        await projects.card(keeper, number)
