"""Люди и роли: taking on, letting go, changing rights, seeing through somebody's eyes."""

from typing import Any

import pytest

from appliance.errors import HouseError
from tests.tui.conftest import InventedBox, compare, log, opened, screen, settle
from tui import leaving, rights

SELLER = {
    "order.view": {"scope": "own", "fields": {"name": "visible", "phone": "masked"}},
    "customer.view": {"scope": "own", "fields": {"name": "visible", "phone": "masked"}},
}


def person(number: int, login: str, name: str, role: str, **more: Any) -> dict[str, Any]:
    return {
        "number": number,
        "login": login,
        "name": name,
        "roles": [role],
        "department": "",
        "active": True,
        "factor": True,
        "must_change_password": False,
        **more,
    }


@pytest.fixture
def staffed(box: InventedBox) -> InventedBox:
    """A box with a few invented colleagues and two roles."""
    box.answers |= {
        "/users/list": {
            "users": [
                person(1, "smirnova", "Смирнова Ольга", "head", department="d1"),
                person(2, "kuznetsov", "Кузнецов Пётр", "seller", factor=False),
                person(3, "sorokin", "Сорокин Денис", "seller", active=False),
            ]
        },
        "/departments/list": {"departments": [{"id": "d1", "code": "sales", "name": "Продажи"}]},
        "/roles/list": {
            "roles": [
                {"code": "seller", "name": "Продавец", "preset": True, "grants": SELLER},
                {"code": "head", "name": "Руководитель", "preset": True, "grants": {}},
            ]
        },
        "/users/add": {"number": 4, "login": "petrov", "password": "тихий-омут-19"},
        "/users/eyes": {"grants": SELLER},
        "/users/disable": {},
        "/users/drop-factor": {},
        "/roles/edit": {},
    }
    return box


async def test_a_colleague_is_taken_on_and_his_password_is_shown_once_and_kept_nowhere(
    staffed: InventedBox,
) -> None:
    async with opened(staffed) as pilot:
        await pilot.press("2")
        await settle(pilot, lambda: "Работают 2 человека" in screen(pilot))
        compare(pilot, "people")
        await pilot.press("т")
        await settle(pilot, lambda: "Новый сотрудник" in screen(pilot))
        await pilot.press(*"petrov", "enter", *"Петров Иван", "enter")
        await settle(pilot, lambda: "Руководитель" in screen(pilot))
        await pilot.press("enter")
        await settle(pilot, lambda: "тихий-омут-19" in screen(pilot))
        await pilot.press("escape")
        await settle(pilot, lambda: "korobka user add petrov --role seller" in log(pilot))
        body = {"new_login": "petrov", "name": "Петров Иван", "roles": ["seller"]}
        assert staffed.bodies("/users/add") == [body]
        assert "омут" not in "\n".join(pilot.app.log_lines)  # type: ignore[attr-defined]


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """Reports that were written, without a disk."""
    written: list[tuple[str, Any]] = []

    def write(path: Any, found: Any) -> int:
        written.append((str(path), found["lines"]))
        return len(found["lines"])

    monkeypatch.setattr(leaving, "write_trail", write)
    monkeypatch.setattr(leaving, "_usual", lambda login: f"/home/boss/korobka-{login}.csv")
    return written


async def test_letting_somebody_go_asks_for_his_login_and_says_what_was_handed_over(
    staffed: InventedBox, reports: list[tuple[str, Any]]
) -> None:
    done = {"runs": False, "moved": {"clients": 12, "tasks": 3}, "refused": {"clients": 1}}
    staffed.answers |= {
        "/users/dismiss": {"runs": True},
        "/users/dismissal": done,
        "/users/trail": {"login": "kuznetsov", "lines": [{"what": "client"}]},
    }
    async with opened(staffed) as pilot:
        await pilot.press("2")
        await settle(pilot, lambda: "Кузнецов" in screen(pilot))
        await pilot.press("u")
        await settle(pilot, lambda: "Кому передать дела?" in screen(pilot))
        await pilot.press("enter")
        await settle(pilot, lambda: "Увольнение: Кузнецов" in screen(pilot))
        compare(pilot, "dismissal")
        await pilot.press("enter", "enter")
        await settle(pilot)
        assert staffed.bodies("/users/dismiss") == [], "the login was not typed"
        await pilot.press(*"kuznetsov", "enter")
        await settle(pilot, lambda: "клиентов: 12" in "".join(pilot.app.log_lines))  # type: ignore[attr-defined]
        assert staffed.bodies("/users/dismiss") == [{"of": "kuznetsov", "heir": "smirnova"}]
        said = "".join(pilot.app.log_lines)  # type: ignore[attr-defined]
        assert "korobka user dismiss kuznetsov --heir smirnova" in said
        assert "Осталось за ним: 1" in said
        assert [path for path, _lines in reports] == ["/home/boss/korobka-kuznetsov.csv"]


