"""A keeper with a journal in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
import pytest_asyncio

from appliance.errors import Denied
from appliance.plugin_api import marketplaces
from appliance.plugin_api.manifest import read_manifest
from appliance.plugin_host import cage, ward
from appliance.plugin_host.keeper import Keeper
from appliance.plugin_host.ward import Enabled

HERE = Path(__file__).parent


class Journal:
    """What the host wrote down, in order."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self.aside: list[str] = []
        self.asked: list[tuple[str, bytes]] = []

    async def note(self, plugin: str, code: str, numbers: Mapping[str, int]) -> None:
        self.codes.append(code)

    async def put_aside(self, plugin: str, code: str) -> None:
        self.aside.append(code)

    async def answer(self, plugin: str, name: str, body: bytes) -> bytes:
        """Echoes, but what is not granted."""
        if name in {"customers", "phone_for"}:
            raise Denied("field_not_granted")
        self.asked.append((name, body))
        return body


def enabled(folder: Path, **more: object) -> Enabled:
    """A plugin as approved, with everything its manifest asks for."""
    manifest = read_manifest((folder / "plugin.toml").read_bytes())
    return Enabled(manifest=manifest, folder=folder, **more)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plugins give way to nobody here: on a busy machine their calls would be over their time."""
    was = "from appliance.plugin_api.child import main;"
    boot = cage._BOOT
    assert was in boot
    hurried = f"from appliance.plugin_api import walls; walls.NICENESS = 0; {was}"
    monkeypatch.setattr(cage, "_BOOT", boot.replace(was, hurried))
    monkeypatch.setattr(cage, "STARTING", 0)


@pytest.fixture(autouse=True)
def own_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of marketplaces' plugins that a test drives is as it was for the next one."""
    monkeypatch.setattr(marketplaces.CLOCK, "now", marketplaces.CLOCK.now)


@pytest_asyncio.fixture
async def journal() -> Journal:
    return Journal()


@pytest_asyncio.fixture
async def keeper(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Keeper]:
    monkeypatch.setattr(ward, "STOP_SECONDS", 0.5)  # who floods hears of nothing any more
    one = Keeper(journal.answer, journal.note, journal.put_aside)
    yield one
    await one.close()


async def until(is_so: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for a state; a test that waits in vain fails."""
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(0.01)
