"""A small house with colleagues who can really sign in, and browsers to do it with."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance import roles
from appliance.actions import _gate, roles_admin, users
from appliance.actions._actors import forget_actors
from appliance.actions._hashing import hashed
from appliance.domain.access import NOBODY, Actor, ActorKind
from appliance.domain.personal import Personal
from appliance.domain.users import NewUser
from appliance.storage.engine.database import Database
from appliance.storage.migrations.runner import migrate
from appliance.storage.statements import fetch
from appliance.storage.tx import House
from appliance.vault.search import SearchIndex
from appliance.vault.vault import Vault
from tests.house_fixture import forget_house
from tests.ready import ENGINES, copied

START = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
PASSWORDS = {
    "anna": "тихий вечер у озера",
    "boris": "восемь рыжих белок",
    "boss": "старый клён шумит во дворе",
}
SYSTEM = Actor(ActorKind.SYSTEM, NOBODY, roles.HOUSE_GRANTS)


BOTH = pytest.mark.parametrize("crew", ENGINES, indirect=True)
"""For what leans on the database's own ways; the rest is the same on both."""


@dataclass
class Clock:
    """Time that stands still until a test moves it."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@dataclass
class Crew:
    """The house, its people's numbers, and its clock."""

    vault: Vault
    database: Database
    clock: Clock
    numbers: dict[str, int] = field(default_factory=dict)

    async def rows(self, sql: str, *args: object) -> list[tuple[object, ...]]:
        async def body() -> list[tuple[object, ...]]:
            return await fetch(sql, *args)

        return await self.database.read(body)

    async def log(self) -> list[str]:
        """What the audit outbox holds, as text."""
        return [bytes(row[0]).decode() for row in await self.rows("SELECT leaf FROM audit_outbox")]  # type: ignore[call-overload]


async def hire(database: Database, vault: Vault) -> dict[str, int]:
    """Fill an empty database with the preset roles and three people; gives their numbers."""
    await migrate(database)
    _gate.install(House(database, vault, SearchIndex(), Clock()))
    numbers: dict[str, int] = {}
    try:
        await roles_admin.seed_presets(SYSTEM)
        for login, role in (("anna", "seller"), ("boris", "seller"), ("boss", "administrator")):
            new = NewUser(login=login, name=Personal(f"Имя {login}"), roles=(role,))
            password = await hashed(Personal(PASSWORDS[login]))
            numbers[login], _ = await users.add(SYSTEM, new, password, False)
    finally:
        _gate.install(None)
    return numbers


@pytest.fixture
async def crew(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Crew]:
    on_server = getattr(request, "param", "sqlite") == "postgres"
    server = request.getfixturevalue("postgres_address") if on_server else ""
    async with copied(hire, tmp_path, server) as copy:
        people = Crew(copy.vault, copy.database, Clock(), dict(copy.people))
        forget_house()
        forget_actors()
        _gate.install(House(copy.database, copy.vault, SearchIndex(), people.clock))
        try:
            yield people
        finally:
            _gate.install(None)
