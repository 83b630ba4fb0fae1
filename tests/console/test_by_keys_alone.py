"""In a terminal of 80x24, by keys alone: from the first run to a person who stays destroyed.

The box is one of invented people, made in development, so that its clock may be moved over the
pause before a destruction. With KOROBKA_KEEP_SCREENS the screens are written into docs/console.
"""

import os
import re
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.boot import first_start
from appliance.config import Config, Server, Unlock, checks
from tests.box import PASSWORD, ROOT, Box, free_port
from tests.terminal import WAIT_SECONDS, Album, Terminal

HOURS = 80
"""Over the pause of 72 hours."""

KEPT = ROOT / "docs" / "console"
GROUP = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}\b")


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path, free_port(), seen_at=tmp_path)
    settings = Config(
        data=made.data,
        server=Server(port=made.port, development=True),
        unlock=Unlock(mode="key-file", key_file=tmp_path / "box.key"),
    )
    checks.make_folder(made.data)
    first_start.init(settings, admin_login="admin", admin_password=PASSWORD, passphrase=None)
    made.serve()
    yield made
    made.stop()


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    assert shutil.which("tmux"), "tmux is not on this machine: scripts/setup installs it"
    made = Terminal("keys")
    yield made
    made.end()


@pytest.fixture
def usb() -> Iterator[Path]:
    """Another disk, under a name that fits into its field."""
    made = Path(tempfile.mkdtemp(prefix="usb-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def album(tmp_path: Path) -> Album:
    kept = "KOROBKA_KEEP_SCREENS" in os.environ
    return Album(KEPT if kept else tmp_path / "screens")


def open_console(terminal: Terminal, box: Box) -> None:
    words = [sys.executable, "-m", "appliance.cli", "console", "--data", str(box.data)]
    around = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"}
    terminal.run(words, {**around, "TERM": "screen-256color"})


def approver(box: Box, tmp_path: Path, login: str, role: str) -> None:
    """Somebody who signs in with `PASSWORD`: by commands, as is allowed before the keys begin."""
    people = {one["login"] for one in box.run("user", "list").facts["users"]}
    words = ("add", login, "--role", role) if login not in people else ("reset-password", login)
    first, fresh = tmp_path / "first", tmp_path / "fresh"
    first.write_text(box.run("user", *words).facts["password"])
    fresh.write_text(PASSWORD)
    said = box.run(
        *("user", "password", "--as", login),
        *("--password-file", str(first), "--new-password-file", str(fresh)),
    )
    assert said.exit == 0, said


def rows(box: Box, sql: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(f"file:{box.data / 'main.db'}?mode=ro", uri=True) as main:
        found = main.execute(sql).fetchall()
    main.close()
    return found


def test_by_keys_alone_a_destroyed_client_stays_destroyed_when_a_copy_is_restored(
    box: Box, terminal: Terminal, album: Album, usb: Path, tmp_path: Path
) -> None:
    open_console(terminal, box)
    first_run(terminal, album, usb)
    seller(terminal, album)
    copy_and_drill(terminal, album)
    approver(box, tmp_path, "olga", "head")
    approver(box, tmp_path, "irina", "data_officer")
    number, before = destruction(terminal, album, box)
    over_the_pause(box)
    assert survivors(box) == before - {number}
    restore(terminal, album, box)
    assert survivors(box) == before - {number}, "the copy brought nobody back and lost nobody"
    assert ("anna",) in rows(box, "SELECT login FROM users")


def survivors(box: Box) -> set[int]:
    """Numbers of the clients whose data are there."""
    found = rows(box, "SELECT number FROM customer WHERE state = 'live' AND person IS NOT NULL")
    return {int(one[0]) for one in found}


def first_run(terminal: Terminal, album: Album, usb: Path) -> None:
    album.keep("company", terminal.until("Организация  шаг 1 из 11", "ИНН"))
    terminal.press("Tab")
    terminal.type("ООО «Тёплый дом»")
    terminal.press("Tab")
    terminal.type("7707083893")
    terminal.press("F8")
    terminal.until("Владелец  шаг 2")
    terminal.type("olga")
    terminal.press("Tab")
    terminal.type("Ольга Смирнова")
    album.keep("owner", terminal.until("Ольга Смирнова"))
    terminal.press("F8")
    terminal.until("Одноразовый пароль")
    terminal.press("Enter")
    shown = terminal.until("Как открывать  шаг 3", "Файл-ключ")
    album.keep("unlock", shown, hide=re.findall(r"/\S+", shown))
    terminal.press("F8")
    terminal.until("Код на бумаге  шаг 4")
    terminal.press("Enter")
    shown = terminal.until("Перепишите код на бумагу")
    paper = "\n".join(line[:42] for line in shown.splitlines())
    groups = GROUP.findall(paper)[:9]
    assert len(groups) == 9, shown
    picture = [line[42:72].strip() for line in shown.splitlines() if "█" in line]
    album.keep("code", shown, hide=[*groups, *picture])
    terminal.press("F8")
    terminal.until("Проверка кода  шаг 5")
    terminal.type("-".join([*groups[:2], "ZZZZ"]))
    shown = terminal.until("Отмеченная группа не сходится")
    album.keep("wrong-group", shown, hide=groups)
    terminal.press(*["BSpace"] * 5)
    terminal.type("-".join(["", *groups[2:]]).lower())
    terminal.until("Код верный. F8")
    terminal.press("F8")
    shown = terminal.until("Адрес в сети  шаг 6", "Записать файлы доверия")
    terminal.press("C-a", "C-k")
    terminal.type("127.0.0.1")
    terminal.press("F8")
    album.keep("reach", terminal.until("Доступ снаружи  шаг 7"), hide=[])
    terminal.press("F8")
    terminal.until("Копии  шаг 8")
    terminal.type(str(usb))
    terminal.press("F8")
    album.keep("privacy", terminal.until("152-ФЗ  шаг 9"), hide=[str(usb)])
    terminal.press("F8")
    terminal.until("С чего начать  шаг 10")
    terminal.press("Down", "F8")
    album.keep("plan", terminal.until("План внедрения  шаг 11"))
    terminal.press("F8")
    terminal.until("1 Состояние", "Тёплый дом")


def seller(terminal: Terminal, album: Album) -> None:
    terminal.press("2")
    terminal.until("Ольга Смирнова")
    terminal.press("n")
    terminal.until("Новый сотрудник")
    terminal.type("anna")
    terminal.press("Enter")
    terminal.type("Анна Прилавкина")
    terminal.press("Enter")
    shown = terminal.until("Роль", "Продавец")
    options = [line for line in shown.splitlines() if line.startswith("  │")]
    down = next(n for n, line in enumerate(options) if "Продавец" in line)
    first = next(n for n, line in enumerate(options) if "Роль" in line) + 2
    terminal.press(*["Down"] * (down - first), "Enter")
    shown = terminal.until("Пароль показан один раз")
    assert "anna" in shown
    terminal.press("Enter")
    album.keep("seller", terminal.until("Анна Прилавкина"))


def copy_and_drill(terminal: Terminal, album: Album) -> None:
    terminal.press("3")
    terminal.until("N/Т Сделать")
    terminal.press("n")
    terminal.until("сверена", times=2)  # the first run made one, to try the code on
    terminal.press("d")
    album.keep("drill", terminal.until("Консоль можно закрыть"))
    terminal.until("доказана", times=2)
    album.keep("proven", terminal.until("Последняя доказанная копия", "N/Т Сделать"))


def destruction(terminal: Terminal, album: Album, box: Box) -> tuple[int, set[int]]:
    before = survivors(box)
    number = max(before)
    terminal.press("7")
    terminal.until("N/Т Записать")
    terminal.press("n")
    shown = terminal.until("О чём просит человек?")
    at = [line for line in shown.splitlines() if line.startswith("  │ ") and line.strip("│ ")]
    down = next(n for n, line in enumerate(at) if " уничтожить" in line) - 1
    terminal.press(*["Down"] * down, "Enter")
    terminal.until("Клиент №")
    terminal.type(str(number))
    terminal.press("Enter", "Enter", "Enter", "Enter")
    album.keep("found", terminal.until("Записать и закрыть клиента"))
    terminal.press("BTab", "Enter")
    terminal.until("ПД-1", "ждёт решения")
    for login in ("olga", "irina"):
        agree(terminal, album, login)
        if login == "olga":
            terminal.until("ждёт второго")
            open_console(terminal, box)
            terminal.until("1 Состояние", "Тёплый дом")
            terminal.press("7")
            terminal.until("ждёт второго")
    album.keep("cooling", terminal.until("пауза до"))
    return number, before


def agree(terminal: Terminal, album: Album, login: str) -> None:
    terminal.press("y")
    shown = terminal.until("Уничтожить личные данные по запросу")
    if login == "irina":
        album.keep("agree", shown)
    terminal.type("ПД-1")
    terminal.press("Enter")
    terminal.until("Кто вы?")
    terminal.type(login)
    terminal.press("Enter")
    terminal.type(PASSWORD, secret=True)
    terminal.press("Enter", "Enter")
    terminal.until("Вы утвердили")


def over_the_pause(box: Box) -> None:
    """Three days later: the clock of a box of invented people is moved."""
    box.stop()
    box.environment["KOROBKA_MOVED_CLOCK"] = str(HOURS)
    box.serve()
    until, pause, hastened = time.monotonic() + WAIT_SECONDS, threading.Event(), False
    states: list[str] = []
    while time.monotonic() < until:
        # Else it waits for its turn; a box that has just started has no timetable yet.
        hastened = hastened or box.run("jobs", "run", "subjects.destroy").exit == 0
        states = [one["state"] for one in box.run("subject", "list").facts["requests"]]
        if states and states[0] in {"waiting", "closed"}:
            return
        pause.wait(1)
    raise AssertionError(states)


def restore(terminal: Terminal, album: Album, box: Box) -> None:
    open_console(terminal, box)
    terminal.until("1 Состояние", "Тёплый дом")
    terminal.press("7")
    album.keep("destroyed", terminal.until("уничтожить", "сделано"))
    terminal.press("3")
    terminal.until("R/К Вернуть")
    terminal.press("r")
    shown = terminal.until("Из какой копии вернуть?")
    album.keep("copies", shown)
    terminal.press("Enter")  # the newest: made before the person was destroyed
    album.keep("foreseen", terminal.until("Вернуть данные: что изменится"))
    terminal.press("BTab", "Enter")
    shown = terminal.until("Вернуть данные из этой копии?")
    typed = re.search(r"введите (\d{4})", shown)
    assert typed, shown
    album.keep("sure", shown)
    terminal.type(typed[1])
    terminal.press("Enter")
    terminal.until("Возврат начался")
    album.keep("look", terminal.until("O/Щ Оставить"))
    terminal.press("o")
    terminal.until("Подтверждено")
