"""Персональные данные: terms on top, nobody agrees by one press, acts are saved as files."""

import base64
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from appliance.errors import HouseError
from tests.tui.conftest import LARGE, InventedBox, compare, log, opened, screen, settle

FOUND = {
    "cells": {"name": 1, "contacts": 3},
    "rows": {},
    "indexes": 3,
    "records": 1,
    "orders": 4,
    "open_orders": 0,
    "deals": 0,
    "open_deals": 0,
    "open_tasks": 0,
    "open_letters": 0,
    "paid_for": 0,
    "companies": 0,
    "files": 2,
    "file_bytes": 4096,
    "drafts": 0,
    "values": 17,
}


def request(number: int, **changes: object) -> dict[str, Any]:
    return {
        "number": number,
        "kind": "erase",
        "state": "blocked",
        "customer": 1042,
        "channel": "letter",
        "received_on": "2026-11-19",
        "due_on": "2026-11-24",
        "norm": "21.5.1",
        "extended": 0,
        "asked_by": 8,
        "asked_at": "2026-11-19T08:00:00+00:00",
        "needed": 2,
        "code_needed": False,
        "pause_hours": 72,
        "cooling_left": None,
        "found": FOUND,
        "approvals": [],
        "holds": [],
        "blocked_at": "2026-11-19T08:00:00+00:00",
        "approved_at": None,
        "erased_at": None,
        "closed_at": None,
        "ledger": 0,
        "waits_for": [],
        **changes,
    }


AGREED = [{"by": 6, "at": "2026-11-20T07:05:00+00:00", "code": False, "stands": True}]
PEOPLE = {"6": "Смирнова О.", "8": "Лебедева З."}
REQUESTS = [
    request(33, kind="access", state="open", due_on="2026-12-03", blocked_at=None),
    request(32, kind="rectify", due_on="2026-11-27"),
    request(31, approvals=AGREED),
    request(30, state="cooling", due_on="2026-11-26", cooling_left=86_400, approvals=AGREED * 2),
    request(29, state="closed", erased_at="2026-11-12T09:00:00+00:00",
            closed_at="2026-11-15T09:00:00+00:00", ledger=6),
]  # fmt: skip
ACTS = [
    {"number": 14, "state": "closed", "request": 29, "made_at": "2026-11-12T09:01:00+00:00",
     "keep_until": "2029-11-12T09:00:00+00:00"},
]  # fmt: skip


def filled(box: InventedBox) -> InventedBox:
    box.answers |= {
        "/subjects/list": {"requests": REQUESTS, "people": PEOPLE},
        "/acts/list": {"acts": ACTS},
        "/subjects/find": FOUND,
    }
    return box


async def test_what_is_near_its_term_stands_on_top_and_nobody_is_named(box: InventedBox) -> None:
    async with opened(filled(box)) as pilot:
        await pilot.press("7")
        await settle(pilot, lambda: "ПД-31" in screen(pilot))
        shown = screen(pilot)
        assert "Ждут 4 запроса. До срока 3 дня." in shown
        assert shown.index("ПД-31") < shown.index("ПД-32") < shown.index("ПД-29")
        assert "Смирнова О." in shown, "colleagues may be named, clients are numbers"
        compare(pilot, "subjects")


async def test_a_box_without_requests_says_what_to_do_when_one_comes(box: InventedBox) -> None:
    box.answers |= {"/subjects/list": {"requests": [], "people": {}}, "/acts/list": {"acts": []}}
    async with opened(box) as pilot:
        await pilot.press("7")
        await settle(pilot, lambda: "запишите в тот же день" in screen(pilot))


async def test_agreeing_shows_the_consequences_and_asks_for_the_number_and_for_a_name(
    box: InventedBox,
) -> None:
    tries: list[object] = []

    def approve(body: dict[str, object]) -> Any:
        tries.append(body)
        return HouseError("approve_nobody") if len(tries) == 1 else request(31)

    filled(box).answers |= {"/subjects/approve": approve, "/sign-in": {"token": "t"}}
    async with opened(box) as pilot:
        await pilot.press("7")
        await settle(pilot, lambda: "ПД-31" in screen(pilot))
        await pilot.press("y")
        await settle(pilot, lambda: "Чтобы продолжить" in screen(pilot))
        compare(pilot, "destroy")
        await pilot.press("enter")
        await settle(pilot)
        assert tries == [], "without the number nothing happens"
        await pilot.press(*"пд-31", "enter")
        await settle(pilot, lambda: "Кто вы?" in screen(pilot))
        await pilot.press(*"boss", "enter", *"secret", "enter", "enter")
        await settle(pilot, lambda: "korobka subject approve 31" in log(pilot))
        assert tries == [{"number": 31}, {"number": 31}]
        assert "secret" not in "\n".join(pilot.app.log_lines)  # type: ignore[attr-defined]


