"""A served box and the commands of its log: read, verify, hand out, keep outside, roll back."""

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.box import Box, free_port


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path / "box", free_port(), seen_at=tmp_path / "box")
    made.home.mkdir()
    assert made.init().exit == 0
    usb = tmp_path / "usb"
    usb.mkdir()
    file = made.data / "korobka.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("targets = []", f'targets = ["{usb}"]', 1), encoding="utf-8")
    yield made
    made.stop()


def stranger(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A plain Python in the folder of an unpacked export, without the product."""
    return subprocess.run(
        [sys.executable, "-I", "verify.py", "log.jsonl", "--public-key", "public.txt", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.whole_box
def test_a_stranger_checks_what_the_box_hands_out_and_a_rolled_back_box_does_not_start(
    box: Box, tmp_path: Path
) -> None:
    shutil.copytree(box.data, tmp_path / "yesterday")
    box.serve()
    assert box.run("user", "add", "anna", "--role", "seller").exit == 0
    kept = box.run("audit", "anchor-now")
    assert (kept.exit, [one["code"] for one in kept.facts["kept"]]) == (0, [""])
    seen = box.run("audit", "show", "--deed", "users.add", "--thing", "user 2").facts["lines"]
    assert [(one["deed"], one["anchored"]) for one in seen] == [("users.add", True)]
    made = box.run("audit", "export")
    assert made.exit == 0, made
    with zipfile.ZipFile(made.facts["out"]) as packed:
        packed.extractall(tmp_path)
    folder = tmp_path / "korobka-audit"
    done = stranger(folder, "--anchor", "anchors.txt")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"trusted up to size {kept.facts['size']}" in done.stdout
    log = folder / "log.jsonl"
    text = log.read_text(encoding="utf-8")
    log.write_text(text.replace("users.add", "users.aid", 1), encoding="utf-8")
    broken = stranger(folder)
    assert broken.returncode == 1 and "FAIL first bad line" in broken.stdout
    assert box.run("audit", "paper", str(tmp_path / "paper.pdf")).exit == 0
    assert (tmp_path / "paper.pdf").read_bytes().startswith(b"%PDF")
    box.stop()

    shutil.rmtree(box.data)
    shutil.copytree(tmp_path / "yesterday", box.data)
    assert box.run("serve").code == "audit_log_behind"
    rolled = box.run("audit", "verify")
    assert (rolled.exit, rolled.facts["place"]) == (1, "anchor")
    accepted = box.run("audit", "accept-loss", "--yes").facts
    assert accepted["anchors"] == 1 and accepted["size"] == kept.facts["size"]
    box.serve()
    assert box.run("audit", "verify").exit == 0
