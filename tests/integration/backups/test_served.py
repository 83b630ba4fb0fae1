"""A served box and its commands: copy, drill, loss of the machine, restore by the paper."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.box import ROOT, Box, free_port


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path / "first", free_port(), seen_at=tmp_path / "first")
    made.home.mkdir()
    assert made.init().exit == 0
    yield made
    made.stop()


def printed(places: dict[str, str]) -> list[list[str]]:
    """The commands of the printed instruction, with the paths of this test."""
    book = (ROOT / "docs" / "ru" / "administrator.md").read_text(encoding="utf-8")
    commands = book.split("инструкция на листок", 1)[1].split("```")[1]
    return [
        [places.get(word, word) for word in line.split()[1:]]
        for line in commands.strip().splitlines()
    ]


@pytest.mark.checklist(193)
@pytest.mark.whole_box
def test_a_lost_machine_comes_back_on_a_bare_one_by_copy_and_paper(
    box: Box, tmp_path: Path
) -> None:
    usb = tmp_path / "usb"
    usb.mkdir()
    file = box.data / "korobka.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("targets = []", f'targets = ["{usb}"]', 1), encoding="utf-8")
    box.serve()
    assert box.run("user", "add", "anna", "--role", "seller").exit == 0
    made = box.run("backup", "now")
    assert made.exit == 0, made
    assert [one["state"] for one in made.facts["targets"]] == ["done"]
    proven = box.run("backup", "drill")
    assert proven.exit == 0, proven
    assert proven.facts["stamp"] == made.facts["stamp"]
    assert box.run("restore", "--code-file", "-", typed=box.born["recovery_code"]).code == "E018"
    box.stop()
    assert box.run("backup", "verify").exit == 0
    assert box.run("backup", "list").facts["copies"][0]["proven"] is True

    shutil.rmtree(box.home)  # the machine burned down, key file and all
    bare = Box(tmp_path / "second", box.port, seen_at=tmp_path / "second")
    bare.home.mkdir()
    code = tmp_path / "code"
    code.write_text(box.born["recovery_code"])
    restore, start, unlock, key = printed(
        {
            "/mnt/usb-a/korobka": str(usb),
            "/var/lib/korobka": str(bare.data),
            "/opt/korobka/etc/keys/unlock.key": str(tmp_path / "new.key"),
        }
    )
    assert start == ["start"]
    done = bare.run(*restore, "--code-file", "-", typed=box.born["recovery_code"])
    assert done.exit == 0, done
    with sqlite3.connect(bare.data / "main.db") as main:
        assert main.execute("SELECT COUNT(*) FROM users WHERE login = 'anna'").fetchone() == (1,)
    main.close()
    try:
        bare.serve()
        assert bare.run(*unlock, "--secret-file", str(code)).exit == 0
        assert bare.run(*key).exit == 0
        people = bare.run("user", "list").facts["users"]
        assert {one["login"] for one in people} == {"admin", "anna"}
        assert bare.run("audit", "verify", "--recovery-code-file", str(code)).exit == 0
        bare.stop()
        bare.serve()
        assert bare.run("status", "--wait", "30").facts["open"] is True, "the new key opens it"
    finally:
        bare.stop()


def logins(box: Box) -> set[str]:
    assert box.run("status", "--wait", "30").exit == 0
    return {one["login"] for one in box.run("user", "list").facts["users"]}


@pytest.mark.whole_box
def test_a_running_box_restores_itself_shows_first_and_can_go_back(
    box: Box, tmp_path: Path
) -> None:
    usb = tmp_path / "usb"
    usb.mkdir()
    box.serve()
    assert box.run("backup", "add-place", "nowhere").code == "backup_target_spelling"
    assert box.run("backup", "add-place", str(tmp_path / "gone")).code == "backup_target_lost"
    assert box.run("backup", "add-place", str(usb)).exit == 0
    assert box.run("backup", "schedule", "--every", "30", "--nightly", "7").exit == 0
    plan = box.run("backup", "places").facts
    assert (plan["targets"], plan["every_minutes"], plan["nightly"]) == ([str(usb)], 30, 7)
    assert f'targets = ["{usb}"]' in (box.data / "korobka.toml").read_text(encoding="utf-8")
    (tmp_path / "second").mkdir()
    guarded = box.run("backup", "schedule", "--guard", str(tmp_path / "second"))
    assert guarded.facts["plan"]["guard"] == str(tmp_path / "second")
    stamp = box.run("backup", "now").facts["stamp"]
    assert box.run("user", "add", "late", "--role", "seller").exit == 0
    assert box.run("backup", "confirm").code == "restore_none"

    assert box.run("backup", "restore", stamp).exit == 0
    assert logins(box) == {"admin"}
    assert box.run("user", "add", "oleg", "--role", "seller").code == "restore_unconfirmed"
    assert box.run("backup", "restore", stamp).code == "restore_unconfirmed"
    assert box.run("backup", "go-back").exit == 0
    assert logins(box) == {"admin", "late"}, "the data of before came back"
    assert box.run("user", "add", "oleg", "--role", "seller").exit == 0

    assert box.run("backup", "restore", stamp).exit == 0
    assert logins(box) == {"admin"}
    assert box.run("backup", "confirm").exit == 0
    assert box.run("user", "add", "oleg", "--role", "seller").exit == 0
    code = tmp_path / "code"
    code.write_text(box.born["recovery_code"])
    assert box.run("audit", "verify", "--recovery-code-file", str(code)).exit == 0
