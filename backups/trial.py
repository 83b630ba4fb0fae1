"""The rebuilt box is opened as its server would open it, and one card of each kind is read."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from appliance.actions import desk
from appliance.boot.house import open_house
from appliance.boot.index import HOUSE_ACTOR
from appliance.config import Config, Unlock
from backups import snapshot

CARDS: Final[tuple[tuple[str, str, Callable[[int], Awaitable[object]]], ...]] = (
    (
        "client",
        "SELECT MAX(number) FROM customer WHERE state = 'live'",
        lambda number: desk.client(HOUSE_ACTOR, number),
    ),
    (
        "order",
        "SELECT MAX(number) FROM orders",
        lambda number: desk.order(HOUSE_ACTOR, number),
    ),
)


def booted(folder: Path, keys: Path, root: bytes) -> tuple[str, ...]:
    """Open a rebuilt box in this process, bring it to this release's schema, read its cards.

    Args:
        folder: of the rebuilt box; nothing listens, nobody can reach it.
        keys: where its keys.db is.
        root: opens its vault.

    Returns:
        kinds of card that were read; a kind of which there is none is left out.

    Raises:
        HouseError: why it does not start: schema, log, keys; or a card cannot be read.
    """
    if keys != folder:
        (folder / snapshot.KEYS).symlink_to(keys / snapshot.KEYS)
    wanted: list[tuple[str, int, Callable[[int], Awaitable[object]]]] = []
    with closing(sqlite3.connect(folder / snapshot.MAIN)) as main:
        for kind, statement, read in CARDS:
            number = main.execute(statement).fetchone()[0]
            if number is not None:
                wanted.append((kind, number, read))

    async def run() -> None:
        opened = await open_house(Config(data=folder, unlock=Unlock(mode="passphrase")))
        try:
            opened.vault.unlock_with_root(root)
            await opened.unlocked()
            for _, number, read in wanted:
                await read(number)
        finally:
            await opened.close()

    asyncio.run(run())
    return tuple(kind for kind, _, _ in wanted)
