"""By commands alone, on a served box whose clock is moved: copy, destroy, restore, still gone."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.boot import moved_clock
from tests.box import PASSWORD, Box, browser, free_port, order

NAMES = ("Незабудкина", "Незабудкинаа")


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path / "first", free_port(), seen_at=tmp_path / "first")
    made.home.mkdir()
    made.environment["KOROBKA_DEVELOPMENT"] = "true"
    assert made.init().exit == 0
    yield made
    made.stop()


def _ordered(box: Box) -> None:
    """Two clients by their orders."""
    key = box.api_key()
    with box.client(headers={"X-API-KEY": key}) as shop:
        for number in (3, 4):
            answer = shop.post("/api/v5/orders/create", data=order(number))
            assert answer.status_code in (200, 201), answer.text


def _approver(box: Box, login: str) -> tuple[str, ...]:
    """Somebody who may agree, with a password of his own."""
    made = box.run("user", "add", login, "--role", "head")
    with browser(box, login, made.facts["password"]):
        pass
    return ("--as", login, "--password-file", str(box.home / "password"))


@pytest.mark.checklist(193)
@pytest.mark.whole_box
def test_who_is_destroyed_is_so_in_a_box_restored_from_yesterday(box: Box) -> None:
    (box.home / "password").write_text(PASSWORD)
    box.serve()
    _ordered(box)
    first, second = _approver(box, "olga"), _approver(box, "ivan")
    yesterday = box.run("backup", "now").facts["stamp"]
    assert box.run("backup", "drill").exit == 0
    asked = box.run("subject", "request", "1", "erase")
    assert asked.exit == 0, asked
    number = str(asked.facts["number"])
    assert box.run("subject", "approve", number).code == "approve_nobody"
    assert box.run("subject", "approve", number, *first).exit == 0
    agreed = box.run("subject", "approve", number, *second)
    assert agreed.facts["state"] == "cooling", agreed
    box.stop()
    box.environment[moved_clock.VARIABLE] = "73"
    box.serve()
    _wait(box, number, "waiting")
    _must_be_gone(box)
    box.stop()
    del box.environment[moved_clock.VARIABLE]
    code = box.born["recovery_code"]
    assert box.run("restore", yesterday, "--code-file", "-", typed=code).exit == 0
    box.serve()
    _must_be_gone(box)


def _wait(box: Box, number: str, state: str) -> None:
    until = time.monotonic() + 180  # chores are claimed each half minute
    while time.monotonic() < until:
        box.run("subject", "execute", number)
        shown = box.run("subject", "show", number)
        if shown.facts["state"] == state:
            return
    pytest.fail(f"still {shown.facts}")


def _must_be_gone(box: Box) -> None:
    """Client 1 is destroyed and in no file of the data; client 2 is as he was."""
    assert box.run("subject", "find", "1").facts["cells"] == {}
    assert "name" in box.run("subject", "find", "2").facts["cells"]
    with box.client(headers={"X-API-KEY": box.api_key()}) as shop:
        found = shop.get("/api/v5/customers", params={"limit": 20}).json()["customers"]
        assert [one["id"] for one in found] == [2]
