import os
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.errors import Unavailable
from appliance.storage.engine.lock import locked_folder

HOLD = """
import sys
from pathlib import Path
from appliance.storage.engine.lock import locked_folder
with locked_folder(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_server_on_one_data_folder_is_refused(tmp_path: Path):
    with locked_folder(tmp_path), pytest.raises(Unavailable) as refused, locked_folder(tmp_path):
        pass
    assert refused.value.code == "data_folder_in_use"
    assert refused.value.params["process"] == os.getpid()
    with locked_folder(tmp_path):
        assert (tmp_path / "server.lock").stat().st_mode & 0o777 == 0o600


def test_a_server_that_was_killed_holds_nothing(tmp_path: Path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(Unavailable) as refused, locked_folder(tmp_path):
        pass
    assert refused.value.params["process"] == holder.pid
    holder.kill()
    holder.wait()
    holder.stdin.close()
    holder.stdout.close()
    with locked_folder(tmp_path):
        assert (tmp_path / "server.lock").read_text() == str(os.getpid())
