"""The sealer is cut off at every step, loses its clock, or finds a log that is too short."""

import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.audit.chain import EpochKey
from appliance.audit.log import AuditLog
from appliance.audit.sealer import EPOCH_SECONDS, Sealer
from appliance.audit.verify import Report, Trust, verify
from appliance.errors import Damaged, Unavailable
from tests.unit.audit.fakes import BOX, START, Clock, FakeVault, Outbox, row


class Box:
    """Everything that outlives a crash, and a sealer that does not."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "audit.db"
        self.vault, self.outbox, self.clock = FakeVault(), Outbox(), Clock()
        key = EpochKey(*self.vault.audit_epoch_key())
        AuditLog.create(self.path, BOX, START, key).close()
        self.sealer = self.restart()

    def restart(self, *anchors: str) -> Sealer:
        self.log = AuditLog(self.path)
        box = self.outbox
        self.sealer = Sealer(
            self.log,
            self.vault,
            box.fetch,
            box.delete,
            clock=self.clock.now,
            monotonic=self.clock.monotonic,
        )
        self.sealer.start(anchors)
        return self.sealer

    def happen(self, count: int) -> None:
        self.outbox.rows += [row(self.vault, n, self.clock.wall) for n in range(count)]

    def report(self) -> Report:
        trust = Trust({0: self.vault.start_key}, self.vault.checkpoint_public_key())
        return verify(self.path, trust)


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


async def test_a_crash_between_commit_and_delete_doubles_nothing(box: Box) -> None:
    box.happen(700)
    box.outbox.cut_before_delete = True
    with pytest.raises(ConnectionResetError):
        await box.sealer.run()
    assert len(box.outbox.rows) == 700
    box.outbox.cut_before_delete = False
    done = await box.restart().run()
    assert (done.moved, box.log.size, box.outbox.rows) == (700 - 256, 700, [])
    assert box.report().ok


async def test_a_crash_between_seal_and_new_key_seals_no_epoch_twice(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut() -> None:
        raise ConnectionResetError

    box.happen(3)
    await box.sealer.run()
    box.clock.step(EPOCH_SECONDS)
    with monkeypatch.context() as patched:
        patched.setattr(box.vault, "advance_audit_epoch", cut)
        with pytest.raises(ConnectionResetError):
            await box.sealer.run()
    box.restart()
    assert box.vault.audit_epoch_key()[0] == box.log.open_epoch == 1
    box.happen(3)
    await box.sealer.run()
    assert (box.report().ok, box.report().epochs) == (True, 1)


async def test_a_write_that_fails_leaves_log_and_outbox_as_they_were(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.happen(5)
    await box.sealer.run()
    box.happen(5)
    box.log._db.execute("PRAGMA query_only = ON")
    with pytest.raises(Unavailable) as refused:
        await box.sealer.run()
    assert refused.value.code == "audit_unwritable"
    assert (box.log.size, len(box.outbox.rows)) == (5, 5)
    box.log._db.execute("PRAGMA query_only = OFF")
    await box.sealer.run()
    assert (box.log.size, box.report().ok) == (10, True)


@pytest.mark.parametrize("step", ["INSERT INTO event", "INSERT INTO node", "INSERT OR REPLACE"])
async def test_a_transaction_cut_in_the_middle_is_as_if_it_never_began(box: Box, step: str) -> None:
    box.happen(9)
    await box.sealer.run()
    real = box.log._db

    class Cutting:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def _cut(self, statement: str) -> None:
            if statement.startswith(step):
                raise sqlite3.OperationalError("disk I/O error")

        def execute(self, statement: str, *values: Any) -> Any:
            self._cut(statement)
            return real.execute(statement, *values)

        def executemany(self, statement: str, *values: Any) -> Any:
            done = real.executemany(statement, *values)
            self._cut(statement)
            return done

    box.log._db = Cutting()  # type: ignore[assignment]
    box.happen(9)
    with pytest.raises(Unavailable):
        await box.sealer.run()
    box.log._db = real
    assert (box.log.size, box.report().ok) == (9, True)
    await box.sealer.run()
    assert (box.log.size, box.report().ok) == (18, True)


async def test_sealing_goes_on_when_the_clock_is_set_back(box: Box) -> None:
    box.happen(2)
    await box.sealer.run()
    box.clock.wall -= timedelta(days=300)
    for _ in range(3):
        box.happen(2)
        box.clock.step(EPOCH_SECONDS)
        assert (await box.sealer.run()).epoch is not None
    report = box.report()
    assert (report.ok, report.size, report.epochs) == (True, 8, 3)
    assert report.notes == ["clock went back: 6 events have earlier times"]


async def test_an_epoch_without_deeds_is_sealed_too(box: Box) -> None:
    for _ in range(4):
        box.clock.step(EPOCH_SECONDS)
        await box.sealer.run()
        assert (await box.sealer.run()).epoch is None
    assert (box.report().ok, box.report().epochs) == (True, 4)


async def test_checkpoints_come_by_number_and_by_time(box: Box) -> None:
    box.happen(1100)
    first = await box.sealer.run()
    assert first.checkpoint is not None
    assert (await box.sealer.run()).checkpoint is None
    box.clock.step(601)
    second = await box.sealer.run()
    assert second.checkpoint is not None
    assert second.checkpoint.split("\n")[1] == "1100"
    box.clock.step(601)
    assert (await box.sealer.run()).checkpoint is None


async def test_a_log_rolled_back_behind_its_key_is_not_sealed_over(
    box: Box, tmp_path: Path
) -> None:
    box.happen(5)
    await box.sealer.run()
    box.log.close()
    shutil.copy(box.path, tmp_path / "old.db")
    box.restart()
    box.clock.step(EPOCH_SECONDS)
    await box.sealer.run()
    box.log.close()
    shutil.copy(tmp_path / "old.db", box.path)
    with pytest.raises(Damaged) as refused:
        box.restart()
    assert refused.value.code == "audit_log_behind"


async def test_a_log_shorter_than_its_anchor_is_not_sealed_over(box: Box, tmp_path: Path) -> None:
    box.happen(5)
    await box.sealer.run()
    box.log.close()
    shutil.copy(box.path, tmp_path / "old.db")
    box.restart()
    box.happen(5)
    await box.sealer.run()
    anchor = await box.sealer.checkpoint()
    assert anchor is not None
    box.log.close()
    shutil.copy(tmp_path / "old.db", box.path)
    with pytest.raises(Damaged) as refused:
        box.restart(anchor)
    assert refused.value.code == "audit_log_behind"
    # Filled up to the same length with other deeds it is another log.
    AuditLog(box.path).append(
        [row(box.vault, n) for n in range(5)], EpochKey(*box.vault.audit_epoch_key())
    )
    with pytest.raises(Damaged) as refused:
        box.restart(anchor)
    assert refused.value.code == "audit_log_forked"


async def test_a_log_cut_under_its_own_checkpoint_does_not_open(box: Box) -> None:
    box.happen(5)
    await box.sealer.run()
    await box.sealer.checkpoint()
    box.log.close()
    with sqlite3.connect(box.path) as db:
        db.execute("DELETE FROM event WHERE seq = 5")
        db.execute("UPDATE head SET size = 4, mac = (SELECT mac FROM event WHERE seq = 4)")
    with pytest.raises(Damaged) as refused:
        AuditLog(box.path)
    assert refused.value.code == "audit_log_behind"


async def test_a_replaced_recovery_code_starts_a_stretch_both_papers_can_check(box: Box) -> None:
    def replace() -> None:
        box.vault._epoch, box.vault._key = box.vault._epoch + 1, b"n" * 32

    box.happen(3)
    await box.sealer.run()
    await box.sealer.restart_chain(replace)
    box.happen(3)
    await box.sealer.run()
    assert not box.report().ok
    both: Callable[..., Report] = lambda starts: verify(box.path, Trust(starts))  # noqa: E731
    assert both({0: box.vault.start_key, 1: b"n" * 32}).ok
    later = both({1: b"n" * 32})
    assert (later.ok, later.macs) == (True, "checked from epoch 1")
