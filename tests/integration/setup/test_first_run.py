"""The first run by commands on a served box: repeatable, resumable, finished by the paper alone."""

import plistlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.config import load
from tests.box import PASSPHRASE, Box, free_port
from tests.integration.backups.store import SECRET, Store

COMPANY = ("company", "name=ООО «Башмачок»", "inn=7707083893", "kpp=770701001")


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path, free_port(), seen_at=tmp_path)
    assert made.init().exit == 0
    made.serve()
    yield made
    made.stop()


def put(box: Box, *words: str) -> dict[str, object]:
    said = box.run("setup", "set", *words)
    assert said.exit == 0, (said.facts, said.errors)
    return said.facts


def at(box: Box) -> str:
    return str(box.run("setup", "show").facts["at"])


@pytest.mark.checklist(194)
@pytest.mark.whole_box
def test_a_first_run_goes_through_all_its_steps_and_survives_a_kill(
    box: Box, tmp_path: Path
) -> None:
    assert at(box) == "company"
    assert box.run("setup", "set", "company", "name=ООО", "inn=123").code == "inn_wrong"
    assert at(box) == "company", "a refused step is not done"
    assert put(box, *COMPANY) == {"changed": True}
    assert put(box, *COMPANY) == {"changed": False}, "repeated, nothing is written"
    owner = ("owner", "login=olga", "name=Ольга Смирнова")
    assert put(box, *owner)["password"]
    assert put(box, *owner)["password"] == "", "somebody known keeps his password"
    (tmp_path / "phrase").write_text(PASSPHRASE, encoding="utf-8")
    short = box.run("setup", "set", "unlock", "profile=both", "passphrase=коротко")
    assert short.code == "passphrase_short"
    put(box, "unlock", "profile=both", f"passphrase=@{tmp_path / 'phrase'}")
    slots = box.run("keys", "slots").facts["slots"]
    put(box, "unlock", "profile=both")
    assert box.run("keys", "slots").facts["slots"] == slots
    assert box.run("setup", "finish").code == "setup_code_unchecked"
    lost = box.run("setup", "code").facts["code"]

    box.stop(9)
    box.serve()
    assert at(box) == "check"
    (tmp_path / "lost").write_text(lost)
    assert box.run("setup", "check", str(tmp_path / "lost")).code == "recovery_code_expired"
    code = box.run("setup", "code").facts["code"]
    (tmp_path / "wrong").write_text(code[:-1] + ("A" if code[-1] != "A" else "B"))
    assert box.run("setup", "check", str(tmp_path / "wrong")).code == "recovery_code_typo"
    (tmp_path / "old").write_text(box.born["recovery_code"])
    assert box.run("setup", "check", str(tmp_path / "old")).code == "recovery_code_other"
    (tmp_path / "code").write_text(code.lower().replace("-", " "))
    checked = box.run("setup", "check", str(tmp_path / "code"))
    assert checked.facts == {"proven": True}, checked
    assert box.run("setup", "code").code == "setup_code_kept"
    # Until it was typed back the installer's paper opened the box; now it is the new one alone.
    box.run("seal")
    sealed = box.run("unlock", "--recovery-code", "--secret-file", str(tmp_path / "old"))
    assert sealed.code == "unlock_recovery_wrong"
    opened = box.run("unlock", "--recovery-code", "--secret-file", str(tmp_path / "code"))
    assert opened.exit == 0, opened
    the_rest(box, tmp_path)


def the_rest(box: Box, tmp_path: Path) -> None:
    """From the address to the end."""
    port = free_port()
    before = box.run("status").facts["fingerprint"]
    address = ("address", "listen=127.0.0.1", f"port={port}", "hosts=crm.bashmachok.example")
    moved = put(box, *address)
    assert moved["fingerprint"] != before, "a name that the old authority may not sign"
    box.port = port
    with box.client() as client:
        assert client.get("/health").status_code == 200
    assert put(box, *address) == moved
    trust = box.run("setup", "trust", str(tmp_path / "trust")).facts
    profile = plistlib.loads((tmp_path / "trust" / "korobka.mobileconfig").read_bytes())
    assert (
        profile["PayloadContent"][0]["PayloadContent"]
        == (tmp_path / "trust" / "korobka.cer").read_bytes()
    )
    assert "windows.cmd" in trust["files"]

    put(box, "reach", "way=none", "vpn=yes")
    (tmp_path / "usb").mkdir()
    assert box.run("setup", "set", "copies", "targets=/nowhere").code == "folder_missing"
    asked = box.run("setup", "set", "copies", "targets=usb:0000-0000/k")
    assert asked.code == "backup_target_lost", "a disk that is not plugged in is said at once"
    assert load(box.data).backup.targets == ()
    store, locked = Store(versioned=True), Store(locked=True)
    try:
        named = f"targets={tmp_path / 'usb'},{store.address()},{locked.address()}"
        wrong = box.run("setup", "set", "copies", named, "secret=not it")
        assert (wrong.code, wrong.facts.get("field", "secret")) == (
            "backup_target_refused",
            "secret",
        )
        put(box, "copies", named, "every_minutes=60", f"secret={SECRET}")
        known = load(box.data).backup
        assert known.targets == (str(tmp_path / "usb"), store.address())
        assert known.data_targets == (locked.address(),), "where nothing can be deleted: no keys"
        put(box, "copies", named, "every_minutes=60")  # again, without the secret: nothing changes
        assert load(box.data).backup == known
        put(box, "copies", f"targets={tmp_path / 'usb'}", "every_minutes=60")
        assert load(box.data).backup == known, "what is no folder is taken off in «Копии» alone"
    finally:
        store.stop()
        locked.stop()
    level = put(box, "privacy", "threats=3", "category=other", "many=yes", "officer=olga")
    assert level == {"level": 3, "clause": 11, "letter": "д"}
    put(box, "beginning", "sample=no")
    assert at(box) == "plan"
    assert box.run("setup", "finish").exit == 0
    plan = {one["code"]: one["done"] for one in box.run("setup", "show").facts["plan"]}
    assert plan["proof"] and plan["officer"] and not plan["second_admin"]
