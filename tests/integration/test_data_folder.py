import subprocess
import sys
from pathlib import Path

import pytest

from appliance.config.checks import sole_server
from appliance.errors import ConfigError

HOLD = """
import sys
from pathlib import Path
from appliance.config.checks import sole_server
with sole_server(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_server_that_was_killed_holds_nothing(tmp_path: Path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(ConfigError) as refused, sole_server(tmp_path):
        pass
    assert refused.value.code == "E018"
    holder.kill()
    holder.wait()
    holder.stdin.close()
    holder.stdout.close()
    with sole_server(tmp_path):
        assert (tmp_path / "run" / "server.lock").stat().st_mode & 0o777 == 0o600
