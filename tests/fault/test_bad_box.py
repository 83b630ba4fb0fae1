"""What can be wrong with a box, through its real command: a sentence, a code, and nothing lost."""

import shutil
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.box import PASSPHRASE, Box, Said, free_port, order

FAILED, UNFIT = 1, 5


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """A new box that does not run yet."""
    made = Box(tmp_path, free_port(), seen_at=tmp_path)
    assert made.init().exit == 0
    yield made
    made.stop()


def send(box: Box, key: str, number: int) -> int:
    """Send one order; the status of the answer."""
    with box.client() as client:
        answer = client.post(f"/api/v5/orders/create?apiKey={key}", data=order(number))
        return answer.status_code


def numbers(box: Box, key: str) -> set[str]:
    """The shop's own numbers of all orders there are."""
    with box.client() as client:
        found = client.get("/api/v5/orders", params={"apiKey": key, "limit": 100}).json()
    return {one["externalId"] for one in found["orders"]}


def change(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)


def test_a_box_is_never_made_over_another(box: Box) -> None:
    again = box.init()
    assert (again.exit, again.code) == (FAILED, "box_exists")
    box.serve()


def test_a_log_whose_keys_are_elsewhere_is_not_made_over(box: Box) -> None:
    (box.data / "keys.db").rename(box.home / "keys.db")
    (box.data / "korobka.toml").unlink()
    before = (box.data / "audit.db").read_bytes()
    assert box.init().code == "box_exists"
    assert (box.data / "audit.db").read_bytes() == before


def test_the_key_file_of_another_box_survives_a_refused_init(box: Box, tmp_path: Path) -> None:
    before = (box.home / "box.key").read_bytes()
    shutil.move(box.data, tmp_path / "elsewhere")
    refused = box.init()
    assert refused.code == "key_file_exists"
    assert (box.home / "box.key").read_bytes() == before
    assert not (box.data / "keys.db").exists()


def test_a_folder_without_a_box_is_said_so(tmp_path: Path) -> None:
    empty = Box(tmp_path, free_port(), seen_at=tmp_path)
    for verb in ("serve", "start", "status", "doctor", "migrate"):
        refused = empty.run(verb)
        assert (refused.exit, refused.code) == (UNFIT, "E001"), verb


def test_a_folder_whose_keys_are_gone_is_said_so(box: Box) -> None:
    (box.data / "keys.db").rename(box.home / "keys.db")
    for verb in ("serve", "start"):
        refused = box.run(verb)
        assert (refused.exit, refused.code) == (UNFIT, "E021"), verb
    (box.home / "keys.db").rename(box.data / "keys.db")
    box.serve()


def test_a_folder_open_to_others_is_refused(box: Box) -> None:
    box.data.chmod(0o755)
    assert box.run("serve").code == "E007"


def test_two_servers_never_share_a_data_folder(box: Box) -> None:
    box.serve()
    box.environment["KOROBKA_PORT"] = str(free_port())
    for verb in ("serve", "migrate"):
        refused = box.run(verb)
        assert (refused.exit, refused.code) == (UNFIT, "E018"), verb
    assert box.run("start").code == "already_running"
    del box.environment["KOROBKA_PORT"]
    assert box.run("status").facts["open"] is True


def test_a_port_in_use_is_named(box: Box) -> None:
    with socket.create_server(("127.0.0.1", box.port)):
        for verb in ("serve", "start"):
            refused = box.run(verb)
            assert (refused.exit, refused.code) == (UNFIT, "E019"), verb
            assert str(box.port) in refused.facts["error"]["text"]
    box.serve()


def test_a_newer_schema_is_refused_and_left_alone(box: Box) -> None:
    newer = "INSERT INTO schema_migration VALUES ('house', 9999, '9999_later', '2030-01-01')"
    change(box.data / "main.db", newer)
    for verb in ("serve", "start", "migrate"):
        refused = box.run(verb)
        assert (refused.exit, refused.code) == (UNFIT, "schema_newer"), verb
        assert "9999" in refused.facts["error"]["text"]
    assert "schema_newer" in {one["code"] for one in box.run("doctor").facts["problems"]}
    change(box.data / "main.db", "DELETE FROM schema_migration WHERE number = 9999")
    box.serve()


