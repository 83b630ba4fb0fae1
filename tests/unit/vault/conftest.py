"""A fresh box for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.vault.vault import Vault
from tests.unit.vault.boxes import CHEAP, Box, Clock


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    clock = Clock()
    vault, code = Vault.create(tmp_path, argon=CHEAP, passwords=CHEAP, clock=clock)
    made = Box(tmp_path, vault, code, clock)
    yield made
    made.vault.close()


@pytest.fixture
def vault(box: Box) -> Vault:
    return box.vault
