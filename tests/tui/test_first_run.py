"""Первый запуск: kept by the box, left and resumed anywhere, refusals at their fields."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from textual.pilot import Pilot

from appliance.domain.setup import Facts, Setup, SetupStep, plan
from appliance.errors import HouseError
from appliance.vault.recovery import RecoveryCode
from tests.tui.conftest import LARGE, InventedBox, compare, opened, screen, settle

CODE = RecoveryCode(bytes(range(20)))
FINGERPRINT = ":".join(f"{n:02X}" for n in range(32))
NO_WAY = {"way": "none", "name": "", "port": 0, "server": "", "vpn": False, "found": {}}
HEADINGS = (
    *("Организация", "Владелец", "Как открывать", "Код на бумаге", "Проверка кода"),
    *("Адрес в сети", "Доступ снаружи", "Копии", "152-ФЗ", "С чего начать", "План внедрения"),
)


class NewBox(InventedBox):
    """A box that remembers which steps were answered."""

    def __init__(self) -> None:
        super().__init__()
        self.done: dict[str, str] = {}
        self.setup: dict[str, Any] = {
            "begun": True,
            "owner": "",
            "code_at": None,
            "checked_at": None,
            "proof": "",
            "trust": "",
            "reach": {
                "way": "none",
                "name": "",
                "port": 0,
                "server": "",
                "vpn": False,
                "found": {},
            },
            "protection": {
                "threats": 3,
                "category": "other",
                "staff_only": False,
                "many": False,
                "officer": "",
                "notified": False,
            },
            "sample": False,
            "finished_at": None,
        }
        self.facts = {
            "address": "https://127.0.0.1:8443/",
            "fingerprint": FINGERPRINT,
            "listen": "127.0.0.1",
            "port": 8443,
            "hosts": [],
            "guess": "192.168.1.20",
            "profile": "key_file",
            "key_file": "/opt/korobka/etc/keys/unlock.key",
            "outer": {"port": 8444},
            "targets": [],
            "every_minutes": 60,
            "disks": [
                {"path": "/mnt/usb-a", "device": "/dev/sdb1", "id": "usb-Kopia-A", "free": 5 << 30}
            ],
            "folder": "/var/lib/korobka",
        }
        self.answers |= {
            "/setup/show": lambda _: self.show(),
            "/setup/company": self.company,
            "/setup/owner": self.step("owner", {"login": "olga", "password": "one-time-3k7"}),
            "/setup/unlock": self.step("unlock", {"profile": "both"}),
            "/setup/code": self.step("code", {"code": CODE.text}),
            "/setup/try-code": self.try_code,
            "/setup/prove": self.step("check", {}),
            "/setup/progress": {"running": False, "what": "prove", "code": ""},
            "/setup/address": self.step(
                "address", {"address": "https://192.168.1.20:8443/", "fingerprint": FINGERPRINT}
            ),
            "/setup/trust": {"folder": "/var/lib/korobka/trust", "files": []},
            "/setup/reach": self.step("reach", {}),
            "/setup/try-reach": {"found": {"name": "ok", "port": "ok", "tls": "bad"}},
            "/setup/copies": self.copies,
            "/setup/privacy": self.step("privacy", {"level": 3, "clause": 11, "letter": "в"}),
            "/setup/beginning": self.step("beginning", {}),
            "/setup/finish": self.finish,
        }

    def show(self) -> dict[str, Any]:
        at = next((step.value for step in SetupStep if step.value not in self.done), "plan")
        lines = plan(Setup(owner="olga"), Facts(company=True, ways_in=("a", "b"), colleagues=2))
        return {
            "setup": {**self.setup, "done": self.done},
            "at": at,
            "company": {"name": "ООО «Башмачок»"},
            "colleagues": [{"login": "admin", "name": "admin", "roles": ["administrator"]}],
            "plan": [{"code": one.code, "done": one.done, "values": {}} for one in lines],
            "empty": True,
            "facts": self.facts,
        }

    def step(self, name: str, answer: Mapping[str, Any]) -> Any:
        def answered(_: Mapping[str, object]) -> Mapping[str, Any]:
            self.done.setdefault(name, "2026-11-21T11:00:00+00:00")
            return answer

        return answered

    def company(self, body: Mapping[str, object]) -> Any:
        if body["inn"] != "7707083893":
            return HouseError("inn_wrong", "", field="inn")
        return self.step("company", {"changed": True})(body)

    def copies(self, body: Mapping[str, object]) -> Any:
        if body["targets"] == ["/nowhere"]:
            return HouseError("folder_missing", "", field="targets", path="/nowhere")
        return self.step("copies", {})(body)

    def try_code(self, body: Mapping[str, object]) -> Any:
        typed = str(body["typed"])
        groups = CODE.groups_right(typed)
        whole = len(groups) == 9 and all(groups)
        code = "" if whole else "recovery_code_length"
        return {"groups": groups, "whole": whole, "code": code, "params": {}}

    def finish(self, _: Mapping[str, object]) -> Any:
        self.setup["finished_at"] = "2026-11-21T11:02:00+00:00"
        return {}


@pytest.fixture
def fresh() -> NewBox:
    return NewBox()


async def at_step(pilot: Pilot[None], number: int) -> None:
    heading = HEADINGS[number - 1]
    await settle(pilot, lambda: f"{heading}  шаг {number} из 11" in screen(pilot))


async def test_a_first_run_by_keys_alone_from_the_first_step_to_the_plan(fresh: NewBox) -> None:
    async with opened(fresh) as pilot:
        await at_step(pilot, 1)
        await pilot.press("tab", "tab", *"123", "f8")
        await settle(pilot, lambda: "ИНН не сходится" in screen(pilot))
        assert "ООО «Башмачок»" in screen(pilot), "what was typed stays"
        compare(pilot, "setup-company")
        await pilot.press(*["backspace"] * 3, *"7707083893", "f8")
        await at_step(pilot, 2)
        await pilot.press(*"olga", "tab", *"Ольга Смирнова")
        compare(pilot, "setup-owner")
        await pilot.press("f8")
        await settle(pilot, lambda: "one-time-3k7" in screen(pilot))
        await pilot.press("enter")
        await at_step(pilot, 3)
        await pilot.press("down", "tab", *"семь синих", "tab", *"семь")
        await pilot.press("f8")
        await settle(pilot, lambda: "Фразы не совпали" in screen(pilot))
        assert fresh.bodies("/setup/unlock") == []
        compare(pilot, "setup-unlock")
        await pilot.press(*" синих", "f8")
        await at_step(pilot, 4)
        assert fresh.bodies("/setup/unlock")[0]["profile"] == "both"
        assert "семь" not in "".join(pilot.app.log_lines)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await settle(pilot, lambda: CODE.text[:4] in screen(pilot))
        compare(pilot, "setup-code")
        await pilot.press("f8")
        await code_is_typed(pilot)
        await the_network(pilot, fresh)
        await the_rest(pilot, fresh)


async def code_is_typed(pilot: Pilot[None]) -> None:
    await at_step(pilot, 5)
    assert CODE.text[:4] not in screen(pilot), "typed from the paper, not from the screen"
    await pilot.press(*CODE.text[:5], *"ZZZZ", "-")
    await settle(pilot, lambda: "Отмеченная группа не сходится" in screen(pilot))
    assert re.search(r"1 ок +2 !!", screen(pilot))
    compare(pilot, "setup-check")
    await pilot.press("f8")
    await settle(pilot, lambda: "неполный" in screen(pilot))
    await pilot.press(*["backspace"] * 5, *CODE.text[5:].lower())
    await settle(pilot, lambda: "Код верный. F8" in screen(pilot))
    await pilot.press("f8")


async def the_network(pilot: Pilot[None], fresh: NewBox) -> None:
    await at_step(pilot, 6)
    assert "192.168.1.20" in screen(pilot), "the address that the network would use is offered"
    compare(pilot, "setup-address")
    await pilot.press("f8")
    await at_step(pilot, 7)
    await pilot.press("down", "tab", *"zakaz.example", "tab", "tab", "tab", "enter")
    await settle(pilot, lambda: "чужой сертификат" in screen(pilot))
    assert fresh.bodies("/setup/reach")[-1]["way"] == "router"
    # A button that was pressed is shown so for a moment.
    await settle(pilot, lambda: not pilot.app.screen.query("Button.-active"))
    compare(pilot, "setup-reach")
    await pilot.press("f8")


async def the_rest(pilot: Pilot[None], fresh: NewBox) -> None:
    await at_step(pilot, 8)
    await pilot.press(*"/nowhere", "f8")
    await settle(pilot, lambda: "Папки /nowhere нет" in screen(pilot))
    compare(pilot, "setup-copies")
    await pilot.press(*["backspace"] * 8, *"/mnt/usb-a", "f8")
    await at_step(pilot, 9)
    await pilot.press("down")
    await settle(pilot, lambda: "УЗ-3" in screen(pilot))
    compare(pilot, "setup-privacy")
    await pilot.press("f8")
    await at_step(pilot, 10)
    compare(pilot, "setup-beginning")
    await pilot.press("f8")
    await at_step(pilot, 11)
    compare(pilot, "setup-plan")
    await pilot.press("f8")
    await settle(pilot, lambda: "1 Состояние" in screen(pilot))


async def test_it_goes_on_where_it_was_left_and_going_back_asks_for_nothing(fresh: NewBox) -> None:
    async with opened(fresh, LARGE) as pilot:
        await at_step(pilot, 1)
        await pilot.press("tab", "tab", *"7707083893", "f8")
        await at_step(pilot, 2)
        await pilot.press("f9")
        await settle(pilot, lambda: "1 Состояние" in screen(pilot))
    async with opened(fresh, LARGE) as pilot:
        await at_step(pilot, 2)
        compare(pilot, "setup-wide")
        before = len(fresh.asked)
        await pilot.press("f7")
        await at_step(pilot, 1)
        asked = {path for path, _ in fresh.asked[before:]}
        assert asked <= {"/setup/show", "/status", "/box/health"}


async def test_a_box_that_was_set_up_or_is_older_opens_no_wizard_until_it_is_asked_for(
    fresh: NewBox,
) -> None:
    fresh.setup["begun"] = False
    async with opened(fresh) as pilot:
        await settle(pilot, lambda: bool(fresh.bodies("/setup/show")))
        await settle(pilot, lambda: "1 Состояние" in screen(pilot))
        await pilot.press("ц")
        await at_step(pilot, 1)


async def test_what_is_typed_waits_for_who_looks_back_and_is_asked_about_before_leaving(
    fresh: NewBox,
) -> None:
    async with opened(fresh) as pilot:
        await at_step(pilot, 1)
        await pilot.press("tab", "tab", *"7707083893", "f8")
        await at_step(pilot, 2)
        await pilot.press(*"olga", "enter", *"Ольга", "f7")
        await at_step(pilot, 1)
        await pilot.press("tab", "tab", *"7707083893", "f8")
        await at_step(pilot, 2)
        assert "olga" in screen(pilot)
        assert "Ольга" in screen(pilot), "Enter went to the next field"
        await pilot.press("f9")
        await settle(pilot, lambda: "Этот шаг ещё не записан" in screen(pilot))
        await pilot.press("escape")
        await at_step(pilot, 2)
        assert fresh.bodies("/setup/owner") == []
        await pilot.press("f9")
        await settle(pilot, lambda: "Этот шаг ещё не записан" in screen(pilot))
        await pilot.press("enter")
        await settle(pilot, lambda: "one-time-3k7" in screen(pilot))
        await pilot.press("enter")
        await settle(pilot, lambda: "1 Состояние" in screen(pilot))


async def test_an_arrow_chooses_what_it_points_at(fresh: NewBox) -> None:
    async with opened(fresh) as pilot:
        await at_step(pilot, 1)
        await pilot.press("down")
        await settle(pilot, lambda: "(*) Предприниматель" in screen(pilot))
        assert "( ) Организация" in screen(pilot)
        await pilot.press("down")
        assert pilot.app.focused is not None
        assert pilot.app.focused.id == "name", "from the last choice it goes to the next field"
