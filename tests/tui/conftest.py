"""An invented box behind the console, and a way to wait for it that is no sleep."""

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from appliance.errors import HouseError
from tui import app as frame
from tui.app import ConsoleApp
from tui.installed import Standing
from updates.move_lines import Progress

SNAPSHOTS = Path(__file__).with_name("snapshots")
NOW = datetime(2026, 11, 21, 11, 2, tzinfo=UTC)
TRIES = 1000
STILL = 3
"""Looks at the screen, one after another, that have to show the same."""

SMALL, LARGE = (80, 24), (120, 36)

PLAN = {
    "targets": [],
    "data_targets": [],
    "every_minutes": 60,
    "hourly": 24,
    "nightly": 14,
    "weekly": 5,
    "guard": "",
}

Asked = tuple[str, Mapping[str, object]]


class InventedBox:
    """Answers from a table: a dict, a refusal, or a function of the body."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {
            "/status": {
                "name": "ООО «Башмачок»",
                "time_zone": "Europe/Moscow",
                "open": True,
                "version": "1.4.2",
            },
            "/box/health": {"state": "ok", "lines": []},
            "/agreements/list": {"hands": "auto", "agreements": []},
            "/roles/list": {"roles": []},
            "/departments/list": {"departments": []},
            "/users/list": {"users": []},
            "/vault/slots": {"slots": []},
            "/keys/rotations": {"rotations": []},
            "/backups/journal": {"runs": []},
            "/backups/plan": {"plan": PLAN, "trial": None},
            "/backups/copies": {"copies": [], "problems": {}},
            "/audit/progress": {"running": False, "kind": "", "done": 0, "total": 0, "last": {}},
            "/audit/page": {
                "lines": [],
                "after": None,
                "size": 0,
                "anchored": 0,
                "health": {"kept_at": None, "ways": 0, "code": "", "checked": {"at": None}},
            },
            "/backups/progress": {"running": False, "step": "", "done": 0, "total": 0},
        }
        self.asked: list[Asked] = []

    async def ask(self, path: str, body: Mapping[str, object] | None = None) -> Any:
        self.asked.append((path, dict(body or {})))
        found = self.answers.get(path, HouseError("no_such_answer"))
        if callable(found):
            found = found(dict(body or {}))
        if isinstance(found, HouseError):
            raise found
        return found

    async def sign_in(self, login: str, password: str, code: str) -> None:
        await self.ask("/sign-in", {"login": login, "password": password, "code": code})

    def bodies(self, path: str) -> list[Mapping[str, object]]:
        """What was asked of one path, in order."""
        return [body for asked, body in self.asked if asked == path]


class InventedInstallation:
    """An installation that stands as a test says."""

    def __init__(self) -> None:
        self.standing: Standing | None = Standing("1.4.2-1")
        self.found: Mapping[str, Any] | HouseError = HouseError("update_not_file")
        self.begun: list[tuple[str, ...]] = []
        self.end: HouseError | bool = False
        self.server: Mapping[str, Any] | HouseError = HouseError("move_not_let_in")
        self.moved: list[str] = []
        self.progress: Progress | None = None

    def look(self) -> Standing | None:
        return self.standing

    async def check(self, file: str) -> Mapping[str, Any]:
        if isinstance(self.found, HouseError):
            raise self.found
        return self.found

    def begin(self, *words: str) -> None:
        self.begun.append(words)

    async def can_take(self, url: str) -> Mapping[str, Any]:
        if isinstance(self.server, HouseError):
            raise self.server
        return self.server

    def begin_move(self, url: str) -> None:
        self.moved.append(url)

    def is_moving(self) -> bool:
        return bool(self.moved) and not self.end

    def moving(self) -> Progress | None:
        return self.progress

    def ended(self) -> HouseError | bool:
        return self.end


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "now", lambda: NOW)
    monkeypatch.delenv("KOROBKA_LANGUAGE", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def box() -> InventedBox:
    return InventedBox()


def opened(
    box: InventedBox,
    size: tuple[int, int] = SMALL,
    installed: InventedInstallation | None = None,
) -> AbstractAsyncContextManager[Pilot[None]]:
    """The console on this box, in a terminal of this size."""
    here = installed or InventedInstallation()
    return ConsoleApp(box, "truecolor", installed=here).run_test(size=size)


async def settle(pilot: Pilot[None], until: Callable[[], bool] = lambda: True) -> None:
    """Let the console come to rest, and go on until what is waited for is so."""
    for _ in range(TRIES):
        await pilot.pause(0.01)  # gives way to threads that work for the screen
        if until():
            break
    else:
        raise AssertionError("it never came to be:\n" + screen(pilot))
    while pilot.app.screen.query(".-active"):  # a pressed button stays lit for a moment
        await pilot.pause(0.01)
    same, shown = 0, ""
    while same < STILL:  # keys that come or go change the rows of the others a moment later
        await pilot.pause(0.02)
        same, shown = (same + 1 if shown == screen(pilot) else 0), screen(pilot)


def screen(pilot: Pilot[None]) -> str:
    """What a person sees, line by line."""
    shown = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in shown)


def log(pilot: Pilot[None]) -> str:
    """The newest line of the command log."""
    found = pilot.app.working.query_one("#log", Static)  # type: ignore[attr-defined]
    return str(found.content)


def compare(pilot: Pilot[None], name: str) -> None:
    """Compare the screen with the picture that was kept; without one, keep it and fail."""
    drawn = re.sub(r"terminal-\d+", "terminal", pilot.app.export_screenshot(title="korobka"))
    path = SNAPSHOTS / f"{name}.svg"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text(drawn, encoding="utf-8")
        raise AssertionError(f"{path.name} was not there: look at it and keep it")
    assert drawn == path.read_text(encoding="utf-8"), f"{name} looks otherwise: delete it, look"
