"""The exchange of a restore: cut off at every step it is finished, never half done."""

from pathlib import Path

import pytest

from appliance.boot import swap
from appliance.errors import Damaged

NAMES = ("main.db", "audit.db", "keys.db", "search.idx", "tls")


class PowerCut(BaseException):
    """The machine is gone: nothing after it runs."""


def scene(folder: Path) -> None:
    """An old box without an index, whose databases have journals, and a new one beside it."""
    stage = folder / "stage"
    stage.mkdir(parents=True)
    for name in ("main.db", "main.db-wal", "main.db-shm", "audit.db", "keys.db", "keys.db-journal"):
        (folder / name).write_text("old")
    for name in NAMES[:-1]:
        (stage / name).write_text("new")
    (stage / "tls").mkdir()
    (folder / "korobka.toml").write_text("kept")


def must_be_new(folder: Path) -> None:
    assert [(folder / name).read_text() for name in NAMES[:-1]] == ["new"] * 4
    assert (folder / "tls").is_dir()
    assert (folder / "korobka.toml").read_text() == "kept"
    assert not [
        path for path in folder.iterdir() if path.name.endswith(("-wal", "-shm", "-journal"))
    ]
    old = {path.name: path.read_text() for path in (folder / "aside").iterdir()}
    assert set(old.values()) == {"old"}
    assert "main.db-wal" in old
    assert not (folder / swap.NOTE).exists()


@pytest.mark.parametrize("step", range(12))
def test_an_exchange_cut_off_anywhere_is_finished_by_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    scene(tmp_path)
    left = [step]
    rename = Path.rename

    def cut(self: Path, target: Path) -> Path:
        if not left[0]:
            raise PowerCut
        left[0] -= 1
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", cut)
    exchange = swap.Exchange("stage", "aside", NAMES)
    try:
        swap.begin(tmp_path, exchange)
        swap.finish(tmp_path)
    except PowerCut:
        monkeypatch.undo()
        if not swap.finish(tmp_path):  # before the note nothing had moved
            assert (tmp_path / "main.db").read_text() == "old"
            swap.begin(tmp_path, exchange)
            swap.finish(tmp_path)
    must_be_new(tmp_path)
    assert not swap.finish(tmp_path)


def test_a_note_that_cannot_be_read_moves_nothing(tmp_path: Path) -> None:
    scene(tmp_path)
    (tmp_path / swap.NOTE).write_text("{")
    with pytest.raises(Damaged, match="restore_note_damaged"):
        swap.finish(tmp_path)
    assert (tmp_path / "main.db").read_text() == "old"
