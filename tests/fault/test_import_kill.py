"""An import killed (-9) in the middle of its rows: the next start goes on, no row comes twice."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.actions import _gate, imports
from appliance.domain.imports import ImportState
from appliance.storage.statements import fetch_value
from appliance.storage.tx import House
from tests.house_fixture import TestHouse, open_test_house
from tests.integration.imports.files import PEOPLE, people, plan, upload, view, work, workbook

ROWS = 1_500

GO_ON = """
import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance import roles
from appliance.actions import _gate
from appliance.domain.access import NOBODY, Actor, ActorKind
from appliance.jobs.imports import Importer
from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.tx import House
from appliance.vault.search import SearchIndex
from appliance.vault.vault import Vault
from tests.ready import CHEAP


async def main():
    folder = Path(sys.argv[1])
    vault = Vault.load(folder, argon=CHEAP, passwords=CHEAP)
    vault.unlock_with_key_file(folder / "stick.key")
    database = SqliteDatabase(folder / "main.db")
    database.before_commit(vault.flush_subjects)
    await database.start()
    house = House(database, vault, SearchIndex(), lambda: datetime(2026, 2, 1, 9, 30, tzinfo=UTC))
    house.told = lambda actor, events: print("step", flush=True)
    _gate.install(house)
    actor = Actor(kind=ActorKind.SYSTEM, id=NOBODY, grants=roles.HOUSE_GRANTS)
    await Importer(actor, ZoneInfo("Europe/Moscow")).run()


asyncio.run(main())
"""


def _killed_after(folder: Path, steps: int) -> None:
    """Have a process of its own go on with the import, and kill it at its n-th told step."""
    worker = subprocess.Popen(
        [sys.executable, "-c", GO_ON, str(folder)], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert worker.stdout is not None
    try:
        for _ in range(steps):
            assert worker.stdout.readline() == "step\n"
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.stdout.close()
        assert worker.wait() == -signal.SIGKILL


async def _stand_aside(house: TestHouse) -> None:
    """Leave database and keys to another process, as a box that is not running does."""
    _gate.install(None)
    await house.database.stop()


async def _come_back(house: TestHouse) -> None:
    await house.database.start()
    _gate.install(House(house.database, house.vault, house.index, house.clock))


@pytest.mark.checklist(176)
async def test_a_killed_import_goes_on_and_every_row_is_there_once(tmp_path: Path) -> None:
    async with open_test_house(tmp_path) as house:
        house.vault.add_key_file(tmp_path / "stick.key")
        head = house.actor_for("head")
        number = await upload(head, workbook(people(ROWS)))
        await imports.pair(head, number, plan(PEOPLE))
        await work(house)
        await imports.start(head, number)
        await _stand_aside(house)
        _killed_after(tmp_path, 2)
        _killed_after(tmp_path, 1)
        await _come_back(house)
        cut = await view(house, number)
        assert cut.state is ImportState.RUNNING
        assert 0 < cut.done < ROWS
        assert (await house.rows("SELECT COUNT(*) FROM customer")) == [(cut.done,)]
        await work(house)
        done = await view(house, number)
        assert (done.state, done.tally.created, done.tally.wrong) == (ImportState.DONE, ROWS, 0)

        async def count(sql: str) -> object:
            return await house.database.read(lambda: fetch_value(sql))

        assert await count("SELECT COUNT(*) FROM customer") == ROWS
        assert await count("SELECT COUNT(DISTINCT number) FROM customer") == ROWS
        assert await count("SELECT COUNT(DISTINCT value_index) FROM contact") == 2 * ROWS
        assert await count("SELECT COUNT(*) FROM contact") == 2 * ROWS
