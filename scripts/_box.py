"""Boxes for measuring and breaking: made, peopled and filled past the doors, while they rest.

What is made here is an ordinary box: the installed command opens it like any other.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from appliance import config as settings
from appliance.actions import api_keys, users
from appliance.actions._hashing import hashed
from appliance.boot import demo, first_start
from appliance.boot.house import OpenHouse, open_house
from appliance.boot.index import HOUSE_ACTOR
from appliance.config import Box, Config, Database, Server, Unlock
from appliance.domain.personal import Personal
from appliance.domain.users import NewApiKey, NewUser
from appliance.roles import API_SCOPES

R = TypeVar("R")

ADMIN = "admin"
PASSWORD = "Ледоход-на-Ладоге-47"  # noqa: S105 - of an invented box that lives for minutes
SHOP = "main"
PAPERS = "trial.json"
"""Beside the data folder: what `--reuse` needs to know of a box made before."""


class Papers(msgspec.Struct):
    """What the maker of a trial box keeps of it; all passwords are `PASSWORD`.

    Attributes:
        key: of the API, with every scope, bound to the first shop.
        numbers: login → user number.
    """

    key: str = ""
    numbers: dict[str, int] = {}
    customers: int = 0
    orders: int = 0
    recovery_code: str = ""


@dataclass
class TrialBox:
    """A box in `home`: `home/data`, `home/box.key`, `home/trial.json`."""

    home: Path
    config: Config
    papers: Papers = field(default_factory=Papers)

    def keep_papers(self) -> None:
        """Write what is known of the box beside it."""
        (self.home / PAPERS).write_bytes(msgspec.json.encode(self.papers))

    def run(self, deed: Callable[[OpenHouse], Awaitable[R]]) -> R:
        """Open the resting box in this process, do something and close it."""
        return asyncio.run(self._run(deed))

    async def _run(self, deed: Callable[[OpenHouse], Awaitable[R]]) -> R:
        opened = await open_house(self.config)
        try:
            return await deed(opened)
        finally:
            await opened.close()


def free_port() -> int:
    """A port of the loopback that nobody holds right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make(home: Path, *, postgres: str = "", people: Mapping[str, str] | None = None) -> TrialBox:
    """Make a box with colleagues and a key of the API.

    Args:
        home: an empty or missing folder.
        postgres: address of an empty database; empty means SQLite.
        people: login → role.
    """
    data = home / "data"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    config = Config(
        data=data.absolute(),
        box=Box(hosts=()),
        server=Server(listen="127.0.0.1", port=free_port()),
        database=Database(url=postgres or None),
        unlock=Unlock(mode="key-file", key_file=(home / "box.key").absolute()),
    )
    born = first_start.init(config, admin_login=ADMIN, admin_password=PASSWORD, passphrase=None)
    box = TrialBox(home, config)
    box.papers.recovery_code = born.recovery_code
    box.run(lambda _: _hire(box.papers, people or {}))
    box.keep_papers()
    return box


def reuse(home: Path) -> TrialBox:
    """Take a box that `make` made before.

    Raises:
        ConfigError: there is none.
    """
    papers = msgspec.json.decode((home / PAPERS).read_bytes(), type=Papers)
    return TrialBox(home, settings.load(home / "data"), papers)


def fill(box: TrialBox, customers: int, orders: int) -> None:
    """Fill the resting box with an invented world, saying how far it got."""

    def told(what: str, done: int) -> None:
        if done % 50_000 == 0:
            print(f"  {what}: {done}", flush=True)

    demo.fill(box.config, customers=customers, orders=orders, seed=1, progress=told)
    box.papers.customers, box.papers.orders = customers, orders
    box.keep_papers()


async def _hire(papers: Papers, people: Mapping[str, str]) -> None:
    secret = await hashed(Personal(PASSWORD))
    for login, role in people.items():
        new = NewUser(login=login, name=Personal(f"Испытатель {login}"), roles=(role,))
        number, _ = await users.add(HOUSE_ACTOR, new, secret, must_change=False)
        papers.numbers[login] = number
    asked = NewApiKey(name="trial", shop=SHOP, scopes=tuple(API_SCOPES))
    papers.key = (await api_keys.create(HOUSE_ACTOR, asked)).key.reveal()


Facts = dict[str, Any]
