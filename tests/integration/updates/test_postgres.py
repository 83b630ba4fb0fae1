"""A box on PostgreSQL: tried on a copy of its tables, migrated, put back as it was."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import pytest

from appliance.boot import first_start
from appliance.config import Config, Database, Server, Unlock
from appliance.errors import HouseError, Unavailable
from appliance.storage.migrations import runner
from appliance.storage.migrations.runner import HOUSE, Step, known_steps
from tests.integration.backups.scene import PASSWORD
from tests.postgres import own_database
from updates import inside, kept

pytestmark = pytest.mark.postgres
NEWEST = known_steps(HOUSE)[-1].number


class Ours(NamedTuple):
    data: Path
    url: str


@pytest.fixture(scope="module")
def box(postgres_address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ours]:
    """A new box; its tests leave it as it was, that is what they are about."""
    home = tmp_path_factory.mktemp("server")
    (home / "data").mkdir(mode=0o700)
    with asyncio.Runner() as runner_:
        made = own_database(postgres_address)
        url = runner_.run(made.__aenter__())
        unlock = Unlock(mode="key-file", key_file=home / "key")
        server = Server(port=1, kind="uvicorn")
        config = Config(home / "data", database=Database(url), server=server, unlock=unlock)
        first_start.init(config, admin_login="boss", admin_password=PASSWORD, passphrase=None)
        yield Ours(home / "data", url)
        runner_.run(made.__aexit__(None, None, None))


def asked(url: str, *statements: str) -> list[Any]:
    async def run() -> list[Any]:
        wire = await asyncpg.connect(url)
        try:
            return [await wire.fetch(one) for one in statements][-1]
        finally:
            await wire.close()

    return asyncio.run(run())


SHAPE = """
SELECT 'c', table_name, column_name, data_type, is_nullable, COALESCE(column_default, '')
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'i', tablename, indexname, indexdef, '', '' FROM pg_indexes
WHERE schemaname = 'public'
UNION ALL SELECT 'k', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', ''
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
ORDER BY 1, 2, 3
"""


def contents(box: Ours) -> tuple[object, ...]:
    """Everything: shapes, every row, the files."""
    found = asked(box.url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    names = sorted(row[0] for row in found)
    texts = (f'SELECT t::text FROM "{name}" t ORDER BY 1' for name in names)  # noqa: S608 - out of the catalogue
    rows = {name: asked(box.url, one) for name, one in zip(names, texts, strict=True)}
    files = {n: (box.data / n).read_bytes() for n in kept.NAMES if (box.data / n).is_file()}
    return asked(box.url, SHAPE), rows, files


def schemas_of(box: Ours) -> set[str]:
    rows = asked(box.url, "SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^pg_'")
    return {row[0] for row in rows} - {"information_schema"}


class Harms(Step):
    """A migration of a later release."""

    fails = False

    async def run(self) -> None:
        from appliance.storage.engine.connections import current  # noqa: PLC0415 - of the body

        await current().script('ALTER TABLE "users" DROP COLUMN "login"')
        await current().script("CREATE TABLE later (id UUID PRIMARY KEY)")
        if self.fails:
            raise Unavailable("schema_newer", number=self.number)


@pytest.mark.checklist(192)
def test_tables_are_tried_on_a_copy_migrated_and_put_back_with_all_that_belongs_to_them(
    box: Ours, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(box)
    found = inside.trial(box.data)
    assert (found["migrated"], found["open"]) == ([], True)
    assert contents(box) == before, "the trial has changed the box itself"
    assert schemas_of(box) == {"public"}
    assert inside.facts(box.data) == {"schema": NEWEST, "knows": NEWEST}

    kept_at = inside.run("keep", box.data, {})
    later = [*known_steps(HOUSE), Harms("house", NEWEST + 1, "later", "nowhere")]
    with monkeypatch.context() as patch:
        patch.setattr(runner, "known_steps", lambda _: later)
        assert inside.migrate(box.data)["migrated"] == [f"{NEWEST + 1:04d}"]
    with pytest.raises(HouseError, match="update_test_failed"):
        inside.test(box.data)
    assert inside.run("people-since", box.data, kept_at) == {"people": False}
    for _ in range(2):  # cut off and repeated
        inside.run("restore", box.data, {})
        assert contents(box) == before
    inside.run("forget", box.data, {"step": 0})
    assert inside.test(box.data)["checks"] == 6
    assert schemas_of(box) == {"public"}


def test_a_migration_that_fails_and_a_view_of_somebody_are_found_on_the_copy(
    box: Ours, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(box)
    failing = Harms("house", NEWEST + 1, "later", "nowhere")
    object.__setattr__(failing, "fails", True)
    with monkeypatch.context() as patch:
        patch.setattr(runner, "known_steps", lambda _: [*known_steps(HOUSE), failing])
        with pytest.raises(HouseError):
            inside.trial(box.data)
    assert (contents(box), schemas_of(box)) == (before, {"public"})
    asked(box.url, "CREATE VIEW report AS SELECT login FROM users")
    with pytest.raises(Unavailable, match="update_engine_view"):
        inside.trial(box.data)
    asked(box.url, "DROP VIEW report")
    assert contents(box) == before


def test_tables_that_were_kept_and_lost_a_row_are_not_put_back(box: Ours) -> None:
    inside.run("keep", box.data, {})
    asked(box.url, "DELETE FROM korobka_before_update.schema_migration WHERE number = 1")
    before = contents(box)
    with pytest.raises(HouseError) as refused:
        inside.run("restore", box.data, {})
    assert refused.value.params == {"part": "schema_migration"}
    assert contents(box) == before
    inside.run("forget", box.data, {"step": 0})
