"""What plugins cost: `scripts/bench --plugins`.

The plugin that `scripts/new-plugin` makes, and one with an HTTPS client in use, wait for so long:
memory that is resident, and processor time of plugin and host together. Then orders are placed one
after another in a house of its own, and the time is taken from the return of the action, which is
after the commit, to the end of the handler. At last every plugin that speaks with a service
does so with its fake: memory while it waits, and at most after a pile of orders.
"""

import asyncio
import contextlib
import random
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

from appliance.actions import _gate, orders, plugins
from appliance.domain.plugins import Source
from appliance.errors import HouseError
from appliance.plugin_api.hooks import RouteRequest
from appliance.plugin_api.manifest import read_manifest
from appliance.plugin_host import meter
from appliance.plugin_host.desk import Desk
from appliance.plugin_host.finding import Lying, look
from appliance.plugin_host.keeper import Keeper
from appliance.plugin_host.postman import Postman
from appliance.plugin_host.ward import Enabled
from scripts import new_plugin_folder
from scripts._figures import machine, percentile
from scripts.vendors_box import Stand
from tests.house_fixture import open_test_house
from tests.integration.orders.drafts import draft
from tests.plugins.caged import fakes, open_caged, services

SAMPLES: Final = Path("tests/plugins/samples")
EVENTS: Final = 200
MB: Final = 1_000_000


class Figure(NamedTuple):
    """A line of the table."""

    title: str
    value: float
    unit: str
    must: float

    def shown(self) -> str:
        mark = "!" if self.value > self.must else " "
        return f"{mark} | {self.title:52} | {self.value:8.3f} {self.unit} | must {self.must:g}"


MUCH: Final = 300
"""Times that each fake's first button is pressed before its plugin works: orders that wait."""

ROUNDS: Final = 3


async def _services(home: Path) -> list[Figure]:
    """Every plugin that speaks with a service, beside its fake: waiting, and after much work."""
    manifests = services()
    figures: list[Figure] = []
    async with open_caged(home) as caged:
        with fakes(set(manifests)) as stands:
            for name, stand in stands.items():
                await caged.connect(manifests[name], stand)
                await caged.desk.test(caged.boss, name)
            await asyncio.sleep(3)
            for name in stands:
                resident = _rss(caged.desk.keeper, name)
                figures.append(Figure(f"{name}, waiting: resident", resident, "MB", 45))
            for name, stand in stands.items():
                _press(stand)
                for _ in range(ROUNDS):
                    for job in manifests[name].jobs:
                        with contextlib.suppress(HouseError):  # too often for the service: waits
                            await caged.desk.run_now(caged.boss, name, job.name)
                most = _most(_pid(caged.desk.keeper, name))
                figures.append(Figure(f"{name}, working: resident at most", most, "MB", 90))
    return figures


def _press(stand: Stand) -> None:
    """Have much happen at a fake."""
    for deed in stand.fake.deeds[:1]:
        with contextlib.suppress(Exception):  # what needs a number that is not there yet
            for _ in range(MUCH):
                stand.fake.do(deed.name)


def _most(pid: int) -> float:
    """Memory that was resident at most, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    found = next(line for line in lines if line.startswith("VmHWM"))
    return int(found.split()[1]) * 1024 / MB


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that says ok."""
    head = await reader.readuntil(b"\r\n\r\n")
    sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    await reader.readexactly(int(sizes[0].partition(b":")[2]))
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
    await writer.drain()
    writer.close()


async def _refuse(plugin: str, name: str, body: bytes) -> bytes:
    raise RuntimeError(name)


async def _note(plugin: str, code: str, numbers: Mapping[str, int]) -> None:
    print(f"  {plugin}: {code}", flush=True)


async def _put_aside(plugin: str, code: str) -> None:
    print(f"  {plugin} was put aside: {code}", flush=True)


def _enabled(folder: Path, near: tuple[str, ...] = (), address: str = "") -> Enabled:
    manifest = read_manifest((folder / "plugin.toml").read_bytes())
    settings: dict[str, str | int | bool | None] = {"address": address, "authority": ""}
    return Enabled(manifest=manifest, folder=folder, near=near, settings=settings)


