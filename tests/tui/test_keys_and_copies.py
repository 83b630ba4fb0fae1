"""Ключи и Копии: never too few ways in, nothing dangerous by one press, long work is watched."""

from appliance.errors import HouseError
from tests.tui.conftest import NOW, InventedBox, compare, log, opened, screen, settle

JANUARY, NOVEMBER = 1_767_225_600_000, 1_795_000_000_000
SLOTS = [
    {"id": 1, "kind": "recovery", "created": JANUARY, "last_ok": None},
    {"id": 2, "kind": "passphrase", "created": JANUARY, "last_ok": NOVEMBER},
    {"id": 3, "kind": "key_file", "created": JANUARY, "last_ok": NOVEMBER},
]
RUN = {
    "number": 428,
    "kind": "copy",
    "state": "done",
    "stamp": "20261121T030000Z",
    "by": 0,
    "began_at": "2026-11-21T03:00:00+00:00",
    "ended_at": "2026-11-21T03:01:00+00:00",
    "size": 1_288_490_188,
    "targets": 1,
    "failed_targets": 0,
    "code": "",
}


async def test_the_last_but_one_way_in_is_refused_in_words(box: InventedBox) -> None:
    box.answers |= {"/vault/slots": {"slots": SLOTS[:2]}, "/vault/remove-slot": {}}
    async with opened(box) as pilot:
        await pilot.press("4")
        await settle(pilot, lambda: "Способов открыть: 2" in screen(pilot))
        await pilot.press("x")
        await settle(pilot, lambda: "Сначала добавьте третий" in log(pilot))
        box.answers["/vault/slots"] = {"slots": SLOTS}
        await pilot.press("f5")
        await settle(pilot, lambda: "Файл-ключ" in screen(pilot))
        compare(pilot, "keys")
        await pilot.press("down", "down", "x")
        await settle(pilot, lambda: "Чтобы продолжить, введите 3" in screen(pilot))
        await pilot.press("2", "enter")
        await settle(pilot)
        assert box.bodies("/vault/remove-slot") == [], "another number was typed"
        await pilot.press("backspace", "3", "enter")
        await settle(pilot, lambda: "korobka keys remove-slot 3" in log(pilot))
        assert box.bodies("/vault/remove-slot") == [{"number": 3}]


async def test_a_passphrase_is_typed_twice_and_never_written_down(box: InventedBox) -> None:
    box.answers |= {"/vault/slots": {"slots": SLOTS}, "/vault/add-passphrase": {"number": 4}}
    async with opened(box) as pilot:
        await pilot.press("4")
        await settle(pilot, lambda: "Способов открыть: 3" in screen(pilot))
        await pilot.press("n")
        await settle(pilot, lambda: "Чем ещё открывать?" in screen(pilot))
        await pilot.press("enter")
        await settle(pilot, lambda: "Новая фраза" in screen(pilot))
        await pilot.press(*"первая", "enter", *"вторая", "enter")
        await settle(pilot, lambda: "Фразы не совпали" in screen(pilot))
        assert "••••••" in screen(pilot), "what was typed is there to be mended"
        await pilot.press("enter", *["backspace"] * 6, *"первая", "enter")
        await settle(pilot, lambda: "4 Ключи" in screen(pilot))
        await settle(pilot, lambda: "add-passphrase" in log(pilot))
        assert box.bodies("/vault/add-passphrase") == [{"passphrase": "первая"}]
        assert "первая" not in "\n".join(pilot.app.log_lines)  # type: ignore[attr-defined]


async def test_sealing_asks_first_and_the_harmless_answer_has_the_focus(box: InventedBox) -> None:
    box.answers |= {"/vault/slots": {"slots": SLOTS}, "/vault/seal": {"open": False}}
    async with opened(box) as pilot:
        await pilot.press("4")
        await settle(pilot, lambda: "Данные открыты" in screen(pilot))
        await pilot.press("z")
        await settle(pilot, lambda: "Закрыть данные?" in screen(pilot))
        compare(pilot, "seal")
        await pilot.press("enter")
        await settle(pilot, lambda: "4 Ключи" in screen(pilot))
        assert box.bodies("/vault/seal") == []
        await pilot.press("z")
        await settle(pilot, lambda: "Закрыть данные?" in screen(pilot))
        box.answers["/status"] |= {"open": False}
        await pilot.press("shift+tab", "enter")
        await settle(pilot, lambda: "данные закрыты" in screen(pilot))