def test_a_newer_key_store_is_refused_and_left_alone(box: Box) -> None:
    with closing(sqlite3.connect(box.data / "keys.db")) as db:
        (known,) = db.execute("PRAGMA user_version").fetchone()
    change(box.data / "keys.db", f"PRAGMA user_version = {known + 1}")
    refused = box.run("serve")
    assert (refused.exit, refused.code) == (UNFIT, "keystore_newer")
    change(box.data / "keys.db", f"PRAGMA user_version = {known}")
    box.serve()


def test_an_old_schema_is_brought_forward_by_serving(box: Box) -> None:
    # As a release would find it that knew no migrations yet: marks gone, tables too.
    (box.data / "main.db").unlink()
    box.serve()
    with closing(sqlite3.connect(box.data / "main.db")) as db:
        assert db.execute("SELECT max(number) FROM schema_migration").fetchone()[0] >= 1


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("main.db", "storage_damaged"),
        ("keys.db", "keystore_damaged"),
        ("audit.db", "audit_log_damaged"),
    ],
)
def test_a_file_of_noise_is_named_and_kept(box: Box, file: str, code: str) -> None:
    noise = b"noise" * 4096
    (box.data / file).write_bytes(noise)
    refused = box.run("serve")
    assert (refused.exit, refused.code) == (UNFIT, code)
    assert (box.data / file).read_bytes() == noise


def test_a_missing_log_keeps_the_box_shut(box: Box) -> None:
    (box.data / "audit.db").unlink()
    refused = box.run("serve")
    assert (refused.exit, refused.code) == (UNFIT, "audit_log_missing")


def test_a_settings_file_that_is_wrong_is_explained(box: Box) -> None:
    file = box.data / "korobka.toml"
    good = file.read_text(encoding="utf-8")
    for text, code in (
        ("port = ", "E002"),
        ("[server]\nprot = 1\n", "E003"),
        ('[server]\nlisten = "0.0.0.0.0"\n', "E003"),
        ("[outer]\nenabled = true\n", "E017"),
    ):
        file.write_text(text, encoding="utf-8")
        refused = box.run("serve")
        assert (refused.exit, refused.code) == (UNFIT, code)
    file.write_text(good, encoding="utf-8")


def wrong_secrets(box: Box) -> list[Said]:
    said: list[Said] = []
    secret = box.home / "secret"
    for text, flags in (
        ("не та фраза совсем", ()),
        ("AAAA-BBBB", ("--recovery-code",)),
        (box.born["recovery_code"][:-1] + "!", ("--recovery-code",)),
    ):
        secret.write_text(text, encoding="utf-8")
        said.append(box.run("unlock", *flags, "--secret-file", str(secret)))
    return said


def test_a_wrong_passphrase_opens_nothing_and_the_right_one_does(tmp_path: Path) -> None:
    box = Box(tmp_path, free_port(), seen_at=tmp_path)
    assert box.init(unlock="passphrase").exit == 0
    box.serve()
    try:
        assert [one.code for one in wrong_secrets(box)] == [
            "unlock_passphrase_wrong",
            "recovery_code_length",
            "recovery_code_letter",
        ]
        assert box.run("status").facts["open"] is False
        (box.home / "secret").write_text(PASSPHRASE, encoding="utf-8")
        assert box.run("unlock", "--secret-file", str(box.home / "secret")).exit == 0
        assert box.run("status").facts["open"] is True
    finally:
        box.stop()


def test_orders_acknowledged_before_a_kill_are_there_after_it(box: Box) -> None:
    box.serve()
    key = box.api_key()
    taken = {f"box-{number}" for number in range(5) if send(box, key, number) == 201}
    box.stop(9)
    box.serve()
    assert taken
    assert numbers(box, key) == taken
