"""A box whose tables are on a PostgreSQL server: copied, proven, restored, also without one."""

import asyncio
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from appliance import config as settings
from appliance.actions import users
from appliance.boot import demo, first_start, rescue, set_aside, swap
from appliance.boot.house import OpenHouse
from appliance.boot.index import HOUSE_ACTOR
from appliance.config import Config, Database, Server, Unlock
from appliance.domain.personal import Personal
from appliance.domain.users import NewUser
from appliance.errors import HouseError
from appliance.storage.statements import fetch
from backups import inside, mirror, other_engine
from backups.drill import drill
from backups.orders import GoBackOrder, PlaceOrder, PrepareOrder
from backups.restoring import Asked, restore
from tests.fault.update_house import asked
from tests.integration.backups.scene import PASSWORD, Scene, people, quiet
from tests.integration.backups.test_guard import step
from tests.integration.backups.test_sftp import order_of
from tests.postgres import temporary_postgres


async def late(house: OpenHouse) -> None:
    await users.create(
        HOUSE_ACTOR, NewUser(login=uuid4().hex[:8], name=Personal("Лада"), roles=("seller",))
    )


async def everything(house: OpenHouse) -> dict[str, list[tuple[Any, ...]]]:
    """Rows of every kind of value, whichever engine gives them."""
    asked = {
        "orders": "SELECT id, number, total, created_at FROM orders ORDER BY number",
        "users": "SELECT id, login, active, created_at FROM users ORDER BY number",
        "marks": "SELECT module, number FROM schema_migration ORDER BY number",
    }
    found: dict[str, list[tuple[Any, ...]]] = {"people": await people(house)}
    for name, sql in asked.items():
        found[name] = [tuple(row) for row in await house.database.read(lambda one=sql: fetch(one))]
    return found


COUNT = "INSERT INTO counter SELECT '{}', value FROM counter WHERE name = 'orders'"


class Served(NamedTuple):
    scene: Scene
    url: str
    home: Path


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A box on a server of its own; each test takes it as the one before has left it."""
    home = tmp_path_factory.mktemp("served")
    with temporary_postgres() as url:
        data, copies = home / "data", home / "usb"
        data.mkdir(mode=0o700)
        copies.mkdir()
        config = Config(
            data=data,
            database=Database(url=url),
            server=Server(port=1, kind="uvicorn"),
            unlock=Unlock(mode="key-file", key_file=home / "key"),
        )
        born = first_start.init(
            config, admin_login="boss", admin_password=PASSWORD, passphrase=None
        )
        demo.fill(config, customers=30, orders=30, seed=7)
        yield Served(Scene(config, born.recovery_code, copies), url, home)


def in_tables(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of a main.db."""
    with closing(sqlite3.connect(database)) as main:
        names = [one.name for one in other_engine.tables_of(main)]
        return {n: sorted(main.execute(f'SELECT * FROM "{n}"'), key=repr) for n in names}  # noqa: S608 - of our schema


@pytest.mark.whole_box
def test_every_change_on_a_server_is_on_the_second_disk_with_the_next_step(
    served: Served, tmp_path: Path
) -> None:
    scene, url, disk = served.scene, served.url, tmp_path / "second"
    disk.mkdir()
    file = served.home / "data" / "backups" / mirror.NAME

    def same() -> bool:
        whole = tmp_path / f"whole-{scene.hours}"
        other_engine.take(url, whole, lambda *_: None, beside=other_engine.nothing)
        return in_tables(whole) == in_tables(file)

    first = step(scene, disk, url)
    assert (first.step, first.pages > 100, same()) == (0, True, True)
    quiet_step = step(scene, disk, url)
    assert quiet_step.pages <= 1, "nothing changed, nothing is taken"
    asked(url, "UPDATE orders SET total = total + 1 WHERE number = 3", COUNT.format("zz"))
    changed = step(scene, disk, url)
    assert (0 < changed.pages < 20, same()) == (True, True)
    # A row goes while another comes: as many as before, and yet not the same.
    asked(url, "UPDATE counter SET name = 'zy' WHERE name = 'zz'")
    assert (step(scene, disk, url).step, same()) == (3, True)

    async def while_it_lasts() -> None:
        wire = await asyncpg.connect(url)
        await wire.execute("BEGIN")
        await wire.execute(COUNT.format("open"))
        await asyncio.to_thread(asked, url, COUNT.format("later"))  # ends first, counts higher
        await asyncio.to_thread(step, scene, disk, url)
        assert await asyncio.to_thread(same)
        await wire.execute("COMMIT")
        await wire.close()

    asyncio.run(while_it_lasts())
    assert (step(scene, disk, url).step, same()) == (5, True)
    (file.with_name(mirror.STATE)).write_bytes(b"rotten")
    scene.opened(late)
    last = step(scene, disk, url)
    assert (last.step, last.chain, same()) == (6, first.chain, True)
    before = scene.opened(everything)
    restore(Asked("guard", scene.code, disk, tmp_path / "bare", None), quiet)
    assert scene.opened(everything, tmp_path / "bare") == before