async def test_a_link_is_shown_once_and_stays_out_of_the_log(staffed: InventedBox) -> None:
    staffed.answers["/users/link"] = {"login": "kuznetsov", "link": "https://box/enter/2.tajna"}
    async with opened(staffed) as pilot:
        await pilot.press("2")
        await settle(pilot, lambda: "Кузнецов" in screen(pilot))
        await pilot.press("e")
        await settle(pilot, lambda: "Выдать ссылку" in screen(pilot))
        await pilot.press("enter")
        await settle(pilot, lambda: "2.tajna" in screen(pilot))
        compare(pilot, "link")
        await pilot.press("escape")
        await settle(pilot, lambda: "korobka user link kuznetsov" in log(pilot))
        assert "tajna" not in "".join(pilot.app.log_lines)  # type: ignore[attr-defined]


async def test_a_refusal_is_a_sentence_in_the_log_line_and_the_list_stays(
    staffed: InventedBox,
) -> None:
    staffed.answers["/users/dismiss"] = HouseError("last_manager")
    async with opened(staffed) as pilot:
        await pilot.press("2")
        await settle(pilot, lambda: "Кузнецов" in screen(pilot))
        await pilot.press("u")
        await settle(pilot, lambda: "Кому передать" in screen(pilot))
        await pilot.press("enter")
        await settle(pilot, lambda: "Увольнение:" in screen(pilot))
        await pilot.press("enter", *"kuznetsov", "enter")
        await settle(pilot, lambda: "Кузнецов" in screen(pilot) and "Пока ничего" not in log(pilot))
        assert "korobka user dismiss" not in log(pilot)


async def test_words_leave_those_they_fit_and_eyes_tell_what_he_may(staffed: InventedBox) -> None:
    async with opened(staffed) as pilot:
        await pilot.press("2")
        await settle(pilot, lambda: "Кузнецов" in screen(pilot))
        await pilot.press("f")
        await settle(pilot, lambda: "Слова" in screen(pilot))
        await pilot.press(*"ольга", "enter")
        await settle(pilot, lambda: "Найдено по словам" in screen(pilot))
        assert "Кузнецов" not in screen(pilot)
        await pilot.press("y")
        await settle(pilot, lambda: "Глазами сотрудника: Смирнова" in screen(pilot))
        compare(pilot, "eyes")
        assert "телефон под точками" in screen(pilot)


async def test_a_right_is_turned_marked_put_back_and_written_only_when_asked(
    staffed: InventedBox,
) -> None:
    async with opened(staffed) as pilot:
        await pilot.press("2")
        await settle(pilot, lambda: "Кузнецов" in screen(pilot))
        await pilot.press("m")
        await settle(pilot, lambda: "Роль: Продавец" in screen(pilot))
        await pilot.press("space")
        await settle(pilot, lambda: "отдел*" in screen(pilot))
        compare(pilot, "roles")
        await pilot.press("f6")
        await settle(pilot, lambda: "отдел*" not in screen(pilot))
        await pilot.press("space", "s")
        await settle(pilot, lambda: "Записать роль «Продавец»?" in screen(pilot))
        await pilot.press("shift+tab", "enter")
        await settle(pilot, lambda: "korobka role edit seller" in log(pilot))
        (sent,) = staffed.bodies("/roles/edit")
        turned = {**SELLER, "order.view": {**SELLER["order.view"], "scope": "department"}}
        assert sent["seen"] == SELLER
        assert sent["grants"] == turned


def test_every_permission_that_a_role_can_hold_has_words() -> None:
    from appliance.roles import FIELDS, Permission  # noqa: PLC0415 - only for the comparison

    houses = {Permission.HOUSE.value, Permission.SIGN_IN.value}
    assert set(rights.PERMISSIONS) == {one.value for one in Permission} - houses
    assert set(rights.FIELDS) == set(FIELDS)
