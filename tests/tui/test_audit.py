"""Журнал: entries in words, conditions as people type them, long work watched, ways chosen."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.errors import HouseError
from tests.tui.conftest import LARGE, NOW, InventedBox, compare, log, opened, screen, settle
from tui import deeds, words
from tui.screens.audit_conditions import day_of

LINES = [
    ("user", 3, "Волков Андрей", "backups.begin", "copy_run", 428, "done", []),
    ("system", 0, "", "anchors.checked", "audit_log", 0, "done", []),
    ("user", 7, "Белова Тамара", "customers.reveal", "customer", 10442, "done", ["phone"]),
    ("user", 9, "Зайцев Игорь", "shipments.dispatch", "order", 4815, "done", []),
    ("user", 4, "Орлова Алла", "exports.ask", "export", 12, "denied", []),
    ("anonymous", 0, "", "sign_in.refused", "user", 0, "wrong_password", []),
]


def line(place: int) -> dict[str, object]:
    kind, number, who, deed, thing, thing_number, result, fields = LINES[place % len(LINES)]
    return {
        "seq": 88_241 - place,
        "at": (NOW - timedelta(minutes=20 * place)).isoformat(),
        "kind": kind,
        "number": number,
        "who": who,
        "deed": deed,
        "result": result,
        "thing": thing,
        "thing_number": thing_number,
        "thing_id": "",
        "people": len(fields),
        "fields": fields,
        "session": "0a1b2c3d" if kind == "user" else "",
        "origin": "lan" if kind == "user" else "",
        "purpose": "",
        "anchored": place > 3,
    }


def page(body: dict[str, object]) -> dict[str, object]:
    start = 0 if body["before"] is None else 88_242 - int(str(body["before"]))
    return {
        "lines": [line(n) for n in range(start, start + 7)],
        "after": 88_241 - start - 6,
        "size": 88_241,
        "anchored": 87_301,
        "health": {
            "kept_at": "2026-11-21T05:00:00+00:00",
            "ways": 2,
            "code": "",
            "checked": {"at": "2026-11-21T00:30:00+00:00", "ok": True, "size": 88_239},
        },
    }


ANCHORS = {
    "anchors": [
        {
            "number": 31 - n,
            "kind": kind,
            "state": state,
            "place": place,
            "size": 87_301,
            "by": 0,
            "made_at": "2026-11-21T05:00:00+00:00",
            "done_at": "2026-11-21T05:00:01+00:00" if state == "done" else None,
            "code": code,
        }
        for n, (kind, state, place, code) in enumerate(
            [
                ("mail", "waiting", "1", ""),
                ("file", "failed", "/mnt/usb-b", "anchor_folder_lost"),
                ("file", "done", "/mnt/usb-a", ""),
            ]
        )
    ],
    "rules": {"file": True, "mail": True, "paper": False, "to": ["buh@firma.example"]},
    "places": ["/mnt/usb-a", "/mnt/usb-b"],
}
IDLE = {"running": False, "kind": "", "done": 0, "total": 0, "last": {}}


@pytest.fixture
def kept(box: InventedBox) -> InventedBox:
    box.answers |= {"/audit/page": page, "/audit/anchors": ANCHORS, "/audit/start": {}}
    return box


async def test_the_log_is_read_in_words_and_goes_back_page_by_page(kept: InventedBox) -> None:
    async with opened(kept) as pilot:
        await pilot.press("6")
        await settle(pilot, lambda: "Цепочка цела: записи 1–88 239" in screen(pilot))
        compare(pilot, "audit")
        for said in ("Волков А.", "копия начата № 428", "не вошедший", "до 87 301"):
            assert said in screen(pilot)
        await pilot.press("down", "down")
        await settle(pilot, lambda: "Личные данные: 1 человек: телефон" in screen(pilot))
        await pilot.press("o")
        await settle(pilot, lambda: len(pilot.app.working.front.entries) == 14)  # type: ignore[attr-defined]
        assert [one["before"] for one in kept.bodies("/audit/page")][-1] == 88_235
        assert "Личные данные" in screen(pilot), "the cursor stays where it was"


async def test_conditions_are_typed_as_people_speak(kept: InventedBox) -> None:
    async with opened(kept, LARGE) as pilot:
        await pilot.press("6")
        await settle(pilot, lambda: "Цепочка цела" in screen(pilot))
        await pilot.press("а")  # F in the Russian layout
        await settle(pilot, lambda: "Какие записи показать" in screen(pilot))
        await pilot.press(*"коробка", "tab", *"ерунда", "enter", "enter", "enter", "enter", "enter")
        await settle(pilot, lambda: "Такого действия журнал не знает" in screen(pilot))
        assert kept.bodies("/audit/page")[-1]["deed"] == ""
        await pilot.press(*["shift+tab"] * 4, *["backspace"] * 6, *"телефон", "tab", *"заказ 4815")
        await pilot.press("tab", *"вчера", "tab", *"21.11", "tab", *"отказ")
        await settle(pilot)
        compare(pilot, "audit-conditions")
        await pilot.press("enter")
        await settle(pilot, lambda: "Показаны: Кто коробка" in screen(pilot))
        asked = kept.bodies("/audit/page")[-1]
        assert (asked["who"], asked["thing"], asked["result"]) == (
            "system",
            "order 4815",
            "refused",
        )
        assert set(str(asked["deed"]).split(",")) >= {"customers.reveal", "courier.reveal"}
        assert asked["since"] == "2026-11-20T00:00:00+03:00"
        assert asked["until"] == "2026-11-22T00:00:00+03:00"


async def test_a_verification_is_watched_and_survives_leaving_the_screen(kept: InventedBox) -> None:
    def start(body: dict[str, object]) -> object:
        kept.answers["/audit/progress"] = {
            **IDLE,
            "running": True,
            "kind": "verify",
            "done": 64_000,
            "total": 100_000,
        }
        return {}

    kept.answers["/audit/start"] = start
    async with opened(kept) as pilot:
        await pilot.press("6")
        await settle(pilot, lambda: "Цепочка цела" in screen(pilot))
        await pilot.press("v")
        await settle(pilot, lambda: "64 %" in screen(pilot))
        compare(pilot, "audit-checking")
        await pilot.press("3")
        await settle(pilot, lambda: "Копий ещё нет" in screen(pilot))
        found = {"ok": False, "size": 88_241, "first_bad": 17_250, "place": "event"}
        last = {"kind": "verify", "code": "", "params": {}, "result": found}
        kept.answers["/audit/progress"] = {**IDLE, "last": last}
        await pilot.press("6")
        await settle(pilot, lambda: "korobka audit verify" in log(pilot))
        assert "Журнал подделан: запись 17250" in log(pilot)


async def test_an_export_goes_where_the_box_may_write_or_says_why_not(kept: InventedBox) -> None:
    async with opened(kept) as pilot:
        await pilot.press("6")
        await settle(pilot, lambda: "Цепочка цела" in screen(pilot))
        kept.answers["/audit/start"] = HouseError("path_relative")
        await pilot.press("w")
        await settle(pilot, lambda: "Выгрузить журнал" in screen(pilot))
        await pilot.press(*"usb.zip", "enter")
        await settle(pilot, lambda: kept.bodies("/audit/start") != [])
        assert kept.bodies("/audit/start") == [{"kind": "export", "path": "usb.zip"}]
        kept.answers["/audit/start"] = {"out": "/srv/log.zip"}
        last = {"kind": "export", "code": "", "params": {}, "result": {"out": "/srv/log.zip"}}
        kept.answers["/audit/progress"] = {**IDLE, "last": last}
        await pilot.press("w")
        await settle(pilot, lambda: "Выгрузить журнал" in screen(pilot))
        await pilot.press("enter")
        await settle(pilot, lambda: "Готово: /srv/log.zip" in "\n".join(pilot.app.log_lines))  # type: ignore[attr-defined]


async def test_ways_are_listed_chosen_and_used_now(kept: InventedBox) -> None:
    kept.answers |= {
        "/audit/anchor": {"size": 88_241, "kept": [], "mail": True, "code": ""},
        "/audit/set-anchors": {},
        "/audit/paper": {"out": "/srv/paper.pdf", "size": 88_241},
    }
    async with opened(kept) as pilot:
        await pilot.press("6")
        await settle(pilot, lambda: "Цепочка цела" in screen(pilot))
        assert "Чем заверять" not in screen(pilot)
        await pilot.press("g")
        await settle(pilot, lambda: "Последний отпечаток вне коробки" in screen(pilot))
        await pilot.press("down")
        await settle(pilot, lambda: "Подключите диск" in screen(pilot))
        compare(pilot, "audit-ways")
        await pilot.press("a")
        await settle(pilot, lambda: "korobka audit anchor-now" in log(pilot))
        await pilot.press("s")
        await settle(pilot, lambda: "Куда отдавать отпечаток" in screen(pilot))
        await pilot.press(
            *["backspace"] * 2, *"нет", "enter", "end", *"; owner@firma.example", "enter"
        )
        await pilot.press(*["backspace"] * 3, *"да", "enter")
        await settle(pilot, lambda: "set-anchors" in log(pilot))
        assert kept.bodies("/audit/set-anchors") == [
            {
                "file": False,
                "mail": True,
                "paper": True,
                "to": ["buh@firma.example", "owner@firma.example"],
            }
        ]
        assert "firma.example" not in log(pilot)
        await pilot.press("p")
        await settle(pilot, lambda: "/srv/paper.pdf" in log(pilot))
        await pilot.press("g")
        await settle(pilot, lambda: "Цепочка цела" in screen(pilot))


def test_days_are_read_as_people_write_them() -> None:
    clock = words.Clock(NOW, ZoneInfo("Europe/Moscow"))
    told = {
        "сегодня": "2026-11-21 00:00",
        "Вчера": "2026-11-20 00:00",
        "3.11": "2026-11-03 00:00",
        "03.11.2025": "2025-11-03 00:00",
        "2026-11-03": "2026-11-03 00:00",
        "3.11 14:05": "2026-11-03 14:05",
    }
    for text, meant in told.items():
        found = day_of(text, clock)
        assert found is not None and f"{found:%Y-%m-%d %H:%M}" == meant, text
    assert day_of("когда-то", clock) is None
    assert day_of("29.02", clock) is None


def test_words_of_deeds_lead_back_to_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "exports.ask" in deeds.names_of("выгрузк").split(",")
    assert deeds.names_of("orders.create") == "orders.create"
    assert deeds.deed("of.tomorrow") == "of.tomorrow"
    monkeypatch.setenv("KOROBKA_LANGUAGE", "en")
    assert deeds.deed("sign_in.open_session") == "signed in"
