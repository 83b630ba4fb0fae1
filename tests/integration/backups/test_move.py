"""From SQLite to a PostgreSQL server: with everything, or not at all."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from appliance import config as settings
from appliance.boot import set_aside
from appliance.boot.moved import FRESH
from appliance.config import checks
from appliance.errors import HouseError
from backups import move, move_tables, other_engine
from tests.fault.update_house import asked
from tests.integration.backups.scene import Scene, quiet
from tests.integration.backups.test_postgres import everything, in_tables, late
from tests.postgres import new_database, temporary_postgres

SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname ~ 'korobka'"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with temporary_postgres() as url:
        yield url


def to(scene: Scene, url: str) -> move.Asked:
    return move.Asked(scene.config, url, lambda vault: vault.unlock_with_code(scene.code))


def found(scene: Scene) -> Scene:
    """The box as the next start reads its settings."""
    return Scene(settings.load(scene.config.data, {}), scene.code, scene.copies, scene.hours)


def deeds(data: Path) -> list[str]:
    with closing(sqlite3.connect(data / "audit.db")) as log:
        leaves = log.execute("SELECT leaf FROM event ORDER BY seq").fetchall()
    return [json.loads(leaf)["action"] for (leaf,) in leaves]


@pytest.mark.whole_box
def test_a_box_moves_with_everything_and_goes_on_there(
    scene: Scene, server: str, tmp_path: Path
) -> None:
    data, url = scene.config.data, new_database(server, "whole").replace("korobka@", "mover@")
    # The owner of a database is enough: the server's administrator is not needed.
    asked(server, "CREATE ROLE mover LOGIN", "ALTER DATABASE whole OWNER TO mover")
    settings.save(scene.config)
    before = scene.opened(everything)
    done = move.move(to(scene, url), quiet)
    there = found(scene)
    assert there.config.database.url == url
    assert not (data / "main.db").exists()
    assert [one.name for one in Path(done.aside).iterdir()] == ["main.db"], (
        "that file is not all of it"
    )
    other_engine.take(url, tmp_path / "read", lambda *_: None, beside=other_engine.nothing)
    brought, old = in_tables(tmp_path / "read"), in_tables(Path(done.aside) / "main.db")
    told = {"counter", "copy_run", "setting"}  # of the copy before the move
    assert {n for n in old if brought[n] != old[n]} <= told
    assert (done.tables, done.rows) == (len(old), sum(len(rows) for rows in old.values()))

    assert there.opened(everything) == before
    there.opened(late)  # counters go on, nothing is doubled
    assert deeds(data).count("backups.moved") == 1
    assert asked(url, SCHEMAS) == []
    with pytest.raises(HouseError, match="move_already"):
        move.move(to(there, url), quiet)

    # Without the address of the server the box does not begin an empty main.db.
    settings.save(scene.config)
    with pytest.raises(HouseError, match="move_main_aside"):
        scene.opened(everything)
    settings.save(there.config)
    os.utime(done.aside, (0, 0))
    there.opened(lambda house: house.sweep_set_aside())
    assert set_aside.folders(data) == [], "a month later the old file is still there"


@pytest.mark.whole_box
def test_a_move_that_fails_leaves_the_box_and_the_server_as_they_were(
    scene: Scene, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, data = new_database(server, "failing"), scene.config.data
    settings.save(scene.config)
    before = scene.opened(everything)
    real = move_tables._pour

    async def spoiled(source: Any, tables: Any, tell: Any) -> Any:
        brought = await real(source, tables, tell)
        await other_engine._script("UPDATE orders SET total = total + 1 WHERE number = 3")
        return brought

    with monkeypatch.context() as patch:
        patch.setattr(move_tables, "_pour", spoiled)
        with pytest.raises(HouseError) as refused:
            move.move(to(scene, url), quiet)
    assert (refused.value.code, refused.value.params["table"]) == ("move_differs", "orders")
    assert (found(scene).config.database.url, asked(url, SCHEMAS)) == (None, [])

    with closing(sqlite3.connect(data / "main.db")) as main:
        main.execute("ALTER TABLE orders ADD COLUMN by_hand TEXT")
    with pytest.raises(HouseError) as refused:
        move.move(to(scene, url), quiet)
    assert refused.value.params == {"table": "orders", "column": "by_hand"}
    with closing(sqlite3.connect(data / "main.db")) as main:
        main.execute("ALTER TABLE orders DROP COLUMN by_hand")
    assert scene.opened(everything) == before

    # Another box is moving in: its tables are not taken for a try of ours.
    asked(url, f"CREATE SCHEMA {FRESH}", f"CREATE TABLE {FRESH}.schema_migration ()",
          f"COMMENT ON TABLE {FRESH}.schema_migration IS 'other 20260101T000000Z'")  # fmt: skip
    with pytest.raises(HouseError, match="move_not_empty"):
        move.check(scene.config, url)
    with pytest.raises(HouseError, match="move_no_database"):
        move.check(scene.config, f"{url}_none")
    with pytest.raises(HouseError, match="E016"):
        move.check(scene.config, f"{url}?sslmode=none_such")
    asked(server, "CREATE ROLE guest LOGIN")
    with pytest.raises(HouseError, match="move_rights"):
        move.check(scene.config, url.replace("korobka@", "guest@"))
    with pytest.raises(HouseError, match="move_not_let_in"):
        move.check(scene.config, url.replace("korobka@", "nobody_known@"))
    with pytest.raises(HouseError, match="move_no_answer"):
        move.check(scene.config, "postgresql://korobka@127.0.0.1:1/korobka")
    with scene_runs(scene), pytest.raises(HouseError, match="E018"):
        move.move(to(scene, new_database(server, "running")), quiet)


def scene_runs(scene: Scene) -> Any:
    return checks.sole_server(scene.config.data)
