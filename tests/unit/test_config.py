"""The settings of a box, and what keeps it from starting."""

import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from appliance import config as settings
from appliance.config import Box, Config, Database, Outer, Server, Unlock, checks
from appliance.errors import ConfigError

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def box(tmp_path: Path) -> Config:
    """A box in good order: tight folder, key file outside it, a free port."""
    data, key = tmp_path / "data", tmp_path / "unlock.key"
    data.mkdir(mode=0o700)
    key.touch(mode=0o600)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    return Config(data=data, server=Server(port=port), unlock=Unlock(key_file=key))


def write(folder: Path, text: str) -> Path:
    path = folder / settings.FILE_NAME
    path.write_text(text, encoding="utf-8")
    return path


def codes(box: Config) -> list[str]:
    return [problem.code for problem in checks.problems(box, NOW)]


def test_what_was_saved_is_loaded_again(box: Config) -> None:
    full = msgspec.structs.replace(
        box,
        box=Box(name='ООО "Лампа"\\', hosts=("korobka.lan", "k"), language="en"),
        outer=Outer(enabled=True, name="shop.example.org"),
        database=Database(url="postgresql://korobka@localhost/korobka"),
    )
    settings.save(full)
    assert settings.load(full.data, {}) == full


def test_an_empty_file_gives_the_defaults_of_a_box_for_itself_alone(tmp_path: Path) -> None:
    found = settings.load(write(tmp_path, ""), {})
    assert found == Config(data=tmp_path)
    assert found.server.listen == "127.0.0.1"
    assert not found.outer.enabled
    assert found.box.time_zone == "Europe/Moscow"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    write(tmp_path, "[server]\nport = 1\n")
    environment = {"KOROBKA_PORT": "9443", "KOROBKA_DEVELOPMENT": "true"}
    server = settings.load(tmp_path, environment).server
    assert (server.port, server.development) == (9443, True)


@pytest.mark.parametrize("variable", sorted(settings.ENVIRONMENT))
def test_every_variable_of_the_environment_names_a_setting_that_exists(variable: str) -> None:
    section, key = settings.ENVIRONMENT[variable]
    assert key in getattr(Config(data=Path()), section).__struct_fields__


