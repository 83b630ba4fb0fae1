"""Обновление: a file is looked at before it is installed; the work is watched by its note."""

from pathlib import Path

import pytest

from appliance.errors import HouseError
from tests.tui.conftest import (
    LARGE,
    InventedBox,
    InventedInstallation,
    compare,
    log,
    opened,
    screen,
    settle,
)  # fmt: skip
from tui import installed, moving
from tui.installed import Standing
from updates.journal import Note, Past
from updates.move_lines import Progress

FOUND = {"version": "1.5.0", "size": 83_223_040, "news": "Звонок виден сразу в заказе."}
UNDER_WAY = Note(
    old="1.4.2-1",
    new="1.5.0-1",
    was="1.4.2",
    version="1.5.0",
    began="2026-11-21T11:00:00+00:00",
    step="migrate",
    took={"unpack": 8.2, "trial": 72.0, "backup": 31.4, "stop": 1.1, "keep": 0.4},
)


def past(result: str, **other: object) -> Past:
    facts = {name: getattr(UNDER_WAY, name) for name in ("old", "new", "was", "version", "began")}
    return Past(**facts, result=result, ended="2026-11-21T10:40:00+00:00", **other)  # type: ignore[arg-type]


async def test_a_file_is_looked_at_tried_and_installed(box: InventedBox) -> None:
    here = InventedInstallation()
    async with opened(box, installed=here) as pilot:
        await pilot.press("8")
        await settle(pilot, lambda: "Стоит 1.4.2" in screen(pilot))
        assert "Установить" not in screen(pilot), "there is nothing to install yet"
        await pilot.press("щ")
        await settle(pilot, lambda: "Какой файл поставить?" in screen(pilot))
        await pilot.press(*"/media/usb/a.kup", "enter")
        await settle(pilot, lambda: "не файл обновления" in log(pilot))
        here.found = FOUND
        await pilot.press("o")
        await settle(pilot, lambda: "Какой файл поставить?" in screen(pilot))
        assert "/media/usb/a.kup" in screen(pilot), "what was typed is kept"
        await pilot.press("enter")
        await settle(pilot, lambda: "можно ставить" in screen(pilot))
        assert "korobka update check /media/usb/a.kup" in log(pilot)
        compare(pilot, "update-file")
        await pilot.press("t")
        await settle(pilot, lambda: "korobka update try /media/usb/a.kup" in log(pilot))
        here.end = True
        await pilot.press("f5")
        await settle(pilot, lambda: "Новая версия — один файл" in screen(pilot))
        here.end = False
        await pilot.press("o")
        await settle(pilot, lambda: "Какой файл поставить?" in screen(pilot))
        await pilot.press("enter")
        await settle(pilot, lambda: "можно ставить" in screen(pilot))
        await pilot.press("e")
        await settle(pilot, lambda: "Поставить версию 1.5.0?" in screen(pilot))
        await pilot.press("enter")
        await settle(pilot, lambda: "можно ставить" in screen(pilot))
        assert here.begun == [("try", "/media/usb/a.kup")], "the harmless button has the focus"
        await pilot.press("e")
        await settle(pilot, lambda: "Поставить версию 1.5.0?" in screen(pilot))
        await pilot.press("shift+tab", "enter")
        await settle(pilot, lambda: "$ korobka update /media/usb/a.kup" in screen(pilot))
        assert here.begun[-1] == ("install", "/media/usb/a.kup")


async def test_an_update_is_watched_while_the_box_is_down(box: InventedBox) -> None:
    here = InventedInstallation()
    here.standing = Standing("1.4.2-1", UNDER_WAY, is_alive=True)
    async with opened(box, LARGE, here) as pilot:
        await pilot.press("8")
        await settle(pilot, lambda: "шаг 6 из 10" in screen(pilot))
        up = box.answers["/status"]
        box.answers["/status"] = HouseError("not_running")
        await pilot.press("f5")
        await settle(pilot, lambda: "Обновление с 1.4.2 на 1.5.0" in screen(pilot))
        assert "72 с" in screen(pilot)
        assert "Установить" not in screen(pilot)
        compare(pilot, "update-running")
        done = past("done", copy="20261121T103000Z", took=UNDER_WAY.took)
        box.answers["/status"] = up
        here.standing = Standing("1.5.0-1", past=[done])
        await pilot.press("f5")
        await settle(pilot, lambda: "Стоит 1.5.0" in screen(pilot))
        await pilot.press("b")
        await settle(pilot, lambda: "Вернуть версию 1.4.2?" in screen(pilot))
        await pilot.press("shift+tab", "enter")
        await settle(pilot, lambda: here.begun == [("return",)])


async def test_an_update_that_was_cut_off_is_led_to_its_end(box: InventedBox) -> None:
    here = InventedInstallation()
    here.standing = Standing("1.4.2-1", UNDER_WAY, is_alive=False)
    async with opened(box, installed=here) as pilot:
        await pilot.press("8")
        await settle(pilot, lambda: "оборвалось" in screen(pilot))
        await pilot.press("к")
        await settle(pilot, lambda: here.begun == [("recover",)])
        failed = past("returned", failed="test", code="update_test_failed", params={"part": "x"})
        here.standing = Standing("1.4.2-1", past=[failed])
        await pilot.press("f5")
        await settle(pilot, lambda: "последнее обновление не вышло" in screen(pilot))
        assert "Данные не прошли проверку" in screen(pilot)


