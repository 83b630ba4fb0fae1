"""A destruction killed (-9) after every step: the next start ends it, and nothing comes back."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from appliance.actions import _gate, subjects
from appliance.domain.subjects import RequestState
from appliance.storage import subject_finds
from appliance.storage.tx import House
from tests.house_fixture import TestHouse, open_test_house
from tests.integration.subjects.scene import (
    NAME,
    Machine,
    agreed,
    asked,
    busy,
    destroyer,
    officer,
    somebody,
)

STEPS = ("tick", "begin", "key", "wipe", "clean", "finish", "waits_for")

GO_ON = """
import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from appliance import roles
from appliance.actions import _gate, destruction
from appliance.domain.access import NOBODY, Actor, ActorKind
from appliance.domain.subjects import Steady
from appliance.jobs.destruction import Destroyer
from appliance.storage import files
from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.tx import House
from appliance.vault.search import SearchIndex
from appliance.vault.vault import Vault
from tests.ready import CHEAP

STOP = sys.argv[2]


def at(step):
    if step == STOP:
        print(step, flush=True)
        sys.stdin.read()  # until the end that comes from outside


def told(name):
    known = getattr(destruction, name)

    async def run(*given):
        found = await known(*given)
        at(name)
        return found

    setattr(destruction, name, run)


class Keys:
    def __init__(self, vault):
        self.vault = vault
        self.begin_destroy, self.pending_destroy = vault.begin_destroy, vault.pending_destroy

    def destroy(self, *given):
        self.vault.destroy(*given)
        at("key")


async def main():
    folder = Path(sys.argv[1])
    vault = Vault.load(folder, argon=CHEAP, passwords=CHEAP)
    vault.unlock_with_key_file(folder / "stick.key")
    database = SqliteDatabase(folder / "main.db")
    database.before_commit(vault.flush_subjects)
    await database.start()
    files.set_folder(folder / "files")
    house = House(database, vault, SearchIndex(), lambda: datetime(2026, 2, 1, 9, 30, tzinfo=UTC))
    _gate.install(house)
    actor = Actor(kind=ActorKind.SYSTEM, id=NOBODY, grants=roles.HOUSE_GRANTS)
    for name in ("tick", "begin", "wipe", "finish", "waits_for", "close"):
        told(name)

    async def clean():
        at("clean")

    steady = Steady("one", int(sys.argv[3]))
    await Destroyer(actor, Keys(vault), lambda: steady, clean).tick()


asyncio.run(main())
"""


def _killed_at(folder: Path, step: str, ms: int) -> None:
    """Have a process of its own go on with the destruction, and kill it after that step."""
    worker = subprocess.Popen(
        [sys.executable, "-c", GO_ON, str(folder), step, str(ms)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert worker.stdout is not None
    assert worker.stdin is not None
    try:
        assert worker.stdout.readline() == f"{step}\n"
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.stdout.close()
        worker.stdin.close()
        assert worker.wait() == -signal.SIGKILL


async def test_a_destruction_killed_at_every_step_is_ended_and_loses_no_order(
    tmp_path: Path,
) -> None:
    async with open_test_house(tmp_path) as house:
        house.vault.add_key_file(tmp_path / "stick.key")
        person = await somebody(house)
        await busy(house, person)
        sums = await house.rows("SELECT number, total FROM orders ORDER BY number")
        view = await asked(house, person)
        await agreed(house, view.number)
        machine = Machine()
        await machine.run(house, 72)
        for step in STEPS:
            _gate.install(None)
            await house.database.stop()
            _killed_at(tmp_path, step, machine.ms)
            await _come_back(house)
        assert await destroyer(house, machine).tick() == 0  # all was done before the last kill
        done = await subjects.show(officer(house), view.number)
        assert (done.state, done.ledger) == (RequestState.CLOSED, 1)
        found = await house.database.read(lambda: _found(person.id))
        assert (found.cells, found.indexes) == ({}, 0)
        assert await house.rows("SELECT number, total FROM orders ORDER BY number") == sums
        assert len(house.vault.ledger()) == 1
    _must_be_nowhere(tmp_path)


def _must_be_nowhere(folder: Path) -> None:
    """No attachment is left, and the name stands in no file."""
    left = [path for path in folder.rglob("*") if path.is_file()]
    assert [path for path in left if "files" in path.parts] == []
    assert [path for path in left if NAME.encode() in path.read_bytes()] == []


async def _found(customer_id: object) -> subject_finds.Found:
    return await subject_finds.found_of(await subject_finds.cards(customer_id))  # type: ignore[arg-type]


async def _come_back(house: TestHouse) -> None:
    await house.database.start()
    _gate.install(House(house.database, house.vault, house.index, house.clock))
