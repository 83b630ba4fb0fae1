"""A box whose tables are on a PostgreSQL server: copied, proven, restored, also without one."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance.actions import users
from appliance.boot import demo, first_start
from appliance.boot.house import OpenHouse
from appliance.boot.index import HOUSE_ACTOR
from appliance.config import Config, Database, Server, Unlock
from appliance.domain.personal import Personal
from appliance.domain.users import NewUser
from appliance.errors import HouseError
from appliance.storage.statements import fetch
from backups import other_engine
from backups.drill import drill
from tests.integration.backups.scene import PASSWORD, Scene, people, quiet
from tests.integration.backups.test_sftp import order_of
from tests.postgres import temporary_postgres


async def late(house: OpenHouse) -> None:
    await users.create(HOUSE_ACTOR, NewUser(login="late", name=Personal("Лада"), roles=("seller",)))


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


def test_a_box_on_a_server_is_copied_proven_and_comes_back_here_and_on_a_bare_machine(
    tmp_path: Path,
) -> None:
    with temporary_postgres() as url:
        data, copies = tmp_path / "data", tmp_path / "usb"
        data.mkdir(mode=0o700)
        copies.mkdir()
        config = Config(
            data=data,
            database=Database(url=url),
            server=Server(port=1, kind="uvicorn"),
            unlock=Unlock(mode="key-file", key_file=tmp_path / "key"),
        )
        born = first_start.init(
            config, admin_login="boss", admin_password=PASSWORD, passphrase=None
        )
        demo.fill(config, customers=30, orders=30, seed=7)
        scene = Scene(config, born.recovery_code, copies)
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
