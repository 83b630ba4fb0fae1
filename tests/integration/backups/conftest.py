"""One box with one copy, made once; every test works on a copy of it."""

import shutil
from pathlib import Path

import msgspec
import pytest

from tests.integration.backups.scene import Scene, born


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The box at rest."""
    scene = born(tmp_path_factory.mktemp("box"))
    scene.make()
    return scene


@pytest.fixture
def scene(ready: Scene, tmp_path: Path) -> Scene:
    """A box of the test's own."""
    home = tmp_path / "home"
    shutil.copytree(ready.config.data.parent, home)
    unlock = msgspec.structs.replace(ready.config.unlock, key_file=home / "key")
    config = msgspec.structs.replace(ready.config, data=home / "data", unlock=unlock)
    return Scene(config, ready.code, home / "usb", ready.hours)
