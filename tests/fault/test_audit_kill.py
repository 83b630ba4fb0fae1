"""`kill -9` at a random moment, many times: every committed deed is in the log exactly once."""

import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from appliance.audit.verify import Trust, verify
from tests.fault.audit_child import open_main
from tests.unit.audit.fakes import FakeVault

KILLS = 8


def test_no_committed_deed_is_lost_or_doubled_by_kills(tmp_path: Path) -> None:
    rng = random.Random(20)  # noqa: S311 - moments of death must repeat
    for _ in range(KILLS):
        command = [sys.executable, "-m", "tests.fault.audit_child", str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            # Wait for real work, then die somewhere inside of a round.
            assert child.stdout.read(rng.randrange(3, 40))
            child.kill()
    with closing(open_main(tmp_path)) as main:
        deeds = {one[0] for one in main.execute("SELECT id FROM deed")}
        waiting = {one[0] for one in main.execute("SELECT id FROM audit_outbox")}
    with closing(sqlite3.connect(tmp_path / "audit.db")) as log:
        sealed = [one[0] for one in log.execute("SELECT event_id FROM event")]
    assert len(sealed) == len(set(sealed))
    assert set(sealed) | waiting == deeds
    vault = FakeVault()
    report = verify(
        tmp_path / "audit.db", Trust({0: vault.start_key}, vault.checkpoint_public_key())
    )
    assert (report.reason, report.ok) == ("", True)
    assert report.epochs > KILLS
