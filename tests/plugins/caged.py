"""Plugins that speak with services, in their real cages, with their fakes over real HTTP."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from appliance.actions.plugins import known
from appliance.domain.access import Actor
from appliance.domain.personal import Personal
from appliance.plugin_api.manifest import Manifest, read_manifest
from appliance.plugin_host.desk import Desk
from appliance.plugin_host.postman import Postman
from appliance.plugin_host.shelf import Shelf
from appliance.storage import outbox
from scripts.vendors_box import Stand, found
from tests.house_fixture import TestHouse, open_test_house

PLUGINS: Final = Path(__file__).parents[2] / "plugins"


def services() -> dict[str, Manifest]:
    """Manifests of plugins that speak with a service outside: they provide something and call."""
    files = sorted(PLUGINS.glob("*/plugin.toml"))
    manifests = [read_manifest(one.read_bytes()) for one in files]
    return {one.name: one for one in manifests if one.provides and one.hosts}


@contextmanager
def fakes(names: set[str]) -> Iterator[dict[str, Stand]]:
    """Their fakes, each listening on a port of this machine."""
    stands = {name: Stand(name, kind(), 0, "") for name, kind in found(names)}
    for one in stands.values():
        one.begin()
    try:
        yield stands
    finally:
        for one in stands.values():
            one.end()


class Caged:
    """A house in which plugins run as they do in a box."""

    def __init__(self, house: TestHouse, folder: Path) -> None:
        self.house = house
        house.clock.now = datetime.now(UTC)  # the processes have the machine's
        shelf = Shelf(folder, house.system, lambda *_: False, ())
        self.desk = Desk(shelf, house.system, folder / "spool", house.clock)
        self.postman = self.desk.postman = Postman(house.database, house.clock, {})
        self.boss: Actor = house.actor_for("administrator")._replace(step_up=True)

    async def connect(self, manifest: Manifest, stand: Stand) -> None:
        """Approve one, type in what its fake asks for, and switch it on."""
        name = manifest.name
        (one,) = [each for each in await known(self.house.system) if each.name == name]
        await self.desk.approve(self.boss, name, one.version, one.asked)
        said = stand.settings()
        of_account = {each.name for each in manifest.account_settings}
        typed = {key: Personal(value) for key, value in said.items() if key not in of_account}
        if typed:
            await self.desk.set_up(self.boss, name, typed)
        if of_account:
            typed = {key: Personal(said[key]) for key in said.keys() & of_account}
            await self.desk.set_account(self.boss, name, "", Personal("Основной"), typed)
        await self.desk.switch_on(self.boss, name)

    async def journal(self, name: str) -> list[tuple[str, str]]:
        """Code and standing of each line, oldest first."""
        rows = await self.house.rows(
            "SELECT code, state FROM plugin_journal WHERE plugin = {} ORDER BY number", name
        )
        return [(str(code), str(state)) for code, state in rows]


@asynccontextmanager
async def open_caged(folder: Path) -> AsyncGenerator[Caged]:
    """A house with no plugin switched on yet."""
    async with open_test_house(folder) as house:
        one = Caged(house, folder)
        await one.desk.settle()
        try:
            yield one
        finally:
            await one.desk.close()
            await one.postman.stop()
            outbox.set_subscribers({})
