"""The verifier's command line, its export and the deep check against live cells."""

import hashlib
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from appliance.audit import verify as verifier
from appliance.audit.chain import EpochKey
from appliance.audit.entry import cell_hash, cell_key
from appliance.audit.export import export_log
from appliance.audit.log import AuditLog
from appliance.audit.verify import Trust, describe, verify
from tests.fault.audit_house import House, build
from tests.unit.audit.fakes import BOX, START, FakeVault, row


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return build(tmp_path_factory.mktemp("log"))


def test_the_file_alone_verifies_on_a_machine_without_the_product(
    house: House, tmp_path: Path
) -> None:
    copy = tmp_path / "verify.py"
    copy.write_bytes(Path(verifier.__file__).read_bytes())
    anchor = tmp_path / "anchor.txt"
    anchor.write_text(house.trust.anchors[1], encoding="utf-8")
    keys = ["--start-key", house.vault.start_key.hex()]
    keys += ["--public-key", house.vault.checkpoint_public_key().hex(), "--anchor", str(anchor)]
    done = subprocess.run(
        [sys.executable, "-I", str(copy), str(house.path), *keys],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert lines[0].startswith("OK 62 events, 6 epochs, 15 redacted")
    assert lines[1] == "trusted up to size 36, anchored at 2026-03-02 10:01:00 UTC"
    told = subprocess.run(
        [sys.executable, "-I", str(copy), str(house.path), "--json", "--start-key", "ab" * 32],
        capture_output=True,
        check=False,
    )
    report = json.loads(told.stdout)
    assert (told.returncode, report["ok"], report["place"]) == (1, False, "epoch")


def test_the_verifier_is_shorter_than_five_hundred_lines() -> None:
    text = Path(verifier.__file__).read_text(encoding="utf-8")
    assert len(text.splitlines()) < 500
    assert "appliance" not in text


def exported(house: House, folder: Path) -> Path:
    path = folder / "log.jsonl"
    with path.open("w", encoding="utf-8") as out:
        assert export_log(house.path, out) == 62
    return path


def summed(bodies: list[bytes]) -> bytes:
    """Lines of an export with the digests that a forger would give them, too."""
    running, lines = b"", list[bytes]()
    for body in bodies:
        running = hashlib.sha256(running + body).digest()
        lines.append(body + b', "sum": "%s"}\n' % running.hex()[:16].encode())
    return b"".join(lines)


def test_an_export_verifies_without_the_database(house: House, tmp_path: Path) -> None:
    path = exported(house, tmp_path)
    report = verify(path, house.trust)
    assert (report.ok, report.reason, report.trusted) == (True, "", 36)
    forged = path.read_bytes().replace(b"persons.destroy", b"persons.display")
    path.write_bytes(forged)
    line = next(n for n, text in enumerate(forged.splitlines(), 1) if b"persons.display" in text)
    assert (verify(path, house.trust).place, verify(path, house.trust).first_bad) == ("line", line)
    bodies = [text[: -verifier.TAIL + 1] for text in forged.splitlines()]
    path.write_bytes(summed(bodies))
    assert (verify(path, house.trust).place, verify(path, house.trust).first_bad) == ("event", 61)


def test_any_one_byte_of_an_export_is_watched_and_its_line_named(
    house: House, tmp_path: Path
) -> None:
    whole = exported(house, tmp_path).read_bytes()
    stranger = Trust(public_key=house.trust.public_key, anchors=house.trust.anchors)
    damaged = tmp_path / "damaged.jsonl"
    for place in range(0, len(whole), 97):
        byte = bytes([whole[place] ^ (1 << place % 8)])
        damaged.write_bytes(whole[:place] + byte + whole[place + 1 :])
        report = verify(damaged, stranger)
        line = whole.count(b"\n", 0, place) + 1
        assert (report.ok, report.place, report.first_bad) == (False, "line", line), place


def test_a_tail_cut_off_with_all_digests_made_anew_is_shown_by_the_anchor(
    house: House, tmp_path: Path
) -> None:
    """Whoever holds the keys of the box makes a young log of an old one; the letter disagrees."""
    path = tmp_path / "young.jsonl"
    with path.open("w", encoding="utf-8") as out:
        export_log(house.early_copy, out)
    alone = verify(path, Trust(public_key=house.trust.public_key))
    assert alone.ok and alone.trusted == 0
    report = verify(path, Trust(public_key=house.trust.public_key, anchors=house.trust.anchors))
    assert (report.ok, report.place) == (False, "anchor")
    assert report.reason == "log is shorter than anchor 36"


def test_letters_files_and_scanned_codes_are_read_as_anchors(house: House, tmp_path: Path) -> None:
    early, late = house.trust.anchors
    letter = tmp_path / "letter.txt"
    letter.write_bytes(f"Subject: anchor\n\nKeep this.\n\n{early}\n".replace("\n", "\r\n").encode())
    folder = tmp_path / "korobka.anchors.txt"
    folder.write_text(f"\n{early[:90]}\n{early}\n{late}", encoding="utf-8")
    assert verifier.notes_in(folder.read_text()) == [early, late]
    assert verifier.notes_in(early.rstrip()) == [early], "a phone may leave out the last newline"
    empty = tmp_path / "empty.txt"
    empty.write_text("nothing here")
    log, key = str(house.path), house.vault.checkpoint_public_key().hex()
    (tmp_path / "public.txt").write_text(f"{key}\n")
    keys = ["--public-key", str(tmp_path / "public.txt")]
    assert verifier.main([log, *keys, "--anchor", str(letter), "--anchor", str(folder)]) == 0
    for wrong in (str(empty), str(tmp_path / "none.txt")):
        with pytest.raises(SystemExit) as refused:
            verifier.main([log, *keys, "--anchor", wrong])
        assert refused.value.code == 2


def test_an_anchor_given_up_after_a_restore_is_reported_and_fails_nothing(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = tmp_path / "late.txt"
    late.write_text(house.trust.anchors[1], encoding="utf-8")
    log = str(house.early_copy)
    assert verifier.main([log, "--anchor", str(late)]) == 1
    assert verifier.main([log, "--anchor", str(late), "--lost", str(late)]) == 0
    assert "1 anchors were given up after a restore" in capsys.readouterr().out


def test_what_is_not_a_log_at_all_is_a_failure_with_a_reason(tmp_path: Path) -> None:
    for name, content in (("none.db", None), ("text.db", b"hello" * 300)):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        report = verify(path, Trust())
        assert (report.ok, report.place) == (False, "file")
        assert describe(report).startswith("FAIL first bad file 0: not readable as a log")
    (tmp_path / "bad.jsonl").write_bytes(b"{}\n")
    assert verify(tmp_path / "bad.jsonl", Trust()).place == "line"


def _deep(tmp_path: Path, live: bytes) -> verifier.Report:
    """A log that saw a cell twice in the log and once in the outbox, beside a live database."""
    vault, one = FakeVault(), UUID(int=1)
    key = EpochKey(*vault.audit_epoch_key())
    log = AuditLog.create(tmp_path / "audit.db", BOX, START, key)
    name = cell_key("contact", "value", one)
    gone = cell_key("contact", "value", UUID(int=2))
    log.append([row(vault, cell_hashes={name: cell_hash(b"1"), gone: cell_hash(b"x")})], key)
    log.append([row(vault, cell_hashes={name: cell_hash(b"2")})], key)
    log.close()
    waiting = row(vault, cell_hashes={name: cell_hash(b"3")})
    with closing(sqlite3.connect(tmp_path / "main.db", isolation_level=None)) as db:
        db.execute("CREATE TABLE contact (id BLOB PRIMARY KEY, value BLOB)")
        db.execute("CREATE TABLE audit_outbox (id TEXT PRIMARY KEY, leaf BLOB)")
        db.execute("INSERT INTO contact VALUES (?, ?)", (one.bytes, live))
        db.execute("INSERT INTO audit_outbox VALUES (?, ?)", (str(waiting.id), waiting.leaf))
    return verify(tmp_path / "audit.db", Trust(main=tmp_path / "main.db"))


def test_an_older_value_put_back_into_its_cell_is_named(tmp_path: Path) -> None:
    report = _deep(tmp_path, b"2")
    assert (report.ok, report.place) == (False, "cell")
    assert report.reason.startswith(f"contact.value.{UUID(int=1)}")


def test_live_cells_that_the_log_last_saw_are_whole(tmp_path: Path) -> None:
    report = _deep(tmp_path, b"3")
    assert (report.ok, report.cells) == (True, "1 compared, 1 gone")
