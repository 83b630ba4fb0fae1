"""A certificate that the firm brought: taken when browsers would take it, else nothing changes."""

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.vault import certificates
from appliance.vault.certificates import Names
from tests.box import Box, free_port

HOST = "korobka.sklad.lan"


class Plain:
    """Keeps the key of the firm's authority as it is."""

    def close(self, secret: bytes) -> bytes:
        return secret

    def open(self, closed: bytes) -> bytes:
        return closed


def issued(folder: Path, host: str = HOST, days_ago: int = 0) -> str:
    """A chain and its key in one file."""
    now = datetime.now(UTC) - timedelta(days=days_ago)
    certificates.create(folder, Names((host,)), now, Plain())
    return str(folder / "tls.pem")


@pytest.fixture
def box(tmp_path: Path) -> Box:
    made = Box(tmp_path, free_port(), seen_at=tmp_path)
    assert made.init("--host", HOST).exit == 0
    return made


def test_a_brought_certificate_replaces_the_own_one_and_is_shown(box: Box, tmp_path: Path) -> None:
    own = box.run("tls", "show").facts
    assert (own["own"], HOST in own["names"]) == (True, True)
    pem = issued(tmp_path / "firm")
    taken = box.run("tls", "adopt", "--cert", pem, "--key", pem)
    assert taken.exit == 0, taken.facts
    shown = box.run("tls", "show").facts
    assert shown == taken.facts
    assert (shown["own"], shown["fingerprint"] != own["fingerprint"]) == (False, True)
    assert (box.data / "tls" / "tls.pem").stat().st_mode & 0o777 == 0o600


def test_a_certificate_that_browsers_would_refuse_changes_nothing(box: Box, tmp_path: Path) -> None:
    before = (box.data / "tls" / "tls.pem").read_bytes()
    good, other = issued(tmp_path / "good"), issued(tmp_path / "other")
    old, foreign = issued(tmp_path / "old", days_ago=200), issued(tmp_path / "f", "another.firm")
    for cert, key, code in (
        (good, other, "tls_key_differs"),
        (old, old, "tls_expired"),
        (foreign, foreign, "tls_name_missing"),
        (__file__, good, "tls_unreadable"),
        (str(tmp_path / "nowhere"), good, "file_unreadable"),
    ):
        refused = box.run("tls", "adopt", "--cert", cert, "--key", key)
        assert (refused.exit, refused.code) == (1, code), cert
    assert (box.data / "tls" / "tls.pem").read_bytes() == before
    assert (box.data / "tls" / "ca.pem").exists()


@pytest.mark.whole_box
def test_under_a_service_the_consoles_socket_is_in_its_own_folder(box: Box, tmp_path: Path) -> None:
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o750)
    box.environment["RUNTIME_DIRECTORY"] = str(runtime)
    box.serve()
    try:
        place = runtime / "admin.sock"
        assert (box.data / "run" / "admin.sock").readlink() == place
        assert place.stat().st_mode & 0o777 == 0o660
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(str(place))
        assert box.run("keys", "identity").exit == 0
    finally:
        box.stop()
    assert not (box.data / "run" / "admin.sock").is_symlink()
