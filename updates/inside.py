"""What is done to the data, by the box's own account: `python -m updates inside VERB DATA`.

Root would leave files behind that the box cannot open, and must follow no link that the box's
account could have laid. Each verb answers with one line of JSON.
"""

import asyncio
import shutil
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Final

import msgspec

from appliance import config as settings
from appliance.audit.verify import Trust, verify
from appliance.boot import rescue
from appliance.boot.house import PUBLIC_KEY_FILE, open_house
from appliance.config import Config, Database, checks
from appliance.errors import Damaged
from appliance.storage.migrations.runner import HOUSE, known_steps
from appliance.storage.statements import fetch_value
from backups import snapshot
from backups.disk import nothing_told
from backups.drill import scratch
from backups.make import LEAST_FREE, WORK
from backups.targets import free_bytes
from backups.trial import CARDS
from updates import kept, server

DATABASES: Final = (snapshot.MAIN, snapshot.AUDIT, snapshot.KEYS)
MAYBE: Final = (snapshot.EVIDENCE,)
"""What a box makes when it first needs it."""

Answer = Mapping[str, object]


def room(data: Path) -> Answer:
    """Free bytes where the data lie, and how many an update needs there."""
    there = (data / name for name in (*DATABASES, *MAYBE) if (data / name).is_file())
    size = sum(path.stat().st_size for path in there)
    # The trial's copy is gone before the one to go back to is made; a container comes between.
    return {"free": free_bytes(data), "need": 2 * size + LEAST_FREE}


def trial(data: Path) -> Answer:
    """Bring a copy of the data to this release's schema and open it as the server would.

    The box may run meanwhile. With a key file the vault of the copy is opened too, and a card of
    each kind is read; without, the rest is checked.

    Raises:
        HouseError: what this release does not like about these data.
    """
    began = time.monotonic()
    config = settings.load(data)
    url = config.database.url
    # Not among the copies: whoever makes one clears that folder of others' work.
    with ExitStack() as stack:
        folder, keys = stack.enter_context(scratch(data))
        # The order of a copy: keys know everybody of main, the log is never behind the keys.
        if url is None:
            snapshot.copy(data / snapshot.MAIN, folder / snapshot.MAIN, nothing_told)
        else:
            url = stack.enter_context(server.on_copy(url))
        (keys / snapshot.KEYS).write_bytes(snapshot.in_memory(data / snapshot.KEYS))
        (keys / snapshot.KEYS).chmod(0o600)
        if keys != folder:
            (folder / snapshot.KEYS).symlink_to(keys / snapshot.KEYS)
        snapshot.copy(data / snapshot.AUDIT, folder / snapshot.AUDIT, nothing_told)
        for name in MAYBE:
            if (data / name).is_file():
                snapshot.copy(data / name, folder / name, nothing_told)
        if (data / PUBLIC_KEY_FILE).is_file():
            (folder / PUBLIC_KEY_FILE).write_bytes((data / PUBLIC_KEY_FILE).read_bytes())
        aside = msgspec.structs.replace(config, data=folder, database=Database(url))
        done = rescue.migrate(aside, copied=True)
        checks = _whole(aside)
        opened, cards = asyncio.run(_opened(aside))
    return {
        "migrated": done,
        "checks": checks + cards + opened,
        "open": opened,
        "seconds": round(time.monotonic() - began, 1),
    }


def migrate(data: Path) -> Answer:
    """Bring the data of a stopped box to this release's schema; there is a copy already.

    Raises:
        HouseError: as the migrations refuse; each is whole or not done.
    """
    return {"migrated": rescue.migrate(settings.load(data), copied=True)}


def test(data: Path) -> Answer:
    """Look at the data of a stopped box without changing them.

    Raises:
        Damaged: `update_test_failed`, or as SQLite and the log say.
        ConfigError: the settings are not for this release.
    """
    config = settings.load(data)
    if config.database.url is not None:
        return {"checks": _whole(config)}
    with closing(sqlite3.connect(data / snapshot.MAIN)) as main:
        found = snapshot.schema_of(main)
    newest = known_steps(HOUSE)[-1].number
    if found != newest:
        raise Damaged("update_test_failed", part=f"schema {found}/{newest}")
    return {"checks": 1 + _whole(config)}


def facts(data: Path) -> Answer:
    """Number of the last migration that the data have been through, and that this release knows."""
    knows, url = known_steps(HOUSE)[-1].number, _url(data)
    if url:
        return {"schema": server.schema_of(url), "knows": knows}
    with closing(sqlite3.connect(data / snapshot.MAIN)) as main:
        return {"schema": snapshot.schema_of(main), "knows": knows}


def _url(data: Path) -> str:
    """Of the box's PostgreSQL; empty: its tables are in main.db."""
    return settings.load(data).database.url or ""


def _whole(config: Config) -> int:
    folder, url, checked = config.data, config.database.url, 0
    found = [*DATABASES, *(name for name in MAYBE if (folder / name).is_file())]
    if url is not None:
        checked = server.test(url)
        found.remove(snapshot.MAIN)
    for name in found:
        with closing(sqlite3.connect(folder / name)) as database:
            snapshot.must_be_whole(database, name, thorough=name == snapshot.MAIN)
    public = folder / PUBLIC_KEY_FILE
    key = bytes.fromhex(public.read_text(encoding="ascii")) if public.is_file() else None
    report = verify(folder / snapshot.AUDIT, Trust(public_key=key))
    if not report.ok:
        raise Damaged("update_test_failed", part=f"audit {report.place} {report.first_bad}")
    return checked + len(found) + 1


async def _opened(config: Config) -> tuple[bool, int]:
    """Open the copy as the server would; whether the vault opened, and how many cards were read."""
    opened = await open_house(config)
    try:
        if not opened.vault.is_open:
            return False, 0
        read = 0
        for kind, statement, show in CARDS:
            number = await opened.database.read(lambda one=statement: fetch_value(one))
            if number is not None and kind:
                await show(number)
                read += 1
        return True, read
    finally:
        await opened.close()


def _keep(data: Path) -> Answer:
    with checks.sole_server(data):
        found = kept.keep(data, _url(data))
    return {"log": found.log, "waiting": found.waiting, "erased": found.erased}


def _restore(data: Path) -> Answer:
    # A migration whose update was killed may still be running: it holds the folder.
    with checks.sole_server(data):
        kept.restore(data, _url(data))
    return {}


VERBS: Final[Mapping[str, Callable[[Path], Answer]]] = {
    "room": room,
    "trial": trial,
    "migrate": migrate,
    "test": test,
    "facts": facts,
    "keep": _keep,
    "restore": _restore,
}


def sweep(data: Path) -> None:
    """Delete what a trial left that was cut off."""
    for path in data.glob(f"{WORK}drill-*"):
        shutil.rmtree(path, ignore_errors=True)


def run(verb: str, data: Path, more: Mapping[str, Any]) -> Answer:
    """Carry out one verb.

    Raises:
        HouseError: as it refuses.
        KeyError: there is no such verb.
    """
    if verb == "people-since":
        before = kept.Deeds(more["log"], more["waiting"], more["erased"])
        return {"people": kept.people_since(data, before, _url(data))}
    if verb == "forget":
        kept.forget(data, _url(data), step=more["step"])
        sweep(data)
        return {}
    return VERBS[verb](data)
