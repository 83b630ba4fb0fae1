"""What an administrator does with a plugin in the browser, end to end, with its process running."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from appliance.actions import plugin_settings
from appliance.actions._actors import forget_actors
from appliance.plugin_host.desk import Desk
from appliance.plugin_host.shelf import Shelf
from appliance.storage.statements import execute
from appliance.vault.signatures import is_signed
from scripts.pack_plugin_file import pack
from tests.web_house import Browser, WebHouse, open_web_house

HOME = "/admin/plugins"
SETTINGS = """
[[settings]]
name = "address"
kind = "url"
required = true
title = { ru = "Адрес службы", en = "Address" }
[[settings]]
name = "key"
kind = "secret"
title = { ru = "Ключ", en = "Key" }
[[settings]]
name = "hour"
kind = "time"
default = "09:00"
title = { ru = "Во сколько", en = "When" }
[[settings]]
name = "limit"
kind = "money"
max = 100000
title = { ru = "Не дороже", en = "At most" }
"""
CODE = """
from appliance.plugin_api.hooks import Finding, hookimpl


@hookimpl
def diagnose():
    return [Finding(code="connected", is_good=True)]
"""
TOML = """
name = "parcel_watch"
version = "1.0.0"
api = 1
permissions = ["orders.read"]
hosts = ["setting:address"]
personal = [{ field = "customer.phone", purpose = "delivery" }]
title = { ru = "Слежение за посылками", en = "Parcel watch" }
about = { ru = "Спрашивает, где посылка.", en = "Asks where a parcel is." }
"""


def packed(folder: Path) -> bytes:
    source = folder / "source" / "parcel_watch"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    (source / "plugin.toml").write_text(TOML + SETTINGS)
    (source / "__init__.py").write_text(CODE)
    return pack(source, None, folder / "dist").read_bytes()


async def send(browser: Browser, body: bytes) -> str:
    """Upload a file; where the page leads."""
    answer = await browser.http.post(
        HOME,
        data={"csrf": browser.csrf},
        files={"file": ("p.korobka-plugin", body)},
        headers={"origin": "https://korobka.test", "sec-fetch-site": "same-origin"},
    )
    return answer.headers.get("location", "") or answer.text


async def confirmed(web: WebHouse) -> None:
    """Let the administrator have given his second factor just now."""
    at = web.house.clock()

    async def write() -> None:
        await execute("UPDATE session SET step_up_at = {}", at)

    await web.house.database.write(write)
    forget_actors()


@dataclass
class Counter:
    """An administrator at his browser, and the desk behind it."""

    web: WebHouse
    desk: Desk
    boss: Browser
    folder: Path


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_web_house(tmp_path) as web:
        shelf = Shelf(tmp_path, web.house.system, is_signed, ())
        desk = Desk(shelf, web.house.system, tmp_path / "spool")
        web.app.state["site"] = replace(web.app.state["site"], desk=desk)
        await desk.settle()
        yield Counter(web, desk, await web.browser("administrator"), tmp_path)
        await desk.close()


async def installed(counter: Counter) -> str:
    """Through the pages of a file; the address of the card."""
    boss = counter.boss
    assert "не файл плагина" in await send(boss, b"hello")
    place = await send(boss, packed(counter.folder))
    page = (await boss.get(place)).text
    assert "Файл никем не подписан" in page
    assert "Личные данные: телефон" in page
    refused = await boss.post(place, {"sure": "unsigned", "name": "parcel"}, htmx=False)
    assert "Введите имя плагина" in refused.text
    led = await boss.post(place, {"sure": "unsigned", "name": "parcel_watch"}, htmx=False)
    assert led.headers["location"].startswith("/me/confirm?next=/admin/plugins/files/")
    await confirmed(counter.web)
    done = await boss.post(place, {"sure": "unsigned", "name": "parcel_watch"}, htmx=False)
    return done.headers["location"]


async def set_up(boss: Browser, card: str) -> None:
    """Wrongly, then well."""
    typed = {"address": "site", "key": "s3cret", "hour": "25:00", "limit": "5 000"}
    wrong = await boss.post(f"{card}/settings", typed, htmx=False)
    assert wrong.status_code == 422
    assert "Нужен адрес целиком" in wrong.text
    assert "Нужно время суток" in wrong.text
    assert "не больше 1 000" in wrong.text.replace("\u00a0", " ").replace("\u202f", " ")
    assert 'value="25:00"' in wrong.text
    typed |= {"address": "http://127.0.0.1:9/api", "hour": "8:30", "limit": "500,50"}
    await boss.post(f"{card}/settings", typed)


@pytest.mark.checklist(192)
async def test_a_file_is_read_approved_set_up_run_tested_and_removed(counter: Counter) -> None:
    boss, desk = counter.boss, counter.desk
    stranger = await counter.web.browser("seller")
    assert (await stranger.get(HOME)).status_code == 403
    card = await installed(counter)
    assert card == f"{HOME}/parcel_watch"
    assert "не запускается и ничего не видит" in (await boss.get(card)).text
    await boss.post(f"{card}/approve", {"version": "1.0.0"})
    unset = await boss.post(f"{card}/on", htmx=False)
    assert "не хватает настроек" in unset.text

    await set_up(boss, card)
    page = (await boss.get(card)).text
    assert "s3cret" not in page
    assert 'value="500,50"' in page
    found = await plugin_settings.form(counter.web.house.system, "parcel_watch")
    assert found.typed["hour"] == "08:30"

    await boss.post(f"{card}/on")
    tested = await boss.post(f"{card}/test", htmx=False)
    assert "connected" in tested.text
    await boss.post(f"{card}/pause")
    assert desk.facts("parcel_watch") is None
    removed = await boss.post(f"{card}/remove")
    assert removed.headers["hx-redirect"] == HOME
    assert (await boss.get(card)).status_code == 404


SERVICE = """
name = "parcel_watch"
version = "1.0.0"
api = 1
title = { ru = "Слежение за посылками", en = "Parcel watch" }
about = { ru = "Спрашивает, где посылка.", en = "Asks where a parcel is." }
[[account_settings]]
name = "address"
kind = "url"
required = true
title = { ru = "Адрес службы", en = "Address" }
[[account_settings]]
name = "key"
kind = "secret"
required = true
title = { ru = "Ключ", en = "Key" }
"""


async def test_accounts_of_a_service_are_added_changed_and_switched_on_its_card(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.integration.plugins.test_pages.TOML", SERVICE)
    monkeypatch.setattr("tests.integration.plugins.test_pages.SETTINGS", "")
    boss = counter.boss
    place = await send(boss, packed(counter.folder))
    await confirmed(counter.web)
    done = await boss.post(place, {"sure": "unsigned", "name": "parcel_watch"}, htmx=False)
    card = done.headers["location"]
    assert "Пока ни одного" in (await boss.get(card)).text
    assert "Новое подключение" in (await boss.get(f"{card}/accounts/new")).text
    wrong = await boss.post(f"{card}/accounts/new", {"_title": "Склад", "address": "x"}, htmx=False)
    assert wrong.status_code == 422 and 'value="Склад"' in wrong.text
    assert "Нужен адрес целиком" in wrong.text
    typed = {"_title": "Склад", "_code": "", "address": "https://a.example.ru/", "key": "s3cret"}
    await boss.post(f"{card}/accounts/new", typed)
    taken = await boss.post(f"{card}/accounts/new", {**typed, "_code": "main"}, htmx=False)
    assert "с таким кодом уже есть" in taken.text
    await boss.post(f"{card}/accounts/main", {"_title": "Склад на Мира", "key": ""})
    page = (await boss.get(card)).text
    assert "Склад на Мира" in page and "s3cret" not in page
    form = (await boss.get(f"{card}/accounts/main")).text
    assert "https://a.example.ru/" in form and "s3cret" not in form
    await boss.post(f"{card}/accounts/main/off", {})
    assert "выключено" in (await boss.get(card)).text
    assert (await boss.get(f"{card}/accounts/none")).status_code == 404
