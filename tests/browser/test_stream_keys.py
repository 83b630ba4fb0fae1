"""The stream by the keyboard alone: a note is written, taken back and brought back."""

import pytest

from tests.browser.conftest import Served

WORDS = "Просит звонить после шести"


async def _number(served: Served, table: str) -> int:
    newest = {
        "customer": "SELECT number FROM customer WHERE owner_id = {} ORDER BY number DESC LIMIT 1",
        "orders": "SELECT number FROM orders WHERE manager_id = {} ORDER BY number DESC LIMIT 1",
    }
    rows = await served.house.house.rows(newest[table], served.house.house.users["seller"])
    return int(str(rows[0][0]))


@pytest.mark.checklist(112)
@pytest.mark.checklist(167)
async def test_a_deleted_note_is_brought_back_by_keys_alone(served: Served) -> None:
    """Keyboard script 7 of the interface reference."""
    page = await served.page("seller", f"/clients/{await _number(served, 'customer')}")
    await page.keyboard.press("z")
    await page.keyboard.type(WORDS)
    await page.keyboard.press("Control+Enter")
    note = page.locator("#stream-lines .quote", has_text=WORDS)
    await note.wait_for()
    await page.locator("#compose-text:focus").wait_for()  # the swap has given the focus back
    await page.locator("#stream-lines li button", has_text="удалить").first.focus()
    await page.keyboard.press("Enter")
    await page.locator("#stream-lines li[data-deleted]").wait_for()
    assert await note.count() == 0
    await page.locator("#stream-lines li button", has_text="вернуть").focus()
    await page.keyboard.press("Enter")
    await note.wait_for()


async def test_a_note_taken_back_returns_by_the_undo_of_the_message(served: Served) -> None:
    page = await served.page("seller", f"/orders/{await _number(served, 'orders')}")
    await page.keyboard.press("z")
    await page.keyboard.type(WORDS)
    await page.keyboard.press("Control+Enter")
    note = page.locator("#stream-lines .quote", has_text=WORDS)
    await note.wait_for()
    await page.locator("#compose-text:focus").wait_for()  # the swap has given the focus back
    await page.locator("#stream-lines li button", has_text="удалить").first.focus()
    await page.keyboard.press("Enter")
    await page.locator("#stream-lines li[data-deleted]").wait_for()
    await page.locator("h1").click()
    await page.keyboard.press("Control+z")
    await note.wait_for()


@pytest.mark.checklist(111)
@pytest.mark.checklist(138)
async def test_a_call_in_vain_is_two_keys_and_stands_on_top_as_a_task(served: Served) -> None:
    page = await served.page("seller", f"/clients/{await _number(served, 'customer')}")
    await page.keyboard.press("d")
    await page.keyboard.press("Control+Enter")
    await page.locator("#stream-lines li", has_text="Не дозвонился").wait_for()
    plan = page.locator(".tl-plan", has_text="Перезвонить")
    assert await plan.count() == 1


async def test_a_kind_is_chosen_while_typing_by_the_leader_and_its_letter(served: Served) -> None:
    page = await served.page("seller", f"/clients/{await _number(served, 'customer')}")
    await page.keyboard.press("z")
    await page.keyboard.type("О поставке")
    await page.keyboard.press("Control+;")
    await page.keyboard.press("v")
    assert await page.locator('.extra [name="title"]').is_visible()
    await page.keyboard.press("Control+Enter")
    await page.locator("#stream-lines li", has_text="Встреча").wait_for()
