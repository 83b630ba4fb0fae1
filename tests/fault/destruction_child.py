"""Goes on with the destructions of a house at rest, and stops or dies where it is told to.

    python -m tests.fault.destruction_child FOLDER prepare 5     people of whom both have agreed
    python -m tests.fault.destruction_child FOLDER wait STEP MS   stops after a step, until killed
    python -m tests.fault.destruction_child FOLDER cut STEP MS    drops the disk after it, and dies
    python -m tests.fault.destruction_child FOLDER run "" MS      to the end
    python -m tests.fault.destruction_child FOLDER look           what there is, as JSON

FOLDER holds the data folder `house`, opened by `stick.key` in it; MS is what the machine ran.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from appliance import roles
from appliance.actions import _gate, destruction, subjects, trimming
from appliance.domain.access import NOBODY, Actor, ActorKind
from appliance.domain.privacy import PurposeCode
from appliance.domain.subjects import Steady
from appliance.jobs.destruction import Destroyer
from appliance.storage import evidence, files
from appliance.storage.engine.sqlite import SqliteDatabase
from appliance.storage.statements import fetch
from appliance.storage.tx import House
from appliance.vault.search import SearchIndex
from appliance.vault.vault import Vault
from scripts._cut import cut
from tests.house_fixture import open_test_house
from tests.integration.subjects.scene import (
    Machine,
    acts_written,
    agreed,
    asked,
    busy,
    officer,
    somebody,
)
from tests.ready import CHEAP

STEPS = ("tick", "begin", "trim", "key", "wipe", "clean", "finish", "waits_for")
"""Of one destruction, in the order in which they are done."""

At = Callable[[str], None]


def say(line: str) -> None:
    """To whoever started this process."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[House]:
    """The house at rest, opened as its server does."""
    vault = Vault.load(folder, argon=CHEAP, passwords=CHEAP)
    vault.unlock_with_key_file(folder / "stick.key")
    database = SqliteDatabase(folder / "main.db")
    database.before_commit(vault.flush_subjects)
    await database.start()
    files.set_folder(folder / "files")
    evidence.open_file(folder / "evidence.db")
    house = House(database, vault, SearchIndex(), lambda: datetime(2026, 2, 1, 9, 30, tzinfo=UTC))
    _gate.install(house)
    try:
        yield house
    finally:
        _gate.install(None)
        evidence.close_file()
        await database.stop()
        vault.close()


class Keys:
    """The vault's part, with a word about the step between."""

    def __init__(self, vault: Vault, at: At) -> None:
        self._vault, self._at = vault, at
        self.begin_destroy, self.pending_destroy = vault.begin_destroy, vault.pending_destroy
        self.is_lost = vault.is_lost

    def destroy(self, *given: Any, **named: Any) -> None:
        self._vault.destroy(*given, **named)
        self._at("key")


def _told(name: str, at: At) -> None:
    module = trimming if name == "trim" else destruction
    known = getattr(module, name)

    async def run(*given: object) -> object:
        found = await known(*given)
        at(name)
        return found

    setattr(module, name, run)


async def go_on(folder: Path, ms: int, at: At) -> None:
    """Do what is due."""
    for name in ("tick", "begin", "trim", "wipe", "finish", "waits_for", "close"):
        _told(name, at)

    async def clean() -> None:
        at("clean")

    async with opened(folder) as house:
        actor = Actor(kind=ActorKind.SYSTEM, id=NOBODY, grants=roles.HOUSE_GRANTS)
        steady = Steady("one", ms)
        say("begins")
        worker = Destroyer(actor, Keys(house.vault, at), lambda: steady, clean)
        await worker.tick()
        await acts_written(actor)
        await worker.tick()


def _stops(step: str) -> At:
    def at(here: str) -> None:
        if here == step:
            say(here)
            sys.stdin.read()  # until the end that comes from outside

    return at


def _dies(step: str, disk: Path) -> At:
    def at(here: str) -> None:
        if here == step:
            say(here)
            cut(disk)
            os.kill(os.getpid(), signal.SIGKILL)

    return at


async def prepare(folder: Path, count: int) -> int:
    """A house whose people wait for their end, one under a hold; how long its machine ran."""
    async with open_test_house(folder) as house:
        house.vault.add_key_file(folder / "stick.key")
        for number in range(count):
            person = await somebody(house)
            if not number:
                await busy(house, person)
                until = house.clock.now.date() + timedelta(days=400)
                law = ("402-ФЗ, ст. 29", until)
                await subjects.hold(officer(house), person.number, PurposeCode.ACCOUNTING, *law)
            await agreed(house, (await asked(house, person)).number)
        machine = Machine()
        await machine.run(house, 72)
    return machine.ms


async def look(folder: Path) -> dict[str, object]:
    """States of requests, entries of the ledger, cells of people, orders, what a law keeps."""
    async with opened(folder) as house:

        async def read() -> dict[str, object]:
            states = await fetch("SELECT number, state FROM subject_request ORDER BY number")
            cells = await fetch(
                "SELECT c.number FROM customer c JOIN subject_request r ON r.subject_id = "
                "c.subject_id WHERE r.state = 'closed' AND c.person IS NOT NULL"
            )
            orders = await fetch("SELECT number, total FROM orders ORDER BY number")
            return {
                "states": [state for _, state in states],
                "cells": len(cells),
                "orders": [list(row) for row in orders],
            }

        found = await house.database.read(read)
        gone: set[UUID] = {one.subject for one in house.vault.ledger()}
        kept = [bool(house.vault.kept(one)) for one in house.vault.kept_sets()]
        return {**found, "ledger": len(gone), "kept": kept}


def main() -> None:
    """One word of the list above."""
    folder, verb, *rest = Path(sys.argv[1]), *sys.argv[2:]
    house = folder / "house"
    if verb == "prepare":
        shutil.rmtree(house, ignore_errors=True)
        house.mkdir(parents=True)
        say(str(asyncio.run(prepare(house, int(rest[0])))))
    elif verb == "look":
        say(json.dumps(asyncio.run(look(house))))
    else:
        at = _dies(rest[0], folder) if verb == "cut" else _stops(rest[0])
        asyncio.run(go_on(house, int(rest[1]), at))


if __name__ == "__main__":
    main()
