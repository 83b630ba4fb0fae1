"""A destruction killed (-9) after every step: the next start ends it, and nothing comes back."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from appliance.actions import _gate, subjects, trimming
from appliance.domain.privacy import PurposeCode
from appliance.domain.subjects import RequestState
from appliance.storage import subject_finds
from appliance.storage.tx import House
from tests.fault.destruction_child import STEPS
from tests.house_fixture import TestHouse, open_test_house
from tests.integration.subjects.scene import (
    NAME,
    Machine,
    acts_written,
    agreed,
    asked,
    busy,
    destroyer,
    officer,
    somebody,
)


def _killed_at(folder: Path, step: str, ms: int) -> None:
    """Have a process of its own go on with the destruction, and kill it after that step."""
    words = [str(folder.parent), "wait", step, str(ms)]
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.fault.destruction_child", *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert worker.stdout is not None
    assert worker.stdin is not None
    try:
        assert [worker.stdout.readline() for _ in range(2)] == ["begins\n", f"{step}\n"]
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.stdout.close()
        worker.stdin.close()
        assert worker.wait() == -signal.SIGKILL


async def test_a_destruction_killed_at_every_step_is_ended_and_loses_no_order(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "house"
    folder.mkdir()
    async with open_test_house(folder) as house:
        house.vault.add_key_file(folder / "stick.key")
        person = await somebody(house)
        await busy(house, person)
        sums = await house.rows("SELECT number, total FROM orders ORDER BY number")
        until = house.clock.now.date() + timedelta(days=400)
        law = ("402-ФЗ, ст. 29", until)
        await subjects.hold(officer(house), person.number, PurposeCode.ACCOUNTING, *law)
        view = await asked(house, person)
        await agreed(house, view.number)
        machine = Machine()
        await machine.run(house, 72)
        for step in STEPS:
            _gate.install(None)
            await house.database.stop()
            _killed_at(folder, step, machine.ms)
            await _come_back(house)
        assert await destroyer(house, machine).tick() == 0  # all was done before the last kill
        assert await acts_written(house.system) == 1
        await destroyer(house, machine).tick()
        done = await subjects.show(officer(house), view.number)
        assert (done.state, done.ledger) == (RequestState.CLOSED, 1)
        found = await house.database.read(lambda: _found(person.id))
        assert (found.cells, found.indexes) == ({}, 0)
        assert await house.rows("SELECT number, total FROM orders ORDER BY number") == sums
        assert len(house.vault.ledger()) == 1
        rest = await subjects.show(officer(house), done.found.kept_in)
        assert rest.state is RequestState.HELD
        kept = (await trimming.kept(officer(house), rest.number)).reveal()
        assert [*house.vault.kept_sets()] == [rest.subject_id]
        assert kept.lines == {"name": (f"{NAME} Евлампия",)}
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
