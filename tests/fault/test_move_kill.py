"""A machine that dies in a move wakes up on SQLite as it was, or on the server; never on both."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from appliance import config as settings
from appliance.boot import moved
from tests.fault.update_house import asked
from tests.integration.backups.scene import Scene, born
from tests.integration.backups.test_postgres import everything, late
from tests.postgres import new_database, temporary_postgres

ROOT = Path(__file__).resolve().parents[2]
BEFORE = ("data", "tables", "verify", "noted")
AFTER = ("named", "placed", "aside")


def killed(scene: Scene, url: str, where: str) -> None:
    words = [sys.executable, "-m", "tests.fault.move_child", str(scene.config.data.parent)]
    done = subprocess.run([*words, url, scene.code, where], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL, where


def found(scene: Scene) -> Scene:
    """The box as the next start reads its settings."""
    return Scene(settings.load(scene.config.data, {}), scene.code, scene.copies, scene.hours)


@pytest.mark.whole_box
def test_a_move_that_is_killed_leaves_one_box_and_can_be_begun_anew(tmp_path: Path) -> None:
    scene = born(tmp_path)
    settings.save(scene.config)
    data = scene.config.data
    with temporary_postgres() as server:
        first = new_database(server, "first")
        for where in BEFORE:
            killed(scene, first, where)
            here = found(scene)
            assert here.config.database.url is None, where
            there = asked(first, "SELECT relname FROM pg_class c JOIN pg_namespace n ON"
                          " n.oid = c.relnamespace WHERE nspname = 'public'")  # fmt: skip
            assert there == [], f"{where}: a second box lies on the server"
            here.opened(late)  # it works on, and what came meanwhile is brought as well
        before = scene.opened(everything)
        for number, where in enumerate(AFTER):
            if number:  # back to SQLite, by hand: what was put aside is as it was
                settings.save(scene.config)
                if aside := moved.folders(data):
                    (aside[-1] / "main.db").rename(data / "main.db")
                    aside[-1].rmdir()
            url = first if not number else new_database(server, where)
            killed(scene, url, where)
            here = found(scene)
            assert here.config.database.url == url, where
            assert here.opened(everything) == before, where
            assert not (data / "main.db").exists(), where
            assert not (data / moved.NOTE).exists(), "it is told of twice"
