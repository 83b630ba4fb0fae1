"""Killed, out of room: no half of a copy, no half of a box, and the next try works."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance import config as settings
from backups.targets import Folder
from tests.box import ROOT
from tests.integration.backups.scene import Scene, people

SURROUNDINGS = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "PYTHONUTF8": "1"}


def stamps(scene: Scene) -> list[str]:
    return [one.label.stamp for one in Folder(scene.copies).copies()]


def process(scene: Scene, **limits: Any) -> "subprocess.Popen[bytes]":
    """A copying process with its order."""
    child = subprocess.Popen(
        [sys.executable, "-m", "backups"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=SURROUNDINGS,
        **limits,
    )
    assert child.stdin is not None
    child.stdin.write(msgspec.json.encode(scene.order(), enc_hook=str) + b"\n")
    child.stdin.flush()
    return child


def served(scene: Scene, child: "subprocess.Popen[bytes]", signs: int) -> dict[str, Any]:
    """Sign what the process asks for, but not the last; its last line, then it is killed."""
    vault, line = scene.vault(), b""
    assert child.stdin is not None
    assert child.stdout is not None
    with child.stdin, child.stdout:
        for line in child.stdout:
            asked = msgspec.json.decode(line, type=dict[str, Any])
            if "sign" in asked:
                signs -= 1
                if not signs:
                    break
                signature = vault.sign_document(asked["sign"].encode()).hex()
                child.stdin.write(signature.encode() + b"\n")
                child.stdin.flush()
        child.send_signal(signal.SIGKILL)
        child.wait()
    vault.close()
    return msgspec.json.decode(line)


def must_make_the_next(scene: Scene, before: list[str]) -> None:
    assert stamps(scene) == before
    scene.make()
    assert len(stamps(scene)) == len(before) + 1
    assert not list(scene.config.backups.glob(".work-*"))
    assert not list(scene.copies.glob("*.part"))


@pytest.mark.parametrize("signs", [1, 2, 3])
def test_a_copying_process_that_is_killed_leaves_no_half_of_a_copy(
    scene: Scene, signs: int
) -> None:
    before = stamps(scene)
    served(scene, process(scene), signs)
    must_make_the_next(scene, before)


@pytest.mark.parametrize("spare", [-1 << 20, 1 << 12])
def test_a_disk_that_fills_up_in_a_snapshot_or_a_container_is_named(
    scene: Scene, spare: int
) -> None:
    before = stamps(scene)
    most = (scene.config.data / "main.db").stat().st_size + spare

    def tight() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    answer = served(scene, process(scene, preexec_fn=tight), 9)
    assert answer["code"] == "backup_target_full"
    must_make_the_next(scene, before)


@pytest.mark.parametrize("step", ["data", "log", "people"])
def test_a_restore_that_is_killed_leaves_the_old_box_and_may_be_repeated(
    scene: Scene, tmp_path: Path, step: str
) -> None:
    settings.save(scene.config)
    before = scene.opened(people)
    (tmp_path / "code").write_text(scene.code)
    words = ["restore", "--data", str(scene.config.data), "--from", str(scene.copies)]
    child = subprocess.Popen(
        [sys.executable, "-m", "appliance.cli", *words, "--code-file", str(tmp_path / "code")],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={**SURROUNDINGS, "KOROBKA_LANGUAGE": "en"},
        text=True,
    )
    assert child.stderr is not None
    with child.stderr:
        for line in child.stderr:
            if line.startswith(step):
                break
        child.kill()
        child.wait()
    assert scene.opened(people) == before
    scene.restore()
    assert scene.opened(people) == before
    assert not list(scene.config.data.glob(".restore-*"))