@pytest.mark.whole_box
def test_a_running_box_on_a_server_is_set_back_shown_and_can_go_forward_again(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, url, data = served.scene, served.url, served.home / "data"
    settings.save(scene.config)
    stamp = scene.make(url=url).stamp
    then = scene.opened(everything)
    scene.opened(late)
    now = scene.opened(everything)
    vault = scene.vault()
    identity, root = vault.drill_identity()[0], vault.lend_root().hex()
    vault.close()
    wanted = PrepareOrder(
        data=data, identity=identity, root=root, targets=(str(scene.copies),), stamp=stamp
    )
    inside.prepare(wanted, quiet)
    assert scene.opened(everything) == now, "it was touched before anybody said so"

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(swap, "_exchange_files", cut_off)  # the tables are exchanged by then
        with pytest.raises(KeyboardInterrupt):
            inside.place(PlaceOrder(data=data, root=root), quiet)
    assert scene.opened(everything) == then, "the next start has not finished it"
    assert swap.trial_of(data) is not None
    inside.go_back(GoBackOrder(data=data))
    assert scene.opened(everything) == now
    with pytest.raises(HouseError, match="restore_none"):
        inside.go_back(GoBackOrder(data=data))

    inside.prepare(wanted, quiet)
    inside.place(PlaceOrder(data=data, root=root), quiet)
    swap.confirm(data)
    assert scene.opened(everything) == then
    scene.opened(late)
    for folder in set_aside.folders(data):
        os.utime(folder, (0, 0))
    scene.opened(lambda house: house.sweep_set_aside())
    found = asked(url, "SELECT nspname FROM pg_namespace WHERE nspname ~ 'restore'")
    assert found == [], "a month later their tables are still there"


@pytest.mark.whole_box
def test_a_cell_that_was_changed_on_a_server_is_found_by_the_log(served: Served) -> None:
    scene, url = served.scene, served.url
    found = rescue.verify_audit(scene.config, deep=True)
    assert found.is_sound
    assert str(found.facts["cells"]).endswith(" compared, 0 gone")
    with closing(sqlite3.connect(served.home / "data" / "audit.db")) as log:
        leaves = [json.loads(leaf) for (leaf,) in log.execute("SELECT leaf FROM event")]
    table, column, row = next(n for leaf in leaves for n in leaf.get("cell_hashes", ())).split(".")
    put = f"UPDATE {table} SET {column} = {{}} WHERE id = '{row}'"  # noqa: S608 - names out of the log
    asked(url, put.format(f"{column} || '\\x00'::bytea"))
    harmed = rescue.verify_audit(scene.config, deep=True)
    assert (harmed.is_sound, harmed.facts["place"]) == (False, "cell")
    asked(url, put.format(f"substr({column}, 1, length({column}) - 1)"))


@pytest.mark.whole_box
def test_a_box_on_a_server_is_copied_proven_and_comes_back_here_and_on_a_bare_machine(
    served: Served, tmp_path: Path
) -> None:
    scene, url, data = served.scene, served.url, served.home / "data"
    copies = scene.copies
    before = scene.opened(everything)
    made = scene.make(url=url)
    assert [one.state for one in made.targets] == ["done"]
    proven = drill(order_of(scene, str(copies)), quiet)
    assert (proven.cells, proven.cards) == (200, ("client", "order"))

    scene.restore(into=tmp_path / "bare")  # where there is no server at all
    assert scene.opened(everything, tmp_path / "bare") == before

    scene.opened(late)
    assert len(scene.opened(everything)["users"]) == len(before["users"]) + 1
    done = scene.restore()
    assert scene.opened(everything) == before
    scene.opened(late)  # it is a box like any other, its counters go on
    assert not (data / "main.db").exists()
    assert Path(str(done.facts["aside"])).is_dir()

    async def foreign(house: OpenHouse) -> None:
        await house.database.alter(lambda: other_engine._script("CREATE TABLE ours ()"))

    scene.opened(foreign)
    with pytest.raises(HouseError) as refused:
        scene.make(url=url)
    assert (refused.value.code, refused.value.params) == (
        "backup_engine_table",
        {"table": "ours"},
    )
    assert url not in repr(msgspec.structs.replace(scene.order(), url=url))
