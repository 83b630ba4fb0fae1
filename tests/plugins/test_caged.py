"""Every plugin that speaks with a service does so in its real cage, over real HTTP."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest_asyncio

from appliance.actions.plugins import known
from appliance.domain.access import Actor
from appliance.domain.personal import Personal
from appliance.plugin_api.manifest import Manifest, read_manifest
from appliance.plugin_host import cage, meter
from appliance.plugin_host.desk import Desk
from appliance.plugin_host.postman import Postman
from appliance.plugin_host.shelf import Shelf
from appliance.storage import outbox
from scripts.vendors_box import Stand, found
from tests.house_fixture import TestHouse, open_test_house

PLUGINS: Final = Path(__file__).parents[2] / "plugins"
FAKES_SAY: Final = {"test_shop"}
"""What is found of a fake, and rightly."""

WORKING_MB: Final = 90
"""Resident memory of a plugin at work (issue E)."""


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


@pytest_asyncio.fixture
async def caged(tmp_path: Path) -> AsyncIterator[Caged]:
    async with open_test_house(tmp_path) as house:
        one = Caged(house, tmp_path)
        await one.desk.settle()
        yield one
        await one.desk.close()
        await one.postman.stop()
        outbox.set_subscribers({})


async def test_every_service_is_reached_from_its_cage_and_its_jobs_run(caged: Caged) -> None:
    """The list is that of `plugins`: who adds one without a fake, or whose cage stops it, fails."""
    manifests = services()
    with fakes(set(manifests)) as stands:
        assert stands.keys() == manifests.keys()
        for name, stand in stands.items():
            await caged.connect(manifests[name], stand)
        for name, manifest in manifests.items():
            findings = await caged.desk.test(caged.boss, name)
            bad = {one.code for one in findings if not one.is_good} - FAKES_SAY
            assert findings and not bad, (name, bad)
            for job in manifest.jobs:
                await caged.desk.run_now(caged.boss, name, job.name)
            facts = caged.desk.facts(name)
            assert facts is not None and facts.restarts == 0, name
            assert set(facts.walls) >= cage.NEEDED and facts.reached.connections > 0, name
            assert facts.reached.refused == 0 and len(stands[name].fake.requests) > 0, name
            wrong = [one for one in await caged.journal(name) if one[1] != "ok"]
            used = meter.usage(facts.pid)
            assert not wrong, (name, wrong)
            assert used is not None and used.rss <= WORKING_MB * 1_000_000, name
