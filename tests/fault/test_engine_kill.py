"""Kill a process in the middle of its writes: what it acknowledged is there, all or nothing."""

import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

WRITE = """
import asyncio
import sys
from itertools import count
from pathlib import Path

from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.engine.connections import current
from appliance.storage.statements import execute


async def main():
    database = SqliteDatabase(Path(sys.argv[1]))
    await database.start()
    start = int(sys.argv[2])
    await database.alter(lambda: current().script(
        "CREATE TABLE IF NOT EXISTS pair (number INTEGER, half INTEGER, PRIMARY KEY (number, half))"
    ))
    numbers = count(start)

    async def client():
        while True:
            number = next(numbers)

            async def body():
                for half in (0, 1):
                    await execute("INSERT INTO pair VALUES ({}, {})", number, half)

            await database.write(body)
            sys.stdout.write(f"{number}\\n")
            sys.stdout.flush()

    await asyncio.gather(*(client() for _ in range(10)))


asyncio.run(main())
"""


@pytest.mark.parametrize("round_number", range(3))
def test_acknowledged_writes_survive_a_kill(tmp_path: Path, round_number: int):
    path = tmp_path / "main.db"
    chance = random.Random(round_number)  # noqa: S311 - a test's dice
    acknowledged: set[int] = set()
    for start in (0, 1_000_000):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITE, path, str(start)], stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        for _ in range(chance.randrange(50, 1500)):
            acknowledged.add(int(writer.stdout.readline()))
        writer.kill()
        # Whole lines that were in the pipe were acknowledged too.
        rest = writer.stdout.read().split(b"\n")[:-1]
        acknowledged.update(int(line) for line in rest)
        writer.stdout.close()
        assert writer.wait() == -9
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        halves = database.execute("SELECT number, count(*) FROM pair GROUP BY number").fetchall()
    assert {count for _, count in halves} == {2}
    assert acknowledged <= {number for number, _ in halves}
    assert len(acknowledged) >= 100
