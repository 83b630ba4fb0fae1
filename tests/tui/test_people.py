"""Люди и роли: taking on, letting go, changing rights, seeing through somebody's eyes."""

from typing import Any

import pytest

from appliance.errors import HouseError
from tests.tui.conftest import InventedBox, compare, log, opened, screen, settle
from tui import rights

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


async def test_letting_somebody_go_asks_for_his_login_and_enter_on_nothing_does_nothing(
    staffed: InventedBox,
) -> None:
    async with opened(staffed) as pilot:
        await pilot.press("2")
        await settle(pilot, lambda: "Кузнецов" in screen(pilot))
        await pilot.press("u")
        await settle(pilot, lambda: "Увольнение: Кузнецов" in screen(pilot))
        await pilot.press("enter")
        await settle(pilot)
        assert staffed.bodies("/users/disable") == []
        compare(pilot, "dismissal")
        await pilot.press(*"kuznetsov", "enter")
        await settle(pilot, lambda: "korobka user disable kuznetsov" in log(pilot))


async def test_a_refusal_is_a_sentence_in_the_log_line_and_the_list_stays(
    staffed: InventedBox,
) -> None:
    staffed.answers["/users/disable"] = HouseError("last_manager")
    async with opened(staffed) as pilot:
        await pilot.press("2")
        await settle(pilot, lambda: "Кузнецов" in screen(pilot))
        await pilot.press("u")
        await settle(pilot, lambda: "Увольнение" in screen(pilot))
        await pilot.press(*"kuznetsov", "enter")
        await settle(pilot, lambda: "Кузнецов" in screen(pilot) and "Пока ничего" not in log(pilot))
        assert "korobka user disable" not in log(pilot)


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
        assert sent == {"code": "seller", "name": "Продавец", "grants": turned}


def test_every_permission_that_a_role_can_hold_has_words() -> None:
    from appliance.roles import FIELDS, Permission  # noqa: PLC0415 - only for the comparison

    houses = {Permission.HOUSE.value, Permission.SIGN_IN.value}
    assert set(rights.PERMISSIONS) == {one.value for one in Permission} - houses
    assert set(rights.FIELDS) == set(FIELDS)