async def test_a_copy_is_begun_watched_and_can_be_cancelled(box: InventedBox) -> None:
    box.answers["/backups/journal"] = {"runs": [RUN]}

    def start(body: dict[str, object]) -> object:
        box.answers["/backups/progress"] = {
            "running": True,
            "step": "reading",
            "done": 64,
            "total": 100,
            "step_seconds": 32,
        }
        return {"run": "1"}

    box.answers["/backups/start"] = start
    box.answers["/backups/cancel"] = {}
    async with opened(box) as pilot:
        await pilot.press("3")
        await settle(pilot, lambda: "не доказана" in screen(pilot))
        assert "Прервать" not in screen(pilot)
        await pilot.press("d")
        await settle(pilot, lambda: "64 %" in screen(pilot) and "Прервать" in screen(pilot))
        assert "Читаем обратно и сверяем" in screen(pilot)
        assert "осталось 18 с" in screen(pilot)
        assert box.bodies("/backups/start") == [{"kind": "drill"}]
        compare(pilot, "copies")
        box.answers["/backups/progress"] = {"running": False, "step": "", "done": 0, "total": 0}
        await pilot.press("ч")
        await settle(pilot, lambda: "korobka backup cancel" in log(pilot))


CODE = "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG-HHHH-JJJJ"


async def test_a_new_code_is_put_in_place_only_when_it_was_typed_from_paper(
    box: InventedBox,
) -> None:
    box.answers |= {"/vault/slots": {"slots": SLOTS}, "/vault/new-recovery-code": {"code": CODE}}

    def confirm(body: dict[str, object]) -> object:
        return {"copy": True} if body["typed"] == CODE else HouseError("recovery_code_other")

    box.answers["/vault/confirm-recovery-code"] = confirm
    async with opened(box) as pilot:
        await pilot.press("4")
        await settle(pilot, lambda: "Данные открыты" in screen(pilot))
        await pilot.press("p")
        await settle(pilot, lambda: "Прежний код" in screen(pilot))
        await pilot.press(*"OLD", "enter")
        await settle(pilot, lambda: "AAAA   BBBB   CCCC" in screen(pilot))
        compare(pilot, "new-code")
        await pilot.press("x", "enter")
        await settle(pilot, lambda: "не тот код" in screen(pilot))
        await pilot.press("end", "backspace", *CODE, "enter")
        await settle(pilot, lambda: "new-recovery-code" in log(pilot))
        assert box.bodies("/vault/confirm-recovery-code")[-1] == {"typed": CODE, "old_code": "OLD"}
        assert CODE not in "\n".join(pilot.app.log_lines)  # type: ignore[attr-defined]


async def test_new_keys_are_watched_while_everybody_works(box: InventedBox) -> None:
    turning = {"turn": "people", "number": 2, "runs": True, "done": 600, "total": 1000}
    box.answers["/vault/slots"] = {"slots": SLOTS}

    def begin(body: dict[str, object]) -> object:
        box.answers["/keys/rotations"] = {"rotations": [turning]}
        return turning

    box.answers["/keys/rotate"] = begin
    async with opened(box) as pilot:
        await pilot.press("4")
        await settle(pilot, lambda: "Сменить ключи" in screen(pilot))
        await pilot.press("r")
        await settle(pilot, lambda: "Что сменить?" in screen(pilot))
        await pilot.press("down", "down", "enter")
        await settle(pilot, lambda: "Займёт долго" in screen(pilot))
        await pilot.press("shift+tab", "enter")
        await settle(pilot, lambda: " 60 %" in screen(pilot))
        assert box.bodies("/keys/rotate") == [{"what": "people"}]
        assert "Сменить ключи" not in screen(pilot)
        compare(pilot, "keys-turning")
        box.answers["/keys/rotations"] = {"rotations": [turning | {"runs": False}]}
        await settle(pilot, lambda: "Ключи сменены" in "".join(pilot.app.log_lines))  # type: ignore[attr-defined]


COPY = {
    "stamp": "20261121T090000Z",
    "made_at": "2026-11-21T09:00:00+00:00",
    "size": 221_249_536,
    "attachments": 3,
    "version": "1.4.2",
    "fits": True,
    "need": 663_748_608,
    "free": 304_942_678_016,
    "keys": True,
    "places": ["/mnt/nas/korobka"],
}


