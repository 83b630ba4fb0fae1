"""The background process: one per folder, starts the box again after a crash, stops in order."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import config as settings
from appliance.cli import supervisor
from appliance.config import Config, Server, Unlock
from appliance.errors import HouseError

# Stands in for `korobka serve`: tells the test that it began, then does what it is told.
CHILD = """
import os, sys
with open(os.environ["TOLD"], "w") as told:
    print(os.getpid(), file=told, flush=True)
code = int(os.environ["CODE"])
if code >= 0:
    sys.exit(code)
os.read(os.open(os.environ["HOLD"], os.O_RDONLY), 1)
"""


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Config]:
    """A folder with settings, and a `python` that runs CHILD instead of the server."""
    for fifo in ("told", "hold"):
        os.mkfifo(tmp_path / fifo)
        monkeypatch.setenv(fifo.upper(), str(tmp_path / fifo))
    python = tmp_path / "python"
    (tmp_path / "child.py").write_text(CHILD)
    python.write_text(
        "#!/bin/sh\n"
        f'[ "$3" != appliance.cli ] || exec {sys.executable} {tmp_path}/child.py\n'
        f"exec {sys.executable} - <<'PY' \"$@\"\n"
        f"import sys; sys.executable = {str(python)!r}\n"
        "from pathlib import Path\n"
        "from appliance import config\n"
        "from appliance.cli import supervisor\n"
        "sys.exit(supervisor.keep(config.load(Path(sys.argv[-1]))))\n"
        "PY\n"
    )
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("PYTHONPATH", str(Path(settings.__file__).parents[2]))
    monkeypatch.setenv("CODE", "-1")
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    found = Config(data=data, server=Server(port=1), unlock=Unlock(mode="passphrase"))
    settings.save(found)
    yield found
    if supervisor.holder(found) is not None:
        supervisor.stop(found)


def next_child() -> int:
    """Wait until the box was started; its process id."""
    return int(Path(os.environ["TOLD"]).read_text())


def started(box: Config) -> "subprocess.Popen[bytes]":
    return supervisor.start(box)


def test_a_killed_box_is_started_again(box: Config) -> None:
    started(box)
    first = next_child()
    os.kill(first, signal.SIGKILL)
    assert next_child() != first


def test_stopping_ends_the_box_too(box: Config) -> None:
    keeper = started(box)
    child = next_child()
    supervisor.stop(box)
    assert keeper.wait(10) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert supervisor.holder(box) is None


def test_a_second_background_process_is_refused(box: Config) -> None:
    keeper = started(box)
    next_child()
    assert supervisor.holder(box) == keeper.pid
    with pytest.raises(HouseError, match="already_running"):
        supervisor.start(box)


def test_a_box_whose_settings_are_wrong_is_not_tried_again(
    box: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODE", str(supervisor.UNFIT))
    keeper = started(box)
    next_child()
    assert keeper.wait(10) == supervisor.UNFIT


def test_stopping_what_does_not_run_is_said_so(box: Config) -> None:
    with pytest.raises(HouseError, match="not_running"):
        supervisor.stop(box)


def test_a_leftover_lock_file_names_nobody(box: Config) -> None:
    box.run.mkdir()
    (box.run / "supervisor.lock").write_text("1")
    assert supervisor.holder(box) is None
