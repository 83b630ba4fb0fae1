"""Who has the phone already, told while it is typed."""

import pytest

from tests.browser.conftest import Served
from tests.integration.clients.forms import add, number_of


@pytest.mark.checklist(82)
async def test_the_warning_comes_while_typing_and_leaves_the_form_unsaved(served: Served) -> None:
    number = number_of(await add(await served.house.browser("head")))
    page = await served.page("head", "/clients/new")
    await page.locator("[name=phone]").first.fill("8 912 000-12-34")
    link = page.locator(f".likely-box a[href='/clients/{number}']")
    await link.wait_for()
    assert await page.locator("#client-form[data-changed]").count() == 1
    page = await served.page("head", "/orders/new")
    await page.get_by_role("button", name="Новый человек").click()
    await page.locator("[name=last_name]:focus").wait_for()  # the new form is settled
    await page.locator("#phone").press_sequentially("8 912 000-12-34")
    await page.locator(f".likely-box a[href='/clients/{number}']").wait_for()
    assert not served.problems
