"""A plugin comes as one signed file, and a refused or cut one leaves everything as it was."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.actions import plugin_files, plugins
from appliance.domain.access import Actor
from appliance.domain.plugins import PluginState
from appliance.errors import Conflict, Denied, HouseError, Invalid
from appliance.plugin_host import packages
from appliance.plugin_host.shelf import Shelf
from appliance.vault.signatures import is_signed
from scripts.pack_plugin_file import pack
from tests.house_fixture import TestHouse, open_test_house

OURS = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
THEIRS = Ed25519PrivateKey.from_private_bytes(bytes(32))
TOML = """
name = "parcel_watch"
version = "{version}"
api = 1
permissions = ["orders.read"]
{more}
[title]
ru = "Слежение за посылками"
en = "Parcel watch"
[about]
ru = "Спрашивает у перевозчика, где посылка."
en = "Asks the carrier where a parcel is."
"""


@dataclass
class Bench:
    """A house, its shelf, and whoever installs."""

    house: TestHouse
    shelf: Shelf
    data: Path
    boss: Actor

    def packed(self, version: str, key: Ed25519PrivateKey | None = OURS, more: str = "") -> bytes:
        folder = self.data / "source" / "parcel_watch"
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "words").mkdir(parents=True)
        (folder / "plugin.toml").write_text(TOML.format(version=version, more=more))
        (folder / "__init__.py").write_text(f"VERSION = '{version}'\n")
        (folder / "words" / "ru.toml").write_text("ok = 'Готово'\n")
        return pack(folder, key, self.data / "dist").read_bytes()

    async def add(self, body: bytes, *confirmed: str) -> PluginState:
        offer = await self.shelf.offer(self.boss, body)
        return (await self.shelf.accept(self.boss, offer.token, confirmed)).state

    def version(self) -> str:
        folder = self.shelf.folder("parcel_watch")
        return "" if folder is None else (folder / "__init__.py").read_text()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_test_house(tmp_path) as house:
        shelf = Shelf(
            tmp_path, house.system, is_signed, [OURS.public_key().public_bytes_raw().hex()]
        )
        await shelf.settle()
        boss = house.actor_for("administrator")._replace(step_up=True)
        yield Bench(house, shelf, tmp_path, boss)
        for path in (tmp_path / "plugins").rglob("*"):
            if path.is_dir():
                path.chmod(0o755)


@pytest.mark.checklist(192)
async def test_one_file_adds_updates_and_removes_a_plugin(bench: Bench) -> None:
    assert await bench.add(bench.packed("1.0.0")) is PluginState.FOUND
    known, _, _ = await plugins.card(bench.boss, "parcel_watch")
    await plugins.approve(bench.boss, known.name, known.version, known.asked)
    await plugins.switch_on(bench.boss, known.name)
    first = bench.shelf.folder("parcel_watch")
    assert await bench.add(bench.packed("1.1.0")) is PluginState.RUNNING
    assert bench.version() == "VERSION = '1.1.0'\n"
    assert first is not None
    assert not first.exists()
    more = 'hosts = ["api.example.ru:443"]'
    assert await bench.add(bench.packed("1.2.0", more=more)) is PluginState.WAITING

    # Touched or lost on the disk: laid out anew from the database, as after a restored copy.
    folder = bench.shelf.folder("parcel_watch")
    assert folder is not None
    folder.chmod(0o755)
    (folder / "__init__.py").unlink()
    (folder / "evil.py").write_text("")
    (bench.data / "plugins" / ".new-cut").mkdir()
    await bench.shelf.settle()
    assert bench.version() == "VERSION = '1.2.0'\n"
    assert not (folder / "evil.py").exists()
    packages.discard(bench.data / "plugins")
    again = Shelf(bench.data, bench.house.system, is_signed, [])
    await again.settle()
    assert (bench.data / "plugins" / "parcel_watch").is_dir()
    assert again.folder("parcel_watch") == folder

    await bench.shelf.remove(bench.boss, "parcel_watch")
    assert bench.shelf.folder("parcel_watch") is None
    assert not (bench.data / "plugins" / "parcel_watch").exists()


async def test_an_update_that_dies_on_its_way_leaves_the_former_version(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    await bench.add(bench.packed("1.0.0"))
    offer = await bench.shelf.offer(bench.boss, bench.packed("1.1.0"))
    with monkeypatch.context() as patched:
        patched.setattr(plugin_files, "install", dies)
        with pytest.raises(KeyboardInterrupt):
            await bench.shelf.accept(bench.boss, offer.token, ())
    # The next start of the box: no memory of what was under way, everything on the disk as it was.
    again = Shelf(bench.data, bench.house.system, is_signed, [])
    await again.settle()
    folder = again.folder("parcel_watch")
    assert folder is not None
    assert folder.name.startswith("1.0.0-")
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert [path.name for path in (bench.data / "plugins").iterdir()] == ["parcel_watch"]


async def test_whoever_signed_nothing_or_is_unknown_is_installed_after_a_warning_only(
    bench: Bench,
) -> None:
    with pytest.raises(Conflict) as told:
        await bench.add(bench.packed("1.0.0", None))
    assert told.value.params == {"needs": "unsigned"}
    assert bench.shelf.folder("parcel_watch") is None
    offer = await bench.shelf.offer(bench.boss, bench.packed("1.0.0"))
    with pytest.raises(Denied, match="step_up_needed"):
        await bench.shelf.accept(bench.boss._replace(step_up=False), offer.token, ())
    stranger = bench.packed("1.0.0", THEIRS)
    with pytest.raises(Conflict) as told:
        await bench.add(stranger)
    assert told.value.params == {"needs": "stranger"}
    await plugin_files.trust(bench.boss, THEIRS.public_key().public_bytes_raw().hex(), "Перевозчик")
    assert await bench.add(stranger) is PluginState.FOUND
    with pytest.raises(Conflict, match="plugin_same"):
        await bench.add(stranger)
    with pytest.raises(Conflict) as told:
        await bench.add(bench.packed("0.9.0"))
    assert told.value.params == {"needs": "other_maker,older"}
    assert await bench.add(bench.packed("0.9.0", None), "unsigned", "other_maker", "older")


async def test_a_damaged_cut_or_hostile_file_is_refused_with_its_reason(bench: Bench) -> None:
    whole = bench.packed("1.0.0")
    for body, code in (
        (b"PK\x03\x04" + bytes(2000), "plugin_file_not_file"),
        (whole[:-1500], "plugin_file_damaged"),
        (whole.replace(b"VERSION = '1", b"VERSION = '2"), "plugin_file_damaged"),
        (whole.replace(b'"version": "1.0.0"', b'"version": "1.0.1"'), "plugin_file_signature"),
        (bench.packed("1.0.0", None).replace(b"words/ru.toml", b"../../ru.toml"),
         "plugin_file_not_file"),
        (bytes(packages.LARGEST + 1), "plugin_file_large"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as told:
            await bench.shelf.offer(bench.boss, body)
        assert told.value.code == code
    for more, code in (
        ('permissions_ = ["x"]', "manifest_shape"),
        ('events = ["no_such_event"]', "manifest_unknown"),
    ):
        with pytest.raises(HouseError) as refused:
            bench.packed("1.0.0", more=more)
        assert refused.value.code == code
    assert await plugins.list_all(bench.boss) == [
        one for one in await plugins.list_all(bench.boss) if one.source == "box"
    ]
    assert list((bench.data / "plugins").iterdir()) == []


def test_no_plugin_may_ask_for_what_runs_the_box() -> None:
    with pytest.raises(HouseError, match="manifest_unknown"):
        packages.manifest_of(
            TOML.format(version="1.0.0", more="").replace("orders.read", "user.manage").encode()
        )
