"""A folder for a box of its own, and the box that a first start made in it."""

import socket
from pathlib import Path

import pytest

from appliance.boot import first_start
from appliance.config import Config, Server, Unlock

PASSWORD = "старый клён шумит во дворе"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    return Config(
        data=data,
        server=Server(port=free_port(), kind="uvicorn"),
        unlock=Unlock(mode="key-file", key_file=tmp_path / "key"),
    )


@pytest.fixture
def box(config: Config) -> Config:
    first_start.init(config, admin_login="boss", admin_password=PASSWORD, passphrase=None)
    return config
