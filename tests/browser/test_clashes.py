"""Two colleagues on one form: what one changed is merged, what both did is asked about by field."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Served
from tests.integration.deals.scene import deal


@pytest.mark.parametrize("kind", ["product", "deal", "client"])
async def test_what_two_people_changed_is_chosen_by_field(served: Served, kind: str) -> None:
    house = served.house.house
    if kind == "product":
        number = int(str((await house.rows("SELECT MIN(number) FROM product"))[0][0]))
        path, form, both, one = f"/catalog/{number}/edit", "#goods-form", "name", "manufacturer"
    elif kind == "client":
        sql = "SELECT MIN(number) FROM customer WHERE kind = 'person'"
        number = int(str((await house.rows(sql))[0][0]))
        path, form, both, one = f"/clients/{number}/edit", "#client-form", "last_name", "city"
    else:
        await deal(house, "head", amount=500_00)
        number = int(str((await house.rows("SELECT MAX(number) FROM deal"))[0][0]))
        path, form, both, one = f"/deals/{number}/edit", "#deal-form", "title", "source"
    first, second = await served.page("head", path), await served.page("head", path)
    await first.fill(f"{form} [name={both}]", "Как решил первый")
    await first.fill(f"{form} [name={one}]", "Ткачиха")
    await first.locator(f"{form} [name={both}]").press("Control+Enter")
    await first.get_by_role("heading", name="Как решил первый").first.wait_for()
    await second.fill(f"{form} [name={both}]", "Как решил второй")
    await second.locator(f"{form} [name={both}]").press("Control+Enter")
    clash = second.locator(".table-diff")
    await clash.get_by_text("Как решил первый").wait_for()
    await second.wait_for_selector("html[data-ready]")
    assert await second.input_value(f"{form} [name={both}]") == "Как решил второй"
    assert await second.input_value(f"{form} [name={one}]") == "Ткачиха"
    await clash.locator(f"[name=take-{both}][value=mine]").press("ArrowLeft")
    await second.locator(f"[name=take-{both}][value=theirs]:checked").wait_for()
    await second.keyboard.press("Control+Enter")
    await second.get_by_role("heading", name="Как решил первый").wait_for()


async def test_of_two_people_on_one_line_mine_is_saved_from_the_window(served: Served) -> None:
    rows = await served.house.house.rows(
        "SELECT o.number, l.number, o.version FROM orders o JOIN order_line l ON l.order_id = o.id "
        "WHERE o.status = 'new' ORDER BY o.number DESC LIMIT 1"
    )
    number, line, version = (int(str(one)) for one in rows[0])
    page = await served.page("head", f"/orders/{number}")
    field = page.locator(f"#quantity-{line}")
    await field.fill("3")
    other = await served.house.browser("head")
    theirs = {"line": str(line), "quantity": "2", "version": str(version)}
    assert (await other.post(f"/orders/{number}/line", theirs)).status_code == 200
    await field.press("Tab")
    await page.locator("#conflict[open]").wait_for()
    async with page.expect_response(f"**/orders/{number}/line*"):
        await page.keyboard.press("Enter")
    await expect(page.locator("#conflict")).to_have_count(0)
    await expect(page.locator(f"#quantity-{line}")).to_have_value("3")
    kept = await served.house.house.rows(
        "SELECT quantity_milli FROM order_line WHERE number = {}", line
    )
    assert kept == [(3_000,)]