def test_a_missing_file_and_a_broken_file_have_different_codes(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as missing:
        settings.load(tmp_path / "nowhere", {})
    with pytest.raises(ConfigError) as broken:
        settings.load(write(tmp_path, "[server\n"), {})
    assert (missing.value.code, broken.value.code) == ("E001", "E002")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[server]\nprot = 1\n", "E003"),
        ("data = '/srv'\n", "E003"),
        ("server = 1\n", "E003"),
        ("[server]\nport = 'https'\n", "E003"),
        ("[server]\nport = 70000\n", "E003"),
        ("[server]\nlisten = 'all'\n", "E003"),
        ("[box]\nlanguage = 'de'\n", "E003"),
        ("[database]\nurl = 'mysql://localhost/k'\n", "E016"),
        ("[outer]\nenabled = true\n", "E017"),
        ("[outer]\nenabled = true\nname = 'a.example'\nport = 8443\n", "E017"),
    ],
)
def test_an_unfit_setting_is_refused_with_its_code(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(ConfigError) as refused:
        settings.load(write(tmp_path, text), {})
    assert refused.value.code == code


def test_the_password_of_the_database_is_never_printed() -> None:
    shown = repr(Config(data=Path(), database=Database(url="postgresql://k:Secret1@db/k")))
    assert "Secret1" not in shown
    assert "postgresql" in shown


def test_the_settings_are_readable_by_the_box_alone(box: Config) -> None:
    settings.save(box)
    assert box.file.stat().st_mode & 0o777 == 0o600


def test_the_printed_address_names_the_host_and_the_local_one_never_a_wildcard() -> None:
    box = Config(data=Path(), box=Box(hosts=("k.lan",)), server=Server(listen="::", port=1))
    assert box.address == "https://k.lan:1/"
    assert box.local_address == "https://[::1]:1/"


@pytest.mark.parametrize(
    ("hosts", "listen", "address"),
    [
        (("crm.sklad.lan",), "192.168.7.20", "https://crm.sklad.lan:1/"),
        (("server",), "192.168.7.20", "https://192.168.7.20:1/"),
        (("crm.sklad.lan",), "127.0.0.1", "https://127.0.0.1:1/"),
        (("server",), "::", "https://server:1/"),
        ((), "::", "https://localhost:1/"),
        ((), "fd00::7", "https://[fd00::7]:1/"),
    ],
)
def test_the_printed_address_is_one_that_can_be_reached(
    hosts: tuple[str, ...], listen: str, address: str
) -> None:
    box = Config(data=Path(), box=Box(hosts=hosts), server=Server(listen=listen, port=1))
    assert box.address == address


def test_a_box_in_good_order_has_no_problem(box: Config) -> None:
    assert codes(box) == []


def test_a_missing_data_folder_is_said_so(box: Config) -> None:
    shutil.rmtree(box.data)
    assert codes(box) == ["E006"]


def test_a_data_folder_open_to_others_is_refused(box: Config) -> None:
    box.data.chmod(0o755)
    assert codes(box) == ["E007"]


def test_a_missing_key_file_is_refused(box: Config) -> None:
    assert box.unlock.key_file is not None
    box.unlock.key_file.unlink()
    assert codes(box) == ["E008"]


def test_a_key_file_that_others_can_read_is_refused(box: Config) -> None:
    assert box.unlock.key_file is not None
    box.unlock.key_file.chmod(0o644)
    assert codes(box) == ["E009"]


def test_a_key_file_inside_the_data_folder_is_refused(box: Config) -> None:
    inside = box.data / "unlock.key"
    inside.touch(mode=0o600)
    assert codes(msgspec.structs.replace(box, unlock=Unlock(key_file=inside))) == ["E010"]


def test_a_passphrase_needs_no_key_file(box: Config) -> None:
    assert codes(msgspec.structs.replace(box, unlock=Unlock(mode="passphrase"))) == []


def test_an_address_of_another_machine_is_refused(box: Config) -> None:
    # 192.0.2.0/24 is kept for examples (RFC 5737): no machine has it.
    assert codes(msgspec.structs.replace(box, server=Server(listen="192.0.2.1"))) == ["E011"]


def test_a_nearly_full_disk_is_refused(box: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "LEAST_FREE_BYTES", 1 << 62)
    assert codes(box) == ["E012"]


def test_a_clock_before_the_release_is_refused(box: Config) -> None:
    found = checks.problems(box, datetime(1970, 1, 2, tzinfo=UTC))
    assert [problem.code for problem in found] == ["E013"]


@pytest.mark.parametrize("name", ["Europe/Moskow", "../etc/passwd", ""])
def test_an_unknown_time_zone_is_refused(box: Config, name: str) -> None:
    assert codes(msgspec.structs.replace(box, box=Box(time_zone=name))) == ["E014"]


def test_a_sqlite_too_old_for_the_search_is_refused(
    box: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "LEAST_SQLITE", (99, 0, 0))
    assert codes(box) == ["E015"]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


def test_a_port_in_use_is_refused_unless_the_box_itself_holds_it(
    box: Config, taken_port: int
) -> None:
    busy = msgspec.structs.replace(box, server=Server(port=taken_port))
    assert codes(busy) == ["E019"]
    assert checks.problems(busy, NOW, is_running=True) == []


def test_the_start_is_refused_with_the_first_problem(box: Config) -> None:
    box.data.chmod(0o755)
    with pytest.raises(ConfigError) as refused:
        checks.refuse_unfit(box, NOW)
    assert refused.value.code == "E007"


def test_a_second_server_on_one_data_folder_is_refused(box: Config) -> None:
    with checks.sole_server(box.data):
        with pytest.raises(ConfigError) as refused, checks.sole_server(box.data):
            pass
        assert refused.value.code == "E018"
        assert codes(box) == ["E018"]


def test_the_folder_is_free_again_after_its_server_ended(box: Config) -> None:
    with checks.sole_server(box.data):
        pass
    with checks.sole_server(box.data):
        assert (box.data / "run" / "server.lock").exists()


def test_a_folder_that_cannot_be_written_is_said_so(box: Config) -> None:
    (box.data / "run").write_text("in the way")
    with pytest.raises(ConfigError) as refused, checks.sole_server(box.data):
        pass
    assert refused.value.code == "E005"
