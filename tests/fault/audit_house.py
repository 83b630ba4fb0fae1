"""A small sealed log with something in every table, and what its owner keeps outside."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from appliance.audit.chain import EpochKey
from appliance.audit.entry import Redaction, SubjectFields, cell_hash
from appliance.audit.log import AuditLog
from appliance.audit.verify import Trust
from tests.unit.audit.fakes import BOX, START, FakeVault, row

PERSON, ERASED = UUID(int=501), UUID(int=502)
EVENTS = 61


class House(NamedTuple):
    """A closed log file, the vault as it stood at its end, and the owner's papers."""

    path: Path
    vault: FakeVault
    trust: Trust
    early_copy: Path
    early_note: str

    def key(self) -> EpochKey:
        return EpochKey(*self.vault.audit_epoch_key())


def build(folder: Path) -> House:
    """61 events in 7 epochs (two of them empty, the last one open) and 3 checkpoints."""
    vault, path, copy = FakeVault(), folder / "audit.db", folder / "early.db"
    log = AuditLog.create(path, BOX, START, EpochKey(*vault.audit_epoch_key()))
    at, note = START, ""
    for epoch in range(7):
        key = EpochKey(*vault.audit_epoch_key())
        if epoch not in (0, 3):
            _fill(log, vault, key, epoch)
        if epoch in (2, 4):
            note = log.checkpoint(vault.checkpoint_public_key(), vault.sign_checkpoint, key) or note
        if epoch == 3:
            early = log.note(log.checkpoint_size)
            log.close()
            shutil.copy(path, copy)
            log = AuditLog(path)
        at += timedelta(minutes=15)
        if epoch < 6:
            log.seal_epoch(at, key)
            vault.advance_audit_epoch()
    log.append(
        [row(vault, 61, at, action="persons.destroy", redacts=Redaction(4, str(ERASED)))], key
    )
    log.checkpoint(vault.checkpoint_public_key(), vault.sign_checkpoint, key)
    log.append([row(vault, 62, at)], key)
    assert log.size == EVENTS + 1
    log.close()
    trust = Trust({0: vault.start_key}, vault.checkpoint_public_key(), [early, note])
    return House(path, vault, trust, copy, early)


def _fill(log: AuditLog, vault: FakeVault, key: EpochKey, epoch: int) -> None:
    at = START + timedelta(minutes=15 * epoch + 1)
    for number in range(12):
        who = (None, PERSON, ERASED, None)[number % 4]
        extra = {} if number % 4 == 0 else {"payload": {"old": "а", "new": number},
                                            "payload_subject": who}  # fmt: skip
        if who:
            extra["subjects"] = [SubjectFields(who, ["phone"])]
            extra["cell_hashes"] = {f"contact.value.{UUID(int=number)}": cell_hash(b"%d" % number)}
        log.append([row(vault, number, at, **extra)], key)