async def test_data_come_back_by_keys_alone_after_the_time_is_typed_and_are_confirmed(
    box: InventedBox,
) -> None:
    box.answers |= {
        "/backups/journal": {"runs": [RUN]},
        "/backups/copies": {"copies": [COPY], "problems": {}},
        "/backups/since": {
            **{"orders": 37, "customers": 12, "payments": 3, "tasks": 5, "people": 3},
            "numbers": {
                "orders": list(range(1240, 1203, -1)),
                "customers": [512, 511, 509],
                "payments": [88, 87, 80],
            },
        },
        "/backups/start": {"run": "1"},
        "/backups/confirm": {},
    }
    async with opened(box) as pilot:
        await pilot.press("3")
        await settle(pilot, lambda: "Вернуть данные" in screen(pilot))
        await pilot.press("r")
        await settle(pilot, lambda: "Из какой копии вернуть?" in screen(pilot))
        await pilot.press("enter")
        await settle(pilot, lambda: "что изменится" in screen(pilot))
        compare(pilot, "restore-foreseen")
        await pilot.press("enter")
        await settle(pilot, lambda: "3 Копии" in screen(pilot))
        assert box.bodies("/backups/start") == [], "the harmless answer has the focus"
        await pilot.press("к")
        await settle(pilot, lambda: "Из какой копии вернуть?" in screen(pilot))
        await pilot.press("enter")
        await settle(pilot, lambda: "что изменится" in screen(pilot))
        await pilot.press("shift+tab", "enter")
        await settle(pilot, lambda: "введите 1200" in screen(pilot))
        compare(pilot, "restore-sure")
        box.answers["/backups/plan"] = {
            "plan": box.answers["/backups/plan"]["plan"],
            "trial": {"stamp": COPY["stamp"], "aside": "before-restore", "placed_at": ""},
        }
        await pilot.press(*"1200", "enter")
        await settle(pilot, lambda: "korobka backup restore 20261121T090000Z" in log(pilot))
        assert box.bodies("/backups/start") == [{"kind": "restore", "stamp": COPY["stamp"]}]
        await settle(pilot, lambda: "их только смотрят" in screen(pilot))
        compare(pilot, "restore-look")
        await pilot.press("щ")
        await settle(pilot, lambda: "korobka backup confirm" in log(pilot))


async def test_places_are_added_with_their_command_and_a_lost_one_is_red(box: InventedBox) -> None:
    plan = {**box.answers["/backups/plan"]["plan"], "targets": ["/mnt/nas/korobka"]}
    plan["data_targets"] = ["sftp://korobka@nas/copies"]
    box.answers |= {
        "/backups/plan": {"plan": plan, "trial": None},
        "/backups/copies": {
            "copies": [COPY],
            "problems": {"sftp://korobka@nas/copies": "backup_target_lost"},
        },
        "/backups/change-plan": {"plan": plan},
    }
    async with opened(box) as pilot:
        await pilot.press("3")
        await settle(pilot, lambda: "Места" in screen(pilot))
        await pilot.press("m")
        await settle(pilot, lambda: "нет связи" in screen(pilot))
        compare(pilot, "copies-places")
        await pilot.press("n")
        await settle(pilot, lambda: "Куда писать копии?" in screen(pilot))
        await pilot.press("down", "enter")
        await settle(pilot, lambda: "korobka backup disks" in screen(pilot))
        await pilot.press(*"usb:1A2B-3C4D/k", "enter")
        await settle(pilot, lambda: "add-place usb:1A2B-3C4D/k" in log(pilot))
        places = ["/mnt/nas/korobka", "usb:1A2B-3C4D/k"]
        seen = {"targets": places[:1]}
        assert box.bodies("/backups/change-plan") == [{"targets": places, "seen": seen}]
        await pilot.press("s")
        await settle(pilot, lambda: "Хранить ночных" in screen(pilot))
        compare(pilot, "copies-timetable")


async def test_a_second_administrator_agrees_in_his_own_name_or_refuses(box: InventedBox) -> None:
    asked = {
        **{"number": 4, "deed": "slots", "about": "slot 3 removed", "asked_number": 2},
        **{"asked_at": NOW.isoformat(), "agreed_at": None, "agreed_by": 0, "by_code": False},
    }
    box.answers |= {
        "/agreements/list": {"hands": "auto", "agreements": [asked]},
        "/agreements/agree": {},
        "/sign-in": {"token": "x"},
        "/vault/slots": {"slots": SLOTS},
    }
    async with opened(box) as pilot:
        await pilot.press("4")
        await settle(pilot, lambda: "Y/Н Согласиться" in screen(pilot))
        await pilot.press("y")
        await settle(pilot, lambda: "Кто-то просит согласия" in screen(pilot))
        await pilot.press("enter")
        await settle(pilot, lambda: "Кто просит: сотрудник № 2" in screen(pilot))
        compare(pilot, "second-person")
        await pilot.press("shift+tab", "shift+tab", "enter")
        await settle(pilot, lambda: "Кто вы?" in screen(pilot))
        await pilot.press(*"irina", "enter", *"secret", "enter", "enter")
        await settle(pilot, lambda: "korobka agreements agree 4" in log(pilot))
        assert box.bodies("/agreements/agree") == [{"number": 4}]
