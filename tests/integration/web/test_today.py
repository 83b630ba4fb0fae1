"""«Сегодня»: one queue of tasks and orders, plan and fact, the head's team."""

import re
from datetime import timedelta

import pytest

from appliance.actions import day, task_pages, tasks, users
from appliance.domain.personal import Personal
from appliance.domain.tasks import NewTask
from appliance.errors import Denied, Invalid
from tests.web_house import WebHouse

MONTH = "2026-02-01"


async def test_tasks_and_orders_wait_in_one_queue_the_longest_first(world: WebHouse) -> None:
    house = world.house
    house.clock.pass_(days=30)
    new = NewTask(title=Personal("Самая поздняя"), due_at=house.clock.now - timedelta(days=2000))
    await tasks.create(house.actor_for("seller"), new)
    page = (await (await world.browser("seller")).get("/")).text
    queue = page[page.index("data-rows") :]
    assert queue.index("Самая поздняя") < queue.index('data-href="/orders/')
    assert "просрочено" in queue


@pytest.mark.parametrize(
    ("name", "seen", "unseen"),
    [
        ("head", "Команда сегодня", "Состояние коробки"),
        ("administrator", "Состояние коробки", "Мой план"),
        ("storekeeper", "Делать", "Мой план"),
        ("courier", "Делать", "Мой план"),
        ("accountant", "Делать", "Команда сегодня"),
        ("seller", "Мой план", "Команда сегодня"),
    ],
)
@pytest.mark.checklist(156)
async def test_each_role_has_a_first_page_of_its_own(
    world: WebHouse, name: str, seen: str, unseen: str
) -> None:
    await day.set_plan(
        world.house.actor_for("head"), world.house.clock.now.date().replace(day=1), {1: 90_000_000}
    )
    page = await (await world.browser(name)).get("/")
    assert page.status_code == 200
    assert seen in page.text
    assert unseen not in page.text


@pytest.mark.checklist(156)
async def test_a_plan_is_set_by_the_head_and_shown_to_the_seller(door: WebHouse) -> None:
    head = await door.browser("head")
    wrong = await head.post("/plans", {"plan-1": "9,0,0"}, htmx=False)
    assert wrong.status_code == 422
    assert 'value="9,0,0"' in wrong.text
    assert (await head.post("/plans", {"plan-1": "900 000"}, htmx=False)).status_code == 303
    page = await (await door.browser("seller")).get("/")
    assert "900\u00a0000" in page.text
    assert (await (await door.browser("seller")).get("/plans")).status_code == 403


async def test_a_plan_for_nobody_is_refused(door: WebHouse) -> None:
    today = door.house.clock.now.date()
    with pytest.raises(Invalid):
        await day.set_plan(door.house.actor_for("head"), today, {404: 1})
    with pytest.raises(Denied):
        await day.set_plan(door.house.actor_for("seller"), today, {1: 1})


@pytest.mark.checklist(155)
async def test_the_head_sees_done_overdue_and_postponed_of_each_on_one_screen(
    door: WebHouse,
) -> None:
    house = door.house
    seller, head = house.actor_for("seller"), house.actor_for("head")
    for hours in (1, 2, 3):
        due_at = house.clock.now + timedelta(hours=hours)
        await tasks.create(head, NewTask(title=Personal("Т"), due_at=due_at, performer=1))
    await tasks.move(seller, 2, house.clock.now + timedelta(hours=40))
    await (await door.browser("seller")).post("/tasks/1/done")
    house.clock.pass_(hours=5)
    period = "from=2026-02-01&to=2026-02-03"
    file = await (await door.browser("head")).get(f"/tasks/team.csv?{period}")
    assert "Анна Продавцова;1;0;1;1;1" in file.text
    assert "Анна Продавцова" in (await (await door.browser("head")).get("/tasks/team")).text
    with pytest.raises(Denied):
        await task_pages.team(seller, house.clock.now, house.clock.now)


@pytest.mark.checklist(156)
async def test_an_order_put_off_leaves_the_queue_until_its_time_or_its_next_status(
    world: WebHouse,
) -> None:
    seller = await world.browser("seller")
    before = (await seller.get("/")).text
    number = int(re.findall(r'data-later="/orders/(\d+)/later"', before)[0])
    link = f'data-href="/orders/{number}"'
    wrong = await seller.post(f"/orders/{number}/later", {"day": "вчера"})
    assert wrong.status_code == 422
    made = await seller.post(f"/orders/{number}/later", {"by": "2h"})
    assert f"/orders/{number}/back" in made.headers["hx-trigger"]
    page = (await seller.get("/")).text
    shown = page[page.index(link) :]
    assert page.index("Отложено") < page.index(link)
    assert "Вернуть" in shown[: shown.index("</li>")]
    await seller.post(f"/orders/{number}/back")
    assert "Отложено</h2>" not in (await seller.get("/")).text
    await seller.post(f"/orders/{number}/later", {"by": "2h"})
    world.house.clock.pass_(hours=3)
    assert "Отложено</h2>" not in (await seller.get("/")).text
    assert (
        await (await world.browser("administrator")).post(f"/orders/{number}/later", {"by": "2h"})
    ).status_code == 403


@pytest.mark.checklist(156)
async def test_a_department_has_a_plan_of_its_own_and_a_calendar_of_its_people(
    door: WebHouse,
) -> None:
    house = door.house
    await users.add_department(house.system, "sales", "Отдел оптовых продаж")
    await users.set_department(house.system, 1, "sales")
    head = await door.browser("head")
    wrong = await head.post("/plans", {"plan-d:sales": "много"}, htmx=False)
    assert wrong.status_code == 422
    assert 'value="много"' in wrong.text
    targets = {"plan-1": "100 000", "plan-d:sales": "700 000"}
    assert (await head.post("/plans", targets, htmx=False)).status_code == 303
    assert "Отдел оптовых продаж" in (await head.get("/plans")).text
    assert "700\u00a0000" in (await head.get("/")).text  # in place of its people's, not on top
    due_at = house.clock.now + timedelta(hours=2)
    for title, performer in (("Звонок опту", 1), ("Сверка склада", 3)):
        new = NewTask(title=Personal(title), due_at=due_at, performer=performer)
        await tasks.create(house.actor_for("head"), new)
    page = (await head.get("/tasks/calendar?view=day&team=1&department=sales")).text
    assert "Звонок опту" in page
    assert "Сверка склада" not in page
    sheet = await head.get("/tasks/team.xlsx")
    assert sheet.content[:2] == b"PK"
