"""Two colleagues on one form: what one changed is merged, what both did is asked about by field."""

import pytest

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
