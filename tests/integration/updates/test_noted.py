"""Updates in the box's own log: each beginning once, each end once, and its state tells of both."""

import fcntl
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from appliance.boot import releases
from appliance.domain import health
from appliance.domain.health import Queue, State
from appliance.storage.statements import fetch
from tests.house_fixture import START, TestHouse
from tests.tui.test_health import MACHINE, replace


def note(began: str, **more: object) -> dict[str, object]:
    known = {"old": "1.0-1", "new": "1.1-1", "was": "1.0", "version": "1.1", "began": began}
    return {**known, "step": "stop", **more}


async def told(house: TestHouse) -> list[str]:
    def leaves() -> Any:
        return fetch("SELECT leaf FROM audit_outbox ORDER BY id")

    rows = await house.database.read(leaves)
    actions = [str(json.loads(bytes(row[0]))["action"]) for row in rows]
    return [one for one in actions if one.startswith("releases.")]


async def test_an_update_is_in_the_log_when_it_begins_and_when_it_ends_and_once_each(
    house: TestHouse, tmp_path: Path
) -> None:
    first = note(f"{START:%Y-%m-%dT%H:%M:%S}.000001+00:00")
    (tmp_path / releases.NOTE).write_text(json.dumps(first))
    lock = (tmp_path / releases.LOCK).open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    for _ in range(2):
        await releases.note_down(tmp_path)
    assert await told(house) == ["releases.begun"]
    seen = health.judge(replace(MACHINE, release=releases.look(tmp_path)), Queue(), (), START)
    assert [one.code for one in seen if "release" in one.code] == ["release.updating"]
    lock.close()
    seen = health.judge(replace(MACHINE, release=releases.look(tmp_path)), Queue(), (), START)
    assert [one.state for one in seen if one.code == "release.cut"] == [State.BAD]

    ended = f"{START + timedelta(minutes=5):%Y-%m-%dT%H:%M:%S}+00:00"
    past = {"result": "returned", "ended": ended, "failed": "migrate", "code": "disk_refused"}
    tried = note(f"{START:%Y-%m-%dT%H:%M:%S}.000002+00:00", is_trial=True, result="tried")
    (tmp_path / releases.NOTE).unlink()
    (tmp_path / releases.PAST).write_text(json.dumps([tried, first | past]))
    for _ in range(2):
        await releases.note_down(tmp_path)
    assert await told(house) == [
        "releases.begun",
        "releases.ended",
        "releases.begun",
        "releases.ended",
    ]
    shown = replace(MACHINE, release=releases.look(tmp_path))
    seen = health.judge(shown, Queue(), (), START + timedelta(days=1))
    assert [one.state for one in seen if one.code == "release.returned"] == [State.WARN]
    seen = health.judge(shown, Queue(), (), START + timedelta(days=15))
    assert [one.code for one in seen if "release" in one.code] == ["release.fine"]

    (tmp_path / releases.PAST).write_text("{")
    await releases.note_down(tmp_path)  # what nobody can read keeps nobody from working
