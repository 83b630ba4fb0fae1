"""The frame: sections by digits, help that is searched, a lost box that is waited for."""

import pytest

from appliance.errors import HouseError
from tests.tui.conftest import InventedBox, compare, log, opened, screen, settle
from tui.app import ConsoleApp
from tui.entrance import Lost
from tui.screens import SECTIONS

ALLOWED = set("«»№–—…─│┌┐└┘█░▄▀ёЁ·")
"""What the Linux text console can draw beside ASCII and Cyrillic letters."""


async def test_digits_lead_to_every_section_and_no_glyph_is_strange_to_the_text_console(
    box: InventedBox,
) -> None:
    async with opened(box) as pilot:
        for n, section in enumerate(SECTIONS, 1):
            await pilot.press(str(n))
            await settle(pilot, lambda name=section.HEADING: f"> {name}" in screen(pilot))  # type: ignore[misc]
            strange = {
                one
                for one in screen(pilot)
                if not one.isascii() and not "А" <= one <= "я" and one not in ALLOWED
            }
            assert strange == set(), section.NAME


async def test_help_opens_everywhere_and_keeps_what_fits_the_words_typed(box: InventedBox) -> None:
    async with opened(box) as pilot:
        await settle(pilot)
        await pilot.press("f1")
        await settle(pilot, lambda: "Помощь" in screen(pilot))
        compare(pilot, "help")
        await pilot.press(*"забытый пароль")
        await settle(pilot, lambda: "одноразовый пароль" in screen(pilot))
        assert "F10" not in screen(pilot)
        await pilot.press("escape")
        await settle(pilot, lambda: "1 Состояние" in screen(pilot))


@pytest.mark.parametrize("code", ["not_running", "no_answer"])
async def test_a_lost_box_is_waited_for_and_the_console_goes_on(
    box: InventedBox, code: str
) -> None:
    status = box.answers["/status"]
    box.answers["/status"] = box.answers["/box/health"] = HouseError(code)
    async with opened(box) as pilot:
        await settle(pilot, lambda: "Нет связи с сервером Коробки" in screen(pilot))
        assert "korobka doctor" in screen(pilot)
        box.answers["/status"] = status
        box.answers["/box/health"] = {"state": "ok", "lines": []}
        await pilot.press("enter")  # what the clock does every five seconds
        await settle(pilot, lambda: "всё в порядке" in screen(pilot))


async def test_a_box_that_is_away_for_long_has_one_window_and_the_console_goes_on(
    box: InventedBox,
) -> None:
    """Every 15 seconds the frame asks anew and calls off who waits: his window must not stay."""
    status = box.answers["/status"]
    box.answers["/status"] = box.answers["/box/health"] = HouseError("not_running")

    def windows() -> int:
        return sum(isinstance(one, Lost) for one in app.screen_stack)

    async with opened(box) as pilot:
        app = pilot.app
        assert isinstance(app, ConsoleApp)
        await settle(pilot, lambda: windows() == 1)
        for _ in range(3):
            asked = len(box.bodies("/status"))
            app.watch_over()
            await settle(pilot, lambda known=asked: len(box.bodies("/status")) > known)  # type: ignore[misc]
            await pilot.pause()
        assert windows() == 1
        box.answers["/status"] = status
        box.answers["/box/health"] = {"state": "ok", "lines": []}
        for one in [one for one in app.screen_stack if isinstance(one, Lost)]:
            one.action_try_now()  # each has a clock of its own
        await settle(pilot, lambda: windows() == 0)
        await settle(pilot, lambda: "всё в порядке" in screen(pilot))
        assert app.screen is app.working


async def test_who_is_no_member_of_the_box_signs_in_once_under_his_own_name(
    box: InventedBox,
) -> None:
    fine = box.answers["/box/health"]
    box.answers["/box/health"] = box.answers["/jobs/list"] = HouseError("sign_in_needed")

    def sign_in(body: dict[str, object]) -> object:
        if body["password"] != "старый клён":
            return HouseError("sign_in_wrong")
        box.answers["/box/health"], box.answers["/jobs/list"] = fine, {"jobs": []}
        return {"token": "t"}

    box.answers["/sign-in"] = sign_in
    async with opened(box) as pilot:
        await settle(pilot, lambda: "Кто вы?" in screen(pilot))
        await pilot.press(*"boss", "enter", *"не тот", "enter", "enter")
        await settle(pilot, lambda: len(box.bodies("/sign-in")) == 1)
        await settle(pilot, lambda: "!!" in screen(pilot))
        await pilot.press("up", "end", "ctrl+u", *"старый клён", "enter", "enter")
        await settle(pilot, lambda: "всё в порядке" in screen(pilot))
        assert "Кто вы?" not in screen(pilot)
        assert "клён" not in log(pilot)


async def test_a_window_too_small_says_how_large_it_has_to_be(box: InventedBox) -> None:
    async with opened(box, (72, 20)) as pilot:
        await settle(pilot, lambda: "нужно 80x24, сейчас 72x20" in screen(pilot))


async def test_an_answer_that_comes_while_the_console_closes_brings_nothing_down(
    box: InventedBox,
) -> None:
    async with opened(box) as pilot:
        await settle(pilot)
        working = pilot.app.working  # type: ignore[attr-defined]
    assert not working.query("#where")
    working.warn([{"code": "disk.space", "state": "bad"}])
    working.head()
    assert working.states == dict.fromkeys(working.states, "ok")


async def test_esc_leads_back_and_enter_shows_all_about_a_row(box: InventedBox) -> None:
    async with opened(box) as pilot:
        await settle(pilot, lambda: "всё в порядке" in screen(pilot))
        await pilot.press("o")
        await settle(
            pilot, lambda: "В очереди нет ничего" in screen(pilot) or "D/В" in screen(pilot)
        )
        await pilot.press("escape")
        await settle(pilot, lambda: "всё в порядке" in screen(pilot))
        box.answers["/vault/slots"] = {
            "slots": [{"id": 1, "kind": "recovery", "created": 0, "last_ok": None}]
        }
        await pilot.press("4")
        await settle(pilot, lambda: "Код с листка" in screen(pilot))
        await pilot.press("enter")
        await settle(pilot, lambda: "Закрыть (Esc)" in screen(pilot))
        assert "Номер способа: 1." in screen(pilot)
