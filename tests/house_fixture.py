"""A whole house in a temporary folder: database, keys, lists, colleagues, actors of every door."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec

from appliance import roles
from appliance.actions import _gate
from appliance.domain.access import NOBODY, Actor, ActorKind, Origin
from appliance.domain.ids import uuid7
from appliance.storage import desk, evidence, files, plans, references, seed, spool, staff
from appliance.storage.engine.database import Database
from appliance.storage.engine.drive import Body
from appliance.storage.migrations.runner import migrate
from appliance.storage.statements import fetch, insert
from appliance.storage.tables import UserRow
from appliance.storage.tx import House
from appliance.vault.search import SearchIndex
from appliance.vault.vault import Vault
from tests.ready import Fill, copied

SHOP = "main"
START = datetime(2026, 2, 1, 9, 30, tzinfo=UTC)
PEOPLE = {
    "seller": (1, "Анна Продавцова", "seller"),
    "rival": (2, "Борис Соседов", "seller"),
    "operator": (3, "Вера Диспетчер", "operator"),
    "storekeeper": (4, "Глеб Кладовщик", "storekeeper"),
    "accountant": (5, "Дина Счетоводова", "accountant"),
    "head": (6, "Егор Начальник", "head"),
    "administrator": (7, "Жанна Настройкина", "administrator"),
    "data_officer": (8, "Зоя Ответственная", "data_officer"),
    "courier": (9, "Илья Курьер", "courier"),
}
"""Invented colleagues by the name tests call them: number, full name, role."""


@dataclass
class Clock:
    """Time that stands still until a test moves it."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@dataclass
class TestHouse:
    """What a test works with.

    Attributes:
        users: name of a colleague in `PEOPLE` → user id.
        system: the house itself; may do everything.
    """

    __test__ = False

    database: Database
    vault: Vault
    index: SearchIndex
    clock: Clock
    users: Mapping[str, UUID] = field(default_factory=dict[str, UUID])
    keys: dict[tuple[str, str], Actor] = field(default_factory=dict)

    @property
    def system(self) -> Actor:
        return Actor(kind=ActorKind.SYSTEM, id=NOBODY, grants=roles.HOUSE_GRANTS)

    def actor_for(self, name: str) -> Actor:
        """One of `PEOPLE`, signed in."""
        number, full_name, role = PEOPLE[name]
        return Actor(
            kind=ActorKind.USER,
            id=self.users[name],
            grants=roles.PRESETS[role],
            number=number,
            session="0badcafe",
            origin=Origin.LAN,
            name=full_name,
        )

    def shop_key(self, shop: str = SHOP, name: str = "module") -> Actor:
        """A program with all scopes, bound to one shop; the same key for the same names."""
        found = self.keys.get((shop, name))
        if found is None:
            found = self.keys[shop, name] = Actor(
                kind=ActorKind.API_KEY,
                id=uuid7(),
                grants=roles.join_all(roles.API_SCOPES.values()),
                number=1 + len(self.keys),
                origin=Origin.LAN,
                shop=shop,
            )
        return found

    async def write(self, body: Body[object]) -> object:
        """Run storage code on the bare database, past the gate: for setting a scene only."""
        return await self.database.write(body)

    async def rows(self, sql: str, *args: object) -> list[tuple[object, ...]]:
        """Look into the database, past the gate."""

        async def body() -> list[tuple[object, ...]]:
            return await fetch(sql, *args)

        return await self.database.read(body)


async def _hire(vault: Vault) -> dict[str, UUID]:
    users: dict[str, UUID] = {}
    for name, (number, full_name, role) in PEOPLE.items():
        users[name] = user_id = uuid7()
        profile = msgspec.msgpack.encode(staff.Profile(name=full_name))
        await insert(
            UserRow,
            id=user_id,
            number=number,
            login=name,
            profile=vault.seal_secret(staff.LABEL, user_id, profile),
            password_changed_at=START,
            roles=role,
            created_at=START,
        )
    return users


async def furnish(database: Database, vault: Vault) -> dict[str, UUID]:
    """Fill an empty database with the schema, its lists and everybody hired."""
    await migrate(database)

    async def fill() -> dict[str, UUID]:
        await seed.fill()
        return await _hire(vault)

    return await database.write(fill)


def forget_house() -> None:
    """Drop what the process remembers of the house before."""
    staff.forget()
    desk.forget()
    plans.forget()


@asynccontextmanager
async def open_test_house(
    folder: Path, server: str = "", filled: Fill = furnish
) -> AsyncGenerator[TestHouse]:
    """Open a house with its lists filled and everybody hired as the gate's; take it all down.

    Args:
        folder: an empty folder for keys.db and, on SQLite, main.db.
        server: address of a PostgreSQL to make a database in; empty means SQLite.
        filled: what fills it, the first time in a process.
    """
    async with copied(filled, folder, server) as copy:
        house = TestHouse(copy.database, copy.vault, SearchIndex(), Clock(), copy.people)
        try:
            forget_house()
            files.set_folder(folder / "files")
            spool.set_folder(folder / "spool")
            evidence.open_file(folder / "evidence.db")
            # Lists are remembered by their stamp, and all copies came with one and the same.
            await house.database.write(references.touch)
            _gate.install(House(house.database, house.vault, house.index, house.clock))
            yield house
        finally:
            _gate.install(None)
            files.set_folder(None)
            spool.set_folder(None)
            evidence.close_file()
            forget_house()
