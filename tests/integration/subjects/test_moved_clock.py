"""The pause is passed over on a moved clock only, and only on a box of invented people."""

from pathlib import Path

import msgspec
import pytest

from appliance.boot import first_start, moved_clock
from appliance.boot.house import OpenHouse
from appliance.boot.steady import steady
from appliance.config import Config, Server, Unlock
from appliance.errors import ConfigError
from tests.integration.backups.scene import PASSWORD, Scene

HOURS = 73


def _box(home: Path, *, development: bool) -> Scene:
    (home / "data").mkdir(mode=0o700, parents=True)
    config = Config(
        data=home / "data",
        server=Server(port=1, kind="uvicorn", development=development),
        unlock=Unlock(mode="key-file", key_file=home / "key"),
    )
    made = first_start.init(config, admin_login="boss", admin_password=PASSWORD, passphrase=None)
    return Scene(config, made.recovery_code, home / "usb")


async def _ahead(house: OpenHouse) -> int:
    reading = house.clock.steady() if house.clock else steady()
    return round((reading.ms - steady().ms) / 3_600_000)


def test_a_box_that_works_for_people_refuses_to_start_with_a_moved_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, trial = _box(tmp_path / "real", development=False), _box(tmp_path / "t", development=True)
    monkeypatch.setenv(moved_clock.VARIABLE, str(HOURS))
    assert trial.opened(_ahead) == HOURS
    with pytest.raises(ConfigError) as refused:
        real.opened(_ahead)
    assert refused.value.code == "E022"
    # Neither the setting nor another box's mark makes it one of invented people.
    server = msgspec.structs.replace(real.config.server, development=True)
    posed = msgspec.structs.replace(real.config, server=server)
    (posed.data / moved_clock.MARK).write_bytes((trial.config.data / moved_clock.MARK).read_bytes())
    with pytest.raises(ConfigError) as unsigned:
        Scene(posed, real.code, real.copies).opened(_ahead)
    assert unsigned.value.code == "E022"
    # A release has no sources beside it.
    monkeypatch.setattr(moved_clock, "is_checkout", lambda: False)
    with pytest.raises(ConfigError):
        trial.opened(_ahead)
    monkeypatch.delenv(moved_clock.VARIABLE)
    (posed.data / moved_clock.MARK).unlink()
    assert real.opened(_ahead) == 0