async def test_who_may_not_change_the_program_is_told_the_command(box: InventedBox) -> None:
    here = InventedInstallation()
    here.found, here.standing = FOUND, Standing("1.4.2-1", may_act=False)
    async with opened(box, installed=here) as pilot:
        await pilot.press("8", "o")
        await settle(pilot, lambda: "Какой файл поставить?" in screen(pilot))
        await pilot.press(*"/a.kup", "enter")
        await settle(pilot, lambda: "можно ставить" in screen(pilot))
        await pilot.press("t")
        await settle(pilot, lambda: "sudo korobka update try /a.kup" in log(pilot))
        assert here.begun == []


async def test_a_move_to_a_server_is_looked_at_asked_for_and_watched(box: InventedBox) -> None:
    here = InventedInstallation()
    async with opened(box, installed=here) as pilot:
        await pilot.press("8")
        await settle(pilot, lambda: "Стоит 1.4.2" in screen(pilot))
        await pilot.press("з")
        await settle(pilot, lambda: "Куда переехать?" in screen(pilot))
        compare(pilot, "move-address")
        await pilot.press(*"korobka@db/korobka", "tab", *"тайна@1", "enter")
        await settle(pilot, lambda: "не впустил" in log(pilot))
        here.server = {"version": "15.4", "free": None}
        await pilot.press("p")
        await settle(pilot, lambda: "Куда переехать?" in screen(pilot))
        await pilot.press(*"korobka@db/korobka", "tab", *"тайна@1", "enter")
        await settle(pilot, lambda: "Сервер подходит" in screen(pilot))
        compare(pilot, "move-sure")
        await pilot.press("enter")
        await settle(pilot, lambda: "Стоит 1.4.2" in screen(pilot))
        assert here.moved == [], "the harmless button has the focus"
        await pilot.press("p")
        await settle(pilot, lambda: "Куда переехать?" in screen(pilot))
        await pilot.press(*"korobka@db/korobka", "tab", *"тайна@1", "enter")
        await settle(pilot, lambda: "Переехать на PostgreSQL?" in screen(pilot))
        await pilot.press("shift+tab", "enter")
        await settle(pilot, lambda: "шаг 1 из 8" in screen(pilot))
        assert here.moved == ["postgresql://korobka:%D1%82%D0%B0%D0%B9%D0%BD%D0%B0%401@db/korobka"]
        assert "korobka move --to postgresql://korobka@db/korobka --restart" in log(pilot)
        assert "D1%82" not in "\n".join(pilot.app.log_lines)  # type: ignore[attr-defined]

        up, box.answers["/status"] = box.answers["/status"], HouseError("not_running")
        here.progress = Progress("tables", 900_000, 2_080_284, 25)
        await settle(pilot, lambda: "43 %" in screen(pilot))
        assert "осталось 33 с" in screen(pilot)
        compare(pilot, "move-running")
        box.answers["/status"] = up
        here.end = HouseError("move_server_full")
        await settle(pilot, lambda: "кончилось место" in log(pilot))
        assert "Стоит 1.4.2" in screen(pilot)


def test_an_address_is_shown_without_its_password() -> None:
    assert moving.shown("postgresql://box:secret@db:5433/korobka?x=1") == (
        "postgresql://box@db:5433/korobka"
    )
    assert moving.full("db/korobka", "п/1") == "postgresql://korobka:%D0%BF%2F1@db/korobka"
    assert moving.full("postgres://a:b@db/c", "") == "postgres://a:b@db/c"


SCRIPT = """#!/bin/sh
read -r url
[ "$url" = "postgresql://korobka:x@db/korobka" ] || exit 9
echo 'Traceback' >&2
echo '{"step":"tables","done":1,"total":4,"seconds":3}' >&2
case "$*" in
    *--check*) echo '{"version":"15.4","free":null}' ;;
    *) echo '{"error":{"code":"move_clock","params":{"seconds":90}}}'; exit 1 ;;
esac
"""


async def test_the_command_of_a_move_gets_its_address_by_no_argument(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, url = tmp_path / "korobka", "postgresql://korobka:x@db/korobka"
    script.write_text(SCRIPT)

    def command(*words: str, verb: str = "update") -> list[str]:
        assert url not in words
        return ["/bin/sh", str(script), verb, *words]

    monkeypatch.setattr(installed, "_command", command)
    here = installed.RealInstallation()
    assert await here.can_take(url) == {"version": "15.4", "free": None}
    here.begin_move(url)
    assert here._begun is not None
    here._begun.wait(60)
    assert here.moving() == Progress("tables", 1, 4, 3)
    assert not here.is_moving()
    ended = here.ended()
    assert isinstance(ended, HouseError)
    assert (ended.code, ended.params) == ("move_clock", {"seconds": 90})
