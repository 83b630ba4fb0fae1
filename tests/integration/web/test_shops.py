"""«Магазины» as an administrator goes through them."""

import pytest

from appliance.actions import catalogue_runs, shops
from appliance.jobs.catalogues import CatalogueReader
from tests.integration.shops.test_catalogue_run import file, offer
from tests.web_house import ZONE, WebHouse


@pytest.mark.checklist(100)
@pytest.mark.checklist(102)
async def test_a_shop_is_connected_step_by_step_and_ends_with_a_report(door: WebHouse) -> None:
    house = door.house
    page = await door.browser("administrator")
    assert "не подключён" in (await page.get("/shops")).text
    sent = {"code": "lamps", "name": "Лампы", "url": "нет", "cms": "prestashop"}
    refused = await page.post("/shops", sent, htmx=False)
    assert refused.status_code == 422
    assert 'value="Лампы"' in refused.text
    assert "Это не адрес в интернете" in refused.text
    taken = await page.post("/shops", {**sent, "url": "https://lamps.example"}, htmx=False)
    assert taken.headers["location"] == "/shops/lamps"
    shown = (await page.get("/shops/lamps")).text
    assert "/retailcrm.ru" in shown  # what PrestaShop's module looks for in an address
    asked = await page.post("/shops/lamps/key", htmx=False)
    assert asked.headers["location"].startswith("/me/confirm?next=/shops/lamps")
    admin = house.actor_for("administrator")._replace(step_up=True)
    await shops.make_key(admin, "lamps")
    assert "Сохраните настройки модуля" in (await page.get("/shops/lamps")).text
    await page.post("/shops/lamps/check", htmx=False)
    assert 'value="https://lamps.example/simla.xml"' in (await page.get("/shops/lamps")).text
    wrong = {"yml_url": "", "every": "60", "price_type": "нет такой"}
    assert (await page.post("/shops/lamps/catalogue", wrong, htmx=False)).status_code == 422
    right = {"yml_url": "", "every": "0", "takes_prices": "1", "price_type": "base"}
    await page.post("/shops/lamps/catalogue", right, htmx=False)
    await page.post("/shops/lamps/defaults", {"manager": "1"}, htmx=False)
    place = catalogue_runs.begin_upload()
    place.write_bytes(file([offer(1), offer(2, "дорого")]))
    number = await catalogue_runs.ask_with_file(admin, "lamps", place)
    assert "ждёт очереди" in (await page.get(f"/shops/runs/{number}")).text
    await CatalogueReader(house.system, ZONE).run()
    report = (await page.get(f"/shops/runs/{number}")).text
    assert "Создано" in report
    only = (await page.get(f"/shops/runs/{number}?of=failed")).text
    assert "2#m" in only
    assert "1#m" not in only
    card = await (await door.browser("head")).get("/catalog/1")
    assert "Размер" in card.text
    await page.post("/shops/lamps/finish", htmx=False)
    assert "Обзор" in (await page.get("/shops/lamps")).text


async def test_a_shop_that_is_not_there_and_who_has_no_right(door: WebHouse) -> None:
    assert (await (await door.browser("administrator")).get("/shops/none")).status_code == 404
    assert (await (await door.browser("seller")).get("/shops")).status_code == 403