async def test_a_firm_of_one_agrees_by_the_code_on_paper(box: InventedBox) -> None:
    alone = request(40, needed=0, code_needed=True)
    filled(box).answers |= {
        "/subjects/list": {"requests": [alone], "people": PEOPLE},
        "/subjects/approve-by-code": alone,
    }
    async with opened(box) as pilot:
        await pilot.press("7")
        await settle(pilot, lambda: "Нужен код с листка" in screen(pilot))
        await pilot.press("y")
        await settle(pilot, lambda: "Код с листка" in screen(pilot))
        await pilot.press(*"ABCD", "enter", *"пд-40", "enter")
        await settle(pilot, lambda: "approve 40" in log(pilot))
        assert box.bodies("/subjects/approve-by-code") == [{"number": 40, "code": "ABCD"}]
        assert "ABCD" not in "\n".join(pilot.app.log_lines)  # type: ignore[attr-defined]


async def test_a_request_is_noted_after_what_it_does_was_shown(box: InventedBox) -> None:
    filled(box).answers["/subjects/request"] = request(34)
    async with opened(box) as pilot:
        await pilot.press("7")
        await settle(pilot, lambda: "ПД-31" in screen(pilot))
        await pilot.press("n")
        await settle(pilot, lambda: "О чём просит человек?" in screen(pilot))
        await pilot.press(*["down"] * 6, "enter")
        await settle(pilot, lambda: "Запрос: уничтожить" in screen(pilot))
        await pilot.press(*"1042", "enter", "enter", "enter", "enter")
        await settle(pilot, lambda: "закрыть клиента № 1042?" in screen(pilot))
        assert "4 заказа" in screen(pilot)
        assert box.bodies("/subjects/request") == [], "the harmless answer has the focus"
        await pilot.press("shift+tab", "enter")
        await settle(pilot, lambda: "korobka subject request 1042 erase" in log(pilot))
        (asked,) = box.bodies("/subjects/request")
        assert (asked["customer"], asked["received_on"]) == (1042, "2026-11-21")


async def test_an_act_is_saved_into_a_folder_for_its_owner_only(
    box: InventedBox, tmp_path: Path
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("act.pdf", b"%PDF-")
        archive.writestr("../../out.txt", b"no")
    filled(box).answers["/acts/archive"] = {
        "number": 14, "zip": base64.b64encode(packed.getvalue()).decode(),
    }  # fmt: skip
    async with opened(box, LARGE) as pilot:
        await pilot.press("7")
        await settle(pilot, lambda: "ПД-31" in screen(pilot))
        await pilot.press("m")
        await settle(pilot, lambda: "12.11.2029" in screen(pilot))
        compare(pilot, "acts")
        await pilot.press("p")
        await settle(pilot, lambda: "Папка" in screen(pilot))
        await pilot.press("home", *["delete"] * 80, *str(tmp_path), "enter")
        await settle(pilot, lambda: "korobka subject act 14" in log(pilot))
    folder = tmp_path / "act-14"
    assert sorted(path.name for path in folder.iterdir()) == ["act.pdf", "out.txt"]
    assert (folder / "act.pdf").stat().st_mode & 0o077 == 0


async def test_acts_are_read_under_the_name_of_whoever_answers_for_the_data(
    box: InventedBox,
) -> None:
    filled(box).answers |= {"/acts/list": HouseError("denied"), "/sign-in": {"token": "t"}}
    async with opened(box) as pilot:
        await pilot.press("7")
        await settle(pilot, lambda: "ПД-31" in screen(pilot))
        await pilot.press("m")
        await settle(pilot, lambda: "тот, кто отвечает за данные" in screen(pilot))
        await pilot.press("i")
        await settle(pilot, lambda: "Кто вы?" in screen(pilot))
        box.answers["/acts/list"] = {"acts": ACTS}
        await pilot.press(*"zoya", "enter", *"secret", "enter", "enter")
        await settle(pilot, lambda: "12.11.2029" in screen(pilot))


def saved(folder: Path) -> tuple[bytes, int]:
    """The only pack of a folder, and what others may do with it."""
    (made,) = folder.glob("korobka-pack-*.zip")
    return made.read_bytes(), made.stat().st_mode & 0o077


async def test_a_pack_for_an_inspection_is_saved_or_waits_for_a_second_person(
    box: InventedBox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/zoya")
    filled(box).answers["/subjects/pack"] = HouseError("agreement_asked", number=3)
    async with opened(box) as pilot:
        await pilot.press("7")
        await settle(pilot, lambda: "ПД-31" in screen(pilot))
        await pilot.press("m")
        await settle(pilot, lambda: "K/Л Пакет" in screen(pilot))
        await pilot.press("k")
        await settle(pilot, lambda: "Кому передаём" in screen(pilot))
        compare(pilot, "pack")
        await pilot.press(*"RKN", "enter", "home", *["delete"] * 80, *str(tmp_path), "enter")
        await settle(pilot, lambda: "просьба № 3" in screen(pilot))
        box.answers["/subjects/pack"] = {"zip": base64.b64encode(b"PK").decode()}
        await pilot.press("k")
        await settle(pilot, lambda: "Кому передаём" in screen(pilot))
        await pilot.press(*"RKN", "enter", "home", *["delete"] * 80, *str(tmp_path), "enter")
        await settle(pilot, lambda: "korobka subject pack" in log(pilot))
    assert saved(tmp_path) == (b"PK", 0)
    assert box.bodies("/subjects/pack") == [{"receiver": "RKN"}] * 2
