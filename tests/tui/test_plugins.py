"""Плагины: rights are read before they are given, a stranger's file needs its name typed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from appliance.errors import HouseError
from tests.tui.conftest import LARGE, InventedBox, compare, log, opened, screen, settle

NOTHING: dict[str, Any] = {"permissions": [], "events": [], "hosts": [], "personal": []}
ASKED: dict[str, Any] = {
    "permissions": ["orders.read", "orders.edit"],
    "events": ["order_placed"],
    "hosts": ["api.carrier.example:443"],
    "personal": [{"field": "customer.phone", "purpose": "delivery"}],
}
SETTINGS: list[dict[str, Any]] = [
    {
        "name": "address",
        "kind": "url",
        "title": {"ru": "Адрес службы", "en": "Address"},
        "help": {"ru": "Даёт перевозчик", "en": "The carrier gives it"},
        "required": True,
        "typed": "",
        "is_set": False,
    },
    {
        "name": "key",
        "kind": "secret",
        "title": {"ru": "Ключ доступа", "en": "Key"},
        "typed": "",
        "is_set": True,
    },
]


def plugin(name: str, state: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "title": {"ru": "Слежение за посылками", "en": "Parcel watch"},
        "about": {"ru": "Спрашивает у перевозчика, где посылка.", "en": "Asks the carrier."},
        "version": "1.0.0",
        "source": "added",
        "signer": "",
        "state": state,
        "reason": "",
        "process": "",
        "restarts": 0,
        "memory": 0,
        "last_code": "",
        "asked": ASKED,
        "given": None,
        "wider": ASKED,
        "jobs": ["check"],
        **changes,
    }


EVERY = [
    plugin("parcel_watch", "found"),
    plugin(
        "cash_desk", "running", title={"ru": "Касса", "en": "Cash register"}, process="running",
        memory=19 << 20, given=ASKED, wider=NOTHING, version="0.3.0",
    ),
    plugin("site_monitor", "quarantined", title={"ru": "Наблюдение за сайтом", "en": "Monitor"},
           reason="memory", given=ASKED, wider=NOTHING, source="box"),
]  # fmt: skip


@pytest.fixture
def plugged(box: InventedBox) -> InventedBox:
    box.answers["/plugins/list"] = {"plugins": EVERY}
    for path in ("approve", "on", "off", "pause", "set", "add", "run"):
        box.answers[f"/plugins/{path}"] = {"state": "ready"}
    box.answers["/plugins/journal"] = {"lines": [], "after": None}
    box.answers["/plugins/settings"] = {"name": "cash_desk", "settings": SETTINGS}
    return box


async def test_the_worst_is_on_top_with_its_reason(plugged: InventedBox) -> None:
    async with opened(plugged) as pilot:
        await pilot.press("5")
        await settle(pilot, lambda: "в карантине" in screen(pilot))
        assert "больше памяти, чем ему можно" in screen(pilot)
        assert "Не работает 1 плагин" in screen(pilot)
        compare(pilot, "plugins")
    async with opened(plugged, LARGE) as pilot:
        await pilot.press("5")
        await settle(pilot, lambda: "в карантине" in screen(pilot))
        compare(pilot, "plugins-large")


async def test_rights_are_shown_whole_before_they_are_given(plugged: InventedBox) -> None:
    async with opened(plugged) as pilot:
        await pilot.press("5")
        await settle(pilot, lambda: "ждёт разрешения" in screen(pilot))
        await pilot.press("down", "y")
        await settle(pilot, lambda: "Разрешить «Слежение" in screen(pilot))
        assert "Личные данные: телефон, чтобы доставить заказ" in screen(pilot)
        assert "api.carrier.example:443" in screen(pilot)
        compare(pilot, "plugins-approve")
        await pilot.press("enter")  # the safe button has the focus
        await settle(pilot, lambda: "Разрешить «Слежение" not in screen(pilot))
        assert plugged.bodies("/plugins/approve") == []
        await pilot.press("y")
        await settle(pilot, lambda: "Разрешить «Слежение" in screen(pilot))
        await pilot.press("up", "enter")
        await settle(pilot, lambda: bool(plugged.bodies("/plugins/approve")))
        await settle(pilot, lambda: "approve parcel_watch --version 1.0.0" in log(pilot))


async def test_what_the_box_refuses_of_a_setting_stays_typed(plugged: InventedBox) -> None:
    def put(body: Mapping[str, Any]) -> Any:
        if body["values"] == {"address": "site"}:
            return HouseError("setting_url")
        return {}

    plugged.answers["/plugins/set"] = put
    async with opened(plugged) as pilot:
        await pilot.press("5")
        await settle(pilot, lambda: "ждёт разрешения" in screen(pilot))
        await pilot.press("e")
        await settle(pilot, lambda: "Ключ доступа: задан" in screen(pilot))
        await pilot.press("enter")
        await settle(pilot, lambda: "Даёт перевозчик" in screen(pilot))
        await pilot.press(*"site", "enter")
        await settle(pilot, lambda: "Нужен адрес целиком" in screen(pilot))
        assert "site" in screen(pilot)
        await pilot.press(*"https", "enter")
        sent = plugged.bodies
        await settle(pilot, lambda: len(sent("/plugins/set")) == 2)
        assert sent("/plugins/set")[-1]["values"] == {
            "address": "https"
        }  # what stood there was selected


async def test_an_unsigned_file_is_installed_when_its_name_was_typed(
    plugged: InventedBox, tmp_path: Path
) -> None:
    file = tmp_path / "p.korobka-plugin"
    file.write_bytes(b"file")
    plugged.answers["/plugins/look"] = {
        "name": "parcel", "version": "1.0.0", "was": None, "needs": ["unsigned"], "asked": ASKED,
    }  # fmt: skip
    async with opened(plugged, LARGE) as pilot:
        await pilot.press("5")
        await settle(pilot, lambda: "ждёт разрешения" in screen(pilot))
        await pilot.press("n")
        await settle(pilot, lambda: "Какой плагин поставить" in screen(pilot))
        await pilot.press(*str(file), "enter")
        await settle(pilot, lambda: "Файл никем не подписан" in screen(pilot))
        compare(pilot, "plugins-unsigned")
        await pilot.press(*"parcel", "enter")
        await settle(pilot, lambda: bool(plugged.bodies("/plugins/add")))
        assert plugged.bodies("/plugins/add")[0]["confirmed"] == ["unsigned"]
        await settle(pilot, lambda: "--sure unsigned" in log(pilot))


async def test_the_journal_says_in_words_what_the_box_refused(plugged: InventedBox) -> None:
    line = {
        "number": 41, "plugin": "cash_desk", "at": "2026-11-21T10:00:00+00:00", "state": "bad",
        "code": "box.refused", "data": {"call": "customers", "code": "denied"},
        "kind": "order", "object_number": 17, "said": {"ru": "", "en": ""},
    }  # fmt: skip
    plugged.answers["/plugins/journal"] = {"lines": [line], "after": None}
    async with opened(plugged) as pilot:
        await pilot.press("5")
        await settle(pilot, lambda: "ждёт разрешения" in screen(pilot))
        await pilot.press("m")
        await settle(pilot, lambda: "просил customers" in screen(pilot))
        compare(pilot, "plugins-journal")


async def test_exchanges_are_found_by_order_and_one_is_repeated(plugged: InventedBox) -> None:
    def lines(body: Mapping[str, Any]) -> Any:
        line = {
            "number": 52, "plugin": "parcel_watch", "at": "2026-11-21T10:00:00+00:00",
            "state": "ok", "code": "booked", "data": {}, "kind": "order", "object_number": 1044,
            "said": {"ru": "Заявка создана", "en": "Booked"}, "repeats": True,
        }  # fmt: skip
        return {"lines": [line] if body["order"] == 1044 else [], "after": None}

    plugged.answers["/plugins/journal"] = lines
    plugged.answers["/integrations/repeat"] = {"deed": "look"}
    async with opened(plugged) as pilot:
        await pilot.press("5")
        await settle(pilot, lambda: "в карантине" in screen(pilot))
        await pilot.press("m")
        await settle(pilot, lambda: "Обменов ещё не было" in screen(pilot))
        await pilot.press("f")
        await settle(pilot, lambda: "По какому заказу?" in screen(pilot))
        await pilot.press(*"1044", "enter")
        await settle(pilot, lambda: "Заявка создана" in screen(pilot))
        assert "Обмены по заказу № 1044" in screen(pilot)
        await pilot.press("a")
        await settle(pilot, lambda: "korobka integrations repeat 52" in log(pilot))
        assert plugged.bodies("/integrations/repeat") == [{"number": 52}]


SERVICES: list[dict[str, Any]] = [
    {
        "plugin": plugin("cash_desk", "running", title={"ru": "Касса", "en": "Cash register"},
                         process="running", last_at="2026-02-02T08:10:00+00:00"),
        "account": "", "account_title": "", "used": True, "waiting": 0, "dead": 0,
        "standing": {"account": "main", "code": "", "state": "ok", "status": 0, "since": None,
                     "key_until": None},
    },
    {
        "plugin": plugin("parcel_watch", "running", process="running", last_at=None),
        "account": "main", "account_title": "Договор на Мира", "used": True,
        "waiting": 12, "dead": 1,
        "standing": {"account": "main", "code": "access_refused", "state": "bad", "status": 401,
                     "since": "2026-02-02T08:10:00+00:00",
                     "key_until": "2026-02-10T00:00:00+00:00"},
    },
]  # fmt: skip
SHOPS: list[dict[str, Any]] = [
    {"code": "main", "name": "Лавка", "state": "silent", "used_at": "2026-01-28T08:10:00+00:00"},
]
LETTERS: list[dict[str, Any]] = [
    {
        "id": "0194c9a5-5f80-7000-8000-0000000000a1", "plugin": "parcel_watch",
        "event": "service_wished", "kind": "parcel", "deed": "book", "order_number": 1044,
        "error": "access_refused", "attempts": 1, "at": "2026-02-02T08:10:00+00:00",
    },
]  # fmt: skip


async def test_what_a_service_did_not_take_is_handed_over_again(plugged: InventedBox) -> None:
    plugged.answers["/integrations/list"] = {"services": SERVICES, "shops": SHOPS}
    plugged.answers["/integrations/letters"] = {"letters": LETTERS}
    plugged.answers["/integrations/settle"] = {}
    async with opened(plugged) as pilot:
        await pilot.press("5")
        await settle(pilot, lambda: "в карантине" in screen(pilot))
        await pilot.press("i")
        await settle(pilot, lambda: "Ключ действует" in screen(pilot))
        assert "Договор на Мира" in screen(pilot)
        compare(pilot, "integrations")
        await pilot.press("d")
        await settle(pilot, lambda: "1044" in screen(pilot))
        await pilot.press("a")
        await settle(pilot, lambda: "korobka integrations again" in log(pilot))
        assert plugged.bodies("/integrations/settle") == [{"id": LETTERS[0]["id"], "drop": False}]


RUNS: dict[str, Any] = {
    "title": {"ru": "Обмены", "en": "Exchanges"},
    "columns": [
        {"name": "run", "title": {"ru": "№", "en": "No."}},
        {"name": "at", "title": {"ru": "Когда", "en": "When"}},
        {"name": "says", "title": {"ru": "Чем кончился", "en": "How it ended"}},
        {"name": "changed", "title": {"ru": "Изменено", "en": "Changed"}},
    ],
    "deeds": [
        {"name": "confirm", "title": {"ru": "Применить", "en": "Apply"},
         "sure": {"ru": "Остатки изменятся.", "en": "Stock will change."}},
        {"name": "reject", "title": {"ru": "Отклонить", "en": "Reject"}, "sure": None},
    ],
    "rows": [
        {"key": "k7", "tone": "warn", "deeds": ["confirm", "reject"], "values": {},
         "said": {"ru": ["7", "2026-02-02 08:10", "ждёт решения", "150"],
                  "en": ["7", "2026-02-02 08:10", "waits", "150"]}},
        {"key": "k6", "tone": "ok", "deeds": [], "values": {},
         "said": {"ru": ["6", "2026-02-01 08:10", "применён", "3"],
                  "en": ["6", "2026-02-01 08:10", "applied", "3"]}},
    ],
    "after": None,
}  # fmt: skip


async def test_a_plugins_own_screen_is_shown_and_its_button_asks_first(
    plugged: InventedBox,
) -> None:
    screens = [{"name": "runs", "title": {"ru": "Обмены", "en": "Exchanges"}}]
    one = plugin("exchange_1c", "running", process="running", screens=screens)
    plugged.answers["/plugins/list"] = {"plugins": [one]}
    plugged.answers["/plugins/screen"] = RUNS
    plugged.answers["/plugins/press"] = {
        "code": "deed_confirm", "said": {"ru": "Применяем", "en": "Applying"},
    }  # fmt: skip
    async with opened(plugged) as pilot:
        await pilot.press("5")
        await settle(pilot, lambda: "работает" in screen(pilot))
        await pilot.press("s")
        await settle(pilot, lambda: "ждёт решения" in screen(pilot))
        await settle(pilot, lambda: "korobka plugins screen exchange_1c runs" in log(pilot))
        compare(pilot, "plugins-screen")
        await pilot.press("a")
        await settle(pilot, lambda: "Что сделать?" in screen(pilot))
        await pilot.press("enter")
        await settle(pilot, lambda: "Остатки изменятся" in screen(pilot))
        assert plugged.bodies("/plugins/press") == []
        await pilot.press("up", "enter")
        await settle(pilot, lambda: "Применяем" in screen(pilot))
        body = {"name": "exchange_1c", "screen": "runs", "deed": "confirm", "key": "k7"}
        assert plugged.bodies("/plugins/press") == [body]
