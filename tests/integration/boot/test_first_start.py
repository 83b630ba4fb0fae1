import asyncio
from pathlib import Path

import msgspec
import pytest

from appliance.boot import first_start, tls
from appliance.boot.house import open_house
from appliance.config import Config, Database
from appliance.domain.ids import uuid7
from appliance.errors import Conflict, Invalid, Unavailable
from appliance.storage.engine.connections import current
from appliance.storage.engine.postgres import PostgresDatabase
from appliance.storage.statements import fetch
from tests.integration.boot.conftest import PASSWORD
from tests.postgres import new_database


def begin(config: Config, password: str | None = PASSWORD) -> first_start.Born:
    return first_start.init(config, admin_login="boss", admin_password=password, passphrase=None)


def made(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def on(address: str, sql: str) -> list[tuple[object, ...]]:
    """Run one statement on a PostgreSQL database, past everything."""

    async def run() -> list[tuple[object, ...]]:
        database = PostgresDatabase(address)
        await database.start()
        try:

            async def body() -> list[tuple[object, ...]]:
                if sql.startswith("SELECT"):
                    return await fetch(sql)
                await current().script(sql)
                return []

            return await database.write(body)
        finally:
            await database.stop()

    return asyncio.run(run())


def test_a_first_start_makes_a_box_that_opens_with_its_key_file(config: Config) -> None:
    born = begin(config, None)
    assert born.admin_password and len(born.recovery_code) > 20

    async def look() -> tuple[bool, int]:
        opened = await open_house(config)
        try:
            assert opened.log is not None
            return opened.vault.is_open, opened.log.size
        finally:
            await opened.close()

    assert asyncio.run(look()) == (True, 0)

    async def again() -> int:
        opened = await open_house(config)
        try:
            assert opened.log is not None
            return opened.log.size
        finally:
            await opened.close()

    assert asyncio.run(again()) == 1  # the first start itself


def test_a_second_first_start_is_refused_and_changes_nothing(config: Config) -> None:
    begin(config)
    before = {path: path.read_bytes() for path in config.data.rglob("*") if path.is_file()}
    with pytest.raises(Conflict) as refused:
        begin(config)
    assert refused.value.code == "box_exists"
    after = {path: path.read_bytes() for path in config.data.rglob("*") if path.is_file()}
    assert after == before


@pytest.mark.parametrize("name", ["main.db", "audit.db", "keys.db", "korobka.toml"])
def test_what_is_left_of_a_box_is_not_touched(config: Config, name: str) -> None:
    (config.data / name).write_bytes(b"years of orders")
    with pytest.raises(Conflict):
        begin(config)
    assert made(config.data) == {name}
    assert (config.data / name).read_bytes() == b"years of orders"


def test_a_first_start_that_failed_leaves_nothing_and_may_be_repeated(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for module, name in ((tls, "create"), (first_start, "save"), (first_start.seed, "fill")):
        with monkeypatch.context() as patched:
            patched.setattr(module, name, full)
            with pytest.raises(Unavailable):
                begin(config)
        assert made(config.data.parent) == set()
    begin(config)
    assert {"keys.db", "main.db", "audit.db", "korobka.toml", "audit.pub"} <= made(config.data)


def test_somebody_elses_key_file_is_neither_used_nor_removed(config: Config) -> None:
    assert config.unlock.key_file is not None
    config.unlock.key_file.write_bytes(b"of another box")
    with pytest.raises(Conflict) as refused:
        begin(config)
    assert refused.value.code == "key_file_exists"
    assert config.unlock.key_file.read_bytes() == b"of another box"
    assert made(config.data) == set()


@pytest.mark.parametrize("password", ["short", "korobka-korobka-korobka"])
def test_a_weak_password_is_refused_before_anything_is_made(config: Config, password: str) -> None:
    with pytest.raises(Invalid):
        begin(config, password)
    assert made(config.data.parent) == set()


@pytest.fixture
def address(postgres_address: str) -> str:
    return new_database(postgres_address, f"b{uuid7().hex}")


def test_a_database_that_another_box_filled_is_refused_untouched(
    config: Config, address: str
) -> None:
    config = msgspec.structs.replace(config, database=Database(url=address))
    begin(config)
    users = on(address, "SELECT id, login FROM users")
    on(address, "DELETE FROM schema_migration WHERE number > 1")  # as of an older release
    steps = on(address, "SELECT module, number FROM schema_migration")
    other = config.data.parent / "other"
    other.mkdir()
    second = msgspec.structs.replace(config, data=other)
    second = msgspec.structs.replace(
        second, unlock=msgspec.structs.replace(config.unlock, key_file=other / "key")
    )
    with pytest.raises(Unavailable) as refused:
        begin(second)
    assert refused.value.code == "database_not_empty"
    assert on(address, "SELECT id, login FROM users") == users
    assert on(address, "SELECT module, number FROM schema_migration") == steps
    assert made(other) == set()


def test_a_database_of_another_program_is_refused_untouched(config: Config, address: str) -> None:
    on(address, "CREATE TABLE invoices (number BIGINT)")
    with pytest.raises(Unavailable) as refused:
        begin(msgspec.structs.replace(config, database=Database(url=address)))
    assert refused.value.code == "database_not_empty"
    tables = on(address, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert tables == [("invoices",)]


def test_a_try_that_failed_on_a_server_may_be_repeated_there(
    config: Config, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = msgspec.structs.replace(config, database=Database(url=address))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(first_start, "save", full)
        with pytest.raises(Unavailable):
            begin(config)
    begin(config)
    assert len(on(address, "SELECT id FROM users")) == 1
