"""What a box that was killed leaves of its plugins' copies is gone with the next start."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from appliance.plugin_host import copies
from appliance.plugin_host.cage import ROOT
from tests.plugins.conftest import HERE

HELLO = HERE / "samples" / "hello"

_COPY_AND_WAIT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from appliance.plugin_host.copies import Copy
copy = Copy(Path(sys.argv[1]))
print(copy.path, flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_a_copy_of_a_killed_box_is_swept_and_one_that_is_held_stays(temporary: Path) -> None:
    words = [sys.executable, "-c", _COPY_AND_WAIT, str(HELLO), str(ROOT)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as box:
        assert box.stdout is not None
        of_killed = Path(box.stdout.readline().strip())
        mine = copies.Copy(HELLO)
        assert of_killed.parent == temporary and (of_killed / "plugin.toml").is_file()
        assert copies.sweep() == 0  # both boxes live
        assert of_killed.is_dir() and mine.path.is_dir()
        box.kill()
    assert copies.sweep() == 1
    assert not of_killed.exists() and (mine.path / "plugin.toml").is_file()
    mine.drop()
    assert list(temporary.iterdir()) == []


def test_what_only_bears_the_name_of_a_copy_is_not_followed_and_not_deleted(
    temporary: Path,
) -> None:
    (temporary / "kept").mkdir()
    (temporary / "kept" / "file").write_text("1")
    (temporary / f"{copies.PREFIX}link").symlink_to(temporary / "kept")
    (temporary / f"{copies.PREFIX}file").write_text("1")
    assert copies.sweep() == 0
    assert len(list(temporary.iterdir())) == 3 and (temporary / "kept" / "file").is_file()
