"""Changing many records on the pages: the window, a long change's progress, its way back."""

from pathlib import Path

from appliance.jobs.bulk import BulkEditor
from tests.web_house import ZONE, open_web_house


async def test_a_long_change_shows_its_progress_and_goes_back_from_my_deeds(
    tmp_path: Path,
) -> None:
    async with open_web_house(tmp_path, clients=70, orders=5) as house:
        browser = await house.browser("head")
        form = {"field": "tag_add", "value": "весна", "which": "all", "filter": ""}
        look = await browser.post("/bulk/clients/look", form)
        assert '<dd class="t-ok">70</dd>' in look.text
        begun = await browser.post("/bulk/clients", form)
        assert "Меняем" in begun.text
        await BulkEditor(house.house.system, ZONE).run()
        rows = await house.house.rows("SELECT id, undo_set FROM bulk_edit")
        job, deed = rows[0]
        done = await browser.get(f"/bulk/jobs/{job}")
        assert "Готово" in done.text and f"/bulk/undo/{deed}" in done.text
        told = await browser.get("/notices")
        assert "Изменение списка закончено" in told.text and "Записей: 70" in told.text
        page = await browser.get(f"/me/deeds/{deed}")
        assert f'action="/bulk/undo/{deed}"' in page.text and "70" in page.text
        back = await browser.post(f"/bulk/undo/{deed}", htmx=False)
        assert back.status_code == 303
        await BulkEditor(house.house.system, ZONE).run()
        assert "Готово" in (await browser.get(back.headers["location"])).text
        assert await house.house.rows("SELECT COUNT(*) FROM tag WHERE name = 'весна'") == [(0,)]
        other = await (await house.browser("seller")).get(f"/bulk/jobs/{job}")
        assert other.status_code == 404


async def test_a_wrong_value_keeps_the_window_and_says_what_is_wrong(tmp_path: Path) -> None:
    async with open_web_house(tmp_path, clients=3, orders=3) as house:
        browser = await house.browser("head")
        form = {"field": "ship_day", "value": "32.13", "numbers": "1,2", "which": "chosen"}
        answer = await browser.post("/bulk/orders", form)
        assert answer.status_code == 422 and 'value="32.13"' in answer.text
        assert "Выберите, на что поменять" in answer.text
        assert (await browser.post("/bulk/goods/window", form)).status_code == 404
        assert (await browser.post("/bulk/orders", {**form, "field": "total"})).status_code == 422
