"""Tasks in the staff door: list, quick line, forms, calendar, notices."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.actions import tasks
from appliance.domain.ids import uuid7
from appliance.domain.personal import Personal
from appliance.domain.tasks import NewTask, end_of_day
from tests.sent_forms import form_of
from tests.web_house import WebHouse

ZONE = ZoneInfo("Europe/Moscow")


async def set_task(door: WebHouse, name: str, title: str, **hours: float) -> int:
    due_at = door.house.clock.now + timedelta(**hours)
    new = NewTask(title=Personal(title), due_at=due_at)
    return (await tasks.create(door.house.actor_for(name), new)).number


@pytest.mark.checklist(149)
async def test_a_typed_line_becomes_a_task_for_a_colleague_with_an_order(door: WebHouse) -> None:
    head = await door.browser("head")
    line = "перезвонить завтра в 14 @seller"
    preview = await head.post("/tasks/understand", {"q": line})
    assert "Завтра, 14:00" in preview.text
    assert "Анна Продавцова" in preview.text
    made = await head.post("/tasks/quick", {"q": line})
    assert made.status_code == 204
    assert "work-changed" in made.headers["hx-trigger"]
    page = await (await door.browser("seller")).get("/tasks")
    assert "перезвонить" in page.text
    assert "завтра 14:00" in page.text


async def test_what_is_due_at_any_time_today_counts_as_today(door: WebHouse) -> None:
    due_at = end_of_day(door.house.clock.now.astimezone(ZONE).date(), ZONE)
    await tasks.create(
        door.house.actor_for("seller"), NewTask(title=Personal("Позвонить"), due_at=due_at)
    )
    page = await (await door.browser("seller")).get("/tasks")
    assert "Сегодня <b>1</b>" in page.text
    assert "Дальше <b>0</b>" in page.text
    bell = await (await door.browser("seller")).get("/notices/bell")
    assert '"tasks": 1' in bell.text.replace("&#34;", '"')


async def test_a_page_that_is_not_there_keeps_the_frame_of_the_work(
    door: WebHouse,
) -> None:
    seller = await door.browser("seller")
    for path, status, words in (
        ("/tasks/9999999", 404, "Страница не найдена"),
        ("/mail", 403, "Нет права на это действие"),
    ):
        page = await seller.get(path)
        assert page.status_code == status
        assert words in page.text
        assert 'aria-label="Разделы"' in page.text


async def test_a_line_for_nobody_known_says_so_and_sets_nothing(door: WebHouse) -> None:
    answer = await (await door.browser("head")).post("/tasks/quick", {"q": "сверить @никто"})
    assert answer.status_code == 422
    assert "Такого сотрудника нет" in answer.text
    assert await door.house.rows("SELECT 1 FROM task") == []


async def test_a_wrong_field_of_the_form_keeps_what_was_typed(door: WebHouse) -> None:
    seller = await door.browser("seller")
    answer = await seller.post("/tasks", {"title": "Отвезти образцы", "day": "32.13"})
    assert answer.status_code == 422
    assert 'value="Отвезти образцы"' in answer.text
    assert 'value="32.13"' in answer.text
    assert "aria-invalid" in answer.text


@pytest.mark.checklist(6)
async def test_two_people_on_one_task_and_one_project_lose_nothing_of_each_other(
    door: WebHouse,
) -> None:
    number = await set_task(door, "seller", "Отвезти образцы", hours=3)
    seller, head = await door.browser("seller"), await door.browser("head")
    address = f"/tasks/{number}"
    mine = form_of((await head.get(f"{address}/edit")).text, "")
    theirs = form_of((await seller.get(f"{address}/edit")).text, "")
    first = {"title": "Отвезти посуду", "items": "Чашки\r\nБлюдца", "clock": "18:00"}
    assert (await seller.post(address, theirs | first)).status_code == 204
    asked = await head.post(address, mine | {"title": "Отвезти чашки", "text": "К обеду"})
    assert asked.status_code == 409
    for text in ("Отвезти образцы", "Отвезти посуду", "Отвезти чашки", "Время, Список дел"):
        assert text in asked.text, text
    again = form_of(asked.text, "")
    assert (again["clock"], again["items"]) == (["18:00"], ["Чашки\nБлюдца"])
    assert (await head.post(address, again | {"take-title": "theirs"})).status_code == 204
    stored = form_of((await head.get(f"{address}/edit")).text, "")
    assert (stored["title"], stored["text"]) == (["Отвезти посуду"], ["К обеду"])

    made = await head.post("/tasks/projects", {"name": "Ярмарка", "form": str(uuid7())})
    project = made.headers["hx-redirect"]
    one = form_of((await head.get(f"{project}/edit")).text, "")
    assert (await head.post(project, one | {"name": "Ярмарка в мае"})).status_code == 204
    late = await head.post(project, one | {"name": "Выставка"})
    assert late.status_code == 409 and "Ярмарка в мае" in late.text
    sure = form_of(late.text, "")
    assert sure["name"] == ["Выставка"]
    assert (await head.post(project, sure)).status_code == 204


async def test_a_call_asks_what_came_of_it_before_it_is_done(door: WebHouse) -> None:
    seller = await door.browser("seller")
    await seller.post("/tasks/quick", {"q": "позвонить в 23:50"})
    asked = await seller.get("/tasks/1/done", hx_request="true")
    assert "Не дозвонились" in asked.text
    assert (await seller.post("/tasks/1/done", {})).status_code == 422
    assert (await seller.post("/tasks/1/done", {"result": "no-answer"})).status_code == 204


@pytest.mark.checklist(155)
async def test_postponing_is_undone_from_its_message(door: WebHouse) -> None:
    number = await set_task(door, "seller", "Сверить", hours=1)
    seller = await door.browser("seller")
    answer = await seller.post(f"/tasks/{number}/later?version=1", {"by": "tomorrow"})
    assert f"/tasks/{number}/undo?version=2" in answer.headers["hx-trigger"]
    assert "отложена 1 раз" in (await seller.get("/tasks")).text
    await seller.post(f"/tasks/{number}/undo?version=2")
    assert "отложена" not in (await seller.get("/tasks")).text.replace("отложить", "")


@pytest.mark.checklist(180)
async def test_a_task_is_moved_in_the_calendar_by_slot_and_by_key(door: WebHouse) -> None:
    number = await set_task(door, "seller", "Встретить", hours=1)
    seller = await door.browser("seller")
    await seller.post(f"/tasks/{number}/move", {"day": "2026-02-03", "hour": "16"})
    await seller.post(f"/tasks/{number}/move", {"by": "15m"})
    rows = await door.house.rows("SELECT due_at FROM task")
    local = rows[0][0].astimezone(ZONE)  # pyright: ignore[reportAttributeAccessIssue]  (a moment)
    assert (local.day, local.hour) == (3, 16)
    assert local.minute == 45
    page = await seller.get("/tasks/calendar?view=week&day=2026-02-03")
    assert "Встретить" in page.text


async def test_a_stranger_sees_neither_task_nor_its_words(door: WebHouse) -> None:
    number = await set_task(door, "seller", "Тайное дело", hours=1)
    rival = await door.browser("rival")
    assert "Тайное дело" not in (await rival.get("/tasks?who=all")).text
    assert (await rival.get(f"/tasks/{number}")).status_code == 404
    assert (await rival.post(f"/tasks/{number}/cancel")).status_code == 404


@pytest.mark.checklist(181)
async def test_the_page_of_notices_groups_them_by_record(door: WebHouse) -> None:
    head, seller = await door.browser("head"), await door.browser("seller")
    await head.post("/tasks/quick", {"q": "сверить завтра @seller"})
    await head.post("/tasks/1/later", {"by": "2h"})
    page = await seller.get("/notices")
    assert page.text.count('data-href="/tasks/1"') == 1
    assert "У задачи новый срок" in page.text
    bell = await seller.get("/notices/bell", hx_request="true")
    assert '"notices": 2' in bell.text


@pytest.mark.parametrize(
    "path",
    ["/tasks", "/tasks/new", "/tasks/calendar?view=day&team=1", "/tasks/calendar?view=month"],
)
@pytest.mark.parametrize("name", ["courier", "administrator", "head"])
async def test_every_role_has_tasks(door: WebHouse, path: str, name: str) -> None:
    assert (await (await door.browser(name)).get(path)).status_code == 200


async def test_the_pages_of_projects_begin_one_show_it_and_add_a_task_by_its_line(
    door: WebHouse,
) -> None:
    seller = await door.browser("seller")
    wrong = await seller.post("/tasks/projects", {"name": "", "participants": "6"})
    assert wrong.status_code == 422
    assert "Назовите проект" in wrong.text
    form = str(uuid7())
    sent = {"name": "Выставка", "participants": "6", "form": form}
    address = (await seller.post("/tasks/projects", sent)).headers["hx-redirect"]
    line = {"q": "Напечатать буклеты завтра в 12", "project": address.rpartition("/")[2]}
    assert (await seller.post("/tasks/quick", line | {"form": str(uuid7())})).status_code == 204
    page = (await seller.get(address)).text
    assert "Напечатать буклеты" in page
    assert "0 из 1" in page
    refused = await seller.post(f"{address}/close")
    assert refused.status_code == 409
    assert "Выставка" in (await seller.get("/tasks/projects")).text
    assert (await (await door.browser("accountant")).get(address)).status_code == 404


@pytest.mark.checklist(155)
async def test_a_calendar_file_is_checked_loaded_and_reverted_and_a_wrong_line_is_named(
    door: WebHouse,
) -> None:
    head = await door.browser("head")

    async def days() -> str:
        return (await head.get("/admin/calendar/file")).text

    before = await days()
    text = "2026-12-31;off;Канун Нового года\n2026-12-30;short"
    wrong = await head.post("/admin/calendar/check", {"text": "31 декабря;off"}, htmx=False)
    assert wrong.status_code == 422
    assert "Строка 1" in wrong.text
    assert "31 декабря;off" in wrong.text
    checked = await head.post("/admin/calendar/check", {"text": text}, htmx=False)
    assert "Канун Нового года" in checked.text
    assert "Станут обычными" in checked.text
    assert await days() == before
    await head.post("/admin/calendar", {"text": text}, htmx=False)
    assert (await days()).startswith("2026-12-30;short\n2026-12-31;off;Канун Нового года\n2027")
    await head.post("/admin/calendar/revert", {}, htmx=False)
    assert await days() == before
    late = await head.post("/admin/calendar/hours", {"begins": "19", "ends": "9"}, htmx=False)
    assert late.status_code == 422
    saved = await head.post("/admin/calendar/hours", {"begins": "10", "ends": "19:30"}, htmx=False)
    assert saved.status_code == 303
    assert 'value="19:30"' in (await head.get("/admin/calendar")).text
    assert (await (await door.browser("seller")).get("/admin/calendar")).status_code == 403
