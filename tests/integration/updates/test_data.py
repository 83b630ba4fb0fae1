"""A release is tried on a copy of the data, and what it did to them can be taken back."""

import asyncio
import shutil
import sqlite3
from pathlib import Path

import msgspec
import pytest

from appliance import config as settings
from appliance.errors import HouseError, Unavailable
from appliance.storage.migrations import runner
from appliance.storage.migrations.runner import HOUSE, Step, known_steps
from tests.integration.backups.scene import Scene, born, people
from tests.integration.engine.older import set_back
from updates import inside, kept

OLDER = 7


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """A box of several releases ago."""
    scene = born(tmp_path_factory.mktemp("old"))
    asyncio.run(set_back(scene.config.data / "main.db", OLDER))
    settings.save(scene.config)
    return scene


@pytest.fixture
def scene(ready: Scene, tmp_path: Path) -> Scene:
    """One of the test's own."""
    home = tmp_path / "home"
    shutil.copytree(ready.config.data.parent, home)
    unlock = msgspec.structs.replace(ready.config.unlock, key_file=home / "key")
    config = msgspec.structs.replace(ready.config, data=home / "data", unlock=unlock)
    settings.save(config)
    return Scene(config, ready.code, home / "usb")


def contents(data: Path) -> dict[str, bytes]:
    return {name: (data / name).read_bytes() for name in kept.NAMES if (data / name).is_file()}


@pytest.mark.checklist(192)
def test_a_box_of_several_releases_ago_is_tried_migrated_and_put_back(scene: Scene) -> None:
    data = scene.config.data
    before = contents(data)
    newest = known_steps(HOUSE)[-1].number
    found = inside.trial(data)
    assert found["migrated"] == [f"{number:04d}" for number in range(OLDER + 1, newest + 1)]
    assert found["open"] is True
    assert contents(data) == before, "the trial has changed the box itself"
    assert not list(data.glob(".work-*"))
    assert inside.facts(data) == {"schema": OLDER, "knows": newest}
    kept.keep(data)
    inside.migrate(data)
    assert inside.test(data)["checks"] == 6
    assert len(scene.opened(people)) > 30
    kept.restore(data)
    assert contents(data) == before
    kept.forget(data)
    assert not list(data.glob("main.before-*"))


def test_a_migration_that_fails_is_found_on_the_copy(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = scene.config.data
    before = contents(data)

    class Failing(Step):
        async def run(self) -> None:
            raise Unavailable("schema_newer", number=99)

    steps = [*known_steps(HOUSE), Failing("house", 99, "0099_bad", "nowhere")]
    monkeypatch.setattr(runner, "known_steps", lambda _: steps)
    with pytest.raises(HouseError):
        inside.trial(data)
    assert contents(data) == before


def test_a_log_that_was_tampered_with_stops_the_update(scene: Scene) -> None:
    with sqlite3.connect(scene.config.data / "audit.db") as log:
        leaf = log.execute("SELECT leaf FROM event WHERE seq = 2").fetchone()[0]
        log.execute("UPDATE event SET leaf = ? WHERE seq = 2", (leaf.replace(b"done", b"gone"),))
    log.close()
    with pytest.raises(HouseError) as refusal:
        inside.trial(scene.config.data)
    assert refusal.value.code in {"update_test_failed", "audit_damaged", "damaged"}
