"""Состояние: the worst on top, every red line says what to do and offers the key that does it."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from appliance.domain import health
from appliance.domain.anchors import Checked, LogHealth
from appliance.domain.health import BareMoney, Chore, Line, Machine, PluginHealth, Queue, State
from appliance.domain.releases import Release, UpdateNote
from appliance.errors import HouseError
from tests.tui.conftest import LARGE, NOW, InventedBox, compare, log, opened, screen, settle
from tui import words

MACHINE = Machine(
    since=NOW - timedelta(days=18),
    disk_total=500_000_000_000,
    disk_free=290_000_000_000,
    memory_total=8_000_000_000,
    memory_free=4_000_000_000,
    certificate_until=NOW + timedelta(days=9),
    certificate_own=True,
    database="sqlite",
    database_bytes=1_288_490_188,
    index_names=100_214,
    index_building=False,
    log_size=88_239,
    log_at=NOW,
)
CHORES = (
    Chore(kind="tls.renew", run_at=NOW + timedelta(hours=3), last_run_at=NOW - timedelta(hours=9)),
    Chore(kind="keys.sweep", run_at=NOW, last_error="audit_unwritable", attempts=2),
)


def answered(machine: Machine, queue: Queue, *chores: Chore) -> dict[str, object]:
    lines = health.judge(machine, queue, chores, NOW)
    return {
        "state": health.worst(lines),
        "lines": [
            {"code": one.code, "state": one.state, "values": one.values, "fix": one.fix}
            for one in lines
        ],
    }


@pytest.fixture
def ill(box: InventedBox) -> InventedBox:
    """A box with two dead letters, a failing chore and a certificate that ends."""
    box.answers["/box/health"] = answered(MACHINE, Queue(waiting=3, dead=2), *CHORES)
    box.answers["/outbox/list"] = {
        "dead": [
            {
                "id": f"0000-{n}",
                "subscriber": "mail",
                "event": "LetterQueued",
                "last_error": "mail_refused",
                "attempts": 7,
                "created_at": "2026-11-21T09:00:00+00:00",
            }
            for n in (1, 2)
        ]
    }
    box.answers["/outbox/retry"] = box.answers["/outbox/drop"] = box.answers["/jobs/run"] = {}
    return box


LOGS = [
    LogHealth(kept_at=NOW - timedelta(hours=27), checked=Checked(at=NOW, size=9)),
    LogHealth(kept_at=NOW - timedelta(hours=73), checked=Checked(at=NOW, ok=False, first_bad=7)),
]


UPDATE = UpdateNote(was="1.0", version="1.1", began=NOW.isoformat(), step="stop")
PLUGGED = [
    PluginHealth(count=2),
    PluginHealth(count=2, waiting=1),
    PluginHealth(count=2, waiting=1, stopped=(("exchange_1c", "memory"),)),
]


def test_the_age_of_an_anchor_is_yellow_after_26_hours_and_red_after_72() -> None:
    ages = {25: State.OK, 27: State.WARN, 71: State.WARN, 73: State.BAD}
    for hours, state in ages.items():
        kept = LogHealth(kept_at=NOW - timedelta(hours=hours))
        lines = health.judge(MACHINE, Queue(), (), NOW, anchors=kept)
        (line,) = [one for one in lines if one.code.startswith("anchor.")]
        assert line.state is state, hours
    old = replace(MACHINE, log_began=NOW - timedelta(hours=73), anchored_at=None)
    assert [one.state for one in health.judge(old, Queue(), (), NOW) if "never" in one.code]


def test_every_line_has_words_and_every_red_one_says_what_to_do() -> None:
    old = datetime(2020, 1, 1, tzinfo=UTC)
    sick = Machine(
        since=NOW,
        disk_total=100,
        disk_free=1,
        memory_total=100,
        memory_free=15,
        certificate_until=None,
        certificate_own=False,
        database="sqlite",
        database_bytes=1,
        index_names=1,
        index_building=True,
        log_size=1,
        log_at=NOW + timedelta(hours=1),
        anchored_at=old,
    )
    late = Chore(kind="tls.renew", run_at=old)
    clock = words.Clock(NOW, old.tzinfo)  # type: ignore[arg-type]
    looks = [
        health.judge(MACHINE, Queue(), (), NOW),
        health.judge(sick, Queue(waiting=1, oldest=old), [late], NOW),
        health.judge(MACHINE, Queue(dead=1), CHORES, NOW),
        *(health.judge(MACHINE, Queue(), (), NOW, anchors=one) for one in LOGS),
        *(health.judge(MACHINE, Queue(), (), NOW, plugins=one) for one in PLUGGED),
        health.judge(MACHINE, Queue(), (), NOW, bare=BareMoney(count=3, oldest=NOW)),
        *(
            health.judge(replace(MACHINE, release=one), Queue(), (), NOW)
            for one in (
                Release(version="1.0"),
                Release(note=UPDATE, is_alive=True),
                Release(note=UPDATE),
                Release(past=(replace(UPDATE, result="returned", ended=UPDATE.began),)),
            )
        ),
    ]
    for line in [one for look in looks for one in look]:
        what, now, about = words.health(line.code, line.values, clock)
        assert what and now and "%" not in now.replace(" %", ""), line
        assert bool(about) is (line.state in {State.WARN, State.BAD}), line


def test_the_worst_line_stands_on_top() -> None:
    found = health.judge(MACHINE, Queue(dead=1), CHORES, NOW)
    assert [one.state for one in found[:3]] == [State.BAD, State.WARN, State.WARN]
    assert health.worst(found) is State.BAD
    assert health.worst([Line(code="x")]) is State.OK


async def test_a_red_line_leads_to_the_queue_and_what_is_there_is_sent_again_or_dropped(
    ill: InventedBox,
) -> None:
    async with opened(ill) as pilot:
        await settle(pilot, lambda: "не отправлено: 2" in screen(pilot))
        assert "!! 1 срочное" in screen(pilot)
        compare(pilot, "health")
        await pilot.press("у")  # the same key as E, in the Russian layout
        await settle(pilot, lambda: "LetterQueued" in screen(pilot))
        compare(pilot, "health-queue")
        await pilot.press("r")
        await settle(pilot, lambda: "korobka outbox retry 0000-1" in log(pilot))
        await pilot.press("down", "x")
        await settle(pilot, lambda: "Убрать из очереди навсегда?" in screen(pilot))
        await pilot.press("escape")
        await settle(pilot)
        assert ill.bodies("/outbox/drop") == []
        await pilot.press("x")
        await settle(pilot, lambda: "навсегда?" in screen(pilot))
        await pilot.press("shift+tab", "enter")
        await settle(pilot, lambda: "outbox drop" in log(pilot))
        assert ill.bodies("/outbox/drop") == [{"id": "0000-2"}]


async def test_a_certificate_that_ends_is_renewed_by_the_key_beside_it(ill: InventedBox) -> None:
    async with opened(ill, LARGE) as pilot:
        await settle(pilot, lambda: "30.11.2026" in screen(pilot))
        compare(pilot, "health-wide")
        front = pilot.app.working.front  # type: ignore[attr-defined]
        while front.current.key != "certificate.soon":
            await pilot.press("down")
        await pilot.press("e")
        await settle(pilot, lambda: "korobka jobs run tls.renew" in log(pilot))


async def test_a_locked_box_says_so_and_offers_to_open_it(box: InventedBox) -> None:
    box.answers["/status"] = {**box.answers["/status"], "open": False}
    box.answers["/box/health"] = HouseError("sealed")

    def unlock(body: dict[str, object]) -> object:
        if body != {"passphrase": "семь синих свиристелей"}:
            return HouseError("unlock_passphrase_wrong")
        box.answers["/box/health"] = answered(MACHINE, Queue())
        box.answers["/status"] = {**box.answers["/status"], "open": True}
        return {"open": True}

    box.answers["/vault/unlock"] = unlock
    async with opened(box) as pilot:
        await settle(pilot, lambda: "Данные закрыты" in screen(pilot))
        await pilot.press("e")
        await settle(pilot, lambda: "Открыть данные" in screen(pilot))
        await pilot.press(*"не та", "enter", "enter")
        await settle(pilot, lambda: "!!" in screen(pilot))
        compare(pilot, "unlock")
        await pilot.press("shift+tab", "home", "ctrl+k", *"семь синих свиристелей")
        await pilot.press("enter", "enter")
        await settle(pilot, lambda: "Коробка работает" in screen(pilot))
        assert "korobka unlock" in log(pilot)
        assert "свиристелей" not in "\n".join(pilot.app.log_lines)  # type: ignore[attr-defined]