async def _idle(folder: Path, seconds: float) -> list[Figure]:
    """Two plugins that wait."""
    keeper = Keeper(_refuse, _note, _put_aside)
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await keeper.start(_enabled(folder))
    client = SAMPLES / "fetches"
    address = f"http://127.0.0.1:{port}/"
    await keeper.start(_enabled(client, (f"127.0.0.1:{port}",), address))
    await keeper.diagnose(folder.name)
    for _ in range(20):
        request = RouteRequest(route="go", method="POST", body=b"x" * 1000)
        if (await keeper.request("fetches", request)).status != 200:
            raise RuntimeError("the client reaches nobody")
    server.close()
    await asyncio.sleep(3)
    before, own = _used(keeper), time.process_time()
    await asyncio.sleep(seconds)
    spent, host = _used(keeper), time.process_time() - own
    cpu = max(spent[name] - before[name] for name in spent)
    figures = [
        Figure("idle plugin of new-plugin, resident", _rss(keeper, folder.name), "MB", 25),
        Figure("idle plugin with an HTTPS client, resident", _rss(keeper, "fetches"), "MB", 45),
        Figure(f"processor of an idle plugin, {seconds:.0f} s", 100 * cpu / seconds, "%", 0.1),
        Figure("of the host for each of them", 100 * host / seconds / 2, "%", 0.1),
    ]
    await keeper.close()
    return figures


def _pid(keeper: Keeper, name: str) -> int:
    facts = keeper.facts(name)
    if facts is None or facts.state != "running":
        raise RuntimeError(f"{name} does not run")
    return facts.pid


def _used(keeper: Keeper) -> dict[str, float]:
    found = {name: meter.usage(_pid(keeper, name)) for name in keeper.running}
    return {name: usage.cpu for name, usage in found.items() if usage is not None}


def _rss(keeper: Keeper, name: str) -> float:
    usage = meter.usage(_pid(keeper, name))
    return 0.0 if usage is None else usage.rss / MB


class _OneShelf:
    """A shelf with one plugin on it."""

    def __init__(self, folder: Path) -> None:
        self.changed: Any = None
        self._lying = look(folder, Source.PACKAGE)

    def lying(self, name: str) -> Lying:
        return self._lying


async def _events(folder: Path, home: Path) -> list[Figure]:
    """From the commit of an order to the end of the plugin's handler."""
    ended: dict[str, float] = {}
    arrived = asyncio.Event()
    async with open_test_house(home) as house:
        postman = Postman(house.database, house.clock, {})
        _gate.house().posted = postman.poke
        shelf = _OneShelf(folder)
        desk = Desk(cast("Any", shelf), house.system, home / "plugin-files")
        desk.postman = postman
        deliver = desk.keeper.deliver

        async def timed(
            name: str, event: str, payload: bytes, delivery_id: UUID, attempt: int
        ) -> None:
            await deliver(name, event, payload, delivery_id, attempt)
            ended["last"] = time.perf_counter()
            arrived.set()

        desk.keeper.deliver = timed
        administrator = house.actor_for("administrator")._replace(step_up=True)
        found = shelf.lying(folder.name).found
        await plugins.notice(house.system, [found])
        await plugins.approve(administrator, found.name, found.version, found.asked)
        await desk.switch_on(administrator, found.name)
        await desk.keeper.diagnose(found.name)
        took: list[float] = []
        for _ in range(EVENTS):
            arrived.clear()
            await orders.place(house.actor_for("head"), draft(None))
            committed = time.perf_counter()
            async with asyncio.timeout(30):
                await arrived.wait()
            took.append(max(0.0, ended["last"] - committed) * 1000)
            await asyncio.sleep(random.uniform(0.0, 0.05))  # noqa: S311 - not in step with the clock
        await desk.close()
        await postman.stop()
    return [
        Figure("event from commit to handler, p50", percentile(took, 50), "ms", 150),
        Figure("event from commit to handler, p95", percentile(took, 95), "ms", 150),
    ]


def run(seconds: float) -> int:
    """Measure and print; 1 when something costs more than it must."""
    print(machine())
    with tempfile.TemporaryDirectory(prefix="korobka-bench-plugins-") as work:
        new_plugin_folder.make("made_by_script", "Плагин", Path(work))
        folder = Path(work) / "plugins" / "made_by_script"
        figures = asyncio.run(_idle(folder, seconds))
        home = Path(work) / "house"
        home.mkdir()
        figures += asyncio.run(_events(SAMPLES / "listens", home))
        (Path(work) / "services").mkdir()
        figures += asyncio.run(_services(Path(work) / "services"))
    for one in figures:
        print(one.shown(), flush=True)
    return 1 if any(one.value > one.must for one in figures) else 0


if __name__ == "__main__":
    sys.exit(run(600))
