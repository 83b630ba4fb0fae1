"""The working day by keys: done, put off, moved in the calendar; and once by the mouse."""

from datetime import datetime, timedelta

import pytest

from appliance.actions import tasks
from appliance.domain.personal import Personal
from appliance.domain.tasks import NewTask
from tests.browser.conftest import Served

TITLE = "Сверить остатки"


async def _task(served: Served, hours: float = 1) -> int:
    house = served.house.house
    due_at = (house.clock.now + timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0)
    new = NewTask(title=Personal(TITLE), due_at=due_at)
    return (await tasks.create(house.actor_for("seller"), new)).number


async def _state(served: Served, number: int) -> tuple[str, datetime, int]:
    sql = "SELECT state, due_at, postponed FROM task WHERE number = {}"
    state, due_at, postponed = (await served.house.house.rows(sql, number))[0]
    assert isinstance(due_at, datetime)
    return str(state), due_at, int(str(postponed))


@pytest.mark.checklist(155)
async def test_a_task_is_put_off_and_closed_and_an_order_put_off_by_keys_alone(
    served: Served,
) -> None:
    number = await _task(served)
    due_at = (await _state(served, number))[1]
    page = await served.page("seller", "/tasks")
    await page.keyboard.press("j")
    await page.locator("[data-cursor]", has_text=TITLE).wait_for()
    await page.keyboard.press("h")
    await page.locator("#later[open]").wait_for()
    await page.keyboard.press("3")  # tomorrow at ten
    await page.locator("#later").wait_for(state="hidden")
    await page.locator("#work .task-when", has_text="завтра").wait_for()
    assert (await _state(served, number))[1] > due_at
    await page.keyboard.press("j")
    await page.locator("[data-cursor]", has_text=TITLE).wait_for()
    await page.keyboard.press("e")
    await page.locator("#work .todo li").wait_for(state="detached")
    assert (await _state(served, number))[0] == "done"

    await page.goto(f"{served.base}/")
    await page.wait_for_selector("html[data-ready]")
    await page.keyboard.press("j")
    first = await page.locator("[data-cursor]").get_attribute("data-href")
    await page.keyboard.press("h")
    await page.locator("#later[open]").wait_for()
    await page.keyboard.press("2")
    await page.locator(f'.todo li[data-href="{first}"]', has_text="Вернуть").wait_for()
    await page.keyboard.press("Control+z")
    await page.locator(".todo li", has_text="Вернуть").wait_for(state="detached")


@pytest.mark.checklist(155)
async def test_a_task_moves_in_the_calendar_by_shift_and_arrows_and_by_the_mouse(
    served: Served,
) -> None:
    number = await _task(served, 30)
    was = (await _state(served, number))[1]
    day = was.date().isoformat()
    page = await served.page("seller", f"/tasks/calendar?view=week&day={day}")
    piece = page.locator(f'.cal-t[data-task="{number}"]')
    await piece.focus()
    shown = await piece.locator("time").inner_text()
    await page.keyboard.press("Shift+ArrowDown")
    quarter = page.locator(f'.cal-t[data-task="{number}"] time:text-matches("15$")')
    await quarter.wait_for()
    assert (await _state(served, number))[1] == was + timedelta(minutes=15)
    await page.locator(f'.cal-t[data-task="{number}"]:focus').wait_for()
    await page.keyboard.press("Shift+ArrowUp")
    await page.locator(f'.cal-t[data-task="{number}"] time', has_text=shown).wait_for()

    slot = page.locator(f'td[data-slot][data-day="{day}"][data-hour="17"]')
    async with page.expect_response(lambda one: "/move" in one.url):
        await piece.drag_to(slot)
    await slot.locator(f'.cal-t[data-task="{number}"]').wait_for()

    await page.keyboard.press("]")
    await page.wait_for_url("**/tasks/calendar?*")
    await page.wait_for_selector("html[data-ready]")
    await page.keyboard.press("t")
    today = served.house.house.clock.now.date().isoformat()
    await page.wait_for_url(f"**day={today}*")
